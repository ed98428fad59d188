"""What the recipe tests: imports of the real modules, `pip check`, and the commands' help."""

from conda_bridge.infer.abi3.decision import STABLE_ABI, Abi3
from conda_bridge.infer.command_extras import extra_of_command, has_plain_arguments
from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.modules.decision import Module
from conda_bridge.infer.noarch import Kind
from conda_bridge.infer.overrides.commands import (
    runs_without_extras,
    wanted_commands,
    wanted_entry_points,
    wanted_modules,
)
from conda_bridge.infer.overrides.telling import decided, unused
from conda_bridge.infer.rules import because, rule
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import NEVER, all_of, negate, os_in
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.names import CondaName
from conda_bridge.model.overrides import Item
from conda_bridge.model.project import EntryPoint
from conda_bridge.model.recipe import (
    LATEST,
    PYTHON_MIN,
    CommandTest,
    MatchSpec,
    PythonMinSpec,
    PythonTest,
    RecipeTest,
    ScriptLine,
    Spec,
    spec_key,
)

__all__ = ["infer_tests"]

_AUDITOR = CondaName("abi3audit")
_AUDIT = "abi3audit {path} -s -v --assume-minimum-abi3 ${{{{ python_min }}}}"
_WINDOWS = os_in({"win"})
_WHY_REQUIRED = "the tests run on the lowest python, and what checks with pip has it"


@rule("tests")
def infer_tests(ctx: InferContext, kind: Kind, abi3: Abi3) -> Inferred[tuple[RecipeTest, ...]]:
    """Return the import test, for a project with commands a test that they start, and the stable ABI's audit."""
    modules = wanted_modules(ctx, is_noarch=kind.is_noarch)
    imports = _import_test(ctx, modules.value, has_versions=kind.is_noarch or abi3.is_used)
    commands = _command_test(ctx, kind, has_imports=bool(modules.value))
    audit = _audit(ctx, abi3)
    parts: tuple[Inferred[object], ...] = (imports, modules, commands, audit)
    return Inferred(
        value=(*imports.value, *commands.value, *audit.value),
        evidence=tuple(one for part in parts for one in part.evidence),
        diagnostics=tuple(one for part in parts for one in part.diagnostics),
    )


def _audit(ctx: InferContext, abi3: Abi3) -> Inferred[tuple[RecipeTest, ...]]:
    """Return the test that the modules use nothing beyond the stable ABI. Source: conda-smithy, R-053."""
    if not abi3.audited:
        return Inferred(value=())
    name = conda_name_of(ctx)
    lines = tuple(
        ScriptLine(command=_AUDIT.format(path=path), condition=all_of(abi3.systems, module.condition, system))
        for module in abi3.audited
        for path, system in (
            (f"$SP_DIR/{module.path}.abi3.so", negate(_WINDOWS)),
            (f"%SP_DIR%/{module.path}.pyd", _WINDOWS),
        )
        if all_of(abi3.systems, module.condition, system) != NEVER
    )
    evidence = [
        because(address(name, "tests", f"script.{line.command}"), Certainty.DERIVED, *abi3.origins)
        for line in lines
    ]
    note = "holds the modules against the stable ABI"
    where = address(name, "tests", f"requires.{_AUDITOR}")
    evidence.append(because(where, Certainty.CONVENTION, note=note))
    test = CommandTest(lines=lines, requires=(MatchSpec(conda_name=_AUDITOR),), condition=STABLE_ABI)
    return Inferred(value=(test,), evidence=tuple(evidence))


def _import_test(
    ctx: InferContext, modules: tuple[Module, ...], *, has_versions: bool
) -> Inferred[tuple[RecipeTest, ...]]:
    if not modules:
        message = "no importable module was found, so the package is installed and checked but not imported"
        return Inferred(value=(), diagnostics=(finding("no-modules", message),))
    versions = (PYTHON_MIN, LATEST) if has_versions else ()
    name, check = conda_name_of(ctx), ctx.overrides.pip_check
    test = PythonTest(
        imports=tuple(sorted({module.name for module in modules})),
        pip_check=check.value if check else True,
        python_versions=versions,
    )
    evidence = _import_evidence(name, modules, has_versions=bool(versions))
    if check is not None:
        evidence.append(decided(address(name, "tests", "pip_check"), "tests", check.origin))
    return Inferred(value=(test,), evidence=tuple(evidence))


