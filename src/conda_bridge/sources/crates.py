"""The crates that a source's Cargo.lock names -> a vendored folder from which cargo builds without network.

Cargo looks for `.cargo/config.toml` in the folder in which it is called and in all above it. So the crates and a
file that says where they are lie above the build's folders, and neither the recipe nor the source is changed.

Source: The Cargo Book, Source Replacement (directory sources), Configuration (hierarchical structure), Registry
Index (downloads); cargo's own `cargo vendor`.
"""

import json
import re
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from conda_bridge.archives.directories import walk_directory
from conda_bridge.archives.limits import LIMITS
from conda_bridge.archives.paths import checked_path, shown
from conda_bridge.archives.reading import stream_archive
from conda_bridge.errors import SourceError
from conda_bridge.infer.pyproject import dig
from conda_bridge.model.build import RenderedOutput
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.source import FileLink
from conda_bridge.protocols import Fetcher
from conda_bridge.translate.toml_tables import toml_tables

__all__ = ["CRATES_URL", "Vendored", "needs_crates", "vendor_crates"]

CRATES_URL = "https://static.crates.io/crates"
"""Where crates.io serves the files that its index names."""

_REGISTRIES = frozenset({
    "registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/",
    "registry+sparse+https://index.crates.io/",
})  # fmt: skip
_RUST = re.compile(r"(?:rust|rust_\S+|rust-nightly)(?=[ =<>~!]|\Z)")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,100}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REPLACEMENT = re.compile(r"^\s*replace-with\s*=", re.MULTILINE)
_OWN_TESTS = re.compile(r"(?:^|/)(?:tests?|testdata|fixtures|examples?|benches|templates?|vendor)/")
_UNREACHABLE = frozenset({"index-unreachable", "offline", "not-served"})
_CONFIG = """\
[source.crates-io]
replace-with = "fetched-before-the-build"

[source.fetched-before-the-build]
directory = ".cargo/vendor"

[net]
offline = true
"""
_THREADS = 8
_CRATE_LIMITS = replace(LIMITS, max_text_bytes=200_000_000, max_read_bytes=500_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendored:
    """The crates that a build was given."""

    files: tuple[tuple[FileLink, str], ...] = ()
    """Where each came from, and its file on this machine; sorted."""
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Crate:
    """A crate of the registry."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Needs:
    """What the manifests and lock files of one source say."""

    crates: tuple[_Crate, ...] = ()
    foreign: tuple[str, ...] = ()
    """Crates that come from elsewhere than the registry: `NAME from SOURCE`."""
    locks: tuple[str, ...] = ()
    unlocked: tuple[str, ...] = ()
    """Manifests that require crates, in a source without any lock file."""


def needs_crates(outputs: Iterable[RenderedOutput]) -> bool:
    """Return whether a build has a Rust compiler, and so may call cargo."""
    return any(_RUST.match(spec) for output in outputs for spec in (*output.build_specs, *output.host_specs))


def vendor_crates(
    archives: Sequence[str], *, folder: str, fetcher: Fetcher, registry_url: str = CRATES_URL
) -> Vendored:
    """Lay out in `folder`/.cargo what the lock files of these archives name; nothing where they name nothing.

    Raises:
        SourceError: `crates-unreachable` with how many crates of which lock file can't be had; `crates-not-locked`
            for manifests that require crates without a lock file; `hash-mismatch`; what opening archives raises.
    """
    needs = [(Path(path).name, _needs(path)) for path in archives]
    for archive, need in needs:
        if need.unlocked:
            manifests = ", ".join(need.unlocked[:3])
            message = f"{manifests} of {archive} requires crates, and no Cargo.lock says which"
            raise SourceError("crates-not-locked", message, where=archive)
    crates = sorted({crate for _, need in needs for crate in need.crates})
    target = Path(folder, ".cargo")
    if target.exists():
        shutil.rmtree(target)
    paths: dict[_Crate, str] = {}
    if crates:
        labels = [f"{lock} of {archive}" for archive, need in needs for lock in need.locks]
        paths = _fetch(crates, fetcher, registry_url, ", ".join(labels))
        for crate in crates:
            _lay_out(crate, paths[crate], target / "vendor" / f"{crate.name}-{crate.version}")
        (target / "config.toml").write_text(_CONFIG, encoding="utf-8")
    return Vendored(
        files=tuple((_link(crate, registry_url), paths[crate]) for crate in crates),
        diagnostics=tuple(_foreign_findings(needs)),
    )


# ---------------------------------------------------------------- what a source needs


def _needs(archive: str) -> _Needs:
    read = walk_directory if Path(archive).is_dir() else stream_archive
    contents = read(
        archive,
        wanted=lambda path, _size: _is_cargo_file(path),
        digest=lambda _path, data: data.decode("utf-8", "replace"),
    )
    texts = dict(contents.digests)
    if any(_is_config(path) and _REPLACEMENT.search(text) for path, text in texts.items()):
        # The source brings its crates along, and its own configuration wins over ours.
        return _Needs()
    locks = {path: text for path, text in texts.items() if _file_name(path) == "Cargo.lock"}
    if not locks:
        return _Needs(unlocked=tuple(_unlocked(texts)))
    entries = [entry for path, text in sorted(locks.items()) for entry in _entries(path, text)]
    foreign = {f"{name} from {source}" for name, source, crate in entries if crate is None}
    return _Needs(
        crates=tuple(dict.fromkeys(crate for _, _, crate in entries if crate is not None)),
        foreign=tuple(sorted(foreign)),
        locks=tuple(sorted(locks)),
    )


def _is_cargo_file(path: str) -> bool:
    is_manifest = _file_name(path) in {"Cargo.toml", "Cargo.lock"} and not _OWN_TESTS.search(path)
    return is_manifest or _is_config(path)


def _is_config(path: str) -> bool:
    return f"/{path}".endswith(("/.cargo/config.toml", "/.cargo/config"))


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]


def _entries(path: str, text: str) -> Iterator[tuple[str, str, _Crate | None]]:
    """Yield (name, source, crate of the registry or None) of the packages of a lock file that come from outside."""
    tables = _tables(path, text)
    packages = tables.get("package")
    older = tables.get("metadata")
    for package in packages if isinstance(packages, list) else ():
        name, version, source, checksum = (
            _text(package, key) for key in ("name", "version", "source", "checksum")
        )
        if not source:
            continue
        # The first format of lock files has the checksums in a table of their own.
        sha256 = checksum or _text(older, f"checksum {name} {version} ({source})")
        if source not in _REGISTRIES:
            yield name, source, None
            continue
        is_sound = _NAME.fullmatch(name) and _VERSION.fullmatch(version) and _SHA256.fullmatch(sha256)
        if not is_sound or ".." in version:
            message = f"the lock file names a crate {shown(name)} {shown(version)} without a sound checksum"
            raise SourceError("crates-not-locked", message, where=path)
        yield name, source, _Crate(name=name, version=version, sha256=sha256)


def _unlocked(texts: Mapping[str, str]) -> Iterator[str]:
    """Yield the manifests that require crates of the registry."""
    for path, text in sorted(texts.items()):
        if _file_name(path) == "Cargo.toml" and any(map(_is_of_registry, _requirements(_tables(path, text)))):
            yield path


def _requirements(tables: Mapping[str, object]) -> Iterator[object]:
    """Yield what a manifest says of each crate; cargo resolves those of tests and of other systems too."""
    targets = tables.get("target")
    scopes = [tables, dig(tables, "workspace")]
    scopes += targets.values() if isinstance(targets, dict) else ()
    for scope in scopes:
        for section in ("dependencies", "build-dependencies", "dev-dependencies"):
            listed = dig(scope, section)
            yield from listed.values() if isinstance(listed, dict) else ()


def _is_of_registry(said: object) -> bool:
    return isinstance(said, str) or (isinstance(said, dict) and said.keys().isdisjoint({"path", "workspace"}))


def _tables(path: str, text: str) -> Mapping[str, object]:
    try:
        return toml_tables(text)
    except (ValueError, RecursionError) as error:
        raise SourceError("crates-not-locked", f"the file is no TOML: {error}", where=path) from error


def _text(table: object, key: str) -> str:
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, str) else ""


# ---------------------------------------------------------------- fetching and laying out


def _fetch(crates: Sequence[_Crate], fetcher: Fetcher, registry_url: str, locks: str) -> dict[_Crate, str]:
    """Return the files of the crates; after the first one that can't be had no other is begun."""
    paths: dict[_Crate, str] = {}
    failures: list[SourceError] = []
    is_over = threading.Event()

    def fetch(crate: _Crate) -> None:
        if is_over.is_set():
            return
        try:
            paths[crate] = fetcher.get_file(_link(crate, registry_url))
        except SourceError as error:
            failures.append(error)
            is_over.set()

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(fetch, crates))
    for error in failures:
        if error.slug not in _UNREACHABLE:
            raise error
    if failures:
        count = len(crates) - len(paths)
        what = f"{count} of the {len(crates)} crates" if paths else f"the {len(crates)} crates"
        message = f"{what} that {locks} names can't be fetched from {registry_url}: {failures[0].message}"
        raise SourceError("crates-unreachable", message)
    return paths


