import os
from pathlib import Path

import pytest

from conda_bridge.config import (
    FILE_NAME,
    KEYS,
    VARIABLES,
    Layer,
    load_options,
    merge,
    read_environment,
    read_file,
)
from conda_bridge.errors import ConfigError, UsageError
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.options import NameOverride, RecipeFormat, RecipeOptions


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """The working directory and the user's configuration folder."""
    work, user = tmp_path / "work", tmp_path / "user"
    work.mkdir()
    user.mkdir()
    return work, user


def load(
    folders: tuple[Path, Path],
    command_line: Layer | None = None,
    environment: dict[str, str] | None = None,
    config_file: str | None = None,
) -> RecipeOptions:
    work, user = folders
    return load_options(
        command_line or Layer(),
        config_file=config_file,
        environment={"PIP_CONFIG_FILE": os.devnull, **(environment or {})},
        working_dir=work,
        user_dir=user,
    )


@pytest.mark.parametrize(("text", "formats"), [("v1", ("v1",)), ("v0", ("v0",)), ("both", ("v1", "v0"))])
def test_format_is_one_or_both(
    folders: tuple[Path, Path], text: str, formats: tuple[RecipeFormat, ...]
) -> None:
    (folders[0] / FILE_NAME).write_text(f'format = "{text}"')

    assert load(folders).formats == formats


def test_unknown_format_is_refused(folders: tuple[Path, Path]) -> None:
    (folders[0] / FILE_NAME).write_text('format = "v2"')

    with pytest.raises(ConfigError) as caught:
        load(folders)

    assert "v1, v0 or both" in str(caught.value)


def test_nothing_configured_gives_the_defaults(folders: tuple[Path, Path]) -> None:
    assert load(folders) == RecipeOptions()


def test_each_place_wins_over_the_weaker_ones(folders: tuple[Path, Path]) -> None:
    work, user = folders
    (user / FILE_NAME).write_text(
        'distributor = "user"\nmaintainers = ["user"]\noutput = "u"\noffline = true'
    )
    (work / FILE_NAME).write_text('distributor = "project"\nmaintainers = ["project"]\noutput = "p"')
    environment = {"CONDA_BRIDGE_DISTRIBUTOR": "environment", "CONDA_BRIDGE_MAINTAINERS": "one, two"}

    options = load(folders, Layer(distributor="command line"), environment)

    assert options.distributor == "command line"
    assert options.maintainers == ("one", "two")
    assert options.output_dir == str(work / "p")
    assert options.network.offline is True


@pytest.mark.parametrize("name", ["me", "me-too", "conda-forge/core", "me_company"])
def test_maintainers_are_github_names(folders: tuple[Path, Path], name: str) -> None:
    assert load(folders, Layer(maintainers=(name,))).maintainers == (name,)


@pytest.mark.parametrize("name", ["", "bad name!", "@me", "-me", "me@example.org", "a/b/c"])
def test_maintainer_that_github_cannot_have_is_refused(folders: tuple[Path, Path], name: str) -> None:
    with pytest.raises(UsageError, match="is no GitHub name"):
        load(folders, Layer(maintainers=(name,)))


def test_indexes_and_certificates_of_pip_are_used_unless_our_own_are_set(folders: tuple[Path, Path]) -> None:
    pip = {"PIP_INDEX_URL": "https://pip.example/simple", "PIP_CERT": "/ca.pem"}

    options = load(folders, environment=pip)
    (folders[1] / FILE_NAME).write_text('index-urls = ["https://own.example/simple"]')
    own_options = load(folders, environment=pip)

    assert options.index.urls == ("https://pip.example/simple",)
    assert options.network.certificates == "/ca.pem"
    assert own_options.index.urls == ("https://own.example/simple",)


def test_weaker_offline_can_be_switched_off(folders: tuple[Path, Path]) -> None:
    (folders[0] / FILE_NAME).write_text("offline = true")

    assert load(folders, environment={"CONDA_BRIDGE_OFFLINE": "0"}).network.offline is False


def test_table_of_pyproject_configures_like_the_own_file(folders: tuple[Path, Path]) -> None:
    (folders[0] / "pyproject.toml").write_text(
        '[project]\nname = "x"\n[tool.conda-bridge]\nindex-urls = ["https://a.example/simple"]\n'
    )

    assert load(folders).index.urls == ("https://a.example/simple",)


