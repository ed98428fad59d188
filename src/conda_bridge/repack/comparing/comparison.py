"""Two wheels of one release -> a verdict for each file and each field: equal, explained or different.

    left, made of the conda package | right, made by the project's own backend, or published

Files are compared where they are installed to, byte by byte; METADATA and WHEEL by their fields. What differs is held
against rules that look at evidence (`conda_bridge.repack.comparing.comparison_rules`); what none of them explains is different.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from conda_bridge.model.repackaging import Comparison, FieldVerdict, FileVerdict, Verdict
from conda_bridge.repack.comparing.compared_wheels import ComparedWheel, opened_wheel
from conda_bridge.repack.comparing.comparison_fields import METADATA_WRITER, Written, compare_metadata
from conda_bridge.repack.comparing.comparison_rules import MODE, explain, explain_mode
from conda_bridge.repack.comparing.differences import Difference, Evidence

__all__ = ["KnownDifferences", "LabelledWheel", "compare_wheels"]

_METADATA_ADDED = "requires-python-added"
_OF_WHEEL = ("wheel-version", "root-is-purelib", "build")
_PYTHON2 = frozenset({"py2-none-any"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledWheel:
    """A wheel to be compared."""

    path: str
    label: str
    """What it is, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDifferences:
    """What is at hand to explain differences with."""

    source: Mapping[str, str] = field(default_factory=dict)
    """Path -> sha256 of the files of the source."""
    built: str = ""
    """The wheel that the project's own backend made of that source; that may be the right one itself."""
    rebuilt: str = ""
    """The same once more; empty where it wasn't."""
    has_added_python: bool = False
    """Whether the left one's `Requires-Python` was told to be what the conda package alone knows."""


_NOTHING_KNOWN = KnownDifferences()


