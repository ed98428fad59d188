"""A recipe -> what rattler-build makes of it in each variant, for a worker's operations.

Two things that its Python API leaves out are worked out here: it renders, and would build, an output whose `skip` holds;
and it gives an output once for each variant of the others.

Source: CEP 13 and CEP 14 (recipe format v1); rattler-build, "Variants".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rattler_build
from rattler_build import PlatformConfig, RenderConfig, RenderedVariant, Stage0Recipe, VariantConfig

from conda_bridge.adapters.worker.answers import Answers
from conda_bridge.errors import RecipeError

__all__ = ["Rendering", "render", "rendered"]

_TRUTHS = {"true": True, "false": False}
_LINE_OF_PARSER = re.compile(r"\b(\d+):\d+: ")
_LINE_OF_SPAN = re.compile(r"\bline: (\d+)")
_QUOTED_MESSAGE = re.compile(r'message: "((?:[^"\\]|\\.)*)"')
_V0_SIGNS = re.compile(r"^\s*\{%|^[^#\n$]*[^$]\{\{|^\s*-?\s*\S.*#\s*\[\w", re.MULTILINE)
_PLAIN_VERSION = re.compile(r"[0-9A-Za-z.]+")
_TESTED_LANGUAGES = {"perl": "perl", "r": "r-base", "ruby": "ruby"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """An output in one variant."""

    variant: RenderedVariant
    recipe: Mapping[str, Any]
    """The recipe without variables and conditions."""

    @property
    def name(self) -> str:
        """Its package's name."""
        return str(self.recipe["package"]["name"])

    @property
    def identity(self) -> tuple[str, str, str]:
        """What no other package has in common with it."""
        return self.name, str(self.recipe["package"]["version"]), str(self.recipe["build"]["string"])


