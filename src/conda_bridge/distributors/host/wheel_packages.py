"""A wheel -> the private package of it that this machine's channel has.

Private packages carry bytecode: pip without it costs each build a second of computing. They say so by their build
string, and no publishing takes them.
"""

from packaging.tags import parse_tag
from packaging.version import Version

from conda_bridge.distributors.host.conversions import Conversion, ConvertedWheel
from conda_bridge.distributors.host.facts import HostFacts
from conda_bridge.distributors.host.module_compiler import HostModuleCompiler
from conda_bridge.distributors.host.project_names import export_floor, is_tool
from conda_bridge.distributors.host.target import target_of
from conda_bridge.model.artifact import RunExports
from conda_bridge.model.condition import Target as RecipeTarget
from conda_bridge.model.names import CondaName
from conda_bridge.model.python_versions import PyVersion
from conda_bridge.repack.to_conda.wheel_to_conda import ExtraMetadata, WheelTarget, wheel_to_conda

__all__ = ["WheelPackages"]

_BUILD_LABEL = "host"
_LEVEL = 1
"""Of zstd: a tenth larger than at 3, in less than half the time."""


class WheelPackages:
    """A `Converter` for one machine."""

    def __init__(self, facts: HostFacts) -> None:
        target = target_of(facts)
        self._interpreter = facts.interpreter
        self._target = RecipeTarget(platform=target.subdir, python=PyVersion(Version(target.python).release))
        self._markers = tuple(target.markers.items())
        self._tags = frozenset(tag for text in target.tags for tag in parse_tag(text))

    def __call__(self, wheel: str, folder: str, conversion: Conversion) -> ConvertedWheel:
        """Write the package of a wheel to a folder."""
        project, version = conversion.wheel.pypi_name, conversion.wheel.version
        package = conversion.names.get(project).chosen
        floor = export_floor(project, version)
        target = WheelTarget(
            target=self._target,
            markers=self._markers,
            tags=self._tags,
            build_label=_BUILD_LABEL,
            level=_LEVEL,
            has_bytecode=True,
            is_private=True,
            compiler=HostModuleCompiler(self._interpreter, folder),
            run_exports=_exports(package, version, floor) if package and floor else RunExports(),
            is_native_tool=True if is_tool(project) else None,
        )
        extras = tuple(
            ExtraMetadata(pypi_name=name, requirements=tuple(map(str, requirements)))
            for name, requirements in conversion.extras
        )
        made = wheel_to_conda(wheel, folder, target=target, names=conversion.names, extras=extras)
        return ConvertedWheel(path=made.path, record=made.record, diagnostics=made.diagnostics)


def _exports(package: CondaName, version: Version, floor: str) -> RunExports:
    return RunExports(weak=(f"{package} >={floor},<{version.major + 1}",))
