import tomllib
from importlib.resources import files
from typing import Any

import pytest

from conda_bridge.translate.license_ids import base_of, canonical, ids_of, joined, with_ids
from conda_bridge.translate.license_names import _key, read_classifier, read_name, says_nothing

EXACT = [
    ("MIT", "MIT"),
    ("mit", "MIT"),
    ("MIT License", "MIT"),
    ("The MIT License (MIT)", "MIT"),
    ("MIT Licence", "MIT"),
    ("MIT/X11", "MIT"),
    ("Expat", "MIT"),
    ("MIT (see LICENSE)", "MIT"),
    ("MIT, see LICENSE file", "MIT"),
    ("MIT-0", "MIT-0"),
    ("BSD 3-Clause", "BSD-3-Clause"),
    ("BSD (3-clause)", "BSD-3-Clause"),
    ('BSD 3-Clause "New" or "Revised" License', "BSD-3-Clause"),
    ("3-Clause BSD License", "BSD-3-Clause"),
    ("new BSD", "BSD-3-Clause"),
    ("Simplified BSD", "BSD-2-Clause"),
    ("BSD-2", "BSD-2-Clause"),
    ("Zero-Clause BSD (0BSD)", "0BSD"),
    ("ISC License (ISCL)", "ISC"),
    ("Apache 2.0", "Apache-2.0"),
    ("Apache License, Version 2.0", "Apache-2.0"),
    ("Apache Software License 2.0", "Apache-2.0"),
    ("Apache v2", "Apache-2.0"),
    ("Apache2", "Apache-2.0"),
    ("ASL 2.0", "Apache-2.0"),
    ("Apache Software License (Apache-2.0)", "Apache-2.0"),
    ("MPL 2.0", "MPL-2.0"),
    ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
    ("PSF", "PSF-2.0"),
    ("Unlicense", "Unlicense"),
    ("CC0", "CC0-1.0"),
    ("CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", "CC0-1.0"),
    ("Public Domain", "LicenseRef-Public-Domain"),
    ("Proprietary", "LicenseRef-Proprietary"),
    ("LicenseRef-Mine", "LicenseRef-Mine"),
    ("GPLv3+", "GPL-3.0-or-later"),
    ("GPL (>= 2)", "GPL-2.0-or-later"),
    ("GPL-2.0+", "GPL-2.0-or-later"),
    ("GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
    ("GPL version 3 or (at your option) any later version", "GPL-3.0-or-later"),
    ("LGPLv2.1+", "LGPL-2.1-or-later"),
    ("AGPL-3.0 or newer", "AGPL-3.0-or-later"),
    ("GPL-3.0-only", "GPL-3.0-only"),
    ("GNU GPL v2 only", "GPL-2.0-only"),
    ("GNU Free Documentation License 1.3", "GFDL-1.3-only"),
    ("GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0"),
    ("MIT OR Apache-2.0", "MIT OR Apache-2.0"),
    ("mit or apache-2.0", "MIT OR Apache-2.0"),
    ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
    ("MIT | Apache 2", "MIT OR Apache-2.0"),
    ("Apache-2.0 and MIT", "Apache-2.0 AND MIT"),
    ("MIT, BSD-3-Clause", "MIT AND BSD-3-Clause"),
    ("MIT, Apache 2.0 or BSD-2-Clause", "MIT OR Apache-2.0 OR BSD-2-Clause"),
    ("MIT & Apache 2.0; ISC", "MIT AND Apache-2.0 AND ISC"),
    ("Dual licensed under MIT and Apache 2.0", "MIT OR Apache-2.0"),
    ("MIT or GPLv3+", "MIT OR GPL-3.0-or-later"),
    ("https://opensource.org/licenses/MIT", "MIT"),
    ("http://www.apache.org/licenses/LICENSE-2.0", "Apache-2.0"),
    ("Apache (http://www.apache.org/licenses/LICENSE-2.0.txt)", "Apache-2.0"),
    ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
    ("unlicense.org", "Unlicense"),
    ("MIT, see https://example.org/about", "MIT"),
    ("GPL-3.0 WITH GCC-exception-3.1", "GPL-3.0-only WITH GCC-exception-3.1"),
]


@pytest.mark.parametrize(("text", "expression"), EXACT)
def test_names_are_read(text: str, expression: str) -> None:
    name = read_name(text)

    assert name is not None
    assert (name.expression, name.options) == (expression, frozenset())


@pytest.mark.parametrize(
    ("text", "default", "another"),
    [
        ("BSD", "BSD-3-Clause", "BSD-2-Clause"),
        ("BSD-like", "BSD-3-Clause", "BSD-2-Clause"),
        ("Apache", "Apache-2.0", "Apache-1.1"),
        ("GPL", "GPL-1.0-or-later", "GPL-3.0"),
        ("GNU", "GPL-1.0-or-later", "GPL-2.0"),
        ("LGPL", "LGPL-2.0-or-later", "LGPL-3.0"),
        ("GNU Library or Lesser General Public License (LGPL)", "LGPL-2.0-or-later", "LGPL-2.1"),
        ("AGPL", "AGPL-3.0-or-later", "AGPL-1.0"),
        ("MPL", "MPL-2.0", "MPL-1.1"),
        ("Python", "PSF-2.0", "Python-2.0"),
        ("http://opensource.org/licenses/bsd-license.php", "BSD-3-Clause", "BSD-2-Clause"),
    ],
)
def test_ambiguous_names_list_what_they_may_mean(text: str, default: str, another: str) -> None:
    name = read_name(text)

    assert name is not None
    assert name.expression == default
    assert another in name.options


@pytest.mark.parametrize("text", ["GPLv3", "GPL-3.0", "GNU GPL 3", "LGPL-2.1", "AGPLv3", "MIT OR GPL-2.0"])
def test_a_gnu_version_alone_leaves_later_ones_open(text: str) -> None:
    name = read_name(text)

    assert name is not None
    assert name.is_version_open
    assert "-only" in name.expression


@pytest.mark.parametrize(
    "text", ["GPL-3.0-only", "GPLv3+", "GPL-2.0-or-later", "GPL-2.0+", "MIT", "GPL v3 only"]
)
def test_a_stated_choice_of_versions_is_not_open(text: str) -> None:
    name = read_name(text)

    assert name is not None
    assert not name.is_version_open


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "UNKNOWN",
        "see LICENSE",
        "Copyright 2020 Jane",
        "Free for non-commercial use",
        "LGPL with exceptions",
        "GPL 4",
        "GPLv2 GPLv3",
        "MIT and GPL or BSD",
        "MIT, mine",
        "see http://example.org/x",
        "x" * 600,
        "(" * 400,
    ],
)
def test_what_names_no_licence_is_not_read(text: str) -> None:
    assert read_name(text) is None


