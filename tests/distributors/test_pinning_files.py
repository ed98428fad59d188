"""Pinning files on disk, with the migrations beside them."""

from pathlib import Path

import pytest

from conda_bridge.distributors.pinning_files import PinningQuestion, read_variants
from conda_bridge.errors import ConfigError

PINNING = """\
python:
  - 3.13.* *_cp313
is_python_min:
  - true
zlib:
  - 1
c_stdlib_version:   # [linux]
  - 2.17            # [linux and os.environ.get("CF_CUDA_ENABLED", "False") == "False"]
  - 2.28            # [linux and os.environ.get("CF_CUDA_ENABLED", "False") == "True"]
zip_keys:
  -
    - python
    - is_python_min
    - channel
"""
ADDING = """\
migrator_ts: 5
__migrator:
  operation: key_add
  primary_key: python
  longterm: true
python:
- 3.14.* *_cp314
is_python_min:
- false
"""
MERGING = "migrator_ts: 4\n__migrator:\n  kind: version\nzlib:\n- 2\n"
LINUX = PinningQuestion(subdir="linux-64")


@pytest.fixture(params=["migrations", "share/conda-forge/migrations"])
def pinning(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path / str(request.param)
    folder.mkdir(parents=True)
    (folder / "python314.yaml").write_text(ADDING)
    (folder / "zlib2.yaml").write_text(MERGING)
    (folder / "example.exyaml").write_text("- none\n")
    path = tmp_path / "conda_build_config.yaml"
    path.write_text(PINNING)
    return path


def test_migrations_for_all_packages_are_applied_and_the_others_told(pinning: Path) -> None:
    read = read_variants(pinning, LINUX)

    assert read.value.get("python") == ("3.13.* *_cp313", "3.14.* *_cp314")
    assert read.value.get("zlib") == ("1",)
    (left,) = [one for one in read.diagnostics if one.slug == "migrations-left"]
    assert "zlib2" in left.message


def test_named_migration_is_applied_too(pinning: Path, tmp_path: Path) -> None:
    named = tmp_path / "zlib2.yaml"
    named.write_text(MERGING)

    read = read_variants(pinning, PinningQuestion(subdir="linux-64", migrations=(str(named),)))

    assert read.value.get("zlib") == ("2",)
    assert read.diagnostics == ()


def test_rendered_variants_have_their_migrations_applied(tmp_path: Path) -> None:
    folder = tmp_path / ".ci_support"
    (folder / "migrations").mkdir(parents=True)
    (folder / "migrations" / "python314.yaml").write_text(ADDING)
    (folder / "linux_64_.yaml").write_text(PINNING)

    assert read_variants(folder / "linux_64_.yaml", LINUX).value.get("python") == ("3.13.* *_cp313",)


def test_cuda_is_off_unless_asked_for(pinning: Path) -> None:
    cuda = PinningQuestion(subdir="linux-64", environment=(("CF_CUDA_ENABLED", "True"),))

    assert read_variants(pinning, LINUX).value.get("c_stdlib_version") == ("2.17",)
    assert read_variants(pinning, cuda).value.get("c_stdlib_version") == ("2.28",)


def test_zipped_key_without_values_leaves_its_group(pinning: Path) -> None:
    assert read_variants(pinning, LINUX).value.zip_keys == (("python", "is_python_min"),)


@pytest.mark.parametrize(
    "content",
    [b"a: [", b"\xff\xfe", b"a:\n- 1\nb:\n- 1\n- 2\nzip_keys:\n- a\n- b\n", b"#" * 2_000_001],
    ids=["no YAML", "no text", "groups of unequal length", "too large"],
)
def test_file_that_is_no_pinning_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pins.yaml"
    path.write_bytes(content)

    with pytest.raises(ConfigError) as caught:
        read_variants(path, LINUX)

    assert caught.value.slug == "invalid-pinning"
    assert str(path) in str(caught.value.where)


def test_zipped_keys_of_different_lengths_are_told_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "pins.yaml"
    path.write_text("a:\n- 1\nb:\n- 1\n- 2\nzip_keys:\n-\n  - a\n  - b\n")

    with pytest.raises(ConfigError, match="different numbers of values") as caught:
        read_variants(path, LINUX)

    assert "equally many values" in (caught.value.hint or "")


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_variants(tmp_path / "none.yaml", LINUX)
