"""What [external] declares -> compilers and lines of build, host and run."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from packaging.version import Version

from conda_bridge.infer.external import External, infer_external
from conda_bridge.infer.pythons import infer_python
from conda_bridge.model.condition import ALWAYS, Condition, OsIn, Target, evaluate
from conda_bridge.model.conversion import Conversion, InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Inferred
from conda_bridge.model.external import ExternalMapping, ExternalRow
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.overrides import Item, PackageOverrides, SectionOverrides
from conda_bridge.model.project import Known
from conda_bridge.model.python_versions import PyVersion
from conda_bridge.model.recipe import MatchSpec, Section, spec_key
from conda_bridge.model.source import IndexFacts
from support.converting import PYPROJECT, context_of, convert_texts, section_of, slugs_of, specs_of
from support.trees import facts_of_texts

MAPPING = ExternalMapping(
    rows=(
        ExternalRow(id="dep:virtual/compiler/c", build=("compiler(c)", "stdlib(c)")),
        ExternalRow(id="dep:virtual/compiler/cxx", build=("compiler(cxx)", "stdlib(c)"), unversioned=True),
        ExternalRow(id="dep:virtual/compiler/cuda"),
        ExternalRow(id="dep:virtual/interface/blas", host=("libblas", "libcblas"), unversioned=True),
        ExternalRow(id="dep:virtual/interface/openmp", host=("llvm-openmp",)),
        ExternalRow(id="dep:generic/zlib", host=("zlib",)),
        ExternalRow(id="dep:generic/zlib", host=("zlib-ng",)),
        ExternalRow(id="dep:generic/tidy", host=("tidy-html5",)),
        ExternalRow(id="dep:generic/libxml2", host=("libxml2-devel",)),
        ExternalRow(id="dep:generic/libjpeg", host=("jpeg",)),
        ExternalRow(id="dep:generic/cmake", build=("cmake",)),
        ExternalRow(id="dep:generic/graphviz", run=("graphviz",)),
        ExternalRow(id="dep:generic/special", host=("special >=1 *_x",)),
        ExternalRow(id="dep:generic/python", build=("python",), host=("python",)),
        ExternalRow(id="dep:generic/numpy-headers", host=("numpy",)),
        ExternalRow(id="dep:generic/nothing"),
    ),
    aliases=(
        ("dep:github/madler/zlib", "dep:generic/zlib"),
        ("dep:github/htacg/tidy-html5", "dep:generic/tidy"),
        ("dep:generic/openblas", "dep:virtual/interface/blas"),
    ),
)


def context(table: str, *, mapping: ExternalMapping = MAPPING, extras: tuple[str, ...] = ()) -> InferContext:
    facts = facts_of_texts({"pyproject.toml": f"{PYPROJECT}[external]\n{table}"}, label="demo-1.2.3")
    chosen = PackageOverrides(name=PypiName("demo"), extras=tuple(Item(text=extra) for extra in extras))
    return replace(context_of(facts, overrides=chosen), external=mapping)


def inferred(
    table: str, *, mapping: ExternalMapping = MAPPING, extras: tuple[str, ...] = ()
) -> Inferred[External]:
    ctx = context(table, mapping=mapping, extras=extras)
    return infer_external(ctx, infer_python(ctx).value)


def lines(found: Inferred[External], section: Section = "host") -> dict[str, Condition]:
    return {
        str(one.spec) if isinstance(one.spec, MatchSpec) else spec_key(one.spec): one.condition
        for one in found.value.contributions
        if one.section == section
    }


def told(found: Inferred[External], slug: str) -> Diagnostic:
    (one,) = [d for d in found.diagnostics if d.slug == slug]
    return one


def converted(
    table: str, *, index: IndexFacts | None = None, overrides: Mapping[str, object] | None = None
) -> Conversion:
    texts: dict[str, str | None] = {
        "pyproject.toml": f"{PYPROJECT}[external]\n{table}",
        "demo/__init__.py": "",
    }
    chosen = replace(PackageOverrides(name=PypiName("demo")), **(overrides or {}))  # type: ignore[arg-type]
    return convert_texts(texts, index=index, overrides=chosen)


# ---------------------------------------------------------------- compilers


def test_compilers_are_languages_with_their_places() -> None:
    found = inferred('build-requires = ["dep:virtual/compiler/cxx", "dep:virtual/compiler/c"]')

    assert found.value.compilers == (
        ("c", ("pyproject.toml#/external/build-requires/1",)),
        ("cxx", ("pyproject.toml#/external/build-requires/0",)),
    )
    assert found.value.contributions == ()
    assert found.value.is_declared


def test_compiler_among_host_requirements_belongs_in_build_all_the_same() -> None:
    found = inferred('host-requires = ["virtual:compiler/c"]')

    assert [language for language, _ in found.value.compilers] == ["c"]
    assert found.diagnostics == ()


def test_compiler_under_a_marker_is_a_line_under_its_condition_with_the_c_library() -> None:
    found = inferred("build-requires = [\"dep:virtual/compiler/cxx; sys_platform == 'win32'\"]")

    windows = OsIn(frozenset({"win"}))
    assert found.value.compilers == ()
    assert lines(found, "build") == {"compiler(cxx)": windows, "stdlib(c)": windows}


def test_version_of_what_has_no_versions_of_its_own_is_left_out_with_a_note() -> None:
    found = inferred(
        'build-requires = ["dep:virtual/compiler/cxx@>=2017"]\nhost-requires = ["dep:generic/openblas@>=0.3"]'
    )

    assert lines(found) == {"libblas": ALWAYS, "libcblas": ALWAYS}
    assert [d.slug for d in found.diagnostics] == ["external-version-dropped"] * 2


def test_cuda_is_left_to_the_user_with_what_to_do() -> None:
    found = inferred('build-requires = ["dep:virtual/compiler/cuda"]')

    assert found.value.compilers == ()
    assert "cuda_compiler_version" in told(found, "unpackaged-external").hint


def test_openmp_is_the_runtime_of_each_systems_compiler() -> None:
    found = inferred("host-requires = [\"dep:virtual/interface/openmp; sys_platform != 'win32'\"]")

    assert lines(found) == {"libgomp": OsIn(frozenset({"linux"})), "llvm-openmp": OsIn(frozenset({"osx"}))}


def test_openmp_of_the_users_document_is_what_it_says() -> None:
    own = ExternalRow(id="dep:virtual/interface/openmp", host=("my-openmp",), origin="x.json")
    mapping = replace(MAPPING, rows=(own, *MAPPING.rows))

    assert lines(inferred('host-requires = ["dep:virtual/interface/openmp"]', mapping=mapping)) == {
        "my-openmp": ALWAYS
    }


def test_table_of_a_published_document_does_not_take_the_compiler_function_away() -> None:
    document = ExternalRow(id="dep:virtual/compiler/c", build=("c-compiler",), origin="x.json")
    found = inferred(
        'build-requires = ["dep:virtual/compiler/c"]',
        mapping=replace(MAPPING, rows=(document, *MAPPING.rows)),
    )

    assert [language for language, _ in found.value.compilers] == ["c"]


# ---------------------------------------------------------------- packages


def test_first_choice_of_an_alias_stands_in_its_section_with_its_version() -> None:
    found = inferred('host-requires = ["dep:github/htacg/tidy-html5@>=5.2,<6"]')

    assert lines(found) == {"tidy-html5 >=5.2,<6": ALWAYS}
    (one,) = found.value.contributions
    assert one.origins == ("pyproject.toml#/external/host-requires/0",)
    assert one.certainty is Certainty.DECLARED


def test_renamed_library_says_why() -> None:
    found = inferred('host-requires = ["dep:generic/libjpeg"]')

    (one,) = found.value.contributions
    assert str(one.spec) == "libjpeg-turbo"
    assert "instead of jpeg" in one.note
    assert one.certainty is Certainty.DERIVED


def test_bounds_of_a_row_and_of_the_project_hold_together_and_the_build_string_stays() -> None:
    found = inferred('host-requires = ["dep:generic/special@<3"]')

    assert list(lines(found)) == ["special >=1,<3 *_x"]


def test_same_package_twice_is_one_line_with_all_bounds() -> None:
    found = inferred('host-requires = ["dep:generic/tidy@>=1", "dep:generic/tidy@<3"]')

    (one,) = found.value.contributions
    assert str(one.spec) == "tidy-html5 >=1,<3"
    assert len(one.origins) == 2


def test_pinned_package_has_no_version_in_host() -> None:
    found = inferred('host-requires = ["dep:generic/numpy-headers@>=2"]')

    assert lines(found) == {"numpy": ALWAYS}
    assert "pins numpy" in told(found, "external-version-dropped").message


def test_library_in_dependencies_goes_to_run_without_its_headers() -> None:
    found = inferred('dependencies = ["dep:generic/libxml2"]')

    assert lines(found, "run") == {"libxml2": ALWAYS}


def test_host_library_is_not_copied_into_run() -> None:
    assert lines(inferred('host-requires = ["dep:generic/libxml2"]'), "run") == {}


def test_program_among_host_requirements_goes_to_build_with_a_finding() -> None:
    found = inferred('host-requires = ["dep:generic/cmake@>=3.20"]')

    assert lines(found, "build") == {"cmake >=3.20": ALWAYS}
    assert "cmake belongs in build" in told(found, "external-misplaced").message


def test_library_of_the_build_machine_stays_there() -> None:
    assert lines(inferred('build-requires = ["dep:generic/zlib"]'), "build") == {"zlib": ALWAYS}


def test_python_is_never_added_to_build() -> None:
    found = inferred('build-requires = ["dep:generic/python"]')

    assert lines(found, "build") == {}
    assert "python belongs there in cross builds only" in told(found, "external-misplaced").message


def test_id_without_a_package_is_a_finding() -> None:
    found = inferred('host-requires = ["dep:generic/nothing"]')

    assert found.value.contributions == ()
    assert "no package provides it" in told(found, "unpackaged-external").message


def test_unknown_generic_name_is_taken_as_it_is_with_the_nearest_known_id() -> None:
    found = inferred('host-requires = ["dep:generic/libxml3@>=1"]')

    (one,) = found.value.contributions
    assert str(one.spec) == "libxml3 >=1"
    assert one.certainty is Certainty.GUESSED
    assert "the nearest known id is dep:generic/libxml2" in told(found, "unknown-external").message


@pytest.mark.parametrize(
    "dep", ["dep:github/owner/thing", "dep:deb/debian/zlib1g", "dep:generic/%C3%A9t%C3%A9"]
)
def test_unknown_id_that_is_no_package_name_is_left_out_with_a_finding(dep: str) -> None:
    found = inferred(f'host-requires = ["{dep}"]')

    assert found.value.contributions == ()
    assert "it is left out" in told(found, "unknown-external").message


def test_many_unknown_ids_cost_no_time() -> None:
    ids = ", ".join(f'"dep:github/owner/zzz{n}"' for n in range(4_000))

    assert len(inferred(f"host-requires = [{ids}]").diagnostics) == 4_000


def test_python_project_goes_through_the_names() -> None:
    ctx = context('dependencies = ["dep:pypi/Some.Project@>=2"]')
    assert "some-project" in {hit.pypi_name for hit in ctx.names}

    found = infer_external(ctx, infer_python(ctx).value)

    assert lines(found, "run") == {"some-project >=2": ALWAYS}


def test_qualifiers_are_left_out_with_a_note() -> None:
    found = inferred('host-requires = ["dep:generic/zlib?arch=x#sub"]')

    assert list(lines(found)) == ["zlib"]
    assert "qualifiers" in told(found, "external-version-dropped").message


# ---------------------------------------------------------------- markers


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("sys_platform == 'win32'", {"win-64"}),
        ("platform_system != 'Windows'", {"linux-64", "linux-aarch64", "osx-arm64"}),
        ("sys_platform == 'darwin' and platform_machine == 'arm64'", {"osx-arm64"}),
    ],
)
def test_marker_is_a_condition_for_every_platform(marker: str, holds: set[str]) -> None:
    (condition,) = lines(inferred(f'host-requires = ["dep:generic/zlib; {marker}"]')).values()

    platforms = ("linux-64", "linux-aarch64", "osx-arm64", "win-64")
    python = PyVersion((3, 12))
    assert {p for p in platforms if evaluate(condition, Target(platform=p, python=python))} == holds


def test_marker_on_python_is_reduced_to_what_is_feasible() -> None:
    found = inferred(
        "host-requires = [\"dep:generic/zlib; python_version >= '3.8'\"]\n"
        "dependencies = [\"dep:generic/graphviz; python_version < '3.8'\"]"
    )

    assert lines(found) == {"zlib": ALWAYS}
    assert lines(found, "run") == {}
    assert "never applies" in told(found, "requirement-never-applies").message


def test_marker_that_nobody_can_know_loses_nothing() -> None:
    found = inferred("host-requires = [\"dep:generic/zlib; platform_release == '5'\"]")

    assert lines(found) == {"zlib": ALWAYS}
    assert "platform_release" in told(found, "unknown-marker").message


# ---------------------------------------------------------------- optional sets

SETS = """
[external.optional-build-requires]
x = ["dep:virtual/compiler/c"]
[external.optional-host-requires]
x = ["dep:generic/zlib"]
[external.optional-dependencies]
y = ["dep:generic/graphviz"]
[external.dependency-groups]
lint = ["dep:generic/nothing"]
"""


def test_optional_sets_and_groups_stay_out_and_are_told() -> None:
    found = inferred(SETS)

    assert (found.value.compilers, found.value.contributions) == ((), ())
    message = told(found, "external-groups-left-out").message
    assert all(name in message for name in ("build set x", "host set x", "extra y", "development group lint"))


def test_chosen_extra_brings_the_sets_of_its_name() -> None:
    found = inferred(SETS, extras=("x",))

    assert [language for language, _ in found.value.compilers] == ["c"]
    assert lines(found) == {"zlib": ALWAYS}
    assert "set x" not in told(found, "external-groups-left-out").message


def test_table_with_development_groups_alone_declares_nothing() -> None:
    assert not inferred('[external.dependency-groups]\nlint = ["dep:generic/zlib"]').value.is_declared


def test_extra_that_only_external_has_can_be_chosen() -> None:
    found = converted(SETS, overrides={"extras": (Item(text="y", origin="conda-bridge.toml#/x"),)})

    assert "graphviz" in specs_of(found, "run")
    assert "override-unused" not in slugs_of(found)


# ---------------------------------------------------------------- in the recipe


def test_declared_compilers_make_a_package_per_platform() -> None:
    found = converted('build-requires = ["dep:virtual/compiler/c"]\nhost-requires = ["dep:generic/zlib"]')

    assert found.recipe.outputs[0].noarch is None
    assert {"<compiler(c)>", "<stdlib(c)>"} <= set(specs_of(found, "build"))
    assert "zlib" in specs_of(found, "host")
    assert "zlib" not in specs_of(found, "run")


def test_declared_compilers_of_a_project_with_pure_wheels_only_are_told() -> None:
    index = IndexFacts(
        index_url="https://pypi.org/simple", version=Version("1.2.3"), wheels=("demo-1.2.3-py3-none-any.whl",)
    )

    found = converted('build-requires = ["dep:virtual/compiler/c"]', index=index)

    assert found.recipe.outputs[0].noarch == "python"
    assert "external-compilers-unused" in slugs_of(found)


def test_user_has_the_last_word() -> None:
    noarch = Known(value=True, origin="conda-bridge.toml#/n")
    removed = SectionOverrides(remove=(Item(text="zlib", origin="conda-bridge.toml#/r"),))
    table = 'build-requires = ["dep:virtual/compiler/c"]\nhost-requires = ["dep:generic/zlib"]'

    found = converted(table, overrides={"noarch": noarch, "host": removed})

    assert found.recipe.outputs[0].noarch == "python"
    assert "zlib" not in specs_of(found, "host")
    assert not [line for line in specs_of(found, "build") if "compiler" in line]


def test_pure_package_keeps_programs_and_run_dependencies_everywhere() -> None:
    found = converted(
        'build-requires = ["dep:generic/make"]\ndependencies = ["dep:generic/graphviz; sys_platform != \'win32\'"]'
    )

    assert found.recipe.outputs[0].noarch == "python"
    assert specs_of(found, "build") == ["make"]
    (line,) = [one for one in section_of(found, "run") if spec_key(one.spec) == "graphviz"]
    assert line.condition == ALWAYS
    assert "marker-widened" in slugs_of(found)


def test_run_dependency_of_one_system_makes_a_package_per_platform() -> None:
    only = "evdev"
    found = converted(f"dependencies = [\"dep:pypi/{only}; sys_platform == 'linux'\"]")

    assert found.recipe.outputs[0].noarch is None
    (line,) = [one for one in section_of(found, "run") if spec_key(one.spec) == CondaName(only)]
    assert line.condition == OsIn(frozenset({"linux"}))


def test_every_line_of_the_table_has_evidence_with_its_place() -> None:
    found = converted(
        'build-requires = ["dep:virtual/compiler/c", "dep:generic/make"]\nhost-requires = ["dep:generic/zlib"]'
    )

    origins = {str(one.address): one.origins for one in found.evidence if "external" in "".join(one.origins)}
    assert origins["demo/requirements.build/compiler(c)"] == ("pyproject.toml#/external/build-requires/0",)
    assert origins["demo/requirements.build/make"] == ("pyproject.toml#/external/build-requires/1",)
    assert origins["demo/requirements.host/zlib"] == ("pyproject.toml#/external/host-requires/0",)
