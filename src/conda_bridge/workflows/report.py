"""A conversion becomes its report: what is written beside the recipe and what `explain` shows."""

from collections.abc import Iterable
from hashlib import sha256

from conda_bridge.model.conversion import Conversion
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Address, Evidence
from conda_bridge.model.source import GitOrigin, LocalOrigin, SourceFacts, UrlOrigin
from conda_bridge.workflows.documents import Reason, Report, SourceRow, WrittenFile
from conda_bridge.workflows.lines import recipe_lines

__all__ = ["digest", "report_of", "without_credentials"]


def report_of(
    conversion: Conversion, *, files: Iterable[tuple[str, str]] = (), diagnostics: Iterable[Diagnostic] = ()
) -> Report:
    """Return the report of a conversion; the same conversion gives the same report.

    `files` are the (path, text) pairs of the recipe, paths relative to the report; `diagnostics` are findings
    that came after the conversion.

    Raises:
        RecipeError: `unrenderable-recipe`.
    """
    recipe = conversion.recipe
    return Report(
        source=_source_row(conversion.facts),
        conda_name=recipe.name,
        version=recipe.version,
        files=tuple(WrittenFile(path=path, sha256=digest(text)) for path, text in files),
        evidence=tuple(_reasons(recipe_lines(recipe), conversion.evidence)),
        diagnostics=(*conversion.diagnostics, *diagnostics),
        names=tuple(sorted(conversion.names, key=lambda hit: hit.pypi_name)),
    )


def digest(text: str) -> str:
    """Return the sha256 of `text` as it is written to a file."""
    return sha256(text.encode("utf-8")).hexdigest()


def without_credentials(text: str) -> str:
    """Return a source as typed, without the user and the password of a URL and without a query that holds a secret.

    >>> without_credentials("git+https://me:secret@example.org/a.git@v1")
    'git+https://example.org/a.git@v1'
    """
    scheme, mark, rest = text.partition("://")
    if not mark:
        return text
    from conda_bridge.translate.url_secrets import redacted  # noqa: PLC0415 - local sources don't need urllib

    prefix, plus, plain = scheme.rpartition("+")
    return f"{prefix}{plus}{redacted(f'{plain}{mark}{rest}')}"


def _reasons(lines: dict[Address, str], evidence: Iterable[Evidence]) -> Iterable[Reason]:
    """Yield one reason a piece of evidence, in the order of the recipe.

    What explains no line, such as why a recipe is not noarch, comes last in its section.
    """
    by_address: dict[Address, list[Evidence]] = {where: [] for where in lines}
    for one in evidence:
        by_address.setdefault(one.address, []).append(one)
    sections = list(dict.fromkeys(map(_section, by_address)))
    for where in sorted(by_address, key=lambda where: sections.index(_section(where))):
        for one in by_address[where]:
            yield Reason(
                address=where,
                value=lines.get(where, ""),
                certainty=one.certainty,
                rule=one.rule,
                origins=one.origins,
                note=one.note,
            )


def _section(where: Address) -> str:
    return "/".join(where.split("/", 2)[:2])


def _source_row(facts: SourceFacts) -> SourceRow:
    url, sha, commit = "", "", ""
    match facts.origin:
        case UrlOrigin():
            url, sha = facts.origin.url, facts.origin.sha256
        case GitOrigin():
            url, commit = facts.origin.url, facts.origin.commit
        case LocalOrigin():
            sha = facts.origin.sha256
    return SourceRow(
        reference=without_credentials(facts.ref.text),
        label=facts.label,
        url=without_credentials(url),
        sha256=sha,
        commit=commit,
        size_bytes=facts.size_bytes,
    )
