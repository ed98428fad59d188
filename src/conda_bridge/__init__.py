"""conda-bridge: Python source distributions become conda recipes, every line with its reason.

    >>> from conda_bridge import RecipeOptions, convert           # doctest: +SKIP
    >>> conversion = convert("click==8.1.7", options=RecipeOptions(distributor="conda-forge"))   # doctest: +SKIP
    >>> conversion.recipe.name, len(conversion.evidence)           # doctest: +SKIP

Importing this module costs nothing: each name is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from conda_bridge.version import __version__

if TYPE_CHECKING:
    from conda_bridge.checks.audit_entries import AuditEntry
    from conda_bridge.config.overrides import read_overrides
    from conda_bridge.errors import (
        BatchError,
        BridgeError,
        ConfigError,
        EngineError,
        MetadataError,
        RecipeError,
        RepackError,
        SolverError,
        SourceError,
        TranslationError,
        UsageError,
    )
    from conda_bridge.model.conversion import Conversion
    from conda_bridge.model.diagnostic import Diagnostic
    from conda_bridge.model.evidence import Certainty, Evidence
    from conda_bridge.model.names import NameHit
    from conda_bridge.model.options import (
        BuildOptions,
        IndexOptions,
        NameOverride,
        NetworkOptions,
        RecipeOptions,
        WheelOptions,
    )
    from conda_bridge.model.overrides import PackageOverrides
    from conda_bridge.model.recipe import Recipe
    from conda_bridge.model.repackaging import WheelMade, WheelSetting
    from conda_bridge.model.source import SourceFacts
    from conda_bridge.protocols import Distributor, Engine, Fetcher, NameSource, Reporter, SilentReporter
    from conda_bridge.workflows.build import BuildResult, Installed, builds, install
    from conda_bridge.workflows.check import CheckResult, check
    from conda_bridge.workflows.conda import CondaOptions, CondaResult, conda
    from conda_bridge.workflows.convert import convert, read_source
    from conda_bridge.workflows.documents import Reason, Report
    from conda_bridge.workflows.explain import explain
    from conda_bridge.workflows.external_names import ExternalChoice, ExternalHit, look_up_external
    from conda_bridge.workflows.external_table import ExternalTable, external_table
    from conda_bridge.workflows.facts import load_facts, save_facts
    from conda_bridge.workflows.names import to_conda, to_pypi
    from conda_bridge.workflows.recipe import RecipeResult, recipes, write_recipe
    from conda_bridge.workflows.verify import VerifyOptions, VerifyResult, verify
    from conda_bridge.workflows.wheel import WheelResult, wheels

__all__ = [
    "AuditEntry",
    "BatchError",
    "BridgeError",
    "BuildOptions",
    "BuildResult",
    "Certainty",
    "CheckResult",
    "CondaOptions",
    "CondaResult",
    "ConfigError",
    "Conversion",
    "Diagnostic",
    "Distributor",
    "Engine",
    "EngineError",
    "Evidence",
    "ExternalChoice",
    "ExternalHit",
    "ExternalTable",
    "Fetcher",
    "IndexOptions",
    "Installed",
    "MetadataError",
    "NameHit",
    "NameOverride",
    "NameSource",
    "NetworkOptions",
    "PackageOverrides",
    "Reason",
    "Recipe",
    "RecipeError",
    "RecipeOptions",
    "RecipeResult",
    "RepackError",
    "Report",
    "Reporter",
    "SilentReporter",
    "SolverError",
    "SourceError",
    "SourceFacts",
    "TranslationError",
    "UsageError",
    "VerifyOptions",
    "VerifyResult",
    "WheelMade",
    "WheelOptions",
    "WheelResult",
    "WheelSetting",
    "__version__",
    "builds",
    "check",
    "conda",
    "convert",
    "explain",
    "external_table",
    "install",
    "load_facts",
    "look_up_external",
    "read_overrides",
    "read_source",
    "recipes",
    "save_facts",
    "to_conda",
    "to_pypi",
    "verify",
    "wheels",
    "write_recipe",
]

_HOMES: dict[str, tuple[str, ...]] = {
    "conda_bridge.checks.audit_entries": ("AuditEntry",),
    "conda_bridge.config.overrides": ("read_overrides",),
    "conda_bridge.errors": (
        "BatchError",
        "BridgeError",
        "ConfigError",
        "EngineError",
        "MetadataError",
        "RecipeError",
        "RepackError",
        "SolverError",
        "SourceError",
        "TranslationError",
        "UsageError",
    ),
    "conda_bridge.model.conversion": ("Conversion",),
    "conda_bridge.model.diagnostic": ("Diagnostic",),
    "conda_bridge.model.evidence": ("Certainty", "Evidence"),
    "conda_bridge.model.names": ("NameHit",),
    "conda_bridge.model.options": (
        "BuildOptions",
        "IndexOptions",
        "NameOverride",
        "NetworkOptions",
        "RecipeOptions",
        "WheelOptions",
    ),
    "conda_bridge.model.overrides": ("PackageOverrides",),
    "conda_bridge.model.recipe": ("Recipe",),
    "conda_bridge.model.repackaging": ("WheelMade", "WheelSetting"),
    "conda_bridge.model.source": ("SourceFacts",),
    "conda_bridge.protocols": (
        "Distributor",
        "Engine",
        "Fetcher",
        "NameSource",
        "Reporter",
        "SilentReporter",
    ),
    "conda_bridge.workflows.build": ("BuildResult", "Installed", "builds", "install"),
    "conda_bridge.workflows.check": ("CheckResult", "check"),
    "conda_bridge.workflows.conda": ("CondaOptions", "CondaResult", "conda"),
    "conda_bridge.workflows.convert": ("convert", "read_source"),
    "conda_bridge.workflows.documents": ("Reason", "Report"),
    "conda_bridge.workflows.explain": ("explain",),
    "conda_bridge.workflows.external_names": ("ExternalChoice", "ExternalHit", "look_up_external"),
    "conda_bridge.workflows.external_table": ("ExternalTable", "external_table"),
    "conda_bridge.workflows.facts": ("load_facts", "save_facts"),
    "conda_bridge.workflows.names": ("to_conda", "to_pypi"),
    "conda_bridge.workflows.recipe": ("RecipeResult", "recipes", "write_recipe"),
    "conda_bridge.workflows.verify": ("VerifyOptions", "VerifyResult", "verify"),
    "conda_bridge.workflows.wheel": ("WheelResult", "wheels"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for. Source: PEP 562."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
