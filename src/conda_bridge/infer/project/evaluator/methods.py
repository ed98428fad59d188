"""Methods of known values."""

import re
from collections.abc import Callable

from conda_bridge.infer.project.evaluator.attributes import group_of, variable_of
from conda_bridge.infer.project.evaluator.files import ROOT, relative
from conda_bridge.infer.project.evaluator.interpreter import Call
from conda_bridge.infer.project.evaluator.operators import MAX_SIZE, text_of
from conda_bridge.infer.project.evaluator.regex import UnsafePatternError, find_matches
from conda_bridge.infer.project.evaluator.values import (
    OPEN_KEY,
    Arguments,
    BoundMethod,
    BudgetSpentError,
    ConfigValue,
    Environment,
    MatchValue,
    Module,
    PathValue,
    PatternValue,
    Raised,
    TextFile,
    Unknown,
    Value,
    first_unknown,
)

__all__ = ["call_method", "format_text", "open_file", "search_pattern"]

_FIELD = re.compile(r"\{(\w*)(!s)?\}|\{\{|\}\}")

_STRING_METHODS: frozenset[str] = frozenset({
    "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "startswith", "endswith", "lower", "upper",
    "title", "capitalize", "casefold", "partition", "rpartition", "find", "rfind", "index", "rindex", "count",
    "isdigit", "isalpha", "isalnum", "isspace", "isidentifier", "isupper", "islower", "isnumeric",
    "isdecimal", "removeprefix", "removesuffix", "swapcase", "encode",
})  # fmt: skip
_LIST_METHODS: frozenset[str] = frozenset(
    {"append", "extend", "insert", "remove", "index", "copy", "sort", "pop", "reverse", "count", "clear"}
)
_SET_METHODS: frozenset[str] = frozenset(
    {"add", "update", "discard", "remove", "union", "difference", "intersection", "copy"}
)


def call_method(method: BoundMethod, call: Call) -> Value:
    """Return what a method of a known value returns.

    Raises:
        Raised, TypeError, ValueError, LookupError: as the method does.
    """
    for kinds, methods in _METHODS:
        if isinstance(method.receiver, kinds):
            return methods(method, call)
    return call.unknown(f"the method {method.name!r}")


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


def format_text(template: str, arguments: Arguments) -> str | None:
    """Return `template.format(...)` for fields without attributes and formats; None for others.

    Raises:
        IndexError, KeyError, ValueError: a field has no value, or fields are of two styles.
    """
    parts: list[str] = []
    styles: set[bool] = set()
    position = automatic = size = 0
    for field in _FIELD.finditer(template):
        literal = template[position : field.start()]
        position = field.end()
        if "{" in literal or "}" in literal:
            return None
        if field[0] in {"{{", "}}"}:
            value: Value = field[0][0]
        elif field[1].isdecimal() or not field[1]:
            styles.add(bool(field[1]))
            value = arguments.positional[int(field[1]) if field[1] else automatic]
            automatic += not field[1]
        else:
            value = arguments.keywords[field[1]]
        text = text_of(value)
        if text is None:
            return None
        parts += (literal, text)
        size += len(literal) + len(text)
        if size > MAX_SIZE:
            raise BudgetSpentError("a formatted text grows too large")
    if len(styles) > 1:
        raise ValueError("numbered and automatic fields don't mix")
    rest = template[position:]
    return None if "{" in rest or "}" in rest else "".join((*parts, rest))


# ---------------------------------------------------------------- text


