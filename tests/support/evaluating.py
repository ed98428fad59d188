"""What a recipe's text means on one target, told without any of conda-bridge's own readers.

v0 is read as conda-build reads it: selectors line by line with its pattern and Python's own evaluation, then
jinja2, then YAML. v1 is read as rattler-build does: YAML, then `if`s and `${{ }}`. Both give one shape, so that
a recipe's two texts can be compared.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined
from packaging.version import Version

__all__ = ["GRID", "Meaning", "Output", "Place", "meaning_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a recipe is evaluated."""

    platform: str
    python: str
    build_platform: str = ""


GRID = tuple(
    Place(platform=platform, python=python)
    for platform in ("linux-64", "linux-aarch64", "osx-arm64", "win-64")
    for python in ("3.10", "3.12", "3.14")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One package of a recipe on one target."""

    name: str
    is_skipped: bool
    noarch: str
    requirements: tuple[tuple[str, tuple[str, ...]], ...]
    script: tuple[str, ...]
    entry_points: tuple[str, ...]
    imports: tuple[str, ...]
    commands: tuple[str, ...]
    about: tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """The whole recipe on one target."""

    name: str
    version: str
    number: str
    sources: tuple[tuple[tuple[str, str], ...], ...]
    outputs: tuple[Output, ...]
    maintainers: tuple[str, ...]


def meaning_of(text: str, recipe_format: str, place: Place) -> Meaning:
    """Return what the text of a `v1` or a `v0` recipe means there."""
    return _v1(text, place) if recipe_format == "v1" else _v0(text, place)


# ---------------------------------------------------------------- what both know


_ARCHS = {"64": "x86_64", "32": "x86"}
_ABOUT = {"home": "homepage", "dev_url": "repository", "doc_url": "documentation"}
_ENGINE_VARIABLES = (
    "PYTHON", "PREFIX", "SP_DIR", "SRC_DIR", "RECIPE_DIR", "CPU_COUNT", "PKG_NAME", "PKG_VERSION",
    "BUILD_PREFIX", "LIBRARY_BIN", "LIBRARY_INC", "LIBRARY_LIB", "LIBRARY_PREFIX",
)  # fmt: skip


def _names(place: Place) -> dict[str, Any]:
    system, _, suffix = place.platform.partition("-")
    arch = _ARCHS.get(suffix, suffix)
    known = dict.fromkeys(("linux", "osx", "win"), False)
    archs = dict.fromkeys(
        (
            "x86",
            "x86_64",
            "aarch64",
            "arm64",
            "ppc64le",
            "ppc64",
            "s390x",
            "riscv64",
            "wasm32",
            "armv6l",
            "armv7l",
            "loongarch64",
            "riscv32",
        ),
        False,
    )
    return {
        **known,
        **archs,
        system: True,
        arch: True,
        "unix": system in {"linux", "osx"},
        "is_abi3": True,
        "is_python_min": place.python == "3.10",
        "python_min": "3.10",
        "build_platform": place.build_platform or place.platform,
        "target_platform": place.platform,
        "compiler": lambda language: f"compiler({language})",
        "stdlib": lambda language: f"stdlib({language})",
        **{name: f"<{name}>" for name in _ENGINE_VARIABLES},
    }


def _pin(function: str) -> Any:
    def call(name: str, **bounds: object) -> str:
        # v0 and v1 name the bounds differently.
        named = {"min_pin": "lower_bound", "max_pin": "upper_bound"}
        said = sorted((named.get(key, key), str(value)) for key, value in bounds.items())
        return f"{function}({name}, {said})"

    return call


def _pins() -> dict[str, Any]:
    return {name: _pin(name) for name in ("pin_subpackage", "pin_compatible")}


def _listed(value: object) -> list[Any]:
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list) else [value]


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in _listed(value))


def _section(specs: Iterable[str]) -> tuple[str, ...]:
    # v1 spells the lowest python `3.10.*`, v0 `3.10`.
    return tuple(re.sub(r"^python (\d+\.\d+)\.\*$", r"python \1", " ".join(spec.split())) for spec in specs)


def _about_of(about: Mapping[str, Any]) -> tuple[tuple[str, object], ...]:
    renamed = {_ABOUT.get(key, key): value for key, value in about.items()}
    return tuple(
        (key, _texts(value) if key == "license_file" else str(value))
        for key, value in sorted(renamed.items())
    )


# ---------------------------------------------------------------- v0


_SELECTOR = re.compile(r"(.+?)\s*(#.*)?\[([^\[\]]+)\](?(2)[^\(\)]*)$")
"""As conda-build has it: what stands in brackets at a line's end, in a comment or not."""


def _v0(text: str, place: Place) -> Meaning:
    major, minor = place.python.split(".")
    names = _names(place) | _pins() | {"py": int(major + minor), "np": 200, "py3k": True, "py2k": False}
    lines = "\n".join(_selected(text, names))
    rendered = Environment(undefined=StrictUndefined, autoescape=False).from_string(lines).render(names)
    tree = yaml.load(rendered, Loader=_V0Loader)
    build = tree.get("build") or {}
    flat = _v0_output(tree["package"]["name"], tree, build)
    outputs = tuple(_v0_output(o["name"], o, o.get("build") or {}) for o in tree.get("outputs") or ())
    return Meaning(
        name=str(tree["package"]["name"]),
        version=str(tree["package"]["version"]),
        number=str(build.get("number", 0)),
        sources=tuple(_v0_source(source) for source in _listed(tree.get("source"))),
        outputs=outputs or (flat,),
        maintainers=_texts((tree.get("extra") or {}).get("recipe-maintainers")),
    )


def _selected(text: str, names: Mapping[str, Any]) -> Iterator[str]:
    for line in text.split("\n"):
        if line.lstrip().startswith("#"):
            continue
        match = _SELECTOR.match(line.rstrip())
        if match is None:
            yield line
        elif eval(match.group(3), {"__builtins__": {}}, dict(names)):
            yield match.group(1)


class _V0Loader(yaml.SafeLoader):
    """Numbers stay text, as conda-build's loader keeps them."""


_V0Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern) for tag, pattern in resolvers if not tag.endswith((":int", ":float", ":timestamp"))
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _v0_source(source: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    renamed = {"git_url": "git", "git_rev": "rev"}
    return tuple(sorted((renamed.get(key, key), str(value)) for key, value in source.items()))


def _v0_output(name: str, tree: Mapping[str, Any], build: Mapping[str, Any]) -> Output:
    requirements = tree.get("requirements") or {}
    test = tree.get("test") or {}
    renamed = {"run_constrained": "run_constraints"}
    return Output(
        name=str(name),
        is_skipped=bool(build.get("skip", False)),
        noarch=str(build.get("noarch") or ""),
        requirements=tuple(
            (renamed.get(key, key), _section(_texts(value)))
            for key, value in requirements.items()
            if _listed(value)
        ),
        script=_texts(build.get("script") or tree.get("script")),
        entry_points=_texts(build.get("entry_points")),
        imports=_texts(test.get("imports")),
        commands=tuple(sorted(_texts(test.get("commands")))),
        about=_about_of(tree.get("about") or {}),
    )


# ---------------------------------------------------------------- v1


def _v1(text: str, place: Place) -> Meaning:
    tree = yaml.load(text, Loader=yaml.BaseLoader)
    python_min = tree.get("context", {}).get("python_min", "3.10")
    names = _names(place) | _pins() | {"match": _match, "python": place.python, "python_min": python_min}
    reader = _V1(names)
    names["version"] = reader.value((tree.get("context") or {}).get("version"))
    tree = {key: value if key == "context" else reader.resolved(value) for key, value in tree.items()}
    head = tree.get("package") or tree["recipe"]
    build = tree.get("build") or {}
    about = tree.get("about") or {}
    outputs = tuple(
        _v1_output(o["package"]["name"], {**o, "about": {**about, **(o.get("about") or {})}})
        for o in _listed(tree.get("outputs"))
    )
    return Meaning(
        name=head["name"],
        version=head["version"],
        number=str(build.get("number", 0)),
        sources=tuple(tuple(sorted(source.items())) for source in _listed(tree.get("source"))),
        outputs=outputs or (_v1_output(head["name"], tree),),
        maintainers=_texts((tree.get("extra") or {}).get("recipe-maintainers")),
    )


class _V1:
    """Resolves `if`s and expressions as rattler-build does."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.jinja = Environment(
            variable_start_string="${{", variable_end_string="}}", undefined=StrictUndefined, autoescape=False
        )

    def value(self, text: object) -> Any:
        if not isinstance(text, str) or "${{" not in text:
            return text
        return self.jinja.from_string(text).render(self.names)

    def holds(self, condition: str) -> bool:
        return bool(self.jinja.compile_expression(condition.strip())(**{"true": True, **self.names}))

    def resolved(self, value: object) -> Any:
        if isinstance(value, dict):
            return {
                key: self.conditions(v) if key == "skip" else self.resolved(v) for key, v in value.items()
            }
        if isinstance(value, list):
            return [item for entry in value for item in self.entries(entry)]
        return self.value(value)

    def conditions(self, value: object) -> bool:
        return any(self.holds(str(one)) for one in _listed(value))

    def entries(self, entry: object) -> Iterator[Any]:
        if not (isinstance(entry, dict) and "if" in entry):
            yield self.resolved(entry)
            return
        branch = entry.get("then") if self.holds(entry["if"]) else entry.get("else")
        for item in _listed(branch):
            yield from self.entries(item)


def _v1_output(name: str, tree: Mapping[str, Any]) -> Output:
    build = tree.get("build") or {}
    script = build.get("script")
    python = build.get("python") or {}
    tests = _listed(tree.get("tests"))
    python_tests = [test["python"] for test in tests if "python" in test]
    has_pip_check = any(str(test.get("pip_check", "true")) == "true" for test in python_tests)
    commands = [line for test in tests for line in _texts(test.get("script"))]
    return Output(
        name=name,
        is_skipped=bool(build.get("skip", False)),
        noarch=build.get("noarch", ""),
        requirements=tuple(
            (key, _section(_texts(value))) for key, value in (tree.get("requirements") or {}).items() if value
        ),
        script=_texts(script.get("content") if isinstance(script, dict) else script),
        entry_points=_texts(python.get("entry_points")),
        imports=tuple(module for test in python_tests for module in _texts(test.get("imports"))),
        commands=tuple(sorted([*(["pip check"] if has_pip_check else []), *commands])),
        about=_about_of(tree.get("about") or {}),
    )


def _match(version: str, spec: str) -> bool:
    return any(all(_clause(version, clause) for clause in part.split(",")) for part in spec.split("|"))


def _clause(version: str, clause: str) -> bool:
    operator, bound = re.fullmatch(r"\s*(>=|<)\s*([0-9.]+)\s*", clause).groups()  # type: ignore[union-attr]
    low = Version(version) < Version(bound)
    return low if operator == "<" else not low
