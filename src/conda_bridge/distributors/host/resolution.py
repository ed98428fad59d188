"""The needs of an environment -> the offers that meet them together, or what is in the way.

Each environment is resolved by itself, since only its own packages have to fit together. What can't be had is noted
and taken for granted, so that one answer names everything that is missing.

Source: resolvelib, which pip uses as well.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from resolvelib import AbstractProvider, BaseReporter, ResolutionImpossible, ResolutionTooDeep, Resolver
from resolvelib.structs import RequirementInformation

from conda_bridge.distributors.host.absence import absence_of
from conda_bridge.distributors.host.needs import Need, Offer, need_of
from conda_bridge.distributors.host.offers import Identity, Offers
from conda_bridge.errors import TranslationError
from conda_bridge.model.build import MissingPackage, NeededEnvironment
from conda_bridge.model.names import CondaName

__all__ = ["Resolution", "resolve"]

_MOST_ROUNDS = 2_000
_MOST_MISSING = 100
"""Of one environment."""

_Cause = RequirementInformation[Need, Offer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What an environment is made of."""

    offers: tuple[Offer, ...] = ()
    """Sorted by name; those of extras included, those that were taken for granted not."""
    needs: tuple[Need, ...] = ()
    """Every need that these meet, the environment's own first."""
    missing: tuple[MissingPackage, ...] = ()


def resolve(environment: NeededEnvironment, offers: Offers) -> Resolution:
    """Choose packages for an environment.

    Raises:
        SourceError: an index can't be asked for what is needed.
    """
    wanted, missing = _needs_of(environment)
    offers.assumed.clear()
    offers.ask_ahead(wanted)
    while True:
        resolver: Resolver[Need, Offer, Identity] = Resolver(_Provider(offers), BaseReporter())
        try:
            found = resolver.resolve(wanted, max_rounds=_MOST_ROUNDS)
        except ResolutionTooDeep:
            return Resolution(missing=(*missing, _too_deep(environment)))
        except ResolutionImpossible as error:
            absent = _absent(error.causes, offers)
            if not absent or len(missing) > _MOST_MISSING:
                return Resolution(missing=(*missing, _conflict(error.causes, environment)))
            missing += [absence_of(need, offers) for need in absent]
            offers.assumed.update(offers.identity(need) for need in absent)
            continue
        return _resolution(found.mapping.values(), wanted, offers, missing)


def _needs_of(environment: NeededEnvironment) -> tuple[list[Need], list[MissingPackage]]:
    needs: list[Need] = []
    missing: list[MissingPackage] = []
    for spec in dict.fromkeys(environment.specs):
        try:
            need = need_of(spec, environment.label)
        except TranslationError as error:
            missing.append(_unreadable(spec, environment, str(error)))
            continue
        if need is not None:
            needs.append(need)
    return needs, missing


def _resolution(
    found: Iterable[Offer], wanted: Sequence[Need], offers: Offers, missing: Sequence[MissingPackage]
) -> Resolution:
    chosen = sorted(
        (offer for offer in found if not offer.is_assumed), key=lambda o: (o.record.conda_name, o.extra)
    )
    needs = [*wanted, *(need for offer in chosen for need in offers.needs_of(offer) or ())]
    return Resolution(
        offers=tuple(chosen),
        needs=tuple(needs),
        missing=tuple(sorted(missing, key=lambda each: (each.conda_name, each.spec))),
    )


# ---------------------------------------------------------------- what is in the way


def _absent(causes: Collection[_Cause], offers: Offers) -> list[Need]:
    """Return the needs that nothing meets, whatever else is chosen; one a package."""
    found: dict[Identity, Need] = {}
    for cause in causes:
        need = cause.requirement
        identity = offers.identity(need)
        if not offers.is_assumed(identity) and next(_candidates(offers, identity, [need]), None) is None:
            found.setdefault(identity, need)
    return list(found.values())