def render(arguments: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """Return the packages that a recipe gives, in the order in which they are built.

    Takes `recipe`, a path; `variants`, {key: [text]}; `zip_keys`; `subdir`. Gives `outputs`, objects with the
    fields of `RenderedOutput`.

    Raises:
        RecipeError: `engine-refuses-recipe`.
    """
    answers.say(f"rendering {arguments['recipe']}")
    return {"outputs": [_as_json(rendering, arguments["subdir"]) for rendering in rendered(arguments)]}


def rendered(arguments: dict[str, Any]) -> list[Rendering]:
    """Return what is built of a recipe, in order, each package once.

    Raises:
        RecipeError: `engine-refuses-recipe`.
    """
    path = arguments["recipe"]
    if Path(path).name == "meta.yaml":
        # Without variables it might be taken for a recipe that asks for nothing.
        raise _refusal_of_v0(path)
    try:
        recipe = Stage0Recipe.from_file(path)
        found = recipe.render(_variant_config(arguments), _render_config(arguments))
        conditions = _skip_conditions(recipe)
        all_renderings = [Rendering(variant=variant, recipe=variant.recipe.to_dict()) for variant in found]
        kept = [each for each in all_renderings if not _is_skipped(each, recipe, conditions, arguments)]
    except rattler_build.RattlerBuildError as error:
        raise _refusal(path, error) from error
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError("engine-refuses-recipe", f"it can't be read: {error}", where=path) from error
    return list({each.identity: each for each in reversed(kept)}.values())[::-1]


def _variant_config(arguments: dict[str, Any]) -> VariantConfig:
    values = {
        key: [_TRUTHS.get(text, text) for text in texts] for key, texts in arguments["variants"].items()
    }
    groups = [[key for key in group if key in values] for group in arguments["zip_keys"]]
    return VariantConfig(values, zip_keys=[group for group in groups if len(group) > 1])


def _render_config(arguments: dict[str, Any]) -> RenderConfig:
    return RenderConfig(platform=PlatformConfig(target_platform=arguments["subdir"]))


# ---------------------------------------------------------------- skip


def _skip_conditions(recipe: Stage0Recipe) -> list[str]:
    """Return the conditions of a recipe with one output; with several the API honours them itself."""
    document = recipe.to_dict()
    if "outputs" in document:
        return []
    return [_as_condition(entry) for entry in document.get("build", {}).get("skip", [])]


def _as_condition(entry: Any) -> str:
    if not isinstance(entry, dict):
        return f"({entry})"
    chosen, other = (_any_of(entry.get(key)) for key in ("then", "else"))
    return f"(({chosen}) if ({entry['if']}) else ({other}))"


def _any_of(entries: Any) -> str:
    listed = entries if isinstance(entries, list) else [] if entries is None else [entries]
    return " or ".join(map(_as_condition, listed)) or "false"


def _is_skipped(
    each: Rendering, recipe: Stage0Recipe, conditions: list[str], arguments: dict[str, Any]
) -> bool:
    """Have the engine itself evaluate the conditions, as the build number of a recipe made for it."""
    if not conditions:
        return False
    # A noarch package is built for no platform, but on one.
    variant = {key: [value] for key, value in each.variant.variant.items() if key != "target_platform"}
    question = Stage0Recipe.from_dict(
        {
            "context": recipe.to_dict().get("context", {}),
            "package": {"name": "skipped", "version": "0"},
            "build": {"number": f"${{{{ 1 if {' or '.join(conditions)} else 0 }}}}"},
        }
    )
    (answer,) = question.render(VariantConfig(variant), _render_config(arguments))
    return bool(answer.recipe.to_dict()["build"].get("number", 0))


# ---------------------------------------------------------------- as JSON


def _as_json(rendering: Rendering, subdir: str) -> dict[str, Any]:
    recipe = rendering.recipe
    variant = dict(rendering.variant.variant)
    build = recipe["build"]
    requirements = recipe.get("requirements", {})
    specs = {
        section: [_as_spec(entry, variant) for entry in requirements.get(section, [])]
        for section in ("build", "host", "run")
    }
    for section in ("build", "host"):
        specs[section] = [_as_pinned(spec, variant) for spec in specs[section]]
    return {
        "conda_name": rendering.name,
        "version": str(recipe["package"]["version"]),
        "build": build["string"],
        "build_number": build.get("number", 0),
        "subdir": "noarch" if build.get("noarch") else subdir,
        "noarch": build.get("noarch", ""),
        "variant": [[key, _as_text(value)] for key, value in sorted(variant.items())],
        "build_specs": specs["build"],
        "host_specs": specs["host"],
        "run_specs": specs["run"],
        "test_specs": [list(each) for test in recipe.get("tests", []) for each in _test_specs(test, variant)],
        "sources": [_source(source) for source in recipe.get("source", [])],
    }


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_spec(entry: Any, variant: Mapping[str, Any]) -> str:
    """Return a match spec; of a pin on another output that is built here, the very package where it is exact."""
    if isinstance(entry, str):
        return entry
    if "pin_subpackage" in entry:
        pin = entry["pin_subpackage"]
        name = str(pin["name"])
        return f"{name} {variant[name]}" if pin.get("exact") and name in variant else name
    (pin,) = entry.values()
    return str(pin["name"]) if isinstance(pin, dict) else str(pin)


def _as_pinned(spec: str, variant: Mapping[str, Any]) -> str:
    """Return what the engine makes of a bare name when it comes to build: the variant says which version."""
    value = variant.get(spec.replace("-", "_"))
    if value is None:
        return spec
    text = _as_text(value)
    return f"{spec} {text}.*" if _PLAIN_VERSION.fullmatch(text) else f"{spec} {text}"


def _test_specs(test: Mapping[str, Any], variant: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield what each environment of a test holds beside the package."""
    if "python" in test:
        python = test["python"]
        versions = python.get("python_version") or [""]
        for version in versions if isinstance(versions, list) else [versions]:
            pip = ["pip"] if python.get("pip_check", True) else []
            yield [*([f"python {version}"] if version else []), *pip]
    elif "script" in test:
        requirements = test.get("requirements", {})
        yield [_as_spec(entry, variant) for entry in requirements.get("run", [])]
        if requirements.get("build"):
            yield [_as_spec(entry, variant) for entry in requirements["build"]]
    elif "downstream" in test:
        yield [str(test["downstream"])]
    else:
        for language, package in _TESTED_LANGUAGES.items():
            if language in test:
                yield [package]


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    common = {
        "sha256": source.get("sha256") or "",
        "md5": source.get("md5") or "",
        "revision": source.get("rev") or "",
        "file_name": source.get("file_name") or "",
    }
    for kind in ("url", "git", "path"):
        if kind in source:
            places = source[kind]
            return {
                "kind": kind,
                "urls": list(map(str, places if isinstance(places, list) else [places])),
                **common,
            }
    raise RecipeError("engine-refuses-recipe", f"a source has no url, git or path: {dict(source)!r}")


# ---------------------------------------------------------------- refusals


def _refusal(path: str, error: Exception) -> RecipeError:
    if isinstance(error, rattler_build.RecipeParseError) and _is_v0(path):
        return _refusal_of_v0(path)
    text = str(error)
    line = _LINE_OF_SPAN.search(text) or _LINE_OF_PARSER.search(text)
    quoted = _QUOTED_MESSAGE.search(text)
    message = quoted.group(1).replace('\\"', '"').replace("\\n", "\n") if quoted else text
    return RecipeError("engine-refuses-recipe", message, where=f"{path}:{line.group(1)}" if line else path)


def _is_v0(path: str) -> bool:
    try:
        return bool(_V0_SIGNS.search(Path(path).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError):
        return False


def _refusal_of_v0(path: str) -> RecipeError:
    return RecipeError(
        "engine-refuses-recipe",
        "it is written for conda-build (v0), and rattler-build takes recipe.yaml (v1) only",
        where=path,
        hint="build it with --engine conda-build, or convert the source to v1",
    )
