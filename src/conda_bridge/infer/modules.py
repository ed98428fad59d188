"""Which modules the package installs, found in the file list: never tests, never scripts of the repository.

Vocabulary: a *root* is the folder that is on the import path after installation (`src`, the top folder); a
*namespace* is a folder without code of its own whose parts come from several projects.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from keyword import iskeyword

from conda_bridge.infer.compiled_modules import compiled_modules
from conda_bridge.infer.layout import declared_layouts
from conda_bridge.infer.scan.aside import is_vendored_or_test
from conda_bridge.infer.stable_abi import wheel_abis
from conda_bridge.model.condition import OPERATING_SYSTEMS
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.source import SourceFacts

__all__ = ["Module", "installed_modules"]

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAMESPACE_CODE = re.compile(r"declare_namespace|extend_path|pkgutil")
_ASIDE = frozenset({
    "benchmark", "benchmarks", "build", "ci", "conftest", "demo", "demos", "dist", "doc", "docs", "docsrc", "example",
    "examples", "fabfile", "gallery", "hatch_build", "hooks", "integration_tests", "licenses", "makefile", "misc", "news",
    "notebooks", "noxfile", "packaging", "pdm_build", "recipe", "release", "requirements", "resources", "samples", "script", "scripts",
    "setup", "site", "tasks", "test", "testing", "tests", "tools", "tutorials", "util", "utils", "vendor", "versioneer", "wheelhouse",
})  # fmt: skip
_TEST = re.compile(r"_?(?:tests?|testing|conftest|benchmarks?)(?:_.*)?|test_.*|.*_tests?")
_TEST_CAMEL = re.compile(r"[A-Z]\w*[A-Za-z]Tests?")
_GOES_ON = re.compile(
    r"^[^#\n]*\boptional\s*=\s*True\b|^[ \t]*except\b[^:\n]*\b(?:CCompilerError|CompileError|BuildFailed|(?:Distutils)?ExecError)\b",
    re.MULTILINE,
)
"""How a setup.py forgives a compiler's failure: setuptools' own keyword, or errors that it catches."""
_NAMESPACE_DEPTH = 4
_NAMESPACE_PARTS = 3
_ROOTS = ("src", "", "python", "lib")


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One importable module."""

    name: str
    origin: str
    """The file or setting that shows it."""
    is_declared: bool
    """True where the project's own settings name it; False where the layout suggests it."""


def installed_modules(ctx: InferContext, *, is_noarch: bool) -> tuple[Module, ...]:
    """Return the top modules to import; parts of a namespace instead of the namespace itself.

    A package imports its extension modules itself, so that they aren't named beside it; but where upstream's build
    goes on without them, only their own import shows that they are there.
    """
    tops = _top_modules(ctx)
    if is_noarch or not _is_optional(ctx.facts):
        return tops
    inside = tuple(
        Module(name=module.name, origin=module.origin, is_declared=True)
        for module in compiled_modules(ctx)
        if any(module.name.startswith(f"{top.name}.") for top in tops)
    )
    return (*tops, *inside)


def _is_optional(facts: SourceFacts) -> bool:
    """Tell whether upstream's build goes on where its extension modules can't be compiled.

    Its setup.py says so, or every system has published wheels with the modules, and a pure wheel is there, too.
    """
    wheels = wheel_abis(facts)
    if wheels.has_pure:
        return wheels.built_systems == OPERATING_SYSTEMS
    return _GOES_ON.search(facts.text("setup.py") or "") is not None


def _top_modules(ctx: InferContext) -> tuple[Module, ...]:
    declared = tuple(known for known in ctx.project.import_names if _can_be_imported(known.value))
    if declared:
        return tuple(Module(name=known.value, origin=known.origin, is_declared=True) for known in declared)
    for candidates in (
        _from_settings(ctx),
        _from_top_level(ctx),
        _from_listing(ctx),
        _from_own_layout(ctx),
        _from_compiled(ctx),
        _from_layout(ctx),
        _from_extensions(ctx),
    ):
        found = tuple(m for m in dict.fromkeys(candidates) if _can_be_imported(m.name))
        kept = tuple(m for m in found if _is_own(ctx, m.name) or not _is_aside(m.name)) or tuple(
            m for m in found if _serves(ctx, m.name)
        )
        if kept:
            return kept
    return ()


