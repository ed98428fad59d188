"""Lint of how a package is built: number, noarch, build backend, script, and what long gone ways left behind.

Source: conda-smithy, R-008, R-017, R-020, R-031, R-032, R-041, R-046, R-049, R0-006. CB-004 is R-031 and R-032
where conda-smithy overlooks the compiler: in all of meta.yaml, among others.
"""

import re
from collections.abc import Iterator

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.walking import outputs_of, texts_below
from conda_bridge.formats.document import Item, OutputDocument, RecipeDocument
from conda_bridge.formats.tree_paths import is_null
from conda_bridge.formats.yaml_tree import MappingNode
from conda_bridge.model.diagnostic import Diagnostic

__all__ = [
    "RULES",
    "build_has_a_number",
    "licenses_of_crates_and_modules_are_bundled",
    "no_legacy_requirements",
    "noarch_is_suggested",
    "noarch_is_valid",
    "pip_has_a_build_backend",
    "pip_installs",
]

_JINJA = "{{"
_NOARCH = frozenset({"python", "generic"})
_COMPILER = re.compile(r"""\bcompiler\(\s*['"]([^'"]*)['"]""")
_BUNDLERS = (
    ("rust", "cargo-bundle-licenses", "lint-rust-licenses"),
    ("go", "go-licenses", "lint-go-licenses"),
)
_BUILD_THEMSELVES = frozenset({"hatchling", "pdm-backend", "setuptools"})
"""Backends that are built by themselves; the others need one of these or another to be built."""
_SETUP_PY = re.compile(
    r"(?:\bpython|\{\{ *PYTHON *\}\}|\$PYTHON|\$\{PYTHON\}|%PYTHON%) +setup\.py +install\b"
)


def build_has_a_number(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-008: the recipe says its build number, also where outputs say theirs."""
    found = document.nodes("build", "number")
    if all(is_null(node) for node in found):
        line = document.key_line("build", "number") or document.key_line("build")
        yield lint(document, "lint-no-build-number", "build has no number", line=line)


def noarch_is_valid(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-020: noarch is python or generic."""
    for scope in (document.root, *outputs_of(document)):
        for item in document.items("build", "noarch", within=scope):
            if _JINJA not in item.value and item.value not in _NOARCH:
                yield lint(
                    document,
                    "lint-noarch-value",
                    f"noarch is {item.value[:80]!r}",
                    line=item.line,
                )


def no_legacy_requirements(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-017, R0-006: nobody pins `numpy x.x` or requires `toolchain` any more."""
    for output in document.outputs:
        for item in (item for _section, items in output.requirements for item in items):
            if item.value.split() == ["numpy", "x.x"]:
                yield lint(document, "lint-pinned-numpy", "the requirement is 'numpy x.x'", line=item.line)
        for item in output.section("build"):
            if item.value == "toolchain":
                yield lint(document, "lint-toolchain", "the requirement is 'toolchain'", line=item.line)


def licenses_of_crates_and_modules_are_bundled(
    document: RecipeDocument, _: CheckContext
) -> Iterator[Diagnostic]:
    """R-031, R-032, CB-004: what Rust or Go link into a program comes with its licences."""
    items = tuple(item for output in document.outputs for item in output.section("build"))
    names = {_name_of(item) for item in items} | set(_recipe_names(document))
    for language, bundler, slug in _BUNDLERS:
        compiled = next((item for item in items if language in _COMPILER.findall(item.written)), None)
        if compiled and bundler not in names:
            yield lint(
                document,
                slug if _is_seen(document, language) else "lint-licenses-not-bundled",
                f"build has a {language} compiler, but no {bundler}",
                line=compiled.line,
            )


def _is_seen(document: RecipeDocument, language: str) -> bool:
    """Return whether conda-smithy sees a compiler: of recipe.yaml itself, in one of the ways to quote."""
    if document.format == "v0":
        return False
    tops = (output for output in document.outputs if output.is_top_level)
    written = {item.written for output in tops for item in output.section("build")}
    return f"${{{{ compiler('{language}') }}}}" in written


def noarch_is_suggested(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R-041: a new recipe that compiles nothing and depends on no platform could be noarch."""
    top = next((output for output in document.outputs if output.is_top_level), None)
    if (
        top is None
        or ctx.is_feedstock
        or document.nodes("build", "noarch")
        or document.nodes("build", "skip")
    ):
        return
    build = top.section("build")
    pip = next((item for item in build if item.value == "pip"), None)
    is_native = any(_COMPILER.search(item.written) for item in build)
    is_conditional = any(item.conditions for _section, items in top.requirements for item in items)
    if pip is not None and not is_native and not is_conditional:
        yield lint(
            document, "lint-suggest-noarch", "pip is a build requirement, and nothing compiles", line=pip.line
        )


def pip_has_a_build_backend(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R-046: where pip builds, host has a backend that conda-smithy knows."""
    if "hint_pip_no_build_backend" in ctx.forge.skip:
        return
    known = {_spelled(row.requirement) for row in ctx.toolchains.backends if row.is_known_to_linter}
    for output in document.outputs:
        items = output.section("host") or output.section("build")
        pip = next((item for item in items if _name_of(item) == "pip"), None)
        name = next(iter(_recipe_names(document)), "") if output.is_top_level else output.name
        if pip is None or name in _BUILD_THEMSELVES or _is_flat(document, output):
            continue
        if not any(_spelled(_name_of(item)) in known for item in items):
            yield lint(document, "lint-no-build-backend", "pip builds without a known backend", line=pip.line)


def pip_installs(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-049: the script doesn't run setup.py to install."""
    for scope in (document.root, *outputs_of(document)):
        for node in document.nodes("build", "script", within=scope):
            for text in texts_below(node):
                if _SETUP_PY.search(text.text):
                    yield lint(document, "lint-setup-py-install", "setup.py installs", line=text.line)


def _name_of(item: Item) -> str:
    return item.value.split(" ")[0]


def _spelled(name: str) -> str:
    return name.replace("_", "-")


def _recipe_names(document: RecipeDocument) -> Iterator[str]:
    for section in ("package", "recipe"):
        for item in document.items(section, "name"):
            yield item.value.strip()


def _is_flat(document: RecipeDocument, output: OutputDocument) -> bool:
    """Return whether an output of meta.yaml lists its requirements without sections."""
    nodes = document.nodes("requirements", within=output.node)
    return not all(isinstance(node, MappingNode) for node in nodes)


RULES: tuple[Check, ...] = (
    build_has_a_number,
    noarch_is_valid,
    no_legacy_requirements,
    licenses_of_crates_and_modules_are_bundled,
    noarch_is_suggested,
    pip_has_a_build_backend,
    pip_installs,
)
