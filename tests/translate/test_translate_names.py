from collections.abc import Iterable, Mapping

import pytest

from conda_bridge.model.names import CondaName, PypiName, conda_name, pypi_name
from conda_bridge.model.options import NameOverride
from conda_bridge.translate.name_lexicon import NameLexicon, owners, stripped_names
from conda_bridge.translate.name_table import CuratedNames, NameRow, PackageRow, Rename, curated_names
from conda_bridge.translate.names import NameMap, name_finding


class FakeMapping:
    """A published mapping in memory."""

    data_version = "fake 1"

    def __init__(self, **rows: str) -> None:
        self.rows = {
            PypiName(project.replace("_", "-")): CondaName(package) for project, package in rows.items()
        }
        self.asked: list[PypiName] = []

    def conda_names(self, names: Iterable[PypiName]) -> Mapping[PypiName, CondaName]:
        names = tuple(names)
        self.asked += names
        return {name: self.rows[name] for name in names if name in self.rows}

    def pypi_names(self, names: Iterable[CondaName]) -> Mapping[CondaName, tuple[PypiName, ...]]:
        found = {name: tuple(p for p, package in self.rows.items() if package == name) for name in names}
        return {name: projects for name, projects in found.items() if projects}


def lexicon(**packages: str) -> NameLexicon:
    return NameLexicon(
        packages=tuple(
            (CondaName(package), tuple(map(PypiName, projects.split())))
            for package, projects in packages.items()
        ),
        source="channel",
        data_version="channel of today",
    )


def override(project: str, package: str | None) -> NameOverride:
    return NameOverride(
        pypi_name=PypiName(project), conda_name=None if package is None else CondaName(package)
    )


NO_TABLE = CuratedNames()


# ---------------------------------------------------------------- PyPI -> conda


def test_hits_come_in_the_order_asked() -> None:
    asked = (PypiName("zeta"), PypiName("torch"), PypiName("alpha"))

    hits = NameMap().to_conda(asked)

    assert tuple(hit.pypi_name for hit in hits) == asked


def test_an_override_wins_over_every_table_and_is_not_renamed() -> None:
    names = NameMap(overrides=(override("matplotlib", "matplotlib"),), mapped=FakeMapping(matplotlib="other"))

    (hit,) = names.to_conda((PypiName("matplotlib"),))

    assert (hit.chosen, hit.source, hit.confidence) == ("matplotlib", "override", "certain")


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_override_with_nothing_drops_the_dependency(nothing: str | None) -> None:
    names = NameMap(overrides=(override("torch", nothing),))

    (hit,) = names.to_conda((PypiName("torch"),))

    assert (hit.chosen, hit.candidates, hit.source) == (None, (), "override")


def test_a_curated_row_wins_and_lists_what_the_others_say() -> None:
    names = NameMap(mapped=FakeMapping(opencv_python="opencv"), lexicon=lexicon(libopencv="opencv-python"))

    (hit,) = names.to_conda((PypiName("opencv-python"),))

    assert hit.chosen == "py-opencv"
    assert hit.candidates == ("py-opencv", "libopencv", "opencv")
    assert (hit.source, hit.confidence) == ("curated", "high")
    assert hit.reason


@pytest.mark.parametrize(
    ("project", "package"),
    [
        ("torch", "pytorch"),
        ("tables", "pytables"),
        ("msgpack", "msgpack-python"),
        ("typing-extensions", "typing_extensions"),
        ("opencv-python", "py-opencv"),
        ("matplotlib", "matplotlib-base"),
        ("dask", "dask-core"),
        ("seaborn", "seaborn-base"),
        ("pyfai", "pyfai-base"),
        ("build", "python-build"),
        ("duckdb", "python-duckdb"),
        ("graphviz", "python-graphviz"),
        ("brotli", "brotli-python"),
        ("ninja", "ninja"),
        ("cmake", "cmake"),
        ("psycopg2-binary", "psycopg2"),
        ("astropy", "astropy-base"),
    ],
)
def test_known_traps_are_curated(project: str, package: str) -> None:
    (hit,) = NameMap().to_conda((PypiName(project),))

    assert hit.chosen == package
    assert hit.source == "curated" or project == "astropy"


