from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from conda_bridge.errors import MetadataError
from conda_bridge.model.external import DepUrl
from conda_bridge.translate.depurls import is_known_type, normalised, parse_depurl
from support.effort import examples

PRINTABLE = st.characters(codec="utf-8", categories=("L", "N", "P", "S"))
SEGMENTS = st.text(PRINTABLE, min_size=1, max_size=8).filter(lambda text: text not in {".", ".."})
CLAUSES = st.tuples(
    st.sampled_from([">=", ">", "<", "<=", "=="]),
    st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){0,2}", fullmatch=True),
).map("".join)
PLAIN = st.from_regex(r"[A-Za-z0-9=&._-]{1,12}", fullmatch=True)
DEPURLS = st.builds(
    DepUrl,
    kind=st.from_regex(r"[a-z][a-z0-9.+-]{0,8}", fullmatch=True),
    namespace=st.lists(SEGMENTS.filter(lambda text: "/" not in text), max_size=2).map("/".join),
    name=SEGMENTS,
    versions=st.lists(CLAUSES, max_size=3).map(",".join).map(SpecifierSet),
    qualifiers=st.just("") | PLAIN,
    subpath=st.just("") | PLAIN,
)


@settings(max_examples=examples(200))
@given(DEPURLS)
def test_what_is_written_is_read_again(dep: DepUrl) -> None:
    assert parse_depurl(str(dep)) == dep


@settings(max_examples=examples(200))
@given(DEPURLS)
def test_todays_spelling_of_anything_but_a_compiler_is_normal(dep: DepUrl) -> None:
    if dep.kind != "virtual":
        assert normalised(str(dep)) == (str(dep), ())


@settings(max_examples=examples(300))
@given(st.text(max_size=60) | st.text(max_size=60).map("dep:generic/".__add__))
def test_any_text_is_a_depurl_or_refused(text: str) -> None:
    with suppress(MetadataError):
        dep = parse_depurl(normalised(text)[0])
        assert parse_depurl(str(dep)) == dep


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("dep:generic/zlib", ("generic", "", "zlib", "")),
        ("dep:virtual/compiler/c", ("virtual", "compiler", "c", "")),
        ("dep:github/Kitware/CMake@>=3.20,<4", ("github", "Kitware", "CMake", "<4,>=3.20")),
        ("dep:GENERIC/LibX", ("generic", "", "LibX", "")),
        ("dep:npm/%40scope/name@1.0", ("npm", "@scope", "name", "==1.0")),
        ("dep:generic/libstdc%2B%2B", ("generic", "", "libstdc++", "")),
        ("dep:golang/a/b/c", ("golang", "a/b", "c", "")),
        ("dep:generic/x@%3E%3D1.2", ("generic", "", "x", ">=1.2")),
        ("dep:generic/x@v1.0", ("generic", "", "x", "==1.0")),
        ("dep:generic/x@==1!2.0,<1!3", ("generic", "", "x", "<1!3,==1!2.0")),
    ],
)
def test_parts(text: str, parts: tuple[str, str, str, str]) -> None:
    dep = parse_depurl(text)

    assert (dep.kind, dep.namespace, dep.name) == parts[:3]
    assert dep.versions == SpecifierSet(parts[3])


def test_id_keeps_the_case_of_names_and_drops_all_else() -> None:
    dep = parse_depurl("dep:github/OpenMathLib/OpenBLAS@>=0.3?checksum=abc#sub/dir")

    assert dep.id == "dep:github/OpenMathLib/OpenBLAS"
    assert (dep.qualifiers, dep.subpath) == ("checksum=abc", "sub/dir")


@pytest.mark.parametrize(
    "text",
    [
        "zlib", "pkg:generic/zlib", "dep:", "dep:generic", "dep:generic/", "dep:generic//a", "dep:/generic/a",
        "dep:generic/a b", "dep:generic/a\n", "dep:generic/../a", "dep:generic/%2e%2e/a", "dep:generic/a%zz",
        "dep:generic/a%ff", "dep:generic/a%00", "dep:generic/a%0a", "dep:golang/a%2fb/c", "dep:generic/a@",
        "dep:generic/a@one", "dep:generic/a@~=1.0", "dep:generic/a@!=1.0", "dep:generic/a@===1.0",
        "dep:generic/a@==1.*", "dep:generic/a@1.*", "dep:generic/a@>=1,", "dep:generic/a@1,2", "dep:generic/a@>=1,2",
        "dep:generic/a@vers:pypi/>=1", "dep:generic/a@1@2", "dep:generic/a?", "dep:generic/a#", "dep:generic/" + "a" * 2_000,
    ],
)  # fmt: skip
def test_malformed_depurl_is_refused(text: str) -> None:
    with pytest.raises(MetadataError, match="is no DepURL") as caught:
        parse_depurl(text)

    assert caught.value.slug == "invalid-depurl"


@pytest.mark.parametrize(
    ("written", "today"),
    [
        ("virtual:compiler/c", "dep:virtual/compiler/c"),
        ("virtual:compiler/cpp", "dep:virtual/compiler/cxx"),
        ("pkg:generic/gmp@>=6", "dep:generic/gmp@>=6"),
        ("PKG:generic/gmp", "dep:generic/gmp"),
        ("pkg:virtual/compiler/c++", "dep:virtual/compiler/cxx"),
        ("dep:virtual/compiler/c%2B%2B@>=2017", "dep:virtual/compiler/cxx@>=2017"),
        (
            'virtual:compiler/cpp; sys_platform == "win32"',
            'dep:virtual/compiler/cxx; sys_platform == "win32"',
        ),
    ],
)
def test_older_spelling_becomes_todays_with_a_note(written: str, today: str) -> None:
    text, notes = normalised(written)

    assert text == today
    assert notes
    assert normalised(today) == (today, ())


@pytest.mark.parametrize(
    "text", ["dep:virtual/compiler/cxx", "dep:generic/cpp", "dep:virtual/compiler/cppx", "zlib", ""]
)
def test_todays_spelling_stays(text: str) -> None:
    assert normalised(text) == (text, ())


def test_types_are_those_of_package_urls_and_virtual() -> None:
    assert is_known_type("generic")
    assert is_known_type("virtual")
    assert not is_known_type("genric")
