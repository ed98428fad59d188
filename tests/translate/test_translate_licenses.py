import pytest

from conda_bridge.model.evidence import Certainty
from conda_bridge.model.project import Known, LicenseStatement
from conda_bridge.translate.licenses import LicenseChoice, choose_license, to_spdx
from support.license_texts import EXCERPTS, SHORT, gpl_notice

OSI = "License :: OSI Approved :: "
BSD = f"{OSI}BSD License"
MIT = f"{OSI}MIT License"
APACHE = f"{OSI}Apache Software License"
GPL_3 = f"{OSI}GNU General Public License v3 (GPLv3)"
GPL_3_LATER = f"{OSI}GNU General Public License v3 or later (GPLv3+)"


def choose(
    *classifiers: str, expression: str = "", text: str = "", files: dict[str, str] | None = None
) -> LicenseChoice:
    statement = LicenseStatement(
        expression=Known(value=expression, origin="PKG-INFO#/License-Expression") if expression else None,
        text=Known(value=text, origin="PKG-INFO#/License") if text else None,
        classifiers=tuple(
            Known(value=value, origin=f"PKG-INFO#/Classifier/{i}") for i, value in enumerate(classifiers)
        ),
    )
    return choose_license(statement, tuple((files or {}).items()))


def slugs(choice: LicenseChoice) -> list[str]:
    return [found.slug for found in choice.diagnostics]


# ---------------------------------------------------------------- expression


def test_a_valid_expression_stands_in_canonical_form() -> None:
    choice = choose(MIT, expression="mit or apache-2.0", files={"LICENSE": SHORT["MIT"]})

    assert (choice.expression, choice.certainty) == ("MIT OR Apache-2.0", Certainty.DECLARED)
    assert choice.origins == ("PKG-INFO#/License-Expression",)
    assert slugs(choice) == []


def test_an_expression_stands_even_against_the_licence_file_but_that_is_said() -> None:
    choice = choose(expression="MIT", files={"LICENSE": SHORT["BSD-3-Clause"]})

    assert choice.expression == "MIT"
    (found,) = choice.diagnostics
    assert found.slug == "license-mismatch"
    assert "'MIT'" in found.message
    assert "'BSD-3-Clause'" in found.message


def test_an_expression_that_is_no_spdx_is_read_as_a_name() -> None:
    choice = choose(expression="BSD 3-Clause License")

    assert (choice.expression, choice.certainty) == ("BSD-3-Clause", Certainty.DERIVED)
    assert slugs(choice) == ["license-not-spdx"]


def test_an_unreadable_expression_leaves_the_word_to_the_others() -> None:
    choice = choose(MIT, expression="mine")

    assert choice.expression == "MIT"
    assert slugs(choice) == ["license-name-unread"]


