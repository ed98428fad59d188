from dataclasses import replace

import pytest

from conda_bridge.model.conversion import Conversion
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.source import UrlOrigin
from support.auditing import CONTEXT, audit_text, release, v1_recipe
from support.converting import PYPROJECT, convert_texts


def of_slug(text: str, upstream: Conversion, slug: str) -> list[Diagnostic]:
    return [found for found in audit_text(text, upstream).diagnostics if found.slug == slug]


def test_source_of_another_version_is_an_error() -> None:
    (found,) = of_slug(v1_recipe().replace('"1.2.3"', '"1.2.4"'), release(), "version-differs")

    assert (found.severity, found.line) == ("error", 8)
    assert "of version '1.2.4', its source of '1.2.3'" in found.message


@pytest.mark.parametrize("spelling", ["1.2.3", "1.2.3.0", "01.2.3", "1_2_3"])
def test_spelling_of_the_version_does_not_matter(spelling: str) -> None:
    assert of_slug(v1_recipe().replace('"1.2.3"', f'"{spelling}"'), release(), "version-differs") == []


def published(sha256: str, filename: str = "demo-1.2.3.tar.gz") -> Conversion:
    upstream = release()
    origin = UrlOrigin(url=f"https://files.example/{filename}", sha256=sha256, filename=filename)
    return replace(upstream, facts=replace(upstream.facts, origin=origin))


def test_wrong_sha256_is_an_error_at_its_line() -> None:
    (found,) = of_slug(v1_recipe(), published("1" * 64), "sha256-differs")

    assert (found.severity, found.line) == ("error", 12)


@pytest.mark.parametrize("upstream", [published("0" * 64), published("1" * 64, "demo-1.2.3.zip"), release()])
def test_sha256_is_compared_with_that_of_the_same_file(upstream: Conversion) -> None:
    assert of_slug(v1_recipe(), upstream, "sha256-differs") == []


@pytest.mark.parametrize(
    ("spelling", "is_told"),
    [
        ("MIT", False),
        ("mit", False),
        ("MIT License", False),
        ("LicenseRef-Demo", False),
        ("MIT AND BSD-3-Clause", False),
        ("MIT OR BSD-3-Clause", True),
        ("Apache-2.0", True),
    ],
)
def test_licence_is_compared_by_what_it_means(spelling: str, is_told: bool) -> None:  # noqa: FBT001
    found = of_slug(v1_recipe(about=(spelling, "LICENSE")), release(), "license-differs")

    assert bool(found) == is_told


@pytest.mark.parametrize(("spelling", "is_told"), [("GPL-3.0-or-later", False), ("LGPL-3.0-only", True)])
def test_licence_that_leaves_later_versions_open_contradicts_neither(
    spelling: str,
    is_told: bool,  # noqa: FBT001
) -> None:
    vague = PYPROJECT.replace(
        'license = "MIT"',
        'classifiers = ["License :: OSI Approved :: GNU General Public License v3 (GPLv3)"]',
    )
    upstream = convert_texts({"pyproject.toml": vague, "demo/__init__.py": ""})

    assert bool(of_slug(v1_recipe(about=(spelling, "LICENSE")), upstream, "license-differs")) == is_told


@pytest.mark.parametrize("path", ["LICENSE", "./LICENSE", "src", "licences/*.txt", "COPYING"])
def test_licence_file_may_lie_in_the_source_or_the_folder(path: str) -> None:
    ctx = replace(CONTEXT, files=(("COPYING", ""),))

    audit = audit_text(v1_recipe(about=("MIT", path)), release(), ctx=ctx)

    assert audit.diagnostics == ()


def test_licence_file_that_is_nowhere_is_told() -> None:
    (found,) = of_slug(v1_recipe(about=("MIT", "COPYING")), release(), "license-file-absent")

    assert "'COPYING' is neither in demo-1.2.3 nor in the recipe's folder" in found.message


def test_licence_file_that_the_build_writes_is_not_absent() -> None:
    text = v1_recipe(about=("MIT", "THIRDPARTY.yml"), build="script: cargo-bundle-licenses -o THIRDPARTY.yml")

    assert of_slug(text, release(), "license-file-absent") == []


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ("[demo = demo.cli:main]", ""),
        ("[demo=demo.cli:main]", ""),
        ("[]", "the command 'demo' (demo.cli:main) has no entry point here"),
        ("[demo = demo:main]", "'demo = demo:main' is 'demo.cli:main' upstream"),
        ("[demo = demo.cli:main, more = demo:more]", "upstream has no command 'more'"),
    ],
)
def test_commands_are_compared(entries: str, message: str) -> None:
    text = v1_recipe(build=f"noarch: python\n  python: {{entry_points: {entries}}}")

    found = of_slug(text, release(scripts='demo = "demo.cli:main"'), "entry-points-differ")

    assert [d.message.startswith(message) for d in found] == ([True] if message else [])


def test_platform_recipes_need_no_entry_points() -> None:
    text = v1_recipe(build="script: x")

    assert of_slug(text, release(scripts='demo = "demo.cli:main"'), "entry-points-differ") == []


def test_tests_that_import_another_project_are_told() -> None:
    (found,) = of_slug(v1_recipe().replace("imports: demo", "imports: omed"), release(), "imports-differ")

    assert found.message == "the tests import 'omed'; the release seems to install demo"


def test_noarch_of_a_compiled_release_is_told_with_its_reason() -> None:
    files = {
        "pyproject.toml": '[build-system]\nrequires=["setuptools"]\nbuild-backend="setuptools.build_meta"\n'
        '[project]\nname="demo"\nversion="1.2.3"\n',
        "setup.py": "from setuptools import Extension, setup\n"
        "setup(ext_modules=[Extension('demo._x', ['x.c'])])\n",
        "x.c": "#include <Python.h>\n",
    }

    (found,) = of_slug(v1_recipe(), release(files=files), "noarch-differs")

    assert found.severity == "info"
    assert "demo._x" in found.message


def test_modules_that_another_program_installs_are_not_compared() -> None:
    pyproject = (
        '[build-system]\nrequires = ["scikit-build-core"]\nbuild-backend = "scikit_build_core.build"\n'
        '[project]\nname = "demo"\nversion = "1.2.3"\n'
    )
    upstream = convert_texts({"pyproject.toml": pyproject, "demo_reader.py": "", "CMakeLists.txt": ""})
    text = v1_recipe().replace("imports: demo", "imports: cdemo")

    assert any("/tests/imports.demo_reader" in one.address for one in upstream.evidence)
    assert of_slug(text, upstream, "imports-differ") == []
