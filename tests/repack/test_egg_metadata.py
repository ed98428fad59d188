"""PKG-INFO and requires.txt of an installed egg become METADATA that today's readers take."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.metadata import Metadata
from packaging.requirements import Requirement

from conda_bridge.errors import BridgeError
from conda_bridge.repack.to_wheel.package_metadata import WheelMetadata
from support.package_facts import made_of, metadata_lines

EGG = "demo-1.0-py3.11.egg-info"
MODERN = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.8\nLicense-File: LICENSE\n\nBody.\n"
OLD = b"Metadata-Version: 1.2\nName: demo\nVersion: 1.0\nRequires-Python: >=3.8\n"


def egg(pkg_info: bytes, requires: str = "") -> WheelMetadata:
    held = {f"{EGG}/PKG-INFO": pkg_info}
    return made_of(held | ({f"{EGG}/requires.txt": requires.encode()} if requires else {}))


def content(made: WheelMetadata) -> bytes:
    return dict(made.files)[f"{made.dist_info}/METADATA"]


def slugs(made: WheelMetadata) -> list[str]:
    return [row.slug for row in made.diagnostics]


def strict(made: WheelMetadata) -> Metadata:
    return Metadata.from_email(content(made), validate=True)


@pytest.mark.parametrize("text", [MODERN, MODERN.replace(b"\n", b"\r\n")], ids=["lf", "crlf"])
def test_modern_pkg_info_is_metadata_byte_for_byte(text: bytes) -> None:
    made = egg(text)

    assert content(made) == text
    assert made.origin == "egg-info"
    assert slugs(made) == ["license-missing"]


def test_egg_of_one_file_is_read_as_well() -> None:
    made = made_of({"demo-1.0-py2.7.egg-info": MODERN})

    assert content(made) == MODERN
    assert made.origin == "egg-info"


def test_of_an_egg_only_top_level_and_entry_points_are_kept() -> None:
    names = (
        "SOURCES.txt",
        "dependency_links.txt",
        "not-zip-safe",
        "top_level.txt",
        "installed-files.txt",
        "requires.txt",
    )
    held = {f"{EGG}/PKG-INFO": MODERN} | {f"{EGG}/{name}": b"" for name in names}
    made = made_of(held | {f"{EGG}/entry_points.txt": b"[console_scripts]\ndemo-3.11 = demo:main\n"})

    found = {path.rpartition("/")[2] for path, _ in made.files}
    assert found == {"METADATA", "WHEEL", "top_level.txt", "entry_points.txt"}
    assert made.console_scripts == ("demo-3.11",)


def test_old_pkg_info_is_brought_into_a_form_that_strict_readers_take() -> None:
    text = OLD + (
        b"Summary: Does\n        things\nHome-page: UNKNOWN\nLicense: MIT\nDescription-Content-Type: UNKNOWN\n"
        b"Platform: UNKNOWN\nDescription: Title\n        =====\n        \n          code\n        end\nClassifier: Topic :: X\n"
    )
    made = egg(text)

    assert content(made).decode() == (
        "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.8\nSummary: Does things\nLicense: MIT\n"
        "Platform: UNKNOWN\nClassifier: Topic :: X\n\nTitle\n=====\n\n  code\nend\n"
    )
    assert strict(made).description == "Title\n=====\n\n  code\nend\n"
    assert slugs(made) == ["metadata-repaired"]


def test_version_of_the_format_has_all_fields() -> None:
    assert egg(OLD + b"License-Expression: MIT\n").files[0][1].startswith(b"Metadata-Version: 2.4\n")
    assert egg(OLD.replace(b"1.2", b"9.9")).files[0][1].startswith(b"Metadata-Version: 2.1\n")
    assert egg(MODERN.replace(b"2.1", b"2.3")).files[0][1].startswith(b"Metadata-Version: 2.3\n")


@pytest.mark.parametrize(
    "line",
    [
        "Summary: again",
        "Requires-Python: anything",
        f"Requires-Python: >={'9' * 5000}",
        "Description-Content-Type: text/html",
        "License-Expression: Do what you want",
        "Provides-Extra: -no-",
        "Own-Field: x",
        "Requires-Python: >=3.9",
        "Dynamic: Name",
        "Import-Name: not a name",
        "Project-URL: Home, https://example.org/again",
    ],
)
def test_field_that_readers_refuse_the_file_for_is_left_out_and_told(line: str) -> None:
    text = OLD.replace(b"Requires-Python: >=3.8\n", b"") if line.startswith("Requires-Python: a") else OLD
    made = egg(text + b"Summary: first\nProject-URL: Home, https://example.org\n" + line.encode() + b"\n")

    assert line not in metadata_lines(made)
    assert strict(made).summary == "first"
    assert "metadata-repaired" in slugs(made)


def test_pkg_info_in_an_old_encoding_becomes_utf8() -> None:
    made = egg(OLD + "Author: Zoë\n".encode("latin-1"))

    assert "Author: Zoë" in metadata_lines(made)
    assert slugs(made) == ["metadata-repaired"]


def test_requires_txt_becomes_requirements_and_extras() -> None:
    made = egg(
        OLD,
        "attrs>=20\n# a comment\n\n[:python_version < '3.8']\ntyping-extensions\n\n[fast]\nnumpy\n\n"
        '[fast:platform_system == "Windows" or os_name == "nt"]\npywin32>=1\n\n[empty]\n',
    )

    assert [line for line in metadata_lines(made) if "-Dist" in line or "Extra" in line] == [
        "Requires-Dist: attrs>=20",
        'Requires-Dist: typing-extensions; python_version < "3.8"',
        "Provides-Extra: fast",
        'Requires-Dist: numpy; extra == "fast"',
        'Requires-Dist: pywin32>=1; (platform_system == "Windows" or os_name == "nt") and extra == "fast"',
        "Provides-Extra: empty",
    ]
    assert strict(made).provides_extra == ["fast", "empty"]


def test_requires_txt_that_says_what_pkg_info_says_adds_nothing() -> None:
    lines = (
        b"\nRequires-Dist: attrs (>=1,<3)\nRequires-Dist: tomli ; python_version < '3.11'\nProvides-Extra: x.y"
        b"\nRequires-Dist: Flask ; (python_version >= '3.9') and extra == 'x.y'\n\n"
    )
    text = MODERN.replace(b"\n\n", lines)

    made = egg(
        text, 'attrs<3,>=1\n\n[:python_version < "3.11"]\ntomli\n\n[x.y:python_version >= "3.9"]\nflask\n'
    )

    assert content(made) == text
    assert "metadata-repaired" not in slugs(made)


def test_what_only_requires_txt_says_is_added_and_told() -> None:
    text = MODERN.replace(b"\n\n", b"\nRequires-Dist: attrs\n\n")

    made = egg(text, "attrs\nnumpy>=1\n\n[fast]\nattrs\n")

    assert metadata_lines(made)[5:9] == [
        "Requires-Dist: attrs",
        "Provides-Extra: fast",
        "Requires-Dist: numpy>=1",
        'Requires-Dist: attrs; extra == "fast"',
    ]
    assert [row.message for row in made.diagnostics if row.slug == "metadata-repaired"] == [
        'the requirements of requires.txt that PKG-INFO lacks were added: numpy>=1, attrs; extra == "fast"'
    ]


def test_of_what_both_files_say_differently_pkg_info_is_kept_and_it_is_told() -> None:
    text = MODERN.replace(b"\n\n", b"\nRequires-Dist: attrs>=2\n\n")

    made = egg(text, "attrs>=1\n")

    assert content(made) == text
    assert [row.message for row in made.diagnostics if row.slug == "metadata-repaired"] == [
        "PKG-INFO and requires.txt say different things of attrs; PKG-INFO's were kept"
    ]


def test_requires_txt_that_cant_be_read_is_told_where_pkg_info_has_requirements() -> None:
    text = MODERN.replace(b"\n\n", b"\nRequires-Dist: attrs\n\n")

    made = egg(text, "attrs >=what\n")

    assert content(made) == text
    assert "requires.txt is passed over" in made.diagnostics[0].message


def test_extra_that_pkg_info_names_already_isnt_named_twice() -> None:
    made = egg(MODERN.replace(b"\n\n", b"\nProvides-Extra: Fast\n\n"), "[Fast]\nnumpy\n")

    assert metadata_lines(made).count("Provides-Extra: Fast") == 1
    assert 'Requires-Dist: numpy; extra == "fast"' in metadata_lines(made)
    assert content(made).endswith(b"\n\nBody.\n")


@pytest.mark.parametrize(
    ("requires", "slug"),
    [("attrs >=what\n", "invalid-requirement"), ("demo @ https://x.org/a.zip\n", "direct-reference")],
)
def test_requirement_that_cant_be_a_wheels_is_refused(requires: str, slug: str) -> None:
    with pytest.raises(BridgeError) as caught:
        egg(OLD, requires)

    assert caught.value.slug == slug
    assert caught.value.where == f"site-packages/{EGG}/requires.txt"


def test_requirement_of_pkg_info_that_cant_be_read_is_refused() -> None:
    with pytest.raises(BridgeError) as caught:
        egg(OLD + b"Requires-Dist: attrs >=what\n")

    assert caught.value.slug == "invalid-requirement"


NAME = st.sampled_from(["attrs", "numpy", "typing-extensions"])
MARKER = st.sampled_from(["", "python_version < '3.8'", "os_name == 'nt' or python_version < '3.9'"])
LINE = st.builds(lambda name, bound: name + bound, NAME, st.sampled_from(["", ">=1", "<3,>=1.2", "[a,b]>=1"]))
SECTIONS = st.lists(
    st.tuples(st.sampled_from(["", "fast", "test", "all"]), MARKER, st.lists(LINE, max_size=3, unique=True)),
    max_size=5,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=60)
@given(sections=SECTIONS)
def test_every_line_of_requires_txt_is_a_requirement_under_its_marker(
    sections: list[tuple[str, str, list[str]]],
) -> None:
    rows = [(extra, marker, lines) for extra, marker, lines in sections if extra or marker or lines]
    ordered = sorted(rows, key=lambda row: row[:2] != ("", ""))
    texts = [
        f"[{extra}{f':{marker}' if marker else ''}]\n" if extra or marker else ""
        for extra, marker, _ in ordered
    ]
    requires = "\n".join(head + "\n".join(lines) for head, (_, _, lines) in zip(texts, ordered, strict=True))
    parsed = strict(egg(OLD, requires))
    found = [
        (str(one).partition(";")[0], env)
        for one in parsed.requires_dist or ()
        for env in ENVIRONMENTS
        if one.marker is None or one.marker.evaluate(env)
    ]

    expected = [
        (str(Requirement(line)), env)
        for extra, marker, lines in rows
        for line in lines
        for env in ENVIRONMENTS
        if (not extra or env["extra"] == extra)
        and (not marker or Requirement(f"x ; {marker}").marker.evaluate(env))  # type: ignore[union-attr] # it has one
    ]
    assert sorted(map(repr, found)) == sorted(map(repr, expected))


ENVIRONMENTS = [
    {"extra": extra, "python_version": python, "os_name": system}
    for extra in ("", "fast", "test", "all")
    for python in ("3.7", "3.8", "3.12")
    for system in ("nt", "posix")
]


@settings(max_examples=150)
@given(
    lines=st.lists(
        st.builds(
            lambda name, value: f"{name}: {value}",
            st.sampled_from(
                [
                    "Summary",
                    "License",
                    "Description",
                    "Keywords",
                    "Home-page",
                    "Requires-Python",
                    "Platform",
                    "X",
                ]
            ),
            st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30),
        ),
        max_size=5,
    )
)
def test_any_pkg_info_is_taken_by_strict_readers_or_refused_with_a_code(lines: list[str]) -> None:
    text = OLD.replace(b"Requires-Python: >=3.8\n", b"") + "\n".join(lines).encode()
    try:
        made = egg(text)
    except BridgeError as error:
        assert re.fullmatch("[a-z-]+", error.slug)  # noqa: PT017 - either outcome is right
        return

    assert strict(made).name == "demo"
