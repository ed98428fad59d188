import time

import pytest

from conda_bridge.translate.license_texts import recognise
from support.license_texts import EXCERPTS, SHORT, gpl_notice

BANNERS = [
    "",
    "The MIT License (MIT)\n\nCopyright (c) 2020-2024 Jane Doe <jane@example.org>\n\n",
    "All rights reserved.\n",
]


@pytest.mark.parametrize("banner", BANNERS)
@pytest.mark.parametrize("license_id", SHORT)
def test_short_licences_are_told_apart_whatever_stands_before_them(license_id: str, banner: str) -> None:
    assert recognise(banner + SHORT[license_id]).licenses == (license_id,)


@pytest.mark.parametrize("license_id", EXCERPTS)
def test_long_licences_are_told_by_their_body(license_id: str) -> None:
    assert recognise(EXCERPTS[license_id]).licenses == (license_id,)


@pytest.mark.parametrize("sign", ["# ", " * ", "// ", "> ", "\t"])
def test_comment_signs_and_indentation_dont_matter(sign: str) -> None:
    text = "".join(sign + line for line in SHORT["BSD-3-Clause"].splitlines(keepends=True))

    assert recognise(text).licenses == ("BSD-3-Clause",)


def test_a_text_with_several_licences_shows_all_in_their_order() -> None:
    text = SHORT["BSD-3-Clause"] + "\nThe parser is:\n" + SHORT["MIT"] + SHORT["BSD-2-Clause"] + SHORT["MIT"]

    assert recognise(text).licenses == ("BSD-3-Clause", "MIT", "BSD-2-Clause")


@pytest.mark.parametrize("text", ["", "All rights reserved.", "Do as you like.", SHORT["MIT"][:300]])
def test_other_texts_hold_no_licence(text: str) -> None:
    assert recognise(text).licenses == ()


def test_a_licence_with_a_changed_condition_is_not_taken_for_the_plain_one() -> None:
    text = SHORT["MIT"].replace(
        "THE SOFTWARE IS", "The Software shall be used for Good, not Evil. THE SOFTWARE IS", 1
    )

    assert recognise(text).licenses == ("JSON",)


def test_the_notice_in_the_gpls_own_appendix_chooses_no_version() -> None:
    assert recognise(EXCERPTS["GPL-3.0"]).notices == frozenset()


def test_an_appendix_without_its_end_is_cut_after_a_while() -> None:
    text = "How to Apply These Terms to Your New Programs " + gpl_notice("", "3", later=True) + " x" * 2000

    assert recognise(text).notices == frozenset()
    assert recognise(text + gpl_notice("", "2", later=True)).notices == {"GPL-2.0-or-later"}


@pytest.mark.parametrize(
    ("family", "version", "notice"),
    [
        ("", "3", "GPL-3.0-or-later"),
        ("", "2", "GPL-2.0-only"),
        ("Lesser ", "2.1", "LGPL-2.1-or-later"),
        ("Library ", "2", "LGPL-2.0-or-later"),
        ("Affero ", "3", "AGPL-3.0-only"),
    ],
)
def test_a_notice_before_the_text_chooses_the_versions(family: str, version: str, notice: str) -> None:
    text = gpl_notice(family, version, later=notice.endswith("later")) + EXCERPTS["GPL-3.0"]

    assert recognise(text).notices == {notice}


@pytest.mark.parametrize(
    ("line", "expression"),
    [
        ("# SPDX-License-Identifier: MIT", "MIT"),
        ("/* SPDX-License-Identifier: Apache-2.0 OR MIT */", "Apache-2.0 OR MIT"),
        ("<!-- SPDX-License-Identifier: GPL-3.0+ -->", "GPL-3.0-or-later"),
    ],
)
def test_spdx_identifiers_are_read(line: str, expression: str) -> None:
    assert recognise(f"some code\n{line}\r\nmore").identifiers == (expression,)


def test_an_identifier_that_is_no_spdx_is_none() -> None:
    assert recognise("SPDX-License-Identifier: my own").identifiers == ()


def test_a_choice_between_licences_is_noticed() -> None:
    text = "This software is dual licensed under the licences below.\n" + SHORT["MIT"] + SHORT["BSD-3-Clause"]

    assert recognise(text).is_choice
    assert not recognise(SHORT["MIT"] + SHORT["BSD-3-Clause"]).is_choice


def test_one_licence_is_no_choice() -> None:
    text = "The documentation's examples are dual licensed under this and another.\n" + SHORT["MIT"]

    assert not recognise(text).is_choice


def test_a_restriction_is_noticed() -> None:
    assert (
        recognise("“Commons Clause” License Condition v1.0\n" + SHORT["MIT"]).restriction == "commons clause"
    )


def test_eleven_kilobytes_take_less_than_two_milliseconds() -> None:
    text = (EXCERPTS["Apache-2.0"] + " lorem ipsum dolor sit amet" * 500)[:11_000]
    recognise(text)

    start = time.process_time()
    for _ in range(20):
        recognise(text)

    assert (time.process_time() - start) / 20 < 0.01  # Generous: CI machines are slow. Measured: 0.8 ms.


@pytest.mark.parametrize(
    "unit",
    [
        "how to apply these terms to your new ",
        "redistribution and use in source and binary forms ",
        "under the terms of the gnu general public license ",
        "SPDX-License-Identifier: */ ",
        "SPDX-License-Identifier: \t\t\t",
    ],
)
def test_hostile_texts_take_no_more_than_their_length_deserves(unit: str) -> None:
    start = time.process_time()

    recognise(unit * (400_000 // len(unit)))

    assert time.process_time() - start < 3
