"""DepURLs become what they mean here: the id, the packages of each section, alternatives, and what is wrong with them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conda_bridge.errors import MetadataError
from conda_bridge.model.external import DepUrl, ExternalMapping, ExternalRow
from conda_bridge.model.names import is_valid_pypi_name, pypi_name
from conda_bridge.model.options import RecipeOptions
from conda_bridge.translate.depurls import is_known_type, normalised, parse_depurl
from conda_bridge.translate.external import best_row, nearest, placed, read_function, renamed_library
from conda_bridge.translate.match_specs import parse_match_spec
from conda_bridge.translate.versions import to_conda_spec
from conda_bridge.workflows.external import mapping_of
from conda_bridge.workflows.services import name_source

__all__ = ["ExternalChoice", "ExternalHit", "look_up_external"]

_OWN = "conda-bridge's table"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalChoice:
    """One way to provide an id."""

    build: tuple[str, ...] = ()
    """What the section gets, as recipes write it; empty for nothing."""
    host: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    source: str
    """The document or table that has the row."""
    description: str = ""
    remarks: tuple[str, ...] = ()
    """Why a package is replaced, or goes where it wasn't asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalHit:
    """What one DepURL means."""

    asked: str
    depurl: str
    """In today's spelling."""
    id: str
    canonical: str
    """The id that it stands for; the same one where it is no alias."""
    deprecated: tuple[str, ...] = ()
    """What is spelled otherwise today."""
    choices: tuple[ExternalChoice, ...] = ()
    """The first is what recipes get; none: no mapping knows the id."""
    nearest: str = ""
    """The known id that is most like an unknown one; empty where none is."""
    remarks: tuple[str, ...] = ()


def look_up_external(
    depurls: Iterable[str], *, options: RecipeOptions | None = None
) -> tuple[ExternalHit, ...]:
    """Return what each DepURL means, in the order asked; markers behind them are passed over.

    Raises:
        MetadataError: `invalid-depurl`.
        ConfigError: `invalid-config` for a mapping document of the user's.
    """
    chosen = options or RecipeOptions()
    mapping = mapping_of(chosen.external_mappings)
    return tuple(_hit(text, mapping, chosen) for text in depurls)


def _hit(asked: str, mapping: ExternalMapping, options: RecipeOptions) -> ExternalHit:
    text, deprecated = normalised(asked.partition(";")[0].strip(" "))
    try:
        dep = parse_depurl(text)
    except MetadataError as error:
        hint = f"is dep:generic/{text} meant?" if is_valid_pypi_name(text) else None
        raise MetadataError(error.slug, error.message, hint=hint) from error
    canonical = mapping.canonical(dep.id)
    is_known = bool(mapping.of(dep.id)) or dep.kind == "pypi"
    return ExternalHit(
        asked=asked,
        depurl=str(dep),
        id=dep.id,
        canonical=canonical,
        deprecated=deprecated,
        choices=tuple(_project(dep, options) if dep.kind == "pypi" else _choices(dep, mapping)),
        nearest="" if is_known else nearest(dep.id, mapping),
        remarks=tuple(_remarks(dep, mapping)),
    )


def _remarks(dep: DepUrl, mapping: ExternalMapping) -> Iterator[str]:
    if not is_known_type(dep.kind):
        yield f"{dep.kind!r} is no type of package"
    if dep.versions and any(row.unversioned for row in mapping.of(dep.id)[:1]):
        yield "its version is left out: packages that provide it count otherwise"


def _project(dep: DepUrl, options: RecipeOptions) -> Iterator[ExternalChoice]:
    if not is_valid_pypi_name(dep.name):
        return
    (hit,) = name_source(options).to_conda([pypi_name(dep.name)])
    spec = _text(hit.chosen, dep) if hit.chosen else ""
    specs = (spec,) if spec else ()
    remarks = (hit.reason,) if hit.reason else ()
    yield ExternalChoice(build=specs, host=specs, run=specs, source=hit.source, remarks=remarks)


def _choices(dep: DepUrl, mapping: ExternalMapping) -> Iterator[ExternalChoice]:
    rows = mapping.of(dep.id)
    first = best_row(rows) if rows else None
    for row in sorted(rows, key=lambda row: row is not first):
        yield _choice(row, dep)


def _choice(row: ExternalRow, dep: DepUrl) -> ExternalChoice:
    remarks: dict[str, None] = {}
    versioned = None if row.unversioned else dep
    build, host, run = (
        tuple(filter(None, (_shown(spec, versioned, remarks) for spec in specs)))
        for specs in (row.build, row.host, row.run)
    )
    if host and not run:
        specs = ", ".join(placed(row, "run")[1])
        remarks[f"in dependencies it gives {specs}; what is linked comes to run by itself"] = None
    return ExternalChoice(
        build=build,
        host=host,
        run=run,
        source=row.origin or _OWN,
        description=row.description,
        remarks=tuple(remarks),
    )


def _shown(spec: str, dep: DepUrl | None, remarks: dict[str, None]) -> str:
    if read_function(spec) is not None:
        return spec
    parsed = parse_match_spec(spec).value
    new, why = renamed_library(parsed.conda_name)
    if why:
        remarks[f"{parsed.conda_name} is replaced: {why}"] = None
    if new is None:
        return ""
    rest = str(parsed)[len(parsed.conda_name) :]
    return _text(f"{new}{rest}", dep)


def _text(spec: str, dep: DepUrl | None) -> str:
    """Return a spec with the version that is asked for."""
    version = to_conda_spec(dep.versions, style="recipe").value if dep is not None else ""
    if not version:
        return spec
    parsed = parse_match_spec(spec).value
    clauses = ",".join(filter(None, (parsed.version, version)))
    return " ".join(filter(None, (parsed.conda_name, clauses, parsed.build)))
