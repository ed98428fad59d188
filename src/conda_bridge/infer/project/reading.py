"""Facts -> the chain of statements, each file read once and only where it can count."""

import re
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.backend import read_backend
from conda_bridge.infer.project.core_metadata import read_pkg_info, read_wheel_metadata
from conda_bridge.infer.project.egg_info import egg_info_folder, read_egg_info
from conda_bridge.infer.project.pyproject import read_project_table
from conda_bridge.infer.project.statements import FIELD_NAMES, Statement
from conda_bridge.infer.project.toml_tables import Table
from conda_bridge.model.codes import finding
from conda_bridge.model.project import BuildSystem
from conda_bridge.model.source import IndexFacts, SourceFacts

__all__ = ["Statements", "read_statements"]

_PKG_INFO = "PKG-INFO"
_WITHOUT_SETUPTOOLS = (
    "poetry", "flit", "hatchling", "pdm", "maturin", "mesonpy", "uv_build", "scikit_build_core",
)  # fmt: skip
"""Backends, by the beginning of their names, that never look at setup.py and setup.cfg."""
_NEVER_SETTLED = frozenset({"name", "version", "license_files", "import_names", "import_namespaces"})
_BESIDE_PROJECT = re.compile(r"setup_requires|scripts|pbr|\*\*")
"""What setup.py and setup.cfg may say although there is a `[project]` table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """What the files of a source say, and in which order to believe them."""

    chain: tuple[Statement, ...]
    """For every field but name and version."""
    identity_chain: tuple[Statement, ...]
    """For name and version: PKG-INFO of any age tells them as they are."""
    pkg_info: Statement
    """What PKG-INFO records; silent where there is none."""


def read_statements(pyproject: Table, system: BuildSystem, facts: SourceFacts) -> Statements:
    """Return the statements of all files that count for this build system.

    Raises:
        MetadataError: a file that counts is invalid.
    """
    wheel = _wheel(facts.index)
    firm, recorded = _pkg_info(facts)
    told = frozenset(
        core_name
        for attribute, core_name in FIELD_NAMES.items()
        if any(getattr(statement, attribute, None) is not None for statement in (wheel, firm))
    )
    tables = _tables(pyproject, system, facts, told)
    is_told = bool(pyproject.table("project")) and all(field.field in told for field in tables[0].unknown)
    declared = (*tables, *_setuptools(system, facts, is_told=is_told))
    egg_info, backend = read_egg_info(facts), read_backend(facts)
    inner = _inner_pkg_info(facts) if not facts.has(_PKG_INFO) else Statement(file=_PKG_INFO)
    return Statements(
        chain=(wheel, firm, *declared, backend, egg_info, recorded, inner),
        identity_chain=(wheel, firm, recorded, *declared, inner, backend),
        pkg_info=recorded,
    )


def _wheel(index: IndexFacts | None) -> Statement:
    if index is None or not index.wheel_metadata:
        return Statement(file="METADATA")
    statement = read_wheel_metadata(index.wheel_metadata, wheel=index.wheel_metadata_file or "wheel")
    written = statement.version.value if statement.version else ""
    try:
        is_same = Version(written) == index.version
    except InvalidVersion:
        is_same = False
    if is_same:
        return statement
    message = f"{statement.file} is of version {written!r:.40}, not of {index.version}"
    return Statement(
        file=statement.file,
        diagnostics=(finding("wheel-metadata-ignored", message, origin=statement.file),),
    )


def _pkg_info(facts: SourceFacts) -> tuple[Statement, Statement]:
    """Return what PKG-INFO says for every build, and what it records.

    Raises:
        MetadataError: `unread-metadata` where it is there and can't be read.
    """
    text = facts.text(_PKG_INFO)
    if text is None and facts.has(_PKG_INFO):
        # It could contradict everything that other files say.
        raise MetadataError("unread-metadata", "it is too large, or no text", where=_PKG_INFO)
    if text is None:
        return Statement(file=_PKG_INFO), Statement(file=_PKG_INFO)
    return read_pkg_info(text)


def _inner_pkg_info(facts: SourceFacts) -> Statement:
    """Return what the PKG-INFO inside egg-info records."""
    path = f"{egg_info_folder(facts)}/{_PKG_INFO}"
    text = facts.text(path)
    return read_pkg_info(text, file=path)[1] if text is not None else Statement(file=path)


def _tables(
    pyproject: Table, system: BuildSystem, facts: SourceFacts, told: frozenset[str]
) -> tuple[Statement, ...]:
    """Return what pyproject.toml says; a tool's table counts where that tool builds, or where nothing is said.

    `told` names the fields that stronger statements give, so that nobody need compute them.
    """
    project, backend = pyproject.table("project"), system.backend
    has_poetry = backend.startswith("poetry")
    found = [read_project_table(project, is_closed=not has_poetry)]
    # The readers below pull in the evaluator of Python text, which most sources don't need.
    if any(field.field not in told for field in found[0].unknown):
        from conda_bridge.infer.project.dynamic import read_dynamic_fields  # noqa: PLC0415

        found.append(read_dynamic_fields(pyproject, facts, backend))
    is_undeclared = not system.is_declared and not project and not facts.has("setup.py")
    if has_poetry or (is_undeclared and "poetry" in pyproject.table("tool")):
        from conda_bridge.infer.project.poetry import read_poetry_table  # noqa: PLC0415

        found.append(read_poetry_table(pyproject.dig("tool", "poetry")))
    if not project and backend.startswith(("flit", "pdm")):
        from conda_bridge.infer.project.legacy_tables import (  # noqa: PLC0415
            read_flit_table,
            read_pdm_table,
        )

        found += [
            read_flit_table(pyproject.dig("tool", "flit"), facts),
            read_pdm_table(pyproject.dig("tool", "pdm")),
        ]
    return tuple(found)


def _setuptools(system: BuildSystem, facts: SourceFacts, *, is_told: bool) -> tuple[Statement, ...]:
    """Return what setup.py and setup.cfg say, and that setuptools takes nothing from elsewhere.

    Where `[project]` and stronger statements give every field (`is_told`), setuptools refuses or ignores what
    these files say of the fields; only what the table can't say is left to them.
    """
    if system.backend.startswith(_WITHOUT_SETUPTOOLS) or not (
        facts.has("setup.py") or facts.has("setup.cfg")
    ):
        return ()
    settled = Statement(file="setup.py", settled=frozenset(FIELD_NAMES) - _NEVER_SETTLED)
    texts = (facts.text("setup.py") or "", facts.text("setup.cfg") or "")
    if is_told and not any(_BESIDE_PROJECT.search(text) for text in texts):
        return (settled,)
    # As above: only sources with these files pay for the evaluator.
    from conda_bridge.infer.project.setup_cfg import read_setup_cfg  # noqa: PLC0415
    from conda_bridge.infer.project.setup_py import read_setup_py  # noqa: PLC0415

    script = read_setup_py(facts)
    required = {declared.pypi_name for declared in system.requires}
    is_pbr = "pbr" in required or any(line.text.startswith("pbr") for line in script.build_requires or ())
    return (script, read_setup_cfg(facts, is_pbr=is_pbr), settled)
