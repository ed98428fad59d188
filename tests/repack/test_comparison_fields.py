"""METADATA is compared by what it means; a meaning that differs is never explained."""

import pytest

from conda_bridge.model.repackaging import FieldVerdict
from conda_bridge.repack.comparing.comparison_fields import Written, compare_metadata

HEAD = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"


def rows(left: str, right: str, *, writers: tuple[str, str] = ("", "")) -> list[FieldVerdict]:
    """Return the rows of fields that aren't equal."""
    found = compare_metadata(
        Written(text=HEAD + left, writer=writers[0]), Written(text=HEAD + right, writer=writers[1])
    )
    return [row for row in found if row.verdict != "equal"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Platform: UNKNOWN\n", ""),
        ("License-File: LICENSE\n", ""),
        ("License-File: LICENSE\n", "License-File: licenses/LICENSE\n"),
        ("Dynamic: license-file\n", ""),
        ("Requires-Dist: b >=1.9\nRequires-Dist: a\n", "Requires-Dist: A\nRequires-Dist: b (>=1.9)\n"),
        ("Requires-Dist: a<2,>=1.0\n", "Requires-Dist: a>=1,<2\n"),
        (
            'Requires-Dist: a; (python_version < "3.8") and extra == "x.y"\n',
            "Requires-Dist: a ; extra == 'x-y' and python_version < '3.8'\n",
        ),
        ("Provides-Extra: x.y\n", "Provides-Extra: x-y\n"),
        ("Requires-Python: >=3.8, <4\n", "Requires-Python: <4,>=3.8\n"),
        ("Classifier: A :: B\nClassifier: C\n", "Classifier: C\nClassifier: A :: B\n"),
        ("Home-page: https://x.org\n", "Project-URL: Homepage, https://x.org\n"),
        ("Author: Ann\nAuthor-email: a@x.org\n", "Author-email: Ann <a@x.org>\n"),
        ("License: MIT\n", "License-Expression: MIT\n"),
        ("Keywords: a, b\n", "Keywords: a,b\n"),
        ("\nText\n  more\n\n\n", "\nText\nmore\n"),
        ("Description: Text\n        more\n", "\nText\nmore\n"),
        (
            "Description-Content-Type: text/markdown\n",
            "Description-Content-Type: text/markdown; charset=UTF-8\n",
        ),
        (
            "Description-Content-Type: text/markdown\n",
            "Description-Content-Type: text/markdown; variant=GFM\n",
        ),
        ("Import-Name: demo\n", ""),
        ("License: UNKNOWN\n", ""),
        ("Author: UNKNOWN\n", ""),
        (
            "Author: Ann, Bob\nAuthor-email: a@x.org, b@x.org\n",
            "Author-email: Ann <a@x.org>, Bob <b@x.org>\n",
        ),
    ],
)
def test_what_backends_write_differently_is_explained(left: str, right: str) -> None:
    for pair in ((left, right), (right, left)):
        found = rows(*pair)

        assert found
        assert {(row.verdict, row.rule) for row in found} == {("explained", "metadata-writer")}