def _command_test(ctx: InferContext, kind: Kind, *, has_imports: bool) -> Inferred[tuple[RecipeTest, ...]]:
    """Return the test that runs commands; of a package without modules at least `pip check`."""
    name, required = conda_name_of(ctx), ctx.overrides.test_requires or ()
    testable, untested = _testable_commands(ctx, kind)
    inferred = tuple(Item(text=f"{point.name} --help", origin=point.origin) for point in testable)
    is_checked = ctx.overrides.pip_check is None or ctx.overrides.pip_check.value
    if not inferred and not has_imports and is_checked:
        inferred = (Item(text="pip check", origin=ctx.project.pypi_name.origin),)
    lines = wanted_commands(ctx, inferred)
    if not lines.value:
        idle = (unused("no commands are tested that could require it", one.origin) for one in required)
        return Inferred(value=(), evidence=lines.evidence, diagnostics=(*untested, *lines.diagnostics, *idle))
    checks_with_pip = any(line.text == "pip check" for line in lines.value)
    usual = _requires(kind, with_pip=checks_with_pip)
    test = CommandTest(
        lines=tuple(ScriptLine(command=line.text, condition=line.condition) for line in lines.value),
        requires=tuple(dict.fromkeys((*usual, *(one.spec for one in required)))),
    )
    guessed = (
        because(address(name, "tests", f"script.{line.text}"), Certainty.GUESSED, line.origin)
        for line in inferred
        if line in lines.value
    )
    needed = [
        because(
            address(name, "tests", f"requires.{spec_key(spec)}"), Certainty.CONVENTION, note=_WHY_REQUIRED
        )
        for spec in usual
    ]
    needed += [
        decided(address(name, "tests", f"requires.{spec_key(one.spec)}"), "tests", one.origin)
        for one in required
    ]
    return Inferred(
        value=(test,),
        evidence=(*guessed, *lines.evidence, *needed),
        diagnostics=(*untested, *lines.diagnostics),
    )


def _testable_commands(
    ctx: InferContext, kind: Kind
) -> tuple[tuple[EntryPoint, ...], tuple[Diagnostic, ...]]:
    """Return the commands whose help runs without extras that the test's environment lacks, and findings on others."""
    commands = tuple(
        point
        for point in wanted_entry_points(ctx, is_noarch=kind.is_noarch).value
        if point.group == "console_scripts" and runs_without_extras(ctx, point)
    )
    testable, found = [], []
    for point in commands:
        if extra := extra_of_command(ctx, point):
            message = f"{point.name} --help: the extra {extra!r}"
            found.append(finding("command-untested", message, origin=point.origin))
        elif has_plain_arguments(ctx, point):
            message = f"{point.name} takes all its arguments for names, --help too"
            found.append(finding("command-without-help", message, origin=point.origin))
        else:
            testable.append(point)
    return tuple(testable), tuple(found)


def _requires(kind: Kind, *, with_pip: bool) -> tuple[Spec, ...]:
    specs: list[Spec] = [MatchSpec(conda_name=CondaName("pip"))] if with_pip else []
    if kind.is_noarch:
        specs.append(PythonMinSpec(is_exact=True))
    return tuple(specs)


def _import_evidence(name: CondaName, modules: tuple[Module, ...], *, has_versions: bool) -> list[Evidence]:
    evidence = [
        because(
            address(name, "tests", f"imports.{module.name}"),
            Certainty.DECLARED if module.is_declared else Certainty.DERIVED,
            module.origin,
        )
        for module in modules
    ]
    evidence.append(
        because(address(name, "tests", "pip_check"), Certainty.CONVENTION, note="are all dependencies there?")
    )
    if has_versions:
        where = address(name, "tests", "python_version")
        evidence.append(because(where, Certainty.CONVENTION, note="the lowest and the newest python"))
    return evidence
