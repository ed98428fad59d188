"""What rattler-build says while it works -> a worker's log."""

from typing import Any, Literal

from conda_bridge.adapters.worker.answers import Answers

__all__ = ["Listener"]

_LEVELS: dict[str, Literal["info", "warning", "error"]] = {
    "warn": "warning",
    "warning": "warning",
    "error": "error",
}
_SPECS_FOLLOW = "Specs:"
_ITEM = "- "
_ADVICE = "Script execution failed."
"""What follows it names folders that are removed, and how to look into them."""


class Listener:
    """A progress callback, of which the engine wants all five methods."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._is_listing = False
        self.specs: list[str] = []
        """The match specs of the environment that was solved last."""

    def on_log(self, event: Any) -> None:
        """Pass on a line, or several."""
        text = event.message.strip("\n")
        self._note_specs(text.strip())
        if text.strip() and not text.startswith(_ADVICE):
            self._answers.say(text, _LEVELS.get(str(event.level).lower(), "info"))

    def on_build_step(self, event: Any) -> None:
        """Pass on a step."""
        self._answers.say(str(event.message))

    def on_download_start(self, event: Any) -> None:
        """Pass on which file is downloaded."""
        self._answers.say(f"downloading {event.url}")

    def on_download_progress(self, event: Any) -> None:
        """Pass over."""

    def on_download_complete(self, event: Any) -> None:
        """Pass over."""

    def _note_specs(self, text: str) -> None:
        if text == _SPECS_FOLLOW:
            self.specs = []
            self._is_listing = True
        elif self._is_listing and text.startswith(_ITEM):
            self.specs.append(text.removeprefix(_ITEM))
        else:
            self._is_listing = False
