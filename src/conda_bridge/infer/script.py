"""How the package is built and which commands it installs."""

import re

from conda_bridge.infer.backend import plugins_in_use
from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.native import Native, is_vendored_or_test
from conda_bridge.infer.noarch import Kind
from conda_bridge.infer.overrides.commands import wanted_entry_points
from conda_bridge.infer.overrides.output import overridden_script
from conda_bridge.infer.pyproject import dig, tool_table
from conda_bridge.infer.rules import because, rule
from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.recipe import RecipeEntryPoint, Script, ScriptLine

__all__ = ["infer_entry_points", "infer_script"]

_PIP_INSTALL = "${{ PYTHON }} -m pip install . -vv --no-deps --no-build-isolation"
_RUST_LICENSES = "cargo-bundle-licenses --format yaml --output {up}THIRDPARTY.yml"
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


@rule("build.script")
def infer_script(ctx: InferContext, native: Native, version: str) -> Inferred[Script]:
    """Return the commands that build the package and the environment that they need."""
    name = conda_name_of(ctx)
    lines = [_PIP_INSTALL]
    if "rust" in native.compilers:
        lines = [*_gather_licenses(_crate_folder(ctx)), _PIP_INSTALL]
    env = _version_env(ctx, version)
    script = Script(lines=tuple(ScriptLine(command=line) for line in lines), env=env.value)
    why = because(
        address(name, "build", "script"), Certainty.CONVENTION, note="pip, without network or isolation"
    )
    inferred = Inferred(value=script, evidence=(why, *env.evidence), diagnostics=env.diagnostics)
    return overridden_script(inferred, ctx.overrides, name, version)


def _gather_licenses(folder: str) -> list[str]:
    """Return the commands that write the crates' licences to the top; cargo finds its manifest from its folder."""
    if not folder:
        return [_RUST_LICENSES.format(up="")]
    up = "../" * (folder.count("/") + 1)
    return [f"cd {folder}", _RUST_LICENSES.format(up=up), f"cd {up.removesuffix('/')}"]


def _crate_folder(ctx: InferContext) -> str:
    """Return the folder of the manifest that the backend builds, empty for the top, else of the one nearest to it.

    Source: maturin user guide, manifest-path; setuptools-rust documentation, pyproject.toml.
    """
    manifest = dig(tool_table(ctx.facts, "maturin"), "manifest-path")
    modules = dig(tool_table(ctx.facts, "setuptools-rust"), "ext-modules")
    listed = [dig(module, "path") for module in (modules if isinstance(modules, list) else ())]
    for path in (manifest, *listed):
        if isinstance(path, str) and ctx.facts.has(path.removeprefix("./")):
            return _folder_of(path.removeprefix("./"))
    own = [path for path in ctx.facts.paths if path.rpartition("/")[2] == "Cargo.toml"]
    nearest = min(own, key=lambda path: (path.count("/"), is_vendored_or_test(path), path), default="")
    return _folder_of(nearest)


def _folder_of(path: str) -> str:
    """Return the folder; empty also for one whose name a shell would read."""
    folder = path.rpartition("/")[0]
    return folder if _PLAIN.fullmatch(folder) else ""


def _version_env(ctx: InferContext, version: str) -> Inferred[tuple[tuple[str, str], ...]]:
    """A plugin that reads the version from a repository finds none in a recipe's source.

    In an sdist it falls back on PKG-INFO; elsewhere its environment variable must tell it.
    """
    if ctx.facts.has("PKG-INFO"):
        return Inferred(value=())
    env: dict[str, str] = {}
    evidence: list[Evidence] = []
    diagnostics: list[Diagnostic] = []
    shouted = ctx.project.pypi_name.value.replace("-", "_").upper()
    for plugin, declared in plugins_in_use(ctx.facts, ctx.project, ctx.toolchains):
        if plugin.has_no_version_env:
            message = f"{plugin.pypi_name} takes the version from a repository, which this source isn't"
            diagnostics.append(finding("version-from-repository", message, origin=declared.origin))
        if not plugin.version_env or not _is_version_dynamic(ctx):
            continue
        variable = plugin.version_env.format(NAME=shouted)
        if variable not in env:
            env[variable] = version
            where = address(conda_name_of(ctx), "build", f"env.{variable}")
            note = f"{plugin.pypi_name} finds no repository and no PKG-INFO in this source"
            evidence.append(because(where, Certainty.DERIVED, declared.origin, note=note))
    return Inferred(value=tuple(env.items()), evidence=tuple(evidence), diagnostics=tuple(diagnostics))


def _is_version_dynamic(ctx: InferContext) -> bool:
    """Tell whether the version comes from the plugin: no static file of the project declares it."""
    return not ctx.project.version.origin.startswith(
        ("pyproject.toml#/project/version", "setup.cfg#", "setup.py")
    )


@rule("build.entry_points")
def infer_entry_points(ctx: InferContext, kind: Kind) -> Inferred[tuple[RecipeEntryPoint, ...]]:
    """Return the commands that conda must create; for platform packages pip already does."""
    wanted = wanted_entry_points(ctx, is_noarch=kind.is_noarch)
    if not kind.is_noarch:
        return Inferred(value=(), diagnostics=wanted.diagnostics)
    name = conda_name_of(ctx)
    points = wanted.value
    declared = (
        because(address(name, "build", f"entry_points.{point.name}"), Certainty.DECLARED, point.origin)
        for point in points
    )
    return Inferred(
        value=tuple(RecipeEntryPoint(name=point.name, target=point.target) for point in points),
        evidence=(*declared, *wanted.evidence),
        diagnostics=wanted.diagnostics,
    )
