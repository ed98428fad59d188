"""Libraries that the project is, trees that the build never enters, and what packages open when they run."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from conda_bridge.infer.external import External
from conda_bridge.infer.external_table import propose_external
from conda_bridge.infer.libraries import Libraries, infer_libraries
from conda_bridge.infer.libraries.reaching import unreached_headers
from conda_bridge.infer.native import Native
from conda_bridge.model.evidence import Inferred
from conda_bridge.model.recipe import spec_key
from conda_bridge.model.source import Signal
from conda_bridge.translate.external import external_mapping
from conda_bridge.translate.libraries import library_table
from support.converting import PYPROJECT, context_of, convert_texts
from support.trees import facts_of_texts

NATIVE = Native(is_native=True, compilers=("c",))
PURE = Native(is_native=False)
ZLIB = "#include <zlib.h>\n"
SETUP = "from setuptools import Extension, setup\nsetup(ext_modules=[Extension('demo', ['a.c'], libraries=['z'])])\n"


def inferred(
    files: Mapping[str, str | None], *, name: str = "demo", native: Native = NATIVE
) -> Inferred[Libraries]:
    pyproject = PYPROJECT.replace('name = "demo"', f'name = "{name}"')
    texts: dict[str, str | None] = {"pyproject.toml": pyproject, **files}
    facts = facts_of_texts(texts, label=f"{name.replace('-', '_')}-1.2.3")
    return infer_libraries(replace(context_of(facts), libraries=library_table()), native, External())


def lines_of(result: Inferred[Libraries]) -> list[str]:
    return [f"{one.section} {spec_key(one.spec)}" for one in result.value.contributions]


# ---------------------------------------------------------------- the project itself


def test_library_that_the_project_builds_is_no_dependency() -> None:
    files = {
        "src/treelite/tree.h": "#include <treelite/base.h>\n",
        "src/x.cc": "#include <treelite/base.h>\n",
        "y.cc": "#include <treelite/base.h>\n",
        "CMakeLists.txt": "project(x)\nfind_package(Treelite REQUIRED)\n",
    }
    assert lines_of(inferred(files)) == ["host treelite"]
    built = {**files, "src/CMakeLists.txt": "add_library(treelite a.cc)\n"}
    result = inferred(built, name="treelite-bindings")
    assert lines_of(result) == []
    (found,) = (one for one in result.value.found if one.key == "treelite")
    assert found.note == "the project builds it itself"


def test_library_whose_package_is_called_as_the_recipe_is_told_apart() -> None:
    files = {"setup.py": SETUP.replace("'z'", "'fontconfig'"), "a.c": "#include <fontconfig/fontconfig.h>\n"}
    assert lines_of(inferred(files)) == ["host fontconfig"]
    result = inferred(files, name="fontconfig")
    assert lines_of(result) == []
    assert "library-namesake" in {one.slug for one in result.diagnostics}


def test_own_library_is_not_proposed() -> None:
    conversion = convert_texts({"pyproject.toml": PYPROJECT, "demo/__init__.py": ""})
    found = inferred(
        {
            "CMakeLists.txt": "project(x)\nadd_library(treelite a.cc)\n",
            "a.cc": "#include <treelite/c_api.h>\n",
        },
        name="treelite",
    ).value.found
    assert found
    assert propose_external(replace(conversion, libraries=found), external_mapping()) == ()


# ---------------------------------------------------------------- what the build never enters


@pytest.mark.parametrize(
    "path",
    [
        "c_tests/a.c",
        "zint/backend/a.c",
        "src/some-thing-1.0.2/a.c",
        "plugins/x/a.c",
        "external_packages/x/a.c",
    ],
)
def test_tree_aside_says_nothing_for_sure(path: str) -> None:
    files = {"zint/zint.h": "", "zint/zint.c": "", "README.md": "apt-get install zlib1g-dev\n"}
    assert lines_of(inferred({**files, "src/a.c": ZLIB})) == ["host zlib"]
    assert lines_of(inferred({**files, path: ZLIB})) == []


def test_folder_that_is_called_like_the_project_is_its_own() -> None:
    files = {"zint/zint.h": "", "zint/zint.c": ZLIB, "setup.py": SETUP}
    assert lines_of(inferred(files, name="zint-python")) == ["host zlib"]


def test_header_for_others_that_no_source_reaches_says_nothing() -> None:
    includes = {
        "src/a.c": ("lib/one.h",),
        "include/lib/one.h": ("two.h",),
        "include/lib/two.h": ("zlib.h",),
        "include/lib/three.h": ("png.h",),
        "src/four.h": ("jpeglib.h",),
    }
    signals = [
        Signal(kind="include", token=name, path=path, line=1)
        for path, names in includes.items()
        for name in names
    ]
    assert unreached_headers(signals) == {"include/lib/three.h"}
    assert unreached_headers(signals[1:]) == frozenset(), "a package of headers alone is all for others"


def test_source_for_graphics_processors_is_a_variants() -> None:
    wanted = {"setup.py": SETUP}
    assert lines_of(inferred({**wanted, "a.cu": ZLIB})) == []
    assert lines_of(inferred({**wanted, "a.c": ZLIB})) == ["host zlib"]


def test_grammar_has_the_header_of_its_parser_itself() -> None:
    parser = '#include "tree_sitter/{}.h"\n'
    assert lines_of(inferred({"a.c": parser.format("parser"), "b.c": parser.format("parser")})) == []
    assert lines_of(inferred({"a.c": parser.format("api"), "b.c": parser.format("api")})) == [
        "host libtree-sitter"
    ]


def test_edition_is_the_one_that_the_project_is_named_after() -> None:
    files = {"a.cpp": "#include <QtCore/QObject>\n", "b.cpp": "#include <QtCore/QObject>\n"}
    assert lines_of(inferred(files)) == ["host qt-main"]
    assert lines_of(inferred(files, name="demoqt6")) == ["host qt6-main"]


def test_switch_that_nothing_passes_on_sets_no_copy_aside() -> None:
    files = {
        "CMakeLists.txt": 'project(x)\noption(USE_SYSTEM_ZLIB "x" OFF)\n',
        "deps/zlib/zlib.h": "",
        "deps/zlib/zlib.c": "",
        "a.c": ZLIB,
        "setup.py": SETUP,
    }
    result = inferred(files)
    assert lines_of(result) == []
    assert any("nothing passes USE_SYSTEM_ZLIB on" in one.message for one in result.diagnostics)


def test_what_a_passed_switch_turns_on_is_there() -> None:
    files = {
        "setup.py": "import os\nfrom setuptools import Extension, setup\nlibs = []\n"
        "if os.environ.get('DEMO_USE_SYSTEM_ZLIB') == '1':\n    libs.append('z')\n"
        "setup(ext_modules=[Extension('demo', ['a.c'], libraries=libs)])\n",
        "a.c": ZLIB,
    }
    result = inferred(files)
    assert lines_of(result) == ["host zlib"]
    assert [switch.name for switch in result.value.switches] == ["DEMO_USE_SYSTEM_ZLIB"]


def test_what_else_a_passed_switch_turns_on_is_there_too() -> None:
    backend = PYPROJECT.replace("hatchling>=1.27", "scikit-build-core")
    files = {
        "pyproject.toml": backend.replace("hatchling.build", "scikit_build_core.build"),
        "CMakeLists.txt": 'project(x)\noption(USE_SYSTEM_ZLIB "x" OFF)\nif(USE_SYSTEM_ZLIB)\n'
        "find_package(ZLIB REQUIRED)\nfind_package(PNG REQUIRED)\nendif()\n",
        "a.c": f"{ZLIB}#include <png.h>\n",
    }
    assert lines_of(inferred(files)) == ["host libpng", "host zlib"]


# ---------------------------------------------------------------- crates


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ('[dependencies]\nopenssl = "0.10"', ["host openssl"]),
        ('[dependencies]\nopenssl = { version = "0.10", optional = true }', []),
        (
            '[dependencies]\nopenssl = { version = "0.10", optional = true }\n[features]\ndefault = ["dep:openssl"]',
            ["host openssl"],
        ),
    ],
)
def test_crate_counts_where_features_turn_it_on(manifest: str, expected: list[str]) -> None:
    files = {
        "Cargo.toml": manifest,
        "Cargo.lock": '[[package]]\nname = "openssl-sys"\n',
        "README.md": "apt-get install libssl-dev\n",
    }
    assert lines_of(inferred(files)) == expected


def test_crate_that_a_workspace_only_lists_is_none() -> None:
    assert lines_of(inferred({"Cargo.toml": '[workspace.dependencies]\nopenssl = "0.10"\n'})) == []
    assert lines_of(inferred({"Cargo.toml": '[dependencies]\nopenssl = "0.10"\n'})) == ["host openssl"]


def test_feature_that_the_backend_turns_on_counts() -> None:
    maturin = f'{PYPROJECT}\n[tool.maturin]\nfeatures = ["openssl"]\n'
    files = {
        "pyproject.toml": maturin,
        "Cargo.toml": '[dependencies]\nopenssl = { version = "0.10", optional = true }',
        "README.md": "apt-get install libssl-dev\n",
    }
    assert lines_of(inferred(files)) == ["host openssl"]


# ---------------------------------------------------------------- opened at run time


@pytest.mark.parametrize(
    ("modules", "expected"),
    [
        ({"api": "find_library('MagickWand' + suffix)"}, ["run imagemagick"]),
        ({"dll": "x = DLL('SDL2', ['SDL2'])"}, ["run sdl2"]),
        ({"ffi": "_dlopen(ffi, 'libpango-1.0-0', 'pango-1.0')"}, ["run pango"]),
        ({"low": "load_locate_library(('usb-1.0', 'usb'), 'x.dll')"}, ["run libusb"]),
        ({"__init__": "dlopen('cairo')", "more": "dlopen('gdk_pixbuf-2.0')"}, ["run cairo"]),
        ({"a": "import findlibs\nfindlibs.find('eccodes')"}, ["run eccodes"]),
        (
            {
                "a": "try:\n    import other\nexcept ImportError:\n"
                "    try:\n        dlopen('sndfile')\n    except OSError:\n        dlopen('libsndfile.so')"
            },
            ["run libsndfile"],
        ),
        ({"a": "try:\n    dlopen('sndfile')\nexcept OSError:\n    pass"}, []),
        (
            {"a": "for name in ('portaudio', 'libportaudio.so'):\n    name = find_library(name)"
             "\nelse:\n    name = os.path.join(here, 'x')\ndlopen(name)"},
            ["run portaudio"],
        ),
        ({name: f"dlopen('{name}')" for name in ("cairo", "pango-1.0", "sndfile", "portaudio", "magic", "z", "SDL2")}, []),
    ],
)  # fmt: skip
def test_pure_package_runs_with_what_its_modules_open(modules: dict[str, str], expected: list[str]) -> None:
    head = "import os\nfrom ctypes.util import find_library\n"
    files = {f"demo/{name}.py": head + text for name, text in modules.items()}
    assert lines_of(inferred({"demo/__init__.py": "", **files}, native=PURE)) == expected
