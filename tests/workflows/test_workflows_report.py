from dataclasses import replace

import pytest

from conda_bridge.model.codes import finding
from conda_bridge.model.evidence import Address
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import About, MatchSpec, PathSource, RecipeEntryPoint, Requirements, leaves
from conda_bridge.model.recipe import Requirement as RecipeRequirement
from conda_bridge.model.source import GitOrigin, LocalOrigin, SourceOrigin, UrlOrigin, UrlRef
from conda_bridge.workflows.codec import dumps, loads
from conda_bridge.workflows.documents import Report
from conda_bridge.workflows.lines import recipe_lines
from conda_bridge.workflows.report import digest, report_of, without_credentials
from support.samples import CONVERSION, FACTS, PLATFORM_EVIDENCE, RECIPE


def test_every_leaf_of_a_recipe_has_a_line() -> None:
    (output,) = RECIPE.outputs
    full = replace(
        RECIPE,
        python_min="3.11",
        maintainers=("me", "you"),
        sources=(*RECIPE.sources, PathSource(path="../x")),
        outputs=(
            replace(
                output,
                entry_points=(RecipeEntryPoint(name="demo", target="demo:main"),),
                is_version_independent=True,
                about=About(homepage="https://h", license="MIT", license_files=("LICENSE", "a/COPYING")),
            ),
        ),
    )

    lines = recipe_lines(full)

    assert set(leaves(full)) <= set(lines)
    assert lines[Address("demo/extra/recipe-maintainers")] == "me, you"
    assert lines[Address("demo/source")] == "https://x.example/a | https://g at c | ../x"
    assert lines[Address("demo/about/license_file.a/COPYING")] == "a/COPYING"
    assert lines[Address("demo/build/entry_points.demo")] == "demo = demo:main"


def test_conditions_stand_beside_what_they_govern() -> None:
    lines = recipe_lines(RECIPE)

    assert lines[Address("demo/requirements.run/python")] == "python >=${{ python_min }},<3.14"
    assert lines[Address("demo/requirements.run/a")].startswith("a >=1  if ")


def test_one_package_under_two_conditions_is_one_line() -> None:
    twice = tuple(
        RecipeRequirement(spec=MatchSpec(conda_name=CondaName("a"), version=version))
        for version in ("<2", ">=1")
    )
    recipe = replace(RECIPE, outputs=(replace(RECIPE.outputs[0], requirements=Requirements(run=twice)),))

    assert recipe_lines(recipe)[Address("demo/requirements.run/a")] == "a <2 | a >=1"


def test_reasons_follow_the_order_of_the_recipe_and_what_explains_no_line_ends_its_section() -> None:
    report = report_of(CONVERSION)

    addresses = [reason.address for reason in report.evidence]
    assert [where for where in addresses if where != PLATFORM_EVIDENCE.address] == [
        where for where in recipe_lines(RECIPE) if where in leaves(RECIPE)
    ]
    before, after = (addresses[addresses.index(PLATFORM_EVIDENCE.address) + step] for step in (-1, 1))
    assert before.startswith("demo/build/")
    assert not after.startswith("demo/build/")


def test_report_survives_json_and_is_the_same_every_time() -> None:
    report = report_of(
        CONVERSION, files=(("demo/recipe.yaml", "x\n"),), diagnostics=(finding("two-formats", "m"),)
    )

    assert loads(dumps(report, Report), Report, where="x") == report
    assert report.files[0].sha256 == digest("x\n")
    assert [found.code for found in report.diagnostics] == ["W412", "W112"]


def test_report_carries_no_credentials() -> None:
    facts = replace(
        FACTS,
        ref=UrlRef(text="https://me:secret@x.example/a.tar.gz", url="https://me:secret@x.example/a.tar.gz"),
        origin=UrlOrigin(url="https://me:secret@x.example/a.tar.gz", sha256="0", filename="a.tar.gz"),
    )

    text = dumps(report_of(replace(CONVERSION, facts=facts)), Report)

    assert "secret" not in text
    assert '"reference": "https://x.example/a.tar.gz"' in text


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (GitOrigin(url="https://g.example/x.git", commit="abc"), ("https://g.example/x.git", "", "abc")),
        (LocalOrigin(path="/home/me/x", sha256="12"), ("", "12", "")),
    ],
)
def test_source_of_a_report_says_what_can_be_fetched_but_no_path(
    origin: SourceOrigin, expected: tuple[str, str, str]
) -> None:
    report = report_of(replace(CONVERSION, facts=replace(FACTS, origin=origin)))

    assert (report.source.url, report.source.sha256, report.source.commit) == expected
    assert "/home/me" not in dumps(report, Report)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("click>=8", "click>=8"),
        ("https://a@b.example/c@1", "https://b.example/c@1"),
        ("git+https://t0ken@b.example/c.git@v1", "git+https://b.example/c.git@v1"),
        ("https://b.example", "https://b.example"),
        ("https://b.example/c.tar.gz?X-Amz-Signature=s3cret", "https://b.example/c.tar.gz?..."),
        ("git+https://b.example/c.git?token=s3cret@v1", "git+https://b.example/c.git?..."),
        ("https://[b.example/token", "(a malformed URL)"),
        ("name @ x", "name @ x"),
    ],
)
def test_credentials_are_taken_out_of_urls_only(text: str, shown: str) -> None:
    assert without_credentials(text) == shown
