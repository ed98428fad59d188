"""pip's files and variables become index URLs, in pip's order of precedence."""

import os
from pathlib import Path

import pytest

from conda_bridge.errors import ConfigError
from conda_bridge.sources.pip_config import PipSettings, pip_config_files, read_pip_settings


def _file(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pip.conf"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_configuration_pip_names_no_index() -> None:
    settings = read_pip_settings({}, files=())
    assert settings == PipSettings()
    assert settings.index_urls is None


def test_extra_indexes_come_after_the_index(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "[global]\nindex-url = https://a.example/simple\n"
        "extra-index-url = https://b.example/simple\n    https://c.example/simple\ncert = /ca.pem\n",
    )
    settings = read_pip_settings({}, files=(path,))
    assert settings.index_urls == (
        "https://a.example/simple",
        "https://b.example/simple",
        "https://c.example/simple",
    )
    assert settings.certificates == "/ca.pem"


def test_extra_indexes_alone_follow_the_public_index() -> None:
    settings = read_pip_settings({"PIP_EXTRA_INDEX_URL": "https://b.example/simple"}, files=())
    assert settings.index_urls == ("https://pypi.org/simple", "https://b.example/simple")


def test_later_files_win_and_variables_win_over_files(tmp_path: Path) -> None:
    weak = _file(tmp_path / "weak", "[global]\nindex_url = https://weak.example\ncert = /weak.pem\n")
    strong = _file(tmp_path / "strong", "[global]\nindex-url = https://strong.example\ncert = /strong.pem\n")
    settings = read_pip_settings({"PIP_INDEX_URL": "https://env.example"}, files=(weak, strong))
    assert settings.index_urls == ("https://env.example",)
    assert settings.certificates == "/strong.pem"


def test_install_section_wins_over_global_of_a_stronger_file(tmp_path: Path) -> None:
    weak = _file(tmp_path / "weak", "[install]\nindex-url = https://install.example\n")
    strong = _file(tmp_path / "strong", "[global]\nindex-url = https://global.example\n")
    assert read_pip_settings({}, files=(weak, strong)).index_urls == ("https://install.example",)


def test_empty_variables_say_nothing() -> None:
    assert read_pip_settings({"PIP_INDEX_URL": ""}, files=()).index_urls is None


def test_no_index_leaves_no_index_to_ask() -> None:
    environ = {"PIP_NO_INDEX": "1", "PIP_INDEX_URL": "https://a.example"}
    assert read_pip_settings(environ, files=()).index_urls == ()


def test_a_broken_file_is_named_without_quoting_it(tmp_path: Path) -> None:
    path = _file(tmp_path, "index-url = https://user:secret@a.example\n")
    with pytest.raises(ConfigError) as caught:
        read_pip_settings({}, files=(path,))
    assert caught.value.slug == "invalid-config"
    assert caught.value.where == str(path)
    assert "secret" not in str(caught.value)


def test_files_are_those_of_pip_in_its_order(tmp_path: Path) -> None:
    named = tmp_path / "named.conf"
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": "/one:/two", "PIP_CONFIG_FILE": str(named)}
    texts = [str(path) for path in pip_config_files(environ, platform="linux")]
    assert texts.index("/one/pip/pip.conf") < texts.index("/two/pip/pip.conf") < texts.index("/etc/pip.conf")
    assert str(tmp_path / ".config/pip/pip.conf") in texts
    assert texts[-1] == str(named)


def test_files_on_macos_and_windows_are_those_of_pip_there(tmp_path: Path) -> None:
    mac = pip_config_files({"HOME": str(tmp_path)}, platform="darwin")
    assert mac[:3] == (
        Path("/Library/Application Support/pip/pip.conf"),
        tmp_path / ".pip/pip.conf",
        tmp_path / ".config/pip/pip.conf",
    )
    (tmp_path / "Library/Application Support/pip").mkdir(parents=True)
    mac = pip_config_files({"HOME": str(tmp_path)}, platform="darwin")
    assert mac[2] == tmp_path / "Library/Application Support/pip/pip.conf"
    environ = {"PROGRAMDATA": "P", "USERPROFILE": "U", "APPDATA": "A"}
    windows = pip_config_files(environ, platform="win32")
    assert windows[:3] == (Path("P/pip/pip.ini"), Path("U/pip/pip.ini"), Path("A/pip/pip.ini"))


def test_without_a_home_there_are_no_files_of_the_user() -> None:
    assert len(pip_config_files({}, platform="linux")) == 3
    assert len(pip_config_files({}, platform="win32")) == 2


def test_an_existing_named_file_takes_the_place_of_the_users(tmp_path: Path) -> None:
    named = _file(tmp_path / "named", "[global]\n")
    environ = {"HOME": str(tmp_path), "PIP_CONFIG_FILE": str(named)}
    paths = pip_config_files(environ, platform="linux")
    assert tmp_path / ".config/pip/pip.conf" not in paths
    assert paths[-1] == named


def test_the_null_device_as_named_file_turns_all_files_off() -> None:
    assert pip_config_files({"HOME": "/nowhere", "PIP_CONFIG_FILE": os.devnull}) == ()
