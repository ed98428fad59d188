"""How the package is built and which commands it installs."""

from collections.abc import Iterator

from conda_bridge.infer.backend import backend_row, plugins_in_use
from conda_bridge.infer.build_settings import BuildSettings, build_settings
from conda_bridge.infer.crates import GO_LICENSES, crate_folders, go_folder, is_nameable, third_party_files
from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.libraries.result import Switch
from conda_bridge.infer.native import Native
from conda_bridge.infer.native.javascript import skipping_variables
from conda_bridge.infer.noarch import Kind
from conda_bridge.infer.overrides.commands import wanted_entry_points
from conda_bridge.infer.overrides.output import overridden_script
from conda_bridge.infer.rules import because, rule
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import CROSS, negate
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.recipe import RecipeEntryPoint, Script, ScriptLine

__all__ = ["infer_entry_points", "infer_script"]

_PIP_INSTALL = "${{ PYTHON }} -m pip install . -vv --no-deps --no-build-isolation"
_MESON_CROSS = "-Csetup-args=${MESON_ARGS// / -Csetup-args=}"
_RUST_LICENSES = "cargo-bundle-licenses --format yaml --output"
_GO_LICENSES = "go-licenses save . --save_path"


@rule("build.script")
def infer_script(
    ctx: InferContext,
    native: Native,
    version: str,
    switches: tuple[Switch, ...],
    abi_env: tuple[tuple[str, str], ...] = (),
) -> Inferred[Script]:
    """Return the commands that build the package and the environment that they need.

    `abi_env` is what turns the stable ABI on, where the recipe uses it; its evidence is that of the rule `abi3`.
    """
    name = conda_name_of(ctx)
    env, skips = _version_env(ctx, version), _skipped_hooks(ctx)
    settings = build_settings(ctx, switches)
    script = Script(
        lines=(
            *_gather_licenses(ctx, native),
            *settings.value.before,
            *_installs(ctx, native, settings.value),
        ),
        env=tuple(dict((*env.value, *skips.value, *settings.value.env, *abi_env)).items()),
    )
    why = because(
        address(name, "build", "script"), Certainty.CONVENTION, note="pip, without network or isolation"
    )
    inferred = Inferred(
        value=script,
        evidence=(why, *env.evidence, *skips.evidence, *settings.evidence),
        diagnostics=(*env.diagnostics, *settings.diagnostics, *_ungathered(ctx, native)),
    )
    return overridden_script(inferred, ctx.overrides, name, version)


def _installs(ctx: InferContext, native: Native, settings: BuildSettings) -> tuple[ScriptLine, ...]:
    """Return the line that builds. Meson has to be told of another target; conda's compilers say it in MESON_ARGS."""
    line = " ".join((_PIP_INSTALL, *settings.words))
    row = backend_row(ctx.project, ctx.toolchains)
    if not native.is_native or row is None or row.key != "meson-python":
        return (ScriptLine(command=line),)
    return (
        ScriptLine(command=f"{line} {_MESON_CROSS}", condition=CROSS),
        ScriptLine(command=line, condition=negate(CROSS)),
    )


def _gather_licenses(ctx: InferContext, native: Native) -> tuple[ScriptLine, ...]:
    """Return the commands that write the licences of what is linked in to the top, each run where its manifest is."""
    lines: list[str] = []
    if "rust" in native.compilers:
        for folder, file in third_party_files(ctx.facts):
            lines += _inside(folder, _RUST_LICENSES, file)
    if _links_go(native) and is_nameable(go_folder(ctx.facts)):
        lines += _inside(go_folder(ctx.facts), _GO_LICENSES, GO_LICENSES)
    return tuple(ScriptLine(command=line) for line in lines)


def _ungathered(ctx: InferContext, native: Native) -> Iterator[Diagnostic]:
    """Yield a finding for each folder that no command can name, so that the licences there are left out."""
    folders = crate_folders(ctx.facts) if "rust" in native.compilers else ()
    for folder in (*folders, *((go_folder(ctx.facts),) if _links_go(native) else ())):
        if not is_nameable(folder):
            message = (
                f"the folder {folder[:80]!a} holds code that is linked in, and a build script can't name it"
            )
            yield finding("licenses-not-gathered", message)


def _links_go(native: Native) -> bool:
    return any(language.startswith("go") for language in native.compilers)


def _inside(folder: str, command: str, target: str) -> list[str]:
    if not folder:
        return [f"{command} {target}"]
    up = "../" * (folder.count("/") + 1)
    return [f"cd {folder}", f"{command} {up}{target}", f"cd {up.removesuffix('/')}"]


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


def _skipped_hooks(ctx: InferContext) -> Inferred[tuple[tuple[str, str], ...]]:
    """A hook that would build again what the source ships has to be told not to."""
    name, found = conda_name_of(ctx), skipping_variables(ctx)
    note = "what the hook builds is in the source"
    evidence = (
        because(address(name, "build", f"env.{variable}"), Certainty.DERIVED, origin, note=note)
        for variable, origin in found
    )
    return Inferred(value=tuple((variable, "1") for variable, _ in found), evidence=tuple(evidence))


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
