"""What a scanner of a build file gathers -> signals: each once, few enough, with marks of where they hold."""

from dataclasses import replace

from conda_bridge.infer.scan.platforms import ANYWHERE, NEVER, Where
from conda_bridge.infer.scan.standard import is_standard_header
from conda_bridge.infer.scan.tokens import Token, is_token_name
from conda_bridge.model.source import Signal

__all__ = ["MAX_SIGNALS", "Found"]

_SWITCHED = frozenset(
    {"extension", "extension-module", "extension-source", "f2py", "language", "numpy-headers"}
)
"""What isn't there at all where nobody turns it on."""
_TOLD = frozenset({"extension", "extension-module", "language"})
MAX_SIGNALS = 1_500
"""Of one file; a generated file may name thousands of sources."""
_MARKED = frozenset({
    "cmake-folder", "cmake-option", "cmake-package", "config-tool", "crate", "dlopen", "fetch", "header-string", "library", "openmp", "pkg-config",
    "extension-module", "program", "tool",
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
        if kind == "header-string" and is_standard_header(name.encode()):
            return
        if where.switch and kind in _SWITCHED:
            if kind in _TOLD:
                self.add("switched-off", where.switch, line)
            if kind == "language":
                self.add("switched-language", name, line)
            return
        when = (NEVER,) if where.switch else where.when
        marked = Token(name, where.guard, where.is_optional, when) if kind in _MARKED else Token(name)
        key = (kind, str(marked))
        if len(self._signals) >= MAX_SIGNALS and key not in self._signals:
            return
        known = self._signals.get(key)
        if known is None or line < known.line:
            self._signals[key] = Signal(kind=kind, token=str(marked), path=self._path, line=line)

    def signals(self) -> tuple[Signal, ...]:
        """Return everything by line; what is required everywhere isn't said again of a platform or as optional."""
        kept = [signal for key, signal in self._signals.items() if not self._is_said(*key)]
        return tuple(sorted(kept, key=lambda signal: signal.line))

    def _is_said(self, kind: str, text: str) -> bool:
        token = Token.parse(text)
        if token.when:
            return self._is_anywhere(kind, token)
        if token.is_optional and (kind, str(Token(token.name, token.guard))) in self._signals:
            return True
        weaker = (kind, str(Token(token.name, "", token.is_optional)))
        return bool(token.guard) and (weaker in self._signals or (kind, token.name) in self._signals)

    def _is_anywhere(self, kind: str, token: Token) -> bool:
        """Tell whether the same is found where no other file decides, there or on every platform."""
        stronger = replace(token, is_optional=False)
        forms = (token, stronger, replace(token, guard=""), replace(stronger, guard=""))
        return any((kind, str(replace(form, when=()))) in self._signals for form in forms)
