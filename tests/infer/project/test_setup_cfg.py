from collections.abc import Mapping

import pytest

from conda_bridge.infer.project.setup_cfg import read_setup_cfg
from conda_bridge.infer.project.statements import Statement
from support.trees import facts_of_texts


def read(
    text: str | None, texts: Mapping[str, str | None] | None = None, *, is_pbr: bool = False
) -> Statement:
    return read_setup_cfg(facts_of_texts({"setup.cfg": text, **(texts or {})}), is_pbr=is_pbr)


def requirements(statement: Statement) -> list[tuple[str, str]]:
    return [(line.text, line.origin) for line in statement.dependencies or ()]


def test_the_declarative_fields_are_read() -> None:
    statement = read("""
[metadata]
name = demo
version = 1.2
description = A demo
url = https://demo.example
download-url = https://download.example
project_urls =
    Docs = https://docs.example
    Broken
license = MIT
license_files = LICENSE, NOTICE
classifiers =
    Topic :: X
    # a comment
    Topic :: Y
keywords = one, two

[options]
python_requires = >=3.6
install_requires =
    a>=1
    # a comment
    b; python_version < "3.8"
setup_requires = c; d
py_modules = demo
packages =
    pkg
    pkg.sub
scripts = bin/demo

[options.extras_require]
Dev_Tools = pytest; black
test =
    mock; python_version < "3.8"

[options.entry_points]
console_scripts =
    demo = demo:main
gui_scripts =
    demo-gui = demo:gui
demo.plugins =
    x = demo:x
""")

    assert statement.name is not None
    assert (statement.name.value, statement.name.origin) == ("demo", "setup.cfg#/metadata/name")
    assert requirements(statement) == [
        ("a>=1", "setup.cfg#/options/install_requires/0"),
        ('b; python_version < "3.8"', "setup.cfg#/options/install_requires/1"),
    ]
    assert [line.text for line in statement.build_requires or ()] == ["c", "d"]
    assert [(name, [line.text for line in lines]) for name, lines in statement.extras or ()] == [
        ("Dev_Tools", ["pytest", "black"]),
        ("test", ['mock; python_version < "3.8"']),
    ]
    assert [(line.name, line.target, line.group) for line in statement.entry_points or ()] == [
        ("demo", "demo:main", "console_scripts"),
        ("demo-gui", "demo:gui", "gui_scripts"),
    ]
    assert [known.value for known in statement.classifiers or ()] == ["Topic :: X", "Topic :: Y"]
    assert [known.value for known in statement.license_files or ()] == ["LICENSE", "NOTICE"]
    assert [known.value for known in statement.top_levels or ()] == ["pkg", "demo"]
    assert [known.value for known in statement.script_files or ()] == ["bin/demo"]
    assert [label for label, _ in statement.urls or ()] == ["homepage", "download", "Docs"]
    assert statement.keywords == ("one", "two")


def test_directives_are_followed() -> None:
    statement = read(
        """
[metadata]
version = attr: demo.__version__
description = file: SUMMARY.txt
classifiers = file: CLASSIFIERS.txt
[options]
package_dir =
    = code
install_requires = file: requirements.txt
entry_points = file: entries.txt
""",
        {
            "code/demo/__init__.py": "__version__ = '4.5'\n",
            "SUMMARY.txt": "A demo\n",
            "CLASSIFIERS.txt": "Topic :: X\nTopic :: Y\n",
            "requirements.txt": "a\nb\n",
            "entries.txt": "[console_scripts]\ndemo = demo:main\n",
        },
    )

    assert statement.version is not None
    assert statement.version.value == "4.5"
    assert statement.summary is not None
    assert statement.summary.origin == "SUMMARY.txt"
    assert len(statement.classifiers or ()) == 2
    assert [text for text, _ in requirements(statement)] == ["a", "b"]
    assert [line.name for line in statement.entry_points or ()] == ["demo"]


def test_directives_that_lead_nowhere_make_fields_unknown() -> None:
    statement = read(
        """
[metadata]
version = attr: demo.__version__
description = file: ../SUMMARY.txt
[options]
install_requires = file: requirements.txt
""",
        {"requirements.txt": None},
    )

    assert {field.field for field in statement.unknown} == {"Version", "Summary", "Requires-Dist"}
    assert statement.dependencies is None


def test_dashes_in_keys_and_old_aliases_are_understood() -> None:
    statement = read(
        "[metadata]\nhome-page = https://demo.example\nsummary = A demo\nlicense-file = COPYING\n"
    )

    assert [label for label, _ in statement.urls or ()] == ["homepage"]
    assert statement.summary is not None
    assert [known.value for known in statement.license_files or ()] == ["COPYING"]


def test_found_packages_tell_no_names() -> None:
    assert read("[options]\npackages = find:\npy_modules = demo\n").top_levels is None


def test_unknown_values_are_absent() -> None:
    statement = read("[metadata]\nlicense = UNKNOWN\nname =\n")

    assert statement.license_text is None
    assert statement.name is None


def test_a_source_without_the_file_says_nothing() -> None:
    assert read_setup_cfg(facts_of_texts({})) == Statement(file="setup.cfg")


@pytest.mark.parametrize("text", ["no section\n", "[a]\nx = 1\nx = 2\n", "[a]\n[a]\n"])
def test_a_file_that_cannot_be_parsed_is_reported(text: str) -> None:
    statement = read(text)

    assert [d.slug for d in statement.diagnostics] == ["unread-file"]


PBR = """
[metadata]
name = demo
python-requires = >=3.6
[files]
packages = demo
[entry_points]
console_scripts =
    demo = demo:main
"""


def test_pbr_reads_its_own_sections_and_requirement_files() -> None:
    statement = read(
        PBR + "[extras]\nrst = docutils\n",
        {"requirements.txt": "-e .\na>=1 # BSD\nb\n", "test-requirements.txt": "pytest\n"},
        is_pbr=True,
    )

    assert requirements(statement) == [("a>=1", "requirements.txt#/1"), ("b", "requirements.txt#/2")]
    assert [(name, [line.text for line in lines]) for name, lines in statement.extras or ()] == [
        ("rst", ["docutils"]),
        ("test", ["pytest"]),
    ]
    assert [line.name for line in statement.entry_points or ()] == ["demo"]
    assert [known.value for known in statement.top_levels or ()] == ["demo"]
    assert statement.requires_python is not None


def test_pbr_without_requirement_files_requires_nothing() -> None:
    assert read(PBR, is_pbr=True).dependencies is None


def test_pbr_requirements_without_text_are_unknown() -> None:
    statement = read(PBR, {"requirements.txt": None}, is_pbr=True)

    assert {field.field for field in statement.unknown} == {"Requires-Dist"}


def test_pbrs_own_test_extra_wins() -> None:
    statement = read(PBR + "[extras]\ntest = nose\n", {"test-requirements.txt": "pytest\n"}, is_pbr=True)

    assert [(name, [line.text for line in lines]) for name, lines in statement.extras or ()] == [
        ("test", ["nose"])
    ]


def test_only_pbr_reads_requirement_files() -> None:
    assert read(PBR, {"requirements.txt": "a\n"}).dependencies is None
