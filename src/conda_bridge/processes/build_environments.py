"""Build requirements -> a folder with an environment in which they are importable, made without running any of them.

pip installs wheels only, into a virtual environment that nobody starts outside the sandbox afterwards: a `.pth` file of a
wheel would run then. So whoever needs more requirements makes another environment.

Source: PEP 517, "Build environment"; pip documentation, `--python` and `--only-binary`.
"""

import os
import string
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit

from conda_bridge.errors import MetadataError, UsageError
from conda_bridge.processes.children import dying_with_us, run_child

__all__ = ["BuildEnvironment", "PackageIndexes", "last_lines", "make_environment"]

_TIMEOUT_S = 300.0
_SHOWN_LINES = 20
# What pip needs to get through proxies and to trust servers; nothing else of our environment reaches it.
_PASSED_ON = (
    "SYSTEMROOT", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC",
    "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
)  # fmt: skip
_INSTALL = (
    "install",
    "--only-binary=:all:",
    "--no-input",
    "--no-compile",
    "--no-warn-script-location",
    "--disable-pip-version-check",
    "--progress-bar=off",
    "--quiet",
)
_GATE = """\
import os, sys; any(a.endswith("__pip-runner__.py") for a in sys.orig_argv) or os._exit(1)
import ctypes, os, sys; sys.platform == "linux" and (ctypes.CDLL(None).prctl(1, 9) or os.getppid() != os.getsid(0)) and os._exit(1)
"""
"""Ends an interpreter that runs anything but pip. Only wheels are installed, but a wheel's requirement may name a source
archive by its URL, of which pip would run the build. The second line ties the interpreter, which pip starts for itself in
the environment, to that pip, the first of its session: the kernel ends them together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageIndexes:
    """Where build requirements come from."""

    urls: tuple[str, ...]
    """Simple indexes. pip merges them: the first has no precedence. They may carry credentials."""
    certificates: str = ""
    """A CA bundle; empty means the default."""
    cache_dir: str = ""
    """Where pip keeps wheels; empty: nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildEnvironment:
    """An environment on the disk."""

    folder: str

    @property
    def python(self) -> str:
        """Its interpreter, only ever to be started in a sandbox."""
        return f"{self.folder}/bin/python"


def make_environment(
    folder: str,
    requirements: Iterable[str],
    indexes: PackageIndexes,
    *,
    environ: Mapping[str, str] | None = None,
    timeout_s: float = _TIMEOUT_S,
) -> BuildEnvironment:
    """Make an environment in `folder`, which must not exist, with the requirements and all that they require.

    `requirements` are valid PEP 508 texts without URLs. `environ` is what of the environment may be passed on, by
    default our own.

    Raises:
        UsageError: `no-pip`.
        MetadataError: `build-requirements`, `backend-timeout`.
    """
    made = BuildEnvironment(folder=folder)
    empty = run_child(
        [sys.executable, "-I", "-m", "venv", "--without-pip", folder],
        folder="/",
        environment={"PATH": os.defpath},
        timeout_s=timeout_s,
    )
    if empty.exit_status:
        raise UsageError("no-pip", f"no virtual environment can be made: {last_lines(empty.errors)}")
    wanted = tuple(requirements)
    if not wanted:
        return made
    if find_spec("pip") is None:
        raise UsageError("no-pip", f"{sys.executable} has no pip")
    # Beside the environment: the sandbox shows that one.
    with tempfile.TemporaryDirectory(
        prefix="pip-", dir=Path(folder).parent, ignore_cleanup_errors=True
    ) as home:
        _install(made, wanted, _environment(indexes, environ or os.environ, home), timeout_s)
    return made


def _install(
    made: BuildEnvironment, wanted: tuple[str, ...], environment: Mapping[str, str], timeout_s: float
) -> None:
    site_packages = sysconfig.get_path("purelib", "venv", {"base": made.folder, "platbase": made.folder})
    gate = Path(site_packages, "conda-bridge-gate.pth")
    gate.write_text(_GATE, encoding="ascii")
    result = run_child(
        dying_with_us(
            [sys.executable, "-I", "-m", "pip", "--python", made.python, *_INSTALL, "--", *wanted],
        ),
        folder="/",
        environment=environment,
        timeout_s=timeout_s,
    )
    gate.unlink()
    shown = ", ".join(wanted)
    if result.is_timed_out:
        raise MetadataError("backend-timeout", f"pip did not install {shown:.300} within {timeout_s:.0f} s")
    if result.exit_status:
        said = last_lines(result.errors)
        if "no such option: --python" in said:
            raise UsageError("no-pip", f"the pip of {sys.executable} is older than 22.3")
        raise MetadataError("build-requirements", f"pip can't install {shown:.300}:\n{said}")


def _environment(indexes: PackageIndexes, environ: Mapping[str, str], home: str) -> dict[str, str]:
    # URLs may hold passwords: in variables no other user sees them.
    first, *others = (_as_one_word(url) for url in indexes.urls or ("",))
    unencrypted = [
        parts.netloc.rpartition("@")[2] for url in indexes.urls if (parts := urlsplit(url)).scheme == "http"
    ]
    settings = {
        "PIP_INDEX_URL": first,
        "PIP_EXTRA_INDEX_URL": " ".join(others),
        "PIP_TRUSTED_HOST": " ".join(unencrypted),
        "PIP_CERT": indexes.certificates,
        "PIP_CACHE_DIR": indexes.cache_dir,
        "PIP_NO_CACHE_DIR": "" if indexes.cache_dir else "1",
        "PIP_NO_INDEX": "" if indexes.urls else "1",
        "NETRC": str(Path(environ.get("HOME", "/"), ".netrc")),
    }
    passed = {name: environ[name] for name in _PASSED_ON if name in environ}
    return {
        # Without git and the like on it: pip fetches no repositories.
        "PATH": f"{home}/bin",
        "HOME": home,
        "TMPDIR": home,
        "LC_ALL": "C.UTF-8",
        "PIP_CONFIG_FILE": os.devnull,
        **{name: value for name, value in settings.items() if value},
        **passed,
    }


def _as_one_word(url: str) -> str:
    """Return the URL with blanks and the like encoded: pip splits a list of URLs at them."""
    return quote(url, safe=string.punctuation)


def last_lines(text: str, *, most: int = _SHOWN_LINES) -> str:
    """Return the last lines of a program's output that say something."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return "\n".join(line[:300] for line in lines[-most:]) or "it said nothing"
