"""The shipped mapping of external dependencies, look-ups in it, and PEP 804 documents."""

import json
from typing import Any

import pytest

from conda_bridge.errors import ConfigError
from conda_bridge.model.external import NO_MAPPING, ExternalMapping, ExternalRow, ExternalSection
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import CompilerSpec, StdlibSpec
from conda_bridge.translate.depurls import normalised, parse_depurl
from conda_bridge.translate.external import (
    best_row,
    external_mapping,
    id_of_package,
    nearest,
    placed,
    read_function,
    renamed_library,
)
from conda_bridge.translate.external_documents import combined_mappings, parse_external_document
from conda_bridge.translate.match_specs import parse_match_spec
from support.cost import least_cpu_s

WHERE = "acme.mapping.json"


def document(*mappings: dict[str, Any], **more: Any) -> ExternalMapping:
    return parse_external_document(json.dumps({"mappings": mappings, **more}), where=WHERE)


def row(dep_id: str = "dep:generic/x", **sections: tuple[str, ...]) -> ExternalRow:
    return ExternalRow(id=dep_id, **sections)  # type: ignore[arg-type]


# ---------------------------------------------------------------- the mapping that ships


def test_ids_and_aliases_of_the_table_are_todays_depurls() -> None:
    mapping = external_mapping()

    for dep_id in mapping.ids:
        assert parse_depurl(dep_id).id == dep_id or "c++" in dep_id, dep_id
        assert normalised(dep_id)[0] == dep_id or dep_id.startswith("dep:virtual/compiler/"), dep_id
    assert all(mapping.of(alias) for alias, _ in mapping.aliases)


def test_specs_of_the_table_are_read() -> None:
    for one in external_mapping().rows:
        for spec in (*one.build, *one.host, *one.run):
            assert read_function(spec) or parse_match_spec(spec).value.conda_name, one.id


@pytest.mark.parametrize("language", ["c", "cxx", "fortran", "rust", "go"])
def test_compilers_are_functions_of_recipes(language: str) -> None:
    (one, *_) = external_mapping().of(f"dep:virtual/compiler/{language}")

    expected = "go-cgo" if language == "go" else language
    assert CompilerSpec(language=expected) in map(read_function, one.build)


@pytest.mark.parametrize(
    "name",
    [
        "compiler/c-sharp", "compiler/javascript", "compiler/obj-c", "compiler/obj-cxx", "compiler/ocaml",
        "compiler/typescript", "compiler/zig", "interface/blas", "interface/mpi",
    ],
)  # fmt: skip
def test_virtual_ids_of_the_public_registry_are_known(name: str) -> None:
    assert external_mapping().of(f"dep:virtual/{name}")


@pytest.mark.parametrize("dep_id", ["dep:virtual/compiler/cuda", "dep:virtual/interface/mpi"])
def test_what_is_a_variant_is_known_without_packages(dep_id: str) -> None:
    (one,) = external_mapping().of(dep_id)

    assert (one.build, one.host, one.run) == ((), (), ())


@pytest.mark.parametrize(
    ("dep_id", "host"),
    [
        ("dep:virtual/interface/blas", ("libblas", "libcblas")),
        ("dep:virtual/interface/lapack", ("liblapack",)),
        ("dep:virtual/interface/openmp", ("libgomp", "llvm-openmp")),
        ("dep:generic/zlib", ("zlib",)),
        ("dep:github/madler/zlib", ("zlib",)),
    ],
)
def test_libraries_are_in_host(dep_id: str, host: tuple[str, ...]) -> None:
    assert external_mapping().of(dep_id)[0].host == host


# ---------------------------------------------------------------- look-ups


@pytest.mark.parametrize(
    ("one", "section", "expected"),
    [
        (row(host=("a",)), "host", ("host", ("a",))),
        (row(host=("a",), run=("b",)), "run", ("run", ("b",))),
        (row(host=("a-devel >=1",)), "run", ("run", ("a >=1",))),
        (row(build=("tool",)), "host", ("build", ("tool",))),
        (row(build=("tool",)), "run", ("run", ("tool",))),
        (row(run=("prog",)), "build", ("build", ("prog",))),
        (row(host=("lib",)), "build", ("build", ("lib",))),
        (row(build=("compiler(c)",)), "run", ("build", ("compiler(c)",))),
        (row(), "host", ("host", ())),
    ],
)
def test_specs_are_placed_in_the_section_asked_for_or_where_they_belong(
    one: ExternalRow, section: ExternalSection, expected: tuple[str, tuple[str, ...]]
) -> None:
    assert placed(one, section) == expected


