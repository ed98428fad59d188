import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from conda_bridge.errors import SourceError, UsageError
from conda_bridge.model.events import Event, StepStarted
from conda_bridge.model.names import PypiName
from conda_bridge.model.options import NetworkOptions, RecipeOptions
from conda_bridge.model.source import FileLink, IndexProject
from conda_bridge.workflows.check import CheckResult, check, checks
from conda_bridge.workflows.services import Services
from support.archives import write_tar_gz
from support.auditing import Names, v1_recipe

PKG_INFO = """\
Metadata-Version: 2.4
Name: demo
Version: 1.2.3
Summary: A demonstration
License-Expression: MIT
License-File: LICENSE
Requires-Python: >=3.10
Requires-Dist: requests>=2
"""
PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"
[project]
name = "demo"
dynamic = ["version", "dependencies", "description", "license"]
"""


@dataclass(frozen=True)
class OneSdist:
    """A Fetcher with the one sdist of demo 1.2.3; `asked` hears what it is asked for."""

    path: Path
    asked: list[str]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    def get_project(self, name: PypiName) -> IndexProject:
        self.asked.append(name)
        if name != "demo":
            raise SourceError("project-not-found", f"{name} is on none of the indexes")
        link = FileLink(
            filename=self.path.name, url=f"https://files.example/{self.path.name}", sha256=self.sha256
        )
        return IndexProject(pypi_name=name, index_url="https://index.example/simple", files=(link,))

    def get_metadata(self, link: FileLink) -> str | None:
        raise AssertionError(link)

    def get_file(self, link: FileLink) -> str:
        self.asked.append(link.url)
        if link.sha256 not in {"", self.sha256}:
            raise SourceError("hash-mismatch", f"{link.url} has the sha256 {self.sha256}")
        return str(self.path)

    def get_url(self, url: str) -> str:
        self.asked.append(url)
        return str(self.path)


@pytest.fixture
def fetcher(tmp_path: Path) -> OneSdist:
    files = {"PKG-INFO": PKG_INFO, "pyproject.toml": PYPROJECT, "LICENSE": "", "src/demo/__init__.py": ""}
    path = tmp_path / "demo-1.2.3.tar.gz"
    write_tar_gz(path, {f"demo-1.2.3/{name}": text for name, text in files.items()})
    return OneSdist(path, [])


Audit = Callable[..., CheckResult]


@pytest.fixture
def audited(tmp_path: Path, fetcher: OneSdist) -> Audit:
    """Write a recipe's text, the right hash in it, and check it."""

    def run(text: str, *, sha256: str = "", name: str = "recipe.yaml") -> CheckResult:
        folder = tmp_path / "recipes/demo"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace("0" * 64, sha256 or fetcher.sha256))
        return check(str(folder), services=Services(fetcher=fetcher, names=Names()))

    return run


def slugs(result: CheckResult) -> list[str]:
    return [found.slug for found in result.diagnostics if not found.slug.startswith("lint-")]


def test_recipe_is_compared_with_the_release_that_it_names(audited: Audit, fetcher: OneSdist) -> None:
    result = audited(v1_recipe("requests"))

    assert slugs(result) == ["looser-bound"]
    assert [(entry.kind, entry.conda_name) for entry in result.entries] == [("looser", "requests")]
    assert result.upstream == "demo-1.2.3.tar.gz"
    assert fetcher.asked[0] == "demo"
    assert "https://pypi.org" not in "".join(fetcher.asked)


def test_lint_and_audit_stand_together_by_line(audited: Audit) -> None:
    result = audited(v1_recipe("requests") + "\n\n")

    lines = [found.line for found in result.diagnostics]
    assert lines == sorted(lines)
    assert {"R-011", "W521"} <= {found.code for found in result.diagnostics}


def test_hash_of_the_recipe_is_compared_with_that_of_the_index(audited: Audit) -> None:
    assert "sha256-differs" in slugs(audited(v1_recipe("requests >=2"), sha256="1" * 64))


def test_archive_from_elsewhere_is_fetched_from_its_url(audited: Audit, fetcher: OneSdist) -> None:
    text = v1_recipe("requests >=2").replace(
        "https://pypi.org/packages/source/d/demo/", "https://code.example/"
    )

    result = audited(text)

    assert slugs(result) == []
    assert fetcher.asked[0] == "https://code.example/demo-1.2.3.tar.gz"


