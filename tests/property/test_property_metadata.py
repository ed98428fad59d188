"""Metadata readers agree with the reference implementations, and survive whatever strangers write."""

import json
import re
import unicodedata
import warnings
from email.parser import Parser
from email.policy import compat32
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.metadata import parse_email
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project import infer_project
from conda_bridge.infer.project.core_metadata import read_headers
from conda_bridge.infer.project.evaluator.files import SourceFiles
from conda_bridge.infer.project.evaluator.machine import Machine
from conda_bridge.infer.project.evaluator.parsing import parse
from conda_bridge.infer.project.evaluator.values import BudgetSpentError, Unknown, Value
from conda_bridge.infer.project.markers import without_extra
from conda_bridge.infer.project.poetry_versions import to_specifier
from conda_bridge.infer.project.setup_py import read_setup_py
from conda_bridge.model.project import Project
from support.effort import examples
from support.trees import facts_of_texts

# ---------------------------------------------------------------- headers

line_ends = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])
values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\x00"), max_size=20)
names = st.sampled_from(["Name", "Requires-Dist", "X-a", "name", "", "From ", "Bad name"])
header_lines = st.one_of(
    st.builds("{}:{}{}".format, names, st.sampled_from(["", " ", "\t "]), values),
    st.builds("{}{}".format, st.sampled_from([" ", "\t", "        "]), values),
    values,
)


@given(st.lists(st.tuples(header_lines, line_ends), max_size=8))
@settings(deadline=None)
def test_headers_are_those_of_the_standard_library(lines: list[tuple[str, str]]) -> None:
    text = "".join(map("".join, lines))

    expected = Parser(policy=compat32).parsestr(text)

    # A mark of byte order is never part of a name, and line ends within a header become one kind.
    if not text.startswith("\ufeff"):
        normal = [(name, re.sub("\r\n|\r", "\n", str(value))) for name, value in expected.items()]
        assert list(read_headers(text)) == normal


well_formed = st.lists(
    st.tuples(
        st.sampled_from(["Requires-Dist", "Classifier", "License-File", "Provides-Extra"]),
        st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=12),
    ),
    max_size=8,
)


@given(well_formed)
@settings(deadline=None)
def test_lists_are_those_of_packaging(headers: list[tuple[str, str]]) -> None:
    text = "Metadata-Version: 2.4\nName: a\nVersion: 1\n" + "".join(
        f"{name}: {value}\n" for name, value in headers
    )

    raw, _ = parse_email(text)

    ours = read_headers(text)
    kept = {"requires-dist": raw.get("requires_dist", []), "classifier": raw.get("classifiers", [])}
    for name, expected in kept.items():
        assert [known.value for known in ours.all(name)] == [
            value for value in expected if value != "UNKNOWN"
        ]


# ---------------------------------------------------------------- markers

comparisons = st.sampled_from([
    'python_version < "3.11"',
    'python_version >= "3.9"',
    'os_name == "nt"',
    'sys_platform != "linux"',
    'extra == "x"',
    'extra == "Y_z"',
    'extra != "x"',
    '"x" == extra',
])  # fmt: skip
markers = st.recursive(
    comparisons,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=8,
)


@given(markers, st.sampled_from(["", "x", "y-z", "other"]))
@settings(deadline=None)
def test_what_is_left_of_a_marker_holds_where_the_marker_does(text: str, extra: str) -> None:
    marker = Marker(text)
    left = without_extra(marker, extra)

    for version, system in product(["3.8", "3.10", "3.12"], [("nt", "win32"), ("posix", "linux")]):
        world = {"python_version": version, "os_name": system[0], "sys_platform": system[1]}
        expected = marker.evaluate({**world, "extra": extra})
        assert (left is not None and (left == "" or Marker(left).evaluate(world))) == expected


# ---------------------------------------------------------------- poetry

numbers = st.integers(0, 3)
versions = st.builds(".".join, st.lists(numbers.map(str), min_size=1, max_size=3))
clauses = st.builds(
    "{}{}".format, st.sampled_from(["^", "~", ">=", "<", ">", "<=", "==", "!=", ""]), versions
)
alternatives = st.builds(", ".join, st.lists(clauses, min_size=1, max_size=2))
constraints = st.lists(alternatives, min_size=1, max_size=3)
GRID = [Version(f"{a}.{b}.{c}") for a, b, c in product(range(5), range(4), range(3))]


