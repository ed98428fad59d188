"""The functions of the standard library, pip and setuptools that are understood: a closed list, all pure here."""

import ast
import json
import posixpath
import shlex
import textwrap
from collections.abc import Callable

from packaging.version import Version

from conda_bridge.infer.project.evaluator.builtin_functions import (
    BUILTINS,
    Known,
    chained,
    check_hashing,
    items_of,
)
from conda_bridge.infer.project.evaluator.files import MAX_PATH, ROOT, relative
from conda_bridge.infer.project.evaluator.interpreter import Call
from conda_bridge.infer.project.evaluator.methods import call_method
from conda_bridge.infer.project.evaluator.object_methods import open_file, search_pattern
from conda_bridge.infer.project.evaluator.operators import text_of
from conda_bridge.infer.project.evaluator.values import (
    BoundMethod,
    BudgetSpentError,
    ConfigValue,
    FactoryDict,
    Module,
    PathValue,
    PatternValue,
    Raised,
    Record,
    Reference,
    TextFile,
    Unknown,
    Value,
)

__all__ = ["FUNCTIONS"]

_MAX_LITERAL = 20_000
_MAX_VERSION = 1_000
_FACTORIES: dict[str, Callable[[], Value]] = {
    "builtins.list": list,
    "builtins.dict": dict,
    "builtins.set": set,
}


# ---------------------------------------------------------------- containers


def _fromkeys(call: Call) -> Value:
    items = items_of(call, call.get(0))
    if isinstance(items, Unknown):
        return items
    check_hashing(call, items)
    return dict.fromkeys(items, call.get(1))


def _chain(call: Call) -> Value:
    return chained(call, list(call.arguments.positional))


def _chain_from(call: Call) -> Value:
    items = items_of(call, call.get(0))
    return items if isinstance(items, Unknown) else chained(call, items)


def _default_dict(call: Call) -> Value:
    factory = call.get(0)
    kind = _FACTORIES.get(factory.name) if isinstance(factory, Reference) else None
    if kind is None or len(call.arguments.positional) > 1:
        return call.unknown("a dict with default entries")
    return FactoryDict(kind)


def _constant(value: Value) -> Known:
    return lambda _call: value


# ---------------------------------------------------------------- files and paths


def _join(call: Call) -> Value:
    texts = [text_of(value) for value in call.arguments.positional]
    if not texts or None in texts:
        return call.unknown("a path")
    return posixpath.join(*(text or "" for text in texts))


def _absolute(call: Call) -> Value:
    text = text_of(call.get(0, "path"))
    inside = None if text is None else relative(text)
    if inside is None:
        return call.unknown("a path outside the source")
    return f"{ROOT}/{inside}".rstrip("/")


def _on_path(function: Callable[[str], Value]) -> Known:
    def apply(call: Call) -> Value:
        text = text_of(call.get(0, "path"))
        return call.unknown("a path") if text is None or len(text) > MAX_PATH else function(text)

    return apply


def _exists(kind: str) -> Known:
    def ask(call: Call) -> Value:
        text = text_of(call.get(0, "path"))
        known = None if text is None else call.machine.exists(text, kind=kind)
        return call.unknown("whether a file exists") if known is None else known

    return ask


def _path(call: Call) -> Value:
    texts = [text_of(value) for value in call.arguments.positional]
    if None in texts or sum(len(text or "") for text in texts) > MAX_PATH:
        return call.unknown("a path")
    return PathValue(posixpath.join(*(text or "" for text in texts)) if texts else ".")


def _change_folder(call: Call) -> Value:
    text = text_of(call.get(0, "path"))
    if text is None or relative(text) != "":
        raise BudgetSpentError("the working folder changes")
    return None


# ---------------------------------------------------------------- text, patterns, data


def _search(kind: str) -> Known:
    def find(call: Call) -> Value:
        pattern, flags = call.get(0, "pattern"), call.get(2, "flags", 0)
        if isinstance(pattern, PatternValue):
            return search_pattern(
                call, pattern.pattern, call.get(1, "string"), flags=pattern.flags, kind=kind
            )
        if not isinstance(flags, int):
            return call.unknown("flags of a pattern")
        return search_pattern(call, pattern, call.get(1, "string"), flags=flags, kind=kind)

    return find


