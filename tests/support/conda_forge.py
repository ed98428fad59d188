"""A distributor's variants for rendering, and what a rendered recipe of ours must and must not have.

The variants are ours: what conda-forge's pinning amounts to as far as recipes ask for it. Each target says whether it
is built on its own platform or on another one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from support.rattler_render import Rendering, render_texts

__all__ = ["TARGETS", "BuildTarget", "problems_of", "render_everywhere"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildTarget:
    """For which platform a recipe is built, and where."""

    platform: str
    build_platform: str
    variants: Mapping[str, Sequence[str | bool]]

    @property
    def is_cross(self) -> bool:
        """True where the build machine can't run what it builds."""
        return self.platform != self.build_platform

    def __str__(self) -> str:
        """Return the platform, and where it is built if that is another one."""
        return f"{self.platform} on {self.build_platform}" if self.is_cross else self.platform


_PYTHONS: Mapping[str, Sequence[str | bool]] = {
    "python": (
        "3.10.* *_cpython",
        "3.11.* *_cpython",
        "3.12.* *_cpython",
        "3.13.* *_cp313",
        "3.14.* *_cp314",
    ),
    "is_python_min": (True, False, False, False, False),
    "python_min": ("3.10",),
    "is_abi3": (True,),
    "is_freethreading": (False,),
    "numpy": ("2",),
    "rust_compiler": ("rust",),
    "go_compiler": ("go-nocgo",),
    "go_cgo_compiler": ("go-cgo",),
    "cuda_compiler": ("cuda-nvcc",),
    "cuda_compiler_version": ("None",),
    "channel_targets": ("conda-forge main",),
}
_COMPILERS = {
    "linux": ("gcc", "gxx", "gfortran", "15", "15", "sysroot", "2.17"),
    "osx": ("clang", "clangxx", "gfortran", "21", "15", "macosx_deployment_target", "11.0"),
    "win": ("vs2022", "vs2022", "flang", "", "5", "vs", ""),
}


def _variants(system: str) -> Mapping[str, Sequence[str | bool]]:
    c, cxx, fortran, version, fortran_version, stdlib, stdlib_version = _COMPILERS[system]
    found: dict[str, Sequence[str | bool]] = {
        **_PYTHONS, "c_compiler": (c,), "cxx_compiler": (cxx,), "fortran_compiler": (fortran,),
        "fortran_compiler_version": (fortran_version,), "c_stdlib": (stdlib,),
        "m2w64_c_compiler": ("gcc",), "m2w64_c_stdlib": ("m2w64-toolchain",),
    }  # fmt: skip
    if version:
        found |= {"c_compiler_version": (version,), "cxx_compiler_version": (version,)}
    return found | ({"c_stdlib_version": (stdlib_version,)} if stdlib_version else {})


TARGETS: tuple[BuildTarget, ...] = tuple(
    BuildTarget(platform=platform, build_platform=build, variants=_variants(platform.partition("-")[0]))
    for platform, build in (
        ("linux-64", "linux-64"),
        ("linux-aarch64", "linux-64"),
        ("osx-arm64", "osx-arm64"),
        ("osx-arm64", "osx-64"),
        ("win-64", "win-64"),
    )
)


_SKIP = re.compile(r"^  skip:(?P<one> \S.*)?\n(?P<list>(?:    - .*\n)*)", re.MULTILINE)
_RUN = re.compile(r"^  run:\n", re.MULTILINE)
_PROBE = "this-is-skipped"


def render_everywhere(texts: Sequence[str]) -> tuple[dict[str, Rendering], ...]:
    """Return what each recipe of one output becomes for every target, by the target's text, without what is skipped."""
    texts = tuple(map(_probed, texts))
    found: list[dict[str, Rendering]] = [{} for _ in texts]
    for target in TARGETS:
        renderings = render_texts(
            texts, (target.platform,), target.variants, build_platform=target.build_platform
        )
        for every, rendering in zip(found, renderings, strict=True):
            one = rendering[target.platform]
            every[str(target)] = replace(one, outputs=tuple(o for o in one.outputs if not _is_skipped(o)))
    return tuple(found)


def _probed(text: str) -> str:
    """Return a recipe that requires a package where it is skipped: rattler-build looks at skips when it builds only."""
    skip = _SKIP.search(text)
    if skip is None:
        return text
    listed = [line.removeprefix("    - ") for line in skip["list"].splitlines()]
    probes = [
        f"    - if: {one}\n      then: {_PROBE}\n"
        for one in filter(None, ((skip["one"] or "").strip(), *listed))
    ]
    return _RUN.sub(f"  run:\n{''.join(probes)}", _SKIP.sub("", text), count=1)


def _is_skipped(output: Mapping[str, Any]) -> bool:
    return _PROBE in map(str, output.get("requirements", {}).get("run", ()))


def problems_of(renderings: Mapping[str, Rendering]) -> list[str]:
    """Return what is wrong with a recipe as rendered for every target: a line for each reason."""
    found: dict[str, None] = {}
    for target in TARGETS:
        rendering = renderings[str(target)]
        if rendering.problem:
            found[f"{target}: {rendering.problem}"] = None
        for output in rendering.outputs:
            found |= dict.fromkeys(f"{target}: {problem}" for problem in _problems(output, target))
    if not any(rendering.outputs for rendering in renderings.values()):
        found.setdefault("it is skipped everywhere")
    return list(found)


def _problems(output: Mapping[str, Any], target: BuildTarget) -> Iterable[str]:
    sections = output.get("requirements", {})
    build = [str(spec) for spec in sections.get("build", ())]
    compilers = {str(name) for key, (name, *_) in target.variants.items() if key.endswith("_compiler")}
    is_compiled = any(
        spec.startswith(tuple(f"{name}_{target.platform}" for name in compilers)) for spec in build
    )
    pythons = {spec.partition(" ")[0] for spec in build if spec.startswith(("python", "cross-python_"))}
    cross = {f"cross-python_{target.platform}", "python"}
    is_cross = target.is_cross and is_compiled and not output.get("build", {}).get("noarch")
    if is_cross and not cross <= pythons:
        yield f"{', '.join(sorted(cross - pythons))} is missing in build, where the build machine can't run the target's"
    if not is_cross and pythons & cross:
        yield f"{', '.join(sorted(pythons & cross))} in build although the build machine runs what it builds"
    if any("${{" in str(spec) for section in sections.values() for spec in section):
        yield "an expression is left in the requirements"
