"""Asks conda-build what it makes of a v0 recipe; needs conda-build, which isn't on PyPI.

It runs in a child, for it ends the process where it doesn't like a recipe, and it may live in an environment of
its own: `CONDA_BRIDGE_CONDA_BUILD` names that environment's python.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["PLATFORMS", "VARIANTS", "Rendering", "render_texts"]

PLATFORMS = ("linux-64", "osx-arm64", "win-64")

VARIANTS: Mapping[str, Sequence[str]] = {
    "python": ("3.10", "3.13"),
    "is_python_min": ("true", "false"),
    "python_min": ("3.10",),
    "is_abi3": ("true",),
    "is_freethreading": ("false",),
    "numpy": ("2",),
    "c_compiler": ("gcc",),
    "cxx_compiler": ("gxx",),
    "fortran_compiler": ("gfortran",),
    "rust_compiler": ("rust",),
    "go_compiler": ("go-nocgo",),
    "c_stdlib": ("sysroot",),
    "c_stdlib_version": ("2.17",),
}
"""What a distributor's pinning says, as far as recipes ask for it; python and is_python_min go together."""

_ZIP_KEYS = ("python", "is_python_min")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """What became of one recipe on one platform."""

    problem: str = ""
    """Why it was refused; empty where it was rendered."""
    outputs: tuple[dict[str, Any], ...] = ()
    """The sections of each output and variant, and its `python`; what is skipped isn't there."""


def render_texts(
    texts: Iterable[str],
    platforms: Iterable[str] = PLATFORMS,
    variants: Mapping[str, Sequence[str]] = VARIANTS,
    *,
    build_platform: str = "",
) -> tuple[dict[str, Rendering], ...]:
    """Return what each recipe becomes on each platform, all in one child process; skip where there is no conda-build.

    An empty `build_platform` means the target platform.
    """
    python = os.environ.get("CONDA_BRIDGE_CONDA_BUILD", "")
    if not python and importlib.util.find_spec("conda_build") is None:
        import pytest  # noqa: PLC0415  (the child has none)

        pytest.skip("conda-build is missing: install it, or name its python in CONDA_BRIDGE_CONDA_BUILD")
    task = {
        "texts": list(texts),
        "platforms": list(platforms),
        "variants": {key: list(values) for key, values in variants.items()},
        "build_platform": build_platform,
    }
    child = subprocess.run(
        [python or sys.executable, __file__],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=False,
    )
    if child.returncode:
        raise RuntimeError(f"conda-build ended with {child.returncode}: {child.stderr[-2000:]}")
    answers = json.loads(child.stdout.splitlines()[-1])
    return tuple(
        {
            platform: Rendering(problem=answer["problem"], outputs=tuple(answer["outputs"]))
            for platform, answer in by_platform.items()
        }
        for by_platform in answers
    )


def _variant_file(folder: Path, platform: str, variants: Mapping[str, Sequence[str]]) -> Path:
    variants = {**variants, "target_platform": (platform,)}
    # A list in brackets at the end of a line would be taken for a selector.
    lines = [
        line
        for key, values in variants.items()
        for line in (f"{key}:", *(f'  - "{value}"' for value in values))
    ]
    if set(_ZIP_KEYS) <= variants.keys():
        lines += ["zip_keys:", "  -", *(f"    - {key}" for key in _ZIP_KEYS)]
    path = folder / f"{platform}.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _answer(recipe: Path, platform: str, variants: Path, build_platform: str) -> dict[str, Any]:
    from conda_build import api  # type: ignore[import-not-found]  # noqa: PLC0415
    from conda_build.config import Config  # type: ignore[import-not-found]  # noqa: PLC0415

    system, _, arch = (build_platform or platform).partition("-")
    config = Config(
        platform=system,
        arch=arch,
        variant_config_files=[str(variants)],
        # Another run's folders may go away at any time.
        croot=str(recipe.parent / "croot"),
        ignore_system_variants=True,
        verbose=False,
    )
    config.host_subdir = platform
    try:
        rendered = api.render(str(recipe), config=config, finalize=False, bypass_env_check=True)
        outputs = [
            {**metadata.meta, "skip": metadata.skip(), "python": metadata.config.variant["python"]}
            for metadata, *_ in rendered
        ]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raises is its verdict
        return {"problem": f"{type(error).__name__}: {error}"[:2000], "outputs": []}
    return {"problem": "", "outputs": outputs}


def _main() -> list[dict[str, Any]]:
    import logging  # noqa: PLC0415

    logging.disable(logging.CRITICAL)
    task = json.load(sys.stdin)
    answers = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {p: _variant_file(folder, p, task["variants"]) for p in task["platforms"]}
        for index, text in enumerate(task["texts"]):
            recipe = folder / str(index)
            recipe.mkdir()
            (recipe / "meta.yaml").write_text(text, encoding="utf-8")
            answers.append({p: _answer(recipe, p, file, task["build_platform"]) for p, file in files.items()})
    return answers


if __name__ == "__main__":
    # conda starts workers that import this file again.
    found = json.dumps(_main(), default=str)
    sys.stdout.write(f"\n{found}\n")
