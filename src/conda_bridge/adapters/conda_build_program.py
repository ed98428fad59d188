"""A request on standard input -> what conda-build makes of it; a program for the interpreter that conda-build lives in.

    PYTHON conda_build_program.py NUMBER

NUMBER is the open file that takes lines of JSON: `log` as things are said, and last `result` or `error`, as a worker of
ours gives them. Nothing of ours is imported: that interpreter doesn't have it, and may be older than ours.

The request is one line, `{"operation": NAME, "arguments": {...}}`, with a `key` where lines are to be sealed. Every operation takes `folder`, where it works, empty
for the temporary one, and `files`, [name, text] of what is written there first; `condarc` among them becomes conda's
only configuration of the user's.
"""

import ctypes
import hmac
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

__all__ = ["PLACES"]

PLACES = (
    ("CONDARC", "condarc"),
    ("CONDA_ROOT_PREFIX", "root"),
    ("CONDA_PKGS_DIRS", "pkgs"),
    ("CONDA_ENVS_DIRS", "envs"),
)
"""(variable, path in the folder) of what conda would otherwise take from the installation and the user."""
_PR_SET_DUMPABLE = 4
_ALL = 1 << 16
_PAUSE_S = 0.2
_UNSOLVED = frozenset(
    {
        "DependencyNeedsBuildingError",
        "NoPackagesFoundError",
        "PackagesNotFoundError",
        "ResolvePackageNotFound",
        "UnsatisfiableError",
    }
)
_CLASSIC = "classic"
_PROGRAMS = ("patch", "patchelf")
_ADVICE = "Leaving build/test directories:"
_ADVICE_LINES = 13
_SEARCH = "To search for alternate channels"


def main(number: int) -> None:
    """Answer the request: conda-build works in a child of ours, so that all that is said comes by here."""
    if sys.platform == "linux":
        # What we hold open is not for scripts to open again.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    os.set_inheritable(number, False)
    request = _request()
    out = _Out(number, request.get("key", ""))
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as answer:
        child = os.fork()
        if child == 0:
            os.close(reading)
            os.dup2(writing, 1)
            os.dup2(writing, 2)
            _work(request["operation"], request["arguments"], answer)
            os._exit(0)
        os.close(writing)
        status = _pass_on(reading, out, child)
        answer.seek(0)
        text = answer.read()
    if text:
        out.write(json.loads(text))
    os._exit(0 if os.WIFEXITED(status) else 1)


def _request() -> Any:
    """Return the request, and leave nothing to read to those that we start."""
    parts: list[bytes] = []
    while not parts or not parts[-1].endswith(b"\n"):
        part = os.read(0, _ALL)
        if not part:
            break
        parts.append(part)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return json.loads(b"".join(parts))


def _pass_on(reading: int, out: "_Out", child: int) -> int:
    """Pass on what the child says until it has ended, though others may hold its output open; return its status."""
    pending = bytearray()
    log = _Log(out)
    while True:
        ready, _, _ = select.select([reading], [], [], _PAUSE_S)
        data = os.read(reading, _ALL) if ready else b""
        *ends, rest = data.split(b"\n")
        for end in ends:
            pending += end[: _ALL - len(pending)]
            log.say(pending)
            pending.clear()
        pending += rest[: _ALL - len(pending)]
        if data:
            continue
        ended, status = os.waitpid(child, 0 if ready else os.WNOHANG)
        if ended:
            if pending:
                log.say(pending)
            return status


class _Log:
    """What is said, without the advice to look at folders that are removed."""

    def __init__(self, out: "_Out") -> None:
        self._out = out
        self._left_out = 0

    def say(self, line: bytes | bytearray) -> None:
        text = line.decode("utf-8", errors="replace").rsplit("\r", 1)[-1]
        if text.startswith(_ADVICE):
            self._left_out = _ADVICE_LINES
        if self._left_out:
            self._left_out -= 1
            return
        level = "warning" if text.startswith("WARN") else "error" if text.startswith("ERROR") else "info"
        self._out.write({"kind": "log", "level": level, "text": text})


class _Out:
    """Where answers go: lines of JSON, each with a seal before it where there is a key."""

    def __init__(self, number: int, key: str) -> None:
        self._number = number
        self._key = key.encode("ascii")

    def write(self, value: object) -> None:
        text = json.dumps(value).encode("ascii")
        seal = hmac.digest(self._key, text, "sha256").hex().encode("ascii") + b" " if self._key else b""
        data = seal + text + b"\n"
        while data:
            data = data[os.write(self._number, data) :]


# ---------------------------------------------------------------- in the child


