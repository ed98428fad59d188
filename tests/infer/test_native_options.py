"""Builds that compile nothing unless they are told to, and wheels that bring what no source builds."""

import pytest
from packaging.version import Version

from conda_bridge.model.conversion import Conversion
from conda_bridge.model.source import IndexFacts
from support.converting import PYPROJECT, convert_texts, output_of, section_of, slugs_of, specs_of

SETUPTOOLS = PYPROJECT.replace("hatchling>=1.27", "setuptools").replace(
    "hatchling.build", "setuptools.build_meta"
)
MODULE: dict[str, str | None] = {"demo/__init__.py": ""}
PURE = "demo-1.2.3-py3-none-any.whl"
BRINGS = "demo-1.2.3-py3-none-manylinux_2_17_x86_64.whl"
COMPILED = "demo-1.2.3-cp311-cp311-manylinux_2_17_x86_64.whl"


def wheels(*names: str) -> IndexFacts:
    return IndexFacts(index_url="https://index.example/simple", version=Version("1.2.3"), wheels=names)


def is_noarch(conversion: Conversion) -> bool:
    return output_of(conversion).noarch == "python"


def messages(conversion: Conversion, slug: str) -> list[str]:
    return [one.message for one in conversion.diagnostics if one.slug == slug]


# ---------------------------------------------------------------- wheels


@pytest.mark.parametrize(
    ("names", "files", "expected"),
    [
        ((BRINGS,), {}, True),
        ((BRINGS, PURE), {}, True),
        ((BRINGS,), {"demo/x.c": ""}, False),
        ((COMPILED,), {}, False),
        ((COMPILED, PURE), {"demo/x.pyx": ""}, False),
        ((COMPILED, PURE), {}, True),
    ],
    ids=[
        "a binary", "a binary for some", "a binary that is compiled here", "modules", "modules and their sources, beside a pure one",
        "modules from elsewhere",
    ],
)  # fmt: skip
def test_tags_of_wheels_alone(
    names: tuple[str, ...],
    files: dict[str, str | None],
    expected: bool,  # noqa: FBT001
) -> None:
    conversion = convert_texts({"pyproject.toml": SETUPTOOLS, **MODULE, **files}, index=wheels(*names))

    assert is_noarch(conversion) is expected
    assert ("wheels-bring-binary" in slugs_of(conversion)) is expected


def test_wheels_that_bring_a_binary_name_the_systems() -> None:
    windows = BRINGS.replace("manylinux_2_17_x86_64", "win_amd64")
    conversion = convert_texts({"pyproject.toml": SETUPTOOLS, **MODULE}, index=wheels(BRINGS, windows))

    (message,) = messages(conversion, "wheels-bring-binary")
    assert "for linux, win bring a program or library" in message


@pytest.mark.parametrize(
    ("source", "expected"),
    [("None", True), ("'int x;'", False)],
    ids=["ABI mode", "API mode"],
)
def test_cffi_module_without_a_source_is_not_compiled(source: str, expected: bool) -> None:  # noqa: FBT001
    texts = {
        "setup.py": "from setuptools import setup\nsetup(name='demo', version='1', cffi_modules=['demo_build.py:ffi'])\n",
        "demo_build.py": f"from cffi import FFI\nffi = FFI()\nffi.set_source('_demo', {source})\n",
    }
    assert is_noarch(convert_texts({**texts, **MODULE})) is expected


# ---------------------------------------------------------------- switches


@pytest.mark.parametrize(
    ("code", "switch"),
    [
        ("if '--with-ext' in sys.argv:\n    modules = [Extension('demo.x', ['x.c'])]", "--with-ext"),
        ("if os.environ.get('DEMO_EXT') == '1':\n    modules = [Extension('demo.x', ['x.c'])]", "DEMO_EXT"),
        ("if os.getenv('DEMO_EXT', 'no').lower() in ('1', 'yes'):\n    modules = [Extension('demo.x', ['x.c'])]", "DEMO_EXT"),
        ("if 'DEMO_EXT' in os.environ:\n    modules = [Extension('demo.x', ['x.c'])]", "DEMO_EXT"),
        ("USE = False\nif '--ext' in sys.argv:\n    USE = True\nif USE:\n    modules = [Extension('demo.x', ['x.c'])]", "--ext"),
        ("USE = False\nmodules = [Extension('demo.x', ['x.c'])] if USE else []", "USE"),
        ("def f():\n    if not os.environ.get('DEMO_EXT'):\n        return []\n    return [Extension('demo.x', ['x.c'])]\nmodules = f()", "DEMO_EXT"),
    ],
)  # fmt: skip
def test_extension_that_is_off_by_default_is_told_with_its_switch(code: str, switch: str) -> None:
    setup = (
        "import os, sys\nfrom setuptools import Extension, setup\nmodules = []\n"
        f"{code}\nsetup(ext_modules=modules)\n"
    )
    texts: dict[str, str | None] = {"pyproject.toml": SETUPTOOLS, "setup.py": setup, "x.c": "", **MODULE}

    optional = convert_texts(texts, index=wheels(PURE, COMPILED))
    compiled = convert_texts(texts, index=wheels(COMPILED))

    assert is_noarch(optional)
    assert any(f"{switch} turns" in message for message in messages(optional, "optional-extension"))
    assert not is_noarch(compiled)