def _candidates(offers: Offers, identity: Identity, needs: Sequence[Need]) -> Iterator[Offer]:
    return (offer for offer in offers.find(identity, needs) if offers.needs_of(offer) is not None)


def _conflict(causes: Collection[_Cause], environment: NeededEnvironment) -> MissingPackage:
    """Say who wants what of the package that most wishes are about."""
    wishes: dict[CondaName, dict[str, str]] = {}
    for cause in causes:
        need = cause.requirement
        wishes.setdefault(need.conda_name, {}).setdefault(need.spec, need.wanted_by)
    name, specs = max(wishes.items(), key=lambda item: (len(item[1]), item[0]))
    said = "; ".join(f"{who} wants {spec}" for spec, who in sorted(specs.items(), key=lambda item: item[1]))
    return MissingPackage(
        conda_name=name,
        spec=min(specs),
        wanted_by=environment.label,
        reason="conflict",
        detail=said,
    )


def _too_deep(environment: NeededEnvironment) -> MissingPackage:
    need = next(iter(_needs_of(environment)[0]))
    return MissingPackage(
        conda_name=need.conda_name,
        spec=need.spec,
        wanted_by=environment.label,
        reason="conflict",
        detail=f"no set of versions was found in {_MOST_ROUNDS:,} steps",
    )


def _unreadable(spec: str, environment: NeededEnvironment, why: str) -> MissingPackage:
    return MissingPackage(
        conda_name=CondaName(spec.partition(" ")[0]),
        spec=spec,
        wanted_by=environment.label,
        reason="absent",
        detail=why,
    )


# ---------------------------------------------------------------- resolvelib's questions


class _Provider(AbstractProvider[Need, Offer, Identity]):
    def __init__(self, offers: Offers) -> None:
        self._offers = offers
        self._needs: dict[tuple[Identity, str], tuple[Need, ...] | None] = {}

    def identify(self, requirement_or_candidate: Need | Offer) -> Identity:
        if isinstance(requirement_or_candidate, Offer):
            return requirement_or_candidate.record.conda_name, requirement_or_candidate.extra
        return self._offers.identity(requirement_or_candidate)

    def get_preference(
        self,
        identifier: Identity,
        resolutions: Mapping[Identity, Offer],  # noqa: ARG002 - resolvelib names it
        candidates: Mapping[Identity, Iterator[Offer]],  # noqa: ARG002
        information: Mapping[Identity, Iterator[_Cause]],
        backtrack_causes: Sequence[_Cause],
    ) -> tuple[bool, bool, bool, str, str]:
        """Choose first what leaves least choice; the name comes last, so that the result is always the same."""
        versions = [cause.requirement.version for cause in information[identifier]]
        is_cause = any(self.identify(cause.requirement) == identifier for cause in backtrack_causes)
        return (
            not is_cause,
            not any(version.startswith("==") for version in versions),
            not any("<" in version for version in versions),
            *identifier,
        )

    def find_matches(
        self,
        identifier: Identity,
        requirements: Mapping[Identity, Iterator[Need]],
        incompatibilities: Mapping[Identity, Iterator[Offer]],
    ) -> Callable[[], Iterator[Offer]]:
        needs = list(requirements[identifier])
        excluded = frozenset(offer.record.version for offer in incompatibilities[identifier])
        return lambda: (
            offer
            for offer in self._offers.find(identifier, needs, excluded)
            if self._needs_of(offer) is not None
        )

    def is_satisfied_by(self, requirement: Need, candidate: Offer) -> bool:
        return candidate.is_assumed or requirement.is_met_by(candidate.record)

    def get_dependencies(self, candidate: Offer) -> Iterable[Need]:
        needs = self._needs_of(candidate) or ()
        self._offers.ask_ahead(needs)
        return needs

    def _needs_of(self, offer: Offer) -> tuple[Need, ...] | None:
        key = (self.identify(offer), offer.record.version)
        if key not in self._needs:
            self._needs[key] = self._offers.needs_of(offer)
        return self._needs[key]
