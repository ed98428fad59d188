"""Names that say whose copy of a library a build uses, and names of programs and variables."""

import pytest

from conda_bridge.infer.scan.programs import config_tool_of, is_library_variable, language_of_program, tool_of
from conda_bridge.infer.scan.switches import SwitchForm, switch_of


@pytest.mark.parametrize(
    ("form", "name", "expected"),
    [
        ("cmake", "USE_SYSTEM_ZLIB", "cmake:USE_SYSTEM_ZLIB"),
        ("cmake", "SYSTEM_ZLIB", "cmake:SYSTEM_ZLIB"),
        ("cmake", "ZLIB_USE_EXTERNAL", "cmake:ZLIB_USE_EXTERNAL"),
        ("cmake", "USE_BUNDLED_ZLIB", "cmake:USE_BUNDLED_ZLIB=OFF"),
        ("cmake", "DEMO_NO_BUNDLED_ZLIB", "cmake:DEMO_NO_BUNDLED_ZLIB"),
        ("cmake", "DEMO_WITHOUT_SYSTEM_ZLIB", "cmake:DEMO_WITHOUT_SYSTEM_ZLIB=OFF"),
        ("cmake", "useSystemZlib", "cmake:useSystemZlib"),
        ("meson", "system-freetype", "meson:system-freetype"),
        ("meson", "vendored_zlib", "meson:vendored_zlib=false"),
        ("env", "DEMO_USE_SYSTEM_ZLIB", "env:DEMO_USE_SYSTEM_ZLIB"),
        ("env", "DEMO_IGNORE_BUNDLED_LIBS", "env:DEMO_IGNORE_BUNDLED_LIBS"),
        ("env", "LINK_ZLIB_STATICALLY", "env:LINK_ZLIB_STATICALLY=0"),
        ("setup.py", "use-system-zlib", "setup.py:--use-system-zlib"),
        ("setup.py", "--bundled-zlib", None),
        ("cmake", "SYSTEM_NAME", None),
        ("cmake", "USE_SYSTEM", None),
        ("cmake", "BUILD_SHARED_LIBS", None),
        ("cmake", "ENABLE_STATIC_ANALYSIS", None),
        ("cmake", "ZLIB_ROOT", None),
        ("cmake", "ZLIB_BUILD_STATIC", None),
        ("cmake", "HAVE_BUILTIN_CTZ", None),
        ("cmake", "MSVC_STATIC_RUNTIME", None),
        ("env", "FILESYSTEM_ENCODING", None),
        ("cmake", "", None),
    ],
)
def test_switches(form: SwitchForm, name: str, expected: str | None) -> None:
    assert switch_of(form, name) == expected


@pytest.mark.parametrize(
    ("command", "tool"),
    [("cmake", "cmake"), ("/usr/bin/CMake.EXE", "cmake"), ("protoc", "libprotobuf"), ("npm", "nodejs"), ("ls", None), ("", None)],
)  # fmt: skip
def test_tools(command: str, tool: str | None) -> None:
    assert tool_of(command) == tool


def test_compilers_are_languages() -> None:
    assert language_of_program("cargo") == "rust"
    assert language_of_program("cc") is None


@pytest.mark.parametrize(
    ("command", "is_program", "expected"),
    [
        ("xml2-config", False, "xml2-config"),
        ("pg_config", False, "pg_config"),
        ("odd_config", True, "odd_config"),
        ("odd_config", False, None),
        ("pkg-config", True, None),
        ("use-system-sqlite-config", True, None),
        ("python3.11-config", True, None),
        ("llvm-config-15", False, "llvm-config-15"),
        ("mpicc", True, "mpicc"),
    ],
)
def test_config_tools(command: str, is_program: bool, expected: str | None) -> None:  # noqa: FBT001
    assert config_tool_of(command, is_program=is_program) == expected


@pytest.mark.parametrize(
    "name",
    ["OPENSSL_DIR", "HDF5_ROOT", "LIBXML2_INCLUDE_DIR", "ZLIB_LIB_DIR", "FOO_CONFIG", "GEOS_LIBRARY_PATH"],
)
def test_variables_that_lead_to_libraries(name: str) -> None:
    assert is_library_variable(name)


@pytest.mark.parametrize(
    "name",
    ["PATH", "HOME", "LD_LIBRARY_PATH", "BUILD_DIR", "PYTHONPATH", "CMAKE_PREFIX_PATH", "CONDA_PREFIX", "CFLAGS", "openssl_dir"],
)  # fmt: skip
def test_variables_that_do_not(name: str) -> None:
    assert not is_library_variable(name)
