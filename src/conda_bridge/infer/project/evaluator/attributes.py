"""Attributes and items of values."""

import reprlib

from packaging.version import Version

from conda_bridge.infer.project.evaluator.files import MAX_PATH, ROOT
from conda_bridge.infer.project.evaluator.interpreter import Interpreter
from conda_bridge.infer.project.evaluator.operators import SET_BY_BUILDS
from conda_bridge.infer.project.evaluator.values import (
    OPEN_KEY,
    BoundMethod,
    ConfigValue,
    Environment,
    MatchValue,
    Module,
    PathValue,
    PatternValue,
    Raised,
    Record,
    Reference,
    TextFile,
    Unknown,
    Value,
    VersionInfo,
    first_unknown,
)

__all__ = ["attribute_of", "config_text", "group_of", "item_of", "variable_of"]

_RE_FLAGS = {
    "I": 2, "IGNORECASE": 2, "M": 8, "MULTILINE": 8, "S": 16, "DOTALL": 16, "U": 32, "UNICODE": 32,
    "A": 256, "ASCII": 256, "X": 64, "VERBOSE": 64,
}  # fmt: skip
_CONSTANTS: dict[str, Value] = {
    **{f"re.{name}": value for name, value in _RE_FLAGS.items()},
    "sys.maxsize": 2**63 - 1,
    "sys.byteorder": "little",
    "sys.implementation.name": "cpython",
    "os.sep": "/",
    "os.path.sep": "/",
    "os.linesep": "\n",
    "os.pardir": "..",
    "os.path.pardir": "..",
    "os.curdir": ".",
    "os.path.curdir": ".",
    "six.PY2": False,
    "six.PY3": True,
    "typing.TYPE_CHECKING": False,
    # Distributors have a current one; programs only ask whether it is older than ten years.
    "setuptools.__version__": "80.9.0",
}
_BUILTIN = (str, bytes, list, tuple, dict, set, frozenset)
_WITH_METHODS = (
    str, bytes, list, tuple, dict, set, frozenset, TextFile, PatternValue, MatchValue, ConfigValue, Environment,
)  # fmt: skip


def attribute_of(machine: Interpreter, value: Value, name: str, line: int) -> Value:
    """Return an attribute of a value.

    Raises:
        Raised: the value can't have it.
    """
    if value is None or (isinstance(value, _BUILTIN) and not hasattr(value, name) and name != "decode"):
        raise Raised(AttributeError)
    if isinstance(value, _WITH_METHODS):
        return BoundMethod(value, name)
    match value:
        case Unknown():
            return value
        case Reference(owner):
            return _of_reference(machine, f"{owner}.{name}")
        case Module():
            return _of_module(machine, value, name, line)
        case PathValue():
            return _of_path(machine, value, name, line)
        case VersionInfo():
            return _of_version_info(machine, name, line)
        case Record():
            return _of_record(value, name)
        case Version():
            return _of_version(machine, value, name, line)
        case _:
            return machine.unknown(line, f"the attribute {name!r}")


def item_of(machine: Interpreter, value: Value, key: Value, line: int) -> Value:
    """Return `value[key]`.

    Raises:
        Raised, IndexError, KeyError, TypeError: as Python does.
    """
    if isinstance(value, Unknown) or isinstance(key, Unknown):
        return value if isinstance(value, Unknown) else key
    if isinstance(value, VersionInfo):
        return _item_of_version_info(machine, key, line)
    if isinstance(value, MatchValue):
        return group_of(value, key)
    if isinstance(value, ConfigValue) and isinstance(key, str):
        return _section(machine, value, key, line)
    if isinstance(value, Environment) and isinstance(key, str):
        return variable_of(machine, value, key, line)
    if isinstance(value, dict):
        if key not in value and OPEN_KEY in value:
            return machine.unknown(line, f"the entry {reprlib.repr(key)}")
        return value[key]
    if isinstance(value, (str, bytes, list, tuple)) and isinstance(key, int | slice):
        return value[key]
    if value is None:
        raise Raised(TypeError)
    return first_unknown(key) or machine.unknown(line, "an item")


def variable_of(machine: Interpreter, environment: Environment, name: str, line: int) -> Value:
    """Return an environment variable.

    Builds start from a clean environment, which has the variables of the engine and of the compilers but
    none that only this project knows.

    Raises:
        KeyError: the variable isn't set.
    """
    if name in environment.names:
        return environment.names[name]
    if SET_BY_BUILDS.match(name):
        return machine.unknown(line, f"the environment variable {name!r}")
    raise KeyError(name)


def _section(machine: Interpreter, value: ConfigValue, key: str, line: int) -> Value:
    if key not in value.parser:
        raise KeyError(key)
    items = value.parser.items(key, raw=True)
    return {name: config_text(machine, value, text, line) for name, text in items}