@pytest.mark.parametrize(
    ("project", "own"),
    [("dask", "dask"), ("astropy", "astropy"), ("pathlib", "pathlib"), ("importlib-metadata", None)],
)
def test_a_project_keeps_its_own_name_where_dependencies_name_another(project: str, own: str | None) -> None:
    mapped = FakeMapping(importlib_metadata="importlib_metadata")

    (hit,) = NameMap(mapped=mapped).to_conda((PypiName(project),))

    assert hit.own_name == own
    assert hit.chosen != own


def test_a_lexicon_answers_before_the_mapping() -> None:
    names = NameMap(lexicon=lexicon(pyfoo="foo"), mapped=FakeMapping(foo="foo-from-mapping"))

    (hit,) = names.to_conda((PypiName("foo"),))

    assert (hit.chosen, hit.source, hit.data_version) == ("pyfoo", "channel", "channel of today")
    assert hit.confidence == "high"


@pytest.mark.parametrize(
    ("packages", "chosen", "confidence"),
    [
        ({"foo": "foo", "python-foo": "foo"}, "foo", "high"),
        ({"foo_bar": "foo-bar", "foo-bar": "foo-bar"}, "foo-bar", "high"),
        ({"libfoo-all": "foo", "python-foo": "foo", "xfoo": "foo"}, "python-foo", "medium"),
        ({"foo-longer": "foo", "foo-long": "foo"}, "foo-long", "medium"),
    ],
)
def test_of_several_packages_the_own_name_then_the_prefixed_then_the_shortest_is_chosen(
    packages: dict[str, str], chosen: str, confidence: str
) -> None:
    project = PypiName("foo-bar" if "foo-bar" in packages else "foo")

    (hit,) = NameMap(lexicon=lexicon(**packages)).to_conda((project,))

    assert (hit.chosen, hit.confidence) == (chosen, confidence)
    assert set(hit.candidates) == set(packages)


def test_a_package_that_vendors_a_project_is_no_candidate_for_it() -> None:
    names = NameMap(lexicon=lexicon(tool="tool click", click="click"))

    (hit,) = names.to_conda((PypiName("click"),))

    assert hit.candidates == ("click",)


@pytest.mark.parametrize(
    ("package", "confidence"), [("foo_bar", "high"), ("python-foo-bar", "high"), ("unrelated", "medium")]
)
def test_the_mapping_is_trusted_as_far_as_its_name_resembles_the_project(
    package: str, confidence: str
) -> None:
    (hit,) = NameMap(mapped=FakeMapping(foo_bar=package)).to_conda((PypiName("foo-bar"),))

    assert (hit.chosen, hit.source, hit.confidence) == (package, "conda-pypi", confidence)
    assert hit.data_version == "fake 1"


def test_an_unknown_project_keeps_its_name_with_low_confidence_and_lists_twins() -> None:
    (hit,) = NameMap(mapped=FakeMapping()).to_conda((PypiName("foo-bar"),))

    assert (hit.chosen, hit.source, hit.confidence) == ("foo-bar", "identity", "low")
    assert hit.candidates == ("foo-bar", "foo_bar", "python-foo-bar")
    assert not hit.is_collision


def test_a_name_that_the_lexicon_knows_as_something_else_is_a_collision() -> None:
    names = NameMap(curated=NO_TABLE, lexicon=lexicon(foo="", bar="python-bar"))

    foo, bar = names.to_conda((PypiName("foo"), PypiName("bar")))

    assert (foo.is_collision, foo.confidence) == (True, "low")
    assert bar.is_collision
    assert "python-bar" in bar.reason


def test_a_name_that_the_mapping_gives_to_another_project_is_a_collision() -> None:
    (hit,) = NameMap(mapped=FakeMapping(python_bar="bar")).to_conda((PypiName("bar"),))

    assert hit.is_collision


def test_an_alias_that_shares_the_package_is_no_collision() -> None:
    (hit,) = NameMap(mapped=FakeMapping(psycopg2_binary="psycopg2")).to_conda((PypiName("psycopg2"),))

    assert not hit.is_collision


def test_a_well_known_program_is_a_collision_without_any_lexicon() -> None:
    (hit,) = NameMap().to_conda((PypiName("attr"),))

    assert hit.is_collision


