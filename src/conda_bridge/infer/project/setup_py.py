"""The arguments of `setup()` in setup.py -> a statement, by following the program's text.

A program that asks for the platform or the python is followed once for each; requirements that differ get
markers. An argument that can't be followed makes its field unknown, with the place where it was computed.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from conda_bridge.infer.project.evaluator.values import Unknown
from conda_bridge.infer.project.setup_calls import (
    SETUP_PY,
    Marked,
    SetupArguments,
    UnfollowedError,
    setup_arguments,
)
from conda_bridge.infer.project.setuptools_values import (
    ExtraLines,
    entry_point_lines,
    ini_sections,
    sorted_extras,
    with_marker,
)
from conda_bridge.infer.project.statements import (
    BUILD_REQUIRES,
    FIELD_NAMES,
    EntryPointLine,
    RequirementLine,
    Statement,
)
from conda_bridge.model.codes import finding
from conda_bridge.model.project import DynamicField, Known
from conda_bridge.model.source import SourceFacts

__all__ = ["read_setup_py"]

T = TypeVar("T")
_ALL = frozenset(FIELD_NAMES) - {"import_names", "import_namespaces"}


def read_setup_py(facts: SourceFacts) -> Statement:
    """Return what setup.py says; a silent statement where the source has none."""
    if not facts.has(SETUP_PY):
        return Statement(file=SETUP_PY)
    try:
        arguments = setup_arguments(facts)
    except UnfollowedError as error:
        return Statement(
            file=SETUP_PY,
            hides=_ALL,
            unknown=tuple(
                DynamicField(field=FIELD_NAMES[attribute], reason=f"{SETUP_PY}: {error}")
                for attribute in sorted(_ALL)
            ),
            diagnostics=(finding("unread-file", f"{SETUP_PY}: {error}", origin=SETUP_PY),),
        )
    return _Reader(arguments).statement()


class _Reader:
    """Turns arguments into fields, and remembers those that can't be known."""

    def __init__(self, arguments: SetupArguments) -> None:
        self._arguments = arguments
        self._unknown: dict[str, Unknown] = {}

    def statement(self) -> Statement:
        base, extras = self._extras()
        dependencies = self._requirements("dependencies", "install_requires") + base
        found = Statement(
            file=SETUP_PY,
            name=self._text("name", "name"),
            version=self._text("version", "version"),
            summary=self._text("summary", "description"),
            requires_python=self._text("requires_python", "python_requires"),
            dependencies=None if "dependencies" in self._unknown else dependencies or None,
            extras=extras,
            license_text=self._text("license_text", "license"),
            license_expression=self._text("license_expression", "license_expression"),
            license_files=self._license_files(),
            classifiers=self._texts("classifiers", "classifiers"),
            keywords=self._keywords(),
            urls=self._urls(),
            entry_points=self._entry_points(),
            top_levels=self._top_levels(),
            script_files=self._texts("script_files", "scripts"),
            build_requires=self._requirements("build_requires", "setup_requires") or None,
        )
        # Commands that are files of the source matter to nobody who can't know them.
        self._unknown.pop("script_files", None)
        unknown = tuple(_dynamic_field(*item) for item in sorted(self._unknown.items()))
        return replace(found, hides=frozenset(self._unknown), unknown=unknown)

    def _known(self, attribute: str, value: T | Unknown) -> T | None:
        """Return a value; None for one that can't be known, which is remembered."""
        if not isinstance(value, Unknown):
            return value
        self._unknown[attribute] = value
        return None

    def _text(self, attribute: str, keyword: str) -> Known[str] | None:
        text = self._known(attribute, self._arguments.text(keyword))
        return self._at(keyword, text.strip()) if text and text.strip() not in {"", "UNKNOWN"} else None

    def _texts(self, attribute: str, keyword: str) -> tuple[Known[str], ...] | None:
        texts = self._known(attribute, self._arguments.texts(keyword))
        return tuple(self._at(keyword, text.strip()) for text in texts or () if text.strip()) or None

    def _at(self, keyword: str, value: str) -> Known[str]:
        return Known(value=value, origin=self._arguments.place(keyword))

    def _requirements(self, attribute: str, keyword: str) -> tuple[RequirementLine, ...]:
        found = self._known(attribute, self._arguments.requirements(keyword))
        return _lines(found or ())

    def _extras(self) -> tuple[tuple[RequirementLine, ...], ExtraLines | None]:
        groups = self._known("extras", self._arguments.groups("extras_require")) or {}
        base, extras = sorted_extras((name, _lines(found)) for name, found in groups.items())
        return base, extras or None

    def _license_files(self) -> tuple[Known[str], ...] | None:
        file = self._text("license_files", "license_file")
        return self._texts("license_files", "license_files") or ((file,) if file else None)

    def _keywords(self) -> tuple[str, ...] | None:
        value = self._arguments.value("keywords")
        if isinstance(value, str):
            return tuple(word.strip() for word in (value.split(",") if "," in value else value.split()))
        known = self._texts("keywords", "keywords")
        return tuple(word.value for word in known) if known else None

    def _urls(self) -> tuple[tuple[str, Known[str]], ...] | None:
        found = [("homepage", self._text("urls", "url")), ("download", self._text("urls", "download_url"))]
        table = self._known("urls", self._arguments.value("project_urls"))
        if isinstance(table, dict):
            found += [
                (str(label), self._at("project_urls", url))
                for label, url in table.items()
                if isinstance(url, str) and url
            ]
        return tuple((label, known) for label, known in found if known) or None

    def _entry_points(self) -> tuple[EntryPointLine, ...] | None:
        """Return scripts: groups of lines, or the text of an entry_points.txt."""
        value = self._known("entry_points", self._arguments.value("entry_points"))
        groups: list[tuple[str, list[str]]] = []
        if isinstance(value, str):
            groups += ini_sections(value)
        elif isinstance(value, dict):
            for group, lines in value.items():
                members = lines.splitlines() if isinstance(lines, str) else lines
                if isinstance(members, list | tuple) and all(isinstance(line, str) for line in members):
                    groups.append((str(group), [str(line) for line in members]))
                else:
                    place = self._arguments.place("entry_points")
                    self._unknown["entry_points"] = Unknown(place, f"the group {group!r} is no list of texts")
        return entry_point_lines(groups, origin=self._arguments.place("entry_points")) or None

    def _top_levels(self) -> tuple[Known[str], ...] | None:
        """Return the top-level names of `packages` and `py_modules`, if all of them are known."""
        packages, modules = self._arguments.texts("packages"), self._arguments.texts("py_modules")
        if isinstance(packages, Unknown) or isinstance(modules, Unknown):
            return None
        names = [(name, "packages") for name in packages or ()] + [
            (name, "py_modules") for name in modules or ()
        ]
        tops = {name.partition(".")[0].strip(): keyword for name, keyword in names if name.strip()}
        return tuple(self._at(keyword, top) for top, keyword in tops.items()) or None


def _lines(marked: Iterable[Marked]) -> tuple[RequirementLine, ...]:
    return tuple(
        with_marker(RequirementLine(text=item.text, origin=item.origin), item.marker) for item in marked
    )


def _dynamic_field(attribute: str, unknown: Unknown) -> DynamicField:
    name = FIELD_NAMES.get(attribute, BUILD_REQUIRES)
    return DynamicField(field=name, reason=f"computed in {unknown.place}: {unknown.reason}")
