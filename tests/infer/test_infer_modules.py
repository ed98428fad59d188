"""File lists and settings -> the modules to import."""

import pytest

from conda_bridge.model.conversion import Conversion
from conda_bridge.model.recipe import CommandTest, PythonTest
from support.converting import PYPROJECT, convert_texts, slugs_of

SETUP = "from setuptools import setup\nsetup(name='demo', version='1.2.3')\n"


def imports_of(texts: dict[str, str | None]) -> tuple[str, ...]:
    conversion = convert_texts(texts)
    return next((t.imports for t in conversion.recipe.outputs[0].tests if isinstance(t, PythonTest)), ())


def backend(requirement: str, module: str, more: str = "") -> str:
    text = PYPROJECT.replace("hatchling>=1.27", requirement).replace("hatchling.build", module)
    return text + more


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"demo/__init__.py": "", "tests/__init__.py": "", "docs/conf.py": ""}, ("demo",)),
        ({"src/demo/__init__.py": "", "setup_helper/__init__.py": ""}, ("demo",)),
        ({"demo.py": "", "conftest.py": "", "noxfile.py": ""}, ("demo",)),
        ({"demo/__init__.py": "", "demo/core/__init__.py": ""}, ("demo",)),
        ({"acme/demo/__init__.py": "", "acme/demo/tests/__init__.py": ""}, ("acme.demo",)),
        ({"acme/demo/__init__.py": "", "acme/_demo/__init__.py": ""}, ("acme.demo",)),
        ({"other/__init__.py": "", "OtherTest/__init__.py": "", "util/run.py": ""}, ("other",)),
        ({"other/__init__.py": "", "examples/run.py": ""}, ("other",)),
        ({f"demo/{part}.py": "" for part in ("a", "b", "c", "d")}, ("demo",)),
        ({"python/demo/__init__.py": ""}, ("demo",)),
    ],
    ids=[
        "flat",
        "src",
        "single file",
        "subpackage",
        "namespace",
        "namespace with a private part",
        "another name and tests in camel case",
        "another name",
        "a folder without __init__",
        "python folder",
    ],
)
def test_layout(texts: dict[str, str | None], expected: tuple[str, ...]) -> None:
    assert imports_of({"pyproject.toml": PYPROJECT, **texts}) == expected


@pytest.mark.parametrize("path", ["class.py", "class/__init__.py"])
def test_name_that_no_import_statement_can_have_is_not_imported(path: str) -> None:
    assert imports_of({"pyproject.toml": PYPROJECT.replace('"demo"', '"class"'), path: ""}) == ()


def test_old_style_namespace_is_descended() -> None:
    init = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
    texts: dict[str, str | None] = {
        "setup.py": SETUP,
        "acme/__init__.py": init,
        "acme/demo/__init__.py": "x = 1",
    }
    assert imports_of(texts) == ("acme.demo",)


def test_top_level_file_of_setuptools_names_every_installed_module_but_tests() -> None:
    texts: dict[str, str | None] = {
        "setup.py": SETUP,
        "demo.egg-info/top_level.txt": "first\nsecond\ntests\n",
        "src/first/__init__.py": "",
        "src/second.py": "",
        "tests/__init__.py": "",
    }
    assert imports_of(texts) == ("first", "second")


@pytest.mark.parametrize(
    "texts",
    [
        {
            "setup.py": SETUP,
            "demo.egg-info/PKG-INFO": "Metadata-Version: 2.1\nName: demo\nVersion: 1.2.3\n",
            "demo.egg-info/top_level.txt": "acme\n_acme\n",
        },
        {"setup.py": SETUP.replace(")", ", packages=['acme'], package_dir={'acme': 'lib'})")},
    ],
    ids=["egg-info", "setup.py"],
)
def test_listed_package_whose_folder_has_another_name_is_imported(texts: dict[str, str | None]) -> None:
    assert imports_of({**texts, "lib/__init__.py": "", "lib/core.py": ""}) == ("acme",)


def test_top_level_file_of_a_project_among_the_tests_names_nothing() -> None:
    texts: dict[str, str | None] = {
        "setup.py": SETUP,
        "demo.egg-info/top_level.txt": "demo\n",
        "demo/__init__.py": "",
        "tests/fake.egg/fake.egg-info/top_level.txt": "fake\n",
        "tests/fake.egg/fake/__init__.py": "",
    }
    assert imports_of(texts) == ("demo",)


def test_project_that_is_one_extension_module_is_imported() -> None:
    setup = (
        "from setuptools import Extension, setup\nmodule = Extension(\n    'fast',\n    sources=['x.c'],\n)\n"
    )
    assert imports_of(
        {"setup.py": setup + "setup(name='demo', version='1.2.3', ext_modules=[module])\n"}
    ) == ("fast",)