def test_broken_pyproject_that_says_nothing_to_us_does_not_disturb(folders: tuple[Path, Path]) -> None:
    (folders[0] / "pyproject.toml").write_text("[project\n")

    assert load(folders) == RecipeOptions()


def test_settings_in_both_project_files_are_refused(folders: tuple[Path, Path]) -> None:
    (folders[0] / FILE_NAME).write_text('distributor = "a"')
    (folders[0] / "pyproject.toml").write_text('[tool.conda-bridge]\ndistributor = "b"')

    with pytest.raises(ConfigError, match="both conda-bridge") as caught:
        load(folders)

    assert caught.value.slug == "invalid-config"


def test_named_file_takes_the_place_of_the_project_file(folders: tuple[Path, Path], tmp_path: Path) -> None:
    (folders[0] / FILE_NAME).write_text('distributor = "project"')
    (folders[1] / FILE_NAME).write_text('maintainers = ["user"]')
    named = tmp_path / "named.toml"
    named.write_text('distributor = "named"')

    options = load(folders, config_file=str(named))

    assert (options.distributor, options.maintainers) == ("named", ("user",))


def test_named_file_that_is_missing_is_an_error(folders: tuple[Path, Path]) -> None:
    with pytest.raises(ConfigError, match="can't be read: No such file"):
        load(folders, config_file="nowhere.toml")


def test_names_of_all_places_add_up_and_an_empty_one_drops(folders: tuple[Path, Path]) -> None:
    (folders[1] / FILE_NAME).write_text('[names.pypi-to-conda]\nTorch = "pytorch"\nb = "b1"')
    (folders[0] / FILE_NAME).write_text('[names.pypi-to-conda]\nb = "b2"\nnope = ""')

    assert load(folders).names == (
        NameOverride(pypi_name=PypiName("b"), conda_name=CondaName("b2")),
        NameOverride(pypi_name=PypiName("nope"), conda_name=None),
        NameOverride(pypi_name=PypiName("torch"), conda_name=CondaName("pytorch")),
    )


@pytest.mark.parametrize(
    ("text", "complaint", "hint"),
    [
        ('distributer = "x"', "'distributer' is no setting", "did you mean 'distributor'?"),
        ("zzz = 1", "'zzz' is no setting", "known keys: index-urls"),
        (
            "[names]\npypi-conda = {}",
            "'names.pypi-conda' is no setting",
            "did you mean 'names.pypi-to-conda'?",
        ),
        ("[packages.x]\nadd = []", "'packages' is no setting", "did you mean 'package'?"),
    ],
)
def test_unknown_key_is_refused_with_the_nearest_one(
    tmp_path: Path, text: str, complaint: str, hint: str
) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(text)

    with pytest.raises(ConfigError) as caught:
        read_file(path)

    assert caught.value.slug == "unknown-key"
    assert complaint in str(caught.value)
    assert hint in str(caught.value.hint)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("distributor = 3", "distributor: needs a text that isn't empty, not 3"),
        ('output = ""', "output: needs a text that isn't empty"),
        ('offline = "yes"', "offline: needs true or false, not 'yes'"),
        ('maintainers = "me"', "maintainers: needs a list of texts, not 'me'"),
        ('watched-names = ["a b"]', "watched-names: 'a b' is not a valid project name"),
        ("index-urls = []", "index-urls: needs at least one URL"),
        ('index-urls = ["https://a", 3]', "index-urls: needs a list of texts"),
        ("names = 3", "names: needs a table, not 3"),
        ("[names.pypi-to-conda]\na = 3", 'names.pypi-to-conda.a: needs a conda name, or "" to drop it'),
        ('[names.pypi-to-conda]\n"a b" = "x"', "names.pypi-to-conda.a b: 'a b' is not a valid project name"),
        (
            '[names.pypi-to-conda]\na = "x y"',
            "names.pypi-to-conda.a: 'x y' is not a valid conda package name",
        ),
        ("x = ", "is not valid TOML"),
        ("x = '\x00'", "is not valid TOML"),
        ("x = " + "[" * 9000, "is not valid TOML"),
        ("x = " + "1" * 9000, "is not valid TOML"),
    ],
)
def test_impossible_value_is_refused_with_file_and_key(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(text)

    with pytest.raises(ConfigError) as caught:
        read_file(path)

    assert caught.value.slug == "invalid-config"
    assert complaint in str(caught.value)
    assert str(path) in str(caught.value)


def test_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigError, match="is not valid TOML"):
        read_file(path)