@pytest.mark.parametrize(
    ("leaf", "expression"),
    [
        ("OSI Approved :: MIT License", "MIT"),
        ("OSI Approved :: ISC License (ISCL)", "ISC"),
        ("OSI Approved :: GNU Affero General Public License v3 or later (AGPLv3+)", "AGPL-3.0-or-later"),
        ("OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)", "LGPL-3.0-only"),
        ("OSI Approved :: Python Software Foundation License", "PSF-2.0"),
        ("OSI Approved :: CEA CNRS Inria Logiciel Libre License, version 2.1 (CeCILL-2.1)", "CECILL-2.1"),
        ("OSI Approved :: European Union Public Licence 1.2 (EUPL 1.2)", "EUPL-1.2"),
        ("OSI Approved :: Boost Software License 1.0 (BSL-1.0)", "BSL-1.0"),
        ("OSI Approved :: University of Illinois/NCSA Open Source License", "NCSA"),
        ("OSI Approved :: zlib/libpng License", "Zlib"),
        ("OSI Approved :: Mulan Permissive Software License v2 (MulanPSL-2.0)", "MulanPSL-2.0"),
        ("OSI Approved :: Universal Permissive License (UPL)", "UPL-1.0"),
        ("OSI Approved :: Historical Permission Notice and Disclaimer (HPND)", "HPND"),
        ("CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", "CC0-1.0"),
        ("Other/Proprietary License", "LicenseRef-Proprietary"),
    ],
)
def test_classifiers_are_read(leaf: str, expression: str) -> None:
    name = read_classifier(f"License :: {leaf}")

    assert name is not None
    assert name.expression == expression


