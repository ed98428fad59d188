"""What `build` does while it has to wait for something else."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, TypeAlias

from conda_bridge.archives.typed_paths import is_file

if TYPE_CHECKING:
    from conda_bridge.protocols import Engine

__all__ = ["Engines", "import_ahead", "ready_engines"]

Engines: TypeAlias = "dict[str, Engine]"
"""By their names."""
_V1_ENGINE = "rattler-build"
_V1_RECIPE = "recipe.yaml"
_IMPORTED_AHEAD = ("conda_bridge.workflows.building.one", "conda_bridge.cli.build_summary")


@contextmanager
def ready_engines(sources: Sequence[str], chosen: str) -> Iterator[Engines]:
    """Have a child ready to render a recipe by the time that everything else is imported; nothing for other sources.

    Of several sources each may be rendered in a thread of its own, so that nobody would ask who was started by this one.
    `chosen` is the engine that the user wants, empty for none.
    """
    recipe = _likely_recipe(sources[0]) if len(sources) == 1 else None
    if recipe is None or chosen not in {"", _V1_ENGINE}:
        yield {}
        return
    from conda_bridge.processes.isolation import find_isolator  # noqa: PLC0415 - --help needs none of it

    # It is found out by a child, too.
    finding = Thread(target=find_isolator)
    finding.start()
    from conda_bridge.engines.rattler_build import RattlerBuildEngine  # noqa: PLC0415
    from conda_bridge.model.build import EngineSetting, RenderJob  # noqa: PLC0415

    finding.join()
    engine = RattlerBuildEngine()
    job = RenderJob(recipe_path=str(recipe), setting=EngineSetting(channels=(), cache_dir=""))
    with engine.expecting(job, is_now=True):
        yield {_V1_ENGINE: engine}


def _likely_recipe(source: str) -> Path | None:
    """Return the recipe.yaml that a source means, where that is plain to see."""
    places = (Path(source), Path(source, _V1_RECIPE), Path(source, "recipe", _V1_RECIPE))
    return next((one.absolute() for one in places if one.name == _V1_RECIPE and is_file(one)), None)


def import_ahead() -> None:
    """Import what is needed once the first child has answered."""
    for name in _IMPORTED_AHEAD:
        import_module(name)