def test_top_folder_that_is_a_package_itself_holds_no_top_modules() -> None:
    texts: dict[str, str | None] = {"pyproject.toml": PYPROJECT, "__init__.py": "", "other.py": ""}
    assert imports_of(texts) == ()


def test_top_level_module_with_a_suspicious_name_counts_where_a_command_lives_in_it() -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": backend(
            "setuptools", "setuptools.build_meta", "[project.scripts]\ndemo = 'scripts.run:main'\n"
        ),
        "demo.egg-info/top_level.txt": "scripts\n",
        "scripts/__init__.py": "",
        "scripts/run.py": "",
    }
    assert imports_of(texts) == ("scripts",)


@pytest.mark.parametrize(
    ("pyproject", "texts", "expected"),
    [
        (
            "[tool.hatch.build.targets.wheel]\npackages = ['src/acme']\n",
            {"src/acme/__init__.py": ""},
            ("acme",),
        ),
        (
            "[tool.hatch.build.targets.wheel]\nonly-include = ['lib/acme']\nsources = ['lib']\n",
            {"lib/acme/__init__.py": ""},
            ("acme",),
        ),
        (
            "[tool.hatch.build.targets.wheel]\npackages = ['acme']\n",
            {"acme/demo/__init__.py": ""},
            ("acme.demo",),
        ),
        (
            "[tool.hatch.build.targets.wheel]\nonly-include = ['src']\nsources = ['src']\n",
            {"src/acme/__init__.py": "", "src/other.py": "", "src/_acme_version.py": ""},
            ("acme", "other"),
        ),
    ],
    ids=["packages", "only-include and sources", "namespace", "a whole folder that is cut off"],
)
def test_hatchling_settings(pyproject: str, texts: dict[str, str | None], expected: tuple[str, ...]) -> None:
    decoy: dict[str, str | None] = {"demo/__init__.py": ""}
    assert imports_of({"pyproject.toml": PYPROJECT + pyproject, **decoy, **texts}) == expected


@pytest.mark.parametrize(
    ("requirement", "module", "settings", "texts", "expected"),
    [
        ("setuptools", "setuptools.build_meta", "[tool.setuptools]\npackages = ['a', 'a.b']\n", {"a/__init__.py": ""}, ("a",)),
        ("setuptools", "setuptools.build_meta", "[tool.setuptools]\npy-modules = ['one']\n", {"one.py": ""}, ("one",)),
        ("setuptools", "setuptools.build_meta", "[tool.setuptools]\npackages = ['a']\npackage-dir = {'' = 'lib'}\n", {"lib/a/__init__.py": ""}, ("a",)),
        (
            "setuptools",
            "setuptools.build_meta",
            "[tool.setuptools]\npy-modules = ['a.__init__', 'a._b', 'a.tests.c']\n",
            {"a/__init__.py": "", "a/_b.py": "", "a/tests/c.py": ""},
            ("a",),
        ),
        ("flit_core", "flit_core.buildapi", "[tool.flit.module]\nname = 'one'\n", {"one.py": ""}, ("one",)),
        ("flit_core", "flit_core.buildapi", "", {"src/demo/__init__.py": ""}, ("demo",)),
        ("poetry-core", "poetry.core.masonry.api", "[tool.poetry]\npackages = [{include = 'a', from = 'src'}]\n", {"src/a/__init__.py": ""}, ("a",)),
        ("uv_build", "uv_build", "", {"src/demo/__init__.py": ""}, ("demo",)),
        ("uv_build", "uv_build", "[tool.uv.build-backend]\nmodule-name = 'a'\nmodule-root = ''\n", {"a/__init__.py": ""}, ("a",)),
        ("pdm-backend", "pdm.backend", "[tool.pdm.build]\npackage-dir = 'code'\n", {"code/a/__init__.py": ""}, ("a",)),
        ("pdm-backend", "pdm.backend", "[tool.pdm.build]\nincludes = ['code/a']\n", {"code/a/__init__.py": ""}, ("a",)),
        ("pdm-backend", "pdm.backend", "[tool.pdm.build]\nincludes = ['code']\npackage-dir = 'code'\n", {"code/a/__init__.py": ""}, ("a",)),
        ("pdm-backend", "pdm.backend", "", {"pdm_build.py": ""}, ()),
        ("maturin", "maturin", "[tool.maturin]\nmodule-name = 'a._x'\npython-source = 'py'\n", {"py/a/__init__.py": ""}, ("a",)),
        ("scikit-build-core", "scikit_build_core.build", "[tool.scikit-build]\nwheel.packages = ['py/a']\n", {"py/a/__init__.py": ""}, ("a",)),
    ],
)  # fmt: skip
def test_settings_of_other_backends(
    requirement: str, module: str, settings: str, texts: dict[str, str | None], expected: tuple[str, ...]
) -> None:
    assert imports_of({"pyproject.toml": backend(requirement, module, settings), **texts}) == expected


