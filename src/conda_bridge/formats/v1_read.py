"""Text of `recipe.yaml` -> Recipe: the inverse of `v1_view` and its template, key by key.

What the model can't hold is refused with its line, never passed over. Of foreign recipes this reads those that
say nothing else than the model can, however they spell it.
"""

from collections.abc import Iterator
from dataclasses import replace

from conda_bridge.formats.inlining import without_context
from conda_bridge.formats.model_nodes import entry_point_of, noarch_of, source_of
from conda_bridge.formats.nodes import (
    fields_of,
    flag_of,
    items_of,
    number_of,
    parsed,
    refuse,
    required,
    text_of,
)
from conda_bridge.formats.v1_conditions import parse_condition
from conda_bridge.formats.v1_specs import EXACT_PYTHON_MIN, parse_spec
from conda_bridge.formats.v1_text import VERSION, decode, decode_command, decode_path
from conda_bridge.formats.v1_view import WHERE_ABI3
from conda_bridge.formats.view_values import ABI3
from conda_bridge.formats.yaml_tree import MappingNode, Node, parse_tree
from conda_bridge.model.condition import ALWAYS, Condition, all_of, negate
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    PYTHON_MIN,
    About,
    CommandTest,
    Output,
    PythonTest,
    Recipe,
    RecipeEntryPoint,
    RecipeTest,
    Requirement,
    Requirements,
    Script,
    ScriptLine,
    Source,
)

__all__ = ["recipe_of"]

_TOP_KEYS = frozenset({"schema_version", "context", "source", "build", "about", "extra"})
_OUTPUT_KEYS = frozenset({"package", "build", "requirements", "tests", "about"})
_ABOUT_KEYS = frozenset(
    {"homepage", "summary", "description", "license", "license_file", "repository", "documentation"}
)
_BUILD_KEYS = frozenset({"noarch", "skip", "script", "python"})


def recipe_of(text: str) -> Recipe:
    """Return the recipe that `text` says.

    Raises:
        RecipeError: `invalid-yaml`, `unmodelled-recipe`; `where` names the line.
    """
    root = parse_tree(text)
    if isinstance(root, MappingNode):
        root = without_context(root)
    has_outputs = isinstance(root, MappingNode) and any(key.text == "outputs" for key, _ in root.entries)
    top = fields_of(root, _TOP_KEYS | ({"recipe", "outputs"} if has_outputs else _OUTPUT_KEYS))
    if "schema_version" in top and text_of(top["schema_version"]) != "1":
        refuse(top["schema_version"], "only schema version 1 is known")
    context = fields_of(top["context"], {"version", PYTHON_MIN}) if "context" in top else {}
    version = parsed(context["version"], decode) if "version" in context else ""
    head = required(top, "recipe" if has_outputs else "package", root)
    name, version = _name_and_version(head, version)
    build = (
        fields_of(top["build"], {"number"} if has_outputs else {"number"} | _BUILD_KEYS)
        if "build" in top
        else {}
    )
    return Recipe(
        name=name,
        version=version,
        python_min=parsed(context[PYTHON_MIN], decode) if PYTHON_MIN in context else "",
        sources=tuple(_source(n, version) for n in items_of(top["source"])) if "source" in top else (),
        build_number=number_of(build["number"]) if "number" in build else 0,
        outputs=tuple(_outputs(top, version)) if has_outputs else (_output(name, top, version, About()),),
        maintainers=_maintainers(top),
    )


def _name_and_version(head: Node, version: str) -> tuple[CondaName, str]:
    fields = fields_of(head, {"name", "version"})
    own = required(fields, "version", head)
    if text_of(own) != VERSION:
        if version:
            refuse(own, f"the version is expected to be {VERSION} here")
        version = parsed(own, decode)
    elif not version:
        refuse(own, "the context has no version")
    return CondaName(parsed(required(fields, "name", head), decode)), version


def _maintainers(top: dict[str, Node]) -> tuple[str, ...]:
    if "extra" not in top:
        return ()
    extra = fields_of(top["extra"], {"recipe-maintainers"})
    return tuple(_texts(required(extra, "recipe-maintainers", top["extra"])))


def _texts(node: Node) -> Iterator[str]:
    return (parsed(item, decode) for item in items_of(node))


def _paths(node: Node) -> Iterator[str]:
    return (parsed(item, decode_path) for item in items_of(node))


def _conditional(node: Node, condition: Condition = ALWAYS) -> Iterator[tuple[Node, Condition]]:
    """Yield the items of a list with the condition that their `if`s amount to."""
    for item in items_of(node):
        if not (isinstance(item, MappingNode) and any(key.text == "if" for key, _ in item.entries)):
            yield item, condition
            continue
        branch = fields_of(item, {"if", "then", "else"})
        holds = parsed(branch["if"], parse_condition)
        yield from _conditional(required(branch, "then", item), all_of(condition, holds))
        if "else" in branch:
            yield from _conditional(branch["else"], all_of(condition, negate(holds)))


def _unconditional(node: Node) -> Iterator[Node]:
    for item, condition in _conditional(node):
        if condition != ALWAYS:
            refuse(item, "no condition is modelled here")
        yield item


# ---------------------------------------------------------------- sources and about


def _source(node: Node, version: str) -> Source:
    fields = fields_of(node, {"url", "sha256", "git", "rev", "path"})
    return source_of(node, fields, version, decode)


