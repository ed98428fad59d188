"""What one place says about the options, and what several say together; see `conda_bridge.config`."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from conda_bridge.config.values import merged_distributors, merged_names
from conda_bridge.config.wheels import NO_WHEELS, WheelLayer, merged_wheels
from conda_bridge.errors import UsageError
from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.model.names import PypiName, is_github_name
from conda_bridge.model.options import IndexOptions, NameOverride, NetworkOptions, RecipeFormat, RecipeOptions
from conda_bridge.model.overrides import PackageOverrides, combined

__all__ = ["Layer", "merge", "merged_layer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What one place says about the options; None means nothing."""

    index_urls: tuple[str, ...] | None = None
    certificates: str | None = None
    offline: bool | None = None
    output_dir: str | None = None
    report_dir: str | None = None
    formats: tuple[RecipeFormat, ...] | None = None
    distributor: str | None = None
    distributors: tuple[DistributorPolicy, ...] = ()
    maintainers: tuple[str, ...] | None = None
    names: tuple[NameOverride, ...] = ()
    overrides: tuple[PackageOverrides, ...] = ()
    watched_names: tuple[PypiName, ...] | None = None
    template_dir: str | None = None
    members: tuple[str, ...] | None = None
    """Of the command line only: they are those of one source."""
    jobs: int | None = None
    external_mappings: tuple[str, ...] | None = None
    run_backend: bool | None = None
    """Of the command line only: no file that lies about may have foreign code run."""
    ask_channels: bool | None = None
    inspect_wheels: bool | None = None
    fetch_license: bool | None = None
    """Of the command line only: that a repository's text is a release's licence is decided case by case."""
    channel_dir: str | None = None
    build_jobs: int | None = None
    """Of `build`; how many sources are converted at once is said on the command line only."""
    wheel: WheelLayer = NO_WHEELS


def merge(layers: Iterable[Layer]) -> RecipeOptions:
    """Return the options that the layers, the weakest first, amount to.

    Raises:
        UsageError: `usage` for a maintainer whom GitHub can't have.
    """
    merged = merged_layer(layers)
    top_level = (
        "output_dir", "report_dir", "formats", "distributor", "maintainers", "watched_names", "template_dir", "jobs",
        "run_backend", "fetch_license", "inspect_wheels", "ask_channels", "external_mappings",
        "members",
    )  # fmt: skip
    chosen = {key: getattr(merged, key) for key in top_level if getattr(merged, key) is not None}
    index = IndexOptions() if merged.index_urls is None else IndexOptions(urls=merged.index_urls)
    for name in chosen.get("maintainers", ()):
        if not is_github_name(name):
            hint = "maintainers are names of GitHub users, or ORGANISATION/TEAM"
            raise UsageError("usage", f"the maintainer {name!r} is no GitHub name", hint=hint)
    network = NetworkOptions(offline=bool(merged.offline), certificates=merged.certificates or "")
    return RecipeOptions(
        **chosen,
        distributors=merged.distributors,
        names=merged.names,
        overrides=merged.overrides,
        index=index,
        network=network,
    )


def merged_layer(layers: Iterable[Layer]) -> Layer:
    """Return what the layers, the weakest first, say together."""
    merged = Layer()
    for layer in layers:
        said = {f.name: getattr(layer, f.name) for f in fields(Layer) if getattr(layer, f.name) is not None}
        names = merged_names(merged.names, layer.names)
        overrides = combined((*merged.overrides, *layer.overrides))
        own = merged_distributors(merged.distributors, layer.distributors)
        wheel = merged_wheels(merged.wheel, layer.wheel)
        said |= {"names": names, "overrides": overrides, "distributors": own, "wheel": wheel}
        merged = replace(merged, **said)
    return merged