@given(constraints)
@settings(deadline=None)
def test_a_union_of_constraints_lets_in_what_one_of_them_does(parts: list[str]) -> None:
    single = [SpecifierSet(to_specifier(part).specifier) for part in parts]

    converted = to_specifier(" || ".join(parts))

    union = SpecifierSet(converted.specifier)
    for version in GRID:
        wanted = any(specifiers.contains(version) for specifiers in single)
        if converted.is_widened:
            assert union.contains(version) or not wanted
        elif any(any(specifiers.contains(other) for other in GRID) for specifiers in single):
            assert union.contains(version) == wanted


# ---------------------------------------------------------------- programs

literals = st.sampled_from(
    [
        "1",
        "0",
        "'a'",
        "'a,b'",
        "''",
        "[1, 'a']",
        "['b']",
        "()",
        "('x', 2)",
        "{'k': 1}",
        "None",
        "True",
        "{1, 2}",
    ]
)
unary = st.sampled_from(
    [
        "({}).strip()",
        "({}).split(',')",
        "len({})",
        "list({})",
        "str({})",
        "not ({})",
        "({})[0]",
        "({})['k']",
        "({})[1:]",
        "sorted({})",
        "tuple({})",
        "[x for x in {}]",
        "({}).get('k')",
        "f'{{{}}}'",
        "'-'.join({})",
        "bool({})",
        "({}).upper()",
    ]
)
binary = st.sampled_from(
    [
        "({}) + ({})",
        "({}) * ({})",
        "({}) == ({})",
        "({}) in ({})",
        "({}) and ({})",
        "({}) or ({})",
        "({}) % ({})",
        "[{}, {}]",
        "({}) < ({})",
        "({}).replace('a', {})",
        "({} if {} else 2)",
        "({}).append({})",
        "dict([({}, {})])",
        "({}) - ({})",
        "({}) | ({})",
    ]
)
expressions = st.recursive(
    literals,
    lambda inner: st.one_of(
        st.builds(lambda form, x: form.format(x), unary, inner),
        st.builds(lambda form, x, y: form.format(x, y), binary, inner, inner),
    ),
    max_leaves=8,
)


def run(program: str) -> Value:
    tree = parse(program)
    assert tree is not None
    machine = Machine(SourceFiles(facts_of_texts({})))
    machine.run_program("setup.py", tree)
    return machine.visible_scopes()[0].get("r", "raised")


@given(expressions)
@settings(deadline=None, max_examples=examples(200))
def test_an_expression_has_pythons_value_or_none_that_is_known(expression: str) -> None:
    try:
        with warnings.catch_warnings(action="ignore"):
            expected: object = eval(expression, {})
    except SyntaxError:
        # Quotes within an f-string, before Python 3.12.
        return
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
        # What an unknown value would have raised, nobody knows.
        expected = None

    found = run(f"r = {expression}")

    assert expected is None or _is_unknown(found) or (found == expected and type(found) is type(expected))


def _is_unknown(value: object) -> bool:
    if isinstance(value, list | tuple | set | dict):
        members = [*value.keys(), *value.values()] if isinstance(value, dict) else list(value)
        return any(map(_is_unknown, members))
    return isinstance(value, Unknown)


words = st.sampled_from([
    "if", "else", ":", "\n", "\n    ", "\n        ", "for x in", "while", "x", "y", "=", "+=", "(", ")", "[", "]", "{", "}", ",", "'a'", "1",
    "def f(", "return", "f", "lambda", "import os", "from x import y", "try:", "except:", "setup", ".", "append", "open", "with", "as", "in",
    "not", "and", "None", "global", "yield", "class A", "del", "raise", "break", "continue", "*", "**", "%", "==", "assert", "exec", "pass",
    "from setuptools import setup", "sys", "version_info", "async", "await", "match", "case", "@", ";",
])  # fmt: skip


@given(st.lists(words, max_size=40).map(" ".join))
@settings(deadline=None, max_examples=examples(150))
def test_any_setup_py_gives_a_statement(text: str) -> None:
    statement = read_setup_py(facts_of_texts({"setup.py": text}))

    assert statement.file == "setup.py"


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_text_as_setup_py_gives_a_statement(text: str) -> None:
    assert read_setup_py(facts_of_texts({"setup.py": text})).file == "setup.py"


