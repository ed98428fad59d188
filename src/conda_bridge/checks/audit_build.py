"""What a build needs beside its Python requirements: compilers and programs, the rows of a cross build, python, pip.

Recipes that aren't built on other platforms have no rows for it, which is their choice: rows are only compared
with each other's company.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from conda_bridge.checks.audit_entries import AuditEntry
from conda_bridge.checks.audit_requirements import SectionSides, compare_sections
from conda_bridge.checks.audit_targets import cross_targets, is_cross, where_text
from conda_bridge.checks.audit_upstream import UpstreamSide
from conda_bridge.checks.audit_wants import Want
from conda_bridge.checks.context import CheckContext
from conda_bridge.checks.walking import outputs_of, texts_below
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.model.condition import evaluate

__all__ = ["compare_build", "compare_interpreter"]

_COMPILER = re.compile(r"compiler\((?:m2w64_)?([a-z0-9-]+)\)")
_LANGUAGES = {
    "clang": "c", "gcc": "c", "vs": "c", "clangxx": "cxx", "gxx": "cxx", "go-cgo": "go", "go-nocgo": "go",
    "rust-nightly": "rust", "gfortran": "fortran", "flang": "fortran",
}  # fmt: skip
_INSTEAD = {"make": "ninja", "samurai": "ninja", "pkgconf": "pkg-config"}
"""Programs that do another one's work."""

_CALLS = {
    "python": re.compile(r"\bpython3?\b|\bPYTHON\b|(?<![\w-])pip3?\s"),
    "pip": re.compile(r"(?<!uv )(?<![\w-])pip3?(?:\.exe)?\s[^\n]*\b(?:install|wheel)\b"),
}
_SCRIPTS = (".sh", ".bat")
_NO_BUILD_SCRIPT = re.compile(r"/|run_test\.|(?:pre|post)-(?:link|unlink)\.|(?:de)?activate")


def compare_build(sides: SectionSides, upstream: UpstreamSide) -> Iterator[AuditEntry]:
    """Yield where the build sections differ: compilers and programs, then what cross-compiling needs."""
    recipe, lent = (tuple(map(_canonical, wants)) for wants in (sides.recipe, sides.lent))
    named = {want.name for want in (*recipe, *lent)}
    wanted = sides.upstream
    if "compiler(cxx)" in named:
        # Whether a C++ project needs the C compiler by that name can't be told from its files.
        wanted = tuple(want for want in wanted if want.name != "compiler(c)")
    done = {_INSTEAD[name] for name in named & _INSTEAD.keys()} - named
    known = sides.known | {name for name, other in _INSTEAD.items() if other in sides.known}
    sides = replace(sides, recipe=recipe, lent=lent, known=known)
    yield from compare_sections(replace(sides, upstream=tuple(w for w in wanted if w.name not in done)))
    targets = cross_targets(sides.targets)
    if targets and any(map(is_cross, recipe)):
        crossed = replace(sides, upstream=upstream.cross_wants(), lent=(), targets=targets)
        for entry in compare_sections(crossed):
            if entry.kind == "missing":
                where = " on ".join(filter(None, ("cross-compiling", entry.condition)))
                yield replace(entry, condition=where)


def compare_interpreter(
    sides: SectionSides, document: RecipeDocument, ctx: CheckContext
) -> Iterator[AuditEntry]:
    """Yield python and pip where the build script calls them and the section of the build's packages lacks them."""
    script = _script(document, ctx)
    for name, call in _CALLS.items():
        theirs = [want for want in sides.recipe if want.name == name]
        lacking = [
            t
            for t in sides.targets
            if not any(w.condition is None or evaluate(w.condition, t) for w in theirs)
        ]
        if lacking and not sides.has_unknown_names and (found := call.search(script)):
            yield AuditEntry(
                kind="missing",
                section="host",
                conda_name=name,
                upstream=name,
                condition=where_text(lacking, sides.targets),
                reason=f"the build script says {' '.join(found[0].split())!r}",
                line=sides.line,
            )


def _canonical(want: Want) -> Want:
    found = _COMPILER.fullmatch(want.name)
    return replace(want, name=f"compiler({_LANGUAGES.get(found[1], found[1])})") if found else want


def _script(document: RecipeDocument, ctx: CheckContext) -> str:
    nodes = [*document.nodes("build", "script")]
    for output in outputs_of(document):
        nodes += (*document.nodes("build", "script", within=output), *document.nodes("script", within=output))
    texts = [scalar.text for node in nodes for scalar in texts_below(node)]
    files = [
        text for name, text in ctx.files if name.endswith(_SCRIPTS) and not _NO_BUILD_SCRIPT.search(name)
    ]
    return "\n".join((*texts, *files))