def _of_text(method: BoundMethod, call: Call) -> Value:
    receiver = method.receiver
    assert isinstance(receiver, str | bytes)
    doubt = call.arguments.unknown()
    if doubt is not None:
        return doubt
    call.machine.spend(len(receiver) // 1000)
    if method.name == "decode":
        # Files opened as bytes are text already.
        return receiver if isinstance(receiver, str) else receiver.decode(errors="replace")
    if isinstance(receiver, str):
        result = _text_builder(receiver, method.name, call)
        if result is not None:
            return result
    if method.name not in _STRING_METHODS or (method.name == "encode" and isinstance(receiver, bytes)):
        return call.unknown(f"the method {method.name!r}")
    found: Value = getattr(receiver, method.name)(*call.arguments.positional, **call.arguments.keywords)
    return found


def _text_builder(receiver: str, name: str, call: Call) -> Value | None:
    """Return the result of the methods that may make a text longer; None for the others."""
    match name:
        case "format":
            return format_text(receiver, call.arguments)
        case "join":
            items = call.get(0, "iterable")
            members = items.rest().splitlines(keepends=True) if isinstance(items, TextFile) else items
            if not isinstance(members, list | tuple | set | str | dict):
                return None
            texts = [member for member in members if isinstance(member, str)]
            if len(texts) != len(members):
                raise TypeError(name)
            _check_size(sum(map(len, texts)) + len(receiver) * len(texts))
            return receiver.join(texts)
        case "replace":
            old, new = call.get(0, "old"), call.get(1, "new")
            if not isinstance(old, str) or not isinstance(new, str) or len(call.arguments.positional) > 2:
                return None
            _check_size(len(receiver) + receiver.count(old) * len(new))
            return receiver.replace(old, new)
        case _:
            return None


def _check_size(size: int) -> None:
    if size > MAX_SIZE:
        raise BudgetSpentError(f"a value grows beyond {MAX_SIZE} characters")


# ---------------------------------------------------------------- containers


def _of_list(method: BoundMethod, call: Call) -> Value:
    receiver, name = method.receiver, method.name
    assert isinstance(receiver, list)
    if name not in _LIST_METHODS:
        return call.unknown(f"the method {name!r}")
    _check_size(len(receiver))
    if name == "append":
        receiver.append(call.get(0))
        return None
    if name == "extend":
        receiver.extend(_items(call, call.get(0)))
        return None
    if name == "sort":
        # The order of requirements and classifiers means nothing, and keys may be functions.
        return None
    doubt = call.arguments.unknown() or first_unknown(receiver)
    if doubt is not None and name not in {"copy", "reverse", "clear"}:
        receiver.append(doubt)
        return doubt
    result: Value = getattr(receiver, name)(*call.arguments.positional)
    return result


def _items(call: Call, value: Value) -> list[Value]:
    """Return the items of a value; one unknown item where they aren't known."""
    if isinstance(value, TextFile):
        return list(value.rest().splitlines(keepends=True))
    if isinstance(value, dict) and OPEN_KEY in value:
        return [call.unknown("the keys of a dict")]
    if isinstance(value, list | tuple | str | dict):
        return list(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    return [first_unknown(value) or call.unknown("an iteration")]


def _of_dict(method: BoundMethod, call: Call) -> Value:
    receiver = method.receiver
    assert isinstance(receiver, dict)
    is_open = OPEN_KEY in receiver
    key = call.get(0)
    match method.name:
        case "update":
            _update(receiver, call)
            return None
        case "copy":
            return dict(receiver)
        case "keys" | "values" | "items" if not is_open:
            return list(getattr(receiver, method.name)())
        case "get" | "pop" | "setdefault" if not isinstance(key, Unknown):
            if is_open and key not in receiver:
                return call.unknown(f"the entry {key!r}")
            result: Value = getattr(receiver, method.name)(*call.arguments.positional)
            return result
        case _:
            return call.unknown(f"the method {method.name!r} of a dict")


def _update(receiver: dict[Value, Value], call: Call) -> None:
    value = call.get(0, default={})
    pairs = list(value.items()) if isinstance(value, dict) else value
    is_known = isinstance(pairs, list) and all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs)
    if isinstance(pairs, list) and is_known:
        receiver.update(pairs)
    receiver.update(call.arguments.keywords)
    if not is_known or call.arguments.is_open:
        # The entries that are known may have been replaced.
        receiver.update(dict.fromkeys(receiver, call.unknown("what a dict was updated with")))
        receiver[OPEN_KEY] = True


def _of_set(method: BoundMethod, call: Call) -> Value:
    receiver = method.receiver
    assert isinstance(receiver, set)
    doubt = call.arguments.unknown()
    if method.name not in _SET_METHODS or doubt is not None:
        receiver.add(doubt or call.unknown(f"the method {method.name!r} of a set"))
        return doubt
    result: Value = getattr(receiver, method.name)(*call.arguments.positional)
    return result


# ---------------------------------------------------------------- files, paths, matches, modules


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
            if None in texts:
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
            receiver.parser.read_string(source.rest())
            return [source.path]
        case "read_string" if isinstance(section, str):
            receiver.parser.read_string(section)
            return None
        case "sections":
            return list(receiver.parser.sections())
        case "has_section" if isinstance(section, str):
            return receiver.parser.has_section(section)
        case "has_option" if isinstance(section, str) and isinstance(option, str):
            return receiver.parser.has_option(section, option)
        case "get" if isinstance(section, str) and isinstance(option, str):
            return receiver.parser.get(section, option)
        case "items" if isinstance(section, str):
            return [tuple(item) for item in receiver.parser.items(section)]
        case _:
            return call.unknown(f"the method {name!r} of a configuration")


def _of_module(method: BoundMethod, _call: Call) -> Value:
    return method.receiver if method.name == "load_module" else None


_METHODS: tuple[tuple[type | tuple[type, ...], Callable[..., Value]], ...] = (
    ((str, bytes), _of_text),
    (list, _of_list),
    (dict, _of_dict),
    (set, _of_set),
    (TextFile, _of_file),
    (PathValue, _of_path),
    (PatternValue, _of_pattern),
    (MatchValue, _of_match),
    (ConfigValue, _of_config),
    (Environment, _of_environment),
    (Module, _of_module),
)
