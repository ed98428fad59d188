"""What a published wheel links, added to the facts where the user wants wheels to be looked into."""

from dataclasses import replace

from conda_bridge.errors import SourceError
from conda_bridge.model.codes import finding
from conda_bridge.model.project import Project
from conda_bridge.model.source import FileLink, Signal, SourceFacts, WheelLinks
from conda_bridge.sources.releases import release_of_version
from conda_bridge.workflows.services import Services

__all__ = ["with_wheel_links"]

_MOST_NAMED = 3


def with_wheel_links(facts: SourceFacts, project: Project, services: Services) -> SourceFacts:
    """Return the facts with the direct links of the version's wheel for Linux on x86_64, as signals.

    What can't be had is a finding, and so is what was left unread. Facts that have such signals are left alone.
    """
    if facts.index is None or services.wheels is None:
        return _without(facts, "no index has this version")
    if any(signal.kind == "wheel-link" for signal in facts.signals):
        return facts
    if not any(_is_for_linux(name) for name in facts.index.wheels):
        is_pure = any(name.endswith("-any.whl") for name in facts.index.wheels)
        return facts if is_pure else _without(facts, "the version has no wheel for Linux on x86_64")
    try:
        wheel = _wheel(project, services)
        links = services.wheels.get_wheel_links(wheel) if wheel else None
    except SourceError as error:
        return _without(facts, str(error))
    if wheel is None or links is None:
        return _without(facts, "the index serves no parts of files")
    return _with_signals(facts, wheel, links)


def _wheel(project: Project, services: Services) -> FileLink | None:
    """Return the wheel of the newest python: it says most of how the project is built today."""
    page = services.fetcher.get_project(project.pypi_name.value)
    release = release_of_version(page, project.version.value)
    wheels = [link for link in (release.wheels if release else ()) if _is_for_linux(link.filename)]
    return replace(release, wheels=tuple(wheels)).preferred_wheel() if release else None


def _is_for_linux(filename: str) -> bool:
    return "linux" in filename and filename.endswith("x86_64.whl")


def _with_signals(facts: SourceFacts, wheel: FileLink, links: WheelLinks) -> SourceFacts:
    names = (*links.sonames, *links.bundled)
    signals = [Signal(kind="wheel-link", token=name, path=wheel.filename) for name in names]
    found = replace(facts, signals=(*facts.signals, *signals))
    if not links.unread:
        return found
    more = f" and {len(links.unread) - _MOST_NAMED} more" if len(links.unread) > _MOST_NAMED else ""
    named = ", ".join(links.unread[:_MOST_NAMED]) + more
    return _without(found, f"{wheel.filename}: {named} too large or damaged")


def _without(facts: SourceFacts, reason: str) -> SourceFacts:
    return replace(facts, diagnostics=(*facts.diagnostics, finding("wheel-not-inspected", reason)))
