"""What the package is called, which version it is, and where its source comes from."""

from urllib.parse import urlsplit

from conda_bridge.infer.overrides.telling import decided
from conda_bridge.infer.rules import because, rule
from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.names import CondaName, NameHit
from conda_bridge.model.recipe import GitSource, PathSource, Source, UrlSource
from conda_bridge.model.source import GitOrigin, LocalOrigin, UrlOrigin
from conda_bridge.translate.versions import to_conda_version

__all__ = [
    "conda_name_of",
    "infer_build_number",
    "infer_identity",
    "infer_maintainers",
    "infer_sources",
    "infer_version",
]

_NOT_PUBLISHED = "no index has this very source"
_PYPI_FILE_HOSTS = frozenset({"files.pythonhosted.org", "pypi.org"})


def conda_name_of(ctx: InferContext) -> CondaName:
    """Return the name of the recipe and of its output.

    A project keeps its own name unless the mapping knows the package under another one; `-base` and `-core`
    packages, which others depend on, are not what the whole project is called, and neither is another project's
    package that dependencies on this one mean.
    """
    return CondaName(ctx.overrides.conda_name.value) if ctx.overrides.conda_name else _inferred_name(ctx)


def _inferred_name(ctx: InferContext) -> CondaName:
    own = ctx.project.pypi_name.value
    hit = ctx.names.get(own)
    chosen = hit.own_name or hit.chosen
    return chosen if chosen is not None else CondaName(own)


@rule("package-name")
def infer_identity(ctx: InferContext) -> Inferred[CondaName]:
    """Return the package's conda name."""
    project, name = ctx.project, conda_name_of(ctx)
    if ctx.overrides.conda_name is not None:
        return Inferred(value=name, evidence=(_renamed(ctx, name),))
    hit = ctx.names.get(project.pypi_name.value)
    is_same = str(name) == project.pypi_name.value
    certainty = Certainty.DECLARED if is_same else Certainty.DERIVED
    note = "" if is_same else f"{project.pypi_name.value} by {hit.source}"
    why = because(address(name, "package", "name"), certainty, project.pypi_name.origin, note=note)
    return Inferred(value=name, evidence=(why,), diagnostics=_of_another(ctx, hit))


def _of_another(ctx: InferContext, hit: NameHit) -> tuple[Diagnostic, ...]:
    """Return a finding where those that depend on the project get another project's package in its place."""
    is_own = hit.own_name is None or hit.chosen is None or hit.chosen.startswith(hit.own_name)
    if is_own or str(hit.own_name) != hit.pypi_name:
        return ()
    message = f"dependencies on {hit.pypi_name} mean conda's {hit.chosen}, but its recipe isn't that of {hit.chosen}"
    note = f"{message}: {hit.reason}" if hit.reason else message
    return (finding("stand-in-project", note, origin=ctx.project.pypi_name.origin),)


def _renamed(ctx: InferContext, name: CondaName) -> Evidence:
    assert ctx.overrides.conda_name is not None
    known = ctx.project.pypi_name
    where = address(name, "package", "name")
    return decided(where, "name", ctx.overrides.conda_name.origin, known.origin, note=f"for {known.value}")


@rule("build-number")
def infer_build_number(ctx: InferContext) -> Inferred[int]:
    """Return the build number: 0, or what the user says."""
    where = address(conda_name_of(ctx), "build", "number")
    chosen = ctx.overrides.build_number
    if chosen is not None:
        return Inferred(value=chosen.value, evidence=(decided(where, "build-number", chosen.origin),))
    return Inferred(
        value=0, evidence=(because(where, Certainty.CONVENTION, note="the first build of a version"),)
    )


@rule("package-version")
def infer_version(ctx: InferContext) -> Inferred[str]:
    """Return the conda version.

    Raises:
        TranslationError: `local-version` where the version has a local part.
    """
    known = ctx.project.version
    version = to_conda_version(known.value)
    certainty = Certainty.DECLARED if known.is_declared else Certainty.DERIVED
    where = address(conda_name_of(ctx), "package", "version")
    return Inferred(value=version, evidence=(because(where, certainty, known.origin),))


@rule("maintainers")
def infer_maintainers(ctx: InferContext) -> Inferred[tuple[str, ...]]:
    """Return the maintainers that are configured, for this package or for all."""
    where = address(conda_name_of(ctx), "extra", "recipe-maintainers")
    own = ctx.overrides.maintainers
    if own is not None:
        why = decided(where, "maintainers", *(item.origin for item in own))
        return Inferred(value=tuple(item.text for item in own), evidence=(why,))
    why = because(where, Certainty.OVERRIDE, note="as configured")
    return Inferred(value=ctx.maintainers, evidence=(why,) if ctx.maintainers else ())


@rule("source")
def infer_sources(ctx: InferContext) -> Inferred[tuple[Source, ...]]:
    """Return the recipe's source: the index's sdist where there is one, else what there is and a finding."""
    source, place, note = _source(ctx)
    where = address(conda_name_of(ctx), "source")
    return Inferred(value=(source,), evidence=(because(where, Certainty.DECLARED, place, note=note),))


def _source(ctx: InferContext) -> tuple[Source, str, str]:
    """Return the source, where it is and what is to be said of it."""
    match ctx.facts.origin:
        case UrlOrigin() as origin:
            source = UrlSource(url=_public_url(ctx, origin), sha256=origin.sha256)
            return source, origin.url, "sha256 verified"
        case GitOrigin(url=url, commit=commit):
            return GitSource(url=url, commit=commit), f"git+{url}@{commit}", _NOT_PUBLISHED
        case LocalOrigin(path=path, sha256=sha256):
            return PathSource(path=path, sha256=sha256), path, _NOT_PUBLISHED


def _public_url(ctx: InferContext, origin: UrlOrigin) -> str:
    """Return the URL that recipes use: PyPI's stable one for files of PyPI or of a mirror of it.

    PyPI keeps its files at `/packages/<2>/<2>/<60 hex digits>/<file>`; mirrors keep that path.
    """
    try:
        parts = urlsplit(origin.url)
    except ValueError:
        # Only a facts file can say so.
        return origin.url
    segments = parts.path.split("/")
    is_pypi_path = len(segments) > 4 and segments[-5] == "packages" and len(segments[-2]) == 60
    if parts.hostname not in _PYPI_FILE_HOSTS and not is_pypi_path:
        return origin.url
    name = ctx.project.pypi_name.value
    return f"https://pypi.org/packages/source/{name[0]}/{name}/{origin.filename}"