@pytest.mark.parametrize(
    "test",
    [
        "not os.environ.get('DEMO_NO_EXT')",
        "'--no-ext' not in sys.argv",
        "os.environ.get('DEMO_EXT', '1') == '1'",
        "'bdist_wheel' in sys.argv",
        "os.environ.get('CUDA_HOME')",
        "SHARED",
        "HAVE",
        "cythonize is not None",
        "given",
    ],
)
def test_extension_that_is_on_or_that_nobody_knows_is_built(test: str) -> None:
    setup = (
        "import os, sys\nfrom setuptools import Extension, setup\nSHARED = HAVE = False\n"
        "def mark():\n    global SHARED\n    SHARED = True\n"
        "for path in sys.path:\n    HAVE = os.path.exists(path)\n"
        "try:\n    from Cython.Build import cythonize\nexcept ImportError:\n    cythonize = None\n"
        f"def build(given=False):\n    if {test}:\n        return [Extension('demo.x', ['x.c'])]\n    return []\n"
        "setup(ext_modules=build(True))\n"
    )
    assert not is_noarch(
        convert_texts({"pyproject.toml": SETUPTOOLS, "setup.py": setup, "x.c": "", **MODULE})
    )


@pytest.mark.parametrize(
    "code",
    [
        "RUST = False\nif '--rust-backend' in sys.argv:\n    RUST = True\nif RUST:\n    modules.append(helpers.rust_extension())",
        "class D(Distribution):\n    rust = False\n    global_options = [('rust', None, 'use Rust')]",
    ],
    ids=["an argument", "an option of setuptools"],
)
def test_language_that_an_option_turns_on_has_no_compiler(code: str) -> None:
    setup = (
        "import subprocess, sys\nimport helpers\nfrom setuptools import Distribution, Extension, setup\n"
        f"modules = [Extension('demo.x', ['x.c'])]\n{code}\nsetup(ext_modules=modules)\n"
    )
    helpers = "import subprocess\ndef rust_extension():\n    subprocess.check_call(['cargo', 'build'])\n"
    texts = {"pyproject.toml": SETUPTOOLS, "setup.py": setup, "helpers.py": helpers, "x.c": "", **MODULE}

    conversion = convert_texts(texts)

    assert "<compiler(c)>" in specs_of(conversion, "build")
    assert "<compiler(rust)>" not in specs_of(conversion, "build")


def test_language_of_a_branch_that_nobody_takes_has_no_compiler() -> None:
    setup = (
        "import sys\nfrom setuptools import Extension, setup\nstatic = False\n"
        "if '--static' in sys.argv:\n    static = True\noptions = {}\n"
        "if static:\n    options['language'] = 'c++'\n"
        "setup(ext_modules=[Extension('demo.x', ['x.c'], **options)])\n"
    )
    conversion = convert_texts({"pyproject.toml": SETUPTOOLS, "setup.py": setup, "x.c": "", **MODULE})
    assert "<compiler(cxx)>" not in specs_of(conversion, "build")


def test_switch_without_which_a_compiled_package_stays_pure_is_told() -> None:
    setup = (
        "import sys\nfrom setuptools import setup\nmodules = []\nif '--compiled' in sys.argv:\n"
        "    from mypyc.build import mypycify\n    modules = mypycify(['demo/x.py'])\nsetup(ext_modules=modules)\n"
    )
    texts = {"pyproject.toml": SETUPTOOLS, "setup.py": setup, "demo/y.cpp": "", **MODULE}
    conversion = convert_texts(texts, index=wheels(COMPILED))

    (message,) = messages(conversion, "extension-switch")
    assert message.startswith("--compiled turns")
    assert "<compiler(c)>" in specs_of(conversion, "build")
    assert "<compiler(cxx)>" not in specs_of(conversion, "build")


def test_hook_that_has_to_be_enabled_builds_nothing() -> None:
    hook = "[tool.hatch.build.targets.wheel.hooks.custom]\nenable-by-default = false\npath = 'speed.py'\n"
    texts: dict[str, str | None] = {
        "pyproject.toml": f"{PYPROJECT}{hook}",
        "speed.py": "from Cython.Build import cythonize\n",
        "demo/x.pxd": "",
        **MODULE,
    }
    conversion = convert_texts(texts, index=wheels(PURE, COMPILED))

    assert is_noarch(conversion)
    (message,) = messages(conversion, "optional-extension")
    assert message.startswith("HATCH_BUILD_HOOK_ENABLE_CUSTOM turns")


