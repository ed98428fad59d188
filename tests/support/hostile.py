"""A laboratory for hostile sources: it runs the public command line on them and judges what came of it."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML

from conda_bridge.model.codes import code_of
from support.archives import TarMember, regular, write_tar_gz
from support.cli_runs import Outcome
from support.evaluating import Meaning, Place, meaning_of
from support.watch import watching

__all__ = [
    "PYPROJECT",
    "SECRET",
    "Converted",
    "Laboratory",
    "core_metadata",
    "meanings_of",
    "members_of",
    "pyproject",
]

SECRET = "a-secret-of-the-builder"
"""The value of the variable TOKEN while a laboratory works."""
_PLACES = (Place(platform="linux-64", python="3.12"), Place(platform="win-64", python="3.12"))
PYPROJECT = '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'


def core_metadata(*lines: str, name: str = "demo", version: str = "1.0", summary: str = "A demo") -> str:
    """Return a PKG-INFO that binds every build, with further header lines."""
    head = (
        "Metadata-Version: 2.4",
        f"Name: {name}",
        f"Version: {version}",
        f"Summary: {summary}",
        "License-Expression: MIT",
        "License-File: LICENSE",
    )
    return "\n".join((*head, *lines)) + "\n"


def pyproject(project: str = "", *, build_system: str = PYPROJECT, rest: str = "") -> str:
    """Return a pyproject.toml whose [project] table has further lines."""
    return f'{build_system}\n[project]\nname = "demo"\nversion = "1.0"\ndescription = "A demo"\n{project}\n{rest}'


def members_of(
    texts: Mapping[str, str | bytes | None] | None = None, *, top: str = "demo-1.0"
) -> list[TarMember]:
    """Return the members of a good sdist, with `texts` in place of or beside its files; None leaves one out."""
    files: dict[str, str | bytes | None] = {
        "PKG-INFO": core_metadata(),
        "pyproject.toml": pyproject(),
        "LICENSE": "MIT License\n",
        "demo.py": "",
        **(texts or {}),
    }
    return [
        regular(f"{top}/{path}", content.encode() if isinstance(content, str) else content)
        for path, content in files.items()
        if content is not None
    ]


def meanings_of(done: "Converted") -> tuple[Meaning, ...]:
    """Return what a recipe means in each of its formats on two platforms.

    Of v1 readers of YAML 1.1 and of YAML 1.2 must see the same.
    """
    readers = (
        yaml.load(done.recipe, Loader=yaml.CSafeLoader),
        YAML(typ="safe", pure=True).load(io.StringIO(done.recipe)),
    )
    assert readers[0] == readers[1]
    written = {"v1": done.recipe, **({"v0": done.recipe_v0} if done.recipe_v0 else {})}
    return tuple(meaning_of(text, form, place) for form, text in written.items() for place in _PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A conversion that went well."""

    recipe: str
    """The text of the recipe file, v1 where there are both."""
    recipe_v0: str
    """Of the v0 file; empty where there is none."""
    row: dict[str, Any]
    """Of the answer in JSON."""
    report: dict[str, Any]
    told: str
    """All that was printed, on both streams."""

    @property
    def slugs(self) -> set[str]:
        """The findings of the answer, which are those of the report too."""
        found = {diagnostic["slug"] for diagnostic in self.row["diagnostics"]}
        assert found == {diagnostic["slug"] for diagnostic in self.report["diagnostics"]}
        return found

    def finding(self, slug: str) -> dict[str, Any]:
        """Return the one finding of a slug, and demand that there is just one."""
        (found,) = [d for d in self.row["diagnostics"] if d["slug"] == slug]
        return dict(found)


class Laboratory:
    """A folder with `work`, where sources lie, `out` for the results, and a home of its own."""

    def __init__(self, folder: Path, run: Callable[..., Outcome]) -> None:
        self.folder = folder
        self.work = folder / "work"
        self.out = folder / "out"
        self.network: tuple[str, ...] = ("--offline",)
        """What the command line says of the index; `serve` changes it."""
        self._run = run

    # ------------------------------------------------------------ sources

    def sdist(
        self, texts: Mapping[str, str | bytes | None] | None = None, *, name: str = "demo-1.0.tar.gz"
    ) -> str:
        """Write a good sdist with some of its files replaced, and return how to name it as a source."""
        return self.archive(*members_of(texts), name=name)

    def archive(self, *members: TarMember, name: str = "demo-1.0.tar.gz") -> str:
        """Write a .tar.gz of these members."""
        return str(write_tar_gz(self.work / name, members))

    def raw(self, content: bytes, *, name: str = "demo-1.0.tar.gz") -> str:
        """Write a file of these bytes."""
        path = self.work / name
        path.write_bytes(content)
        return str(path)

    def serve(self, *index_urls: str) -> None:
        """Ask these indexes from now on."""
        (self.work / "conda-bridge.toml").write_text(f"index-urls = {json.dumps(index_urls)}\n")
        self.network = ()

    # ------------------------------------------------------------ outcomes

    def run(self, source: str, *arguments: str) -> Outcome:
        """Run `conda-bridge recipe`; whatever happens, only results and the cache may be written."""
        words = ("recipe", source, "-o", str(self.out), "--json", *self.network, *arguments)
        with watching(self.out, self.folder / "home", may_connect=not self.network) as seen:
            outcome = self._run(*words)
        assert seen == []
        return outcome

    def refused(self, source: str, slug: str, *arguments: str) -> str:
        """Demand a refusal with this code, and that it left nothing behind; return what it said.

        The class shows in the exit status and in the answer; no partial output stays, and nothing is kept of
        what was downloaded but index pages.
        """
        before = self._files()
        outcome = self.run(source, *arguments)
        document = json.loads(outcome.out)
        assert [error["slug"] for error in document["errors"]] == [slug], outcome.err
        (error,) = document["errors"]
        code = code_of(slug)
        assert code.severity == "error"
        assert (error["code"], outcome.status) == (code.number, code.exit_status)
        assert document["results"] == []
        assert not self.out.exists()
        assert self._files() == before
        return f"{error['where']}: {error['message']}"

    def converted(self, source: str, *arguments: str) -> Converted:
        """Demand a recipe, and return it with its findings."""
        outcome = self.run(source, *arguments)
        document = json.loads(outcome.out)
        assert document["errors"] == [], outcome.err
        assert outcome.status == 0
        (row,) = document["results"]
        texts = {
            Path(file["path"]).name: Path(file["path"]).read_text(encoding="utf-8") for file in row["files"]
        }
        name = row["conda_name"]
        assert {path.name for path in self.out.iterdir()} - {"v0"} == {name, f"{name}.bridge.json"}
        return Converted(
            recipe=texts["recipe.yaml"],
            recipe_v0=texts.get("meta.yaml", ""),
            row=row,
            report=json.loads(Path(row["report"]).read_text(encoding="utf-8")),
            told=outcome.out + outcome.err,
        )

    def _files(self) -> list[str]:
        return sorted(
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if "pages" not in path.parts and path.is_file()
        )
