"""Lint of what lies beside a recipe: a second recipe, scripts, variants and conda-forge.yml.

Source: conda-smithy, R-051, R1-003, RC-000, RC-001, RC-002, CBC-001, FC-001, FC-002.
"""

from collections.abc import Iterator

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.forge import forge_trees
from conda_bridge.checks.parsing import repeated_keys
from conda_bridge.checks.variants import OSX_PLATFORMS, Setting, osx_settings
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.yaml_tree import MappingNode, ScalarNode
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic

__all__ = [
    "RULES",
    "forge_images_are_current",
    "forge_keys_are_unique",
    "macos_versions_are_possible",
    "one_recipe",
    "one_variants_file",
    "windows_script_is_run",
]

_CONDA_BUILD_VARIANTS = "conda_build_config.yaml"
_VARIANTS = "variants.yaml"
_OLD_IMAGES = frozenset({"cos7", "alma8", "ubi8"})
_TARGET = "c_stdlib_version"
_LEGACY_TARGET = "MACOSX_DEPLOYMENT_TARGET"
_SDK = "MACOSX_SDK_VERSION"
_LOWEST_MACOS = (11, 0)
"""What conda-forge builds for where a recipe says nothing."""


def one_recipe(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R-051: the folder holds one recipe."""
    if {"meta.yaml", "recipe.yaml"} <= _names(ctx):
        yield lint(document, "lint-two-recipes", "meta.yaml and recipe.yaml lie in one folder")


def windows_script_is_run(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R1-003: the script for Windows has the name that rattler-build looks for."""
    if document.format == "v1" and "bld.bat" in _names(ctx):
        yield lint(document, "lint-bld-bat", "bld.bat lies beside recipe.yaml")


def one_variants_file(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """RC-002: the folder holds one variants file."""
    if {_CONDA_BUILD_VARIANTS, _VARIANTS} <= _names(ctx):
        yield lint(
            document, "lint-two-variant-files", f"{_CONDA_BUILD_VARIANTS} and {_VARIANTS} lie in one folder"
        )


def macos_versions_are_possible(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """RC-000, RC-001, CBC-001: variants ask for a macOS and an SDK that exist and fit."""
    for name, text in ctx.files:
        if name not in {_CONDA_BUILD_VARIANTS, _VARIANTS}:
            continue
        settings = osx_settings(
            text,
            has_selectors=name == _CONDA_BUILD_VARIANTS,
            keys=(_TARGET, _LEGACY_TARGET, _SDK),
        )
        yield from _macos_findings(settings, _beside(document, name))


def _macos_findings(settings: tuple[Setting, ...], path: str) -> Iterator[Diagnostic]:
    for setting in settings:
        shown = ".".join(map(str, setting.version))
        if setting.key == _LEGACY_TARGET:
            yield finding(
                "lint-macos-target-name", f"{_LEGACY_TARGET} is set", origin=path, line=setting.line
            )
        elif setting.key == _TARGET and setting.version < _LOWEST_MACOS:
            yield finding(
                "lint-macos-target-below",
                f"{_TARGET} is {shown} for macOS, below {'.'.join(map(str, _LOWEST_MACOS))}",
                origin=path,
                line=setting.line,
            )
        elif setting.key == _SDK and _is_below_target(setting, settings):
            yield finding(
                "lint-macos-sdk-below",
                f"{_SDK} is {shown}, below {_TARGET}",
                origin=path,
                line=setting.line,
            )


def _is_below_target(sdk: Setting, settings: tuple[Setting, ...]) -> bool:
    """Return whether an SDK is older than every macOS that is built for on one of its platforms."""
    for platform in OSX_PLATFORMS:
        targets = [s.version for s in settings if s.key == _TARGET and platform in s.platforms]
        if platform in sdk.platforms and sdk.version < min(targets, default=_LOWEST_MACOS):
            return True
    return False


def forge_keys_are_unique(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """FC-001: conda-forge.yml has no key twice."""
    for path, root in forge_trees(document, ctx):
        for key in repeated_keys(root):
            yield finding(
                "lint-forge-duplicate-keys",
                f"the key {key.text[:80]!r} is repeated",
                origin=path,
                line=key.line,
            )


def forge_images_are_current(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """FC-002: conda-forge.yml asks for no image older than the default."""
    if "hint_os_version" in ctx.forge.skip:
        return
    for path, root in forge_trees(document, ctx):
        entries = root.entries if isinstance(root, MappingNode) else ()
        versions = [value for key, value in entries if key.text == "os_version"]
        for platform, image in (e for v in versions if isinstance(v, MappingNode) for e in v.entries):
            if isinstance(image, ScalarNode) and image.text in _OLD_IMAGES:
                yield finding(
                    "lint-forge-old-image",
                    f"{platform.text[:80]} uses {image.text!r}",
                    origin=path,
                    line=image.line,
                )


def _names(ctx: CheckContext) -> set[str]:
    return {name for name, _text in ctx.files}


def _beside(document: RecipeDocument, name: str) -> str:
    """Return the path of a file in the recipe's folder, as the recipe's own is shown."""
    folder, slash, _ = document.path.rpartition("/")
    return f"{folder}{slash}{name}"


RULES: tuple[Check, ...] = (
    one_recipe,
    windows_script_is_run,
    one_variants_file,
    macos_versions_are_possible,
    forge_keys_are_unique,
    forge_images_are_current,
)
