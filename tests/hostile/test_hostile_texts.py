"""Rows 18 to 27 of the list of bad inputs: text that reaches recipes, logs and reports.

E rows are rendered in every format on two platforms, and must come back as they were written. What the renderings
stand for is told by `support.evaluating`, and under the marker `engine` by rattler-build itself.
"""

import json
from collections.abc import Iterable
from urllib.parse import unquote

import pytest

from support.archives import gz, tar_bytes
from support.hostile import (
    SECRET,
    Converted,
    Laboratory,
    core_metadata,
    meanings_of,
    members_of,
    pyproject,
)
from support.index_server import IndexServer
from support.rattler_render import render_texts

ENGINES = ("linux-64", "win-64")
BOTH = ("--format", "both")

JINJA = (
    "a {{ x }} b",
    "{{ environ.get('TOKEN') }}",
    '{{ environ.get("TOKEN") }}',
    "{% if x %}then{% endif %}",
    "{% raw %}{{ x }}",
    "{# comment #} text",
    "{{",
    "}} {{ '}}' }}",
    "{% endraw %}",
    "%} {%- set x = 1 -%} #}",
    r"{{ '\x41' }} \ \n",
)
EXPRESSIONS = (
    '${{ env.get("TOKEN") }}',
    "${{ env.get('TOKEN') }}",
    "a $ {{ x }} ${{ version }} ${{",
    "${{ '${{' }}",
    "$${{ x }}",
    '}} ${{ "}}" }}',
)
SELECTORS = (
    "for Windows # [win]",
    "text # [not win]",
    "[win]",
    "a list [linux]",
    "#[win] begins",
    "a # b [win] c",
    "'quoted' # [win]",
    '"quoted" # [win]"',
    "# [win]",
    "x [unix] # y",
    "{{ x }} # [win] ${{ version }}",
)
YAML_TRAPS = (
    "yes", "no", "on", "null", "~", "1.10", "1:30", "0777", "0o17", "1e5", "2026-11-01", ".inf", "<<", "=",
    "key: value", "- item", "? x", "a: b: c", "!!python/object/apply:os.system ['id']", "!!str x",
    "&anchor text", "*alias", "---", "--- !x", "... end", "%YAML 1.1", "| block", "> folded", "'", '"', "\\",
    '\\"', "text #comment", "tab\there", "{a: b}", "[a, b]", "@at", "`tick`", "caf\xe9 \U0001f600 \u65e5",
)  # fmt: skip


def demand_survival(lab: Laboratory, texts: Iterable[str]) -> list[tuple[str, str]]:
    """Demand that each text comes back as a summary in both formats, and return (text, v1 recipe) pairs."""
    pairs = []
    for text in texts:
        done = lab.converted(lab.sdist({"PKG-INFO": core_metadata(summary=text)}), *BOTH)
        expected = " ".join(text.split())
        for meaning in meanings_of(done):
            about = dict(meaning.outputs[0].about)
            assert about["summary"] == expected
            assert about["license"] == "MIT"
            assert about["license_file"] == ("LICENSE",)
        assert SECRET not in done.recipe + done.recipe_v0
        pairs.append((expected, done.recipe))
    return pairs


def demand_engine(pairs: list[tuple[str, str]]) -> None:
    """Demand that rattler-build shows each text on two platforms."""
    texts = [recipe for _, recipe in pairs]
    for (expected, recipe), renderings in zip(pairs, render_texts(texts, ENGINES), strict=True):
        for rendering in renderings.values():
            assert rendering.problem == "", recipe
            assert {output["about"]["summary"] for output in rendering.outputs} == {expected}


def test_row_18_jinja_in_the_summary_stays_text(lab: Laboratory) -> None:
    demand_survival(lab, JINJA)


def test_row_19_expressions_of_v1_stay_text(lab: Laboratory) -> None:
    demand_survival(lab, EXPRESSIONS)


def test_row_20_selectors_in_the_summary_stay_text(lab: Laboratory) -> None:
    demand_survival(lab, SELECTORS)


