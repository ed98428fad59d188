"""Which modules and packages lie where in the file list.

Vocabulary: a *root* is the folder that is on the import path after installation (`src`, the top folder); a
*namespace* is a folder without code of its own whose parts come from several projects.
"""

import re
from collections.abc import Iterator

from conda_bridge.infer.modules.names import is_test
from conda_bridge.infer.scan.aside import is_vendored_or_test
from conda_bridge.model.source import SourceFacts

__all__ = [
    "ROOTS",
    "deep_packages",
    "descend",
    "has_code",
    "has_stubs",
    "is_folder",
    "is_module",
    "is_package",
    "origin_of",
    "root_of",
    "top_names",
]

ROOTS = ("src", "", "python", "lib")
_DEEP_ROOTS = frozenset(
    {"src", "python", "lib", "py", "pysrc", "src-python", "src_python", "python-src", "bindings"}
)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAMESPACE_CODE = re.compile(r"declare_namespace|extend_path|pkgutil")
_NAMESPACE_DEPTH = 4
_NAMESPACE_PARTS = 3


def root_of(facts: SourceFacts, beside: str, name: str) -> str:
    """Find the folder that holds `name`: beside the egg-info, `src`, `lib`, `python`, or the top."""
    roots = (beside, "src", "lib", "python", "")
    return next(
        (root for root in roots if is_module(facts, root, name) or is_folder(facts, root, name)), beside
    )


def top_names(facts: SourceFacts, root: str) -> Iterator[str]:
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


def descend(facts: SourceFacts, root: str, name: str, depth: int = 0) -> Iterator[str]:
    """Yield `name`, or the packages inside it where it is a namespace."""
    folder = _stem(root, name)
    if is_module(facts, root, name) and not _is_namespace_code(facts, f"{folder}/__init__.py"):
        yield name
        return
    if depth >= _NAMESPACE_DEPTH:
        return
    every = [child for child in sorted(_children(facts, folder)) if not is_test(child)]
    # What starts with an underscore is a detail of the part beside it.
    children = [child for child in every if not child.startswith("_")] or every
    found = [part for child in children for part in descend(facts, root, f"{name}.{child}", depth + 1)]
    # A folder with many parts is the project's own, only without an __init__.py, and can be imported as it is.
    yield from found if len(found) <= _NAMESPACE_PARTS else (name,)


def deep_packages(facts: SourceFacts) -> Iterator[tuple[str, str]]:
    """Yield (root, name) of each package below a folder that is called like a root, in the order of the paths."""
    for path in sorted(facts.paths):
        folder = path.removesuffix("/__init__.py")
        root, _, name = folder.rpartition("/")
        is_root = root.rpartition("/")[2].lower() in _DEEP_ROOTS
        if folder == path or not is_root or is_vendored_or_test(f"{root}/__init__.py"):
            continue
        if _IDENTIFIER.fullmatch(name) and not facts.has(f"{root}/__init__.py"):
            yield root, name


def is_package(facts: SourceFacts, root: str, name: str) -> bool:
    """Tell whether a dotted name is a folder with code of its own."""
    return facts.has(f"{_stem(root, name)}/__init__.py")


def is_module(facts: SourceFacts, root: str, name: str) -> bool:
    """Tell whether a dotted name is a package or a module."""
    stem = _stem(root, name)
    return any(facts.has(f"{stem}{ending}") for ending in ("/__init__.py", ".py", "/__init__.pyx", ".pyx"))


def is_folder(facts: SourceFacts, root: str, name: str) -> bool:
    """Tell whether a dotted name is a folder."""
    prefix = f"{_stem(root, name)}/"
    return any(path.startswith(prefix) for path in facts.paths)


def has_code(facts: SourceFacts, root: str, name: str) -> bool:
    """Tell whether a dotted name is a package or a module, or a folder that has some in it."""
    prefix = f"{_stem(root, name)}/"
    return is_module(facts, root, name) or any(
        path.startswith(prefix) and path.endswith("/__init__.py") for path in facts.paths
    )


def has_stubs(facts: SourceFacts, root: str, name: str) -> bool:
    """Tell whether only types are written down of a name: the build makes its code."""
    stem = _stem(root, name)
    folder = _stem(root, f"{name}-stubs")
    return any(facts.has(path) for path in (f"{stem}.pyi", f"{stem}/__init__.pyi", f"{folder}/__init__.pyi"))


def origin_of(facts: SourceFacts, root: str, module: str) -> str:
    """Return the file that shows a module; its folder where that has no code of its own."""
    stem = _stem(root, module)
    candidates = (f"{stem}/__init__.py", f"{stem}.py")
    return next((path for path in candidates if facts.has(path)), stem)


def _stem(root: str, name: str) -> str:
    return "/".join(part for part in (root, *name.split(".")) if part)


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


def _is_namespace_code(facts: SourceFacts, init: str) -> bool:
    """Old-style namespaces have an `__init__.py` that only extends the path."""
    text = facts.text(init)
    if text is None or len(text) > 2_000 or not _NAMESPACE_CODE.search(text):
        return False
    code = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return len(code) <= 6
