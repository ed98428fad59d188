"""Methods of files, paths, patterns, configurations, the environment and modules."""

from collections.abc import Callable

from conda_bridge.infer.project.evaluator.attributes import config_text, group_of, variable_of
from conda_bridge.infer.project.evaluator.files import MAX_PATH, ROOT, relative
from conda_bridge.infer.project.evaluator.interpreter import Call
from conda_bridge.infer.project.evaluator.operators import text_of
from conda_bridge.infer.project.evaluator.regex import UnsafePatternError, find_matches
from conda_bridge.infer.project.evaluator.values import (
    BoundMethod,
    ConfigValue,
    Environment,
    MatchValue,
    Module,
    PathValue,
    PatternValue,
    Raised,
    TextFile,
    Value,
    first_unknown,
)

__all__ = ["OBJECT_METHODS", "open_file", "search_pattern"]


def open_file(call: Call, path: Value) -> Value:
    """Return a file of the source, opened.

    Raises:
        Raised: `FileNotFoundError`.
    """
    name = text_of(path)
    if name is None:
        return first_unknown(path) or call.unknown("a file's name")
    text = call.machine.read(name)
    return call.unknown(f"the text of {name!r}") if text is None else TextFile(name, text)


def search_pattern(call: Call, pattern: Value, text: Value, *, flags: int = 0, kind: str = "search") -> Value:
    """Return what `re.search`, `re.match` or `re.findall` finds, within the bounds of `regex`."""
    if not isinstance(pattern, str) or not isinstance(text, str):
        return first_unknown((pattern, text)) or call.unknown("a search")
    try:
        found = find_matches(
            pattern, text, flags=flags, spend=call.machine.spend, is_anchored=kind == "match"
        )
        if kind == "findall":
            return [m[0] if not m.re.groups else m[1] if m.re.groups == 1 else m.groups() for m in found]
        match = next(found, None)
    except UnsafePatternError as error:
        return call.unknown(str(error))
    if match is None:
        return None
    return MatchValue((match[0], *match.groups()), tuple(match.re.groupindex.items()))


def _of_file(method: BoundMethod, call: Call) -> Value:
    receiver = method.receiver
    assert isinstance(receiver, TextFile)
    match method.name:
        case "read":
            return call.unknown("a part of a file") if call.arguments.positional else receiver.rest()
        case "readlines":
            return list(receiver.rest().splitlines(keepends=True))
        case "readline":
            return receiver.line()
        case "close":
            return None
        case _:
            return call.unknown(f"the method {method.name!r} of a file")


def _of_path(method: BoundMethod, call: Call) -> Value:
    receiver = method.receiver
    assert isinstance(receiver, PathValue)
    path = receiver.path
    match method.name:
        case "read_text" | "read_bytes":
            opened = open_file(call, path)
            return opened.rest() if isinstance(opened, TextFile) else opened
        case "open":
            return open_file(call, path)
        case "exists" | "is_file" | "is_dir":
            kind = {"exists": "any", "is_file": "file", "is_dir": "folder"}[method.name]
            known = call.machine.exists(path, kind=kind)
            return call.unknown(f"whether {path!r} exists") if known is None else known
        case "resolve" | "absolute":
            inside = relative(path)
            if inside is None:
                return call.unknown("a path outside the source")
            return PathValue(f"{ROOT}/{inside}".rstrip("/"))
        case "joinpath" | "with_name":
            start = path if method.name == "joinpath" else path.rpartition("/")[0] or "."
            texts = [text_of(part) for part in call.arguments.positional]
            if None in texts or sum(len(text or "") for text in texts) > MAX_PATH:
                return call.unknown("a path")
            return PathValue("/".join((start, *(text or "" for text in texts))))
        case "as_posix" | "__str__" | "__fspath__":
            return path
        case _:
            return call.unknown(f"the method {method.name!r} of a path")


def _of_pattern(method: BoundMethod, call: Call) -> Value:
    receiver = method.receiver
    assert isinstance(receiver, PatternValue)
    if method.name not in {"search", "match", "findall"}:
        return call.unknown(f"the method {method.name!r} of a pattern")
    text = call.get(0, "string")
    return search_pattern(call, receiver.pattern, text, flags=receiver.flags, kind=method.name)


def _of_match(method: BoundMethod, call: Call) -> Value:
    receiver = method.receiver
    assert isinstance(receiver, MatchValue)
    match method.name:
        case "group" | "__getitem__":
            keys = call.arguments.positional or (0,)
            found = tuple(group_of(receiver, key) for key in keys)
            return found[0] if len(found) == 1 else found
        case "groups":
            return receiver.groups[1:]
        case "groupdict":
            return {name: receiver.groups[index] for name, index in receiver.names}
        case _:
            return call.unknown(f"the method {method.name!r} of a match")


def _of_environment(method: BoundMethod, call: Call) -> Value:
    receiver, name = method.receiver, call.get(0)
    assert isinstance(receiver, Environment)
    if not isinstance(name, str):
        return call.unknown("an environment variable")
    match method.name:
        case "get" | "pop" | "setdefault":
            try:
                value = variable_of(call.machine, receiver, name, call.line)
            except KeyError:
                value = call.get(1, "default")
            if method.name == "setdefault":
                receiver.names[name] = value
            return value
        case _:
            return call.unknown(f"the method {method.name!r} of the environment")


def _of_config(method: BoundMethod, call: Call) -> Value:
    """`configparser`'s own errors are ValueError or KeyError to the program: it can't be built then anyway."""
    # As in `functions`: only programs that use it pay for the import.
    from configparser import Error  # noqa: PLC0415

    receiver = method.receiver
    assert isinstance(receiver, ConfigValue)
    try:
        return _config_method(receiver, method.name, call)
    except Error as error:
        raise Raised(type(error)) from error


def _config_method(receiver: ConfigValue, name: str, call: Call) -> Value:
    section, option = call.get(0, "section"), call.get(1, "option")
    match name:
        case "read" | "read_file" | "readfp":
            source = section if isinstance(section, TextFile) else open_file(call, call.get(0, "filenames"))
            if not isinstance(source, TextFile):
                return source
            _read_config(receiver, source.rest(), call)
            return [source.path]
        case "read_string" if isinstance(section, str):
            _read_config(receiver, section, call)
            return None
        case "sections":
            return list(receiver.parser.sections())
        case "has_section" if isinstance(section, str):
            return receiver.parser.has_section(section)
        case "has_option" if isinstance(section, str) and isinstance(option, str):
            return receiver.parser.has_option(section, option)
        case "get" if isinstance(section, str) and isinstance(option, str):
            return config_text(
                call.machine, receiver, receiver.parser.get(section, option, raw=True), call.line
            )
        case "items" if isinstance(section, str):
            items = receiver.parser.items(section, raw=True)
            return [(key, config_text(call.machine, receiver, text, call.line)) for key, text in items]
        case _:
            return call.unknown(f"the method {name!r} of a configuration")


def _read_config(receiver: ConfigValue, text: str, call: Call) -> None:
    call.machine.spend(len(text) // 10)
    receiver.parser.read_string(text)


def _of_module(method: BoundMethod, _call: Call) -> Value:
    return method.receiver if method.name == "load_module" else None


OBJECT_METHODS: tuple[tuple[type, Callable[[BoundMethod, Call], Value]], ...] = (
    (TextFile, _of_file),
    (PathValue, _of_path),
    (PatternValue, _of_pattern),
    (MatchValue, _of_match),
    (ConfigValue, _of_config),
    (Environment, _of_environment),
    (Module, _of_module),
)
"""By the kind of the object."""
