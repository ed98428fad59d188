"""Which programs and runtimes a build needs beside compilers, and in which section."""

import pytest

from conda_bridge.infer.contributions import Contribution
from conda_bridge.infer.native import Native
from conda_bridge.infer.native.tools import infer_tools
from conda_bridge.infer.noarch import Kind
from conda_bridge.infer.pythons import infer_python
from conda_bridge.model.condition import ALWAYS, CROSS, Condition, os_in
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.evidence import Certainty
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import MatchSpec, Section, spec_key
from support.converting import PYPROJECT, context_of, convert_texts, output_of, section_of, specs_of
from support.trees import facts_of_texts

MODULE: dict[str, str | None] = {"demo/__init__.py": "", "x.c": ""}
SETUP = (
    "import subprocess\nfrom setuptools import Extension, setup\n{}\n"
    "setup(name='demo', version='1.2.3', ext_modules=[Extension('demo._x', ['x.c'])])\n"
)
UNIX = os_in({"linux", "osx"})
HATCH_JS = """\
[tool.hatch.build.hooks.hatch-js]
path = "js"
tool = "pnpm"
targets = ["demo/bundle.js"]
"""
WASM = (
    '{"scripts": {"setup": "cargo install wasm-pack build", "build": "npm-run-all build:rust build:bind", '
    '"build:rust": "cargo build --target wasm32-unknown-unknown", "build:bind": "wasm-bindgen x.wasm --out-dir y"}}'
)


def pyproject(*requires: str, backend: str = "setuptools.build_meta", more: str = "") -> str:
    listed = '", "'.join(requires)
    return PYPROJECT.replace("hatchling>=1.27", listed).replace("hatchling.build", backend) + more


def placed(conversion: Conversion, section: Section) -> dict[str, Condition]:
    """Return the plain packages of a section and where each applies."""
    return {
        str(one.spec): one.condition
        for one in section_of(conversion, section)
        if isinstance(one.spec, MatchSpec) and one.spec.conda_name not in {"python", "pip"}
    }


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("subprocess.check_call(['cmake', '.'])", {"cmake": ALWAYS, "make": UNIX}),
        ("subprocess.check_call(['cmake', '-GNinja', '.'])", {"cmake": ALWAYS, "ninja": ALWAYS}),
        ("subprocess.check_call(['cmake', '.'])\nsubprocess.check_call(['ninja'])", {"cmake": ALWAYS, "ninja": ALWAYS}),
        ("subprocess.check_call(['make', 'lib'])", {"make": UNIX}),
        ("subprocess.check_output(['git', 'describe'])", {}),
        ("if sys.platform == 'win32':\n    subprocess.check_call(['nasm'])", {"nasm": os_in({"win"})}),
    ],
    ids=["CMake", "CMake with Ninja", "both called", "make", "git tells a version", "on Windows"],
)  # fmt: skip
def test_programs_that_setup_py_calls(code: str, expected: dict[str, Condition]) -> None:
    conversion = convert_texts({"setup.py": "import sys\n" + SETUP.format(code), **MODULE})
    assert placed(conversion, "build") == expected


def test_cmake_that_is_called_names_the_languages() -> None:
    texts = {
        "setup.py": SETUP.format("subprocess.check_call(['cmake', '.'])"),
        "CMakeLists.txt": "project(x)\n",
    }
    assert "<compiler(cxx)>" in specs_of(convert_texts({**texts, **MODULE}), "build")


def test_interface_without_its_wrapper_needs_swig() -> None:
    texts: dict[str, str | None] = {"setup.py": SETUP.format("").replace("x.c", "demo/x.i"), "demo/x.i": ""}
    assert "swig" in placed(convert_texts({**texts, **MODULE}), "build")
    shipped = convert_texts({**texts, **MODULE, "demo/x_wrap.c": ""})
    assert "swig" not in placed(shipped, "build")


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ("[dependencies]\nopenssl = { version = '*', features = ['vendored'] }\n", {"make": UNIX, "perl": ALWAYS}),
        ("[dependencies]\nopenssl = '0.10'\n", {}),
        ("[target.'cfg(unix)'.dependencies]\ntikv-jemallocator = '0.6'\n", {"make": UNIX}),
        ("[dependencies]\ntikv-jemallocator = { version = '0.6', optional = true }\n", {}),
        ("[features]\ndefault = ['fast']\nfast = ['dep:tikv-jemallocator']\n[dependencies]\ntikv-jemallocator = { version = '0.6', optional = true }\n", {"make": UNIX}),
        ("[dependencies]\ninner = { path = 'inner' }\n", {"libprotobuf": ALWAYS}),
    ],
    ids=["vendored OpenSSL", "the system's OpenSSL", "of a target", "an option", "an option that is on", "a neighbour's"],
)  # fmt: skip
def test_programs_that_crates_run(manifest: str, expected: dict[str, Condition]) -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": pyproject("maturin", backend="maturin"),
        "Cargo.toml": f"[package]\nname = 'demo'\n{manifest}",
        "inner/Cargo.toml": "[package]\nname = 'inner'\n[build-dependencies]\nprost-build = '1'\n",
    }
    build = placed(convert_texts({**texts, **MODULE}), "build")
    assert {
        key: where for key, where in build.items() if key not in {"maturin", "cargo-bundle-licenses"}
    } == expected


