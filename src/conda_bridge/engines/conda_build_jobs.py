"""A job -> the arguments of conda-build, the files that it reads, and what it sees of the machine.

Source: conda-build's documentation of its command and of variants; conda's of `.condarc`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conda_bridge.engines.places import environment_of, place_of
from conda_bridge.model.build import BuildJob, EngineSetting, RenderJob, TestJob
from conda_bridge.model.variants import VariantConfig
from conda_bridge.processes.workers import Json, WorkerPlace, WorkerRequest

__all__ = ["Asked", "asked_to_build", "asked_to_render", "asked_to_test", "variants_text"]

_FOLDER = "bld"
_BUILT_IN = "rattler-build_{n}"
"""Where sources are unpacked, below the folder: as rattler-build calls it, since pip writes it into packages."""
_VARIANTS = "conda_build_config.yaml"
_EPOCH = "SOURCE_DATE_EPOCH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call of conda-build."""

    operation: str
    command: tuple[str, ...]
    """Its arguments, seen from the folder."""
    folder: str
    """Where everything of the call is, made for it and removed afterwards; empty: a temporary one."""
    files: tuple[tuple[str, str], ...]
    """(name, text) of what is written into the folder first."""
    more: Mapping[str, Json]
    """Arguments of the operation that aren't the command's."""
    place: WorkerPlace
    copied: tuple[str, str] | None = None
    """A package that is put elsewhere first, and where."""

    @property
    def request(self) -> WorkerRequest:
        """What our program inside is asked."""
        arguments: dict[str, Json] = {
            "command": self.command,
            "folder": self.folder,
            "files": self.files,
            "copied": self.copied,
            **self.more,
        }
        return WorkerRequest(operation=self.operation, arguments=arguments)


def asked_to_render(job: RenderJob) -> Asked:
    """Return what shows the packages of a recipe."""
    return Asked(
        operation="render",
        command=("--output", "--no-source", "-e", _VARIANTS, str(Path(job.recipe_path).parent)),
        folder="",
        files=(("condarc", _condarc(job.setting)), (_VARIANTS, variants_text(job.variants))),
        more={"recipe": job.recipe_path, "variants": _VARIANTS},
        place=WorkerPlace(
            readable=(str(Path(job.recipe_path).parent), *job.setting.readable), tools=job.setting.tools
        ),
    )


def asked_to_build(job: BuildJob) -> Asked:
    """Return what builds a recipe, and tests nothing."""
    folder = f"{job.output_dir}/{_FOLDER}"
    # Of a caller's environment build scripts get a handful of names, and beside them what a variant says.
    more = {_EPOCH: str(job.source_date_epoch), "TMPDIR": f"{folder}/temporary"}
    variants = variants_text(job.variants, more=more)
    return Asked(
        operation="build",
        command=(
            *("--no-test", "--no-anaconda-upload", "--package-format", "conda"),
            *("--croot", folder, "--output-folder", job.output_dir, "--build-id-pat", _BUILT_IN),
            *("-e", _VARIANTS, *_channels(job.setting), str(Path(job.recipe_path).parent)),
        ),
        folder=folder,
        files=(("condarc", _condarc(job.setting)), (_VARIANTS, variants), ("temporary/README", "")),
        more={"output_dir": job.output_dir},
        place=place_of(
            job.setting,
            readable=(str(Path(job.recipe_path).parent),),
            writable=(job.output_dir,),
            log_path=job.log_path,
            environment=(*environment_of(job.setting), (_EPOCH, str(job.source_date_epoch))),
        ),
    )


def asked_to_test(job: TestJob) -> Asked:
    """Return what runs a package's tests, on a copy: the channel around it is indexed anew."""
    folder = f"{job.work_dir}/{_FOLDER}"
    package = Path(job.package_path)
    copy = f"{folder}/channel/{package.parent.name}/{package.name}"
    return Asked(
        operation="test",
        command=(
            *("--test", "--no-anaconda-upload", "--croot", f"{folder}/croot", "--build-id-pat", "{n}"),
            *(*_channels(job.setting), copy),
        ),
        folder=folder,
        files=(("condarc", _condarc(job.setting)),),
        more={},
        place=place_of(
            job.setting,
            readable=(job.package_path,),
            writable=(job.work_dir,),
            log_path=job.log_path,
            environment=environment_of(job.setting),
        ),
        copied=(job.package_path, copy),
    )


def variants_text(variants: VariantConfig, *, more: Mapping[str, str] | None = None) -> str:
    """Return a variant file; its values are texts in quotes, so that none is taken for a number or a selector.

    >>> print(variants_text(VariantConfig(values=(("python", ("3.10",)),))), end="")
    python:
      - "3.10"
    """
    values = {**dict(variants.values), **{key: (value,) for key, value in (more or {}).items()}}
    lines: list[str] = []
    for key, texts in values.items():
        lines += [f"{key}:", *(f"  - {json.dumps(text)}" for text in texts)]
    groups = [[key for key in group if key in values] for group in variants.zip_keys]
    zipped = [group for group in groups if len(group) > 1]
    if zipped:
        lines.append("zip_keys:")
    for group in zipped:
        lines += ["  -", *(f"    - {key}" for key in group)]
    return "\n".join((*lines, ""))


def _channels(setting: EngineSetting) -> tuple[str, ...]:
    named = tuple(word for channel in setting.channels for word in ("-c", channel))
    # Without a channel conda-build refuses to leave out the default ones, of which the configuration has none.
    return ("--override-channels", *named) if named else ()


def _condarc(setting: EngineSetting) -> str:
    """Return a configuration in which nothing is left to habit but the solver, which is the installation's."""
    rows: dict[str, Json] = {
        "channels": [],
        "default_channels": [],
        "channel_priority": "strict",
        "offline": not setting.needs_network,
        "register_envs": False,
        "auto_activate_base": False,
        "always_yes": True,
        "quiet": True,
        "notify_outdated_conda": False,
        "anaconda_upload": False,
        "create_default_packages": [],
        "pinned_packages": [],
        "aggressive_update_packages": [],
    }
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in rows.items())