@pytest.mark.parametrize(
    ("left", "right", "field"),
    [
        ("Platform: win32\n", "", "Platform"),
        ("License-File: LICENSE\n", "License-File: NOTICE\n", "License-File"),
        ("Requires-Dist: a\n", "", "Requires-Dist"),
        ("Requires-Dist: a>=1\n", "Requires-Dist: a>=2\n", "Requires-Dist"),
        ("Requires-Dist: a[x]\n", "Requires-Dist: a\n", "Requires-Dist"),
        (
            "Description-Content-Type: text/markdown; variant=GFM\n",
            "Description-Content-Type: text/markdown; variant=CommonMark\n",
            "Description-Content-Type",
        ),
        (
            "Summary: a\nb\nRequires-Dist: x\n\nbody",
            "Summary: a\nb\nRequires-Dist: y\n\nbody",
            "Description",
        ),
        ("Requires-Dist: a\n", "Requires-Dist: a; os_name == 'nt'\n", "Requires-Dist"),
        (
            "Requires-Dist: a; os_name == 'nt' or extra == 'x'\n",
            "Requires-Dist: a; os_name == 'nt' and extra == 'x'\n",
            "Requires-Dist",
        ),
        (
            "Requires-Dist: a; os_name == 'b' or os_name == 'c' and extra == 'x'\n",
            "Requires-Dist: a; (os_name == 'b' or os_name == 'c') and extra == 'x'\n",
            "Requires-Dist",
        ),
        ("Requires-Dist: a @ https://x.org/a.zip\n", "Requires-Dist: a\n", "Requires-Dist"),
        ("Requires-Dist: ][\n", "Requires-Dist: a\n", "Requires-Dist"),
        ("Provides-Extra: x\n", "", "Provides-Extra"),
        ("Requires-Python: >=3.8\n", "Requires-Python: >=3.9\n", "Requires-Python"),
        ("Requires-Python: >=3.8\n", "", "Requires-Python"),
        ("Classifier: A :: B\n", "", "Classifier"),
        ("Home-page: https://x.org\n", "Project-URL: Homepage, https://y.org\n", "Home-page"),
        ("Author: Ann\n", "Author: Bob\n", "Author"),
        ("License: MIT\n", "License-Expression: GPL-3.0-only\n", "License"),
        ("Keywords: a, b\n", "Keywords: a\n", "Keywords"),
        ("\nText\n", "\nOther\n", "Description"),
        ("Summary: One\n", "Summary: Two\n", "Summary"),
        ("Import-Name: demo\n", "Import-Name: other\n", "Import-Name"),
        ("Requires-External: libx\n", "", "Requires-External"),
        ("Requires-Dist: UNKNOWN\n", "", "Requires-Dist"),
        ("Provides-Extra: UNKNOWN\n", "", "Provides-Extra"),
        ("Classifier: UNKNOWN\n", "", "Classifier"),
        (
            "Requires-Dist: a; platform_version == 'a  b'\n",
            "Requires-Dist: a; platform_version == 'a b'\n",
            "Requires-Dist",
        ),
        (
            'Requires-Dist: a; platform_version == "it\'s"\n',
            "Requires-Dist: a; platform_version == 'it\"s'\n",
            "Requires-Dist",
        ),
        (
            "Requires-Dist: a; os_name == 'a\" and os_name == \"b'\n",
            "Requires-Dist: a; os_name == 'a' and os_name == 'b'\n",
            "Requires-Dist",
        ),
        (
            "Project-URL: Docs, https://a.org\nProject-URL: Source, https://b.org\n",
            "Project-URL: Docs, https://b.org\nProject-URL: Source, https://a.org\n",
            "Project-URL",
        ),
        (
            "Author-email: Ann <a@x.org>, Bob <b@x.org>\n",
            "Author-email: Ann <b@x.org>, Bob <a@x.org>\n",
            "Author-email",
        ),
        ("Author: Ann\nAuthor-email: a@x.org\n", "Author-email: Ann <b@x.org>\n", "Author-email"),
    ],
)
def test_another_meaning_is_different(left: str, right: str, field: str) -> None:
    for pair in ((left, right), (right, left)):
        assert (field, "different") in [(row.field, row.verdict) for row in rows(*pair)]


@pytest.mark.parametrize(
    ("added", "writers", "verdict"),
    [
        ("Programming Language :: Python :: 3.14", ("poetry-core 2.1.0", "poetry-core 1.9.0"), "explained"),
        ("Programming Language :: Python :: 3.14", ("poetry-core 2.1.0", "poetry-core 2.1.0"), "different"),
        ("Programming Language :: Python :: 3.14", ("hatchling 1.2", "hatchling 1.3"), "different"),
        ("Topic :: Games", ("poetry-core 2.1.0", "poetry-core 1.9.0"), "different"),
    ],
)
def test_classifiers_that_a_backend_adds_by_itself(
    added: str, writers: tuple[str, str], verdict: str
) -> None:
    (row,) = rows(f"Classifier: A\nClassifier: {added}\n", "Classifier: A\n", writers=writers)

    assert row.verdict == verdict


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        ("License: MIT\nClassifier: License :: OSI Approved :: MIT License\n", "License: MIT\n", "explained"),
        ("License: MIT\nClassifier: License :: OSI Approved :: BSD License\n", "License: MIT\n", "different"),
        ("Classifier: License :: OSI Approved :: MIT License\n", "", "different"),
        (
            "License: MIT\nClassifier: License :: OSI Approved :: MIT License\n",
            "License: MIT\nClassifier: License :: OSI Approved :: Apache Software License\n",
            "different",
        ),
    ],
)
def test_licence_classifier_that_a_backend_adds_by_itself_is_that_of_the_field(
    left: str, right: str, verdict: str
) -> None:
    writers = ("poetry-core 2.1.0", "poetry-core 1.9.0")

    found = rows(left + "Classifier: A\n", right + "Classifier: A\n", writers=writers)

    assert [row.verdict for row in found] == [verdict]


