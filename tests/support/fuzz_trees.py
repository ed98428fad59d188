"""Trees of a good document, changed at random places and written again: valid syntax, hostile content."""

import copy
import json
import tomllib
from collections.abc import Callable
from random import Random
from typing import Any

import yaml

__all__ = ["json_trees", "toml_trees", "yaml_trees"]

_TEXTS = (
    "", " ", "x", "demo", "demo-1.0.tar.gz", "1.0", "1.0+local", "1!2", "9" * 5000, ">=1,<2", "==1.*", "===x", "../../x",
    "/etc/passwd", "a\nb", "a\x00b", "\u202e", "\x1b[31m", "\ud7ff", "{{ x }}", "${{ env.get('X') }}", "# [win]", "{% raw %}",
    "$(id)", "`id`", "a; b", "a b", "-a", "a/b", "https://u:p@x/y?token=z", "javascript:x", "file:///x", "dep:generic/x",
    "a @ https://x", "a[b]; extra == 'x'", "a; python_version < '3'", "python", "demo[x]", "a:b", "a:b; c", "LICENSE", "**/*",
    "MIT", "MIT OR (GPL-2.0 AND", "LicenseRef-x", "setuptools.build_meta", "hatchling.build", "0" * 64, "is_abi3", "win",
    "match(python, '<3.11')", "not win", "pypi", "v1", "certain", "error", "true", "null", "${{ version }}", "| x", "a" * 3000,
)  # fmt: skip
_OTHERS: tuple[Any, ...] = (
    0, -1, 1, 2**63, 10**400, 1.5, float("inf"), float("nan"), True, False, None, [], {}, [[]], [None], {"a": {}},
    [{"if": "win", "then": "x"}], {"if": "x", "then": ["y"], "else": []},
)  # fmt: skip


def json_trees(*seeds: str) -> Callable[[Random], bytes]:
    """Return a maker of JSON documents."""
    trees = [json.loads(seed) for seed in seeds]
    return lambda random: _encoded(json.dumps(_changed(random.choice(trees), random)))


def toml_trees(*seeds: str) -> Callable[[Random], bytes]:
    """Return a maker of TOML documents, all of whose tables are inline."""
    trees = [tomllib.loads(seed) for seed in seeds]
    return lambda random: _encoded(_toml_document(_changed(random.choice(trees), random)))


def yaml_trees(*seeds: str) -> Callable[[Random], bytes]:
    """Return a maker of YAML documents."""
    trees = [yaml.load(seed, Loader=yaml.BaseLoader) for seed in seeds]
    return lambda random: _encoded(
        yaml.safe_dump(
            _changed(random.choice(trees), random), sort_keys=False, allow_unicode=random.random() < 0.5
        )
    )


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _changed(tree: Any, random: Random) -> Any:
    tree = copy.deepcopy(tree)
    for _ in range(random.choice((1, 1, 2, 3, 5))):
        places = list(_places(tree))
        if not places:
            return tree
        holder, key = random.choice(places)
        _change(holder, key, random)
    return tree


def _places(tree: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    pending = [tree]
    while pending:
        holder = pending.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            found.append((holder, key))
            if isinstance(holder[key], dict | list):
                pending.append(holder[key])
    return found


def _change(holder: Any, key: Any, random: Random) -> None:
    value = holder[key]
    match random.randrange(10):
        case 0:
            del holder[key]
        case 1:
            holder[key] = copy.deepcopy(random.choice(_OTHERS))
        case 2 if isinstance(value, list):
            value.extend(copy.deepcopy(value) * random.choice((1, 3, 300)))
        case 3 if isinstance(holder, dict):
            holder[random.choice(_TEXTS)] = value
        case 4:
            holder[key] = [value] if random.random() < 0.5 else {random.choice(_TEXTS): value}
        case 5 if isinstance(value, str):
            holder[key] = value + random.choice(_TEXTS)
        case 6 if isinstance(value, str):
            holder[key] = random.choice(_TEXTS) + value
        case 7 if isinstance(value, list):
            value.append(random.choice(_TEXTS))
        case _:
            holder[key] = random.choice(_TEXTS)


def _toml_document(tree: dict[str, Any]) -> str:
    return "".join(f"{_toml(str(key))} = {_toml(value)}\n" for key, value in tree.items())


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(str(key))} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return json.dumps("" if value is None else str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
