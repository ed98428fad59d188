"""The table [external] as it is read."""

import json

import pytest

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project import infer_project
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.external import ExternalMetadata
from conda_bridge.model.project import Project
from support.trees import facts_of_texts

HEAD = '[build-system]\nrequires = []\nbuild-backend = "x"\n[project]\nname = "demo"\nversion = "1"\n'


def project(table: str, pkg_info: str = "") -> Project:
    texts: dict[str, str | None] = {"pyproject.toml": HEAD + table}
    if pkg_info:
        texts["PKG-INFO"] = f"Metadata-Version: 2.1\nName: demo\nVersion: 1\n{pkg_info}"
    return infer_project(facts_of_texts(texts, label="demo-1"))


def external(table: str) -> ExternalMetadata:
    found = project(f"[external]\n{table}").external
    assert found is not None
    return found


def entries(table: str) -> list[tuple[str, str, str]]:
    return [(str(one.dep), one.section, one.group) for one in external(table).requirements]


def findings(table: str, slug: str) -> list[Diagnostic]:
    return [one for one in project(f"[external]\n{table}").diagnostics if one.slug == slug]


def refused(table: str) -> MetadataError:
    with pytest.raises(MetadataError) as caught:
        project(f"[external]\n{table}")
    return caught.value


def test_project_without_the_table_says_nothing() -> None:
    assert project("").external is None


def test_empty_table_is_one() -> None:
    assert external("") == ExternalMetadata()


def test_required_lists_are_sections() -> None:
    table = 'build-requires = ["dep:a/b"]\nhost-requires = ["dep:a/c@>=1"]\ndependencies = ["dep:a/d"]'

    assert entries(table) == [("dep:a/b", "build", ""), ("dep:a/c@>=1", "host", ""), ("dep:a/d", "run", "")]


def test_optional_sets_keep_their_names_normalised() -> None:
    table = (
        '[external.optional-build-requires]\nA_b = ["dep:generic/b"]\n'
        '[external.optional-host-requires]\nx = ["dep:generic/h"]\n'
        '[external.optional-dependencies]\nx = ["dep:generic/r"]\n'
    )

    assert entries(table) == [
        ("dep:generic/b", "build", "a-b"),
        ("dep:generic/h", "host", "x"),
        ("dep:generic/r", "run", "x"),
    ]


def test_marker_is_kept_with_its_entry() -> None:
    (one,) = external("host-requires = [\"dep:generic/z@1 ; os_name == 'nt'\"]").requirements

    assert str(one.marker) == 'os_name == "nt"'
    assert str(one.dep) == "dep:generic/z@==1"
    assert one.origin == "pyproject.toml#/external/host-requires/0"


def test_groups_include_one_another() -> None:
    table = (
        "[external.dependency-groups]\n"
        'lint = ["dep:generic/shellcheck"]\n'
        'Test_All = ["dep:generic/git", {include-group = "LINT"}]\n'
    )

    found = external(table).requirements

    assert [(str(one.dep), one.group, one.is_development) for one in found] == [
        ("dep:generic/shellcheck", "lint", True),
        ("dep:generic/git", "test-all", True),
        ("dep:generic/shellcheck", "test-all", True),
    ]


def test_group_that_is_included_twice_counts_once() -> None:
    levels = [
        f'g{n} = [{{include-group = "g{n - 1}"}}, {{include-group = "g{n - 1}"}}]' for n in range(1, 40)
    ]
    table = "[external.dependency-groups]\n" + "\n".join(['g0 = ["dep:generic/git"]', *levels])

    assert len(external(table).requirements) == 40


@pytest.mark.parametrize(
    ("groups", "path"),
    [
        ('a = [{include-group = "a"}]', "a -> a"),
        (
            'a = [{include-group = "b"}]\nb = [{include-group = "c"}]\nc = [{include-group = "B"}]',
            "b -> c -> b",
        ),
    ],
)
def test_groups_in_a_circle_are_refused(groups: str, path: str) -> None:
    error = refused(f"[external.dependency-groups]\n{groups}")

    assert error.slug == "external-group-cycle"
    assert path in error.message