def test_crates_find_libraries_of_the_system_with_pkg_config() -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": pyproject("maturin", backend="maturin"),
        "Cargo.toml": "[package]\nname = 'demo'\n",
        **MODULE,
    }
    context = context_of(facts_of_texts(texts))
    line = Contribution(
        section="host", spec=MatchSpec(conda_name=CondaName("alsa-lib")), condition=os_in({"linux"}),
        certainty=Certainty.DERIVED, origins=("Cargo.toml:2",), rule="libraries",
    )  # fmt: skip
    native = Native(is_native=True, compilers=("rust",), origins=("Cargo.toml",))
    python, kind = infer_python(context).value, Kind(is_noarch=False)
    with_library = infer_tools(context, native, kind, python, (line,)).value
    (found,) = [one for one in with_library if spec_key(one.spec) == "pkg-config"]
    assert (found.section, found.condition, found.origins) == ("build", os_in({"linux"}), ("Cargo.toml:2",))
    without = infer_tools(context, native, kind, python).value
    assert "pkg-config" not in {spec_key(one.spec) for one in without}


def test_package_manager_of_a_hook_stands_beside_the_backend() -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": pyproject(
            "hatchling", "hatch-js", "hatch-rs", backend="hatchling.build", more=HATCH_JS
        ),
        "js/package.json": WASM,
        "js/Cargo.toml": "[package]\n[dependencies]\nwasm-bindgen = '=0.2.100'\n",
    }
    conversion = convert_texts({**texts, **MODULE})
    host, build = placed(conversion, "host"), placed(conversion, "build")
    assert host["pnpm"] == ALWAYS
    assert build["pnpm"] == CROSS
    assert "rust-std-wasm32-unknown-unknown" in build
    assert "wasm-bindgen-cli ==0.2.100" in build
    assert "wasm-pack" not in build


@pytest.mark.parametrize(
    ("more", "files", "expected"),
    [
        ("[tool.hatch.build.hooks.hatch-js]\n", {"js/pnpm-lock.yaml": ""}, "pnpm"),
        (
            "[tool.hatch.build.hooks.hatch-js]\n",
            {"js/package.json": '{"packageManager": "yarn@4.1.0"}'},
            "yarn",
        ),
        ("[tool.hatch.build.hooks.hatch-js]\n", {}, "nodejs"),
        ("[tool.hatch.build.hooks.jupyter-builder]\nskip-if-exists = ['demo/a.js']\n", {}, "nodejs"),
        ("[tool.hatch.build.hooks.jupyter-builder]\nskip-if-exists = ['demo/a.js']\n", {"demo/a.js": ""}, ""),
        ("[tool.hatch.build.hooks.hatch-js]\nenable-by-default = false\n", {}, ""),
    ],
    ids=["lock file", "package.json", "npm", "a builder", "a builder that is skipped", "switched off"],
)
def test_package_manager_of_javascript(more: str, files: dict[str, str | None], expected: str) -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": pyproject("hatchling", backend="hatchling.build", more=more)
    }
    conversion = convert_texts({**texts, **MODULE, **files})
    assert output_of(conversion).noarch == "python"
    assert set(placed(conversion, "host")) - {"hatchling"} == ({expected} if expected else set())