def test_names_that_the_metadata_declares_win() -> None:
    metadata = "Metadata-Version: 2.5\nName: demo\nVersion: 1.2.3\nImport-Name: elsewhere\n"
    texts: dict[str, str | None] = {"pyproject.toml": PYPROJECT, "PKG-INFO": metadata, "demo/__init__.py": ""}
    assert imports_of(texts) == ("elsewhere",)


def test_package_of_stubs_is_checked_but_not_imported() -> None:
    conversion = convert_texts({"pyproject.toml": PYPROJECT, "demo-stubs/__init__.pyi": ""})
    (test,) = conversion.recipe.outputs[0].tests
    assert isinstance(test, CommandTest)
    assert [line.command for line in test.lines] == ["pip check"]
    assert "no-modules" in slugs_of(conversion)


def test_commands_are_tested_by_their_help_and_gui_scripts_are_not() -> None:
    scripts = "[project.scripts]\ndemo = 'demo:main'\n[project.gui-scripts]\ndemo-gui = 'demo:gui'\n"
    conversion = convert_texts({"pyproject.toml": PYPROJECT + scripts, "demo/__init__.py": ""})
    output = conversion.recipe.outputs[0]
    (_, commands) = output.tests
    assert isinstance(commands, CommandTest)
    assert [line.command for line in commands.lines] == ["demo --help"]
    assert sorted(point.name for point in output.entry_points) == ["demo", "demo-gui"]


def test_command_of_an_extra_stays_but_is_not_tested() -> None:
    scripts = "[project.scripts]\ndemo = 'demo:main'\ndemod = 'demod:main [d]'\n"
    conversion = convert_texts({"pyproject.toml": PYPROJECT + scripts, "demo/__init__.py": ""})
    output = conversion.recipe.outputs[0]
    (_, commands) = output.tests
    assert isinstance(commands, CommandTest)
    assert [line.command for line in commands.lines] == ["demo --help"]
    assert [point.name for point in output.entry_points] == ["demo", "demod"]
    assert "entry-point-extra" in slugs_of(conversion)


@pytest.mark.parametrize(
    ("scripts", "expected"),
    [
        ("demo = 'demo:main'\ndemod = 'demod:main [d]'\n", ("demo",)),
        ("demo = 'demo:main'\ndemod = 'demod.run:main [d]'\n", ("demo",)),
        ("demod = 'demod:main [d]'\ndemod-lite = 'demod.lite:main'\n", ("demo", "demod")),
        ("demo = 'demo:main [cli]'\n", ("demo", "demod")),
    ],
    ids=["its command", "a command below it", "another command", "the project's own module"],
)
def test_a_module_that_only_serves_commands_of_extras_is_not_imported(
    scripts: str, expected: tuple[str, ...]
) -> None:
    text = backend("hatchling", "hatchling.build", f"[project.scripts]\n{scripts}")
    text += "[tool.hatch.build.targets.wheel]\npackages = ['src/demo', 'src/demod']\n"
    files: dict[str, str | None] = {"src/demo/__init__.py": "", "src/demod/__init__.py": ""}

    assert imports_of({"pyproject.toml": text, **files}) == expected


@pytest.mark.parametrize(
    ("script", "extra", "tested"),
    [
        ("demo = 'demo:main'", "cli = ['click']", False),
        ("demo-avro = 'demo.ext:main'", "avro = ['fastavro']", False),
        ("serve = 'demo.web_server.run:main'", "web-server = ['aiohttp']", False),
        ("demo = 'demo:main'", "avro = ['fastavro']", True),
        ("demo = 'demo:main'", "cli = ['attrs>=2']", True),
        ("demo = 'demo:main'", "cli = ['argcomplete']", True),
        ("demo-test = 'demo.test:main'", "test = ['pytest']", True),
    ],
    ids=[
        "for commands",
        "the command's",
        "the module's",
        "another",
        "required anyway",
        "a comfort",
        "for developers",
    ],
)
def test_a_command_that_by_its_name_needs_an_extra_is_not_tested_with_a_finding(
    script: str, extra: str, *, tested: bool
) -> None:
    tables = (
        f"dependencies = ['attrs']\n[project.scripts]\n{script}\n[project.optional-dependencies]\n{extra}\n"
    )
    conversion = convert_texts({"pyproject.toml": PYPROJECT + tables, "demo/__init__.py": ""})

    commands = [test for test in conversion.recipe.outputs[0].tests if isinstance(test, CommandTest)]
    assert bool(commands) == tested
    assert ("command-untested" in slugs_of(conversion)) != tested
    assert len(conversion.recipe.outputs[0].entry_points) == 1