def test_environment_that_is_neither_true_nor_false_is_refused() -> None:
    with pytest.raises(ConfigError, match="CONDA_BRIDGE_OFFLINE: 'perhaps' is neither true nor false"):
        read_environment({"CONDA_BRIDGE_OFFLINE": "perhaps"})


def test_environment_lists_are_split_at_spaces() -> None:
    layer = read_environment({"CONDA_BRIDGE_INDEX_URLS": "https://a https://b", "HOME": "/x"})

    assert layer == Layer(index_urls=("https://a", "https://b"))


def test_output_of_a_file_is_relative_to_the_file_and_knows_the_home_folder(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text('output = "~/recipes"')

    assert read_file(path).output_dir == str(Path("~/recipes").expanduser())


def test_command_line_only_options_arrive() -> None:
    layer = Layer(report_dir="r", template_dir="t", jobs=2, certificates="ca.pem", formats=("v1",))

    options = merge((layer,))

    assert (options.report_dir, options.template_dir, options.jobs) == ("r", "t", 2)
    assert options.network.certificates == "ca.pem"


def test_every_variable_stands_for_a_key() -> None:
    assert set(VARIABLES.values()) <= set(KEYS)


# ---------------------------------------------------------------- a project's file may be anybody's


@pytest.mark.parametrize("output", ["/elsewhere", "..", "a/../..", "~/.ssh", "link", "link/a"])
def test_projects_file_has_nothing_written_outside_the_project(
    folders: tuple[Path, Path], output: str
) -> None:
    work, user = folders
    (work / "link").symlink_to(user)
    (work / FILE_NAME).write_text(f'output = "{output}"')

    with pytest.raises(ConfigError, match="outside the project's folder") as caught:
        load(folders)

    assert caught.value.slug == "invalid-config"


def test_output_of_the_command_line_makes_up_for_the_projects(folders: tuple[Path, Path]) -> None:
    work, _ = folders
    (work / FILE_NAME).write_text('output = ".."')

    assert load(folders, Layer(output_dir="here")).output_dir == "here"


def test_output_anywhere_is_for_the_users_files_and_inside_for_the_projects(
    folders: tuple[Path, Path],
) -> None:
    work, user = folders
    (user / FILE_NAME).write_text('output = "/elsewhere"')
    (work / "named.toml").write_text('output = ".."')

    assert load(folders).output_dir == str(Path("/elsewhere"))
    assert load(folders, config_file=str(work / "named.toml")).output_dir == str(work / "..")
    (work / FILE_NAME).write_text('output = "a/../b"')
    assert Path(load(folders).output_dir).resolve() == (work / "b").resolve()


def test_home_folder_of_nobody_is_refused(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text('output = "~no-such-user-here/a"')

    with pytest.raises(ConfigError, match="a folder that can be found"):
        read_file(path)


def test_indexes_of_the_projects_file_are_told_where_they_replace_others(folders: tuple[Path, Path]) -> None:
    work, user = folders
    (work / FILE_NAME).write_text('index-urls = ["https://me:pw@a.example/simple"]')

    assert load(folders).index.origin == "conda-bridge.toml#/index-urls"
    assert load(folders, Layer(index_urls=("https://b.example",))).index.origin == ""
    assert load(folders, config_file=str(work / FILE_NAME)).index.origin == ""
    assert load(folders, config_file=os.devnull) == RecipeOptions()
    (user / FILE_NAME).write_text('index-urls = ["https://me:pw@a.example/simple"]')
    assert load(folders).index.origin == ""


def test_file_that_is_ignored_decides_nothing(folders: tuple[Path, Path]) -> None:
    (folders[0] / FILE_NAME).write_text('maintainers = ["them"]\nrun-backend = true')

    assert load(folders, config_file=os.devnull) == RecipeOptions()


@pytest.mark.parametrize(
    "key", ["run-backend", "fetch-license", "template-dir", "templates", "report", "jobs"]
)
def test_no_file_switches_on_what_is_the_command_lines(folders: tuple[Path, Path], key: str) -> None:
    (folders[0] / FILE_NAME).write_text(f"{key} = true")

    with pytest.raises(ConfigError) as caught:
        load(folders)

    assert caught.value.slug == "unknown-key"