@given(st.lists(words, max_size=40).map(" ".join))
@settings(deadline=None, max_examples=examples(150))
def test_any_program_ends_or_spends_its_budget(text: str) -> None:
    tree = parse(text)
    if tree is None:
        return
    machine = Machine(SourceFiles(facts_of_texts({})))
    try:
        machine.run_program("setup.py", tree)
    except BudgetSpentError:
        assert len(text) > 5


# ---------------------------------------------------------------- whole projects

texts = st.text(max_size=30)
FIELDS = ("Name", "Version", "Summary", "License", "Home-page", "Classifier", "Requires-Dist", "Requires-Python", "Keywords", "Project-URL", "Provides-Extra", "License-File", "Dynamic", "Import-Name", "License-Expression")  # fmt: skip


def _texts_of(project: Project) -> list[str]:
    known = [project.summary, project.license.text, project.license.expression, *project.license.files]
    return [
        *(item.value for item in known if item),
        *project.classifiers,
        *project.keywords,
        *(text for label, item in project.urls for text in (label, item.value)),
        *(entry.name for entry in project.entry_points),
    ]


def _infer(files: dict[str, str | None]) -> None:
    try:
        project = infer_project(facts_of_texts(files))
    except MetadataError:
        return
    for text in _texts_of(project):
        assert not any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t" for c in text)


@given(
    st.lists(st.tuples(st.sampled_from(FIELDS), texts), max_size=8),
    st.sampled_from(["1.0", "2.1", "2.2", "2.4"]),
)
@settings(deadline=None, max_examples=examples(200))
def test_any_pkg_info_is_read_or_refused(headers: list[tuple[str, str]], version: str) -> None:
    lines = [f"Metadata-Version: {version}", "Name: demo", "Version: 1", *(f"{k}: {v}" for k, v in headers)]

    _infer({"PKG-INFO": "\n".join(lines), "setup.py": "from setuptools import setup\nsetup()\n"})


toml_scalars = st.one_of(
    texts.map(json.dumps), st.integers(-5, 5).map(str), st.sampled_from(["true", "1.5", "1979-05-27"])
)
toml_values = st.recursive(
    toml_scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(texts.map(json.dumps), inner, max_size=3).map(
            lambda items: "{" + ", ".join(f"{key} = {value}" for key, value in items.items()) + "}"
        ),
    ),
    max_leaves=5,
)
PROJECT_KEYS = ("description", "requires-python", "dependencies", "optional-dependencies", "license", "license-files", "classifiers", "keywords", "urls", "scripts", "gui-scripts", "dynamic", "import-names", "version")  # fmt: skip
POETRY_KEYS = (
    "dependencies",
    "extras",
    "scripts",
    "urls",
    "packages",
    "license",
    "homepage",
    "keywords",
    "version",
)


@given(
    st.dictionaries(st.sampled_from(PROJECT_KEYS), toml_values, max_size=5),
    st.sampled_from(
        ["hatchling.build", "setuptools.build_meta", "flit_core.buildapi", "poetry.core.masonry.api"]
    ),
)
@settings(deadline=None, max_examples=examples(200))
def test_any_project_table_is_read_or_refused(table: dict[str, str], backend: str) -> None:
    lines = [
        "[build-system]",
        'requires = ["x"]',
        f'build-backend = "{backend}"',
        "[project]",
        'name = "demo"',
    ]

    _infer({"pyproject.toml": "\n".join([*lines, *(f"{k} = {v}" for k, v in table.items())])})


@given(st.dictionaries(st.sampled_from(POETRY_KEYS), toml_values, max_size=5))
@settings(deadline=None, max_examples=examples(200))
def test_any_poetry_table_is_read_or_refused(table: dict[str, str]) -> None:
    lines = ["[build-system]", 'build-backend = "poetry.core.masonry.api"', "[tool.poetry]", 'name = "demo"']

    _infer({"pyproject.toml": "\n".join([*lines, *(f"{k} = {v}" for k, v in table.items())])})


@given(
    st.lists(
        st.tuples(st.sampled_from(["metadata", "options", "options.extras_require"]), texts, texts),
        max_size=6,
    )
)
@settings(deadline=None, max_examples=examples(100))
def test_any_setup_cfg_is_read_or_refused(options: list[tuple[str, str, str]]) -> None:
    text = "".join(f"[{section}]\n{key} = {value}\n" for section, key, value in options)

    _infer({"setup.cfg": text, "setup.py": "from setuptools import setup\nsetup(name='demo', version='1')\n"})
