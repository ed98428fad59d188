"""A source or a finished recipe becomes its reasons: why each line is there."""

import difflib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from conda_bridge.archives.typed_paths import is_file
from conda_bridge.errors import UsageError
from conda_bridge.model.codes import finding
from conda_bridge.model.options import RecipeOptions
from conda_bridge.protocols import Reporter, SilentReporter
from conda_bridge.workflows.codec import loads
from conda_bridge.workflows.documents import Reason, Report
from conda_bridge.workflows.report import digest, report_of

__all__ = ["SUFFIX", "explain", "is_recipe", "matches"]

SUFFIX = ".bridge.json"

_RECIPE_FILES = ("recipe.yaml", "meta.yaml")
_FORMAT_FOLDERS = ("v0", "v1")
_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg", "PKG-INFO")


def explain(
    source: str,
    address: str = "",
    *,
    options: RecipeOptions | None = None,
    reporter: Reporter | None = None,
) -> Report:
    """Return the report of a source or of a recipe folder, with the lines that `address` names.

    A recipe folder has its report beside it; the report itself may be named too. A source is converted, without
    writing anything. An address is `<output>/<section>/<key>`, its beginning, a section or a conda name; empty
    means every line.

    Raises:
        UsageError: `no-report`, `invalid-document`, `unknown-address`.
        BridgeError: whatever `convert` raises.
    """
    path = _report_path(source)
    report = _converted(source, options, reporter) if path is None else _read(path)
    if not address:
        return report
    chosen = tuple(reason for reason in report.evidence if matches(reason.address, address))
    if not chosen:
        raise _unknown(address, report.evidence)
    return replace(report, evidence=chosen)


def matches(address: str, asked: str) -> bool:
    """Tell whether `asked` names the line at `address`.

    >>> [matches("click/requirements.run/colorama", q) for q in ("colorama", "run", "click/requirements", "col")]
    [True, True, True, False]
    """
    _, section, key = [*address.split("/", 2), "", ""][:3]
    names = (address, f"{section}/{key}", section, section.rpartition(".")[2], key)
    return asked in names or any(name.startswith((f"{asked}/", f"{asked}.")) for name in names)


def is_recipe(source: str) -> bool:
    """Tell whether `source` is a recipe or its report, not something to convert."""
    try:
        return _report_path(source) is not None
    except UsageError:
        return True


def _report_path(source: str) -> Path | None:
    """Return where the report of a recipe lies; None where `source` is something to convert."""
    path = Path(source)
    if source.endswith(SUFFIX):
        return path
    folder = path.parent if path.name in _RECIPE_FILES and is_file(path) else path
    if not any(is_file(folder / name) for name in _RECIPE_FILES):
        return None
    if any((folder / name).exists() for name in _PROJECT_FILES):
        # A project that keeps a recipe beside its sources.
        return None
    name = folder.resolve().name + SUFFIX
    report = folder.absolute().with_name(name)
    if not report.is_file() and report.parent.name in _FORMAT_FOLDERS:
        # Of two formats the second has a folder of its own, the report is that of both.
        report = report.parent.with_name(name)
    if not report.is_file():
        raise UsageError(
            "no-report", f"there is no {report.name} beside the recipe's folder", where=str(folder)
        )
    return report


def _read(path: Path) -> Report:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("invalid-document", f"can't be read: {error}", where=str(path)) from error
    report = loads(text, Report, where=str(path))
    changed = [file.path for file in report.files if not _is_as_written(path.parent / file.path, file.sha256)]
    found = (finding("recipe-changed", "changed since it was written", origin=name) for name in changed)
    return replace(report, diagnostics=(*report.diagnostics, *found))


def _is_as_written(path: Path, sha256: str) -> bool:
    try:
        return digest(path.read_text(encoding="utf-8")) == sha256
    except (OSError, UnicodeDecodeError):
        return False


def _converted(source: str, options: RecipeOptions | None, reporter: Reporter | None) -> Report:
    # Reading a report needs none of what converting imports.
    from conda_bridge.workflows.convert import convert  # noqa: PLC0415

    conversion = convert(source, options=options or RecipeOptions(), reporter=reporter or SilentReporter())
    return report_of(conversion)


def _unknown(asked: str, evidence: Iterable[Reason]) -> UsageError:
    addresses = dict.fromkeys(reason.address for reason in evidence)
    names = {name: None for address in addresses for name in address.split("/", 2)}
    near = difflib.get_close_matches(asked, [*names, *addresses], n=3)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else None
    return UsageError("unknown-address", f"no line of the recipe is at {asked!r}", hint=hint)