def _work(operation: str, arguments: dict[str, Any], answer: IO[bytes]) -> None:
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # both are text files
    # Modules of ours beside this one have names of others'.
    sys.path[:] = [path for path in sys.path if path != str(Path(__file__).parent)]
    operations = {"render": _render, "build": _build, "test": _test}
    value: dict[str, Any]
    try:
        _prepare(arguments)
        value = {"kind": "result", "value": operations[operation](arguments)}
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raises is its verdict
        value = {"kind": "error", **_failure(operation, arguments, error)}
    sys.stdout.flush()
    sys.stderr.flush()
    answer.write(json.dumps(value).encode("ascii"))
    answer.flush()


def _prepare(arguments: dict[str, Any]) -> None:
    folder = Path(arguments["folder"] or os.environ["TMPDIR"])
    for name, text in arguments["files"]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    os.chdir(folder)
    os.environ |= {name: str(folder / path) for name, path in PLACES}
    _link_programs(folder / "root" / "bin")
    _choose_solver()


def _link_programs(folder: Path) -> None:
    """Let conda-build find, below its root, what it calls itself: the PATH is for scripts, too, and shall have neither."""
    folder.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join((str(Path(sys.prefix, "bin")), os.defpath))
    for name in _PROGRAMS:
        found = shutil.which(name, path=path)
        if found:
            (folder / name).symlink_to(found)


def _choose_solver() -> None:
    """Have conda use a solver that is installed: which one it should be was said in a file that we don't read."""
    from conda.base.context import context, reset_context  # type: ignore[import-not-found]  # noqa: PLC0415

    known = [solver.name.lower() for solver in context.plugin_manager.get_hook_results("solvers")]
    if known and context.solver not in known:
        os.environ["CONDA_SOLVER"] = next((name for name in known if name != _CLASSIC), _CLASSIC)
        reset_context()


# ---------------------------------------------------------------- operations


def _build(arguments: dict[str, Any]) -> dict[str, Any]:
    """Build a recipe as the command does.

    Takes `command`, its arguments; `output_dir`. Gives `packages`, paths in the order in which they were built,
    and `urls`, [name version build, URL#sha256] of packages that environments were made of.
    """
    from conda_build import environ  # type: ignore[import-not-found]  # noqa: PLC0415
    from conda_build.cli import main_build  # type: ignore[import-not-found]  # noqa: PLC0415

    output_dir = arguments["output_dir"]
    earlier = dict(_packages(output_dir))
    status = main_build.execute(arguments["command"])
    if status:
        raise SystemExit(status)
    built = sorted(
        (when, path) for path, (when, size) in _packages(output_dir) if earlier.get(path) != (when, size)
    )
    urls = {f"{record.name} {record.version} {record.build}": _address(record) for record in _solved(environ)}
    return {"packages": [path for _, path in built], "urls": sorted(map(list, urls.items()))}


def _solved(environ: Any) -> Iterator[Any]:
    """Yield the packages of all environments that were worked out in this process."""
    for records in getattr(environ, "cached_precs", {}).values():
        yield from records


def _address(record: Any) -> str:
    return f"{record.url}#{getattr(record, 'sha256', None) or ''}"


def _packages(folder: str) -> Iterator[tuple[str, tuple[int, int]]]:
    for path in Path(folder).glob("*/*.conda"):
        status = path.stat()
        yield str(path), (status.st_mtime_ns, status.st_size)


def _test(arguments: dict[str, Any]) -> dict[str, Any]:
    """Run a package's tests as the command does.

    Takes `command`; `copied`, (from, to) of the package: its channel is indexed anew. Gives `is_passed`,
    and `environments`, the packages of the only one as `URL#sha256`.
    """
    from conda_build import environ  # noqa: PLC0415
    from conda_build.cli import main_build  # noqa: PLC0415

    source, target = map(Path, arguments["copied"])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
    try:
        status = main_build.execute(arguments["command"])
    except (Exception, SystemExit) as error:
        if _unsolved(error) or not _is_script(error):
            raise
        status = 1
    environment = sorted({_address(record) for record in _solved(environ)})
    return {"is_passed": not status, "environments": [environment] if environment else []}


def _render(arguments: dict[str, Any]) -> dict[str, Any]:
    """Evaluate a recipe; no environment is made and no source fetched.

    Takes `recipe`, a path; `variants`, a file's name. Gives `outputs`, objects with the fields of `RenderedOutput`.
    """
    from conda_build import api  # noqa: PLC0415
    from conda_build.config import get_or_merge_config  # type: ignore[import-not-found]  # noqa: PLC0415

    config = get_or_merge_config(
        None,
        exclusive_config_files=[arguments["variants"]],
        croot=str(Path.cwd() / "croot"),
        no_download_source=True,
        verbose=False,
    )
    rendered = api.render(arguments["recipe"], config=config, finalize=False, bypass_env_check=True)
    outputs = [_output(metadata) for metadata, *_ in rendered if not metadata.skip()]
    return {"outputs": list({json.dumps(output): output for output in outputs}.values())}