def test_archive_from_elsewhere_with_another_hash_is_an_error(audited: Audit) -> None:
    text = v1_recipe().replace("https://pypi.org/packages/source/d/demo/", "https://code.example/")

    assert slugs(audited(text, sha256="1" * 64)) == ["sha256-differs"]


def test_repository_is_compared_with_the_sdist_of_the_index(audited: Audit, fetcher: OneSdist) -> None:
    text = v1_recipe("requests >=2").replace("url: https://pypi.org", "git: https://code.example")

    assert slugs(audited(text)) == []
    assert fetcher.asked[0] == "demo"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("/demo/demo-", "/omed/omed-", "omed is on none of the indexes"),
        ('"1.2.3"', '"9.9"', ""),
    ],
)
def test_release_that_cannot_be_had_costs_only_the_audit(
    audited: Audit, old: str, new: str, why: str
) -> None:
    result = audited(v1_recipe().replace(old, new) + "\n")

    (found,) = [found for found in result.diagnostics if found.slug == "audit-failed"]
    assert (found.code, found.severity) == ("W533", "warning")
    assert why in found.message
    assert "R-011" in {d.code for d in result.diagnostics}
    assert result.upstream == ""


def test_release_that_the_user_forbids_to_fetch_is_no_failure(tmp_path: Path, fetcher: OneSdist) -> None:
    (tmp_path / "recipe.yaml").write_text(v1_recipe().replace("/demo/demo-", "/omed/omed-"))
    options = RecipeOptions(network=NetworkOptions(offline=True))

    result = check(str(tmp_path), options=options, services=Services(fetcher=fetcher, names=Names()))

    (found,) = [found for found in result.diagnostics if found.slug == "not-audited"]
    assert (found.code, found.severity) == ("I549", "info")
    assert "audit-failed" not in slugs(result)


def test_recipe_without_python_has_nothing_to_compare(audited: Audit) -> None:
    (found,) = [d for d in audited(v1_recipe().replace("python", "perl")).diagnostics if d.code == "I549"]

    assert found.message == "the recipe has no python in host or run"


def test_wrong_bytes_from_the_index_are_not_the_recipes_fault(tmp_path: Path, fetcher: OneSdist) -> None:
    class Corrupt(OneSdist):
        def get_file(self, link: FileLink) -> str:
            raise SourceError("hash-mismatch", f"{link.filename} is not what the index promises")

    (tmp_path / "recipe.yaml").write_text(v1_recipe())
    services = Services(fetcher=Corrupt(fetcher.path, []), names=Names())

    assert slugs(check(str(tmp_path), services=services)) == ["audit-failed"]


def test_recipe_without_a_telling_source_is_not_audited(audited: Audit) -> None:
    text = v1_recipe().replace("name: demo", "name: ${{ unknown }}").replace(".tar.gz", ".whl")

    result = audited(text)

    (found,) = [found for found in result.diagnostics if found.slug == "audit-failed"]
    assert found.message == "the recipe names no source whose project could be told"


def test_password_in_a_source_is_never_shown(tmp_path: Path, fetcher: OneSdist) -> None:
    told: list[str] = []

    class Recorder:
        def report(self, event: Event) -> None:
            told.append(str(event))

    text = v1_recipe().replace("https://pypi.org/packages/source/d/demo/", "https://me:secret@code.example/")
    (tmp_path / "recipe.yaml").write_text(text)
    result = check(str(tmp_path), services=Services(fetcher=fetcher, names=Names()), reporter=Recorder())

    assert "audit-failed" in slugs(result)
    assert "secret" not in "".join((*told, *(found.message for found in result.diagnostics)))


def test_steps_are_reported(tmp_path: Path, fetcher: OneSdist) -> None:
    events: list[Event] = []

    class Recorder:
        def report(self, event: Event) -> None:
            events.append(event)

    (tmp_path / "recipe.yaml").write_text(v1_recipe())
    services = Services(fetcher=fetcher, names=Names())
    check(str(tmp_path), services=services, reporter=Recorder())

    assert "comparing with demo==1.2.3" in {e.step for e in events if isinstance(e, StepStarted)}


def test_without_audit_nothing_is_asked(tmp_path: Path, fetcher: OneSdist) -> None:
    (tmp_path / "recipe.yaml").write_text(v1_recipe())

    result = check(str(tmp_path), services=Services(fetcher=fetcher, names=Names()), is_audited=False)

    assert fetcher.asked == []
    assert result.entries == ()