def _about(node: Node | None, inherited: About) -> About:
    if node is None:
        return inherited
    fields = fields_of(node, _ABOUT_KEYS)
    files = fields.pop("license_file", None)
    own = {key: parsed(value, decode) for key, value in fields.items()}
    return About(
        homepage=own.get("homepage", inherited.homepage),
        summary=own.get("summary", inherited.summary),
        description=own.get("description", inherited.description),
        license=own.get("license", inherited.license),
        license_files=inherited.license_files if files is None else tuple(_paths(files)),
        repository=own.get("repository", inherited.repository),
        documentation=own.get("documentation", inherited.documentation),
    )


# ---------------------------------------------------------------- outputs


def _outputs(top: dict[str, Node], version: str) -> Iterator[Output]:
    shared = _about(top.get("about"), About())
    for item in items_of(top["outputs"]):
        fields = fields_of(item, _OUTPUT_KEYS)
        package = required(fields, "package", item)
        named = fields_of(package, {"name", "version"})
        name = CondaName(parsed(required(named, "name", package), decode))
        output = _output(name, fields, version, shared)
        yield (
            replace(output, version=_own_version(named["version"], version)) if "version" in named else output
        )


def _own_version(node: Node, version: str) -> str:
    own = version if text_of(node) == VERSION else parsed(node, decode)
    return "" if own == version else own


def _output(name: CondaName, fields: dict[str, Node], version: str, shared: About) -> Output:
    build = fields_of(fields["build"], _BUILD_KEYS | {"number"}) if "build" in fields else {}
    python = fields_of(build["python"], {"entry_points", "version_independent"}) if "python" in build else {}
    is_abi3 = _is_abi3(python.get("version_independent"))
    tests = _conditional(fields["tests"]) if "tests" in fields else ()
    return Output(
        conda_name=name,
        noarch=noarch_of(build.get("noarch")),
        skip=tuple(parsed(node, parse_condition) for node in items_of(build["skip"]))
        if "skip" in build
        else (),
        script=_script(build["script"], version) if "script" in build else Script(),
        entry_points=tuple(_entry_points(python["entry_points"])) if "entry_points" in python else (),
        is_version_independent=is_abi3,
        requirements=_requirements(fields.get("requirements")),
        tests=tuple(_test(node, condition, is_abi3=is_abi3) for node, condition in tests),
        about=_about(fields.get("about"), shared),
    )


def _is_abi3(node: Node | None) -> bool:
    if node is not None and text_of(node) != WHERE_ABI3:
        refuse(node, "version_independent is only modelled where it follows is_abi3")
    return node is not None


def _entry_points(node: Node) -> Iterator[RecipeEntryPoint]:
    return (entry_point_of(item, decode) for item in _unconditional(node))


def _script(node: Node, version: str) -> Script:
    if not isinstance(node, MappingNode) or any(key.text == "if" for key, _ in node.entries):
        return Script(lines=tuple(_lines(node)))
    fields = fields_of(node, {"env", "content"})
    variables = fields["env"] if "env" in fields else MappingNode(entries=(), line=node.line)
    if not isinstance(variables, MappingNode):
        refuse(variables, "a mapping is expected here")
    return Script(
        lines=tuple(_lines(fields["content"])) if "content" in fields else (),
        env=tuple((key.text, _env_value(value, version)) for key, value in variables.entries),
    )


def _env_value(node: Node, version: str) -> str:
    return version if text_of(node) == VERSION else parsed(node, decode)


def _lines(node: Node) -> Iterator[ScriptLine]:
    for item, condition in _conditional(node):
        yield ScriptLine(command=parsed(item, decode_command), condition=condition)


def _requirements(node: Node | None) -> Requirements:
    if node is None:
        return Requirements()
    fields = fields_of(node, {"build", "host", "run", "run_constraints"})
    sections = {
        name: tuple(
            Requirement(spec=parsed(item, parse_spec), condition=condition)
            for item, condition in _conditional(section)
        )
        for name, section in fields.items()
    }
    return Requirements(**sections)


# ---------------------------------------------------------------- tests


def _test(node: Node, condition: Condition, *, is_abi3: bool) -> RecipeTest:
    fields = fields_of(node, {"python", "requirements", "script"})
    if "python" in fields:
        if len(fields) > 1:
            refuse(node, "a test of modules stands alone")
        return _python_test(fields["python"], condition, is_abi3=is_abi3)
    requirements = fields_of(fields["requirements"], {"run"}) if "requirements" in fields else {}
    requires = _unconditional(requirements["run"]) if "run" in requirements else ()
    return CommandTest(
        lines=tuple(_lines(required(fields, "script", node))),
        requires=tuple(parsed(item, parse_spec) for item in requires),
        condition=condition,
    )


def _python_test(node: Node, condition: Condition, *, is_abi3: bool) -> PythonTest:
    fields = fields_of(node, {"imports", "pip_check", "python_version"})
    imports = _unconditional(fields["imports"]) if "imports" in fields else ()
    versions = _conditional(fields["python_version"]) if "python_version" in fields else ()
    return PythonTest(
        imports=tuple(parsed(item, decode) for item in imports),
        pip_check=flag_of(fields["pip_check"]) if "pip_check" in fields else True,
        python_versions=tuple(_python_version(item, when, is_abi3=is_abi3) for item, when in versions),
        condition=condition,
    )


def _python_version(node: Node, condition: Condition, *, is_abi3: bool) -> str:
    is_lowest = text_of(node) == EXACT_PYTHON_MIN
    if condition != (ABI3 if is_lowest and is_abi3 else ALWAYS):
        refuse(node, "this version of python is tested under a condition that isn't modelled")
    return PYTHON_MIN if is_lowest else parsed(node, decode)