def test_hook_whose_results_are_shipped_is_told_to_skip() -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": pyproject("hatchling", "hatch-js", backend="hatchling.build", more=HATCH_JS),
        "demo/bundle.js": "",
    }
    conversion = convert_texts({**texts, **MODULE})
    assert "pnpm" not in placed(conversion, "host")
    assert output_of(conversion).script.env == (("SKIP_HATCH_JS", "1"),)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            {"pyproject.toml": pyproject("scikit-build-core", backend="scikit_build_core.build"), "CMakeLists.txt": "project(x C)\nfind_package(OpenMP REQUIRED)\n"},
            {"libgomp": os_in({"linux"}), "llvm-openmp": os_in({"osx"})},
        ),
        (
            {"pyproject.toml": pyproject("scikit-build-core", backend="scikit_build_core.build"), "CMakeLists.txt": "project(x C)\nfind_package(OpenMP)\n"},
            {},
        ),
        (
            {
                "pyproject.toml": pyproject("scikit-build-core", backend="scikit_build_core.build"),
                "CMakeLists.txt": 'project(x C)\noption(WITH_OPENMP "in parallel" OFF)\nif(WITH_OPENMP)\n  find_package(OpenMP REQUIRED)\nendif()\n',
            },
            {},
        ),
        (
            {
                "pyproject.toml": pyproject("meson-python", backend="mesonpy"),
                "meson.build": "project('x', 'c')\nif get_option('openmp')\n  dependency('openmp')\nendif\n",
                "meson.options": "option('openmp', type: 'boolean', value: false, description: 'in parallel')\n",
            },
            {},
        ),
        (
            {"setup.py": SETUP.format("from extension_helpers import add_openmp_flags_if_available")},
            {"libgomp": os_in({"linux"}), "llvm-openmp": os_in({"osx"})},
        ),
        ({"setup.py": SETUP.format("# add_openmp_flags_if_available")}, {}),
        ({"setup.py": SETUP.format("flags = ['/openmp-']")}, {}),
        ({"setup.py": SETUP.format("if sys.platform == 'linux':\n    flags = ['-fopenmp']")}, {"libgomp": os_in({"linux"})}),
    ],
    ids=["required", "optional", "an option of CMake that is off", "one of Meson", "a function", "a comment", "switched off", "on Linux"],
)  # fmt: skip
def test_runtime_of_openmp(texts: dict[str, str | None], expected: dict[str, Condition]) -> None:
    host = placed(convert_texts({**texts, **MODULE}), "host")
    assert {key: where for key, where in host.items() if key in {"libgomp", "llvm-openmp"}} == expected


def test_programs_name_where_they_are_called() -> None:
    conversion = convert_texts({"setup.py": SETUP.format("subprocess.check_call(['cmake', '.'])"), **MODULE})
    (why,) = [one for one in conversion.evidence if one.address.endswith("requirements.build/cmake")]
    assert why.origins == ("setup.py:3",)
    assert why.rule == "native.tools"


@pytest.mark.parametrize(("extra", "expected"), [("cmake", {"cmake": ALWAYS}), ("patchelf", {})])
def test_program_that_an_extra_of_the_backend_brings_is_no_library(
    extra: str, expected: dict[str, Condition]
) -> None:
    table = pyproject("setuptools", "helper[tool]")
    conversion = convert_texts(
        {"pyproject.toml": table, "setup.py": SETUP.format(""), **MODULE},
        extras={"helper[tool]": (f"{extra}>=3.31",)},
    )
    assert placed(conversion, "build") == expected
    assert extra not in specs_of(conversion, "host")


def test_bazel_workspace_whose_build_names_it_runs_it() -> None:
    texts = {
        "pyproject.toml": pyproject("setuptools"),
        "setup.py": SETUP.format("WRAPPER = 'bazelisk.py'"),
        **MODULE,
    }
    with_workspace = convert_texts({**texts, "WORKSPACE": ""})
    assert placed(with_workspace, "build") == {"bazel": ALWAYS}
    assert placed(convert_texts(texts), "build") == {}


def test_openmp_that_macos_finds_another_way_is_needed_there_too() -> None:
    table = pyproject("scikit-build-core", backend="scikit_build_core.build")
    build = "project(demo LANGUAGES C)\nif(APPLE)\n  {}\nelse()\n  find_package(OpenMP REQUIRED)\nendif()\n"
    elsewhere = convert_texts(
        {"pyproject.toml": table, "CMakeLists.txt": build.format("find_openmp_macos()"), **MODULE}
    )
    nowhere = convert_texts({"pyproject.toml": table, "CMakeLists.txt": build.format(""), **MODULE})
    assert placed(elsewhere, "host") == {
        "scikit-build-core": ALWAYS,
        "libgomp": os_in({"linux"}),
        "llvm-openmp": os_in({"osx"}),
    }
    assert "llvm-openmp" not in placed(nowhere, "host")


def test_declared_rust_links_with_c_and_asks_no_crates_where_there_are_none() -> None:
    table = pyproject(
        "setuptools",
        more='[external]\nbuild-requires = ["dep:virtual/compiler/rust"]\nhost-requires = ["dep:generic/zlib"]\n',
    )
    conversion = convert_texts({"pyproject.toml": table, "demo/__init__.py": ""})
    build = specs_of(conversion, "build")
    assert {"<compiler(rust)>", "<compiler(c)>"} <= set(build)
    assert "pkg-config" not in build
