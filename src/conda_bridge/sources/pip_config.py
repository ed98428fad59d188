"""pip's configuration -> the indexes and the certificates that its user has set up already.

Read are pip's files and its `PIP_*` variables; of the files the sections `[global]` and `[install]`. The
weakest first: global files, the user's, the environment's own (`sys.prefix`), the file that PIP_CONFIG_FILE
names, the variables. A stronger place replaces a setting whole. `.netrc` is `netrc_file`; `find-links`
is not an index and is not read.

Source: pip documentation, Configuration.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from conda_bridge.errors import ConfigError

__all__ = ["PipSettings", "pip_config_files", "read_pip_settings"]

_DEFAULT_INDEX = "https://pypi.org/simple"
_SECTIONS = ("global", "install")
_TRUE = frozenset({"1", "true", "yes", "on", "t", "y"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PipSettings:
    """What pip's configuration says of package indexes."""

    index_url: str = ""
    """Empty where pip's default applies."""
    extra_index_urls: tuple[str, ...] = ()
    certificates: str = ""
    """A CA bundle; empty where none is set."""
    is_index_disabled: bool = False
    """True: `no-index`, so that no index may be asked at all."""

    @property
    def index_urls(self) -> tuple[str, ...] | None:
        """The indexes in the order in which they are asked; None where pip's configuration names none."""
        if self.is_index_disabled:
            return ()
        if not self.index_url and not self.extra_index_urls:
            return None
        return tuple(dict.fromkeys((self.index_url or _DEFAULT_INDEX, *self.extra_index_urls)))


def read_pip_settings(environ: Mapping[str, str], *, files: Iterable[Path] | None = None) -> PipSettings:
    """Return the settings of `files` (by default those that pip reads) and of the `PIP_*` variables.

    Raises:
        ConfigError: `invalid-config` where a file exists but can't be read or parsed.
    """
    read = [_read_file(path) for path in (pip_config_files(environ) if files is None else files)]
    values: dict[str, str] = {}
    # A command's own section wins over [global], in whichever file the two stand.
    for section in _SECTIONS:
        for sections in read:
            values.update(sections.get(section, {}))
    values.update(_read_variables(environ))
    return PipSettings(
        index_url=values.get("index-url", ""),
        extra_index_urls=tuple(values.get("extra-index-url", "").split()),
        certificates=values.get("cert", ""),
        is_index_disabled=values.get("no-index", "").lower() in _TRUE,
    )


def pip_config_files(environ: Mapping[str, str], *, platform: str = sys.platform) -> tuple[Path, ...]:
    """Return the files that pip would read, whether they exist or not, the weakest first."""
    named = environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return ()
    name = "pip.ini" if platform == "win32" else "pip.conf"
    users = () if named and Path(named).exists() else tuple(_user_folders(environ, platform))
    folders = (*_global_folders(environ, platform), *users, Path(sys.prefix))
    return (*(folder / name for folder in folders), *((Path(named),) if named else ()))


def _global_folders(environ: Mapping[str, str], platform: str) -> Iterator[Path]:
    if platform == "win32":
        yield Path(environ.get("PROGRAMDATA", "C:/ProgramData"), "pip")
        return
    if platform == "darwin":
        yield Path("/Library/Application Support/pip")
        return
    folders = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    yield from (Path(folder, "pip") for folder in folders.split(os.pathsep) if folder)
    yield Path("/etc")


def _user_folders(environ: Mapping[str, str], platform: str) -> Iterator[Path]:
    home = environ.get("USERPROFILE" if platform == "win32" else "HOME", "")
    if platform == "win32":
        if home:
            yield Path(home, "pip")
        if environ.get("APPDATA"):
            yield Path(environ["APPDATA"], "pip")
        return
    if not home:
        return
    yield Path(home, ".pip")
    mac_folder = Path(home, "Library/Application Support/pip")
    if platform == "darwin" and mac_folder.is_dir():
        yield mac_folder
    else:
        yield Path(environ.get("XDG_CONFIG_HOME") or Path(home, ".config"), "pip")


def _read_file(path: Path) -> dict[str, dict[str, str]]:
    if not path.is_file():
        return {}
    import configparser  # noqa: PLC0415 - most machines have no such file, and it costs milliseconds

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        # The parser's words are not repeated: they quote the file, which may hold passwords.
        reason = type(error).__name__
        raise ConfigError(
            "invalid-config", f"pip's configuration can't be read ({reason})", where=str(path)
        ) from None
    return {
        section: {_key(key): value for key, value in parser.items(section) if value}
        for section in _SECTIONS
        if parser.has_section(section)
    }


def _read_variables(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        _key(variable.removeprefix("PIP_")): value
        for variable, value in environ.items()
        if variable.startswith("PIP_") and value
    }


def _key(text: str) -> str:
    return text.lower().replace("_", "-").removeprefix("--")