def test_renames_apply_after_the_mapping() -> None:
    (hit,) = NameMap(mapped=FakeMapping(importlib_metadata="importlib_metadata")).to_conda(
        (PypiName("importlib-metadata"),)
    )

    assert hit.chosen == "importlib-metadata"
    assert hit.candidates == ("importlib-metadata", "importlib_metadata")
    assert hit.source == "curated"


def test_a_rename_to_nothing_drops_the_dependency() -> None:
    (hit,) = NameMap().to_conda((PypiName("pathlib"),))

    assert hit.chosen is None
    assert "standard library" in hit.reason


def test_another_distributor_has_its_own_renames() -> None:
    own = Rename(conda_name=CondaName("foo"), replacement=CondaName("foo2"), reason="renamed")
    names = NameMap(renames=(own,))

    foo, pathlib = names.to_conda((PypiName("foo"), PypiName("pathlib")))

    assert (foo.chosen, pathlib.chosen) == ("foo2", "pathlib")


def test_the_mapping_is_not_asked_for_overridden_names() -> None:
    mapping = FakeMapping()

    NameMap(overrides=(override("foo", "bar"),), mapped=mapping).to_conda((PypiName("foo"), PypiName("baz")))

    assert mapping.asked == ["baz"]


# ---------------------------------------------------------------- findings


def test_a_sure_hit_has_no_finding() -> None:
    (hit,) = NameMap().to_conda((PypiName("torch"),))

    assert name_finding(hit) is None


@pytest.mark.parametrize(
    ("project", "slug", "severity"),
    [
        ("attr", "name-collision", "error"),
        ("unheard-of", "name-unmapped", "warning"),
        ("pathlib", "name-dropped", "warning"),
    ],
)
def test_doubtful_hits_have_findings(project: str, slug: str, severity: str) -> None:
    (hit,) = NameMap().to_conda((PypiName(project),))

    found = name_finding(hit)

    assert found is not None
    assert (found.slug, found.severity) == (slug, severity)
    assert project in found.message


def test_what_the_user_dropped_is_no_finding() -> None:
    (hit,) = NameMap(overrides=(override("torch", None),)).to_conda((PypiName("torch"),))

    assert name_finding(hit) is None


# ---------------------------------------------------------------- conda -> PyPI


def to_pypi(package: str, **sources: NameLexicon | FakeMapping) -> tuple[PypiName, ...]:
    mapped = sources.get("mapped")
    known = sources.get("lexicon")
    assert mapped is None or isinstance(mapped, FakeMapping)
    assert known is None or isinstance(known, NameLexicon)
    return NameMap(mapped=mapped, lexicon=known).to_pypi(CondaName(package))


@pytest.mark.parametrize(
    ("package", "projects"),
    [
        ("pytorch", ("torch",)),
        ("matplotlib-base", ("matplotlib",)),
        ("matplotlib", ("matplotlib",)),
        ("typing_extensions", ("typing-extensions",)),
        ("typing-extensions", ("typing-extensions",)),
        ("py-opencv", ("opencv-python",)),
        ("pyqt", ("pyqt5",)),
        ("jupyter_core", ("jupyter-core",)),
        ("graphviz", ()),
        ("brotli", ()),
        ("igraph", ()),
        ("zlib", ()),
        ("python", ()),
        ("libfoo", ()),
        ("r-ggplot2", ()),
        ("foo-devel", ()),
        ("_openmp_mutex", ()),
    ],
)
def test_conda_names_lead_back_to_their_projects(package: str, projects: tuple[str, ...]) -> None:
    assert to_pypi(package) == projects


def test_an_unknown_package_may_belong_to_the_project_of_its_name_or_what_it_is_named_after() -> None:
    assert to_pypi("python-foo") == ("python-foo", "foo")


def test_an_alias_doesnt_hide_the_project_itself() -> None:
    assert to_pypi("scikit-learn")[0] == "scikit-learn"


@pytest.mark.parametrize(
    ("project", "package"), [("sklearn", "scikit-learn"), ("opencv-python-headless", "py-opencv")]
)
def test_an_alias_is_no_name_of_a_projects_own_recipe(project: str, package: str) -> None:
    (hit,) = NameMap().to_conda((PypiName(project),))

    assert (hit.chosen, hit.own_name) == (package, project)


