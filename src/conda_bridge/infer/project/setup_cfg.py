"""The declarative tables of setup.cfg -> a statement; pbr's dialect of it, too.

Source: https://setuptools.pypa.io/en/latest/userguide/declarative_config.html;
https://docs.openstack.org/pbr/latest/user/using.html.
"""

from collections.abc import Iterable

from conda_bridge.infer.project.directives import attribute_text, file_text
from conda_bridge.infer.project.setuptools_values import (
    ExtraLines,
    entry_point_lines,
    ini_sections,
    requirement_texts,
    sorted_extras,
)
from conda_bridge.infer.project.statements import (
    FIELD_NAMES,
    EntryPointLine,
    RequirementLine,
    Statement,
)
from conda_bridge.model.codes import finding
from conda_bridge.model.project import DynamicField, Known
from conda_bridge.model.source import SourceFacts

__all__ = ["read_setup_cfg"]

_FILE = "setup.cfg"
_PBR_REQUIREMENTS = ("requirements.txt", "tools/pip-requires")
_PBR_TEST_REQUIREMENTS = ("test-requirements.txt", "tools/test-requires")
_OWN_SECTIONS = frozenset({"metadata", "options", "files"})
_EMPTY = frozenset({"", "UNKNOWN"})


def read_setup_cfg(facts: SourceFacts, *, is_pbr: bool = False) -> Statement:
    """Return what setup.cfg says; a silent statement where the source has none, or none that can be read."""
    text = facts.text(_FILE)
    if text is None:
        return Statement(file=_FILE)
    # configparser costs as much to import as all of this takes to run, and most sources have no setup.cfg.
    from configparser import Error, RawConfigParser  # noqa: PLC0415

    parser = RawConfigParser()
    # The names of extras keep their case.
    parser.optionxform = str  # type: ignore[assignment,method-assign] # the documented way
    try:
        parser.read_string(text.removeprefix("\ufeff"), source=_FILE)
    except (Error, RecursionError) as error:
        message = str(error).replace("\n", " ")
        return Statement(file=_FILE, diagnostics=(finding("unread-file", message, origin=_FILE),))
    sections = {section: _options(section, parser.items(section)) for section in parser.sections()}
    return _Reader(facts, sections, is_pbr=is_pbr).statement()


