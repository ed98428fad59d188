"""The table of codes and the code agree."""

import ast
import re
from pathlib import Path

import pytest

import conda_bridge
from conda_bridge import errors
from conda_bridge.config import KEYS
from conda_bridge.config.overrides import read_overrides
from conda_bridge.errors import BridgeError, ConfigError, SourceError
from conda_bridge.model.codes import all_codes, code_of, diagnostic_of, finding

SOURCE = Path(conda_bridge.__file__).parent
CLASSES = {name: getattr(errors, name) for name in errors.__all__}


def used_slugs() -> set[str]:
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def raised_slugs() -> set[tuple[str, str]]:
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called = node.func.id if isinstance(node.func, ast.Name) else ""
                if called in CLASSES or called == "finding":
                    found.add((called, str(node.args[0].value)))
    return found


def test_numbers_are_unique_and_well_formed() -> None:
    numbers = [code.number for code in all_codes()]
    assert len(numbers) == len(set(numbers))
    ours = r"[EWI][1-9]\d\d"
    of_linters = r"(R[01]?|RC|CF|CBC|FC|CB)-\d{3}"
    for code in all_codes():
        assert re.fullmatch(of_linters if code.slug.startswith("lint-") else ours, code.number), code.slug


def test_every_code_is_used() -> None:
    assert sorted({code.slug for code in all_codes()} - used_slugs()) == []


def test_every_raised_slug_stands_in_the_table_with_its_class() -> None:
    known = {code.slug: code for code in all_codes()}
    wrong = [
        (called, slug)
        for called, slug in raised_slugs()
        if slug not in known or (called != "finding" and known[slug].error_class != called)
    ]
    assert wrong == []


def test_only_errors_have_a_class() -> None:
    for code in all_codes():
        if code.error_class:
            assert code.severity == "error", code.slug
            assert issubclass(CLASSES[code.error_class], BridgeError)


def test_exit_status_follows_the_class() -> None:
    assert code_of("hash-mismatch").exit_status == 3


def test_finding_takes_severity_and_hint_from_the_table() -> None:
    found = finding("license-file-missing", "none here", origin="PKG-INFO")
    assert (found.code, found.severity) == ("W468", "warning")
    assert found.hint == code_of("license-file-missing").hint


def test_failure_becomes_a_finding_with_its_place() -> None:
    found = diagnostic_of(SourceError("hash-mismatch", "two hashes", where="x.tar.gz"))
    assert (found.slug, found.severity, found.origin) == ("hash-mismatch", "error", "x.tar.gz")


def told_settings() -> list[tuple[str, tuple[str, ...]]]:
    """Return (a table or key of a configuration file, where it stands) as hints name them: `noarch` under [package.NAME]."""
    found = []
    for code in all_codes():
        for table, below in re.findall(r"\[(package|names)\.?([\w.-]*)\]", code.hint or ""):
            before = (code.hint or "").split(f"[{table}.{below}]")[0]
            part = re.split(r"[;:]|, and ", before)[-1]
            keys = re.findall(r"`([a-z0-9-]+)(?: = [a-z]+)?`", part)
            found += [(f"{table}.{below}".rstrip("."), tuple(keys))]
    return found


@pytest.mark.parametrize(("table", "keys"), told_settings())
def test_settings_that_hints_name_are_known(table: str, keys: tuple[str, ...]) -> None:
    top, *below = table.split(".")
    assert top in KEYS
    if top != "package":
        assert below == ["pypi-to-conda"]
        return
    for key in keys or ("",):
        said: object = {key: None} if key else {}
        for name in reversed(below[1:]):
            said = {name: said}
        slugs = set()
        try:
            read_overrides({"demo": said})
        except ConfigError as error:
            slugs = {error.slug}
        # None is no value of any setting, and an unknown one is told as such.
        assert "unknown-key" not in slugs, key


def test_keys_stand_before_their_table_in_hints() -> None:
    after = re.compile(r"\[package[\w.-]*\] (?!if\b|builds\b)\w")
    assert [code.number for code in all_codes() if after.search(code.hint or "")] == []