def test_functions_are_told_from_packages() -> None:
    assert read_function("compiler(go-cgo)") == CompilerSpec(language="go-cgo")
    assert read_function("stdlib(c)") == StdlibSpec(language="c")
    assert read_function("compiler") is None


def test_first_row_is_the_best_but_for_compilers_without_the_function() -> None:
    first, second = row("dep:virtual/compiler/c", build=("c-compiler",)), row(build=("compiler(c)",))

    assert best_row((first, second)) is second
    assert best_row((row(host=("a",)), second)).host == ("a",)


def test_renames_are_those_that_check_knows() -> None:
    assert renamed_library(CondaName("jpeg"))[0] == "libjpeg-turbo"
    assert renamed_library(CondaName("zlib")) == ("zlib", "")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("dep:generic/zlibb", "dep:generic/zlib"),
        ("dep:github/someone/zlib", "dep:github/madler/zlib"),
        ("dep:virtual/compiler/fortrn", "dep:virtual/compiler/fortran"),
        ("dep:generic/qqqqqqqq", ""),
        ("dep:generic/", ""),
    ],
)
def test_nearest_known_id(asked: str, found: str) -> None:
    assert nearest(asked, external_mapping()) == found


@pytest.mark.parametrize(
    "spec", ["compiler('x'); touch", "a; b", "a $(id)", "zlib `x`", "${{ x }}", "a (b)", "a {b}"]
)
def test_texts_that_are_no_match_spec_are_refused(spec: str) -> None:
    document = json.dumps({"mappings": [{"id": "dep:generic/a", "specs": [spec]}]})

    with pytest.raises(ConfigError, match="match spec"):
        parse_external_document(document, where="x.json")


def test_nearest_of_endless_text_costs_little() -> None:
    mapping = external_mapping()

    cost_s = least_cpu_s(lambda: nearest("dep:generic/" + "z" * 100_000, mapping), enough_s=0.5)

    assert cost_s < 0.5


@pytest.mark.parametrize(
    ("package", "section", "dep_id"),
    [
        ("zlib", "host", "dep:generic/zlib"),
        ("libcblas", "host", "dep:virtual/interface/blas"),
        ("libxml2-devel", "host", "dep:generic/libxml2"),
        ("cmake", "build", "dep:generic/cmake"),
        ("no-such-thing", "host", ""),
    ],
)
def test_packages_lead_back_to_ids(package: str, section: ExternalSection, dep_id: str) -> None:
    assert id_of_package(CondaName(package), section, external_mapping()) == dep_id


# ---------------------------------------------------------------- PEP 804 documents


@pytest.mark.parametrize(
    ("specs", "expected"),
    [
        ("zlib", (("zlib",), ("zlib",), ("zlib",))),
        (["a", "b >=1"], (("a", "b >=1"),) * 3),
        ([], ((), (), ())),
        ({"build": [], "host": "zlib-devel", "run": ["zlib"]}, ((), ("zlib-devel",), ("zlib",))),
        ({"host": "libblas * *_netlib"}, ((), ("libblas * *_netlib",), ())),
        ({"build": ["${{ compiler('c') }}", '{{ stdlib("c") }}']}, (("compiler(c)", "stdlib(c)"), (), ())),
    ],
)
def test_specs_in_every_shape(specs: object, expected: tuple[tuple[str, ...], ...]) -> None:
    (one,) = document({"id": "dep:generic/x", "specs": specs}).rows

    assert (one.build, one.host, one.run) == expected
    assert one.origin == WHERE


def test_several_entries_of_one_id_are_alternatives_in_their_order() -> None:
    mapping = document({"id": "dep:generic/x", "specs": "a"}, {"id": "dep:generic/x", "specs": "b"})

    assert [one.host for one in mapping.of("dep:generic/x")] == [("a",), ("b",)]


def test_specs_of_another_entry_come_with_its_alternatives() -> None:
    mapping = document(
        {"id": "dep:generic/y", "specs_from": "dep:generic/x", "description": "why"},
        {"id": "dep:generic/x", "specs": "a"},
        {"id": "dep:generic/x", "specs": "b"},
    )

    assert [one.host for one in mapping.of("dep:generic/y")] == [("a",), ("b",)]