def _output(metadata: Any) -> dict[str, Any]:
    from conda_build import utils  # noqa: PLC0415

    variant = metadata.config.variant
    requirements = {
        section: _listed(metadata.get_value(f"requirements/{section}"))
        for section in ("build", "host", "run")
    }
    for section in ("build", "host"):
        # What is done when it comes to build: a bare name gets the variant's version.
        utils.insert_variant_versions(requirements, variant, section)
    noarch = metadata.noarch
    return {
        "conda_name": metadata.name(),
        "version": str(metadata.version()),
        "build": str(metadata.build_id()),
        "build_number": int(metadata.build_number() or 0),
        "subdir": "noarch" if noarch else metadata.config.host_subdir,
        "noarch": str(noarch or ""),
        "variant": [
            [key, str(variant[key])]
            for key in sorted(metadata.get_used_vars())
            if _is_plain(variant.get(key))
        ],
        # A version alone means all that begin with it, but in the packages' own metadata.
        "build_specs": [str(utils.ensure_valid_spec(spec)) for spec in requirements["build"]],
        "host_specs": [str(utils.ensure_valid_spec(spec)) for spec in requirements["host"]],
        "run_specs": [str(spec) for spec in requirements["run"]],
        "test_specs": list(_test_specs(metadata, utils.ensure_valid_spec)),
        "sources": [_source(source) for source in _listed(metadata.get_section("source")) if source],
    }


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, int, float))


def _test_specs(metadata: Any, ensured: Callable[[str], Any]) -> Iterator[list[str]]:
    """Yield what the environment of the test holds beside the package; nothing where there is no test."""
    imports = _listed(metadata.get_value("test/imports"))
    beside = [path.name for path in Path(metadata.path).glob("run_test.*")] if metadata.path else []
    if imports or beside or _listed(metadata.get_value("test/commands")):
        is_python = bool(imports) or "run_test.py" in beside
        requires = [str(ensured(spec)) for spec in _listed(metadata.get_value("test/requires"))]
        yield [*requires, *(["python"] if is_python else [])]


def _source(source: dict[str, Any]) -> dict[str, Any]:
    common = {key: str(source.get(key) or "") for key in ("sha256", "md5")}
    common |= {"revision": str(source.get("git_rev") or ""), "file_name": str(source.get("fn") or "")}
    for kind, key in (("url", "url"), ("git", "git_url"), ("path", "path")):
        if source.get(key):
            return {"kind": kind, "urls": [str(place) for place in _listed(source[key])], **common}
    raise SystemExit(f"a source has no url, git_url or path: {source!r}")


# ---------------------------------------------------------------- failures


def _failure(operation: str, arguments: dict[str, Any], error: BaseException) -> dict[str, Any]:
    reason = _unsolved(error)
    if reason is not None:
        why = _text_of(reason).partition(_SEARCH)[0].rstrip()
        return _told("SolverError", "unsatisfiable", f"an environment can't be made: {why}")
    if operation == "render":
        return _told("RecipeError", "engine-refuses-recipe", _text_of(error), where=arguments["recipe"])
    if not _is_script(error):
        traceback.print_exception(error)
    if operation == "test":
        return _told("EngineError", "engine-crashed", _text_of(error))
    return _told("EngineError", "build-failed", "a script failed" if _is_script(error) else _text_of(error))


def _told(class_name: str, slug: str, message: str, *, where: str = "") -> dict[str, Any]:
    return {"class": class_name, "slug": slug, "message": message, "where": where, "hint": None}


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _unsolved(error: BaseException) -> BaseException | None:
    """Return why an environment can't be made, as the solver itself said it; None where that isn't what happened."""
    found = [each for each in _chain(error) if _UNSOLVED & {base.__name__ for base in type(each).__mro__}]
    return found[-1] if found else None


def _is_script(error: BaseException) -> bool:
    return any(isinstance(each, subprocess.CalledProcessError) for each in _chain(error))


def _text_of(error: BaseException) -> str:
    if isinstance(error, SystemExit) and not isinstance(error.code, str):
        return f"conda-build ended with status {error.code}"
    text = str(error).strip()
    return text or type(error).__name__


if __name__ == "__main__":
    # conda starts workers that import this file again.
    main(int(sys.argv[1]))
