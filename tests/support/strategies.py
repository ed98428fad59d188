"""Hypothesis strategies for the model: every value that a recipe can hold, and text that outsiders may send.

What they leave out is what the model's own documentation excludes, and where the exclusion matters it stands
beside the strategy.
"""

from dataclasses import replace

from hypothesis import strategies as st

from conda_bridge.formats.v0_limits import is_boolean
from conda_bridge.model.condition import (
    ALWAYS,
    CROSS,
    NEVER,
    OPERATING_SYSTEMS,
    Condition,
    PyVersion,
    Span,
    all_of,
    any_of,
    arch_is,
    negate,
    os_in,
    python_in,
    variant_is,
)
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    LATEST,
    PYTHON_MIN,
    About,
    CommandTest,
    CompilerSpec,
    CrossPythonSpec,
    GitSource,
    MatchSpec,
    Output,
    PathSource,
    PinSpec,
    PythonMinSpec,
    PythonTest,
    Recipe,
    RecipeEntryPoint,
    Requirement,
    Requirements,
    Script,
    ScriptLine,
    Source,
    Spec,
    StdlibSpec,
    UrlSource,
)

__all__ = [
    "ARCHS",
    "commands",
    "conda_names",
    "conditions",
    "conditions_of",
    "has_names_of_v0",
    "hostile_text",
    "outputs",
    "recipes",
    "requirements",
    "specs",
    "target_conditions",
    "versions",
]

ARCHS = ("x86_64", "x86", "aarch64", "arm64", "ppc64le", "s390x", "riscv64")

_FRAGMENTS = (
    *("${{", "{{", "}}", "{%", "%}", "{#", "#}", "$", "{", "}", "${{ version }}", "{{ x }}", "{% raw %}"),
    *(
        ": ",
        " #",
        "# [win]",
        "#[",
        "[",
        "]",
        "- ",
        "---",
        "...",
        "&a",
        "*a",
        "!!str x",
        "%YAML",
        "|",
        ">",
        "? ",
    ),
    *("yes", "null", "~", "1.10", "1:30", "0o17", "0777", "1e5", "2026-11-01", "<<", "=", "_", ".inf", "1_0"),
    *("'", '"', "\\", "\\n", "\n", "\r", "\t", "\0", "\x1b[31m", "\x7f", "\x85", "\xa0", "\u2028", "\ufeff"),
    *(
        "\u202e",
        "é",
        "\U0001f600",
        "\ufffe",
        "\ufffd",
        " ",
        "  ",
        "a",
        "B",
        "3",
        ".",
        "-",
        "+",
        "_",
        ":",
        ",",
    ),
)

hostile_text = st.one_of(
    st.lists(st.sampled_from(_FRAGMENTS), max_size=8).map("".join),
    st.text(alphabet="0123456789_.:eExXobOaAfFinNtTyYsSuUrRlL+-~=<", max_size=8),
    st.text(max_size=30),
)
"""Text that YAML, Jinja or selectors would like to act on; lone surrogates can't be written in UTF-8."""

_some_text = hostile_text.filter(bool)

_one_line = hostile_text.filter({"\n", "\r", "\0"}.isdisjoint)

_word = st.text(alphabet="0123456789abcxyz._*!+", min_size=1, max_size=6)
_identifier = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)

conda_names = st.one_of(
    st.sampled_from(["demo", "yes", "null", "1.10", "1e5", "_", "0x10", "on", "python", "python-abi3"]),
    st.from_regex(r"[a-z0-9_][a-z0-9_.-]{0,10}", fullmatch=True),
).map(CondaName)

versions = st.one_of(
    st.sampled_from(["1.2.3", "1.10", "3", "2026.11.01", "1e5", "0x1", "1!2.0", "1.0.post1"]),
    st.from_regex(r"[0-9][0-9a-z.!_]{0,8}", fullmatch=True),
)

# ---------------------------------------------------------------- conditions

