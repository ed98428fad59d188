"""Asks rattler-build what it makes of a v1 recipe; needs py-rattler-build.

rattler can abort while the interpreter exits, so it runs in a child that ends in `os._exit`.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["PLATFORMS", "VARIANTS", "Rendering", "build_log", "render", "render_texts"]

PLATFORMS = ("linux-64", "osx-arm64", "win-64")

VARIANTS: Mapping[str, Sequence[str | bool]] = {
    "python": ("3.10.* *_cpython", "3.13.* *_cp313"),
    "is_python_min": (True, False),
    "python_min": ("3.10",),
    "is_abi3": (True,),
    "is_freethreading": (False,),
    "numpy": ("2",),
    "c_compiler": ("gcc",),
    "c_compiler_version": ("15",),
    "cxx_compiler": ("gxx",),
    "cxx_compiler_version": ("15",),
    "fortran_compiler": ("gfortran",),
    "fortran_compiler_version": ("15",),
    "rust_compiler": ("rust",),
    "go_compiler": ("go-nocgo",),
    "cuda_compiler_version": ("None",),
    "c_stdlib": ("sysroot",),
    "c_stdlib_version": ("2.17",),
}
"""What a distributor's pinning says, as far as recipes ask for it; python and is_python_min go together."""

_ZIP_KEYS = (("python", "is_python_min"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """What became of one recipe on one platform."""

    problem: str = ""
    """Why it was refused; empty where it was rendered."""
    outputs: tuple[dict[str, Any], ...] = ()
    """One recipe without variables and conditions for each output and variant."""


def render(
    recipe: Path,
    platforms: Iterable[str] = PLATFORMS,
    variants: Mapping[str, Sequence[str | bool]] = VARIANTS,
) -> dict[str, str]:
    """Return the problem that rattler-build has with the recipe on each platform; "" for none."""
    (renderings,) = render_texts([recipe.read_text(encoding="utf-8")], platforms, variants)
    return {platform: rendering.problem for platform, rendering in renderings.items()}


def render_texts(
    texts: Iterable[str],
    platforms: Iterable[str] = PLATFORMS,
    variants: Mapping[str, Sequence[str | bool]] = VARIANTS,
    *,
    build_platform: str = "",
) -> tuple[dict[str, Rendering], ...]:
    """Return what each recipe becomes on each platform, all in one child process.

    An empty `build_platform` means the target platform.
    """
    variants = {key: list(values) for key, values in variants.items()}
    task = {
        "texts": list(texts),
        "platforms": list(platforms),
        "variants": variants,
        "zip_keys": [list(keys) for keys in _ZIP_KEYS if all(key in variants for key in keys)],
        "build_platform": build_platform,
    }
    return tuple(
        {
            platform: Rendering(problem=answer["problem"], outputs=tuple(answer["outputs"]))
            for platform, answer in answers.items()
        }
        for answers in _child(task)
    )


def build_log(text: str, folder: Path) -> list[str]:
    """Return the log of building a recipe that needs no packages, for this machine; works in `folder`."""
    log: list[str] = _child({"build": text, "folder": str(folder)})
    return log


def _child(task: dict[str, Any]) -> Any:
    child = subprocess.run(
        [sys.executable, __file__], input=json.dumps(task), capture_output=True, text=True, check=False
    )
    if child.returncode:
        raise RuntimeError(f"rattler-build ended with {child.returncode}: {child.stderr[-2000:]}")
    return json.loads(child.stdout.splitlines()[-1])


def _answer(task: dict[str, Any], text: str, platform: str) -> dict[str, Any]:
    import rattler_build as rattler  # noqa: PLC0415  (never in the parent)

    config = rattler.RenderConfig(
        platform=rattler.PlatformConfig(
            target_platform=platform, build_platform=task["build_platform"] or platform
        )
    )
    try:
        recipe = rattler.Stage0Recipe.from_yaml(text, recipe_dir=task["recipe_dir"])
        rendered = recipe.render(rattler.VariantConfig(task["variants"], zip_keys=task["zip_keys"]), config)
    except rattler.RattlerBuildError as error:
        return {"problem": f"{type(error).__name__}: {error}", "outputs": []}
    return {"problem": "", "outputs": [variant.recipe.to_dict() for variant in rendered]}


def _build(text: str, folder: Path) -> list[str]:
    import rattler_build as rattler  # noqa: PLC0415  (never in the parent)

    recipe = rattler.Stage0Recipe.from_yaml(text, recipe_dir=folder / "recipe")
    (rendered,) = recipe.render(rattler.VariantConfig({}), rattler.RenderConfig())
    result = rendered.run_build(
        tool_config=rattler.ToolConfiguration(test_strategy="skip"),
        output_dir=folder / "output",
        channels=[],
        no_build_id=True,
    )
    return [*result.log]


def _main() -> None:
    task = json.load(sys.stdin)
    if "build" in task:
        json.dump(_build(task["build"], Path(task["folder"])), sys.stdout)
        return
    with tempfile.TemporaryDirectory() as folder:
        task["recipe_dir"] = folder
        answers = [{p: _answer(task, text, p) for p in task["platforms"]} for text in task["texts"]]
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    _main()
    sys.stdout.flush()
    os._exit(0)
