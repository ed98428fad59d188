"""Modules of projects whose layout says too little: records of setuptools, build files, backends of the source's own."""

import pytest

from conda_bridge.infer.modules.decision import installed_modules
from support.converting import context_of
from support.trees import facts_of_texts

PYPROJECT = """\
[build-system]
requires = ["{requirement}"]
build-backend = "{backend}"

[project]
name = "{name}"
version = "1.2.3"
"""
RECORD = "demo.egg-info/top_level.txt"


def pyproject(requirement: str, backend: str, more: str = "", *, name: str = "demo") -> str:
    return PYPROJECT.format(requirement=requirement, backend=backend, name=name) + more


SETUPTOOLS = pyproject("setuptools", "setuptools.build_meta")
SCIKIT_BUILD = pyproject("scikit-build-core", "scikit_build_core.build")
MESON = pyproject("meson-python", "mesonpy")
OWN_BACKEND = '[build-system]\nrequires = ["{}"]\nbuild-backend = "builder"\nbackend-path = ["conf"]\n[project]\nname = "demo"\nversion = "1"\n'


def modules_of(texts: dict[str, str | None], *, is_noarch: bool = False) -> list[str]:
    ctx = context_of(facts_of_texts(texts, label="demo-1.2.3"))
    return sorted(module.name for module in installed_modules(ctx, is_noarch=is_noarch))


def setup(*names: str, function: str = "Extension", before: str = "") -> str:
    extensions = ", ".join(f"{function}('{name}', ['x.c'])" for name in names)
    return f"from setuptools import Extension, setup\n{before}setup(ext_modules=[{extensions}])\n"


@pytest.mark.parametrize(
    ("recorded", "files", "expected"),
    [
        ("demo", {"setup.py": setup("demo"), "build_support/__init__.py": ""}, ["demo"]),
        ("demo", {"setup.py": setup("demo.a", "demo.b"), "demo/a.c": None, "build_setup.py": ""}, ["demo.a", "demo.b"]),
        ("demo", {"setup.py": setup("demo"), "demo/demo.pyx": None}, ["demo"]),
        ("demo", {"demo.pyi": "", "experimental/run.py": ""}, ["demo"]),
        ("demo", {"demo-stubs/__init__.pyi": ""}, ["demo"]),
        ("__init__\n_demo\n_demo_test\n", {"setup.py": setup("_demo"), "python/__init__.py": ""}, ["_demo"]),
        ("demo\nhelpers", {"setup.py": setup("demo"), "helpers/__init__.py": ""}, ["demo", "helpers"]),
        ("demo\ncerts", {"demo.py": "", "certs/a.py": "", "certs/b/c.py": ""}, ["demo"]),
        ("demo\nlibdemodriver", {"demo.py": ""}, ["demo"]),
        ("demo\ndemotests\ntestfunctions\nbench", dict.fromkeys(("demo.py", "demotests.py", "testfunctions.py", "bench.py"), ""), ["demo"]),
        ("_demo_data\ndemo", {"demo.py": "", "_demo_data.py": ""}, ["demo"]),
        ("other\nparts", {"parts/__init__.py": "", "setup.py": setup("other", function="CMakeExtension")}, ["parts"]),
        ("demo\ndemo_cpp", {"demo/__init__.py": "", "setup.py": setup("demo_cpp")}, ["demo"]),
        ("demo\nother", {"setup.py": setup("demo", "other")}, ["demo", "other"]),
        ("demo", {"code/__init__.py": ""}, ["demo"]),
        ("demo", {"tools_of_demo/__init__.py": "", "demo/data.txt": None}, []),
    ],
    ids=[
        "an extension module is the project",
        "a folder of extension modules",
        "an extension module in a folder of its name",
        "only types of a module",
        "only types of a package",
        "no module is called __init__",
        "an extension module beside a package",
        "a folder of data",
        "what the build fetches",
        "tests and benchmarks under one name",
        "a detail",
        "a target of CMake",
        "an extension module that the package imports",
        "several extension modules",
        "files in a folder of another name",
        "never the layout",
    ],
)  # fmt: skip
def test_record_of_setuptools_tells_what_is_installed(
    recorded: str, files: dict[str, str | None], expected: list[str]
) -> None:
    assert modules_of({"pyproject.toml": SETUPTOOLS, RECORD: recorded, **files}) == expected


@pytest.mark.parametrize("more", [{RECORD: "demo\nrunner\n"}, {}], ids=["recorded", "laid out"])
def test_packages_that_are_searched_for_stand_beside_listed_files(more: dict[str, str | None]) -> None:
    settings = '[tool.setuptools]\npy-modules = ["runner"]\n[tool.setuptools.packages.find]\nwhere = ["."]\n'
    files: dict[str, str | None] = {"runner.py": "", "demo/__init__.py": ""}

    assert modules_of({"pyproject.toml": SETUPTOOLS + settings, **files, **more}) == ["demo", "runner"]