@pytest.mark.parametrize(
    ("table", "slug"),
    [
        ('[external.dependency-groups]\na = [{include-group = "b"}]', "invalid-field"),
        ('[external.dependency-groups]\na = [{include = "b"}]', "invalid-field"),
        ("[external.dependency-groups]\na = [1]", "invalid-field"),
        ('[external.dependency-groups]\na = "dep:generic/git"', "invalid-field"),
        ('[external.dependency-groups]\na_b = []\n"a-b" = []', "invalid-field"),
        ('host-requires = "dep:generic/zlib"', "invalid-field"),
        ("host-requires = [1]", "invalid-field"),
        ('[external.optional-dependencies]\nx = "dep:generic/zlib"', "invalid-field"),
        ('host-requires = ["zlib"]', "invalid-depurl"),
        ('build-host-requires = ["virtual:"]', "invalid-depurl"),
        ('[external.dependency-groups]\na = ["dep:generic/a@~=1"]', "invalid-depurl"),
        ('host-requires = ["dep:generic/a; nonsense"]', "invalid-depurl"),
        (f"host-requires = {json.dumps(['dep:generic/a'] * 5_001)}", "invalid-field"),
        (
            "[external.dependency-groups]\ng0 = []\n"
            + "\n".join(f'g{n} = [{{include-group = "g{n - 1}"}}]' for n in reversed(range(1, 300))),
            "invalid-field",
        ),
    ],
)
def test_malformed_table_is_refused_with_its_place(table: str, slug: str) -> None:
    error = refused(table)

    assert error.slug == slug
    assert (error.where or "").startswith("pyproject.toml#/external/")


def test_refusal_shows_the_entry_as_written() -> None:
    assert (
        "'virtual:compiler/a b' is no DepURL" in refused('build-requires = ["virtual:compiler/a b"]').message
    )


def test_older_spellings_are_read_and_told_once() -> None:
    table = (
        'build-requires = ["virtual:compiler/cpp", "pkg:generic/pkg-config"]\n'
        'build-host-requires = ["pkg:generic/gmp"]\n'
        '[external.optional-build-host-requires]\nx = ["dep:generic/mpc"]\n'
    )

    (told,) = findings(table, "external-old-spelling")

    assert "in 5 places" in told.message
    assert "build-host-requires is host-requires today" in told.message
    assert entries(table) == [
        ("dep:virtual/compiler/cxx", "build", ""),
        ("dep:generic/pkg-config", "build", ""),
        ("dep:generic/gmp", "host", ""),
        ("dep:generic/mpc", "host", "x"),
    ]


def test_todays_spelling_is_no_finding() -> None:
    found = project(
        '[external]\nbuild-requires = ["dep:virtual/compiler/cxx"]\nhost-requires = []'
    ).diagnostics

    assert not [one for one in found if "external" in one.slug]


def test_unknown_key_is_told_with_the_nearest_one() -> None:
    (told,) = findings('host-require = ["not even a DepURL"]', "unknown-external-key")

    assert "host-requires may be meant" in told.message
    assert told.origin == "pyproject.toml#/external/host-require"


def test_unknown_type_is_told() -> None:
    (told,) = findings('host-requires = ["dep:genric/zlib"]', "unknown-depurl-type")

    assert "'genric'" in told.message


def test_free_text_of_pkg_info_is_told() -> None:
    found = project("", "Requires-External: C\nRequires-External: libpng (>=1.5)\n").diagnostics

    (told,) = [one for one in found if one.slug == "requires-external"]

    assert "C, libpng (>=1.5)" in told.message
    assert told.origin == "PKG-INFO#/Requires-External/0"
