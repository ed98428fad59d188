"""Pinning files and migrations, read for one platform."""

import pytest

from conda_bridge.errors import ConfigError
from conda_bridge.formats.pinning import Pinning, read_migration, read_pinning
from conda_bridge.formats.selector_values import selector_world
from conda_bridge.model.variants import Migration

PINNING = """\
# a comment
c_compiler:
  - gcc          # [linux]
  - clang        # [osx]
  - vs2022       # [win]
c_compiler_version:   # [unix]
  - 15           # [linux]
  - 21           # [osx]
python:
  - 3.10.* *_cpython   # [not (win and arm64)]
  - 3.14.* *_cp314     # a new one
is_python_min:
  - true
  - false
zlib: 1
python_min: 3.10
openssl:
  - 'yes'
target_goexe:
  -              # [unix]
  - .exe         # [win]
pin_run_as_build:
  libpng:
    max_pin: x.x
zip_keys:
  -                         # [unix]
    - c_compiler_version    # [unix]
    - cxx_compiler_version  # [unix]
  -
    - python
    - is_python_min
"""


def read(text: str, subdir: str = "linux-64") -> Pinning:
    return read_pinning(text, selector_world(subdir), path="pins.yaml")


def migration(text: str) -> Migration:
    return read_migration(text, selector_world("linux-64"), name="demo", path="demo.yaml")


@pytest.mark.parametrize(
    ("subdir", "key", "values"),
    [
        ("linux-64", "c_compiler", ("gcc",)),
        ("osx-arm64", "c_compiler_version", ("21",)),
        ("win-64", "c_compiler", ("vs2022",)),
        ("win-arm64", "python", ("3.14.* *_cp314",)),
        ("win-64", "target_goexe", (".exe",)),
        ("linux-64", "target_goexe", ("",)),
    ],
)
def test_lines_count_where_their_selectors_hold(subdir: str, key: str, values: tuple[str, ...]) -> None:
    assert dict(read(PINNING, subdir).values)[key] == values


def test_values_stay_texts() -> None:
    values = dict(read(PINNING).values)

    assert values["python_min"] == ("3.10",)
    assert values["zlib"] == ("1",)
    assert values["is_python_min"] == ("true", "false")
    assert values["openssl"] == ("yes",)


def test_key_without_a_value_on_a_platform_is_no_key_there() -> None:
    assert "c_compiler_version" not in dict(read(PINNING, "win-64").values)


def test_groups_of_zipped_keys_have_selectors_too() -> None:
    assert read(PINNING, "win-64").zip_keys == (("python", "is_python_min"),)
    assert len(read(PINNING, "osx-64").zip_keys) == 2


def test_one_group_may_stand_without_the_outer_list() -> None:
    assert read("zip_keys:\n  - a\n  - b\n").zip_keys == (("a", "b"),)


def test_keys_that_speak_to_conda_build_are_told_and_left_out() -> None:
    pinning = read(PINNING)

    assert "pin_run_as_build" not in dict(pinning.values)
    assert [(one.slug, one.origin) for one in pinning.diagnostics] == [("pinning-key-ignored", "pins.yaml")]


def test_selector_with_an_unknown_name_is_told() -> None:
    pinning = read("a:\n  - 1  # [vc]\n  - 2\n")

    assert pinning.values == (("a", ("2",)),)
    assert [one.slug for one in pinning.diagnostics] == ["pinning-name-unknown"]


def test_file_without_a_line_that_holds_says_nothing() -> None:
    assert read("# nothing\na:  # [win]\n  - 1  # [win]\n").values == ()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("- a\n", "pins.yaml"),
        ("a: [1\n", "pins.yaml: line 2"),
        ("\na:\n  - 1  # [os.system('x')]\n", "pins.yaml: line 3"),
        ("a:\n  - [1]\n", "pins.yaml: line 2"),
    ],
)
def test_what_is_no_pinning_file_is_refused_with_its_place(text: str, where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)

    assert (caught.value.slug, caught.value.where) == ("invalid-pinning", where)


def test_migration_says_how_it_is_applied() -> None:
    text = """\
migrator_ts: 1724712607
__migrator:
    operation: key_add
    primary_key: python
    ordering:
        python:
            - 3.13.* *_cp313
            - 3.14.* *_cp314  # new entry
    longterm: true
    paused: false
    additional_zip_keys:
        - is_abi3
    exclude:
        - python
python:
- 3.14.* *_cp314
is_abi3:
- true
"""

    assert migration(text) == Migration(
        name="demo",
        timestamp=1724712607.0,
        is_longterm=True,
        operation="key_add",
        primary_keys=("python",),
        ordering=(("python", ("3.13.* *_cp313", "3.14.* *_cp314")),),
        additional_zip_keys=("is_abi3",),
        values=(("python", ("3.14.* *_cp314",)), ("is_abi3", ("true",))),
    )


def test_migration_of_versions_merges() -> None:
    read_one = migration("__migrator:\n  kind: version\nzlib:\n- '2'\nmigrator_ts: 17.5\n")

    assert (read_one.operation, read_one.values, read_one.timestamp) == ("merge", (("zlib", ("2",)),), 17.5)


def test_migration_for_listed_packages_is_selective() -> None:
    assert migration("__migrator:\n  allowlist_file: some.txt\n").is_selective
    assert migration("__migrator:\n  paused: true\n").is_paused


@pytest.mark.parametrize("text", ["migrator_ts: soon\n", "__migrator:\n  operation: shuffle\n"])
def test_migration_that_cannot_be_applied_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        migration(text)
