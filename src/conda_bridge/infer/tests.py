"""What the recipe tests: imports of the real modules, `pip check`, and the commands' help."""

from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.modules import Module, installed_modules
from conda_bridge.infer.noarch import Kind
from conda_bridge.infer.rules import because, rule
from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.names import CondaName
from conda_bridge.model.project import EntryPoint, Project
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
)

__all__ = ["infer_tests"]


@rule("tests")
def infer_tests(ctx: InferContext, kind: Kind) -> Inferred[tuple[RecipeTest, ...]]:
    """Return the import test and, for a project with commands, a test that they start."""
    name = conda_name_of(ctx)
    modules = installed_modules(ctx)
    versions = (PYTHON_MIN, LATEST) if kind.is_noarch else ()
    tests: list[RecipeTest] = []
    evidence: list[Evidence] = []
    diagnostics: tuple[Diagnostic, ...] = ()
    if modules:
        imports = tuple(sorted({module.name for module in modules}))
        tests.append(PythonTest(imports=imports, python_versions=versions))
        evidence += _import_evidence(name, modules, has_versions=bool(versions))
    else:
        message = "no importable module was found, so the package is installed and checked but not imported"
        diagnostics = (finding("no-modules", message),)
    commands = _testable_commands(ctx.project)
    if commands or not modules:
        lines = [f"{point.name} --help" for point in commands] or ["pip check"]
        tests.append(
            CommandTest(
                lines=tuple(ScriptLine(command=line) for line in lines),
                requires=_requires(kind, commands=bool(commands)),
            )
        )
        origins = [point.origin for point in commands] or [ctx.project.pypi_name.origin]
        for line, origin in zip(lines, origins, strict=True):
            evidence.append(because(address(name, "tests", f"script.{line}"), Certainty.GUESSED, origin))
    return Inferred(value=tuple(tests), evidence=tuple(evidence), diagnostics=diagnostics)


def _testable_commands(project: Project) -> tuple[EntryPoint, ...]:
    """Return the commands that run without extras, which the test's environment lacks."""
    return tuple(
        point for point in project.entry_points if point.group == "console_scripts" and not point.extras
    )


def _requires(kind: Kind, *, commands: bool) -> tuple[Spec, ...]:
    specs: list[Spec] = [] if commands else [MatchSpec(conda_name=CondaName("pip"))]
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
