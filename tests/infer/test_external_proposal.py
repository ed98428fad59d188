"""A conversion -> the table [external] that its project should declare."""

from dataclasses import replace

from conda_bridge.infer.external_table import ProposedDependency, propose_external
from conda_bridge.model.condition import CROSS, os_in, variant_is
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.evidence import Certainty, Evidence, address
from conda_bridge.model.external import ExternalMapping, ExternalRow
from conda_bridge.model.libraries import FoundLibrary
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    CompilerSpec,
    CrossPythonSpec,
    MatchSpec,
    Requirement,
    Requirements,
    StdlibSpec,
)
from support.converting import PYPROJECT, convert_texts

MAPPING = ExternalMapping(
    rows=(
        ExternalRow(id="dep:generic/zlib", host=("zlib",)),
        ExternalRow(id="dep:generic/cmake", build=("cmake",)),
        ExternalRow(id="dep:generic/git", build=("git",), run=("git",)),
        ExternalRow(id="dep:generic/libjpeg", host=("libjpeg-turbo",)),
        ExternalRow(id="dep:generic/libgomp", host=("libgomp",)),
        ExternalRow(id="dep:virtual/interface/openmp", host=("libgomp", "llvm-openmp")),
    ),
    aliases=(("dep:generic/jpeg", "dep:generic/libjpeg"),),
)


def with_lines(requirements: Requirements, *evidence: Evidence, table: str = "") -> Conversion:
    conversion = convert_texts({"pyproject.toml": PYPROJECT + table, "demo/__init__.py": ""})
    (output,) = conversion.recipe.outputs
    recipe = replace(conversion.recipe, outputs=(replace(output, requirements=requirements),))
    return replace(conversion, recipe=recipe, evidence=evidence, libraries=())


def package(name: str) -> Requirement:
    return Requirement(spec=MatchSpec(conda_name=CondaName(name)))


def proposed(conversion: Conversion) -> list[tuple[str, str]]:
    return [(one.key, one.depurl) for one in propose_external(conversion, MAPPING)]


def only(conversion: Conversion) -> ProposedDependency:
    (one,) = propose_external(conversion, MAPPING)
    return one


def library(name: str, *, is_required: bool = True) -> FoundLibrary:
    return FoundLibrary(
        key=name,
        id=f"dep:generic/{name}",
        section="host",
        is_required=is_required,
        note="why",
        origins=("x.c:1",),
    )


def test_compilers_and_programs_are_build_requirements_and_recipes_own_lines_are_none() -> None:
    build = (
        Requirement(spec=MatchSpec(conda_name=CondaName("python")), condition=CROSS),
        Requirement(spec=CrossPythonSpec(), condition=CROSS),
        Requirement(spec=CompilerSpec(language="go-cgo")),
        Requirement(spec=CompilerSpec(language="c"), condition=os_in({"win"})),
        Requirement(spec=StdlibSpec()),
        package("cmake"),
        Requirement(spec=MatchSpec(conda_name=CondaName("git")), condition=CROSS),
        package("cargo-bundle-licenses"),
    )

    assert proposed(with_lines(Requirements(build=build))) == [
        ("build-requires", "dep:virtual/compiler/go"),
        ("build-requires", 'dep:virtual/compiler/c; sys_platform == "win32"'),
        ("build-requires", "dep:generic/cmake"),
    ]


def test_program_that_the_project_requires_from_pypi_is_none() -> None:
    said = Evidence(
        address=address("demo", "requirements.build", "cmake"),
        rule="requirements.build",
        certainty=Certainty.DECLARED,
        origins=("pyproject.toml#/build-system/requires/1",),
    )

    assert proposed(with_lines(Requirements(build=(package("cmake"),)), said)) == []


def test_lines_that_mappings_know_are_proposed_and_python_projects_are_not() -> None:
    requirements = Requirements(
        host=(package("pip"), package("hatchling"), package("libjpeg-turbo")),
        run=(package("git"), package("nobody")),
    )

    assert proposed(with_lines(requirements)) == [
        ("host-requires", "dep:generic/libjpeg"),
        ("dependencies", "dep:generic/git"),
    ]


def test_reason_and_places_are_those_of_the_evidence() -> None:
    said = Evidence(
        address=address("demo", "requirements.host", "zlib"),
        rule="x",
        certainty=Certainty.DERIVED,
        origins=("setup.py:3",),
        note="it is linked",
    )

    one = only(with_lines(Requirements(host=(package("zlib"),)), said))

    assert (one.reason, one.origins) == ("it is linked", ("setup.py:3",))


def test_condition_that_no_marker_says_is_left_out_of_the_entry() -> None:
    line = Requirement(spec=MatchSpec(conda_name=CondaName("zlib")), condition=variant_is("cuda"))

    assert proposed(with_lines(Requirements(host=(line,)))) == [("host-requires", "dep:generic/zlib")]


def test_libraries_of_the_tree_are_certain_where_the_recipe_has_them() -> None:
    conversion = with_lines(Requirements(host=(package("zlib"),)))
    conversion = replace(conversion, libraries=(library("zlib"), library("gmp", is_required=False)))

    found = propose_external(conversion, MAPPING)

    assert [(one.depurl, one.is_certain) for one in found] == [
        ("dep:generic/zlib", True),
        ("dep:generic/gmp", False),
    ]
    assert found[1].reason == "why"


def test_what_is_declared_comes_first_and_once_under_any_of_its_ids() -> None:
    table = '[external]\nhost-requires = ["pkg:generic/jpeg@>=8"]\ndependencies = []\n'
    conversion = with_lines(Requirements(host=(package("libjpeg-turbo"),)), table=table)
    conversion = replace(conversion, libraries=(replace(library("libjpeg"), is_required=False),))

    one = only(conversion)

    assert (one.depurl, one.is_declared) == ("dep:generic/jpeg@>=8", True)


def test_optional_sets_and_groups_are_kept() -> None:
    table = (
        '[external]\n[external.optional-build-requires]\nx = ["dep:generic/git"]\n'
        '[external.dependency-groups]\nlint = ["dep:generic/git"]\n'
    )

    found = propose_external(with_lines(Requirements(), table=table), MAPPING)

    assert [(one.key, one.group) for one in found] == [
        ("optional-build-requires", "x"),
        ("dependency-groups", "lint"),
    ]


def test_runtimes_of_openmp_are_the_one_interface_on_every_system() -> None:
    host = tuple(
        Requirement(spec=MatchSpec(conda_name=CondaName(name)), condition=os_in({system}))
        for name, system in (("libgomp", "linux"), ("llvm-openmp", "osx"))
    )

    assert proposed(with_lines(Requirements(host=host))) == [
        ("host-requires", "dep:virtual/interface/openmp")
    ]
