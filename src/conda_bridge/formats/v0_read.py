"""Text of `meta.yaml` -> Recipe: the inverse of `v0_view` and its template, key by key.

What the model can't hold is refused with its line, never passed over: a condition where none is modelled, a key
that is repeated, an expression that isn't one of ours.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from urllib.parse import unquote

from conda_bridge.errors import RecipeError
from conda_bridge.formats.inlining import without_assignments
from conda_bridge.formats.model_nodes import entry_point_of, noarch_of, source_of
from conda_bridge.formats.nodes import items_of, number_of, parsed, refuse, required, text_of
from conda_bridge.formats.v0_conditions import parse_selector
from conda_bridge.formats.v0_specs import parse_spec
from conda_bridge.formats.v0_tests import RecipeTestSection, tests_of
from conda_bridge.formats.v0_text import VERSION, decode, decode_command
from conda_bridge.formats.v0_tree import V0Tree, parse_v0_tree
from conda_bridge.formats.v0_view import SECTION_KEYS, SPLIT, own_requirements
from conda_bridge.formats.view_values import ABI3
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode
from conda_bridge.model.condition import ALWAYS, Condition, any_of
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    PYTHON_MIN,
    About,
    Output,
    PathSource,
    PythonMinSpec,
    Recipe,
    RecipeEntryPoint,
    RecipeTest,
    Requirement,
    Requirements,
    Script,
    ScriptLine,
    Source,
    Spec,
    UrlSource,
)

__all__ = ["recipe_of"]

_OUTPUT_KEYS = frozenset({"build", "requirements", "test", "about"})
_ABOUT_KEYS = frozenset({"home", "summary", "description", "license", "license_file", "dev_url", "doc_url"})
_BUILD_KEYS = frozenset(
    {"noarch", "skip", "script", "script_env", "entry_points", "python_version_independent"}
)
_LOCAL = "file://"
_LITERAL = re.compile(r"""(["'])([A-Za-z0-9._!+~-]+)\1""", re.ASCII)


def recipe_of(text: str) -> Recipe:
    """Return the recipe that `text` says.

    Raises:
        RecipeError: `invalid-yaml`, `unmodelled-recipe`; `where` names the line.
    """
    tree = without_assignments(parse_v0_tree(text))
    root = tree.root
    has_outputs = isinstance(root, MappingNode) and any(key.text == "outputs" for key, _ in root.entries)
    keys = {"requirements", "outputs", "about"} if has_outputs else _OUTPUT_KEYS
    top = _fields(root, {"package", "source", "build", "extra"} | keys)
    variables = _variables(tree)
    package = _fields(required(top, "package", root), {"name", "version"})
    version = _version(required(package, "version", top["package"]), variables)
    name = CondaName(parsed(required(package, "name", top["package"]), decode))
    build_keys = {"number"} if has_outputs else {"number"} | _BUILD_KEYS
    build = _fields(top["build"], build_keys, repeated={"skip", "script"}) if "build" in top else {}
    outputs = tuple(_outputs(top, version)) if has_outputs else (_output(name, top, version, About()),)
    if has_outputs and "requirements" in top:
        _check_own_requirements(top["requirements"], outputs)
    base = CondaName(name.removesuffix(SPLIT))
    return Recipe(
        name=base if any(output.conda_name == base for output in outputs) else name,
        version=version,
        python_min=variables.get(PYTHON_MIN, ""),
        sources=tuple(_source(node, version) for node in items_of(top["source"])) if "source" in top else (),
        build_number=number_of(build["number"]) if "number" in build else 0,
        outputs=outputs,
        maintainers=_maintainers(top),
    )


def _check_own_requirements(node: Node, outputs: tuple[Output, ...]) -> None:
    if _requirements(node) != own_requirements(outputs):
        refuse(node, "requirements of a recipe beside its outputs aren't modelled")


def _variables(tree: V0Tree) -> dict[str, str]:
    found: dict[str, str] = {}
    for assignment in tree.assignments:
        literal = _LITERAL.fullmatch(assignment.expression)
        (name, *others) = assignment.names
        if assignment.is_conditional or others or literal is None or name in found:
            where = f"line {assignment.line}"
            raise RecipeError("unmodelled-recipe", "this assignment isn't a plain one", where=where)
        found[name] = literal[2]
    return found


def _version(node: Node, variables: dict[str, str]) -> str:
    if text_of(node) == VERSION:
        if "version" not in variables:
            refuse(node, "the variable `version` isn't set")
        return variables["version"]
    if "version" in variables:
        refuse(node, f"the version is expected to be {VERSION} here")
    return parsed(node, decode)


def _maintainers(top: dict[str, Node]) -> tuple[str, ...]:
    if "extra" not in top:
        return ()
    extra = _fields(top["extra"], {"recipe-maintainers"})
    return tuple(_texts(required(extra, "recipe-maintainers", top["extra"])))


# ---------------------------------------------------------------- nodes and their conditions


def _fields(
    node: Node, keys: AbstractSet[str], *, repeated: AbstractSet[str] = frozenset()
) -> dict[str, Node]:
    """Return the values of a mapping by key; those of `repeated` keys are left to `_lines_of`."""
    if not isinstance(node, MappingNode):
        refuse(node, "a mapping is expected here")
    found: dict[str, Node] = {}
    for key, value in node.entries:
        if key.text not in keys:
            refuse(key, f"the key {key.text[:80]!r} isn't one that conda-bridge models here")
        if key.text in repeated:
            continue
        if key.text in found:
            refuse(key, f"the key {key.text!r} is repeated")
        # A flag is written under a condition; whoever reads it decides.
        if key.text != "python_version_independent":
            _unconditional(key)
        found[key.text] = value
    return found


def _lines_of(fields_node: Node | None, name: str) -> Iterator[tuple[Node, Condition]]:
    """Yield what stands under a key that may be repeated, item by item, with its conditions."""
    entries = fields_node.entries if isinstance(fields_node, MappingNode) else ()
    for key, value in entries:
        if key.text == name:
            if not isinstance(value, ScalarNode):
                _unconditional(key)
            yield from ((item, _condition(item)) for item in items_of(value))


def _condition(node: Node) -> Condition:
    if not isinstance(node, ScalarNode):
        refuse(node, "a text is expected here")
    if node.guards:
        refuse(node, "a statement of Jinja around a line isn't modelled")
    if not node.selector:
        return ALWAYS
    try:
        return parse_selector(node.selector)
    except RecipeError as error:
        raise RecipeError(error.slug, error.message, where=f"line {node.line}") from error


def _unconditional(node: Node) -> Node:
    if isinstance(node, ScalarNode) and (node.selector or node.guards):
        refuse(node, "no condition is modelled here")
    return node


def _texts(node: Node) -> Iterator[str]:
    return (parsed(_unconditional(item), decode) for item in items_of(node))


# ---------------------------------------------------------------- sources and about


def _source(node: Node, version: str) -> Source:
    fields = _fields(node, {"url", "sha256", "git_url", "git_rev", "path"})
    source = source_of(node, fields, version, decode)
    if isinstance(source, UrlSource) and source.url.startswith(f"{_LOCAL}/"):
        # As archives of this machine are written.
        return PathSource(path=unquote(source.url.removeprefix(_LOCAL)), sha256=source.sha256)
    return source


def _about(node: Node | None, inherited: About) -> About:
    if node is None:
        return inherited
    fields = _fields(node, _ABOUT_KEYS)
    files = fields.pop("license_file", None)
    own = {key: parsed(value, decode) for key, value in fields.items()}
    return About(
        homepage=own.get("home", ""),
        summary=own.get("summary", ""),
        description=own.get("description", ""),
        license=own.get("license", ""),
        license_files=() if files is None else tuple(_texts(files)),
        repository=own.get("dev_url", ""),
        documentation=own.get("doc_url", ""),
    )


# ---------------------------------------------------------------- outputs


def _outputs(top: dict[str, Node], version: str) -> Iterator[Output]:
    shared = _about(top.get("about"), About())
    for item in items_of(top["outputs"]):
        fields = _fields(item, _OUTPUT_KEYS | {"name", "version"})
        name = CondaName(parsed(required(fields, "name", item), decode))
        output = _output(name, fields, version, shared)
        yield (
            replace(output, version=_own_version(fields["version"], version))
            if "version" in fields
            else output
        )


def _own_version(node: Node, version: str) -> str:
    own = version if text_of(node) == VERSION else parsed(node, decode)
    return "" if own == version else own


def _output(name: CondaName, fields: dict[str, Node], version: str, shared: About) -> Output:
    node = fields.get("build")
    build = {} if node is None else _fields(node, _BUILD_KEYS | {"number"}, repeated={"skip", "script"})
    is_abi3 = _is_abi3(build.get("python_version_independent"))
    return Output(
        conda_name=name,
        noarch=noarch_of(build.get("noarch")),
        skip=(any_of(*skips),) if (skips := tuple(_skip(node))) else (),
        script=Script(
            lines=tuple(
                ScriptLine(command=parsed(item, decode_command), condition=condition)
                for item, condition in _lines_of(node, "script")
            ),
            env=tuple(_env(build["script_env"], version)) if "script_env" in build else (),
        ),
        entry_points=tuple(_entry_points(build["entry_points"])) if "entry_points" in build else (),
        is_version_independent=is_abi3,
        requirements=_requirements(fields.get("requirements")),
        tests=_tests(fields.get("test"), is_abi3=is_abi3),
        about=_about(fields.get("about"), shared),
    )


def _skip(build: Node | None) -> Iterator[Condition]:
    for node, condition in _lines_of(build, "skip"):
        if text_of(node).lower() != "true":
            refuse(node, "skip is modelled as `true`, under a condition or not")
        yield condition


def _is_abi3(node: Node | None) -> bool:
    if node is not None and (text_of(node) != "true" or _condition(node) != ABI3):
        refuse(node, "python_version_independent is only modelled where it follows is_abi3")
    return node is not None


def _env(node: Node, version: str) -> Iterator[tuple[str, str]]:
    for item in items_of(node):
        name, separator, value = text_of(_unconditional(item)).partition("=")
        if not separator:
            refuse(item, "a variable is written `NAME=value`")
        yield name, version if value == VERSION else _decoded(value, item)


def _decoded(written: str, node: Node) -> str:
    try:
        return decode(written)
    except RecipeError as error:
        raise RecipeError(error.slug, error.message, where=f"line {node.line}") from error


def _entry_points(node: Node) -> Iterator[RecipeEntryPoint]:
    return (entry_point_of(_unconditional(item), decode) for item in items_of(node))


def _requirements(node: Node | None) -> Requirements:
    if node is None:
        return Requirements()
    fields = _fields(node, set(SECTION_KEYS.values()))
    sections = {
        name: tuple(
            Requirement(spec=parsed(item, parse_spec), condition=_condition(item))
            for item in items_of(fields[key])
        )
        for name, key in SECTION_KEYS.items()
        if key in fields
    }
    return Requirements(**sections)


def _tests(node: Node | None, *, is_abi3: bool) -> tuple[RecipeTest, ...]:
    if node is None:
        return ()
    fields = _fields(node, {"imports", "commands", "requires"})
    imports, commands, requires = (
        tuple(items_of(fields[key])) if key in fields else () for key in ("imports", "commands", "requires")
    )
    section = RecipeTestSection(
        imports=tuple((parsed(item, decode), _condition(item)) for item in imports),
        commands=tuple(
            ScriptLine(command=parsed(item, decode_command), condition=_condition(item)) for item in commands
        ),
        requires=tuple(_required(item, is_abi3=is_abi3) for item in requires),
    )
    return tests_of(section)


def _required(node: Node, *, is_abi3: bool) -> Spec:
    spec = parsed(node, parse_spec)
    is_lowest = spec == PythonMinSpec(is_exact=True)
    if _condition(node) != (ABI3 if is_lowest and is_abi3 else ALWAYS):
        refuse(node, "what a test requires is only modelled without a condition")
    return spec