def test_row_20_selectors_in_paths_stay_text(lab: Laboratory) -> None:
    odd = "LICENSE {{ x }} # [win] ${{ version }}"
    metadata = core_metadata().replace("License-File: LICENSE", f"License-File: {odd}")
    folder = lab.work / "a # [win] {{ x }} ${{ env.get('TOKEN') }}"
    folder.mkdir()
    source = lab.sdist(
        {"PKG-INFO": metadata, "LICENSE": None, odd: "MIT License\n"}, name=f"{folder.name}/demo-1.0.tar.gz"
    )

    done = lab.converted(source, *BOTH)

    for meaning in meanings_of(done):
        files = dict(meaning.outputs[0].about)["license_file"]
        assert isinstance(files, tuple)
        assert list(map(_without_pattern_marks, files)) == [odd]
        section = dict(meaning.sources[0])
        assert section.get("path", unquote(section.get("url", "").removeprefix("file://"))) == source


def test_row_21_yaml_traps_in_the_summary_stay_text(lab: Laboratory) -> None:
    # Every second one; the others are rendered by an engine, below.
    demand_survival(lab, YAML_TRAPS[::2])


@pytest.mark.parametrize("version", ["1.10", "1.0", "2026.11.1", "10", "1.0.post1", "0.10"])
def test_row_21_versions_stay_text(lab: Laboratory, version: str) -> None:
    texts = {
        "PKG-INFO": core_metadata(version=version),
        "pyproject.toml": pyproject().replace('version = "1.0"', f'version = "{version}"'),
    }
    members = members_of(texts, top=f"demo-{version}")

    done = lab.converted(lab.archive(*members, name=f"demo-{version}.tar.gz"), *BOTH)

    assert [meaning.version for meaning in meanings_of(done)] == [version] * 4


@pytest.mark.engine
def test_rows_18_to_21_are_text_to_rattler_build_too(lab: Laboratory) -> None:
    demand_engine(demand_survival(lab, (*JINJA, *EXPRESSIONS, *SELECTORS, *YAML_TRAPS)))


# ---------------------------------------------------------------- too much, and what nobody sees


def test_row_22_summary_of_a_megabyte_is_cut_and_reported(lab: Laboratory) -> None:
    source = lab.sdist({"PKG-INFO": core_metadata(summary="word " * 200_000)})

    done = lab.converted(source, *BOTH)

    assert "long-text" in done.slugs
    assert len(done.recipe) + len(done.recipe_v0) < 6_000
    assert len(done.told) < 10_000


def test_row_22_metadata_that_is_too_large_to_be_read_is_refused(lab: Laboratory) -> None:
    lab.refused(lab.sdist({"PKG-INFO": core_metadata(summary="word " * 900_000)}), "unread-metadata")


def test_row_22_summary_of_many_lines_becomes_one(lab: Laboratory) -> None:
    source = lab.sdist({"PKG-INFO": core_metadata(summary="A\n" + "        line\n" * 500 + "        end")})

    done = lab.converted(source)

    assert "long-text" in done.slugs
    assert "\n" not in str(about_of(done)["summary"])


CONTROLS = (
    "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link\x07 a\x00b \x08\x7f\x9b2J \u202egnp.exe \ufeff"
)


def test_row_23_control_characters_are_stripped_from_recipe_report_and_terminal(lab: Laboratory) -> None:
    source = lab.sdist({"PKG-INFO": core_metadata(summary=CONTROLS)})

    done = lab.converted(source)

    report = json.dumps(done.report, ensure_ascii=False)
    assert "control-characters" in done.slugs
    assert about_of(done)["summary"] == "red link ab 2J gnp.exe"
    assert all(_is_plain(text) for text in (done.recipe, done.told, report))


@pytest.mark.parametrize(
    "metadata",
    [
        core_metadata(f"Requires-Dist: {CONTROLS}"),
        core_metadata(name=CONTROLS),
        core_metadata(version=CONTROLS),
    ],
    ids=["requirement", "name", "version"],
)
def test_row_23_control_characters_in_refusals_never_reach_the_terminal(
    lab: Laboratory, metadata: str
) -> None:
    outcome = lab.run(lab.sdist({"PKG-INFO": metadata}))

    assert outcome.status in {3, 4, 5}
    assert _is_plain(outcome.err)
    assert _is_plain(json.dumps(json.loads(outcome.out), ensure_ascii=False))


def test_row_23_control_characters_in_findings_never_reach_the_terminal(lab: Laboratory) -> None:
    lines = (f"License-File: {CONTROLS}", f"Project-URL: {CONTROLS}, javascript:{CONTROLS}")

    done = lab.converted(lab.sdist({"PKG-INFO": core_metadata(*lines)}))

    assert "unsafe-url" in done.slugs
    assert _is_plain(done.recipe + done.told + json.dumps(done.report, ensure_ascii=False))


