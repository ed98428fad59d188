"""Pins: of a recipe's own outputs, of what it was built with, and of the distributor's pinned packages.

Source: conda-smithy, R-027, CF-006.
"""

import re
from collections import Counter
from collections.abc import Iterator

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.noarch import variant_keys
from conda_bridge.checks.sections import first_word, spec_text
from conda_bridge.checks.walking import node_at, texts, value_at
from conda_bridge.formats.document import OutputDocument, RecipeDocument
from conda_bridge.formats.yaml_tree import MappingNode, ScalarNode
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["RULES", "pinned_versions_are_not_overridden", "pins_fit_the_outputs"]

_PIN = re.compile(
    r"^\s*\$?\{\{-?\s*pin_(compatible|subpackage)\(\s*(?:(['\"])([^'\"]*)\2|([A-Za-z_]\w*))\s*[,)]", re.ASCII
)
_VARIANT_FILES = "../.ci_support/"


def pins_fit_the_outputs(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-027: `pin_subpackage` is for outputs of the recipe, `pin_compatible` for anything else.

    Judged are run_exports and, of v0, host and run, as the linter does. A name that can't be told isn't judged.
    """
    own = _own_names(document)
    for output in document.outputs:
        for entry in _pinned(document, output):
            yield from _pin_findings(document, entry, own)


def _own_names(document: RecipeDocument) -> frozenset[str]:
    names = {output.name for output in document.outputs}
    for node in document.nodes("package", "name"):
        names |= {document.value_of(node.text).strip()} if isinstance(node, ScalarNode) else set()
    return frozenset(names)


def _pinned(document: RecipeDocument, output: OutputDocument) -> Iterator[ScalarNode]:
    if document.format == "v0":
        yield from texts(node_at(document, output.node, "build", "run_exports"))
        for section in ("host", "run"):
            for item in output.section(section):
                yield ScalarNode(text=item.written, line=item.line)
        return
    exports = value_at(node_at(document, output.node, "requirements"), "run_exports")
    if isinstance(exports, MappingNode) and not any(key.text == "if" for key, _ in exports.entries):
        for _, value in exports.entries:
            yield from texts(value)
    else:
        yield from texts(exports)


def _pin_findings(document: RecipeDocument, entry: ScalarNode, own: frozenset[str]) -> Iterator[Diagnostic]:
    found = _PIN.match(entry.text)
    if found is None:
        return
    name = found[3] if found[4] is None else dict(document.variables).get(found[4])
    if name is None or "{{" in name or "" in own:
        return
    if found[1] == "compatible" and name in own:
        message = f"pin_compatible is used of {name}, which this recipe builds"
        hint = "use pin_subpackage"
    elif found[1] == "subpackage" and name not in own:
        message = f"pin_subpackage is used of {name}, which this recipe doesn't build"
        hint = "use pin_compatible"
    else:
        return
    yield lint(document, "lint-pin-function", message, line=entry.line, hint=hint)


def pinned_versions_are_not_overridden(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """CF-006: host has no version of a package that the feedstock's variants pin.

    A package that stands there twice (bare, and with a bound) isn't judged, nor are versions by Jinja in v1, nor
    python_min, which the linter takes for a version in v0.
    """
    pinned = {
        key
        for path, text in ctx.files
        if path.startswith(_VARIANT_FILES) and path.endswith(".yaml")
        for key in variant_keys(text)
    }
    for output in document.outputs:
        items = [(spec_text(document, item.written), item) for item in output.section("host")]
        counts = Counter(first_word(text) for text, _ in items)
        for text, item in items:
            name = first_word(text)
            is_chosen = "${{" not in text and "python_min" not in item.written
            has_version = bool(text.removeprefix(name).strip())
            if is_chosen and has_version and name in pinned and counts[name] == 1:
                message = f"`{item.written}` overrides the version that the feedstock pins"
                yield lint(document, "lint-pin-overridden", message, line=item.line)


RULES: tuple[Check, ...] = (pins_fit_the_outputs, pinned_versions_are_not_overridden)