def test_unknown_keys_are_passed_over_and_old_ids_become_todays() -> None:
    mapping = document(
        {"id": "pkg:generic/x", "specs": "a", "urls": {"feedstock": "u"}, "extra_metadata": {}},
        name="acme",
        package_managers=[{"name": "conda"}, {"name": "other"}],
    )

    assert mapping.ids == {"dep:generic/x"}


@pytest.mark.parametrize(
    "provides", ["dep:generic/x", ["dep:generic/x"], ["dep:virtual/interface/v", "dep:generic/x"]]
)
def test_registry_says_which_ids_stand_for_others(provides: object) -> None:
    text = json.dumps(
        {"definitions": [{"id": "dep:github/A/X", "provides": provides}, {"id": "dep:generic/x"}]}
    )

    assert parse_external_document(text, where="registry.json").aliases == (
        ("dep:github/A/X", "dep:generic/x"),
    )


def test_what_provides_only_something_virtual_stands_for_itself() -> None:
    text = json.dumps({"definitions": [{"id": "dep:generic/gcc", "provides": "dep:virtual/compiler/c"}]})

    assert parse_external_document(text, where="registry.json") == NO_MAPPING


def test_documents_win_over_what_ships_and_leave_the_rest() -> None:
    shipped = ExternalMapping(
        rows=(row(host=("ours",)), row("dep:generic/y", host=("y",))), aliases=(("dep:a/a", "dep:generic/y"),)
    )
    first = document({"id": "dep:generic/x", "specs": {"host": "first"}})
    second = document({"id": "dep:generic/x", "specs": {"host": "second"}})
    registry = parse_external_document(
        json.dumps({"definitions": [{"id": "dep:a/a", "provides": "dep:generic/x"}]}), where="r"
    )

    mapping = combined_mappings(shipped, (first, second, registry))

    assert [one.host for one in mapping.of("dep:generic/x")] == [("first",), ("second",), ("ours",)]
    assert mapping.of("dep:generic/y")[0].host == ("y",)
    assert mapping.canonical("dep:a/a") == "dep:generic/x"
    assert combined_mappings(shipped, ()) is shipped


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no valid JSON"),
        ("[" * 100_000, "no valid JSON"),
        ("[]", "a table"),
        ("{}", "neither"),
        ('{"ecosystems": {}}', "only lists other documents"),
        ('{"mappings": {}}', "no list"),
        ('{"mappings": [], "package_managers": [{"name": "apt"}]}', "those of apt, not of conda"),
        ('{"mappings": [1]}', "an entry is a table"),
        ('{"mappings": [{"specs": "a"}]}', "its id is no text"),
        ('{"mappings": [{"id": "zlib", "specs": "a"}]}', "no DepURL"),
        ('{"mappings": [{"id": "dep:a/b"}]}', "neither `specs` nor `specs_from`"),
        ('{"mappings": [{"id": "dep:a/b", "specs": 1}]}', "specs are"),
        ('{"mappings": [{"id": "dep:a/b", "specs": {"host": [1]}}]}', "specs are"),
        ('{"mappings": [{"id": "dep:a/b", "specs": "a b c d"}]}', "acme.mapping.json#/mappings/0/specs"),
        ('{"mappings": [{"id": "dep:a/b", "specs_from": "dep:a/c"}]}', "no id of the document"),
        ('{"mappings": [{"id": "dep:a/b", "specs_from": "dep:a/b"}]}', "leads to no specs"),
        ('{"definitions": [{"id": "dep:a/b", "provides": 1}]}', "provides is"),
        ('{"definitions": [{"id": "dep:a/b", "provides": ["x"]}]}', "no DepURL"),
    ],
)
def test_malformed_document_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_external_document(text, where=WHERE)

    assert caught.value.slug == "invalid-config"
    assert message in str(caught.value)


def test_document_that_multiplies_its_entries_is_refused() -> None:
    many = [{"id": "dep:a/b", "specs": []}] * 1_000 + [{"id": "dep:a/c", "specs_from": "dep:a/b"}] * 100

    with pytest.raises(ConfigError, match="more alternatives"):
        document(*many)
