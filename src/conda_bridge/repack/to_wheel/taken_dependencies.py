"""Dependencies of conda's record -> METADATA: a Requires-Python that it lacks, or all that holds without an extra.

Where conda's are taken, extras stay as METADATA has them: the record hasn't got them. So do requirements whose marker
is false on linux and which the record doesn't name, and the extras of a dependency (`requests[socks]`): conda has no way
to say either.

Source: core metadata, Requires-Python, Requires-Dist; CEP 44.
"""

from collections.abc import Callable, Iterable, Mapping

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from conda_bridge.archives.paths import shown
from conda_bridge.errors import BridgeError, MetadataError
from conda_bridge.infer.project.markers import normalized_extra
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import ALWAYS
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName, pypi_name
from conda_bridge.protocols import NameSource
from conda_bridge.repack.to_wheel.needs import Need
from conda_bridge.repack.to_wheel.package_facts import PackageFacts
from conda_bridge.repack.to_wheel.synthesised import conda_extras, conda_requirements, is_python
from conda_bridge.repack.wheels.metadata_text import Field, MetadataText
from conda_bridge.translate.requirements_from_conda import requires_python_from_conda
from conda_bridge.translate.untrusted import check_readable

__all__ = ["with_conda_dependencies", "with_requires_python"]

_SAID_BY_PY3 = frozenset({"", ">=3", ">=3.0"})
"""What the tag `py3`, alone, says of a wheel anyway; packages of wheels without Requires-Python ask for no more."""
_WITHOUT_EXTRAS = frozenset({"1.0", "1.1", "1.2", "2.0"})
_ORDER = {">": 0, "~": 0, "=": 1, "!": 2, "<": 3}


def with_requires_python(
    text: MetadataText, depends: Iterable[str], *, interpreters: Iterable[str]
) -> tuple[MetadataText, tuple[Diagnostic, ...]]:
    """Return METADATA with the Requires-Python that only conda knows: the one change that kept METADATA sees.

    One that can't be read says nothing: installers pass over it, so that conda's stands in its place.

    Args:
        text: METADATA.
        depends: what the package depends on.
        interpreters: of the wheel's tags: what they say needs no field.
    """
    written = text.value("requires-python")
    if written and _is_specifier(written):
        return text, ()
    lack = (
        f"has a Requires-Python that can't be read, {shown(written)}" if written else "has no Requires-Python"
    )
    try:
        python = requires_python_from_conda(filter(is_python, depends))
    except BridgeError as error:
        message = f"METADATA {lack}, and none was added: {error.message}"
        return text, (finding("requires-python-added", message),)
    said_by_tag = _SAID_BY_PY3 if tuple(interpreters) == ("py3",) else {""}
    if str(python.value) in said_by_tag:
        return text, python.diagnostics
    said = _ordered(str(python.value))
    message = f"METADATA {lack}; conda's {'stands in its place' if written else 'was added'}: {said}"
    added = finding("requires-python-added", message)
    return _raised(text).setting("Requires-Python", said), (added, *python.diagnostics)


def with_conda_dependencies(
    text: MetadataText, needs: tuple[Need, ...], facts: PackageFacts, names: NameSource
) -> tuple[MetadataText, tuple[Diagnostic, ...]]:
    """Return METADATA with what the package depends on in place of what held without an extra.

    Raises:
        RepackError: `non-pypi-dependency`, `build-string-spec`, `or-spec`.
        MetadataError: `invalid-requirement`.
        TranslationError: `inexpressible-spec`.
    """
    named = {need.pypi_name for need in needs}
    requirements, noticed = conda_requirements(facts, names, named=named)
    declared = {normalized_extra(value) for value in text.values("provides-extra")}
    groups, more = conda_extras(facts, names, named=named, declared=declared)
    python = requires_python_from_conda(filter(is_python, facts.record.depends))
    kept = _unsayable(needs, {pypi_name(one.name) for one in requirements})
    text = _raised(text.without(_is_replaced(needs, kept)))
    if str(python.value):
        text = text.setting("Requires-Python", _ordered(str(python.value)))
    extras = _extras_always_needed(needs)
    taken = (("Requires-Dist", str(_with_extras(one, extras))) for one in requirements)
    text = text.adding([*taken, *groups])
    return text, (*noticed, *more, *python.diagnostics)


def _is_specifier(text: str) -> bool:
    try:
        check_readable(text)
        SpecifierSet(text)
    except (MetadataError, InvalidSpecifier):
        return False
    return True


def _raised(text: MetadataText) -> MetadataText:
    """Return METADATA in a version of the format that has the fields which are added."""
    is_old = text.value("metadata-version") in _WITHOUT_EXTRAS
    return text.setting("Metadata-Version", "2.1") if is_old else text


def _ordered(specifiers: str) -> str:
    """Return specifiers as people write them: the lower bound, the holes, the upper bound."""
    return ",".join(sorted(specifiers.split(","), key=lambda one: (_ORDER[one[0]], _version(one), one)))


def _version(clause: str) -> Version:
    try:
        return Version(clause.strip("<>=!~").removesuffix(".*"))
    except InvalidVersion:
        return Version("0")


def _unsayable(needs: Iterable[Need], known: set[PypiName]) -> frozenset[str]:
    """Return the requirements that conda has no way to say, and doesn't name."""
    return frozenset(need.text for need in needs if need.pypi_name not in known and not need.is_for_linux)


def _is_replaced(needs: Iterable[Need], kept: frozenset[str]) -> Callable[[Field], bool]:
    replaced = {need.text for need in needs if need.condition is not None and not need.extras} - kept
    return lambda field: field.name == "requires-dist" and " ".join(field.value.split()) in replaced


def _extras_always_needed(needs: Iterable[Need]) -> dict[PypiName, set[str]]:
    """Return the extras that METADATA asks for wherever the project is installed, by the project that has them."""
    found: dict[PypiName, set[str]] = {}
    for need in needs:
        if need.condition == ALWAYS:
            found.setdefault(need.pypi_name, set()).update(need.requirement.extras)
    return found


def _with_extras(requirement: Requirement, known: Mapping[PypiName, set[str]]) -> Requirement:
    extras = known.get(pypi_name(requirement.name), set()) - requirement.extras
    if not extras:
        return requirement
    found = Requirement(str(requirement))
    found.extras |= extras
    return found