def test_row_24_licence_text_with_yaml_inside_stays_in_its_file(lab: Laboratory) -> None:
    text = "Permission granted.\nbuild:\n  script: touch evil\nabout: {license: MIT}\n"
    metadata = core_metadata().replace("License-Expression: MIT\n", "").replace("2.4", "2.1")
    metadata += "License: " + text.replace("\n", "\n        ") + "\n"

    done = lab.converted(lab.sdist({"PKG-INFO": metadata, "LICENSE": text, "pyproject.toml": PYPROJECT_ONLY}))

    assert about_of(done)["license_file"] == ("LICENSE",)
    assert "evil" not in done.recipe
    assert "license-unknown" in done.slugs


PYPROJECT_ONLY = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "url", ["https://me:hunter2@example.org/demo", "https://example.org/demo?token=hunter2"]
)
def test_row_25_credentials_in_urls_of_the_metadata_are_removed(lab: Laboratory, url: str) -> None:
    done = lab.converted(lab.sdist({"PKG-INFO": core_metadata(f"Project-URL: Homepage, {url}")}))

    assert "url-credentials" in done.slugs
    assert about_of(done)["homepage"] == "https://example.org/demo"
    assert "hunter2" not in done.recipe + done.told + json.dumps(done.report)


@pytest.mark.parametrize(
    "source",
    [
        "https://me:hunter2@example.org/demo-1.0.tar.gz",
        "https://example.org/demo-1.0.tar.gz?token=hunter2",
        "git+https://me:hunter2@example.org/demo.git@v1",
    ],
)
def test_row_25_source_url_with_credentials_is_refused(lab: Laboratory, source: str) -> None:
    lab.refused(source, "secret-in-url")
    assert "hunter2" not in (outcome := lab.run(source)).out + outcome.err


@pytest.mark.parametrize(
    "source", ["https://[x/demo-1.0.tar.gz", "git+https://[x/demo@v1", "https://me:pw@[x/a"]
)
def test_row_25_source_url_that_is_none_is_refused(lab: Laboratory, source: str) -> None:
    lab.refused(source, "invalid-url")


@pytest.mark.parametrize("secret", ["?X-Amz-Signature=hunter2", "?access_token=hunter2"])
def test_row_25_file_url_of_an_index_with_a_secret_is_refused_and_kept_nowhere(
    lab: Laboratory, index_server: IndexServer, secret: str
) -> None:
    sdist = gz(tar_bytes(members_of()))
    index_server.add_file("demo", "demo-1.0.tar.gz", sdist, url=f"../../files/demo-1.0.tar.gz{secret}")
    lab.serve(index_server.index_url)

    lab.refused("demo", "secret-in-url")

    assert not [path for path in lab.folder.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,<script>", "https://x.example/<script>", "vbscript:x", "x"]
)
def test_row_26_homepage_that_is_no_web_address_is_dropped(lab: Laboratory, url: str) -> None:
    done = lab.converted(lab.sdist({"PKG-INFO": core_metadata(f"Project-URL: Homepage, {url}")}))

    assert "unsafe-url" in done.slugs
    assert about_of(done)["homepage"] == "https://pypi.org/project/demo/"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ssh://git@host/x.git", "git+ssh://git@host/x.git", "git+https://host/x.git"],
)
def test_row_27_dependency_on_another_scheme_is_refused(lab: Laboratory, url: str) -> None:
    message = lab.refused(
        lab.sdist({"PKG-INFO": core_metadata(f"Requires-Dist: x @ {url}")}), "direct-reference"
    )

    assert "'x @" in message or "x @" in message


@pytest.mark.parametrize(
    "source", ["file:///etc/passwd", "ssh://git@host/x.git", "http://example.org/a.tar.gz"]
)
def test_row_27_source_on_another_scheme_is_refused(lab: Laboratory, source: str) -> None:
    lab.refused(source, "unknown-source")


def about_of(done: Converted) -> dict[str, object]:
    """Return the about section of a v1 recipe."""
    return dict(meanings_of(done)[0].outputs[0].about)


def _is_plain(text: str) -> bool:
    return all(char.isprintable() or char == "\n" for char in text)


def _without_pattern_marks(path: str) -> str:
    """Return the one path that a pattern means, `[{]` being a literal brace."""
    for char in "[]{}*?!":
        path = path.replace(f"[{char}]", char)
    return path
