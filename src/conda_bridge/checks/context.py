"""What lint rules see beside the recipe's text."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from conda_bridge.formats.document import RecipeDocument
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.model.toolchain import ToolchainTable

__all__ = ["Check", "CheckContext", "ForgeConfig", "lint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgeConfig:
    """What `conda-forge.yml` of a feedstock says to the linter."""

    skip: frozenset[str] = frozenset()
    """`linter.skip`: names such as `lint_noarch_selectors`."""
    noarch_platforms: tuple[str, ...] = ()
    is_shellcheck_enabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """The recipe's surroundings, read by the workflow."""

    policy: DistributorPolicy
    toolchains: ToolchainTable
    files: tuple[tuple[str, str], ...] = ()
    """(name relative to the recipe's folder, text) of what lies in it; binary or large files have no text."""
    forge: ForgeConfig = ForgeConfig()
    is_feedstock: bool = False
    """True where the folder is called `recipe`: a feedstock's; else it is a new recipe."""


Check: TypeAlias = Callable[[RecipeDocument, CheckContext], Iterable[Diagnostic]]
"""A lint rule. It yields one finding for each place; it never raises for what a recipe may say."""


def lint(
    document: RecipeDocument, slug: str, message: str, *, line: int = 0, hint: str | None = None
) -> Diagnostic:
    """Return a finding in the document; the id and the severity stand in `data/codes.toml`."""
    return finding(slug, message, origin=document.path, line=line, hint=hint)
