"""What a project's settings and build files say of Python's stable ABI, and what its published wheels say.

Vocabulary: a *claim* is one place that asks for the stable ABI, with the lowest python it names; it is *firm*
where a build tool reads it as a setting, and a *trace* where only code shows it, which may be under a condition.
"""

import configparser
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from conda_bridge.infer.backend import backend_row
from conda_bridge.infer.crates import crate_manifests, manifest_crates, manifest_features
from conda_bridge.infer.pyproject import dig, strings, tool_table
from conda_bridge.infer.scan.aside import is_vendored_or_test
from conda_bridge.model.condition import PyVersion
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.source import SourceFacts

__all__ = ["AbiClaim", "WheelAbis", "abi_claims", "system_of_wheel", "unset_variables", "wheel_abis"]

_TAG = re.compile(r"(?:cp|abi)?3[-_.]?(?P<minor>\d{1,2})")
_HEX = re.compile(r"0x03(?P<minor>[0-9a-fA-F]{2})[0-9a-fA-F]{4}")
_TRACE = re.compile(
    r"py_limited_api|Py_LIMITED_API|\bSTABLE_ABI\b|\bUSE_SABI\b|\bSKBUILD_SABI_\w+|\blimited_api\s*:|['\"]abi3['\"]"
)
_TRACE_FILES = ("setup.py", "CMakeLists.txt", "meson.build")
_ASKED = re.compile(
    r"""\b(?:getenv|environ\.get|environ)\s*+[(\[]\s*+["'](?P<name>[^"'\n]{1,60}+)["']"""
    r"""(?:\s*+,\s*+["']?(?P<default>\w{0,60})["']?)?\s*+[)\]](?:\.lower\(\))?(?:\s*+==\s*+["'](?P<wanted>\w{1,60})["'])?""",
    re.ASCII,
)
_ABOUT_ABI = re.compile(r"limited_?api|abi3|stable_?abi", re.IGNORECASE)
_ASSIGNED = re.compile(r"""(?<![^\s;])([^\s;="']{1,60}+)=["']?([^"'\s]*)["']?""")
_PLAIN = re.compile(r"[A-Za-z0-9_.+-]{0,60}")
_VARIABLE = re.compile(r"(?!(?:LD|DYLD|PIP|PYTHON|BASH|GIT|CONDA)_|PYTHON)[A-Za-z_][A-Za-z0-9_]{0,59}")
"""Those that programs of every build read are not for a source to set."""
_ENVIRONMENT = "pyproject.toml#/tool/cibuildwheel/environment"
_HOOK_KEYS = ("abi3", "py-limited-api", "py_limited_api", "limited-api", "stable-abi")
_PYO3 = ("pyo3", "pyo3-ffi")
_SYSTEMS = (
    ("manylinux", "linux"),
    ("musllinux", "linux"),
    ("linux", "linux"),
    ("macosx", "osx"),
    ("win", "win"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AbiClaim:
    """One place that asks for the stable ABI."""

    floor: PyVersion | None
    """None where the python that builds decides."""
    origin: str
    is_firm: bool
    env: tuple[tuple[str, str], ...] = ()
    """Variables without which the build is for one python."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelAbis:
    """What the tags of the version's published wheels say."""

    floor: PyVersion | None = None
    """The lowest python of a wheel for the stable ABI; None where no wheel is for it."""
    origin: str = ""
    pythons: frozenset[PyVersion] = frozenset()
    """The pythons that have wheels of their own, free-threaded ones aside."""
    systems: frozenset[str] = frozenset()
    """Where the stable ABI's wheels run."""
    built_systems: frozenset[str] = frozenset()
    """Where any wheel with extension modules runs."""
    has_pure: bool = False
    has_modules: bool = False
    """True where any wheel has an ABI tag, which is that of extension modules."""

    @property
    def is_known(self) -> bool:
        """True where any wheel is for a platform."""
        return self.floor is not None or bool(self.pythons)


def system_of_wheel(platform: str) -> str:
    """Return the operating system of a wheel's platform tag; empty for `any` and unknown ones. Source: PEP 425."""
    return next((system for start, system in _SYSTEMS if platform.startswith(start)), "")


def wheel_abis(facts: SourceFacts) -> WheelAbis:
    """Return what the published wheels' tags say. Source: PEP 425, PEP 384."""
    stable: dict[PyVersion, str] = {}
    pythons: set[PyVersion] = set()
    systems: set[str] = set()
    built: set[str] = set()
    has_pure = has_modules = False
    for wheel in facts.index.wheels if facts.index else ():
        try:
            tags = parse_wheel_filename(wheel)[3]
        except InvalidWheelFilename:
            continue
        for tag in tags:
            minor = _minor(tag.interpreter)
            system = {found} if (found := system_of_wheel(tag.platform)) else set()
            built |= system
            has_modules = has_modules or tag.abi != "none"
            if tag.abi == "none":
                has_pure = has_pure or tag.platform == "any"
            elif tag.abi == "abi3" and minor is not None:
                stable.setdefault(minor, wheel)
                systems |= system
            elif minor is not None and tag.abi == tag.interpreter:
                pythons.add(minor)
    floor = min(stable, default=None)
    return WheelAbis(
        floor=floor,
        origin=stable[floor] if floor is not None else "",
        pythons=frozenset(pythons),
        systems=frozenset(systems),
        built_systems=frozenset(built),
        has_pure=has_pure,
        has_modules=has_modules,
    )


def abi_claims(ctx: InferContext) -> tuple[AbiClaim, ...]:
    """Return every claim of the source, firm ones first; those of vendored and test trees aside."""
    facts = ctx.facts
    row = backend_row(ctx.project, ctx.toolchains)
    crates = _crate_claims(facts, is_maturin=row is not None and row.key == "maturin")
    every = (*_backend_claims(facts), *_hook_claims(facts), *crates, *_traces(facts), *_wheel_builder(facts))
    return tuple(sorted(dict.fromkeys(every), key=lambda claim: not claim.is_firm))


def _backend_claims(facts: SourceFacts) -> Iterator[AbiClaim]:
    """Settings of scikit-build-core, setuptools and meson-python. Source: their documentation."""
    api = dig(tool_table(facts, "scikit-build"), "wheel", "py-api")
    if isinstance(api, str) and _minor(api) is not None:
        # It names the wheel only; CMake has to build for the stable ABI, too.
        origin = "pyproject.toml#/tool/scikit-build/wheel/py-api"
        yield replace(
            _firm(api, origin), is_firm=any("pyproject.toml" not in one.origin for one in _traces(facts))
        )
    table = tool_table(facts, "distutils", "bdist_wheel")
    for key in ("py-limited-api", "py_limited_api"):
        if isinstance(table.get(key), str):
            yield _firm(table[key], f"pyproject.toml#/tool/distutils/bdist_wheel/{key}")
    if dig(tool_table(facts, "meson-python"), "limited-api") is True:
        stated = re.search(r"limited_api\s*:\s*'([\d.]+)'", facts.text("meson.build") or "")
        yield _firm(stated[1] if stated else "", "pyproject.toml#/tool/meson-python/limited-api")
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(facts.text("setup.cfg") or "")
        said = parser.get("bdist_wheel", "py_limited_api", fallback=None) or parser.get(
            "bdist_wheel", "py-limited-api", fallback=None
        )
    except configparser.Error:
        return
    if said:
        yield _firm(said, "setup.cfg#/bdist_wheel/py_limited_api")


def _hook_claims(facts: SourceFacts) -> Iterator[AbiClaim]:
    """Build hooks for native code have a switch of such a name; others don't use these words."""
    build = tool_table(facts, "hatch", "build")
    places = (
        ("hooks", dig(build, "hooks")),
        ("targets/wheel/hooks", dig(build, "targets", "wheel", "hooks")),
    )
    for where, hooks in places:
        for name, hook in hooks.items() if isinstance(hooks, dict) else ():
            for key in _HOOK_KEYS:
                said = dig(hook, key)
                if said is True or (isinstance(said, str) and _minor(said) is not None):
                    origin = f"pyproject.toml#/tool/hatch/build/{where}/{name}/{key}"
                    yield _firm(said if isinstance(said, str) else "", origin)


def _crate_claims(facts: SourceFacts, *, is_maturin: bool) -> Iterator[AbiClaim]:
    """PyO3's features `abi3` and `abi3-py310`; maturin reads them, other tools have a setting of their own.

    Source: PyO3 user guide, Building and distribution; Cargo book, Features.
    """
    chosen = strings(tool_table(facts, "maturin").get("features"))
    for manifest in crate_manifests(facts):
        on = (*_pyo3_features(facts, manifest), *sorted(manifest_features(facts, manifest, chosen).names))
        asked = [name.rpartition("/")[2] for name in on if _is_abi3_feature(name)]
        if asked:
            floors = [floor for floor in map(_minor, asked) if floor is not None]
            yield AbiClaim(floor=min(floors, default=None), origin=manifest, is_firm=is_maturin)


def _pyo3_features(facts: SourceFacts, manifest: str) -> Iterator[str]:
    for crate in manifest_crates(facts, manifest):
        if crate.name in _PYO3 and not crate.is_for_build:
            yield from crate.features


def _is_abi3_feature(name: str) -> bool:
    crate, slash, feature = name.rpartition("/")
    return (not slash or crate.rstrip("?") in _PYO3) and re.fullmatch(
        r"abi3(?:-py3\d+)?", feature
    ) is not None


def _traces(facts: SourceFacts) -> Iterator[AbiClaim]:
    for signal in facts.signals:
        if signal.kind == "abi3" and not is_vendored_or_test(signal.path):
            origin = f"{signal.path}:{signal.line}" if signal.line else signal.path
            yield AbiClaim(floor=_minor(signal.token), origin=origin, is_firm=False)
    for path, text in facts.texts:
        if path.rpartition("/")[2] in _TRACE_FILES and not is_vendored_or_test(path):
            code = re.sub(r"#.*", "", text)
            if (found := _TRACE.search(code)) is not None:
                stated = _HEX.search(code)
                floor = PyVersion((3, int(stated["minor"], 16))) if stated else None
                line = code.count("\n", 0, found.start()) + 1
                env = _asked_by(code) if path == "setup.py" else ()
                yield AbiClaim(floor=floor, origin=f"{path}:{line}", is_firm=False, env=env)


def _asked_by(code: str) -> tuple[tuple[str, str], ...]:
    """Return the variables that a setup.py asks for, each with the value that turns the stable ABI on."""
    found: dict[str, str] = {}
    for asked in _ASKED.finditer(code):
        wanted = asked["wanted"] or "1"
        if asked["default"] != wanted and _is_settable(asked["name"], wanted):
            found[asked["name"]] = wanted
    return tuple(found.items())


def _wheel_builder(facts: SourceFacts) -> Iterator[AbiClaim]:
    for name, value in _wheel_environment(facts):
        if _is_settable(name, value):
            yield AbiClaim(floor=_minor(value), origin=_ENVIRONMENT, is_firm=False, env=((name, value),))


def _wheel_environment(facts: SourceFacts) -> Iterator[tuple[str, str]]:
    """Yield what cibuildwheel sets for every build. Source: cibuildwheel documentation, environment."""
    said = dig(tool_table(facts, "cibuildwheel"), "environment")
    if isinstance(said, str):
        said = dict(_ASSIGNED.findall(said))
    for name, value in said.items() if isinstance(said, dict) else ():
        if isinstance(value, str):
            yield name, value


def _is_settable(name: str, value: str) -> bool:
    """Tell whether a recipe sets a variable on a source's word: one of the project's own, with a plain value."""
    is_about = _ABOUT_ABI.search(name) is not None
    return is_about and _VARIABLE.fullmatch(name) is not None and _PLAIN.fullmatch(value) is not None


def unset_variables(facts: SourceFacts) -> tuple[tuple[str, str], ...]:
    """Return (name, origin) of the variables that speak of the stable ABI and are not for a source to set."""
    found = {
        name: _ENVIRONMENT
        for name, value in _wheel_environment(facts)
        if _ABOUT_ABI.search(f"{name}={value}") and not _is_settable(name, value)
    }
    for asked in _ASKED.finditer(facts.text("setup.py") or ""):
        if _ABOUT_ABI.search(asked["name"]) and not _is_settable(asked["name"], "1"):
            found.setdefault(asked["name"], "setup.py")
    return tuple(found.items())


def _firm(said: str, origin: str) -> AbiClaim:
    return AbiClaim(floor=_minor(said), origin=origin, is_firm=True)


def _minor(text: str) -> PyVersion | None:
    """Return the python of `cp310`, `abi3-py310`, `3.10`; None where none is named."""
    found = _TAG.search(text.removeprefix("abi3-py").strip())
    return PyVersion((3, int(found["minor"]))) if found else None
