"""What a conda package says of itself -> METADATA, for a package whose files hold none.

Every text of it is a stranger's: it becomes one line, or the body, so that none can say more than its field.

Source: core metadata 2.4; PEP 639 (licences), PEP 643 (Dynamic), PEP 753 (labels of links); CEP 34, about.json.
"""

import re
from collections.abc import Collection, Iterable, Mapping

from packaging.requirements import Requirement

from conda_bridge.errors import RepackError
from conda_bridge.infer.project.markers import normalized_extra
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName, is_valid_pypi_name
from conda_bridge.protocols import NameSource
from conda_bridge.repack.to_wheel.egg_info import requirement_of_extra
from conda_bridge.repack.to_wheel.package_facts import PackageFacts
from conda_bridge.repack.wheels.metadata_text import MetadataText, single_line
from conda_bridge.translate.license_ids import canonical
from conda_bridge.translate.requirements_from_conda import (
    is_virtual,
    projects_of,
    requirement_from_conda,
    requires_python_from_conda,
)

__all__ = [
    "conda_extras",
    "conda_requirements",
    "is_python",
    "license_place",
    "license_places",
    "project_of_package",
    "synthesised_metadata",
]

_LINKS = {"home": "Homepage", "dev_url": "Source", "doc_url": "Documentation"}
_LINK = re.compile(r"https?://[!-~]{1,2000}")
_MAX_BODY = 200_000
_NO_BODY = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_PYTHON_SPEC = re.compile(r"(?:[^\s\[\]]+::)?python(?:$|[\s\[=<>!~])", re.IGNORECASE)
_UNSAFE_IN_PATH = re.compile(r"[^A-Za-z0-9._+ /-]")


def synthesised_metadata(
    facts: PackageFacts, version: str, *, project: PypiName, names: NameSource
) -> tuple[MetadataText, tuple[Diagnostic, ...]]:
    """Return METADATA made of the package's record, and what was noticed; it says which fields were guessed.

    Raises:
        RepackError: `non-pypi-dependency`, `build-string-spec`, `or-spec`.
        TranslationError: `inexpressible-spec`.
    """
    requirements, noticed = conda_requirements(facts, names)
    extras, more = conda_extras(facts, names)
    python = requires_python_from_conda(filter(is_python, facts.record.depends))
    licence = _license_fields(facts)
    pairs = [
        ("Name", project),
        ("Version", version),
        ("Dynamic", "Requires-Dist"),
        ("Dynamic", "Requires-Python"),
        ("Summary", single_line(_text(facts.about, "summary"))),
        *_links(facts.about),
        *licence,
        ("Requires-Python", str(python.value)),
        *(("License-File", place) for place, _ in license_places(facts)),
        *(("Requires-Dist", str(requirement)) for requirement in requirements),
        *extras,
    ]
    body = _body(_text(facts.about, "description"))
    if body:
        pairs.insert(len(pairs) - len(extras), ("Description-Content-Type", "text/plain"))
    text = MetadataText(fields=()).adding([("Metadata-Version", "2.4"), *(p for p in pairs if p[1])])
    message = "the package has no metadata of its project's; it was made of what conda's record says"
    warning = finding("synthesised-metadata", message, origin=facts.record.stem)
    return text.with_body(body), (warning, *noticed, *more, *python.diagnostics)


def project_of_package(facts: PackageFacts, names: NameSource) -> PypiName:
    """Return the project that a package belongs to, best guess.

    Raises:
        RepackError: `package-metadata` where none can be called so.
    """
    projects = projects_of(facts.record.conda_name, names)
    if projects:
        return projects[0]
    if not is_valid_pypi_name(facts.record.conda_name):
        message = f"no project of PyPI can be called {facts.record.conda_name!r}"
        raise RepackError("package-metadata", message)
    return PypiName(normalized_extra(facts.record.conda_name))


def is_python(spec: str) -> bool:
    """Tell whether a match spec is about python itself."""
    return _PYTHON_SPEC.match(spec.strip()) is not None


