"""What people read about the package: licence, summary and links."""

import re
from urllib.parse import urlsplit

from conda_bridge.infer.crates import GO_LICENSES, go_folder, is_nameable, third_party_files
from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.native import Native
from conda_bridge.infer.overrides.output import overridden_about
from conda_bridge.infer.rules import because, rule
from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.names import CondaName
from conda_bridge.model.project import Known
from conda_bridge.model.recipe import About
from conda_bridge.translate.licenses import choose_license, license_file_findings, license_files

__all__ = ["infer_about"]

_HOMEPAGE = ("homepage", "home", "home-page", "website", "web", "project", "url")
_REPOSITORY = (
    "repository",
    "source",
    "source code",
    "code",
    "github",
    "gitlab",
    "repo",
    "sources",
    "git",
    "scm",
    "vcs",
    "development",
)
_DOCUMENTATION = (
    "documentation",
    "docs",
    "doc",
    "readthedocs",
    "read the docs",
    "api documentation",
    "user guide",
    "manual",
    "api docs",
)
_FORGES = ("github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "git.sr.ht", "gitlab.")
_FORGE_PATH = re.compile(r"(/[^/]+/[^/]+).*")


@rule("about")
def infer_about(ctx: InferContext, native: Native) -> Inferred[About]:
    """Return the about section; what is unknown stays empty, with a finding."""
    licence = _license(ctx, native)
    links = _links(ctx)
    summary = _summary(ctx)
    about = About(
        homepage=links.value["homepage"],
        summary=summary.value,
        license=licence.value[0],
        license_files=licence.value[1],
        repository=links.value.get("repository", ""),
        documentation=links.value.get("documentation", ""),
    )
    inferred = Inferred(
        value=about,
        evidence=(*links.evidence, *summary.evidence, *licence.evidence),
        diagnostics=(*summary.diagnostics, *licence.diagnostics),
    )
    return overridden_about(inferred, ctx.overrides, conda_name_of(ctx), ctx.facts)


def _license(ctx: InferContext, native: Native) -> Inferred[tuple[str, tuple[str, ...]]]:
    name = conda_name_of(ctx)
    statement = ctx.project.license
    files = license_files(ctx.facts.paths, statement.files)
    asked = (*files, *(path for path, _ in ctx.facts.texts if _tells_licences(path) and path not in files))
    texts = tuple((path, text) for path in asked if (text := ctx.facts.text(path)) is not None)
    choice = choose_license(statement, texts)
    evidence: list[Evidence] = []
    diagnostics = [*choice.diagnostics, *license_file_findings(ctx.facts.paths, statement.files)]
    if choice.expression:
        where = address(name, "about", "license")
        evidence.append(because(where, choice.certainty, *choice.origins, note=choice.note))
    declared = {known.value: known.origin for known in statement.files}
    for path in files:
        certainty = Certainty.DECLARED if path in declared else Certainty.DERIVED
        where = address(name, "about", f"license_file.{path}")
        evidence.append(because(where, certainty, declared.get(path, ""), path))
    if not files:
        message = "the source carries no licence file; distributors want the licence's text in the package"
        diagnostics.append(finding("license-file-missing", message))
    gathered = _gathered(ctx, native)
    files = (*files, *gathered)
    for path, note in gathered.items():
        where = address(name, "about", f"license_file.{path}")
        evidence.append(because(where, Certainty.CONVENTION, note=f"{note}, gathered in the build"))
    return Inferred(
        value=(choice.expression, files), evidence=tuple(evidence), diagnostics=tuple(diagnostics)
    )


def _gathered(ctx: InferContext, native: Native) -> dict[str, str]:
    """Return the files of licences that the build writes, and whose they are."""
    found: dict[str, str] = {}
    if "rust" in native.compilers:
        for _, path in third_party_files(ctx.facts):
            found[path] = "licences of the bundled crates"
    if any(language.startswith("go") for language in native.compilers) and is_nameable(go_folder(ctx.facts)):
        found[GO_LICENSES] = "licences of the Go modules that are linked in"
    return found


def _tells_licences(path: str) -> bool:
    """Tell whether a file that is no licence says something of one: REUSE's tables, and the readme's notice."""
    return path in {"REUSE.toml", ".reuse/dep5"} or path.lower().partition(".")[0] == "readme"


def _summary(ctx: InferContext) -> Inferred[str]:
    name = conda_name_of(ctx)
    known = ctx.project.summary
    where = address(name, "about", "summary")
    if known is None or not known.value:
        text = f"{ctx.project.display_name} for Python"
        message = f"upstream has no summary; {text!r} stands in for it"
        evidence = because(where, Certainty.GUESSED, ctx.project.pypi_name.origin)
        return Inferred(value=text, evidence=(evidence,), diagnostics=(finding("summary-missing", message),))
    text = known.value
    if text.endswith(".") and not text.endswith("..") and not text.endswith("etc."):
        text = text.removesuffix(".")
    return Inferred(value=text, evidence=(because(where, Certainty.DECLARED, known.origin),))


def _links(ctx: InferContext) -> Inferred[dict[str, str]]:
    name = conda_name_of(ctx)
    home = _labelled(ctx, _HOMEPAGE)
    repository = _repository(ctx, home)
    documentation = _labelled(ctx, _DOCUMENTATION)
    page = Known(
        value=f"https://pypi.org/project/{ctx.project.pypi_name.value}/",
        origin=ctx.project.pypi_name.origin,
        is_declared=False,
    )
    chosen = {
        "homepage": home or repository or documentation or page,
        "repository": repository,
        "documentation": documentation,
    }
    return Inferred(
        value={key: known.value for key, known in chosen.items() if known is not None},
        evidence=tuple(
            _link_evidence(name, key, known) for key, known in chosen.items() if known is not None
        ),
    )


def _link_evidence(name: CondaName, key: str, known: Known[str]) -> Evidence:
    certainty = Certainty.DECLARED if known.is_declared else Certainty.DERIVED
    return because(address(name, "about", key), certainty, known.origin)


def _labelled(ctx: InferContext, labels: tuple[str, ...]) -> Known[str] | None:
    """Return the first link with one of the labels, in the order of the labels. Source: PEP 753."""
    by_label = {
        re.sub(r"[\s_-]+", " ", label).strip().lower(): known for label, known in reversed(ctx.project.urls)
    }
    wanted = (re.sub(r"[\s_-]+", " ", label) for label in labels)
    return next((by_label[label] for label in wanted if label in by_label), None)


def _repository(ctx: InferContext, home: Known[str] | None) -> Known[str] | None:
    """Return the labelled repository, or the first link that leads to a forge, cut to the repository."""
    labelled = _labelled(ctx, _REPOSITORY)
    if labelled is not None:
        return labelled
    others = tuple(known for _, known in ctx.project.urls)
    for known in (*((home,) if home else ()), *others):
        parts = urlsplit(known.value)
        host = parts.hostname or ""
        match = _FORGE_PATH.fullmatch(parts.path)
        if match and any(
            host == forge or (forge.endswith(".") and host.startswith(forge)) for forge in _FORGES
        ):
            url = f"https://{host}{match[1].removesuffix('.git')}"
            return Known(value=url, origin=known.origin, is_declared=url == known.value)
    return None
