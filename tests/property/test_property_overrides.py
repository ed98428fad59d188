"""Whatever the table `[package]` holds, it is refused with a code or gives a recipe that reads back."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.config.overrides import read_overrides
from conda_bridge.errors import BridgeError
from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v1 import read_v1, render_v1
from conda_bridge.model.recipe import leaves
from support.converting import PYPROJECT, convert_texts

SOURCE: dict[str, str | None] = {
    "pyproject.toml": PYPROJECT + "dependencies = ['attrs>=21']\n[project.scripts]\ndemo = 'demo:main'\n",
    "demo/__init__.py": "",
    "LICENSE": "MIT License",
}
TEXTS = st.one_of(
    st.text(max_size=20),
    st.text("abc-_.=<>!,|*1 []{}$%\"'`\\#:;&()/\n", max_size=20),
    st.sampled_from(
        ["attrs", "win", "demo = demo:x", "attrs <30", "demo --help", "https://x.example", "MIT"]
    ),
)
LISTS = st.one_of(TEXTS, st.lists(TEXTS, max_size=3))
CHANGES = st.one_of(LISTS, st.fixed_dictionaries({}, optional={"add": LISTS, "remove": LISTS}))
TABLES = st.dictionaries(TEXTS, LISTS, max_size=2)
SECTION = st.fixed_dictionaries(
    {},
    optional={
        "add": st.lists(
            st.one_of(TEXTS, st.fixed_dictionaries({"spec": TEXTS}, optional={"if": TEXTS})), max_size=3
        ),
        "remove": LISTS,
        "replace": st.dictionaries(TEXTS, TEXTS, max_size=2),
    },
)
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "conda-name": TEXTS,
    "maintainers": LISTS,
    "noarch": st.booleans(),
    "python-min": st.one_of(TEXTS, st.sampled_from(["3.8", "3.11", "3.99"])),
    "extras": LISTS,
    "build-number": st.integers(-1, 3),
    "names": TABLES,
    "config-settings": TABLES,
    "env": st.dictionaries(TEXTS, TEXTS, max_size=2),
    "script": LISTS,
    "entry-points": CHANGES,
    "skip": LISTS,
    "requirements": st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("build", "host", "run", "run_constraints"), SECTION)
    ),
    "tests": st.fixed_dictionaries(
        {}, optional={"imports": CHANGES, "commands": CHANGES, "pip-check": st.booleans(), "requires": LISTS}
    ),
    "about": st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("license", "homepage", "summary", "description", "documentation"), TEXTS),
            "license-file": CHANGES,
        },
    ),
}


@given(st.sampled_from(sorted(PARTS)).flatmap(lambda key: st.tuples(st.just(key), PARTS[key])))
def test_any_override_is_refused_or_gives_a_recipe_that_reads_back(part: tuple[str, Any]) -> None:
    try:
        (overrides,) = read_overrides({"demo": dict([part])})
        conversion = convert_texts(SOURCE, overrides=overrides)
        text = render_v1(conversion.recipe, environment=template_environment())
    except BridgeError:
        return
    assert read_v1(text) == conversion.recipe
    explained = {evidence.address for evidence in conversion.evidence}
    assert [leaf for leaf in leaves(conversion.recipe) if leaf not in explained] == []