_python_versions = st.lists(st.integers(0, 20), max_size=2).map(lambda tail: PyVersion((3, *tail)))
_spans = st.builds(Span, lower=st.none() | _python_versions, upper=st.none() | _python_versions)

_target_atoms: st.SearchStrategy[Condition] = st.one_of(
    st.sampled_from([CROSS, negate(CROSS), variant_is("is_abi3"), variant_is("is_abi3", negated=True)]),
    st.sets(st.sampled_from(sorted(OPERATING_SYSTEMS)), min_size=1).map(os_in),
    st.lists(_spans, min_size=1, max_size=3).map(lambda spans: python_in(*spans)),
    st.builds(arch_is, st.sampled_from(ARCHS), negated=st.booleans()),
)

_variant_atoms: st.SearchStrategy[Condition] = st.builds(
    variant_is,
    _identifier.map("v_".__add__),
    st.one_of(st.sampled_from(["true", "false", "True", "None", "11.8", ""]), hostile_text),
    negated=st.booleans(),
)


def conditions_of(atoms: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    """Return canonical conditions over `atoms`."""
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda members: all_of(*members)),
            st.lists(inner, min_size=2, max_size=3).map(lambda members: any_of(*members)),
        ),
        max_leaves=5,
    )


conditions: st.SearchStrategy[Condition] = st.one_of(
    st.sampled_from([ALWAYS, NEVER]), conditions_of(_target_atoms | _variant_atoms)
)
"""Canonical conditions, all of which v1 can say."""

target_conditions: st.SearchStrategy[Condition] = conditions_of(
    _target_atoms
    | st.builds(variant_is, st.just("mpi"), st.sampled_from(["nompi", "openmpi"]), negated=st.booleans())
    | st.builds(variant_is, st.just("is_free"), st.sampled_from(["true", "false"]), negated=st.booleans())
)
"""Canonical conditions over the variant keys `mpi`, a text, and `is_abi3` and `is_free`, booleans."""

# ---------------------------------------------------------------- specs

_no_blanks = hostile_text.map(lambda text: "".join(text.split())).filter(bool)

_match_specs = st.builds(
    MatchSpec,
    conda_name=conda_names,
    version=st.one_of(st.just(""), st.sampled_from([">=1,<2", "1.2.*", "!=3", "*"]), _no_blanks),
    build=st.one_of(st.just(""), st.sampled_from(["cuda*", "py311_0"]), _no_blanks),
    # "*" beside a build string is how "any version" is written.
).map(lambda spec: MatchSpec(conda_name=spec.conda_name) if spec.version == "*" and spec.build else spec)

_python_min_specs = st.one_of(
    st.just(PythonMinSpec(is_exact=True)),
    st.builds(
        PythonMinSpec,
        is_exact=st.just(False),
        upper=st.one_of(st.just(""), _word),
        extra=st.sampled_from(["", "!=3.12.1", "!=3.9.7,!=3.11.*", "<=3.13"]),
    ),
)

specs: st.SearchStrategy[Spec] = st.one_of(
    _match_specs,
    _python_min_specs,
    st.builds(CompilerSpec, language=st.sampled_from(["c", "cxx", "fortran", "rust", "go-nocgo"])),
    st.just(StdlibSpec()),
    st.just(CrossPythonSpec()),
    st.builds(
        PinSpec,
        function=st.sampled_from(["pin_subpackage", "pin_compatible"]),
        conda_name=conda_names,
        is_exact=st.booleans(),
        lower=st.one_of(st.just(""), _word),
        upper=st.one_of(st.just(""), _word),
    ),
)

_requirement_lists = st.lists(st.builds(Requirement, spec=specs, condition=conditions), max_size=5).map(tuple)

requirements = st.builds(
    Requirements,
    build=_requirement_lists,
    host=_requirement_lists,
    run=_requirement_lists,
    run_constraints=_requirement_lists,
)

# ---------------------------------------------------------------- outputs

