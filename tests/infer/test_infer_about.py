"""Metadata -> about."""

import pytest

from conda_bridge.model.recipe import About
from support.converting import PYPROJECT, convert_texts, slugs_of

MIT = "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy"


def about_of(more: str = "", *, pyproject: str = PYPROJECT) -> About:
    texts: dict[str, str | None] = {
        "pyproject.toml": pyproject + more,
        "demo/__init__.py": "",
        "LICENSE": MIT,
    }
    return convert_texts(texts).recipe.outputs[0].about


def test_links_come_from_their_labels() -> None:
    urls = "[project.urls]\nHomepage = 'https://a.example'\nSource = 'https://github.com/a/b'\nDocs = 'https://d.example'\n"
    about = about_of(urls)
    assert (about.homepage, about.repository, about.documentation) == (
        "https://a.example", "https://github.com/a/b", "https://d.example",
    )  # fmt: skip


def test_repository_is_cut_out_of_a_forge_link() -> None:
    about = about_of("[project.urls]\nIssues = 'https://github.com/a/b/issues'\n")
    assert about.repository == "https://github.com/a/b"
    assert about.homepage == "https://github.com/a/b"


def test_project_page_stands_in_where_there_is_no_link() -> None:
    assert about_of().homepage == "https://pypi.org/project/demo/"


@pytest.mark.parametrize(
    ("description", "summary"),
    [
        ("A demonstration.", "A demonstration"),
        ("Wait...", "Wait..."),
        ("Cats, dogs, etc.", "Cats, dogs, etc."),
    ],
)
def test_summary_loses_its_trailing_period(description: str, summary: str) -> None:
    assert about_of(pyproject=PYPROJECT.replace("A demonstration", description)).summary == summary


def test_missing_summary_is_a_finding() -> None:
    text = PYPROJECT.replace('description = "A demonstration"\n', "")
    conversion = convert_texts({"pyproject.toml": text, "demo/__init__.py": "", "LICENSE": MIT})
    assert conversion.recipe.outputs[0].about.summary
    assert "summary-missing" in slugs_of(conversion)


def test_licence_and_its_file() -> None:
    about = about_of()
    assert (about.license, about.license_files) == ("MIT", ("LICENSE",))


def test_missing_licence_file_is_a_finding() -> None:
    conversion = convert_texts({"pyproject.toml": PYPROJECT, "demo/__init__.py": ""})
    assert "license-file-missing" in slugs_of(conversion)