def _compile_pattern(call: Call) -> Value:
    pattern, flags = call.get(0, "pattern"), call.get(1, "flags", 0)
    if not isinstance(pattern, str) or not isinstance(flags, int):
        return call.unknown("a pattern")
    return PatternValue(pattern, flags)


def _literal(call: Call) -> Value:
    text = call.get(0, "node_or_string")
    if not isinstance(text, str) or len(text) > _MAX_LITERAL:
        return call.unknown("a literal")
    call.machine.spend(len(text) // 10)
    try:
        value: Value = ast.literal_eval(text.strip())
    except (SyntaxError, RecursionError, MemoryError):
        raise Raised(ValueError) from None
    return value


def _json_loads(call: Call) -> Value:
    text = call.get(0, "s")
    if isinstance(text, TextFile):
        text = text.rest()
    if not isinstance(text, str):
        return call.unknown("a JSON text")
    call.machine.spend(len(text) // 50)
    try:
        value: Value = json.loads(text)
    except RecursionError:
        raise Raised(ValueError) from None
    return value


def _dedent(call: Call) -> Value:
    text = call.get(0, "text")
    if not isinstance(text, str):
        return call.unknown("a text")
    call.machine.spend(len(text) // 10)
    return textwrap.dedent(text)


def _config_parser(*, is_raw: bool) -> Known:
    def build(call: Call) -> Value:
        # configparser is slow to import, and few programs use it.
        from configparser import ConfigParser, RawConfigParser  # noqa: PLC0415

        delimiters = call.get(99, "delimiters", ["=", ":"])
        if call.arguments.positional or not set(call.arguments.keywords) <= {"delimiters", "interpolation"}:
            return call.unknown("a parser of configuration files")
        if not isinstance(delimiters, list | tuple) or not set(delimiters) <= {"=", ":"}:
            return call.unknown("a parser's delimiters")
        marks = tuple(str(mark) for mark in delimiters)
        has_interpolation = not is_raw and "interpolation" not in call.arguments.keywords
        parser = ConfigParser(delimiters=marks) if has_interpolation else RawConfigParser(delimiters=marks)
        return ConfigValue(parser)

    return build


def _shell_words(call: Call) -> Value:
    text = call.get(0, "s")
    if not isinstance(text, str):
        return call.unknown("a command line")
    call.machine.spend(len(text) // 3)
    return shlex.split(text)


def _pip_requirements(call: Call) -> Value:
    """Read requirement files as pip does; options and nested files aren't followed."""
    opened = open_file(call, call.get(0, "filename"))
    if not isinstance(opened, TextFile):
        return opened
    found: list[Value] = []
    for text in opened.rest().splitlines():
        requirement = text.partition(" #")[0].strip()
        if requirement.startswith("-"):
            return call.unknown(f"the option {requirement!r:.40} of a requirements file")
        if requirement and not requirement.startswith("#"):
            found.append(Record(requirement, (("requirement", requirement),)))
    return found


def _package_requirements(call: Call) -> Value:
    """`pkg_resources.parse_requirements`: of a text, or of lines."""
    value = call.get(0, "strs")
    items = value.splitlines() if isinstance(value, str) else items_of(call, value)
    if isinstance(items, Unknown):
        return items
    lines = [text.partition(" #")[0].strip() for text in items if isinstance(text, str)]
    return [Record(text) for text in lines if text and not text.startswith("#")]


# ---------------------------------------------------------------- python, modules, the end


def _version(call: Call) -> Value:
    text = call.get(0, "version")
    if not isinstance(text, str) or len(text) > _MAX_VERSION:
        return call.unknown("a version")
    return Version(text)


def _get_variable(call: Call) -> Value:
    return call_method(BoundMethod(call.machine.environment, "get"), call)


def _python_version(call: Call) -> Value:
    return call.machine.ask(lambda world: f"3.{world.minor}.0")


def _python_version_tuple(call: Call) -> Value:
    return call.machine.ask(lambda world: ("3", str(world.minor), "0"))


def _system(call: Call) -> Value:
    return call.machine.ask(lambda world: world.platform.platform_system)


def _module_at(position: int, keyword: str) -> Known:
    def load(call: Call) -> Value:
        text = text_of(call.get(position, keyword))
        inside = None if text is None else relative(text)
        if inside is None or call.machine.exists(text or "", kind="file") is not True:
            return call.unknown("a module's file")
        return Module(inside)

    return load


def _run_path(call: Call) -> Value:
    module = _module_at(0, "path_name")(call)
    return dict(call.machine.names_of(module)) if isinstance(module, Module) else module


FUNCTIONS: dict[str, Known] = {
    **{f"builtins.{name}": function for name, function in BUILTINS.items()},
    "builtins.dict.fromkeys": _fromkeys,
    "collections.defaultdict": _default_dict,
    "collections.OrderedDict": BUILTINS["dict"],
    "itertools.chain": _chain,
    "itertools.chain.from_iterable": _chain_from,
    "io.open": BUILTINS["open"],
    "codecs.open": BUILTINS["open"],
    "tokenize.open": BUILTINS["open"],
    "os.getcwd": _constant(ROOT),
    "os.chdir": _change_folder,
    "os.fspath": BUILTINS["str"],
    "os.path.join": _join,
    "os.path.abspath": _absolute,
    "os.path.realpath": _absolute,
    "os.path.dirname": _on_path(posixpath.dirname),
    "os.path.basename": _on_path(posixpath.basename),
    "os.path.normpath": _on_path(posixpath.normpath),
    "os.path.split": _on_path(posixpath.split),
    "os.path.splitext": _on_path(posixpath.splitext),
    "os.path.isabs": _on_path(posixpath.isabs),
    "os.path.exists": _exists("any"),
    "os.path.isfile": _exists("file"),
    "os.path.isdir": _exists("folder"),
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "pathlib.PosixPath": _path,
    "pathlib.Path.cwd": _constant(PathValue(ROOT)),
    "re.search": _search("search"),
    "re.match": _search("match"),
    "re.findall": _search("findall"),
    "re.compile": _compile_pattern,
    "ast.literal_eval": _literal,
    "json.loads": _json_loads,
    "json.load": _json_loads,
    "textwrap.dedent": _dedent,
    "shlex.split": _shell_words,
    "configparser.ConfigParser": _config_parser(is_raw=False),
    "configparser.SafeConfigParser": _config_parser(is_raw=False),
    "configparser.RawConfigParser": _config_parser(is_raw=True),
    "inspect.cleandoc": _dedent,
    "pip._internal.req.parse_requirements": _pip_requirements,
    "pip._internal.req.req_file.parse_requirements": _pip_requirements,
    "pkg_resources.parse_requirements": _package_requirements,
    "packaging.version.parse": _version,
    "packaging.version.Version": _version,
    "pkg_resources.parse_version": _version,
    "distutils.version.LooseVersion": _version,
    "distutils.version.StrictVersion": _version,
    "os.getenv": _get_variable,
    "platform.system": _system,
    "platform.python_version": _python_version,
    "platform.python_version_tuple": _python_version_tuple,
    "platform.python_implementation": _constant("CPython"),
    "struct.calcsize": _constant(8),
    "importlib.import_module": BUILTINS["__import__"],
    "importlib.util.spec_from_file_location": _module_at(1, "location"),
    "importlib.util.module_from_spec": BUILTINS["compile"],
    "importlib.machinery.SourceFileLoader": _module_at(1, "path"),
    "imp.load_source": _module_at(1, "pathname"),
    "runpy.run_path": _run_path,
    "sys.exit": BUILTINS["exit"],
    "os._exit": BUILTINS["exit"],
    "os.abort": BUILTINS["exit"],
}
"""By the names under which other modules know them."""