def test_extension_module_of_pyproject_is_the_project_itself() -> None:
    settings = '[[tool.setuptools.ext-modules]]\nname = "demo"\nsources = ["x.c"]\n'

    assert modules_of({"pyproject.toml": SETUPTOOLS + settings, "x.c": None}) == ["demo"]


@pytest.mark.parametrize(
    ("before", "extension"),
    [
        ("import sys\nif sys.platform == 'win32':\n    more = [Extension('demo._win', ['x.c'])]\n", ""),
        ("import sys\nif sys.platform == 'darwin':\n    pass\nelif BSD:\n    more = [Extension('demo._bsd', ['x.c'])]\n", ""),
        ("", "demo._testcapi"),
    ],
    ids=["of one system", "of a system that conda lacks", "for tests"],
)  # fmt: skip
def test_extension_module_that_not_every_build_has_is_not_imported(before: str, extension: str) -> None:
    forgiving = "try:\n    run()\nexcept CompileError:\n    pass\n"
    names = ("demo._speed", *filter(None, (extension,)))
    texts: dict[str, str | None] = {
        "pyproject.toml": SETUPTOOLS,
        "setup.py": forgiving + setup(*names, before=before),
        "demo/__init__.py": "",
    }

    assert modules_of(texts) == ["demo", "demo._speed"]


def test_forgiving_setup_py_that_the_backend_never_runs_says_nothing() -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": MESON,
        "setup.py": "try:\n    run()\nexcept CompileError:\n    pass\n",
        "meson.build": "py.extension_module('_speed', 'x.c', subdir: 'demo', install: true)\n",
        "demo/__init__.py": "",
    }

    assert modules_of(texts) == ["demo"]


@pytest.mark.parametrize(
    "text",
    [
        "py.install_sources('demo/py/__init__.py', subdir: 'demo')\n",
        "pkg = 'demo'\npy.install_sources(['demo/py/__init__.py'], subdir: pg / 'sub')\npy.install_sources(all, subdir: pkg)\n",
        "folder = py.get_install_dir() / 'demo'\npy.extension_module('_a', 'x.c', install_dir: folder, install: true)\n",
        "install_subdir('demo', install_dir: py.get_install_dir())\n",
    ],
)
def test_meson_names_the_package(text: str) -> None:
    files: dict[str, str | None] = {"demo/py/__init__.py": "", "src_py/__init__.py": "", "dev.py": ""}

    assert modules_of({"pyproject.toml": MESON, "meson.build": text, **files}) == ["demo"]


def test_variables_of_the_top_file_hold_in_the_files_below() -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": pyproject("meson-python", "mesonpy", name="other"),
        "meson.build": "pkg = 'acme'\nsubdir('src_c')\n",
        "src_c/meson.build": "base = py.extension_module(\n  'base',\n  'x.c',\n  subdir: pkg,\n  install: true,\n)\n",
    }

    assert modules_of(texts) == ["acme"]


def test_data_that_meson_installs_is_no_package() -> None:
    meson = "py.install_sources(srcs, subdir: 'demo')\ninstall_subdir('fonts', install_dir: py.get_install_dir())\n"
    files: dict[str, str | None] = {"lib/demo/__init__.py": "", "lib/fonts/x.ttf": None}

    assert modules_of({"pyproject.toml": MESON, "lib/meson.build": meson, **files}) == ["demo"]


@pytest.mark.parametrize(
    ("cmake", "expected"),
    [
        (
            (
                "if(SKBUILD)\n  set(D ${SKBUILD_PLATLIB_DIR})\nelse()\n  set(D ${Python_SITEARCH})\nendif()\n"
                "nanobind_add_module(demo x.cpp)\ninstall(\n  TARGETS demo\n  LIBRARY DESTINATION ${D} COMPONENT b\n)\n"
            ),
            ["demo"],
        ),
        (
            (
                'set(NAME "demo_core" CACHE STRING "what it is called")\npython_add_library(target MODULE x.cpp)\n'
                "set_target_properties(\n  target PROPERTIES OUTPUT_NAME ${NAME}\n)\ninstall(TARGETS target DESTINATION .)\n"
            ),
            ["demo_core"],
        ),
        ("install(DIRECTORY ${MADE} DESTINATION demo USE_SOURCE_PERMISSIONS)\n", ["demo"]),
        ("install(DIRECTORY x DESTINATION include/demo)\n", []),
    ],
    ids=[
        "the folder of modules",
        "another file name than the target's",
        "files that the build makes",
        "headers",
    ],
)
def test_cmake_names_the_module(cmake: str, expected: list[str]) -> None:
    files: dict[str, str | None] = {"bindings/python/examples/run.py": "", "bindings/python/gen_docs.py": ""}

    assert modules_of({"pyproject.toml": SCIKIT_BUILD, "CMakeLists.txt": cmake, **files}) == expected