def _can_be_imported(name: str) -> bool:
    """Tell whether `import name` is a statement: a file `class.py` is no module that a test can import."""
    return not any(map(iskeyword, name.split(".")))


def _from_settings(ctx: InferContext) -> Iterator[Module]:
    for layout in declared_layouts(ctx):
        below = tuple(_top_names(ctx.facts, layout.root))
        names = layout.names or tuple(name for name in below if not name.startswith("_")) or below
        for name in names:
            found = tuple(_descend(ctx.facts, layout.root, name))
            for module in found or ((name,) if layout.is_compiled else ()):
                yield Module(name=module, origin=layout.origin, is_declared=True)


def _from_top_level(ctx: InferContext) -> Iterator[Module]:
    """Setuptools writes the installed top names into the sdist."""
    for path, text in ctx.facts.texts:
        if not path.endswith(".egg-info/top_level.txt") or is_vendored_or_test(path):
            continue
        root = path.rpartition("/")[0].rpartition("/")[0]
        for name in text.split():
            for module in _descend(ctx.facts, _root_of(ctx.facts, root, name), name):
                yield Module(name=module, origin=path, is_declared=True)


def _from_listing(ctx: InferContext) -> Iterator[Module]:
    """A listed package whose files lie in a folder of another name (`package_dir`) is importable all the same."""
    listed = tuple(known for known in ctx.project.top_levels if not known.value.startswith("_"))
    if any(_is_there(ctx.facts, known.value) for known in listed):
        return
    for known in listed:
        yield Module(name=known.value, origin=known.origin, is_declared=True)


def _is_there(facts: SourceFacts, name: str) -> bool:
    return any(_is_module(facts, root, name) or _is_folder(facts, root, name) for root in _ROOTS)


def _root_of(facts: SourceFacts, beside: str, name: str) -> str:
    """Find the folder that holds `name`: beside the egg-info, `src`, `lib`, `python`, or the top."""
    roots = (beside, "src", "lib", "python", "")
    return next(
        (root for root in roots if _is_module(facts, root, name) or _is_folder(facts, root, name)), beside
    )


def _from_own_layout(ctx: InferContext) -> Iterator[Module]:
    """A module that is called like the project wins, wherever it lies."""
    for root in _ROOTS:
        own = tuple(name for name in _top_names(ctx.facts, root) if _is_own(ctx, name))
        if own:
            yield from _modules_below(ctx.facts, root, own)
            return


def _from_compiled(ctx: InferContext) -> Iterator[Module]:
    """CMake and Meson install packages whose Python files lie anywhere; their own modules say what it is called."""
    for module in compiled_modules(ctx):
        top = module.name.partition(".")[0]
        if module.origin.partition(":")[0].endswith(("CMakeLists.txt", "meson.build")):
            yield Module(name=top, origin=module.origin, is_declared=True)


def _from_layout(ctx: InferContext) -> Iterator[Module]:
    """Else the first root with modules."""
    for root in _ROOTS:
        names = tuple(_top_names(ctx.facts, root))
        likely = tuple(name for name in names if not _is_aside(name) and (root or name not in _ROOTS))
        if likely:
            yield from _modules_below(ctx.facts, root, likely)
            return


def _from_extensions(ctx: InferContext) -> Iterator[Module]:
    """A project may be a single extension module at the top."""
    for signal in ctx.facts.signals:
        is_top = _IDENTIFIER.fullmatch(signal.token) is not None and not signal.token.startswith("_")
        if signal.kind == "extension-module" and signal.path == "setup.py" and is_top:
            yield Module(name=signal.token, origin=f"{signal.path}:{signal.line}", is_declared=True)