def test_a_package_that_the_mapping_gives_to_another_project_names_no_recipe_of_this_one() -> None:
    names = NameMap(mapped=FakeMapping(foo="foo", foo_cpu="foo", bar="python-bar", torch_x="pyx"))

    cpu, bar, only = names.to_conda((PypiName("foo-cpu"), PypiName("bar"), PypiName("torch-x")))

    assert (cpu.chosen, cpu.own_name) == ("foo", "foo-cpu")
    assert (bar.chosen, bar.own_name) == ("python-bar", None)
    assert (only.chosen, only.own_name) == ("pyx", None)


def test_the_target_of_a_rename_belongs_to_the_project_of_the_old_name() -> None:
    assert to_pypi("astropy-base", mapped=FakeMapping(astropy="astropy"))[0] == "astropy"


def test_the_core_of_a_known_project_belongs_to_it() -> None:
    assert to_pypi("foo-core", mapped=FakeMapping(foo="foo"))[0] == "foo"


def test_the_twin_spelling_of_a_known_package_belongs_to_the_project() -> None:
    assert to_pypi("foo_bar", mapped=FakeMapping(foo_bar="foo-bar")) == ("foo-bar",)


def test_a_namesake_of_a_project_that_lives_elsewhere_is_no_python_package() -> None:
    assert to_pypi("foo", mapped=FakeMapping(foo="python-foo")) == ()


def test_the_mapping_is_read_backwards_with_the_own_name_first() -> None:
    assert to_pypi("bar", mapped=FakeMapping(foo="bar", bar="bar")) == ("bar",)
    assert to_pypi("bar", mapped=FakeMapping(foo="bar", baz="bar")) == ("foo", "baz")


def test_the_lexicon_says_which_packages_are_no_python_packages() -> None:
    assert to_pypi("foo", lexicon=lexicon(foo=""), mapped=FakeMapping(foo="foo")) == ()


def test_overrides_are_read_backwards() -> None:
    names = NameMap(overrides=(override("foo", "libfoo"),))

    assert names.to_pypi(CondaName("libfoo")) == ("foo",)
    assert names.to_pypi(CondaName("foo")) == ()


def test_a_curated_package_row_may_say_that_it_is_no_python_package() -> None:
    row = PackageRow(conda_name=CondaName("foo"), pypi_name=None, reason="a program")

    assert NameMap(curated=CuratedNames(packages=(row,))).to_pypi(CondaName("foo")) == ()


# ---------------------------------------------------------------- parts


def test_the_own_name_makes_the_other_projects_of_a_package_vendored() -> None:
    listed = tuple(map(PypiName, ("click", "tool", "six")))

    assert owners(CondaName("tool"), listed) == ("tool",)
    assert owners(CondaName("python-click"), listed) == ("click",)
    assert owners(CondaName("bundle"), listed) == listed


@pytest.mark.parametrize(
    ("package", "projects"),
    [("python-foo", ("foo",)), ("foo-base", ("foo",)), ("py-foo-core", ("foo-core", "py-foo")), ("foo", ())],
)
def test_affixes_are_stripped(package: str, projects: tuple[str, ...]) -> None:
    assert stripped_names(CondaName(package)) == projects


def test_a_package_named_only_by_an_affix_is_named_after_nothing() -> None:
    assert stripped_names(CondaName("python-base")) == ("base", "python")
    assert stripped_names(CondaName("_x")) == ()


# ---------------------------------------------------------------- the shipped table


def rows() -> tuple[NameRow, ...]:
    return curated_names().projects


def test_every_curated_name_is_normalised_and_has_a_reason() -> None:
    for row in rows():
        assert pypi_name(row.pypi_name) == row.pypi_name
        assert conda_name(row.conda_name) == row.conda_name
        assert row.reason


def test_no_project_stands_in_the_table_twice() -> None:
    names = [row.pypi_name for row in rows()]

    assert len(names) == len(set(names))


def test_no_curated_name_is_renamed_again() -> None:
    renamed = {row.conda_name for row in curated_names().renames}

    assert not renamed & {row.conda_name for row in rows()}
    assert not renamed & {row.replacement for row in curated_names().renames}


def test_curated_rows_lead_there_and_back() -> None:
    names = NameMap()

    for row in rows():
        if not row.is_alias and row.conda_name not in curated_names().not_python:
            assert row.pypi_name in names.to_pypi(row.conda_name)