@pytest.mark.parametrize(
    ("settings", "cmake", "files", "expected"),
    [
        ('wheel.packages = ["python/parts"]', "", ("python/parts/__init__.py", "top/__init__.py"), ["parts"]),
        ('wheel.packages.parts = "code"', "", ("code/__init__.py",), ["parts"]),
        (
            'wheel.install-dir = "parts"',
            "python_add_library(_a MODULE x.c)\ninstall(TARGETS _a DESTINATION .)\n",
            ("init.py",),
            ["parts"],
        ),
        ('wheel.packages = ["parts", "parts.hooks"]', "", ("parts/__init__.py",), ["parts"]),
    ],
    ids=["a path", "a table of paths", "where the build's files go", "a path with a dot"],
)
def test_settings_of_scikit_build_name_the_package(
    settings: str, cmake: str, files: tuple[str, ...], expected: list[str]
) -> None:
    text = f"{SCIKIT_BUILD}[tool.scikit-build]\n{settings}\n"

    assert (
        modules_of({"pyproject.toml": text, "CMakeLists.txt": cmake, **dict.fromkeys(files, "")}) == expected
    )


def test_settings_of_py_build_cmake_name_the_package() -> None:
    settings = '[tool.py-build-cmake.module]\nname = "acme"\ndirectory = "src-python"\n'
    text = pyproject("py-build-cmake", "py_build_cmake.build", settings)

    assert modules_of(
        {"pyproject.toml": text, "src-python/acme/demo/__init__.py": "", "conanfile.py": ""}
    ) == ["acme.demo"]


def test_maturin_installs_listed_packages_beside_its_module() -> None:
    settings = '[tool.maturin]\nmodule-name = "demo_rust"\npython-packages = ["demo"]\n'
    text = pyproject("maturin", "maturin", settings)

    assert modules_of({"pyproject.toml": text, "demo/__init__.py": "", "rust/lib.rs": None}) == [
        "demo",
        "demo_rust",
    ]


def test_program_in_rust_has_no_module() -> None:
    text = pyproject("maturin", "maturin", '[tool.maturin]\nbindings = "bin"\n')

    assert (
        modules_of({"pyproject.toml": text, "Cargo.toml": '[package]\nname = "demo"\n', "src/main.rs": None})
        == []
    )


def test_backend_of_the_sources_own_is_not_imported() -> None:
    files: dict[str, str | None] = {
        "conf/builder.py": "",
        "conf/__init__.py": "",
        "builder.py": "",
        "helper.py": "",
    }

    assert modules_of({"pyproject.toml": OWN_BACKEND.format("setuptools"), **files}) == []
    assert modules_of({"pyproject.toml": OWN_BACKEND.format("setuptools"), **files}, is_noarch=True) == []


def test_backend_that_wraps_another_has_its_settings() -> None:
    text = (
        OWN_BACKEND.format("maturin") + '[tool.maturin]\nmodule-name = "vibes._native"\npython-source = "."\n'
    )

    assert modules_of({"pyproject.toml": text, "conf/builder.py": "", "build_hooks/__init__.py": ""}) == [
        "vibes"
    ]


@pytest.mark.parametrize(
    ("name", "paths", "expected"),
    [
        ("demo", ("src_py/__init__.py", "dev.py", "build_config/__init__.py"), []),
        ("acme", ("bindings/python/acme/__init__.py", "models/a.py", "unittest/run.py"), ["acme"]),
        ("other", ("src/acme/other/__init__.py",), ["acme.other"]),
        ("demo", ("other/__init__.py", "run_it.py"), ["other"]),
        ("demo", ("one/__init__.py", "two/__init__.py"), []),
        ("python-acme", ("acme/__init__.py", "extra/__init__.py"), ["acme"]),
        ("acme", ("bindings/python/tests/acme/__init__.py", "stub.py"), []),
    ],
    ids=[
        "programs of the repository",
        "deep below",
        "a part of a namespace",
        "the one package",
        "one of several",
        "nearly called like the project",
        "tests",
    ],
)
def test_beside_native_code_only_what_is_likely_is_imported(
    name: str, paths: tuple[str, ...], expected: list[str]
) -> None:
    text = pyproject("cmeel", "cmeel", name=name)

    assert modules_of({"pyproject.toml": text, **dict.fromkeys(paths, "")}) == expected
