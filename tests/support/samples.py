"""Model values with a bit of everything, for what is written and read back."""

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.model.condition import (
    CROSS,
    PyVersion,
    Span,
    all_of,
    any_of,
    arch_is,
    os_in,
    python_in,
    variant_is,
)
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Address, Certainty, Evidence
from conda_bridge.model.names import CondaName, NameHit, NameTable, PypiName
from conda_bridge.model.project import BuildSystem, Declared, Extra, Known, LicenseStatement, Project
from conda_bridge.model.recipe import (
    CommandTest,
    CompilerSpec,
    GitSource,
    MatchSpec,
    Output,
    PinSpec,
    PythonMinSpec,
    PythonTest,
    Recipe,
    Requirements,
    Script,
    ScriptLine,
    UrlSource,
    leaves,
)
from conda_bridge.model.recipe import Requirement as RecipeRequirement
from conda_bridge.model.source import (
    FileEntry,
    FileLink,
    IndexFacts,
    RequirementRef,
    Signal,
    SourceFacts,
    UrlOrigin,
)

__all__ = ["CONVERSION", "FACTS", "PLATFORM_EVIDENCE", "PROJECT", "RECIPE"]

CONDITION = any_of(
    all_of(os_in({"linux"}), arch_is("aarch64", negated=True), CROSS),
    python_in(Span(PyVersion.from_text("3.11"), None)),
    variant_is("cuda", "12"),
)
FACTS = SourceFacts(
    ref=RequirementRef(text="demo>=1", pypi_name=PypiName("demo"), specifier=SpecifierSet(">=1")),
    origin=UrlOrigin(url="https://files.example/demo-1.tar.gz", sha256="0" * 64, filename="demo-1.tar.gz"),
    label="demo-1.tar.gz",
    files=(FileEntry(path="setup.py", size_bytes=12),),
    texts=(("setup.py", "setup()\n\x00é"),),
    signals=(Signal(kind="include", token="zlib.h", path="a.c", line=3),),
    index=IndexFacts(
        index_url="https://pypi.org/simple",
        version=Version("1.0rc1"),
        sdist=FileLink(filename="demo-1.tar.gz", url="https://files.example/demo-1.tar.gz", yanked=""),
    ),
    diagnostics=(Diagnostic(code="W1", slug="x", severity="warning", message="m"),),
)
PROJECT = Project(
    pypi_name=Known(value=PypiName("demo"), origin="PKG-INFO#/Name"),
    display_name="Demo",
    version=Known(value=Version("1.0"), origin="PKG-INFO#/Version", is_declared=False),
    build_system=BuildSystem(requires=(), backend="hatchling.build"),
    requires_python=Known(value=SpecifierSet(">=3.9"), origin="PKG-INFO#/Requires-Python"),
    dependencies=(
        Declared(
            requirement=Requirement('colorama[x]>=1; os_name == "nt"'), origin="PKG-INFO#/Requires-Dist/0"
        ),
    ),
    extras=(Extra(name="cli", requirements=()),),
    license=LicenseStatement(files=(Known(value="LICENSE", origin="PKG-INFO#/License-File/0"),)),
    urls=(("homepage", Known(value="https://demo.example", origin="PKG-INFO#/Home-page")),),
)
RECIPE = Recipe(
    name=CondaName("demo"),
    version="1.0",
    sources=(UrlSource(url="https://x.example/a", sha256="1" * 64), GitSource(url="https://g", commit="c")),
    outputs=(
        Output(
            conda_name=CondaName("demo"),
            noarch="python",
            skip=(CONDITION,),
            script=Script(lines=(ScriptLine(command="make", condition=CONDITION),), env=(("A", "1"),)),
            requirements=Requirements(
                build=(RecipeRequirement(spec=CompilerSpec(language="c")),),
                run=(
                    RecipeRequirement(spec=PythonMinSpec(is_exact=False, upper="3.14")),
                    RecipeRequirement(
                        spec=MatchSpec(conda_name=CondaName("a"), version=">=1"), condition=CONDITION
                    ),
                ),
                run_constraints=(
                    RecipeRequirement(spec=PinSpec(function="pin_compatible", conda_name=CondaName("b"))),
                ),
            ),
            tests=(PythonTest(imports=("demo",)), CommandTest(lines=(ScriptLine(command="demo"),))),
        ),
    ),
)
PLATFORM_EVIDENCE = Evidence(
    address=Address("demo/build/platform"), rule="kind", certainty=Certainty.DERIVED, note="compiled"
)
_EVIDENCE = tuple(
    Evidence(
        address=where,
        rule="a-rule",
        certainty=Certainty.GUESSED if where.endswith("/a") else Certainty.DECLARED,
        origins=("pyproject.toml#/project/dependencies/0",),
        note="a note" if where.endswith("/a") else "",
    )
    for where in reversed(leaves(RECIPE))
)
CONVERSION = Conversion(
    recipe=RECIPE,
    evidence=(*_EVIDENCE, PLATFORM_EVIDENCE),
    diagnostics=(Diagnostic(code="W412", slug="optional-extension", severity="warning", message="careful"),),
    facts=FACTS,
    project=PROJECT,
    names=NameTable(
        hits=(NameHit(pypi_name=PypiName("a"), chosen=None, source="override", confidence="certain"),)
    ),
)
