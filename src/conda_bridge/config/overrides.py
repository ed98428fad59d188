"""The table `[package]` of a configuration file -> `PackageOverrides`, each value with its place."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, TypeAlias, TypeVar

from conda_bridge.config.entries import Entry
from conda_bridge.config.texts import (
    address_of,
    command_of,
    conda_name_of,
    condition_of,
    entry_point_of,
    extra_of,
    github_name_of,
    invalid,
    key_of,
    license_of,
    line_of,
    module_of,
    path_of,
    pypi_name_of,
    python_of,
    spec_of,
    word_of,
)
from conda_bridge.formats.v1_text import VERSION
from conda_bridge.infer.project.texts import has_controls
from conda_bridge.model.condition import ALWAYS, Condition
from conda_bridge.model.overrides import (
    AddedSpec,
    Item,
    ListOverrides,
    PackageOverrides,
    ReplacedSpec,
    SectionOverrides,
    Setting,
)
from conda_bridge.model.project import Known
from conda_bridge.model.recipe import SECTIONS, Section, Spec

__all__ = ["read_overrides", "read_packages"]

_TOP = (
    "conda-name", "maintainers", "noarch", "abi3", "python-min", "extras", "build-number", "names", "config-settings",
    "env", "script", "entry-points", "skip", "requirements", "tests", "about",
)  # fmt: skip
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_SETTING_KEY = re.compile(r"[A-Za-z0-9_.:/+-]+", re.ASCII)

Fields: TypeAlias = Mapping[str, Entry]
T = TypeVar("T")


def read_overrides(packages: Mapping[str, Any], *, place: str = "call") -> tuple[PackageOverrides, ...]:
    """Return the overrides that tables by package name say, as `[package.NAME]` of a configuration file does.

    `place` is where their evidence says that they come from.

    >>> read_overrides({"demo": {"noarch": False}})[0].noarch.value
    False

    Raises:
        ConfigError: `invalid-config`, `unknown-key`, `invalid-override`.
    """
    top = Entry(value={"package": dict(packages)}, file=place, base=f"{place}#")
    packages_read = read_packages(top.table()["package"])
    top.refuse()
    return packages_read


def read_packages(entry: Entry) -> tuple[PackageOverrides, ...]:
    """Return the overrides of the table `[package]`; what is wrong in it is noted for `Entry.refuse`.

    Raises:
        ConfigError: `invalid-config` where it is no table.
    """
    found: dict[str, PackageOverrides] = {}
    for key, table in entry.table().items():
        if (one := table.attempt(partial(_named, key, found))) is not None:
            found[one.name] = one
    return tuple(found.values())


def _named(key: str, found: Mapping[str, PackageOverrides], table: Entry) -> PackageOverrides:
    # Conda names may begin with an underscore, PyPI names may not.
    name = pypi_name_of(table, key.lstrip("_"))
    if name in found:
        raise invalid(table, f"there is a table for {name!r} already")
    return _package(name, table)


def _package(name: str, entry: Entry) -> PackageOverrides:
    said = entry.fields(_TOP)
    tests = _below(said, "tests", ("imports", "commands", "pip-check", "requires"))
    about = _below(said, "about", (*_ABOUT, "license-file"))
    requirements = _below(said, "requirements", SECTIONS)
    return PackageOverrides(
        name=name,
        conda_name=_known(said, "conda-name", conda_name_of),
        maintainers=_whole(said, "maintainers", _text_with(github_name_of)),
        noarch=_known(said, "noarch", Entry.flag),
        abi3=_known(said, "abi3", Entry.flag),
        python_min=_known(said, "python-min", python_of),
        build_number=_known(said, "build-number", _number),
        build=_section(requirements, "build"),
        host=_section(requirements, "host"),
        run=_section(requirements, "run"),
        run_constraints=_section(requirements, "run_constraints"),
        extras=_whole(said, "extras", _text_with(extra_of)),
        names=_settings(said, "names", _name),
        config_settings=_settings(said, "config-settings", _config_setting),
        env=_settings(said, "env", _variable),
        script=_whole(said, "script", _command),
        entry_points=_list(
            said, "entry-points", _text_with(lambda item: entry_point_of(item, name)), _removed
        ),
        skip=_whole(said, "skip", _skipped),
        imports=_list(tests, "imports", _text_with(module_of), _removed),
        commands=_list(tests, "commands", _command, _removed),
        pip_check=_known(tests, "pip-check", Entry.flag),
        test_requires=_each(tests["requires"], _required) if "requires" in tests else None,
        about=_about(about),
        license_files=_list(about, "license-file", _text_with(path_of), _removed),
    )


# ---------------------------------------------------------------- shapes


def _below(said: Fields, key: str, known: Iterable[str]) -> Fields:
    return (said[key].attempt(lambda entry: entry.fields(known)) or {}) if key in said else {}


def _known(said: Fields, key: str, read: Callable[[Entry], T]) -> Known[T] | None:
    value = said[key].attempt(read) if key in said else None
    return None if value is None else Known(value=value, origin=said[key].origin)


def _each(entry: Entry, read: Callable[[Entry], T]) -> tuple[T, ...]:
    """Return what the entries of a list say."""
    attempts = (one.attempt(read) for one in entry.attempt(Entry.items) or ())
    return tuple(one for one in attempts if one is not None)


def _whole(said: Fields, key: str, read: Callable[[Entry], Item]) -> tuple[Item, ...] | None:
    """Return a list, of which a lone text is the only entry; None where nothing is said."""
    if key not in said:
        return None
    entry = said[key]
    if not isinstance(entry.value, str):
        return _each(entry, read)
    one = entry.attempt(read)
    return None if one is None else (one,)


def _list(
    said: Fields, key: str, read: Callable[[Entry], Item], removed: Callable[[Entry], Item]
) -> ListOverrides:
    """Return a list that stands for the inferred one, or `add` and `remove`."""
    if key not in said:
        return ListOverrides()
    entry = said[key]
    if not isinstance(entry.value, dict):
        return ListOverrides(whole=_whole(said, key, read))
    changes = entry.fields(("add", "remove"))
    return ListOverrides(
        add=_whole(changes, "add", read) or (), remove=_whole(changes, "remove", removed) or ()
    )


def _settings(said: Fields, key: str, read: Callable[[str, Entry], Iterator[Setting]]) -> tuple[Setting, ...]:
    if key not in said:
        return ()
    return tuple(
        setting
        for name, entry in (said[key].attempt(Entry.table) or {}).items()
        for setting in entry.attempt(partial(_listed, read, name)) or ()
    )


def _listed(read: Callable[[str, Entry], Iterator[Setting]], name: str, entry: Entry) -> tuple[Setting, ...]:
    return tuple(read(name, entry))


def _text_with(read: Callable[[Entry], str]) -> Callable[[Entry], Item]:
    return lambda entry: Item(text=read(entry), origin=entry.origin)


# ---------------------------------------------------------------- values


def _removed(entry: Entry) -> Item:
    return Item(text=line_of(entry), origin=entry.origin)


def _number(entry: Entry) -> int:
    if not isinstance(entry.value, int) or isinstance(entry.value, bool) or entry.value < 0:
        raise entry.wrong("a number from 0 on")
    return entry.value


def _name(key: str, entry: Entry) -> Iterator[Setting]:
    chosen = "" if entry.value == "" else conda_name_of(entry)
    yield Setting(key=pypi_name_of(entry, key), value=chosen, origin=entry.origin)


def _config_setting(key: str, entry: Entry) -> Iterator[Setting]:
    if not _SETTING_KEY.fullmatch(key):
        raise invalid(entry, f"{key[:80]!r} can't be the key of a setting")
    if isinstance(entry.value, dict):
        # `cmake.define.X = "ON"` without quotes is a table in a table; the backend's key is the same.
        for below, one in entry.table().items():
            yield from _config_setting(f"{key}.{below}", one)
        return
    for value in entry.items() if isinstance(entry.value, list) else (entry,):
        match value.value:
            case bool():
                text = str(value.value).lower()
            case int():
                text = str(value.value)
            case str():
                text = value.value
            case _:
                raise value.wrong("a text, true, false, a number, or a list of them")
        yield Setting(key=key, value=word_of(value, text), origin=value.origin)


def _variable(key: str, entry: Entry) -> Iterator[Setting]:
    if not _VARIABLE.fullmatch(key):
        raise invalid(entry, f"{key[:80]!r} can't be the name of a variable")
    if not isinstance(entry.value, str):
        raise entry.wrong("a text")
    value = entry.value if entry.value == VERSION else word_of(entry, entry.value)
    yield Setting(key=key, value=value, origin=entry.origin)


def _command(entry: Entry) -> Item:
    """Return a line of a script: a text, or `{ run = "...", if = "..." }`."""
    if not isinstance(entry.value, dict):
        return Item(text=command_of(entry), origin=entry.origin)
    said = entry.fields(("run", "if"))
    if "run" not in said:
        raise entry.wrong("a command, or a table with `run` and `if`")
    condition = condition_of(said["if"]) if "if" in said else ALWAYS
    return Item(text=command_of(said["run"]), condition=condition, origin=entry.origin)


def _skipped(entry: Entry) -> Item:
    return Item(text=line_of(entry), condition=condition_of(entry), origin=entry.origin)


# ---------------------------------------------------------------- requirements


def _section(sections: Fields, name: Section) -> SectionOverrides:
    said = _below(sections, name, ("add", "remove", "replace"))
    table = (said["replace"].attempt(Entry.table) or {}) if "replace" in said else {}
    replaced = (one.attempt(partial(_replaced, key)) for key, one in table.items())
    return SectionOverrides(
        add=_each(said["add"], _added) if "add" in said else (),
        remove=_whole(said, "remove", _text_with(key_of)) or (),
        replace=tuple(one for one in replaced if one is not None),
    )


def _added(entry: Entry) -> AddedSpec:
    """Return a requirement: a text, or `{ spec = "...", if = "..." }`."""
    spec, condition = _conditional(entry)
    return AddedSpec(spec=spec, condition=ALWAYS if condition is None else condition, origin=entry.origin)


def _replaced(key: str, entry: Entry) -> ReplacedSpec:
    spec, condition = _conditional(entry)
    return ReplacedSpec(key=key_of(entry, key), spec=spec, condition=condition, origin=entry.origin)


def _conditional(entry: Entry) -> tuple[Spec, Condition | None]:
    if not isinstance(entry.value, dict):
        return spec_of(entry), None
    said = entry.fields(("spec", "if"))
    if "spec" not in said:
        raise entry.wrong("a requirement, or a table with `spec` and `if`")
    return spec_of(said["spec"]), condition_of(said["if"]) if "if" in said else None


def _required(entry: Entry) -> AddedSpec:
    return AddedSpec(spec=spec_of(entry), origin=entry.origin)


# ---------------------------------------------------------------- about


def _about(said: Fields) -> tuple[Setting, ...]:
    return tuple(
        Setting(key=key, value=value, origin=said[key].origin)
        for key, read in _ABOUT.items()
        if key in said and (value := said[key].attempt(read)) is not None
    )


def _summary(entry: Entry) -> str:
    return "" if entry.value == "" else line_of(entry)


def _description(entry: Entry) -> str:
    text = "" if entry.value == "" else entry.text()
    if any(has_controls(line) for line in text.split("\n")):
        raise invalid(entry, "the description has control characters")
    return text.strip("\n")


_ABOUT: dict[str, Callable[[Entry], str]] = {
    "license": license_of,
    "homepage": address_of,
    "summary": _summary,
    "description": _description,
    "repository": address_of,
    "documentation": address_of,
}
"""Keys of the table `about`, which are the names of the fields of `About`, and how each is read."""