class _Reader:
    """Reads fields, and remembers those whose directive leads nowhere."""

    def __init__(self, facts: SourceFacts, sections: dict[str, dict[str, str]], *, is_pbr: bool) -> None:
        self._facts = facts
        self._sections = sections
        self._is_pbr = is_pbr
        self._unknown: dict[str, str] = {}

    def statement(self) -> Statement:
        base, extras = self._extras()
        dependencies = self._requirements("install_requires") or self._pbr_lines(
            _PBR_REQUIREMENTS, "dependencies"
        )
        return Statement(
            file=_FILE,
            name=self._text("name", "name"),
            version=self._text("version", "version"),
            summary=self._text("summary", "description", "summary"),
            requires_python=self._text("requires_python", "python_requires", section="options")
            or self._text("requires_python", "python_requires", "requires_python"),
            dependencies=None if "dependencies" in self._unknown else (*(dependencies or ()), *base) or None,
            extras=extras or None,
            license_text=self._text("license_text", "license"),
            license_expression=self._text("license_expression", "license_expression"),
            license_files=self._list("license_files") or self._list("license_file"),
            classifiers=self._list("classifiers", "classifier"),
            keywords=tuple(known.value for known in self._list("keywords") or ()) or None,
            urls=self._urls(),
            entry_points=self._entry_points(),
            top_levels=self._top_levels(),
            script_files=self._list("scripts", section="options"),
            build_requires=self._requirements("setup_requires"),
            unknown=tuple(
                DynamicField(field=FIELD_NAMES[attribute], reason=reason)
                for attribute, reason in sorted(self._unknown.items())
            ),
        )

    def _place(self, key: str, section: str = "metadata") -> str:
        return f"{_FILE}#/{section}/{key}"

    def _raw(self, key: str, section: str) -> str:
        """Return an option as written: a leading line end tells a list of one from a list on one line."""
        return self._sections.get(section, {}).get(key, "")

    def _text(self, attribute: str, *keys: str, section: str = "metadata") -> Known[str] | None:
        """Return the first key that is given, its directive followed."""
        for key in keys:
            raw = self._raw(key, section).strip()
            if raw in _EMPTY:
                continue
            known = self._followed(raw, self._place(key, section))
            if known is None:
                self._unknown[attribute] = f"{_FILE}: {key} is {raw!r:.80}"
            return known
        return None

    def _followed(self, raw: str, place: str) -> Known[str] | None:
        if raw.startswith("attr:"):
            return attribute_text(self._facts, raw.removeprefix("attr:"), folders=self._package_folders())
        if raw.startswith("file:"):
            paths = [path.strip() for path in raw.removeprefix("file:").split(",")]
            text = file_text(self._facts, paths)
            return Known(value=text.strip(), origin=paths[0]) if text and text.strip() else None
        return Known(value=raw, origin=place)

    def _package_folders(self) -> tuple[str, ...]:
        """Return the folders of `package_dir` that stand for all packages: `=src`."""
        items = (item.partition("=") for item in self._raw("package_dir", "options").splitlines())
        return tuple(folder.strip().strip("/") for key, _, folder in items if not key.strip())

    def _list(self, *keys: str, section: str = "metadata") -> tuple[Known[str], ...] | None:
        """Return a list: one item a line, or separated by commas on one line; lines of files count, too."""
        for key in keys:
            raw = self._raw(key, section)
            is_file = raw.strip().startswith("file:")
            known = self._followed(raw.strip(), "") if is_file else Known(value=raw, origin="")
            items = _items(known.value) if known and known.value.strip() not in _EMPTY else []
            if items:
                return tuple(
                    Known(value=item, origin=f"{self._place(key, section)}/{index}")
                    for index, item in enumerate(items)
                )
        return None

    def _requirements(self, key: str) -> tuple[RequirementLine, ...] | None:
        attribute = "dependencies" if key == "install_requires" else ""
        return self._requirement_lines(self._raw(key, "options"), self._place(key, "options"), attribute)

    def _requirement_lines(self, raw: str, place: str, attribute: str) -> tuple[RequirementLine, ...] | None:
        """Return requirements: one a line, or separated by semicolons on one line; or those of files."""
        if not raw.strip():
            return None
        text: str | None = raw
        if raw.strip().startswith("file:"):
            text = file_text(self._facts, raw.strip().removeprefix("file:").split(","))
        if text is None:
            self._unknown |= {attribute: f"{place}: {raw!r:.80} isn't known"} if attribute else {}
            return None
        lines = text.splitlines() if "\n" in text else text.split(";")
        return tuple(
            RequirementLine(text=item, origin=f"{place}/{index}")
            for index, item in enumerate(requirement_texts(lines))
        )

    def _pbr_lines(self, paths: tuple[str, ...], attribute: str) -> tuple[RequirementLine, ...] | None:
        """Return the lines of the first of these files, which pbr makes requirements."""
        path = next((path for path in paths if self._facts.has(path)), None)
        if not self._is_pbr or path is None:
            return None
        text = self._facts.text(path)
        if text is None:
            self._unknown[attribute] = f"pbr reads {path}, which isn't known"
            return None
        return tuple(
            RequirementLine(text=item, origin=f"{path}#/{index}")
            for index, item in enumerate(requirement_texts(text.splitlines()))
            if not item.startswith("-")
        )

    def _extras(self) -> tuple[tuple[RequirementLine, ...], ExtraLines]:
        section = "extras" if self._is_pbr else "options.extras_require"
        groups = [
            (key, self._requirement_lines(raw, self._place(key, section), "extras") or ())
            for key, raw in self._sections.get(section, {}).items()
        ]
        if groups and section == "extras" and "test" not in self._sections[section]:
            groups.append(("test", self._pbr_lines(_PBR_TEST_REQUIREMENTS, "extras") or ()))
        return sorted_extras(groups)

    def _urls(self) -> tuple[tuple[str, Known[str]], ...] | None:
        home = self._text("urls", "url", "home_page")
        download = self._text("urls", "download_url")
        found = [("homepage", home), ("download", download)]
        for item in self._list("project_urls") or ():
            label, _, url = item.value.partition("=")
            found.append((label.strip(), Known(value=url.strip(), origin=item.origin)))
        return tuple((label, known) for label, known in found if known and known.value) or None

    def _entry_points(self) -> tuple[EntryPointLine, ...] | None:
        """Return scripts of `[options.entry_points]`, of pbr's `[entry_points]`, or of a file."""
        section = (
            "entry_points" if self._is_pbr and "entry_points" in self._sections else "options.entry_points"
        )
        groups = [(group, _items(raw)) for group, raw in self._sections.get(section, {}).items()]
        raw = self._raw("entry_points", "options")
        known = self._followed(raw.strip(), "") if raw.strip() else None
        if known:
            groups += ini_sections(known.value)
        return entry_point_lines(groups, origin=f"{_FILE}#/{section}") or None

    def _top_levels(self) -> tuple[Known[str], ...] | None:
        """Return the top-level names of `packages` and `py_modules`, if all of them are listed."""
        if self._raw("packages", "options").strip().startswith("find"):
            return None
        names = [
            *(self._list("packages", section="options") or ()),
            *(self._list("py_modules", section="options") or ()),
            *((self._list("packages", section="files") if self._is_pbr else None) or ()),
        ]
        tops = {known.value.partition(".")[0]: known.origin for known in names}
        return tuple(Known(value=top, origin=origin) for top, origin in tops.items()) or None


def _options(section: str, items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return a section's options; setuptools' own keys may be written with dashes."""
    if section not in _OWN_SECTIONS:
        return dict(items)
    return {key.replace("-", "_").lower(): value for key, value in items}


def _items(raw: str) -> list[str]:
    parts = raw.splitlines() if "\n" in raw else raw.split(",")
    return [part.strip() for part in parts if part.strip() and not part.strip().startswith("#")]