commands = st.lists(
    st.one_of(
        st.sampled_from(["${{ PYTHON }}", " -m pip install . -vv", "${{ python_min }}", " "]), hostile_text
    ),
    min_size=1,
    max_size=4,
).map("".join)

_script_lines = st.builds(ScriptLine, command=commands, condition=conditions)

_scripts = st.builds(
    Script,
    lines=st.lists(_script_lines, max_size=3).map(tuple),
    env=st.lists(
        st.tuples(_identifier, st.one_of(_one_line, versions)), max_size=3, unique_by=lambda pair: pair[0]
    ).map(tuple),
)

_entry_points = st.builds(
    RecipeEntryPoint,
    name=_some_text.filter(lambda name: " = " not in f"{name} "),
    target=hostile_text,
)

_tests = st.one_of(
    st.builds(
        PythonTest,
        imports=st.lists(hostile_text, max_size=2).map(tuple),
        pip_check=st.booleans(),
        python_versions=st.lists(
            st.one_of(st.sampled_from([PYTHON_MIN, LATEST, "3.11.*"]), hostile_text), max_size=3
        ).map(tuple),
        condition=conditions,
    ),
    st.builds(
        CommandTest,
        lines=st.lists(_script_lines, min_size=1, max_size=3).map(tuple),
        requires=st.lists(specs, max_size=2).map(tuple),
        condition=conditions,
    ),
)

_abouts = st.builds(
    About,
    homepage=hostile_text,
    summary=hostile_text,
    description=hostile_text,
    license=hostile_text,
    license_files=st.lists(hostile_text, max_size=2).map(tuple),
    repository=hostile_text,
    documentation=hostile_text,
)

outputs = st.builds(
    Output,
    conda_name=conda_names,
    noarch=st.sampled_from([None, "python", "generic"]),
    skip=st.lists(conditions, max_size=2).map(tuple),
    script=_scripts,
    entry_points=st.lists(_entry_points, max_size=2).map(tuple),
    is_version_independent=st.booleans(),
    requirements=requirements,
    tests=st.lists(_tests, max_size=2).map(tuple),
    about=_abouts,
)

# ---------------------------------------------------------------- recipes

_urls = st.one_of(
    st.builds(
        "https://example.org/{}/v{}/demo-{}{}".format,
        st.sampled_from(["d", "12", "1.10"]),
        versions,
        versions,
        st.sampled_from([".tar.gz", ".zip", "-py3-none-any.whl", ".txt"]),
    ),
    hostile_text,
)

_sources: st.SearchStrategy[Source] = st.one_of(
    st.builds(
        UrlSource, url=_urls, sha256=st.one_of(st.from_regex(r"[0-9a-f]{64}", fullmatch=True), hostile_text)
    ),
    st.builds(GitSource, url=hostile_text, commit=hostile_text),
    st.builds(PathSource, path=hostile_text, sha256=hostile_text),
)


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """Return recipes with one output of the recipe's name, with one of another name, or with several."""
    version = draw(versions)
    # A version of an output's own is another one than the recipe's.
    own_versions = st.one_of(st.just(""), versions.filter(lambda own: own != version))
    built = [
        replace(output, version=draw(own_versions))
        for output in draw(st.lists(outputs, min_size=1, max_size=2))
    ]
    return Recipe(
        name=draw(st.one_of(st.just(built[0].conda_name), conda_names)),
        version=version,
        python_min=draw(st.one_of(st.just(""), st.sampled_from(["3.11", "3.10"]))),
        sources=tuple(draw(st.lists(_sources, max_size=2))),
        build_number=draw(st.integers(0, 1000)),
        outputs=tuple(built),
        maintainers=tuple(draw(st.lists(hostile_text, max_size=2))),
    )


def has_names_of_v0(recipe: Recipe) -> bool:
    """Return whether v0 can say the names of a recipe and its outputs."""
    return not any(map(is_boolean, (recipe.name, *(output.conda_name for output in recipe.outputs))))
