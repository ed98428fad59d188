"""Where the files of a wheel go in a prefix.

Vocabulary: a *scheme* is a subfolder of the wheel's `.data` folder. A package that all pythons share has its modules
in `site-packages` and its scripts in `python-scripts`, which the installer moves to where that python wants them.

Source: binary distribution format, "The .data directory"; CEP 20, CEP 34 (noarch python packages).
"""

import re
from dataclasses import dataclass
from posixpath import relpath

from conda_bridge.archives.paths import shown
from conda_bridge.errors import RepackError
from conda_bridge.model.condition import Target
from conda_bridge.model.names import PypiName

__all__ = ["Layout", "bound_layout", "shared_layout"]

_HOOKS = ("etc/conda", "Menu", "conda-meta", "info", "python-scripts", "site-packages")
"""Of the data scheme: what conda itself acts upon."""
_TRUST = ("ssl", "Library/ssl")
"""Whom an environment's OpenSSL believes."""
_OF_PYTHON = re.compile(r"lib(?:64)?/(?:python[^/]*/|site-packages/|libpython|[^/]*\.py[a-z]?\Z)|dlls/")
"""Python's own folders, in lower case, on all systems: a wheel's modules have a place of their own."""
_COMMAND_FOLDERS = frozenset({"bin", "scripts", "library/bin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The folders of a package."""

    site_packages: str
    scripts: str
    headers: str
    installed_site_packages: str
    """Where site-packages will be, as RECORD counts from there; on Windows it differs for shared packages."""
    installed_scripts: str

    def data_path(self, scheme: str, rest: str, project: PypiName) -> str:
        """Return where a file of a scheme goes.

        Raises:
            RepackError: `unsafe-data-file`.
        """
        match scheme:
            case "purelib" | "platlib":
                return f"{self.site_packages}/{rest}"
            case "scripts":
                return f"{self.scripts}/{rest}"
            case "headers":
                return f"{self.headers}/{project}/{rest}"
            case "data":
                return self._checked(rest)
            case _:
                raise RepackError("invalid-wheel", f"its .data folder has the unknown {shown(scheme)}")

    def is_command(self, path: str) -> bool:
        """Return whether a file of a package is found as a command when the environment is active."""
        folder = path.rpartition("/")[0]
        return folder == self.scripts or folder.lower() in _COMMAND_FOLDERS

    def _checked(self, path: str) -> str:
        folded = path.lower()
        if any(f"{folded}/".startswith(f"{hook.lower()}/") for hook in _HOOKS):
            raise RepackError("unsafe-data-file", f"its data has {shown(path)}, which conda would act upon")
        if any(f"{folded}/".startswith(f"{folder.lower()}/") for folder in _TRUST):
            raise RepackError(
                "unsafe-data-file", f"its data has {shown(path)}, where certificates are trusted"
            )
        # Where modules are in a package for one python, data may be as well: some builders put all there.
        if _OF_PYTHON.match(folded) and not path.startswith(f"{self.site_packages}/"):
            raise RepackError("unsafe-data-file", f"its data has {shown(path)}, which is python's own place")
        return path

    def recorded(self, path: str) -> str:
        """Return how RECORD names a file of the package."""
        for folder, installed in (
            (self.site_packages, self.installed_site_packages),
            (self.scripts, self.installed_scripts),
        ):
            if path.startswith(f"{folder}/"):
                path = f"{installed}/{path.removeprefix(f'{folder}/')}"
                break
        return relpath(path, self.installed_site_packages)


def shared_layout() -> Layout:
    """Return the layout of packages that the installer fits to a python."""
    return Layout(
        site_packages="site-packages",
        scripts="python-scripts",
        headers="include",
        # RECORD can say but one thing: what holds on all systems but Windows.
        installed_site_packages="lib/python3/site-packages",
        installed_scripts="bin",
    )


def bound_layout(target: Target) -> Layout:
    """Return the layout of packages for one minor version of python on one platform."""
    python = "python" + ".".join(map(str, target.python.release[:2]))
    site_packages = "Lib/site-packages" if target.os == "win" else f"lib/{python}/site-packages"
    scripts = "Scripts" if target.os == "win" else "bin"
    return Layout(
        site_packages=site_packages,
        scripts=scripts,
        headers="include" if target.os == "win" else f"include/{python}",
        installed_site_packages=site_packages,
        installed_scripts=scripts,
    )
