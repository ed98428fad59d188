"""A place that two wheels differ at, with what is at hand to tell why."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from conda_bridge.repack.comparing.compared_wheels import ComparedFile, ComparedWheel
from conda_bridge.repack.comparing.running_files import START_BYTES, may_run

__all__ = ["Difference", "Evidence", "text_of"]

_MAX_TEXT_BYTES = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is at hand beside the two wheels."""

    source: Mapping[str, str] = field(default_factory=dict)
    """Path -> sha256 of the files of the source."""
    built: ComparedWheel | None = None
    """What the project's own backend made of that source."""
    rebuilt: ComparedWheel | None = None
    """The same once more."""

    def has_bytes(self, place: str, file: ComparedFile) -> bool:
        """Tell whether a file of the source has this content; what is empty is told by its name."""
        return file.sha256 in self.source.values() if file.size_bytes else self.has_name(place)

    def has_name(self, place: str) -> bool:
        """Tell whether a file of the source lies where one of this place would come from."""
        return any(path == place or path.endswith(f"/{place}") for path in self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A place that two wheels have different files at, or only one of them has one."""

    place: str
    left: ComparedWheel
    right: ComparedWheel
    evidence: Evidence

    @property
    def ours(self) -> ComparedFile | None:
        """The file of the wheel that was made of the conda package."""
        return self.left.files.get(self.place)

    @property
    def theirs(self) -> ComparedFile | None:
        """The file that it is compared with."""
        return self.right.files.get(self.place)

    def at(self, place: str) -> "Difference":
        """Return the same of another place."""
        return replace(self, place=place)

    @property
    def has_same_bytes(self) -> bool:
        """Whether both have it, with the same content."""
        return bool(self.ours and self.theirs and self.ours.sha256 == self.theirs.sha256)

    @property
    def is_ours_as_built(self) -> bool:
        """Whether the project's own backend, which isn't what is compared with, has here just what we have."""
        built = self.evidence.built
        return built is not None and built is not self.right and built.has(self.place, self.ours)

    @property
    def is_rewritten_in_build(self) -> bool:
        """Whether we have what the project's own backend wrote over the source's file: no other one of the source."""
        ours, evidence = self.ours, self.evidence
        if ours is None or not self.is_ours_as_built:
            return False
        return evidence.has_name(self.place) and not evidence.has_bytes(self.place, ours)

    @property
    def is_from_elsewhere(self) -> bool:
        """Whether only the other side has it, and neither the source nor the project's own backend could have given it."""
        file, evidence = self.theirs, self.evidence
        if file is None or self.ours or not self.is_ours_as_built:
            return False
        return not (evidence.has_bytes(self.place, file) or evidence.has_name(self.place))

    @property
    def is_running(self) -> bool:
        """Whether the file may run where it is installed."""
        for wheel in (self.left, self.right):
            file = wheel.files.get(self.place)
            if file and may_run(
                self.place, wheel.start(self.place, START_BYTES), is_executable=file.is_executable
            ):
                return True
        return False

    @property
    def is_python(self) -> bool:
        """Whether it is a module of python, whose code can be told from the rest; no script is taken for one."""
        return self.place.endswith(".py") and not self.place.startswith(self.left.scripts)

    @property
    def has_other_mode(self) -> bool:
        """Whether both have it, and only one of them as a program."""
        return bool(self.ours and self.theirs and self.ours.is_executable != self.theirs.is_executable)

    @property
    def name(self) -> str:
        """The path within the dist-info folder; empty outside."""
        folder = f"{self.left.info}/"
        return self.place.removeprefix(folder) if self.place.startswith(folder) else ""

    def texts(self) -> tuple[str, str] | None:
        """Return both sides' text; None where one is absent, no text, or large."""
        left, right = text_of(self.left, self.place), text_of(self.right, self.place)
        return None if left is None or right is None else (left, right)

    def right_text(self) -> str:
        """Return the text of the other side; empty where it is absent, no text, or large."""
        return text_of(self.right, self.place) or ""


def text_of(wheel: ComparedWheel, place: str) -> str | None:
    """Return the text of a file; None where it is absent, no text, or large."""
    if place not in wheel.files or wheel.files[place].size_bytes > _MAX_TEXT_BYTES:
        return None
    content = wheel.read(place)
    try:
        return None if b"\0" in content else content.decode("utf-8")
    except UnicodeDecodeError:
        return None
