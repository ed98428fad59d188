"""The metadata of a conda package becomes that of its wheel: what is kept, added, left out and refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.metadata import Metadata

from conda_bridge.errors import BridgeError
from conda_bridge.model.artifact import RunExports
from conda_bridge.model.repackaging import WheelSetting
from conda_bridge.repack.to_wheel.package_metadata import WheelMetadata
from support.package_facts import KEPT, METADATA, Facts, made_of, metadata_lines

FOLDER = "demo-1.0.dist-info"
EGG = "demo-1.0-py3.11.egg-info"
CONDA = WheelSetting(dependencies="conda")
WHEEL = b"Wheel-Version: 1.0\nGenerator: bdist_wheel\nRoot-Is-Purelib: true\n"


def kept(*lines: str, body: str = "") -> dict[str, bytes]:
    """A package whose METADATA has these lines, too."""
    added = "".join(f"{line}\n" for line in lines)
    return {f"{FOLDER}/METADATA": METADATA + added.encode() + (f"\n{body}".encode() if body else b"")}


def without_python(newline: str = "\n", *lines: str) -> dict[str, bytes]:
    text = newline.join(("Metadata-Version: 2.1", "Name: demo", "Version: 1.0", *lines, "", "Body.", ""))
    return {f"{FOLDER}/METADATA": text.encode()}


def content(made: WheelMetadata, path: str) -> bytes:
    return dict(made.files)[f"{made.dist_info}/{path}"]


def paths(made: WheelMetadata) -> set[str]:
    return {path.removeprefix(f"{made.dist_info}/") for path, _ in made.files}


def slugs(made: WheelMetadata) -> list[str]:
    return [row.slug for row in made.diagnostics]


def refused(held: dict[str, bytes], setting: WheelSetting | None = None, **facts: object) -> BridgeError:
    with pytest.raises(BridgeError) as caught:
        made_of(held, setting=setting, **facts)  # type: ignore[arg-type] # options of fact_of
    return caught.value


# ---------------------------------------------------------------- METADATA that is kept


@pytest.mark.parametrize(
    "text",
    [
        METADATA,
        METADATA.rstrip(b"\n"),
        METADATA.replace(b"\n", b"\r\n") + b"\r\nA body.\r\n",
        METADATA + "Summary: =?utf-8?q?caf=C3=A9?=\nAuthor: Zoë\n\n  A body\n\n\n".encode(),
        METADATA + b"License: one\n        two\n\ttree\nClassifier: Framework :: X\nX-Own: field\n",
        METADATA + b"no header\nName: not a header either\n",
        b"From somebody\n" + METADATA,
    ],
    ids=["plain", "no-end", "crlf", "encoded", "folded", "junk-below", "unix-from"],
)
def test_metadata_with_requires_python_is_kept_byte_for_byte(text: bytes) -> None:
    made = made_of({f"{FOLDER}/METADATA": text})

    assert content(made, "METADATA") == text
    assert made.origin == "kept"
    assert made.diagnostics == ()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_absent_requires_python_is_inserted_where_backends_write_it(newline: str) -> None:
    held = without_python(newline, "Provides-Extra: fast", "Requires-Dist: attrs")

    made = made_of(held, depends=("python =2.7|>=3.2", "attrs"))

    line = f"Requires-Python: >=2.7,!=3.0.*,!=3.1.*{newline}".encode()
    assert content(made, "METADATA").replace(line, b"") == held[f"{FOLDER}/METADATA"]
    assert content(made, "METADATA").index(line) < content(made, "METADATA").index(b"Provides-Extra")
    assert slugs(made) == ["requires-python-added"]


def test_absent_requires_python_stays_absent_where_conda_takes_any_python() -> None:
    held = without_python()

    assert content(made_of(held, depends=("python",)), "METADATA") == held[f"{FOLDER}/METADATA"]


@pytest.mark.parametrize(("is_for_python2", "added"), [(True, ["Requires-Python: >=3"]), (False, [])])
def test_pin_to_python3_is_added_where_the_tags_dont_say_it(
    is_for_python2: bool,  # noqa: FBT001 - a case
    added: list[str],
) -> None:
    held = without_python() | {f"{FOLDER}/WHEEL": WHEEL + b"Tag: py2-none-any\nTag: py3-none-any\n"}

    made = made_of(held, setting=WheelSetting(is_for_python2=is_for_python2), depends=("python >=3",))

    assert [line for line in metadata_lines(made) if line.startswith("Requires-Python")] == added


def test_requires_python_that_installers_pass_over_gives_way_to_condas() -> None:
    held = {f"{FOLDER}/METADATA": METADATA.replace(b"Requires-Python: >=3.8", b"Requires-Python: foo")}

    made = made_of(held, depends=("python >=3.9",))

    assert content(made, "METADATA") == METADATA.replace(b">=3.8", b">=3.9")
    assert slugs(made) == ["requires-python-added"]
    assert "'foo'" in made.diagnostics[0].message


def test_requires_python_that_cant_be_read_is_kept_where_conda_takes_any_python() -> None:
    held = {f"{FOLDER}/METADATA": METADATA.replace(b"Requires-Python: >=3.8", b"Requires-Python: foo")}

    assert content(made_of(held, depends=("python",)), "METADATA") == held[f"{FOLDER}/METADATA"]


def test_pin_that_requires_python_cant_say_is_told_and_not_added() -> None:
    made = made_of(without_python(), depends=("python >=3.8,<3.12|>=4",))

    assert "Requires-Python" not in content(made, "METADATA").decode()
    assert slugs(made) == ["requires-python-added"]


def test_version_of_the_format_is_raised_for_an_added_requires_python() -> None:
    held = {f"{FOLDER}/METADATA": b"Metadata-Version: 1.1\nName: demo\nVersion: 1.0\n"}

    assert metadata_lines(made_of(held))[0] == "Metadata-Version: 2.1"


@pytest.mark.parametrize("text", [b"\xef\xbb\xbf" + METADATA, METADATA + "Author: Zoë\n".encode("latin-1")])
def test_metadata_that_no_installer_can_decode_is_written_anew(text: bytes) -> None:
    made = made_of({f"{FOLDER}/METADATA": text})

    assert content(made, "METADATA").decode().startswith("Metadata-Version")
    assert slugs(made) == ["metadata-repaired"]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        (METADATA + b"Name: other\n", "package-metadata"),
        (METADATA + b"name: demo\n", "package-metadata"),
        (METADATA + b"Name:\n", "package-metadata"),
        (METADATA + b"Version: 2.0\n", "package-metadata"),
        (METADATA + b"Metadata-Version: 2.4\n", "package-metadata"),
        (METADATA.replace(b"Name: demo\n", b""), "package-metadata"),
        (METADATA.replace(b"demo", b"-demo"), "invalid-name"),
        (METADATA.replace(b"demo", b"demo\n evil"), "invalid-name"),
        (METADATA + b"Summary: a\0b\n", "package-metadata"),
        (b"", "package-metadata"),
        (b"\n" + METADATA, "package-metadata"),
        (METADATA + b"Classifier: x\n" * 20_001, "package-metadata"),
        (METADATA + b"\n" + b"x" * (8 << 20), "package-metadata"),
        (METADATA.replace(b"1.0", b"1.0", 1).replace(b"Version: 1.0", b"Version: one"), "package-version"),
        (METADATA.decode().encode("utf-16"), "package-metadata"),
    ],
)
def test_metadata_that_readers_disagree_about_is_refused(text: bytes, slug: str) -> None:
    assert refused({f"{FOLDER}/METADATA": text}).slug == slug


def test_requirement_that_cant_be_read_stays_and_is_told() -> None:
    made = made_of(kept("Requires-Dist: attrs >=what"))

    assert "Requires-Dist: attrs >=what" in metadata_lines(made)
    assert "unreadable-requirement" in slugs(made)


# ---------------------------------------------------------------- files of the folder


def test_other_files_of_the_folder_are_kept_byte_for_byte() -> None:
    files = {
        "top_level.txt": b"demo\r\n",
        "licenses/a/LICENSE": b"L",
        "sboms/x.json": b"{}",
        "AUTHORS": b"\xff",
    }
    made = made_of(KEPT | {f"{FOLDER}/{name}": data for name, data in files.items()})

    assert {name: content(made, name) for name in files} == files


def test_folder_and_file_name_have_the_normalised_name_and_version() -> None:
    text = METADATA.replace(b"demo", b"Demo.Pro").replace(b"Version: 1.0", b"Version: 01.0")
    made = made_of({"Demo.Pro-01.0.dist-info/METADATA": text}, conda_name="demo-pro")

    assert (made.dist_info, made.filename) == ("demo_pro-1.0.dist-info", "demo_pro-1.0-py3-none-any.whl")


def test_two_projects_in_one_package_are_refused() -> None:
    assert refused(KEPT | {"other-1.0.dist-info/METADATA": METADATA}).slug == "several-distributions"


def test_dist_info_counts_more_than_an_egg_info() -> None:
    made = made_of(KEPT | {f"{EGG}/PKG-INFO": b"Name: egg\n", f"{EGG}/top_level.txt": b"egg"})

    assert made.origin == "kept"
    assert paths(made) == {"METADATA", "WHEEL"}


def test_licence_texts_of_the_package_are_added_where_the_folder_has_none() -> None:
    made = made_of(KEPT, licenses=(("LICENSE", b"text"), ("third/COPYING", b"more")))

    assert content(made, "licenses/LICENSE") == b"text"
    assert content(made, "licenses/third/COPYING") == b"more"
    assert content(made, "METADATA") == METADATA
    assert slugs(made) == ["license-added"]


def test_licence_file_that_the_package_hasnt_got_is_told() -> None:
    assert slugs(made_of(kept("License-File: LICENSE"))) == ["license-missing"]
    assert slugs(made_of(kept("License-File: a/LICENSE") | {f"{FOLDER}/licenses/a/LICENSE": b"x"})) == []


def test_licence_text_that_the_folder_has_already_is_not_added_again() -> None:
    made = made_of(KEPT | {f"{FOLDER}/LICENSE.md": b"text"}, licenses=(("LICENSE.md", b"text"),))

    assert paths(made) == {"METADATA", "WHEEL", "LICENSE.md"}


def of_2_4(*paths: str) -> dict[str, bytes]:
    named = "".join(f"License-File: {path}\n" for path in paths)
    return {f"{FOLDER}/METADATA": METADATA.replace(b"2.1", b"2.4") + named.encode()}


def test_licence_file_that_todays_metadata_promises_is_missed_with_a_warning() -> None:
    held = of_2_4("a/LICENSE")

    assert slugs(made_of(held | {f"{FOLDER}/licenses/a/LICENSE": b"x"})) == []
    assert slugs(made_of(held | {f"{FOLDER}/LICENSE": b"x"})) == ["license-absent"]


@pytest.mark.parametrize(
    "path", ["../LICENSE", "a/../LICENSE", "/etc/LICENSE", "C:/LICENSE", "a\\LICENSE", "L*"]
)
def test_licence_file_outside_of_its_folder_is_refused_as_indexes_do(path: str) -> None:
    held = of_2_4(path)
    with pytest.raises(ExceptionGroup):
        Metadata.from_email(held[f"{FOLDER}/METADATA"], validate=True)

    error = refused(held)

    assert (error.slug, error.where) == ("package-metadata", f"site-packages/{FOLDER}")


@pytest.mark.parametrize(("version", "place"), [("2.1", "LICENSE"), ("2.4", "licenses/LICENSE")])
def test_licence_file_that_metadata_names_is_put_where_that_version_means(version: str, place: str) -> None:
    text = METADATA.replace(b"2.1", version.encode()) + b"License-File: LICENSE\n"
    made = made_of({f"{FOLDER}/METADATA": text}, licenses=(("LICENSE", b"text"), ("OTHER", b"no")))

    assert paths(made) == {"METADATA", "WHEEL", place}


@pytest.mark.parametrize("told", ["../../LICENSE", "/LICENSE", "a\\LICENSE", "METADATA/../LICENSE"])
def test_licence_file_with_an_unsafe_place_is_not_written(told: str) -> None:
    made = made_of(kept(f"License-File: {told}"), licenses=(("LICENSE", b"text"),))

    assert paths(made) == {"METADATA", "WHEEL"}
    assert slugs(made) == ["license-missing"]


# ---------------------------------------------------------------- WHEEL


def test_wheel_file_is_written_anew() -> None:
    made = made_of(KEPT | {f"{FOLDER}/WHEEL": WHEEL + b"Tag: py3-none-any\n"})

    lines = content(made, "WHEEL").decode().splitlines()
    assert lines[0] == "Wheel-Version: 1.0"
    assert lines[1].startswith("Generator: conda-bridge ")
    assert lines[2:] == ["Root-Is-Purelib: true", "Tag: py3-none-any"]


@pytest.mark.parametrize(
    ("is_for_python2", "old", "tag"),
    [
        (False, b"Tag: py2-none-any\nTag: py3-none-any\n", "py3-none-any"),
        (True, b"Tag: py2-none-any\nTag: py3-none-any\n", "py2.py3-none-any"),
        (True, b"Tag: py2.py3-none-any\n", "py2.py3-none-any"),
        (True, b"Tag: py3-none-any\n", "py3-none-any"),
        (True, b"", "py3-none-any"),
    ],
)
def test_python2_stays_only_where_it_is_asked_for_and_was_there(
    is_for_python2: bool,  # noqa: FBT001 - a case
    old: bytes,
    tag: str,
) -> None:
    setting = WheelSetting(is_for_python2=is_for_python2)
    made = made_of(KEPT | {f"{FOLDER}/WHEEL": WHEEL + old}, setting=setting)

    assert made.filename == f"demo-1.0-{tag}.whl"
    assert content(made, "WHEEL").decode().count("Tag:") == tag.count("py2") + 1


@pytest.mark.parametrize(
    "old",
    [
        WHEEL + b"Tag: cp310-cp310-linux_x86_64\n",
        WHEEL + b"Tag: py3-none-win_amd64\n",
        WHEEL + b"Tag: py3-none-any\nTag: py3-none-win_amd64\n",
        WHEEL + b"Tag: cp310-cp310-any\n",
        WHEEL + b"Tag: cp310-none-any\n",
        WHEEL + b"Tag: py2-none-any\n",
        WHEEL + b"Tag: nonsense\n",
        WHEEL.replace(b"true", b"false") + b"Tag: py3-none-any\n",
    ],
)
def test_wheel_that_was_for_one_platform_or_python_is_refused(old: bytes) -> None:
    assert refused(KEPT | {f"{FOLDER}/WHEEL": old}).slug == "wheel-tag"


def test_wheel_of_one_python3_becomes_one_for_all_and_is_told() -> None:
    made = made_of(KEPT | {f"{FOLDER}/WHEEL": WHEEL + b"Tag: py37-none-any\n"})

    assert made.filename.endswith("-py3-none-any.whl")
    assert slugs(made) == ["tag-widened"]


@pytest.mark.parametrize(
    ("has", "number", "filename"),
    [(True, 6, "demo-1.0-6-py3"), (True, 0, "demo-1.0-py3"), (False, 6, "demo-1.0-py3")],
)
def test_build_number_becomes_a_build_tag_where_asked(has: bool, number: int, filename: str) -> None:  # noqa: FBT001 - a case
    made = made_of(KEPT, setting=WheelSetting(has_build_tag=has), build_number=number)

    assert made.filename == f"{filename}-none-any.whl"
    assert ("Build: 6" in content(made, "WHEEL").decode().splitlines()) is (has and number > 0)


# ---------------------------------------------------------------- name and version


@pytest.mark.parametrize(
    ("conda", "metadata"),
    [
        ("1.0.post1", "1.0.post1"),
        ("1.0_rc1", "1.0rc1"),
        ("1!2.0", "1!2.0"),
        ("1.0", "1.0.0"),
        ("01.0", "1"),
    ],
)
def test_versions_are_compared_as_pypi_reads_them(conda: str, metadata: str) -> None:
    held = {f"{FOLDER}/METADATA": METADATA.replace(b"Version: 1.0", f"Version: {metadata}".encode())}

    assert "package-version" not in slugs(made_of(held, version=conda))


def test_two_versions_are_told_with_the_files_that_say_them() -> None:
    with pytest.raises(BridgeError) as caught:
        made_of({f"{FOLDER}/METADATA": METADATA}, version="1.1")

    assert caught.value.message == "info/index.json says version 1.1, METADATA says '1.0'"
    assert "mend the recipe" in (caught.value.hint or "")


@pytest.mark.parametrize("conda", ["1.1", "2020d", "1.0+abc", "nightly"])
def test_version_that_isnt_that_of_metadata_is_refused(conda: str) -> None:
    assert refused(KEPT, version=conda).slug == "package-version"


@pytest.mark.parametrize("conda", ["2020d", "2024a", "r1234", "1.0.0_1", "9" * 300])
def test_version_that_pypi_hasnt_is_refused_without_metadata(conda: str) -> None:
    assert refused({}, version=conda).slug == "package-version"


def test_local_version_is_kept_with_a_warning() -> None:
    held = {f"{FOLDER}/METADATA": METADATA.replace(b"Version: 1.0", b"Version: 1.0+abc")}
    made = made_of(held, version="1.0+abc")

    assert made.filename == "demo-1.0+abc-py3-none-any.whl"
    assert slugs(made) == ["local-version-kept"]


def test_name_that_the_package_isnt_known_by_is_told() -> None:
    assert slugs(made_of(KEPT, conda_name="quite-other")) == ["name-differs"]


def test_name_that_the_table_knows_the_package_by_is_not() -> None:
    held = {f"{FOLDER}/METADATA": METADATA.replace(b"demo", b"docker")}

    assert slugs(made_of(held, conda_name="docker-py")) == []


# ---------------------------------------------------------------- entry points


def test_entry_points_are_kept_and_their_commands_known() -> None:
    text = b"[console_scripts]\r\nDemo = demo:main [fast]\r\n\r\n[gui_scripts]\r\ndemo-gui = demo.gui:main\r\n[demo.plugins]\r\nx = a.b\r\n"
    made = made_of(KEPT | {f"{FOLDER}/entry_points.txt": text})

    assert content(made, "entry_points.txt") == text
    assert (made.console_scripts, made.gui_scripts) == (("Demo",), ("demo-gui",))
    assert made.diagnostics == ()


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (None, "[console_scripts]\nmore = demo:more\n"),
        ("[demo.plugins]\nx = a\n", "[demo.plugins]\nx = a\n\n[console_scripts]\nmore = demo:more\n"),
        (
            "[console_scripts]\na = b:c\n\n[x]\ny = z\n",
            "[console_scripts]\nmore = demo:more\na = b:c\n\n[x]\ny = z\n",
        ),
        ("[console_scripts]", "[console_scripts]\nmore = demo:more\n"),
    ],
)
def test_commands_of_conda_are_added_to_the_projects(text: str | None, result: str) -> None:
    held = KEPT if text is None else KEPT | {f"{FOLDER}/entry_points.txt": text.encode()}
    made = made_of(held, entry_points=("more = demo:more",))

    assert content(made, "entry_points.txt").decode() == result
    assert "more" in made.console_scripts
    assert slugs(made) == ["entry-point-added"]


@pytest.mark.parametrize("end", ["\r\n", " \r\n", "\t\r\n"])
def test_command_of_conda_goes_into_the_section_that_ends_as_windows_does(end: str) -> None:
    text = f"[x]\r\ny = z\r\n\r\n[console_scripts]{end}a = b:c\r\n"
    made = made_of(KEPT | {f"{FOLDER}/entry_points.txt": text.encode()}, entry_points=("more = demo:more",))

    assert content(made, "entry_points.txt").decode() == text.replace(
        "a = b:c", "more = demo:more\r\na = b:c"
    )


def test_extra_of_a_command_of_conda_stays() -> None:
    made = made_of(KEPT, entry_points=("more = demo:more [fast, all]",))

    assert content(made, "entry_points.txt") == b"[console_scripts]\nmore = demo:more [fast,all]\n"


def test_section_that_no_installer_knows_has_no_commands() -> None:
    text = b"[ console_scripts ]\na = b:c\n"
    made = made_of(KEPT | {f"{FOLDER}/entry_points.txt": text}, entry_points=("a = b:c",))

    assert content(made, "entry_points.txt") == text + b"\n[console_scripts]\na = b:c\n"


def test_command_that_is_two_things_is_that_of_entry_points_and_told() -> None:
    text = b"[console_scripts]\ndemo = demo:main\n"
    made = made_of(KEPT | {f"{FOLDER}/entry_points.txt": text}, entry_points=("demo = demo:other",))

    assert content(made, "entry_points.txt") == text
    assert slugs(made) == ["entry-point-conflict"]


@pytest.mark.parametrize(
    "text",
    [
        "[console_scripts]\n../evil = demo:main\n",
        "[console_scripts]\npython = demo:main\n",
        "[console_scripts]\ndemo = demo; import os\n",
        "[console_scripts]\ndemo = demo\n",
        "[console_scripts]\nno target\n",
        "a = b:c\n",
        "[console_scripts]\ndemo = a:b\n[console_scripts]\nx = a:b\n",
        "[console_scripts]\rdemo = a:b\r",
    ],
)
def test_entry_points_that_no_installer_takes_are_refused(text: str) -> None:
    assert refused(KEPT | {f"{FOLDER}/entry_points.txt": text.encode()}).slug == "unsafe-entry-point"


ENTRY_POINTS = f"site-packages/{FOLDER}/entry_points.txt"


def test_command_for_consoles_and_without_one_is_refused() -> None:
    text = b"[console_scripts]\ndemo = demo:main\n[gui_scripts]\ndemo = demo:main\n"

    error = refused(KEPT | {f"{FOLDER}/entry_points.txt": text})

    assert (error.slug, error.where) == ("unsafe-entry-point", ENTRY_POINTS)


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("[console_scripts]\na = demo:x\nA = demo:y\n", ()),
        ("[console_scripts]\na = demo:x\n[gui_scripts]\nA = demo:y\n", ()),
        ("[console_scripts]\nA = demo:x\n", ("a = demo:x",)),
    ],
    ids=["file", "groups", "link"],
)
def test_commands_that_are_one_on_windows_are_told(text: str, linked: tuple[str, ...]) -> None:
    made = made_of(KEPT | {f"{FOLDER}/entry_points.txt": text.encode()}, entry_points=linked)

    assert [row.origin for row in made.diagnostics if row.slug == "command-clash"] == [ENTRY_POINTS]


def test_byte_order_mark_of_entry_points_is_left_out() -> None:
    text = b"[console_scripts]\na = demo:x\n"

    made = made_of(KEPT | {f"{FOLDER}/entry_points.txt": b"\xef\xbb\xbf" + text})

    assert content(made, "entry_points.txt") == text
    assert slugs(made) == ["metadata-repaired"]


def test_wrong_command_is_told_with_its_place_in_the_package() -> None:
    text = b"[console_scripts]\na = class.x:y;\n"

    assert refused(KEPT | {f"{FOLDER}/entry_points.txt": text}).where == ENTRY_POINTS
    assert refused(KEPT, entry_points=("a/b = c:d",)).where == "info/link.json"


@pytest.mark.parametrize(
    "line",
    [
        "../x = demo:main",
        "demo",
        "demo = demo:main\nevil = os:system",
        "x = a:b:c",
        "demo = demo:main [x\nevil = os:system]",
    ],
)
def test_command_of_conda_that_no_installer_may_make_is_refused(line: str) -> None:
    assert refused(KEPT, entry_points=(line,)).slug == "unsafe-entry-point"


# ---------------------------------------------------------------- what no wheel can say


def test_what_the_package_doesnt_go_with_is_told_and_no_requirement() -> None:
    made = made_of(KEPT, constrains=("chardet >=3,<6",))

    assert content(made, "METADATA") == METADATA
    assert slugs(made) == ["constrains-dropped"]


def test_run_exports_and_features_are_told() -> None:
    made = made_of(KEPT, run_exports=RunExports(weak=("demo >=1",)), features=("fast",))

    assert slugs(made) == ["record-ignored", "record-ignored"]


def test_optional_group_of_conda_that_metadata_has_no_extra_of_is_told() -> None:
    assert slugs(made_of(KEPT, extra_depends={"fast": ("attrs",)})) == ["record-ignored"]
    assert slugs(made_of(kept("Provides-Extra: Fast"), extra_depends={"fast": ("attrs",)})) == []


# ---------------------------------------------------------------- conda's dependencies


def test_condas_dependencies_replace_what_holds_without_an_extra() -> None:
    held = kept(
        "Requires-Dist: attrs >=20",
        "Requires-Dist: colorama ; platform_system == 'Windows'",
        "Requires-Dist: gone",
        "Requires-Dist: requests[socks]>=2",
        "Provides-Extra: test",
        "Requires-Dist: pytest ; extra == 'test'",
        "Requires-Dist: pywin32 ; sys_platform == 'win32'",
    )
    made = made_of(
        held,
        setting=CONDA,
        depends=("python >=3.9,<4.0a0", "__unix", "attrs >=21", "colorama", "requests >=2"),
    )

    assert metadata_lines(made)[3:] == [
        "Requires-Python: >=3.9,<4.0",
        "Provides-Extra: test",
        "Requires-Dist: pytest ; extra == 'test'",
        "Requires-Dist: pywin32 ; sys_platform == 'win32'",
        "Requires-Dist: attrs>=21",
        "Requires-Dist: colorama",
        "Requires-Dist: requests[socks]>=2",
    ]


def test_optional_groups_of_conda_become_extras_that_metadata_lacks() -> None:
    held = kept("Provides-Extra: test", "Requires-Dist: pytest; extra == 'test'")
    made = made_of(held, setting=CONDA, extra_depends={"test": ("nose",), "fast": ("attrs >=2",)})

    assert metadata_lines(made)[-2:] == ["Provides-Extra: fast", 'Requires-Dist: attrs>=2; extra == "fast"']
    assert "nose" not in content(made, "METADATA").decode()


@pytest.mark.parametrize(
    ("spec", "slug"),
    [("nodejs", "non-pypi-dependency"), ("demo2 1|3", "or-spec"), ("demo2 * cuda*", "build-string-spec")],
)
def test_condas_dependency_without_a_form_is_refused_only_where_it_is_taken(spec: str, slug: str) -> None:
    depends = ("python >=3.8", spec)

    assert refused(KEPT, setting=CONDA, depends=depends).slug == slug
    assert content(made_of(KEPT, depends=depends), "METADATA") == METADATA


@pytest.mark.parametrize("spec", ["compilers", "numpy-base >=1", "totally-unknown-zzz"])
def test_package_that_no_table_knows_is_no_project_of_its_name(spec: str) -> None:
    depends = ("python >=3.8", spec)

    assert refused(KEPT, setting=CONDA, depends=depends).slug == "non-pypi-dependency"
    assert refused({}, depends=depends).slug == "non-pypi-dependency"


def test_package_that_no_table_knows_is_the_project_that_metadata_ask_for() -> None:
    held = kept(
        "Requires-Dist: totally-unknown_zzz", 'Requires-Dist: odd-one; extra == "x"', "Provides-Extra: x"
    )

    made = made_of(held, setting=CONDA, depends=("python >=3.8", "totally-unknown-zzz >=2", "odd-one"))

    assert metadata_lines(made)[-2:] == ["Requires-Dist: odd-one", "Requires-Dist: totally-unknown-zzz>=2"]


def test_condition_and_extras_of_condas_dependency_stay_beside_metadatas_own_extras() -> None:
    held = kept("Requires-Dist: requests[socks]>=2")

    made = made_of(
        held, setting=CONDA, depends=("python >=3.8", "requests >=2[extras=security,when='python <3.9']")
    )

    assert metadata_lines(made)[-1] == ('Requires-Dist: requests[security,socks]>=2; python_version < "3.9"')


def test_condition_of_an_optional_group_stands_beside_the_extra() -> None:
    made = made_of(KEPT, setting=CONDA, extra_depends={"fast": ("attrs[when='__win']",)})

    assert metadata_lines(made)[-1] == ('Requires-Dist: attrs; sys_platform == "win32" and extra == "fast"')


# ---------------------------------------------------------------- no metadata at all

RECORD: Facts = {
    "about": {
        "summary": "Does\nthings",
        "license": "mit",
        "home": "https://example.org/demo",
        "dev_url": ("https://example.org/code",),
        "doc_url": "javascript:alert(1)",
        "description": "Line one\r\nName: evil\n",
    },
    "depends": ("python >=3.8", "matplotlib-base >=3", "__unix", "attrs"),
    "extra_depends": {"fast": ("numpy",)},
    "licenses": (("LICENSE", b"text"), ("../a b/ö*.txt", b"more")),
}


def test_metadata_is_made_of_the_record_where_there_is_none() -> None:
    made = made_of({}, **RECORD)

    assert metadata_lines(made) == [
        "Metadata-Version: 2.4",
        "Name: demo",
        "Version: 1.0",
        "Dynamic: Requires-Dist",
        "Dynamic: Requires-Python",
        "Summary: Does things",
        "Project-URL: Homepage, https://example.org/demo",
        "Project-URL: Source, https://example.org/code",
        "License-Expression: MIT",
        "Requires-Python: >=3.8",
        "License-File: LICENSE",
        "License-File: _/a b/__.txt",
        "Requires-Dist: attrs",
        "Requires-Dist: matplotlib>=3",
        "Description-Content-Type: text/plain",
        "Provides-Extra: fast",
        'Requires-Dist: numpy; extra == "fast"',
        "",
        "Line one",
        "Name: evil",
    ]
    assert made.origin == "synthesised"
    assert slugs(made) == ["synthesised-metadata"]
    assert b"Generator: conda-bridge" in content(made, "WHEEL")
    assert b"conda's record" in content(made, "WHEEL")
    assert content(made, "licenses/_/a b/__.txt") == b"more"


def test_licence_that_is_no_spdx_expression_stays_text() -> None:
    made = made_of({}, about={"license": "Custom\nLicense-Expression: MIT"})

    assert "License: Custom License-Expression: MIT" in metadata_lines(made)


def test_name_is_that_of_the_project_which_the_package_is_known_to_be() -> None:
    assert made_of({}, conda_name="docker-py").filename == "docker-1.0-py3-none-any.whl"


def test_package_whose_name_no_project_can_have_is_refused() -> None:
    assert refused({}, conda_name="_demo").slug == "package-metadata"


TEXT = st.text(st.characters(), max_size=60) | st.sampled_from(
    [
        "a\nName: evil",
        "a\r\nName: evil",
        "a\rb",
        "x\x85y\u2028z",
        "\ud800",
        "\0",
        "\x1b[31m",
        "\n\nbody",
        " ",
        "=?utf-8?q?x?=",
    ]
)


@settings(max_examples=60)
@given(
    about=st.dictionaries(
        st.sampled_from(["summary", "description", "license", "home", "dev_url", "doc_url"]),
        TEXT | st.tuples(TEXT, TEXT),
    ),
    paths=st.lists(TEXT, max_size=3),
    group=TEXT,
)
def test_any_text_of_about_gives_metadata_that_strict_readers_take(
    about: dict[str, str | tuple[str, ...]], paths: list[str], group: str
) -> None:
    licenses = tuple((path, b"text") for path in paths)
    made = made_of({}, about=about, licenses=licenses, extra_depends={group: ("attrs",)})
    parsed = Metadata.from_email(content(made, "METADATA"), validate=True)

    assert parsed.name == "demo"
    assert content(made, "METADATA").partition(b"\n\n")[0].count(b"\nName:") == 1
    assert all(
        f"licenses/{path}" in {p.removeprefix(f"{made.dist_info}/") for p, _ in made.files}
        for path in parsed.license_files or ()
    )


# ---------------------------------------------------------------- one of several packages of a wheel


CASE = {
    f"{FOLDER}/METADATA": b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.8\n"
    b"Requires-Dist: tomli; python_version < '3.11'\n"
}


def test_python_of_one_case_is_no_drift() -> None:
    made = made_of(CASE, depends=("python >=3.8,<3.11", "tomli"), is_python_by_case=True)

    assert made.drift == ()


@pytest.mark.parametrize("pin", ["python >=3.6,<3.11", "python", "python <3.11"])
def test_python_that_is_no_part_of_metadatas_is_no_case_whatever_the_package_says(pin: str) -> None:
    made = made_of(CASE, depends=(pin, "tomli"), is_python_by_case=True)

    assert "python" in [row.kind for row in made.drift]


def test_condas_dependencies_arent_those_of_one_case() -> None:
    made = made_of(CASE, setting=CONDA, depends=("python >=3.11",), is_python_by_case=True)

    assert content(made, "METADATA") == CASE[f"{FOLDER}/METADATA"]
    assert slugs(made) == ["record-ignored"]


def test_condas_dependencies_are_taken_of_a_package_that_is_no_case() -> None:
    made = made_of(CASE, setting=CONDA, depends=("python >=3.6", "attrs"), is_python_by_case=True)

    assert "Requires-Dist: attrs" in metadata_lines(made)
    assert "Requires-Python: >=3.6" in metadata_lines(made)