def _modules_below(facts: SourceFacts, root: str, names: tuple[str, ...]) -> Iterator[Module]:
    for name in names:
        for module in _descend(facts, root, name):
            yield Module(name=module, origin=_origin(facts, root, module), is_declared=False)


def _top_names(facts: SourceFacts, root: str) -> Iterator[str]:
    """Yield the packages and modules directly below a root; a folder that is a package itself is no root."""
    prefix = f"{root}/" if root else ""
    if facts.has(f"{prefix}__init__.py"):
        return
    seen = set()
    for path in sorted(facts.paths):
        if not path.startswith(prefix):
            continue
        head, _, rest = path[len(prefix) :].partition("/")
        name = head if rest else head.removesuffix(".py")
        is_code = path.endswith(".py") and (rest or head.endswith(".py"))
        if is_code and name not in seen and _IDENTIFIER.fullmatch(name):
            seen.add(name)
            yield name


def _descend(facts: SourceFacts, root: str, name: str, depth: int = 0) -> Iterator[str]:
    """Yield `name`, or the packages inside it where it is a namespace."""
    folder = "/".join(part for part in (root, *name.split(".")) if part)
    if _is_module(facts, root, name) and not _is_namespace_code(facts, f"{folder}/__init__.py"):
        yield name
        return
    if depth >= _NAMESPACE_DEPTH:
        return
    every = [child for child in sorted(_children(facts, folder)) if not _TEST.fullmatch(child)]
    # What starts with an underscore is a detail of the part beside it.
    children = [child for child in every if not child.startswith("_")] or every
    found = [part for child in children for part in _descend(facts, root, f"{name}.{child}", depth + 1)]
    # A folder with many parts is the project's own, only without an __init__.py, and can be imported as it is.
    yield from found if len(found) <= _NAMESPACE_PARTS else (name,)


def _children(facts: SourceFacts, folder: str) -> set[str]:
    prefix = f"{folder}/"
    found = set()
    for path in facts.paths:
        if path.startswith(prefix) and path.endswith((".py", ".pyx", ".so", ".pyd")):
            head, _, rest = path[len(prefix) :].partition("/")
            name = head if rest else head.partition(".")[0]
            if _IDENTIFIER.fullmatch(name) and name != "__init__":
                found.add(name)
    return found


def _is_module(facts: SourceFacts, root: str, name: str) -> bool:
    stem = "/".join(part for part in (root, *name.split(".")) if part)
    return any(facts.has(f"{stem}{ending}") for ending in ("/__init__.py", ".py", "/__init__.pyx", ".pyx"))


def _is_folder(facts: SourceFacts, root: str, name: str) -> bool:
    prefix = "/".join(part for part in (root, *name.split(".")) if part) + "/"
    return any(path.startswith(prefix) for path in facts.paths)


def _is_namespace_code(facts: SourceFacts, init: str) -> bool:
    """Old-style namespaces have an `__init__.py` that only extends the path."""
    text = facts.text(init)
    if text is None or len(text) > 2_000 or not _NAMESPACE_CODE.search(text):
        return False
    code = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return len(code) <= 6


def _origin(facts: SourceFacts, root: str, module: str) -> str:
    stem = "/".join(part for part in (root, *module.split(".")) if part)
    candidates = (f"{stem}/__init__.py", f"{stem}.py")
    return next((path for path in candidates if facts.has(path)), stem)


def _is_own(ctx: InferContext, module: str) -> bool:
    """A module that is called like the project is meant, whatever its name suggests."""
    return module.partition(".")[0].lower() == ctx.project.pypi_name.value.replace("-", "_")


def _is_aside(module: str) -> bool:
    name = module.partition(".")[0]
    top = name.lower()
    if _TEST_CAMEL.fullmatch(name):
        return True
    return top in _ASIDE or _TEST.fullmatch(top) is not None or not _IDENTIFIER.fullmatch(top)


def _serves(ctx: InferContext, module: str) -> bool:
    """A module with a suspicious name counts where a command of the project lives in it."""
    homes: Iterable[str] = (point.module for point in ctx.project.entry_points)
    return any(home == module or home.startswith(f"{module}.") for home in homes)
