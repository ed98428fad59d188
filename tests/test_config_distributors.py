"""Distributors of the user's own, in configuration files."""

from pathlib import Path

import pytest

from conda_bridge.config import Layer, load_options, read_file
from conda_bridge.errors import ConfigError
from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.model.options import RecipeOptions
from conda_bridge.model.python_versions import PyVersion
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.translate.variants import default_variants
from conda_bridge.workflows.unused import project_decisions

ACME = """\
[distributors.acme]
channels = ["https://me:secret@example.org/acme", "./local", "conda-forge"]
pythons = ["3.12", "3.13"]
platforms = ["linux-64", "osx-arm64"]
pinned = ["zlib"]
pinning-package = "acme-pinning"
zip-keys = [["python", "is_python_min"], ["c_compiler_version", "cxx_compiler_version"]]

[distributors.acme.variants]
numpy = ["2", "1.26"]
openssl = "3"

[distributors.acme.variants.linux]
c_compiler_version = "14"
cxx_compiler_version = "14"
"""


def read(tmp_path: Path, text: str) -> tuple[DistributorPolicy, ...]:
    path = tmp_path / "conda-bridge.toml"
    path.write_text(text)
    return read_file(path).distributors


def test_table_becomes_a_distributor(tmp_path: Path) -> None:
    (acme,) = read(tmp_path, ACME)

    assert acme.channels == ("https://me:secret@example.org/acme", str(tmp_path / "local"), "conda-forge")
    assert (acme.python_min, acme.platforms) == (PyVersion((3, 12)), ("linux-64", "osx-arm64"))
    assert acme.pinned == {"zlib"}
    assert acme.pinning_package == "acme-pinning"


def test_its_variants_win_over_those_of_its_conventions(tmp_path: Path) -> None:
    (acme,) = read(tmp_path, ACME)

    linux, osx = default_variants(acme, "linux-64"), default_variants(acme, "osx-arm64")

    assert linux.get("numpy") == ("2", "1.26")
    assert linux.get("openssl") == ("3",)
    assert (linux.get("c_compiler_version"), osx.get("c_compiler_version")) == (("14",), ("21",))
    assert linux.get("python") == ("3.12.* *_cpython", "3.13.* *_cp313")
    assert len(linux.zip_keys) == 2


def test_channels_are_enough(tmp_path: Path) -> None:
    (plain,) = read(tmp_path, '[distributors.plain]\nchannels = ["conda-forge"]\nconventions = "defaults"\n')

    followed = distributor_policy("defaults")
    assert (plain.conventions, plain.pythons) == ("defaults", followed.pythons)
    assert default_variants(plain, "linux-64") == default_variants(followed, "linux-64")
    assert plain.pinning_package == ""


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[distributors.acme]\n", "needs `channels`"),
        ("[distributors.acme]\nchannels = []\n", "at least one channel"),
        ('[distributors.acme]\nchannels = ["a b"]\n', "the name of a channel"),
        ('[distributors.acme]\nchannels = ["ftp://example.org/x"]\n', "no URL of a channel"),
        ('[distributors.conda-forge]\nchannels = ["x"]\n', "can't be the name"),
        ('[distributors.host]\nchannels = ["x"]\n', "can't be the name"),
        ('[distributors."A b"]\nchannels = ["x"]\n', "can't be the name"),
        ('[distributors.acme]\nchannels = ["x"]\nconventions = "other"\n', "one of: conda-forge"),
        ('[distributors.acme]\nchannels = ["x"]\npythons = ["3"]\n', "no python such as"),
        ('[distributors.acme]\nchannels = ["x"]\npythons = []\n', "at least one python"),
        ('[distributors.acme]\nchannels = ["x"]\npython-min = "3.7"\n', "one of the pythons"),
        ('[distributors.acme]\nchannels = ["x"]\nplatforms = ["linux"]\n', "a platform such as"),
        ('[distributors.acme]\nchannels = ["x"]\nplatforms = []\n', "at least one platform"),
        ('[distributors.acme]\nchannels = ["x"]\npinned = ["A B"]\n', "the name of a package"),
        (
            '[distributors.acme]\nchannels = ["x"]\n[distributors.acme.variants]\npython = 3.10\n',
            "a list of texts",
        ),
        (
            '[distributors.acme]\nchannels = ["x"]\n[distributors.acme.variants]\n"a-b" = "1"\n',
            "key of variants",
        ),
        (
            '[distributors.acme]\nchannels = ["x"]\n[distributors.acme.variants.beos]\na = "1"\n',
            "one of unix",
        ),
        (
            '[distributors.acme]\nchannels = ["x"]\nzip-keys = [["numpy", "r_base"]]\n',
            "different numbers of values",
        ),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint) as caught:
        read(tmp_path, text)

    assert "distributors" in str(caught.value.where)