def compare_wheels(
    left: LabelledWheel, right: LabelledWheel, *, known: KnownDifferences = _NOTHING_KNOWN
) -> Comparison:
    """Compare two wheels.

    Raises:
        RepackError: `invalid-wheel`, `record-mismatch`.
        MetadataError: `invalid-name`, `invalid-field`.
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    with ExitStack() as stack:
        ours = stack.enter_context(opened_wheel(left.path, left.label))
        theirs = stack.enter_context(opened_wheel(right.path, right.label))
        built = rebuilt = None
        if known.built:
            built = (
                theirs if known.built == right.path else stack.enter_context(opened_wheel(known.built, ""))
            )
        if known.rebuilt:
            rebuilt = stack.enter_context(opened_wheel(known.rebuilt, ""))
        evidence = Evidence(source=known.source, built=built, rebuilt=rebuilt)
        fields = _fields(ours, theirs, evidence, known)
        return Comparison(
            left=left.label,
            right=right.label,
            files=tuple(_files(ours, theirs, evidence, fields)),
            fields=fields,
            is_metadata_identical=ours.text("METADATA") == theirs.text("METADATA"),
        )


def _files(
    ours: ComparedWheel, theirs: ComparedWheel, evidence: Evidence, fields: tuple[FieldVerdict, ...]
) -> list[FileVerdict]:
    by_fields = {f"{ours.info}/METADATA": _of_fields(fields), f"{ours.info}/WHEEL": _of_wheel(ours, theirs)}
    rows = []
    for place in sorted({*ours.files, *theirs.files}):
        difference = Difference(place=place, left=ours, right=theirs, evidence=evidence)
        row = _file(difference)
        if place in by_fields and not difference.has_same_bytes:
            verdict, rule, note = by_fields[place]
            row = FileVerdict(path=place, verdict=verdict, rule=rule, note=note)
        rows.append(_with_mode(row, difference))
    return rows


def _with_mode(row: FileVerdict, difference: Difference) -> FileVerdict:
    """Return a verdict on other bytes with what is to be said of the mode, which no rule on bytes looks at."""
    if row.verdict == "different" or difference.has_same_bytes or not difference.has_other_mode:
        return row
    words = explain_mode(difference)
    note = "; ".join(filter(None, (row.note, words or _mode_told(difference))))
    if not words:
        return FileVerdict(path=row.path, verdict="different", note=note)
    return FileVerdict(path=row.path, verdict="explained", rule=row.rule or MODE, note=note)


def _file(difference: Difference) -> FileVerdict:
    ours, theirs, place = difference.ours, difference.theirs, difference.place
    if ours and theirs and ours.sha256 == theirs.sha256 and ours.is_executable == theirs.is_executable:
        return FileVerdict(path=place, verdict="equal")
    rule, words = explain(difference)
    if rule:
        return FileVerdict(path=place, verdict="explained", rule=rule, note=words)
    return FileVerdict(path=place, verdict="different", note=_told(difference))


def _told(difference: Difference) -> str:
    """Return what an unexplained difference is, and whose: of the conversion, or of how the wheel was published."""
    ours, theirs = difference.ours, difference.theirs
    if ours is None or theirs is None:
        has, lacks = (
            (difference.right, difference.left) if ours is None else (difference.left, difference.right)
        )
        what = f"only {has.label} has it, not {lacks.label}"
        if difference.is_from_elsewhere and difference.is_running:
            return f"only in {has.label}, not in the source: it runs"
    elif ours.sha256 == theirs.sha256:
        what = f"only {_mode_told(difference)}"
    else:
        what = "other content"
    if difference.is_ours_as_built:
        return f"{what}; {difference.left.label} is here as the project's own backend has it"
    return what


def _mode_told(difference: Difference) -> str:
    is_set = difference.ours is not None and difference.ours.is_executable
    return f"the executable bit: {'set' if is_set else 'not set'} in {difference.left.label}"


def _of_fields(fields: tuple[FieldVerdict, ...]) -> tuple[Verdict, str, str]:
    found: dict[Verdict, list[str]] = {"different": [], "explained": []}
    for row in fields:
        if row.verdict != "equal":
            found[row.verdict].append(row.field)
    if found["different"]:
        return "different", "", f"other values of {', '.join(found['different'])}"
    if found["explained"]:
        rules = {row.rule for row in fields if row.verdict == "explained"}
        rule = METADATA_WRITER if rules == {METADATA_WRITER} else min(rules - {METADATA_WRITER})
        return "explained", rule, f"{', '.join(found['explained'])}: see the fields"
    return "explained", METADATA_WRITER, "the same fields in another order, or blank lines"


def _of_wheel(ours: ComparedWheel, theirs: ComparedWheel) -> tuple[Verdict, str, str]:
    """Compare WHEEL, in which `Generator` says who wrote it and nothing of what it is."""
    left, right = ours.headers, theirs.headers
    for name in _OF_WHEEL:
        said, told = ({one.value.lower() for one in side.all(name)} for side in (left, right))
        if said != told:
            return "different", "", f"{name}: {', '.join(said) or 'none'} and {', '.join(told) or 'none'}"
    said, told = ({one.value for one in side.all("tag")} for side in (left, right))
    if said == told:
        return "equal", "", ""
    if said | _PYTHON2 == told:
        return "explained", "tags", "conda packages are of python 3, where the wheel says python 2, too"
    return "different", "", f"tags {', '.join(sorted(said))} and {', '.join(sorted(told))}"


def _fields(
    ours: ComparedWheel, theirs: ComparedWheel, evidence: Evidence, known: KnownDifferences
) -> tuple[FieldVerdict, ...]:
    # The wheel of a conda package has no trace of who wrote its METADATA: the same backend that was run on the source.
    writer = evidence.built.writer if evidence.built else ""
    rows = compare_metadata(
        Written(text=ours.text("METADATA"), writer=writer),
        Written(text=theirs.text("METADATA"), writer=theirs.writer),
    )
    return tuple(_with_added_python(row, known) for row in rows)


def _with_added_python(row: FieldVerdict, known: KnownDifferences) -> FieldVerdict:
    is_added = row.field == "Requires-Python" and row.left and not row.right and known.has_added_python
    if not is_added:
        return row
    return FieldVerdict(
        field=row.field,
        verdict="explained",
        left=row.left,
        rule=_METADATA_ADDED,
        note="METADATA says nothing of it: the conda package's own bound was added, with a warning",
    )