def test_call_of_cython_that_nothing_requires_compiles_nothing() -> None:
    setup = (
        "from setuptools import setup\ntry:\n    from Cython.Build import cythonize\nexcept ImportError:\n"
        "    ext_modules = []\nelse:\n    ext_modules = cythonize(['demo/x.py'])\nsetup(ext_modules=ext_modules)\n"
    )
    without = convert_texts({"pyproject.toml": SETUPTOOLS, "setup.py": setup, **MODULE})
    required = SETUPTOOLS.replace('["setuptools"]', '["setuptools", "cython"]')
    declared = convert_texts({"pyproject.toml": required, "setup.py": setup, **MODULE})

    assert is_noarch(without)
    assert messages(without, "optional-extension")[0].startswith("cython in host turns")
    assert not is_noarch(declared)


# ---------------------------------------------------------------- Cython


BACKEND = """\
from contextlib import contextmanager
from setuptools.build_meta import build_wheel as _build_wheel

def get_requires_for_build_wheel(config_settings=None):
    is_pure = _asked(config_settings)
    return ['setuptools'] + ([] if is_pure else ['Cython >= 3.1.2'])

def build_wheel(*args):
    from Cython.Build.Cythonize import main
    main(['demo/x.pyx'])
    return _build_wheel(*args)
"""
OWN_BACKEND = SETUPTOOLS.replace(
    'build-backend = "setuptools.build_meta"', 'backend-path = ["tools"]\nbuild-backend = "own.hooks"'
)


def test_backend_in_the_source_says_what_it_requires() -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": OWN_BACKEND,
        "tools/own/hooks.py": BACKEND,
        "demo/x.pyx": "",
        **MODULE,
    }
    conversion = convert_texts(texts, index=wheels(PURE, COMPILED))

    assert not is_noarch(conversion)
    assert "cython >=3.1.2" in specs_of(conversion, "host")
    assert "cython >=3.1.2" in [str(one.spec) for one in section_of(conversion, "build")]


def test_backend_in_the_source_that_imports_cython_needs_it() -> None:
    hooks = BACKEND.replace("'Cython >= 3.1.2'", "")
    texts = {"pyproject.toml": OWN_BACKEND, "tools/own/hooks.py": hooks, "demo/x.pyx": "", **MODULE}
    assert "cython" in specs_of(convert_texts(texts), "host")


def test_backend_whose_cython_is_off_by_default_needs_none() -> None:
    hooks = BACKEND.replace(
        "    is_pure = _asked(config_settings)\n    return ['setuptools'] + ([] if is_pure else ['Cython >= 3.1.2'])",
        "    requires = ['setuptools']\n    if os.environ.get('DEMO_EXT'):\n        requires += ['Cython']\n    return requires",
    ).replace("    from Cython", "    if os.environ.get('DEMO_EXT'):\n        from Cython")
    hooks = hooks.replace("import main\n    main(", "import main\n        main(")
    texts = {"pyproject.toml": OWN_BACKEND, "tools/own/hooks.py": hooks, **MODULE}
    assert "cython" not in specs_of(convert_texts({**texts, "tools/x.c": ""}), "host")


@pytest.mark.parametrize(
    ("source", "files", "expected"),
    [
        ("demo/x.pyx", {"demo/x.pyx": ""}, True),
        ("demo/x.pyx", {"demo/x.pyx": "", "demo/x.c": ""}, False),
        ("demo/y.c", {"demo/x.pyx": "", "demo/y.c": ""}, False),
    ],
    ids=["to be written", "shipped", "not built"],
)
def test_module_whose_c_is_to_be_written_needs_cython(
    source: str,
    files: dict[str, str | None],
    expected: bool,  # noqa: FBT001
) -> None:
    setup = (
        f"from setuptools import Extension, setup\nsetup(ext_modules=[Extension('demo.x', ['{source}'])])\n"
    )
    conversion = convert_texts({"pyproject.toml": SETUPTOOLS, "setup.py": setup, **MODULE, **files})

    assert ("cython" in specs_of(conversion, "host")) is expected
    why = [one for one in conversion.evidence if one.address.endswith("requirements.host/cython")]
    assert [one.note for one in why] == ["it writes the C of this module"] * expected


def test_module_that_is_built_where_cython_happens_to_be_needs_none() -> None:
    setup = (
        "from setuptools import Extension, setup\nmodules = [Extension('demo.y', ['demo/y.c'])]\n"
        "try:\n    from Cython.Build import cythonize\nexcept ImportError:\n    cythonize = None\n"
        "if cythonize is not None:\n    modules += cythonize([Extension('demo.x', ['demo/x.pyx'])])\n"
        "setup(ext_modules=modules)\n"
    )
    files: dict[str, str | None] = {"demo/y.c": "", "demo/x.pyx": ""}
    conversion = convert_texts({"pyproject.toml": SETUPTOOLS, "setup.py": setup, **MODULE, **files})
    assert "cython" not in specs_of(conversion, "host")