def test_unknown_key_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, '[distributors.acme]\nchannels = ["x"]\nchanels = []\n')

    assert (caught.value.slug, caught.value.hint) == (
        "unknown-key",
        "did you mean 'distributors.acme.channels'?",
    )


@pytest.mark.parametrize(
    "channels", ['["https://me:secret@exa mple.org"]', '"https://me:secret@example.org"']
)
def test_complaint_about_a_channel_holds_no_secret(tmp_path: Path, channels: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, f"[distributors.acme]\nchannels = {channels}\n")

    assert "secret" not in str(caught.value)


def loaded(tmp_path: Path, *, project: str, user: str = "") -> RecipeOptions:
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "conda-bridge.toml").write_text(user)
    (tmp_path / "conda-bridge.toml").write_text(project)
    return load_options(
        Layer(), config_file=None, environment={}, working_dir=tmp_path, user_dir=tmp_path / "user"
    )


def test_distributors_of_all_places_add_up(tmp_path: Path) -> None:
    options = loaded(
        tmp_path,
        project='distributor = "mine"\n[distributors.theirs]\nchannels = ["a"]\n',
        user='[distributors.mine]\nchannels = ["b"]\n',
    )

    assert [policy.name for policy in options.distributors] == ["mine", "theirs"]
    assert distributor_policy(options.distributor, options.distributors).channels == ("b",)


def test_project_cannot_redefine_a_distributor_of_the_user(tmp_path: Path) -> None:
    options = loaded(
        tmp_path,
        project='[distributors.mine]\nchannels = ["https://elsewhere.example/x"]\n',
        user='[distributors.mine]\nchannels = ["b"]\n',
    )

    assert [policy.channels for policy in options.distributors] == [("b",)]


@pytest.mark.parametrize(
    ("project", "user", "is_told"),
    [
        ('distributor = "https://elsewhere.example/x"\n', "", True),
        ('distributor = "./channel"\n', "", True),
        ('distributor = "https://a.example/x"\n', 'distributor = "https://a.example/x"\n', False),
        ('distributor = "theirs"\n[distributors.theirs]\nchannels = ["a"]\n', "", True),
        ('[distributors.theirs]\nchannels = ["a"]\n', 'distributor = "theirs"\n', True),
        ('distributor = "mine"\n', '[distributors.mine]\nchannels = ["a"]\n', False),
        ('distributor = "defaults"\n', "", False),
        ("", 'distributor = "https://example.org/mine"\n', False),
    ],
)
def test_channels_that_a_project_chooses_are_told(
    tmp_path: Path,
    project: str,
    user: str,
    is_told: bool,  # noqa: FBT001
) -> None:
    found = list(project_decisions(loaded(tmp_path, project=project, user=user)))

    assert [(one.slug, one.origin) for one in found] == (
        [("project-channels", "conda-bridge.toml#/distributor")] if is_told else []
    )


def test_told_channels_hold_no_secret(tmp_path: Path) -> None:
    (found,) = project_decisions(
        loaded(tmp_path, project='distributor = "https://me:secret@example.org/x"\n')
    )

    assert "secret" not in found.message


def test_folder_is_relative_to_its_file(tmp_path: Path) -> None:
    path = tmp_path / "conda-bridge.toml"
    path.write_text('distributor = "./channel"\n')

    assert read_file(path).distributor == str(tmp_path / "channel")