@pytest.mark.parametrize("leaf", ["OSI Approved", "DFSG approved", "Free For Educational Use"])
def test_classifiers_without_a_licence_are_not_read(leaf: str) -> None:
    assert read_classifier(f"License :: {leaf}") is None


@pytest.mark.parametrize("text", ["UNKNOWN", "see LICENSE.txt", "", "License", "None"])
def test_placeholders_say_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["MIT", "my own terms", "unknown " * 100])
def test_other_texts_say_something(text: str) -> None:
    assert not says_nothing(text)


def table(stem: str) -> dict[str, Any]:
    return tomllib.loads(files("conda_bridge").joinpath("data", f"{stem}.toml").read_text(encoding="utf-8"))


def test_the_tables_only_hold_canonical_ids() -> None:
    names = table("licenses")
    ids = [*names["names"], *names["urls"].values(), *table("license_ids")["deprecated"].values()]
    ids += [row["default"] for row in names["ambiguous"].values()]

    assert [license_id for license_id in ids if canonical(license_id) != license_id] == []


def test_the_texts_have_valid_ids_and_phrases_of_plain_words() -> None:
    content = table("license_texts")
    phrases = [*content["restrictions"], *content["choices"]]
    for row in content["text"]:
        phrases.append(row["start"])
        for told in row["licenses"]:
            phrases += [*told.get("has", ()), *told.get("lacks", ())]
            assert base_of(canonical(told["id"]) or "") == told["id"]

    assert [
        phrase for phrase in phrases if not phrase.replace(" ", "").isalnum() or phrase != phrase.lower()
    ] == []


def test_no_licence_of_a_text_is_hidden_by_one_before_it() -> None:
    for row in table("license_texts")["text"]:
        for told in row["licenses"][:-1]:
            assert told.get("has") or told.get("lacks"), row["start"]


def test_every_name_stands_in_the_form_in_which_it_is_looked_up_and_once() -> None:
    content = table("licenses")
    rows = [*content["names"].values(), *(row["names"] for row in content["ambiguous"].values())]
    names = [name for row in rows for name in row]

    assert [name for name in names if _key(name) != name] == []
    assert len(names) == len(set(names))


def test_every_name_means_its_licence() -> None:
    wrong = [
        (name, license_id)
        for license_id, names in table("licenses")["names"].items()
        for name in names
        if (found := read_name(name)) is None or found.expression != license_id
    ]

    assert wrong == []


# ---------------------------------------------------------------- expressions


def test_invalid_and_endless_expressions_are_none() -> None:
    assert canonical("MIT MIT") is None
    assert canonical("MIT OR " * 200 + "MIT") is None


def test_ids_leave_out_operators_and_exceptions() -> None:
    assert ids_of("MIT AND (GPL-2.0-only WITH Classpath-exception-2.0 OR MIT)") == ("MIT", "GPL-2.0-only")


def test_joining_keeps_the_meaning_of_composed_parts() -> None:
    assert joined(("MIT", "MIT"), "AND") == "MIT"
    assert joined(("MIT", "BSD-2-Clause OR ISC"), "AND") == "MIT AND (BSD-2-Clause OR ISC)"
    assert joined(("MIT", "BSD-2-Clause OR ISC"), "OR") == "MIT OR BSD-2-Clause OR ISC"


def test_replacing_an_id_leaves_longer_ids_alone() -> None:
    assert with_ids("(GPL-3.0-only) AND AGPL-3.0-only", {"GPL-3.0-only": "X"}) == "(X) AND AGPL-3.0-only"
