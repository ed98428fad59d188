import time

import pytest

from conda_bridge.errors import TranslationError
from conda_bridge.model.project import Known
from conda_bridge.translate.license_files import (
    is_license_file,
    is_main_license,
    license_file_findings,
    license_files,
    reuse_license,
)


def declared(*patterns: str) -> tuple[Known[str], ...]:
    return tuple(Known(value=pattern, origin=f"pyproject.toml#/{i}") for i, pattern in enumerate(patterns))


def found(paths: str, *patterns: str) -> tuple[str, ...]:
    return license_files(paths.split(), declared(*patterns))


# ---------------------------------------------------------------- by name


@pytest.mark.parametrize(
    "path",
    [
        "LICENSE",
        "LICENCE.md",
        "license.txt",
        "LICENSE-APACHE",
        "LICENSE.MIT",
        "License.rst",
        "MIT-LICENSE",
        "MIT-LICENSE.txt",
        "UNLICENSE",
        "COPYING",
        "COPYING.LESSER",
        "lgpl.txt",
        "gpl.txt",
        "GPL",
        "gpl-3.0.txt",
        "LGPLv2.1.md",
        "agpl-3.txt",
        "COPYRIGHT",
        "NOTICE",
        "NOTICE.txt",
        "LICENSES/MIT.txt",
        "ThirdPartyNotices.txt",
        "THIRD_PARTY_LICENSES",
        "LICENSE-3RD-PARTY.txt",
        "LICENSE THIRD PARTY",
        "src/pkg/LICENSE",
    ],
)
def test_licence_files_are_known_by_their_names(path: str) -> None:
    assert is_license_file(path)


@pytest.mark.parametrize(
    "path",
    [
        "license.py",
        "licenses.json",
        "license_header.txt",
        "license-template.txt",
        "LICENSE.j2",
        "check_license.sh",
        "licensecheck.cfg",
        "AUTHORS",
        "README.md",
        "copyright.py",
        "logo.png.license",
        "licensing",
        "noticeable.txt",
        "gpl.py",
        "gplot.txt",
        "gpl-history.txt",
    ],
)
def test_code_settings_and_lists_of_authors_are_no_licence_files(path: str) -> None:
    assert not is_license_file(path)


def test_notices_and_other_projects_licences_are_no_main_licences() -> None:
    names = ("LICENSE", "NOTICE", "ThirdPartyNotices.txt", "COPYING", "README")

    assert [is_main_license(name) for name in names] == [True, False, False, True, False]


def test_only_files_in_reuses_folder_are_named_after_licences() -> None:
    assert reuse_license("LICENSES/Apache-2.0.txt") == "Apache-2.0"
    assert reuse_license("sub/LICENSES/MIT.md") == "MIT"
    assert reuse_license("licenses/MIT.txt") == ""
    assert reuse_license("MIT.txt") == ""


# ---------------------------------------------------------------- choosing


@pytest.mark.parametrize(
    ("paths", "chosen"),
    [
        ("LICENSE AUTHORS.rst src/pkg/license.py tests/LICENSE README.md", "LICENSE"),
        ("NOTICE LICENSE", "LICENSE NOTICE"),
        (
            "THIRD_PARTY_NOTICES.md NOTICE LICENSE-MIT LICENSE",
            "LICENSE LICENSE-MIT NOTICE THIRD_PARTY_NOTICES.md",
        ),
        ("LICENSE-MIT LICENSE-APACHE", "LICENSE-APACHE LICENSE-MIT"),
        ("COPYING.LESSER COPYING", "COPYING COPYING.LESSER"),
        ("LICENSE LICENSES/MIT.txt pkg/LICENSE", "LICENSE"),
        ("LICENSES/MIT.txt LICENSES/CC0-1.0.txt pkg/LICENSE", "LICENSES/CC0-1.0.txt LICENSES/MIT.txt"),
        ("NOTICE pkg/LICENSE", "NOTICE pkg/LICENSE"),
        ("pkg/sub/LICENSE pkg/LICENSE pkg/NOTICE", "pkg/LICENSE pkg/NOTICE"),
        ("pkg/_vendor/foo/LICENSE docs/LICENSE foo.egg-info/LICENSE .github/LICENSE", ""),
        ("pkg/_vendor/foo/LICENSE pkg/LICENSE", "pkg/LICENSE"),
        ("setup.py", ""),
    ],
)
def test_without_declaration_the_names_and_places_decide(paths: str, chosen: str) -> None:
    assert found(paths) == tuple(chosen.split())


@pytest.mark.parametrize(
    ("paths", "patterns", "chosen"),
    [
        ("LICENSE vendored/x/LICENSE", ["LICENSE", "vendored/**/LICENSE"], "LICENSE vendored/x/LICENSE"),
        ("LICENSE AUTHORS.md NOTICE", ["LICEN[CS]E*", "COPYING*", "NOTICE*", "AUTHORS*"], "LICENSE NOTICE"),
        ("LICENCE a/LICENSE", ["LICEN[!S]E*"], "LICENCE"),
        ("licenses/a.txt licenses/b/c.txt", ["licenses/*.txt"], "licenses/a.txt"),
        ("licenses/a.txt licenses/b/c.txt", ["licenses/**"], "licenses/a.txt licenses/b/c.txt"),
        ("legal/terms.html", ["legal/terms.html"], "legal/terms.html"),
        ("legal/LICENSE LICENSE", ["./legal\\LICENSE"], "legal/LICENSE"),
        ("LICENSE1 LICENSE22", ["LICENSE?"], "LICENSE1"),
        ("LICENSE[x", ["LICENSE[x"], "LICENSE[x"),
        ("LICENSE", ["[z-a]LICENSE"], "LICENSE"),
        ("a/b/terms.html terms.html", ["**/terms.html"], "terms.html a/b/terms.html"),
        ("a/b/terms.html a/terms.html", ["a/**/**/terms.html"], "a/terms.html a/b/terms.html"),
        ("LICENSE", ["gone.txt"], "LICENSE"),
        ("LICENSE AUTHORS", ["AUTHORS"], "LICENSE"),
    ],
)
def test_declared_patterns_decide_where_they_match(paths: str, patterns: list[str], chosen: str) -> None:
    assert found(paths, *patterns) == tuple(chosen.split())


@pytest.mark.parametrize(
    "pattern", ["*" * 200 + "z", "**/" * 200 + "z", "*a" * 100 + "z", "**/*a" * 100 + "z"]
)
def test_48_no_glob_takes_long(pattern: str) -> None:
    start = time.process_time()

    assert found("a/" * 50 + "a" * 200, pattern) == ()
    assert time.process_time() - start < 1


@pytest.mark.parametrize("pattern", ["../../**", "../LICEN?E", "a/../../*", "/etc/*", "C:\\*", "..\\*"])
def test_48_a_glob_that_leaves_the_source_is_refused(pattern: str) -> None:
    with pytest.raises(TranslationError) as caught:
        found("LICENSE", "LICENSE", pattern)

    assert caught.value.slug == "license-outside-source"
    assert caught.value.where == "pyproject.toml#/1"


@pytest.mark.parametrize("path", ["../LICENSE", "/LICENSE", "missing.txt"])
def test_a_declared_file_that_is_not_in_the_source_is_reported(path: str) -> None:
    (reported,) = license_file_findings(["LICENSE"], declared("LICENSE", path))

    assert found("LICENSE", "LICENSE", path) == ("LICENSE",)
    assert (reported.slug, reported.origin) == ("license-file-unmatched", "pyproject.toml#/1")
    assert repr(path) in reported.message