def test_a_projects_only_module_is_imported_whatever_its_commands_need() -> None:
    scripts = "[project.scripts]\nother = 'other:main [d]'\n"

    assert imports_of({"pyproject.toml": PYPROJECT + scripts, "other/__init__.py": ""}) == ("other",)


def test_nothing_but_imports_is_tested_where_all_commands_need_extras() -> None:
    scripts = "[project.scripts]\ndemod = 'demod:main [d]'\n"
    conversion = convert_texts({"pyproject.toml": PYPROJECT + scripts, "demo/__init__.py": ""})
    (imports,) = conversion.recipe.outputs[0].tests
    assert isinstance(imports, PythonTest)


def test_maturin_module_without_python_files_is_named_by_the_crate() -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": backend("maturin", "maturin"),
        "Cargo.toml": "[package]\nname = 'demo-crate'\n[lib]\nname = '_demo'\n",
        "src/lib.rs": None,
    }
    assert imports_of(texts) == ("_demo",)
    texts["Cargo.toml"] = "[package]\nname = 'demo-crate'\n"
    assert imports_of(texts) == ("demo_crate",)


PLAIN = """
import sys

def main(argv=None):
    '''Command line usage.'''
    if argv is None:
        argv = sys.argv
    if len(argv) == 1:
        return 1
    for name in argv[1:]:
        print(open(name).read())
"""
CLI = "demo = 'demo.__main__:main'"
EXTRAS = "full = ['wilderness', 'tabview']\nall = ['demo[full]']"


@pytest.mark.parametrize(
    ("code", "tested"),
    [
        ("import wilderness\ndef main(): pass\n", False),
        ("def main():\n    from wilderness.app import App\n    App().run()\n", False),
        ("from .opt import import_optional\ndef main():\n    import_optional('wilderness')\n", False),
        ("def main():\n    app = require('wilderness')\n", False),
        ("try:\n    import wilderness\nexcept ImportError:\n    wilderness = None\ndef main(): pass\n", True),
        ("def main():\n    if ready():\n        import wilderness\n", True),
        ("def other():\n    import wilderness\ndef main(): pass\n", True),
        ("import attrs, demo, sys\nfrom . import wilderness\ndef main(): pass\n", True),
    ],
    ids=["module", "function", "helper", "assigned", "ready", "perhaps", "other function", "required"],
)
def test_a_command_that_imports_what_only_an_extra_has_is_not_tested(code: str, *, tested: bool) -> None:
    conversion = _with_command(EXTRAS, {"demo/__main__.py": code})

    assert _is_command_tested(conversion) == tested
    assert ("command-untested" in slugs_of(conversion)) != tested


@pytest.mark.parametrize(
    ("files", "tested"),
    [
        ({"demo/__main__.py": PLAIN}, False),
        ({"src/demo/__main__.py": "from .core import main\nmain()\n", "src/demo/core.py": PLAIN}, False),
        ({"demo/__main__.py": "from demo.core import go as main\n", "demo/core.py": PLAIN}, True),
        ({"demo/__main__.py": PLAIN.replace("main", "other") + "def main(): pass\n"}, True),
        ({"demo/__main__.py": PLAIN.replace("return 1", "print(USAGE)")}, True),
        ({"demo/__main__.py": PLAIN.replace("return 1", "raise SystemExit('--help helps')")}, True),
        ({"demo/__main__.py": PLAIN.replace("import sys", "import sys, optparse")}, True),
        ({"demo/__main__.py": "import sys\ndef main():\n    start(sys.argv[1:])\n"}, True),
        ({"demo/__main__.py": "import sys\ndef main(argv=None):\n    run(*(argv or sys.argv))\n"}, True),
    ],
    ids=[
        "own",
        "elsewhere",
        "another name",
        "another function",
        "usage",
        "help",
        "parser",
        "handed on",
        "handed on whole",
    ],
)
def test_a_command_that_takes_all_arguments_for_names_is_not_tested(
    files: dict[str, str], *, tested: bool
) -> None:
    conversion = _with_command(EXTRAS, files)

    assert _is_command_tested(conversion) == tested
    assert ("command-without-help" in slugs_of(conversion)) != tested


def _with_command(extras: str, files: dict[str, str]) -> Conversion:
    tables = (
        f"dependencies = ['attrs']\n[project.scripts]\n{CLI}\n[project.optional-dependencies]\n{extras}\n"
    )
    return convert_texts({"pyproject.toml": PYPROJECT + tables, "demo/__init__.py": "", **files})


def _is_command_tested(conversion: Conversion) -> bool:
    return any(isinstance(test, CommandTest) for test in conversion.recipe.outputs[0].tests)