def test_a_deprecated_id_is_replaced() -> None:
    assert choose(expression="GPL-3.0").expression == "GPL-3.0-only"
    assert choose(expression="LGPL-2.1+").expression == "LGPL-2.1-or-later"


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("classifiers", "text", "expression"),
    [
        ([], "MIT License", "MIT"),
        ([MIT], "", "MIT"),
        ([MIT], "UNKNOWN", "MIT"),
        ([BSD], "BSD 2-Clause", "BSD-2-Clause"),
        ([f"{OSI}GNU Lesser General Public License v3 (LGPLv3)"], "LGPL", "LGPL-3.0-only"),
        ([GPL_3_LATER], "GPLv3", "GPL-3.0-or-later"),
        ([GPL_3, GPL_3_LATER], "", "GPL-3.0-or-later"),
        ([f"{OSI}GNU General Public License (GPL)"], "GPL-2.0-or-later", "GPL-2.0-or-later"),
        ([MIT, APACHE], "MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ([MIT, APACHE], "MIT AND Apache-2.0", "MIT AND Apache-2.0"),
        ([MIT], "MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        (["License :: Other/Proprietary License"], "", "LicenseRef-Proprietary"),
    ],
)
def test_names_are_combined_without_doubt(classifiers: list[str], text: str, expression: str) -> None:
    choice = choose(*classifiers, text=text)

    assert choice.expression == expression
    assert choice.certainty in {Certainty.DECLARED, Certainty.DERIVED}
    assert slugs(choice) == []


@pytest.mark.parametrize(
    ("classifier", "file", "expression"),
    [
        (BSD, "BSD-2-Clause", "BSD-2-Clause"),
        (BSD, "BSD-3-Clause", "BSD-3-Clause"),
        (BSD, "0BSD", "0BSD"),
        (f"{OSI}Mozilla Public License", "MPL-2.0", "MPL-2.0"),
        (f"{OSI}Python Software Foundation License", "PSF-2.0", "PSF-2.0"),
    ],
)
def test_an_ambiguous_name_is_told_by_the_licence_file(classifier: str, file: str, expression: str) -> None:
    choice = choose(classifier, files={"LICENSE": (SHORT | EXCERPTS)[file]})

    assert (choice.expression, choice.certainty) == (expression, Certainty.DERIVED)
    assert slugs(choice) == []


def test_what_the_ambiguous_name_means_is_looked_up_among_bundled_licences() -> None:
    choice = choose(BSD, files={"LICENSE": SHORT["BSD-2-Clause"] + SHORT["MIT"]})

    assert choice.expression == "BSD-2-Clause"
    assert choice.origins == ("PKG-INFO#/Classifier/0", "LICENSE")
    assert "LICENSE" in choice.note


def test_an_ambiguous_name_alone_is_a_guess() -> None:
    choice = choose(BSD)

    assert (choice.expression, choice.certainty) == ("BSD-3-Clause", Certainty.GUESSED)
    assert slugs(choice) == ["license-guessed"]


def test_two_ambiguous_names_are_one_guess() -> None:
    assert slugs(choose(BSD, text="BSD")) == ["license-guessed"]


def test_a_text_that_names_no_licence_is_reported() -> None:
    choice = choose(MIT, text="Free to good homes")

    assert choice.expression == "MIT"
    assert slugs(choice) == ["license-name-unread"]


def test_a_long_unreadable_text_is_cut_in_the_message() -> None:
    (found,) = choose(MIT, text="blah " * 100).diagnostics

    assert len(found.message) < 120


def test_a_licence_pasted_into_the_field_counts_as_a_licence_file() -> None:
    choice = choose(BSD, text=SHORT["BSD-3-Clause"] + SHORT["MIT"])

    assert choice.expression == "BSD-3-Clause"
    assert slugs(choice) == []
    assert choose(text=SHORT["ISC"]).expression == "ISC"
    assert choose(text=SHORT["ISC"]).origins == ("PKG-INFO#/License",)


def test_classifiers_of_two_licences_are_read_as_a_choice_with_a_warning() -> None:
    choice = choose(MIT, APACHE)

    assert (choice.expression, choice.certainty) == ("MIT OR Apache-2.0", Certainty.GUESSED)
    assert slugs(choice) == ["license-several"]


def test_classifiers_name_more_licences_than_the_text_if_the_files_are_there() -> None:
    both = {"LICENSE-MIT": SHORT["MIT"], "LICENSE-APACHE": EXCERPTS["Apache-2.0"]}
    bsd_and_mit = (MIT, f"{OSI}ISC License (ISCL)")

    assert choose(*bsd_and_mit, text="MIT", files={"LICENSE": SHORT["MIT"]}).expression == "MIT"
    assert (
        choose(*bsd_and_mit, text="MIT", files={"LICENSE": SHORT["MIT"] + SHORT["ISC"]}).expression
        == "MIT OR ISC"
    )
    assert choose(MIT, text="MIT/Apache-2.0", files=both).expression == "MIT OR Apache-2.0"


# ---------------------------------------------------------------- disagreement


def test_a_file_that_contradicts_a_lone_name_wins_with_a_warning() -> None:
    choice = choose(MIT, files={"LICENSE": SHORT["BSD-3-Clause"]})

    assert (choice.expression, choice.origins) == ("BSD-3-Clause", ("LICENSE",))
    assert slugs(choice) == ["license-mismatch"]


def test_two_names_that_agree_stand_against_the_file() -> None:
    choice = choose(MIT, text="MIT", files={"LICENSE": SHORT["BSD-3-Clause"]})

    assert choice.expression == "MIT"
    assert slugs(choice) == ["license-mismatch"]


def test_what_is_declared_proprietary_stays_so_whatever_the_file_says() -> None:
    choice = choose(text="Proprietary", files={"LICENSE": SHORT["MIT"]})

    assert choice.expression == "LicenseRef-Proprietary"
    assert slugs(choice) == ["license-mismatch"]


def test_a_lone_name_stands_against_a_bundle_that_lacks_it() -> None:
    choice = choose(APACHE, files={"LICENSE": SHORT["BSD-3-Clause"] + SHORT["MIT"]})

    assert choice.expression == "Apache-2.0"
    assert slugs(choice) == ["license-mismatch", "license-guessed"]


@pytest.mark.parametrize("file", ["MIT", "ISC", "Zlib"])
def test_between_text_and_classifier_the_file_decides(file: str) -> None:
    choice = choose(f"{OSI}ISC License (ISCL)", text="MIT", files={"LICENSE": SHORT[file]})

    assert choice.expression == file
    assert set(slugs(choice)) == {"license-mismatch"}


def test_without_a_file_the_text_stands_against_the_classifier() -> None:
    choice = choose(f"{OSI}ISC License (ISCL)", text="MIT")

    assert choice.expression == "MIT"
    assert slugs(choice) == ["license-mismatch"]


@pytest.mark.parametrize(
    ("text", "file"), [("LGPL-3.0-only", "GPL-3.0"), ("PSF-2.0", "Python-2.0"), ("MIT-CMU", "HPND")]
)
def test_akin_texts_are_no_contradiction(text: str, file: str) -> None:
    choice = choose(text=text, files={"LICENSE": EXCERPTS[file]})

    assert choice.expression == text
    assert slugs(choice) == []


# ---------------------------------------------------------------- GNU versions


def test_a_notice_allows_later_versions_where_the_name_leaves_it_open() -> None:
    files = {"COPYING": EXCERPTS["GPL-3.0"], "README.md": gpl_notice("", "3", later=True)}

    choice = choose(GPL_3, files=files)

    assert choice.expression == "GPL-3.0-or-later"
    assert "later" in choice.note


def test_a_stated_only_is_not_widened_by_a_notice() -> None:
    choice = choose(text="GPL-3.0-only", files={"README": gpl_notice("", "3", later=True)})

    assert choice.expression == "GPL-3.0-only"


def test_the_gpls_text_alone_is_that_version_only_and_a_guess() -> None:
    choice = choose(files={"COPYING": EXCERPTS["GPL-3.0"]})

    assert (choice.expression, choice.certainty) == ("GPL-3.0-only", Certainty.GUESSED)
    assert slugs(choice) == ["license-guessed"]


def test_a_name_without_version_takes_the_files_version_as_a_guess() -> None:
    choice = choose(text="LGPL", files={"COPYING": EXCERPTS["LGPL-2.1"]})

    assert (choice.expression, choice.certainty) == ("LGPL-2.1-only", Certainty.GUESSED)


def test_a_notice_in_the_licence_file_makes_it_certain() -> None:
    choice = choose(text="GPL", files={"COPYING": gpl_notice("", "2", later=True) + EXCERPTS["GPL-2.0"]})

    assert (choice.expression, choice.certainty) == ("GPL-2.0-or-later", Certainty.DERIVED)


LGPL = f"{OSI}GNU Library or Lesser General Public License (LGPL)"
LGPL_2_LATER = f"{OSI}GNU Lesser General Public License v2 or later (LGPLv2+)"
LGPL_NOTICE = gpl_notice("Lesser ", "3", later=True)


@pytest.mark.parametrize("files", [{"LICENSE": LGPL_NOTICE + SHORT["Zlib"]}, {"LICENSE": LGPL_NOTICE}])
@pytest.mark.parametrize("classifier", [LGPL, f"{OSI}GNU Lesser General Public License v3 (LGPLv3)"])
def test_a_notice_that_agrees_with_the_name_beats_the_text_beside_it(
    classifier: str, files: dict[str, str]
) -> None:
    choice = choose(classifier, files=files)

    assert (choice.expression, choice.certainty) == ("LGPL-3.0-or-later", Certainty.DERIVED)
    assert "license-mismatch" not in slugs(choice)


def test_the_text_beside_a_notice_is_reported() -> None:
    choice = choose(LGPL, files={"LICENSE": LGPL_NOTICE + SHORT["Zlib"]})

    (found,) = choice.diagnostics
    assert (found.slug, found.origin) == ("license-several", "LICENSE")
    assert "Zlib" in found.message
    assert choice.origins == ("PKG-INFO#/Classifier/0", "LICENSE")


def test_an_expression_that_the_notice_confirms_needs_no_word_of_the_text_beside_it() -> None:
    choice = choose(expression="LGPL-3.0-or-later", files={"LICENSE": LGPL_NOTICE + SHORT["Zlib"]})

    assert (choice.expression, slugs(choice)) == ("LGPL-3.0-or-later", [])


@pytest.mark.parametrize(
    "files",
    [
        {"LICENSE": SHORT["Zlib"] + gpl_notice("", "3", later=True)},
        {"LICENSE": SHORT["Zlib"], "README.md": LGPL_NOTICE},
        {"LICENSE": SHORT["Zlib"], "vendor/COPYING": LGPL_NOTICE},
    ],
)
def test_notices_of_another_family_or_elsewhere_do_not_beat_the_text(files: dict[str, str]) -> None:
    choice = choose(LGPL, files=files)

    assert choice.expression == "Zlib"
    assert slugs(choice) == ["license-mismatch"]


@pytest.mark.parametrize(
    ("classifiers", "text"),
    [([LGPL_2_LATER], ""), ([], "LGPLv2+"), ([LGPL_2_LATER], "LGPL"), ([LGPL_2_LATER], "LGPL 2.1")],
)
def test_lgplv2_or_later_means_2_1_where_that_is_the_text(classifiers: list[str], text: str) -> None:
    choice = choose(*classifiers, text=text, files={"COPYING": EXCERPTS["LGPL-2.1"]})

    assert (choice.expression, choice.certainty) == ("LGPL-2.1-or-later", Certainty.DERIVED)
    assert slugs(choice) == []


def test_lgplv2_or_later_stays_2_0_where_nothing_names_2_1() -> None:
    assert choose(LGPL_2_LATER).expression == "LGPL-2.0-or-later"
    assert choose(LGPL_2_LATER, text="LGPLv2+").expression == "LGPL-2.0-or-later"


@pytest.mark.parametrize(
    ("text", "file", "expression"),
    [
        ("GPLv3+", "GPL-3.0", "GPL-3.0-or-later"),
        ("GPLv2+", "GPL-3.0", "GPL-3.0-or-later"),
        ("GPLv2", "GPL-3.0", "GPL-3.0-only"),
        ("LGPLv3+", "LGPL-2.1", "LGPL-2.1-or-later"),
        ("AGPLv3+", "GPL-2.0", "GPL-2.0-only"),
    ],
)
def test_later_versions_that_the_name_allows_are_kept_beside_the_plain_text(
    text: str, file: str, expression: str
) -> None:
    assert choose(text=text, files={"COPYING": EXCERPTS[file]}).expression == expression


def test_a_notice_of_one_version_only_is_not_widened_by_the_name() -> None:
    files = {"COPYING": gpl_notice("", "3", later=False) + EXCERPTS["GPL-3.0"]}

    assert choose(text="GPLv2+", files=files).expression == "GPL-3.0-only"


# ---------------------------------------------------------------- files alone


@pytest.mark.parametrize(
    ("files", "expression"),
    [
        ({"LICENSE": SHORT["MIT"]}, "MIT"),
        ({"LICENSE": "MIT License\n"}, "MIT"),
        ({"LICENSE": "This project is released under the terms of the Apache License 2.0.\n"}, "Apache-2.0"),
        ({"LICENSE": "Copyright (c) 2020 Jane\n\nLicensed under the MIT License.\n"}, "MIT"),
        ({"LICENSE": "# SPDX-License-Identifier: Apache-2.0 OR MIT\n"}, "Apache-2.0 OR MIT"),
        ({"COPYING": EXCERPTS["LGPL-3.0"] + gpl_notice("Lesser ", "3", later=True)}, "LGPL-3.0-or-later"),
        ({"LICENSES/MIT.txt": "whatever"}, "MIT"),
        ({"LICENSE": SHORT["MIT"], "NOTICE": EXCERPTS["Apache-2.0"]}, "MIT"),
        ({"LICENSE": SHORT["MIT"], "pkg/LICENSE": SHORT["ISC"]}, "MIT"),
        ({"pkg/LICENSE": SHORT["ISC"]}, "ISC"),
        ({"LICENSES/MIT.txt": "", "LICENSES/CC0-1.0.txt": "", ".reuse/dep5": "Files: *\nCopyright: me\nLicense: MIT\n"}, "MIT"),
        (
            {
                "LICENSES/MIT.txt": "",
                "REUSE.toml": '[[annotations]]\npath = "docs/**"\nSPDX-License-Identifier = "CC0-1.0"\n'
                '[[annotations]]\npath = ["**"]\nSPDX-License-Identifier = "MIT"\n',
            },
            "MIT",
        ),
    ],
)  # fmt: skip
def test_files_alone_tell_the_licence(files: dict[str, str], expression: str) -> None:
    choice = choose(files=files)

    assert (choice.expression, choice.certainty) == (expression, Certainty.DERIVED)
    assert slugs(choice) == []


def test_the_gpl_that_comes_with_the_lgpl_is_not_counted() -> None:
    files = {"COPYING": EXCERPTS["GPL-3.0"], "COPYING.LESSER": EXCERPTS["LGPL-3.0"]}

    assert choose(files=files).expression == "LGPL-3.0-only"


@pytest.mark.parametrize(
    ("files", "expression"),
    [
        ({"LICENSE-MIT": SHORT["MIT"], "LICENSE-APACHE": EXCERPTS["Apache-2.0"]}, "MIT OR Apache-2.0"),
        ({"LICENSE.txt": SHORT["MIT"] + SHORT["ISC"]}, "MIT AND ISC"),
        ({"LICENSES/MIT.txt": "", "LICENSES/CC0-1.0.txt": ""}, "MIT AND CC0-1.0"),
        ({"LICENSE.txt": SHORT["MIT"], "LICENSE_zlib.txt": SHORT["Zlib"]}, "MIT AND Zlib"),
    ],
)
def test_how_several_licences_combine_is_a_guess(files: dict[str, str], expression: str) -> None:
    choice = choose(files=files)

    assert (choice.expression, choice.certainty) == (expression, Certainty.GUESSED)
    assert slugs(choice) == ["license-several"]


def test_a_choice_that_the_file_offers_is_no_guess() -> None:
    choice = choose(files={"LICENSE": "Licensed under either of these:\n" + SHORT["MIT"] + SHORT["ISC"]})

    assert (choice.expression, choice.certainty) == ("MIT OR ISC", Certainty.DERIVED)


@pytest.mark.parametrize(
    "toml", ["not = [toml", "annotations = 1", 'annotations = [1, {path = "**"}]', "version = 1"]
)
def test_an_odd_reuse_file_says_nothing(toml: str) -> None:
    assert choose(files={"REUSE.toml": toml, "LICENSE": SHORT["MIT"]}).expression == "MIT"


def test_a_dep5_without_default_says_nothing() -> None:
    files = {".reuse/dep5": "Files: docs/*\nLicense: CC0-1.0\n", "LICENSE": SHORT["MIT"]}

    assert choose(files=files).expression == "MIT"


@pytest.mark.parametrize(
    ("files", "named"),
    [({}, "neither"), ({"LICENSE": "Mine."}, "LICENSE"), ({"LICENSE": "Mine. " * 100}, "LICENSE")],
)
def test_an_unknown_licence_is_empty_with_a_warning(files: dict[str, str], named: str) -> None:
    choice = choose(files=files)

    assert (choice.expression, choice.origins) == ("", ())
    (found,) = choice.diagnostics
    assert found.slug == "license-unknown"
    assert named in found.message


def test_a_restricted_licence_is_not_passed_off_as_the_open_one() -> None:
    files = {"LICENSE": "Commons Clause License Condition v1.0\n" + SHORT["MIT"]}

    alone, stated = choose(files=files), choose(text="MIT", files=files)

    assert (alone.expression, slugs(alone)) == ("", ["license-restricted", "license-unknown"])
    assert (stated.expression, slugs(stated)) == ("MIT", ["license-restricted"])


# ---------------------------------------------------------------- to_spdx


@pytest.mark.parametrize(
    ("text", "expression"),
    [(MIT, "MIT"), ("Apache 2.0", "Apache-2.0"), (SHORT["BSD-2-Clause"], "BSD-2-Clause"), ("nothing", None)],
)
def test_any_text_becomes_spdx(text: str, expression: str | None) -> None:
    assert to_spdx(text) == expression


def test_spdx_identifiers_in_a_text_count() -> None:
    assert to_spdx("A long text.\n" * 50 + "SPDX-License-Identifier: ISC\n" + SHORT["MIT"]) == "ISC AND MIT"


@pytest.mark.parametrize("text", ["BSD", BSD, "GPL"])
def test_an_ambiguous_text_has_no_spdx(text: str) -> None:
    assert to_spdx(text) is None