@pytest.mark.parametrize(
    ("left", "right", "writers", "verdict"),
    [
        ("Project-URL: A, https://a.org\n", "", ("poetry-core 2.1.0", "poetry-core 1.9.0"), "explained"),
        ("", "Keywords: a\n", ("poetry-core 2.1.0", "poetry-core 1.9.0"), "explained"),
        (
            "Project-URL: A, https://a.org\n",
            "Project-URL: A, https://b.org\n",
            ("poetry-core 2.1.0", "poetry-core 1.9.0"),
            "different",
        ),
        ("Project-URL: A, https://a.org\n", "", ("poetry-core 2.1.0", "poetry-core 2.1.0"), "different"),
        ("Project-URL: A, https://a.org\n", "", ("poetry-core 2.1.0", "hatchling 1.9.0"), "different"),
        ("Project-URL: A, https://a.org\n", "", ("", ""), "different"),
        ("Requires-Dist: a\n", "", ("poetry-core 2.1.0", "poetry-core 1.9.0"), "different"),
        ("Provides-Extra: a\n", "", ("poetry-core 2.1.0", "poetry-core 1.9.0"), "different"),
    ],
)
def test_links_that_one_version_of_a_backend_passes_over(
    left: str, right: str, writers: tuple[str, str], verdict: str
) -> None:
    (row,) = rows(left, right, writers=writers)

    assert row.verdict == verdict


def test_long_texts_are_told_by_their_size() -> None:
    (row,) = rows("\n" + "a" * 5000, "\n" + "b" * 4000)

    assert (row.left, row.right) == (("5,000 characters",), ("4,000 characters",))


SHORT = """Provides-Extra: cov
Provides-Extra: dev
Provides-Extra: tests
Requires-Dist: demo[cov]; extra == 'dev'
Requires-Dist: demo[tests]; extra == 'cov'
Requires-Dist: coverage>=5.3; extra == 'cov'
Requires-Dist: pytest; extra == 'tests'
Requires-Dist: mypy; (platform_python_implementation == 'CPython') and extra == 'tests'
"""
LONG = """Provides-Extra: cov
Provides-Extra: dev
Provides-Extra: tests
Requires-Dist: coverage>=5.3; extra == 'cov'
Requires-Dist: mypy; (platform_python_implementation == 'CPython') and extra == 'cov'
Requires-Dist: pytest; extra == 'cov'
Requires-Dist: coverage>=5.3; extra == 'dev'
Requires-Dist: mypy; (platform_python_implementation == 'CPython') and extra == 'dev'
Requires-Dist: pytest; extra == 'dev'
Requires-Dist: mypy; (platform_python_implementation == 'CPython') and extra == 'tests'
Requires-Dist: pytest; extra == 'tests'
"""
VERSIONS = ("hatchling 1.27.0", "hatchling 1.21.0")


def test_own_extras_that_one_version_writes_out_are_explained() -> None:
    for pair in ((LONG, SHORT), (SHORT, LONG)):
        (row,) = rows(*pair, writers=VERSIONS)

        assert (row.verdict, row.rule) == ("explained", "metadata-writer")


@pytest.mark.parametrize(
    ("long", "short", "writers"),
    [
        (LONG, SHORT, ("hatchling 1.27.0", "hatchling 1.27.0")),
        (LONG, SHORT, ("hatchling 1.27.0", "setuptools 69.0")),
        (LONG, SHORT, ("", "")),
        (LONG.replace("Requires-Dist: pytest; extra == 'dev'\n", ""), SHORT, VERSIONS),
        (LONG + "Requires-Dist: more; extra == 'dev'\n", SHORT, VERSIONS),
        (LONG.replace("'CPython') and extra == 'dev'", "'PyPy') and extra == 'dev'"), SHORT, VERSIONS),
        (LONG, SHORT.replace("demo[tests];", "demo[tests]>=2;"), VERSIONS),
        (LONG, SHORT.replace("demo[tests];", "other[tests];"), VERSIONS),
        (LONG, SHORT.replace("demo[tests]; ", "demo[tests]; python_version < '3.9' and "), VERSIONS),
        (LONG, SHORT.replace("demo[tests]; extra == 'cov'", "demo[tests]"), VERSIONS),
    ],
)
def test_own_extras_that_have_something_else_are_different(
    long: str, short: str, writers: tuple[str, str]
) -> None:
    found = rows(long, short, writers=writers)

    assert [(row.field, row.verdict) for row in found] == [("Requires-Dist", "different")]
