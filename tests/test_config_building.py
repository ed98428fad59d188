import os
from pathlib import Path

import pytest

from conda_bridge.config import FILE_NAME, Layer, load_build_options
from conda_bridge.errors import ConfigError
from conda_bridge.model.options import BuildOptions


def load(
    folder: Path, command_line: Layer | None = None, environment: dict[str, str] | None = None
) -> BuildOptions:
    return load_build_options(
        command_line or Layer(),
        config_file=None,
        environment={"PIP_CONFIG_FILE": os.devnull, **(environment or {})},
        working_dir=folder,
        user_dir=folder / "user",
    )


def test_nothing_configured_gives_the_defaults_of_a_build(tmp_path: Path) -> None:
    assert load(tmp_path) == BuildOptions()


def test_channel_and_jobs_come_from_the_file_the_environment_and_the_command_line(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('channel = "ours"\nbuild-jobs = 3\ndistributor = "host"')

    from_file = load(tmp_path)
    from_environment = load(
        tmp_path, environment={"CONDA_BRIDGE_CHANNEL": "theirs", "CONDA_BRIDGE_BUILD_JOBS": "5"}
    )
    from_command_line = load(tmp_path, Layer(channel_dir="mine", build_jobs=7))

    assert (from_file.channel_dir, from_file.jobs) == (str(tmp_path / "ours"), 3)
    assert from_file.recipe.distributor == "host"
    assert (from_environment.channel_dir, from_environment.jobs) == ("theirs", 5)
    assert (from_command_line.channel_dir, from_command_line.jobs) == ("mine", 7)


@pytest.mark.parametrize("text", ["0", "65", "true", '"two"'])
def test_number_of_jobs_is_checked(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(f"build-jobs = {text}")

    with pytest.raises(ConfigError, match="a number from 1 to 64"):
        load(tmp_path)


def test_projects_file_names_no_channel_outside_the_project(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('channel = "../elsewhere"')

    with pytest.raises(ConfigError, match="channel: a project's own file"):
        load(tmp_path)
    assert load(tmp_path, Layer(channel_dir="mine")).channel_dir == "mine"


def test_time_of_archives_is_that_of_the_environment(tmp_path: Path) -> None:
    assert load(tmp_path, environment={"SOURCE_DATE_EPOCH": "1700000000"}).source_date_epoch == 1_700_000_000
    with pytest.raises(ConfigError, match="is no number of seconds"):
        load(tmp_path, environment={"SOURCE_DATE_EPOCH": "yesterday"})


def test_wrong_value_of_the_environment_is_told_by_its_variable(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, environment={"CONDA_BRIDGE_BUILD_JOBS": "abc"})

    assert str(caught.value) == "CONDA_BRIDGE_BUILD_JOBS: needs a number from 1 to 64, not 'abc'"
