"""What a scanner of a build file gathers -> signals: each once, few enough, with marks of where they hold."""

from conda_bridge.infer.scan.platforms import ANYWHERE, Where
from conda_bridge.infer.scan.tokens import Token, is_token_name
from conda_bridge.model.source import Signal

__all__ = ["MAX_SIGNALS", "Found"]

MAX_SIGNALS = 1_500
"""Of one file; a generated file may name thousands of sources."""
_MARKED = frozenset({
    "cmake-package", "config-tool", "crate", "dlopen", "fetch", "header-string", "library", "openmp", "pkg-config",
    "program", "tool",
})  # fmt: skip


class Found:
    """Gathers the signals of one file; the same token at the same guard counts once, at its first line."""

    __slots__ = ("_path", "_signals")

    def __init__(self, path: str) -> None:
        self._path = path
        self._signals: dict[tuple[str, str], Signal] = {}

    def add(self, kind: str, name: str, line: int, where: Where = ANYWHERE) -> None:
        """Keep a signal, unless nothing can reach its place or its name is none."""
        if not where.platforms or not (is_token_name(name) or (not name and kind == "abi3")):
            return
        marked = Token(name, where.guard, where.is_optional) if kind in _MARKED else Token(name)
        key = (kind, str(marked))
        if len(self._signals) >= MAX_SIGNALS and key not in self._signals:
            return
        known = self._signals.get(key)
        if known is None or line < known.line:
            self._signals[key] = Signal(kind=kind, token=str(marked), path=self._path, line=line)

    def signals(self) -> tuple[Signal, ...]:
        """Return everything by line; what is found with and without `optional` at one guard is required."""
        firm = {key for key in self._signals if not key[1].endswith(" ?")}
        kept = [
            signal
            for (kind, token), signal in self._signals.items()
            if not (token.endswith(" ?") and (kind, token.removesuffix(" ?")) in firm)
        ]
        return tuple(sorted(kept, key=lambda signal: signal.line))
