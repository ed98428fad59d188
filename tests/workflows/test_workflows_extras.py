from collections.abc import Mapping

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.errors import SourceError
from conda_bridge.infer.needs import wanted_extras
from conda_bridge.model.names import PypiName
from conda_bridge.model.project import BuildSystem, Declared, Known, Project
from conda_bridge.model.source import FileLink, IndexProject
from conda_bridge.translate.toolchains import toolchain_table
from conda_bridge.workflows.extras import newest_wheel, read_extras
from support.trees import facts_of_texts


class FakeFetcher:
    """An index of wheels whose metadata is at hand: (project, version) -> lines of Requires-Dist."""

    def __init__(self, releases: Mapping[tuple[str, str], tuple[str, ...]], *, failure: str = "") -> None:
        self.releases = releases
        self.failure = failure
        self.requests: list[str] = []

    def get_project(self, name: PypiName) -> IndexProject:
        self.requests.append(name)
        if self.failure:
            raise SourceError(self.failure, "no answer", where="https://index.example")
        files = tuple(wheel(name, version) for project, version in self.releases if project == name)
        return IndexProject(pypi_name=name, index_url="https://index.example", files=files)

    def get_metadata(self, link: FileLink) -> str | None:
        name, version = link.filename.split("-")[:2]
        lines = self.releases[name, version]
        requires = [f"Requires-Dist: {line}" for line in lines if not line.startswith("!")]
        extras = [f"Provides-Extra: {line[1:]}" for line in lines if line.startswith("!")]
        return "\n".join([f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}", *extras, *requires])

    def get_file(self, link: FileLink) -> str:
        raise AssertionError(link)

    def get_url(self, url: str) -> str:
        raise AssertionError(url)


def wheel(name: str, version: str, *, tag: str = "py3-none-any", yanked: str | None = None) -> FileLink:
    filename = f"{name}-{version}-{tag}.whl"
    return FileLink(
        filename=filename,
        url=f"https://index.example/{filename}",
        yanked=yanked,
        has_metadata=tag != "cp311-cp311-x",
    )


def wanted(source: Project) -> tuple[tuple[Declared, str], ...]:
    return wanted_extras(facts_of_texts({}), source, toolchain_table())


def project(*requirements: str) -> Project:
    return Project(
        pypi_name=Known(value=PypiName("demo"), origin="PKG-INFO#/Name"),
        display_name="demo",
        version=Known(value=Version("1"), origin="PKG-INFO#/Version"),
        build_system=BuildSystem(requires=(), backend="hatchling.build"),
        dependencies=tuple(
            Declared(requirement=Requirement(text), origin=f"PKG-INFO#/Requires-Dist/{n}")
            for n, text in enumerate(requirements)
        ),
    )


def expanded(fetcher: FakeFetcher, *requirements: str) -> dict[str, list[str]]:
    read = read_extras(wanted(project(*requirements)), fetcher)
    return {f"{e.pypi_name}[{e.extra}]": [str(d.requirement) for d in e.requirements] for e in read.value}


def test_extra_becomes_its_requirements_without_the_extra_marker() -> None:
    fetcher = FakeFetcher({("foo", "1"): ("!bar", "base", 'x>=2; extra == "bar"', 'y; extra == "other"')})

    assert expanded(fetcher, "foo[bar]") == {"foo[bar]": ["x>=2"]}


def test_what_remains_of_the_marker_is_kept() -> None:
    fetcher = FakeFetcher({("foo", "1"): ("!bar", 'x; os_name == "nt" and extra == "bar"')})

    assert expanded(fetcher, "foo[bar]") == {"foo[bar]": ['x; os_name == "nt"']}


def test_newest_release_that_the_requirement_allows_is_read() -> None:
    fetcher = FakeFetcher(
        {
            ("foo", "1.9"): ("!bar", 'old; extra == "bar"'),
            ("foo", "1.10"): ("!bar", 'right; extra == "bar"'),
            ("foo", "2.0"): ("!bar", 'new; extra == "bar"'),
        }
    )

    assert expanded(fetcher, "foo[bar]<2") == {"foo[bar]": ["right"]}


def test_extras_within_extras_are_expanded_under_their_markers() -> None:
    fetcher = FakeFetcher(
        {
            ("foo", "1"): (
                "!all",
                "!bar",
                'foo[bar]; sys_platform == "win32" and extra == "all"',
                'baz[qux]; extra == "all"',
                'x; extra == "bar"',
            ),
            ("baz", "3"): ("!qux", 'deep; extra == "qux"'),
        }
    )

    assert expanded(fetcher, "foo[all]") == {"foo[all]": ['x; sys_platform == "win32"', "baz[qux]", "deep"]}


def test_extras_that_ask_for_each_other_end() -> None:
    fetcher = FakeFetcher({("foo", "1"): ("!a", "!b", 'foo[b]; extra == "a"', 'foo[a]; extra == "b"')})

    assert expanded(fetcher, "foo[a]") == {"foo[a]": []}


def test_project_is_asked_once_for_several_extras() -> None:
    fetcher = FakeFetcher({("foo", "1"): ("!a", "!b")})

    expanded(fetcher, "foo[a,b]")

    assert fetcher.requests == ["foo"]


@pytest.mark.parametrize("lines", [(), ("!other",)])
def test_extra_that_the_project_does_not_declare_stays_unexpanded(lines: tuple[str, ...]) -> None:
    assert expanded(FakeFetcher({("foo", "1"): lines}), "foo[bar]") == {}


def test_project_without_wheels_stays_unexpanded() -> None:
    assert expanded(FakeFetcher({}), "foo[bar]") == {}


def test_failure_is_a_finding_with_its_place() -> None:
    read = read_extras(wanted(project("a", "foo[bar]")), FakeFetcher({}, failure="index-unreachable"))

    (found,) = read.diagnostics
    assert (found.slug, found.origin) == ("extra-unread", "PKG-INFO#/Requires-Dist/1")
    assert "foo[bar]: https://index.example: no answer" in found.message


def test_being_offline_is_no_finding_of_its_own() -> None:
    read = read_extras(wanted(project("foo[bar]")), FakeFetcher({}, failure="offline"))

    assert read.diagnostics == ()
    assert read.value == ()


def test_invalid_metadata_of_the_other_project_is_a_finding() -> None:
    read = read_extras(wanted(project("foo[bar]")), FakeFetcher({("foo", "1"): ("!bar", "x y z")}))

    assert [found.slug for found in read.diagnostics] == ["extra-unread"]


def test_project_without_extras_asks_nobody() -> None:
    fetcher = FakeFetcher({})

    assert expanded(fetcher, "foo>=1", "bar") == {}
    assert fetcher.requests == []


def test_yanked_files_and_foreign_names_do_not_count_and_cheap_metadata_wins() -> None:
    page = IndexProject(
        pypi_name=PypiName("foo"),
        index_url="https://index.example",
        files=(
            wheel("foo", "3", yanked="broken"),
            wheel("foo", "2", tag="cp311-cp311-x"),
            wheel("foo", "2"),
            FileLink(filename="foo-9.tar.gz", url="https://index.example/foo-9.tar.gz"),
        ),
    )

    link = newest_wheel(page, SpecifierSet())

    assert link is not None
    assert link.filename == "foo-2-py3-none-any.whl"


def test_pre_release_is_read_where_nothing_else_is_left() -> None:
    page = IndexProject(
        pypi_name=PypiName("foo"), index_url="https://index.example", files=(wheel("foo", "1rc1"),)
    )

    link = newest_wheel(page, SpecifierSet(">=0.5"))

    assert link is not None
    assert link.filename.startswith("foo-1rc1")
