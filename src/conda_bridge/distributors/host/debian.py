"""An interpreter of Debian or Ubuntu -> what must be changed of it, so that it is one as upstream has it.

Debian gives /usr to its own packages alone: what others install goes to /usr/local, and to `dist-packages` instead of
`site-packages`. In an environment both are wrong. Its `site` is frozen into the interpreter, and so can't be changed;
it also looks into `lib/pythonX.Y/dist-packages`, which thus becomes a link.

Source: Debian's Python policy, chapter 2; `sysconfig.py` and `site.py` of its packages.
"""

from collections.abc import Iterator

from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.distributors.host.facts import Interpreter
from conda_bridge.errors import EngineError

__all__ = ["UNWANTED", "dist_packages", "patched_sysconfig"]

UNWANTED = frozenset({"_distutils_system_mod.py", "EXTERNALLY-MANAGED", "sitecustomize.py"})
"""Files that bring Debian's layout back in, or forbid to install."""

_BEFORE = b"\ndef get_preferred_scheme("
_UNDONE = b"""
# Installation schemes as upstream has them: this copy of the interpreter lives in an environment.
def _get_preferred_schemes():
    return {"prefix": "posix_prefix", "home": "posix_home", "user": "posix_user"}


for _scheme in ("posix_local", "deb_system"):
    _INSTALL_SCHEMES.pop(_scheme, None)
del _scheme


"""


def patched_sysconfig(source: bytes, *, where: str) -> bytes:
    """Return the module `sysconfig` without Debian's schemes, of which its build backends would take one.

    They are undone behind the function that chooses one, which differs between releases, and before the first that
    asks it: defaults of arguments hold its answer.

    Raises:
        EngineError: `unreadable-interpreter`; `where` is the module's path.
    """
    place = source.find(_BEFORE)
    if place < 0:
        raise EngineError(
            "unreadable-interpreter",
            "its choice of an installation scheme isn't where it should be",
            where=where,
        )
    return source[:place] + _UNDONE + source[place:].lstrip(b"\n")


def dist_packages(interpreter: Interpreter) -> Iterator[PackedFile]:
    """Yield the link that makes `site` find the environment's packages."""
    yield PackedFile(path=f"lib/python{interpreter.minor}/dist-packages", link="site-packages")