def conda_requirements(
    facts: PackageFacts, names: NameSource, *, named: Collection[PypiName] = ()
) -> tuple[tuple[Requirement, ...], tuple[Diagnostic, ...]]:
    """Return what the package depends on as requirements, without python and what a system has.

    Args:
        facts: the package.
        names: which projects its dependencies are.
        named: projects that its own METADATA asks for; see `requirement_from_conda`.

    Raises:
        RepackError: `non-pypi-dependency`, `build-string-spec`, `or-spec`.
        TranslationError: `inexpressible-spec`.
    """
    return _requirements(facts.record.depends, names, named)


def conda_extras(
    facts: PackageFacts,
    names: NameSource,
    *,
    named: Collection[PypiName] = (),
    declared: Collection[str] = (),
) -> tuple[list[tuple[str, str]], tuple[Diagnostic, ...]]:
    """Return Provides-Extra and Requires-Dist of the optional groups that are no extra that was declared. Source: CEP 44."""
    fields: list[tuple[str, str]] = []
    diagnostics: list[Diagnostic] = []
    for name, specs in sorted(facts.extra_depends.items()):
        if not is_valid_pypi_name(name):
            message = f"the optional group {name!r:.80} is left out: no extra can be called so"
            diagnostics.append(finding("record-ignored", message))
            continue
        extra = normalized_extra(name)
        if extra in declared:
            continue
        requirements, noticed = _requirements(specs, names, named)
        fields.append(("Provides-Extra", extra))
        fields += (("Requires-Dist", str(requirement_of_extra(one, extra))) for one in requirements)
        diagnostics += noticed
    return fields, tuple(diagnostics)


def _requirements(
    specs: Iterable[str], names: NameSource, named: Collection[PypiName]
) -> tuple[tuple[Requirement, ...], tuple[Diagnostic, ...]]:
    found = [
        requirement_from_conda(spec, names, named=named)
        for spec in specs
        if not (is_virtual(spec) or is_python(spec))
    ]
    diagnostics = dict.fromkeys(row for one in found for row in one.diagnostics)
    unique = {str(one.value): one.value for one in found}
    return tuple(unique[text] for text in sorted(unique)), tuple(diagnostics)


# ---------------------------------------------------------------- about.json


def _text(about: Mapping[str, str | tuple[str, ...]], key: str) -> str:
    value = about.get(key, "")
    return value if isinstance(value, str) else " ".join(value)


def _links(about: Mapping[str, str | tuple[str, ...]]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, label in _LINKS.items():
        value = about.get(key, "")
        url = value if isinstance(value, str) else next(iter(value), "")
        if _LINK.fullmatch(url.strip()):
            found.append(("Project-URL", f"{label}, {url.strip()}"))
    return found


def _license_fields(facts: PackageFacts) -> list[tuple[str, str]]:
    said = single_line(_text(facts.about, "license") or facts.record.license)
    expression = canonical(said) if said else None
    return [("License-Expression", expression)] if expression else [("License", said)]


def license_place(path: str) -> str:
    """Return where a licence text goes below `licenses/`: its own path, without what a field can't name."""
    parts = _UNSAFE_IN_PATH.sub("_", path).replace("..", "_").split("/")
    return "/".join(part.strip() for part in parts if part.strip(" ."))


def license_places(facts: PackageFacts) -> tuple[tuple[str, bytes], ...]:
    """Return (place below `licenses/`, content) of all licence texts, each place once."""
    placed = {license_place(path): content for path, content in reversed(facts.licenses)}
    return tuple((place, placed[place]) for place in reversed(placed) if place)


def _body(description: str) -> str:
    lines = (line.rstrip() for line in _NO_BODY.sub("", description.replace("\r\n", "\n")).split("\n"))
    body = "\n".join(lines).strip("\n")[:_MAX_BODY]
    return f"{body}\n" if body.strip() else ""
