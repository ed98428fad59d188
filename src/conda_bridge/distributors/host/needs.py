"""What environments and packages need, and what could meet it: the values that a resolution works with.

Vocabulary: a *need* is a match spec that somebody wants met, or an extra of a project; an *offer* is one version of a
package that could meet it: a package that is here already, or a wheel that can be made into one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from packaging.requirements import Requirement

from conda_bridge.distributors.host.project_names import ProjectNames
from conda_bridge.distributors.host.wheel_index import WheelOffer
from conda_bridge.errors import MetadataError, TranslationError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName, PypiName, pypi_name
from conda_bridge.model.recipe import MatchSpec
from conda_bridge.translate.match_specs import parse_match_spec
from conda_bridge.translate.spec_matching import matches_build, matches_version
from conda_bridge.translate.untrusted import marker_holds
from conda_bridge.translate.versions import to_conda_spec

__all__ = ["Need", "Offer", "need_of", "needs_of_wheel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A wish for one package."""

    conda_name: CondaName
    """As asked for."""
    version: str = ""
    """The constraint; empty where any version will do."""
    build: str = ""
    """A build string, perhaps with stars; empty where any will do."""
    wanted_by: str
    """The environment's label, or `name version` of the package that depends on it."""
    project: PypiName | None = None
    """The project that a wheel asks for; None where a match spec asks."""
    extra: str = ""

    @property
    def spec(self) -> str:
        """The match spec."""
        return str(MatchSpec(conda_name=self.conda_name, version=self.version, build=self.build))

    def is_met_by(self, record: PackageRecord) -> bool:
        """Tell whether a package's version and build are what is wanted, whatever the package is called."""
        return matches_version(self.version, record.version) and matches_build(self.build, record.build)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One version of one package, or of an extra of it."""

    record: PackageRecord
    """Of a wheel that isn't a package yet only name and version count."""
    wheel: WheelOffer | None = None
    """What it has to be made of; None where the package is here."""
    extra: str = ""
    is_assumed: bool = False
    """True of what can't be had: it stands in for it, so that everything else that is missing shows, too."""

    @property
    def label(self) -> str:
        """For people: `click 8.1.7`."""
        extra = f"[{self.extra}]" if self.extra else ""
        return f"{self.record.conda_name}{extra} {self.record.version}"


def need_of(spec: str, wanted_by: str) -> Need | None:
    """Return the need of a match spec; None for a virtual package, which is the machine's.

    Raises:
        TranslationError: `inexpressible-spec` for text that is no match spec.
    """
    parsed = parse_match_spec(spec).value
    if parsed.conda_name.startswith("__"):
        return None
    need = Need(conda_name=parsed.conda_name, version=parsed.version, build=parsed.build, wanted_by=wanted_by)
    _refuse_unjudged(need)
    return need


def _refuse_unjudged(need: Need) -> None:
    """Refuse here, once, what can't be evaluated."""
    need.is_met_by(PackageRecord(conda_name=need.conda_name, version="0", build="0"))


def needs_of_wheel(
    requirements: Iterable[Requirement], *, markers: Mapping[str, str], names: ProjectNames, offer: Offer
) -> tuple[Need, ...] | None:
    """Return what a wheel needs, or of an extra's offer what the extra adds; None where conda can't say it.

    Source: PEP 508; core metadata specifications, Requires-Dist and Provides-Extra.
    """
    needs: list[Need] = []
    for requirement in requirements:
        try:
            if not _applies(requirement, markers, offer.extra):
                continue
            need = _need_of_requirement(requirement, names, offer.label)
        except (MetadataError, TranslationError):
            return None
        if need is not None:
            needs.append(need)
            needs += [replace(need, extra=_normalized_extra(extra)) for extra in sorted(requirement.extras)]
    return tuple(needs)


def _need_of_requirement(requirement: Requirement, names: ProjectNames, wanted_by: str) -> Need | None:
    project = pypi_name(requirement.name)
    constraint = to_conda_spec(requirement.specifier, style="exact").value
    package = names.package(project)
    if package is None:
        return None
    need = Need(conda_name=package, version=constraint, wanted_by=wanted_by, project=project)
    _refuse_unjudged(need)
    return need


def _applies(requirement: Requirement, markers: Mapping[str, str], extra: str) -> bool:
    """Tell whether a requirement holds: for an extra, what holds with it and not without it."""
    if requirement.marker is None:
        return not extra
    is_plain = marker_holds(requirement.marker, {**markers, "extra": ""})
    return (
        not is_plain and marker_holds(requirement.marker, {**markers, "extra": extra}) if extra else is_plain
    )


def _normalized_extra(text: str) -> str:
    """Return an extra as it is compared. Source: PEP 685."""
    return pypi_name(text) if text.strip("-_.") == text != "" else text