def _link(crate: _Crate, registry_url: str) -> FileLink:
    filename = f"{crate.name}-{crate.version}.crate"
    return FileLink(
        filename=filename,
        url=f"{registry_url.rstrip('/')}/{crate.name}/{quote(filename, safe='')}",
        sha256=crate.sha256,
    )


def _lay_out(crate: _Crate, archive: str, target: Path) -> None:
    def write(path: str, data: bytes) -> None:
        if checked_path(path) != path:
            raise SourceError("unsafe-archive", "the path is not as short as it could be", where=path)
        written = target / path
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_bytes(data)

    stream_archive(archive, wanted=lambda _path, _size: True, digest=write, limits=_CRATE_LIMITS)
    # Cargo compares the hashes of the files that are listed here; the archive's own was compared before.
    checksums = {"files": {}, "package": crate.sha256}
    (target / ".cargo-checksum.json").write_text(json.dumps(checksums), encoding="utf-8")


def _foreign_findings(needs: Sequence[tuple[str, _Needs]]) -> Iterator[Diagnostic]:
    for archive, need in needs:
        if need.foreign:
            more = f" and {len(need.foreign) - 3} more" if len(need.foreign) > 3 else ""
            message = f"not fetched, since no registry has them: {', '.join(need.foreign[:3])}{more}"
            yield finding("foreign-crate", message, origin=archive)