# ---------------------------------------------------------------- which files


def lint(path: Path) -> CheckResult:
    return check(str(path), is_audited=False)


@pytest.mark.parametrize("asked", ["feedstock", "feedstock/recipe", "feedstock/recipe/recipe.yaml"])
def test_feedstock_its_folder_and_the_file_are_the_same(tmp_path: Path, asked: str) -> None:
    folder = tmp_path / "feedstock/recipe"
    folder.mkdir(parents=True)
    (folder / "recipe.yaml").write_text(v1_recipe())

    assert lint(tmp_path / asked).files == ((folder / "recipe.yaml").as_posix(),)


def test_two_formats_in_a_folder_are_both_checked_and_told(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(v1_recipe())
    (tmp_path / "meta.yaml").write_text("package: {name: demo}\n")

    result = lint(tmp_path)

    assert [Path(file).name for file in result.files] == ["recipe.yaml", "meta.yaml"]
    assert "R-051" in {found.code for found in result.diagnostics}


@pytest.mark.parametrize("asked", ["nowhere", ".", "README.md"])
def test_what_is_no_recipe_is_refused(tmp_path: Path, asked: str) -> None:
    (tmp_path / "README.md").write_text("")

    with pytest.raises(UsageError) as refused:
        lint(tmp_path / asked)

    assert refused.value.slug == "no-recipe"


def test_text_that_is_no_yaml_is_a_finding_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text("package:\n  name: [\n")

    (found,) = lint(tmp_path).diagnostics

    assert (found.code, found.severity, found.line) == ("R-036", "error", 3)


def test_a_byte_order_mark_of_a_file_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text("package:\n  name: demo\n", encoding="utf-8-sig")

    found = lint(tmp_path).diagnostics

    assert [(one.line, one.severity) for one in found if one.code == "R-036"] == [(1, "error")]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 4_000_001], ids=["not UTF-8", "large"])
def test_recipe_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "recipe.yaml").write_bytes(content)

    with pytest.raises(UsageError) as refused:
        lint(tmp_path)

    assert refused.value.slug == "unreadable-recipe"


def test_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("password: [")
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "recipe.yaml").symlink_to(secret)

    with pytest.raises(UsageError, match="leads out of its folder"):
        lint(folder)


def test_files_beside_the_recipe_are_seen_but_not_through_links(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    (tmp_path / "outside.yml").write_text("linter: {skip: [x]}\nlinter: {}\n")
    (folder / "recipe.yaml").write_text(v1_recipe())
    (folder / "bld.bat").write_text("")
    (folder / "conda-forge.yml").symlink_to(tmp_path / "outside.yml")

    codes = {found.code for found in lint(folder).diagnostics}

    assert "R1-003" in codes
    assert "FC-001" not in codes


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of Unix")
def test_pipe_beside_the_recipe_does_not_block(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(v1_recipe())
    os.mkfifo(tmp_path / "build.sh")

    assert lint(tmp_path).files


def test_settings_of_the_feedstock_count(tmp_path: Path) -> None:
    folder = tmp_path / "recipe"
    folder.mkdir()
    text = v1_recipe(host=("python 3.12.*", "hatchling >=1.27", "pip"))
    (folder / "recipe.yaml").write_text(text)
    before = {found.code for found in lint(tmp_path).diagnostics}
    (tmp_path / "conda-forge.yml").write_text("linter:\n  skip: [hint_python_min]\nnoarch: 1\nnoarch: 2\n")

    after = {found.code for found in lint(tmp_path).diagnostics}

    assert "R-047" in before
    assert "R-047" not in after
    (repeated,) = [found for found in lint(tmp_path).diagnostics if found.code == "FC-001"]
    assert repeated.origin == (tmp_path / "conda-forge.yml").as_posix()


def test_failure_of_one_recipe_stops_no_other(tmp_path: Path, fetcher: OneSdist) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "recipe.yaml").write_text(v1_recipe())
    paths = [str(tmp_path / name) for name in ("a", "missing", "b")]

    results = list(checks(paths, services=Services(fetcher=fetcher, names=Names())))

    assert [result.path for result in results] == paths
    assert [result.error and result.error.slug for result in results] == [None, "no-recipe", None]


def test_unknown_distributor_is_refused(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(v1_recipe())

    with pytest.raises(UsageError, match="no distributor"):
        check(str(tmp_path), options=RecipeOptions(distributor="none"), is_audited=False)