def config_text(machine: Interpreter, value: ConfigValue, text: str, line: int) -> Value:
    """Return an option's text as the parser would; references to other options aren't followed.

    They may stand for texts of any length: ten options that name the next one a hundred times are enough.
    """
    # Only programs that use configparser pay for its import.
    from configparser import ConfigParser  # noqa: PLC0415

    if not isinstance(value.parser, ConfigParser) or not isinstance(text, str):
        return text
    if "%" in text.replace("%%", ""):
        return machine.unknown(line, "an option that refers to others")
    return text.replace("%%", "%")


def group_of(value: MatchValue, key: Value) -> Value:
    """Return a group of a match by number or name.

    Raises:
        Raised: there is no such group.
    """
    index = dict(value.names).get(key) if isinstance(key, str) else key
    if not isinstance(index, int) or not 0 <= index < len(value.groups):
        raise Raised(IndexError)
    return value.groups[index]


def _parent_of(path: str) -> str:
    """Return the folder of a path, as `pathlib` does."""
    head = path.rstrip("/").rpartition("/")[0]
    return head or ("/" if path.startswith("/") else ".")


def _of_reference(machine: Interpreter, name: str) -> Value:
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    match name:
        case "sys.platform":
            return machine.ask(lambda world: world.platform.sys_platform)
        case "os.name":
            return machine.ask(lambda world: world.platform.os_name)
        case "os.pathsep":
            return machine.ask(lambda world: ";" if world.platform.os_name == "nt" else ":")
        case "sys.version_info":
            return VersionInfo()
        case "sys.version":
            return machine.ask(lambda world: f"3.{world.minor}.0 (main) [GCC]")
        case "sys.argv":
            return machine.arguments
        case "os.environ":
            return machine.environment
        case "sys.hexversion":
            return machine.ask(lambda world: 0x03000000 + (world.minor << 16) + 0xF0)
        case _:
            return Reference(name)


def _of_module(machine: Interpreter, module: Module, name: str, line: int) -> Value:
    names = machine.names_of(module)
    if name == "__dict__":
        return names
    if name in names:
        value = names[name]
        return machine.resolve(value, line)
    # `importlib`'s specs and loaders stand for their module, which is followed when a name is asked for.
    if name == "loader":
        return module
    if name in {"exec_module", "load_module"}:
        return BoundMethod(module, name)
    inner = machine.find_submodule(module, name)
    return inner or machine.unknown(line, f"{module.path} has no known {name!r}")


def _of_path(machine: Interpreter, value: PathValue, name: str, line: int) -> Value:
    match name:
        case "parent":
            return PathValue(_parent_of(value.path))
        case "parents" if len(value.path) <= MAX_PATH:
            found = [value.path]
            while _parent_of(found[-1]) not in {found[-1], ROOT.rpartition("/")[0]}:
                found.append(_parent_of(found[-1]))
            return tuple(map(PathValue, found[1:]))
        case "name":
            return value.path.rpartition("/")[2]
        case "stem":
            return value.path.rpartition("/")[2].rpartition(".")[0] or value.path.rpartition("/")[2]
        case "suffix":
            return machine.unknown(line, "a path's suffix")
        case _:
            return BoundMethod(value, name)


def _of_version_info(machine: Interpreter, name: str, line: int) -> Value:
    keys = {"major": 0, "minor": 1}
    if name not in keys:
        return machine.unknown(line, f"sys.version_info.{name}")
    return _item_of_version_info(machine, keys[name], line)


def _item_of_version_info(machine: Interpreter, key: Value, line: int) -> Value:
    if key == 0:
        return 3
    if key == 1:
        return machine.ask(lambda world: world.minor)
    if isinstance(key, slice) and key.start in {None, 0} and key.step is None and isinstance(key.stop, int):
        if key.stop == 1:
            return (3,)
        return VersionInfo(is_short=key.stop == 2) if key.stop >= 2 else machine.unknown(line, "a slice")
    return machine.unknown(line, "the patch level of python")


def _of_version(machine: Interpreter, value: Version, name: str, line: int) -> Value:
    known: dict[str, Value] = {
        "major": value.major,
        "minor": value.minor,
        "micro": value.micro,
        "release": value.release,
        "version": list(value.release),
        "public": value.public,
        "base_version": value.base_version,
        "is_prerelease": value.is_prerelease,
    }
    return known[name] if name in known else machine.unknown(line, f"the attribute {name!r} of a version")


def _of_record(value: Record, name: str) -> Value:
    attributes = dict(value.attributes)
    if name not in attributes:
        raise Raised(AttributeError)
    return attributes[name]
