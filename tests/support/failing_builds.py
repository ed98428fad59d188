"""What builds said that failed, each provoked on purpose and cut to the lines around the cause.

The programs were: pip 23.2 and 26.3, setuptools 65.5 and 84.2, setuptools-scm 10, setuptools-rust 1.13, pbr 7, hatchling 1.33,
hatch-vcs 0.5, meson-python 0.22 with meson 1.12, scikit-build-core 1.1 with CMake 4.4 (and CMake 3.25 alone), maturin 1.16
with cargo 1.95, gcc 12.2 with binutils 2.40, curl, wget, git, npm, bash, dash, make, and rattler-build 0.73. What came
after the cause, pip's tracebacks mostly, is `AFTERMATH`.
"""

from dataclasses import dataclass

__all__ = ["AFTERMATH", "FAILING_BUILDS", "FailingBuild"]

AFTERMATH = """\
  error: subprocess-exited-with-error

  * Building wheel for toy (pyproject.toml) did not run successfully.
  │ exit code: 1
  ╰─> See above for output.

  note: This error originates from a subprocess, and is likely not a problem with pip.
  Building wheel for toy (pyproject.toml): finished with status 'error'
  ERROR: Failed building wheel for toy
Failed to build toy
ERROR: Could not build wheels for toy, which is required to install pyproject.toml-based projects
Exception information:
Traceback (most recent call last):
  File "/work/lib/python3.11/site-packages/pip/_internal/commands/install.py", line 429, in run
    raise InstallationError(
pip._internal.exceptions.InstallationError: Could not build wheels for toy
Script failed with status 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingBuild:
    """One log and what is to be said of it."""

    name: str
    log: str
    slug: str
    message: str
    hint: str
    """A part of it."""


def _one(name: str, log: str, slug: str, message: str, hint: str) -> FailingBuild:
    return FailingBuild(name=name, log=log, slug=slug, message=message, hint=hint)


FAILING_BUILDS = (
    # ------------------------------------------------------------ compilers and programs
    _one(
        "setuptools-no-compiler",
        "building 'toy' extension\nx86_64-conda-linux-gnu-cc -Wsign-compare -c toy.c -o toy.o\n"
        "error: command 'x86_64-conda-linux-gnu-cc' failed: No such file or directory",
        "hint-compiler",
        "there is no compiler for C: x86_64-conda-linux-gnu-cc isn't there",
        "add compiler('c')",
    ),
    _one(
        "newer-setuptools-no-compiler",
        "building 'toy' extension\nx86_64-conda-linux-gnu-cc -Wsign-compare -c toy.c -o toy.o\n"
        "error: [Errno 2] No such file or directory: 'x86_64-conda-linux-gnu-cc'",
        "hint-compiler",
        "there is no compiler for C: x86_64-conda-linux-gnu-cc isn't there",
        "add compiler('c')",
    ),
    _one(
        "newer-setuptools-no-compiler-at-a-path",
        "error: [Errno 2] No such file or directory: '$BUILD_PREFIX/bin/x86_64-conda-linux-gnu-c++'",
        "hint-compiler",
        "there is no compiler for C++: x86_64-conda-linux-gnu-c++ isn't there",
        "add compiler('cxx')",
    ),
    _one(
        "cmake-no-compiler",
        "CMake Error at /work/Modules/CMakeDetermineCXXCompiler.cmake:47 (message):\n"
        "  Could not find the compiler specified in the environment variable CXX:\n  g++.\n"
        "CMake Error: CMAKE_CXX_COMPILER not set, after EnableLanguage",
        "hint-compiler",
        "there is no compiler for C++: CMAKE_CXX_COMPILER isn't there",
        "add compiler('cxx')",
    ),
    _one(
        "meson-no-compiler",
        "../meson.build:1:0: ERROR: Unknown compiler(s): [['gfortran'], ['flang-new'], ['flang'], ['nvfortran']]\n"
        "Running `gfortran --version` gave \"[Errno 2] No such file or directory: 'gfortran'\"",
        "hint-compiler",
        "there is no compiler for Fortran: gfortran isn't there",
        "add compiler('fortran')",
    ),
    _one(
        "meson-no-cython",
        "../meson.build:1:0: ERROR: Unknown compiler(s): [['cython'], ['cython3']]",
        "hint-compiler",
        "the program cython isn't found",
        "add cython to requirements.host",
    ),
    _one(
        "setuptools-rust-no-rust",
        "running build_rust\nerror: can't find Rust compiler\n\nIf you are using an outdated pip version, it is possible",
        "hint-compiler",
        "there is no compiler for Rust: rustc isn't there",
        "add compiler('rust')",
    ),
    _one(
        "maturin-no-rust",
        "Checking for Rust toolchain....\n    from puccinialin import setup_rust\n"
        "ModuleNotFoundError: No module named 'puccinialin'",
        "hint-compiler",
        "there is no compiler for Rust: rustc isn't there",
        "add compiler('rust')",
    ),
    _one(
        "bash-no-program",
        "/work/conda_build.sh: line 9: x86_64-conda-linux-gnu-c++: command not found",
        "hint-compiler",
        "there is no compiler for C++: x86_64-conda-linux-gnu-c++ isn't there",
        "add compiler('cxx')",
    ),
    _one(
        "bash-c-no-program",
        "bash: swig: command not found",
        "hint-compiler",
        "the program swig isn't found",
        "add swig to requirements.build",
    ),
    _one(
        "dash-no-program",
        "sh: 1: gfortran: not found",
        "hint-compiler",
        "there is no compiler for Fortran: gfortran isn't there",
        "add compiler('fortran')",
    ),
    _one(
        "make-no-program",
        "gfortran -c x\nmake: gfortran: No such file or directory\nmake: *** [Makefile:2: a] Error 127",
        "hint-compiler",
        "there is no compiler for Fortran: gfortran isn't there",
        "add compiler('fortran')",
    ),
    _one(
        "python-no-program",
        "    self._execute_child(args, executable, preexec_fn, close_fds,\n"
        "FileNotFoundError: [Errno 2] No such file or directory: 'swig'",
        "hint-compiler",
        "the program swig isn't found",
        "add swig to requirements.build",
    ),
    _one(
        "meson-no-program",
        "Program swig found: NO\n\n../meson.build:2:0: ERROR: Program 'swig' not found or not executable",
        "hint-compiler",
        "the program swig isn't found",
        "add swig to requirements.build",
    ),
    # ------------------------------------------------------------ libraries
    _one(
        "header",
        'toy.c:1:10: fatal error: sodium.h: No such file or directory\n    1 | #include "sodium.h"\n'
        "compilation terminated.\nerror: command '/usr/bin/gcc' failed with exit code 1",
        "hint-library",
        "sodium.h isn't found: it belongs to libsodium",
        "add libsodium to requirements.host",
    ),
    _one(
        "header-in-folder",
        "toy.c:1:10: fatal error: libxml/parser.h: No such file or directory",
        "hint-library",
        "libxml/parser.h isn't found: it belongs to libxml2",
        "add libxml2",
    ),
    _one(
        "header-of-numpy",
        "toy.c:1:10: fatal error: numpy/arrayobject.h: No such file or directory",
        "hint-library",
        "numpy/arrayobject.h isn't found: it belongs to numpy",
        "add numpy to requirements.host",
    ),
    _one(
        "header-nobody-knows",
        "toy.c:1:10: fatal error: toy_internal_thing.h: No such file or directory",
        "hint-library",
        "toy_internal_thing.h isn't found",
        "add the package that has it",
    ),
    _one(
        "linker",
        "/usr/bin/ld: cannot find -lsodium: No such file or directory\ncollect2: error: ld returned 1 exit status",
        "hint-library",
        "-lsodium isn't found: it belongs to libsodium",
        "add libsodium to requirements.host",
    ),
    _one(
        "meson-dependency",
        "Run-time dependency libsodium found: NO  (tried pkg-config and cmake)\n\n"
        '../meson.build:2:0: ERROR: Dependency "libsodium" not found (tried pkg-config and cmake)',
        "hint-library",
        "libsodium isn't found: it belongs to libsodium",
        "add libsodium to requirements.host",
    ),
    _one(
        "meson-library",
        "../meson.build:3:3: ERROR: C shared or static library 'sodium' not found",
        "hint-library",
        "-lsodium isn't found: it belongs to libsodium",
        "add libsodium to requirements.host",
    ),
    _one(
        "pkg-config",
        "--   Package 'libsodium', required by 'virtual:world', not found\n"
        "CMake Error at /work/Modules/FindPkgConfig.cmake:1093 (message):\n"
        "  The following required packages were not found:\n   - libsodium",
        "hint-library",
        "libsodium.pc isn't found: it belongs to libsodium",
        "add libsodium to requirements.host",
    ),
    _one(
        "cmake-config-package",
        "CMake Error at CMakeLists.txt:3 (find_package):\n"
        '  Could not find a package configuration file provided by "Eigen3" (requested\n  version 3.3) with any',
        "hint-library",
        "Eigen3 isn't found: it belongs to eigen",
        "add eigen to requirements.host",
    ),
    _one(
        "cmake-config-of-a-python-project",
        '  Could not find a package configuration file provided by "pybind11" with any\n  of the following names:',
        "hint-library",
        "pybind11 isn't found: it belongs to pybind11",
        "add pybind11 to requirements.host",
    ),
    _one(
        "cmake-module",
        "CMake Error at /usr/share/cmake-3.25/Modules/FindPackageHandleStandardArgs.cmake:230 (message):\n"
        '  Could NOT find HDF5 (missing: HDF5_LIBRARIES HDF5_INCLUDE_DIRS) (found\n  version "")',
        "hint-library",
        "HDF5 isn't found: it belongs to hdf5",
        "add hdf5 to requirements.host",
    ),
    _one(
        "soname",
        "OSError: libsodium.so.26: cannot open shared object file: No such file or directory",
        "hint-library",
        "libsodium.so.26 isn't found when the package runs: it belongs to libsodium",
        "add libsodium to requirements.host",
    ),
    # ------------------------------------------------------------ Python projects
    _one(
        "module",
        "  File \"<string>\", line 1, in <module>\nModuleNotFoundError: No module named 'setuptools_scm'",
        "hint-requirement",
        "the build imports setuptools_scm, which nothing provides",
        "add setuptools-scm to requirements.host",
    ),
    _one(
        "backend",
        "pip._vendor.pyproject_hooks._impl.BackendUnavailable: Traceback (most recent call last):\n"
        "ModuleNotFoundError: No module named 'flit_core'",
        "hint-requirement",
        "the build imports flit_core, which nothing provides",
        "add flit-core to requirements.host",
    ),
    _one(
        "backend-with-a-newer-pip",
        "error: backend-unavailable\n\n* Cannot import build backend 'pdm.backend'.\n"
        "╰─> ModuleNotFoundError: No module named 'pdm'",
        "hint-requirement",
        "the build imports pdm.backend, which nothing provides",
        "add pdm-backend to requirements.host",
    ),
    _one(
        "hatch-plugin",
        "hatchling.plugin.exceptions.UnknownPluginError: Unknown metadata hook: fancy-pypi-readme",
        "hint-requirement",
        "the backend has no plugin fancy-pypi-readme",
        "add hatch-fancy-pypi-readme to requirements.host",
    ),
    _one(
        "python-bound",
        "ERROR: Package 'toy' requires a different Python: 3.11.7 not in '>=3.14'",
        "hint-requirement",
        "the project refuses this python: it wants >=3.14",
        "bound python",
    ),
    _one(
        "pip-check-missing",
        "brk 1 requires tomli-w, which is not installed.",
        "hint-run-requirement",
        "pip check misses tomli-w",
        "add tomli-w to requirements.run",
    ),
    _one(
        "pip-check-version",
        "brk 1 has requirement packaging<20, but you have packaging 26.3.",
        "hint-run-requirement",
        "pip check wants packaging<20, and the environment has another version",
        "bring requirements.run in line",
    ),
    _one(
        "pip-install-version",
        "setuptools-rust 1.13.0 requires setuptools>=62.4, but you have setuptools 50.3.2 which is incompatible.",
        "hint-run-requirement",
        "pip check wants setuptools>=62.4, and the environment has another version",
        "bring requirements.run in line",
    ),
    _one(
        "undefined-symbol",
        "ImportError: /work/lib/python3.11/site-packages/uu.so: undefined symbol: deflateInit2_",
        "hint-library",
        "no library has deflateInit2_, which a compiled module uses",
        "may not link the library",
    ),
    _one(
        "import-name",
        "ImportError: cannot import name 'nope' from 'packaging' (/work/site-packages/packaging/__init__.py)",
        "hint-run-requirement",
        "packaging lacks what is imported from it: it may be of another version than the project needs",
        "bring the bounds",
    ),
    _one(
        "metadata",
        "importlib.metadata.PackageNotFoundError: No package metadata was found for nopkg",
        "hint-requirement",
        "the metadata of nopkg is asked for, and it isn't installed",
        "add nopkg to requirements.host",
    ),
    # ------------------------------------------------------------ the network
    _one(
        "curl",
        "curl: (6) Could not resolve host: example.invalid",
        "hint-network",
        "the build asks the network for example.invalid: it has none",
        "as a source of the recipe",
    ),
    _one(
        "wget",
        "Resolving example.invalid (example.invalid)... failed: Temporary failure in name resolution.\n"
        "wget: unable to resolve host address \u2018example.invalid\u2019",
        "hint-network",
        "the build asks the network for example.invalid: it has none",
        "as a source of the recipe",
    ),
    _one(
        "git",
        "fatal: unable to access 'https://example.invalid/x.git/': Could not resolve host: example.invalid",
        "hint-network",
        "the build asks the network for example.invalid: it has none",
        "as a source of the recipe",
    ),
    _one(
        "cmake-fetch-content",
        '           status_string: "Could not resolve hostname"\n'
        "           getaddrinfo(3) failed for example.invalid:443\n   Could not resolve: example.invalid:443",
        "hint-network",
        "the build asks the network for example.invalid: it has none",
        "as a source of the recipe",
    ),
    _one(
        "npm",
        "npm error request to https://registry.npmjs.org/left-pad failed, reason: getaddrinfo EAI_AGAIN registry.npmjs.org",
        "hint-network",
        "the build asks the network for registry.npmjs.org: it has none",
        "as a source of the recipe",
    ),
    _one(
        "ssh",
        "ssh: Could not resolve hostname github.com: Temporary failure in name resolution",
        "hint-network",
        "the build asks the network for github.com: it has none",
        "as a source of the recipe",
    ),
    _one(
        "urllib",
        "urllib.error.URLError: <urlopen error [Errno -3] Temporary failure in name resolution>",
        "hint-network",
        "the build asks the network for something: it has none",
        "as a source of the recipe",
    ),
    _one(
        "python-unknown-host",
        "socket.gaierror: [Errno -2] Name or service not known",
        "hint-network",
        "the build asks the network for something: it has none",
        "as a source of the recipe",
    ),
    _one(
        "address",
        "OSError: [Errno 101] Network is unreachable",
        "hint-network",
        "the build asks the network for something: it has none",
        "as a source of the recipe",
    ),
    _one(
        "pip-in-the-build",
        "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(': Failed to establish a new"
        " connection: [Errno -3] Temporary failure in name resolution')': /simple/six/\n"
        "ERROR: Could not find a version that satisfies the requirement six (from versions: none)\n"
        "ERROR: No matching distribution found for six",
        "hint-network",
        "pip asks the network for six: the build has none",
        "--no-build-isolation",
    ),
    _one(
        "cargo",
        "error: failed to get `pyo3` as a dependency of package `toy v0.1.0 (/work/stext)`\nCaused by:\n"
        "  download of config.json failed\nCaused by:\n  failed to download from `https://index.crates.io/config.json`\n"
        "Caused by:\n  [6] Could not resolve hostname (Could not resolve host: index.crates.io)",
        "hint-network",
        "cargo asks the network for crates: the build has none",
        "Cargo.lock",
    ),
    # ------------------------------------------------------------ versions and files
    _one(
        "setuptools-scm",
        "LookupError: setuptools-scm was unable to detect version for /work/scm.\n\n"
        "Make sure you're either building from a fully intact git repository or PyPI tarballs.",
        "hint-version",
        "setuptools-scm asks a repository for the version, and the source is none",
        "SETUPTOOLS_SCM_PRETEND_VERSION",
    ),
    _one(
        "pbr",
        "Exception: Versioning for this project requires either an sdist tarball, or access to an upstream git repository.",
        "hint-version",
        "pbr asks a repository for the version, and the source is none",
        "PBR_VERSION",
    ),
    _one(
        "license-file",
        "Copying license files\nPyRattlerBuildError: No license files were copied",
        "hint-file",
        "no file of about.license_file is in the source or beside the recipe",
        "name the file as the source does",
    ),
    _one(
        "readme",
        "    raise OSError(message)\nOSError: Readme file does not exist: README.md",
        "hint-file",
        "the source lacks the file README.md",
        "the sdist may leave it out",
    ),
    _one(
        "file-read-by-setup",
        "FileNotFoundError: [Errno 2] No such file or directory: 'requirements.txt'",
        "hint-file",
        "the source lacks the file requirements.txt",
        "the sdist may leave it out",
    ),
    _one(
        "no-project",
        "ERROR: Directory '.' is not installable. Neither 'setup.py' nor 'pyproject.toml' found.",
        "hint-file",
        "the build script's folder has no Python project",
        "go to the project's folder",
    ),
    _one(
        "patch",
        "PyRattlerBuildError: Patch application error: error applying hunk #1: could not find context in target file",
        "hint-file",
        "a patch doesn't fit the source: error applying hunk #1: could not find context in target file",
        "make the patch again",
    ),
    # ------------------------------------------------------------ tools and the machine
    _one(
        "generator",
        'CMake Error: CMake was unable to find a build program corresponding to "Unix Makefiles".  CMAKE_MAKE_PROGRAM is'
        " not set.  You probably need to select a different build tool.\n"
        "CMake Error: CMAKE_C_COMPILER not set, after EnableLanguage",
        "hint-tool",
        "CMake is told to write files for make, and there is no make",
        "CMAKE_GENERATOR: Ninja",
    ),
    _one(
        "generator-ninja",
        'CMake Error: CMake was unable to find a build program corresponding to "Ninja".  CMAKE_MAKE_PROGRAM is not set.',
        "hint-tool",
        "CMake is told to use Ninja, whose program isn't there",
        "add ninja to requirements.build",
    ),
    _one(
        "old-cmake",
        "CMake Error at CMakeLists.txt:1 (cmake_minimum_required):\n"
        "  Compatibility with CMake < 3.5 has been removed from CMake.",
        "hint-tool",
        "the project was written for a CMake older than what is in requirements.build",
        "CMAKE_POLICY_VERSION_MINIMUM",
    ),
    _one(
        "old-setuptools",
        "ValueError: invalid pyproject.toml config: `project.license`.\n"
        "configuration error: `project.license` must be valid exactly by one definition",
        "hint-tool",
        "setuptools doesn't understand project.license of pyproject.toml: it is too old for it",
        "newer setuptools",
    ),
    _one(
        "new-cython",
        "from cpython.int cimport (\n^\n------------------------------------------------------------\n\n"
        "demo/_speedups.pyx:33:0: 'cpython/int.pxd' not found\nError compiling Cython file:",
        "hint-tool",
        "the project was written for a Cython older than what is in requirements.host: cpython/int is gone since 3.1",
        "cython <3.1",
    ),
    _one(
        "pip-option",
        "Usage:   \n  python -m pip install [options] <archive url/path> ...\n\nno such option: --frobnicate",
        "hint-tool",
        "pip has no option --frobnicate",
        "the pip of requirements.host",
    ),
    _one(
        "no-stdlib",
        "Render error: Template rendering failed: undefined value: No stdlib found for language: c\n"
        "You should add `c_stdlib` to your variant config file. (template: ${{ stdlib('c') }})",
        "hint-tool",
        "the distributor says no stdlib for c",
        "c_stdlib_version",
    ),
    _one(
        "no-python-min",
        "Template rendering failed: undefined value (in <string>:1) (template: python ${{ python_min }}.*)",
        "hint-tool",
        "the distributor says no python_min, which the recipe asks for",
        "--variants",
    ),
    _one(
        "disk",
        "/tmp/ccS0tPgW.s: Fatal error: /dev/full: No space left on device",
        "hint-tool",
        "the disk is full",
        "make room",
    ),
    _one(
        "killed",
        "g++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.",
        "hint-tool",
        "there was too little memory for the build",
        "--jobs",
    ),
    _one(
        "compiler-memory",
        "virtual memory exhausted: Cannot allocate memory",
        "hint-tool",
        "there was too little memory for the build",
        "--jobs",
    ),
    _one(
        "python-memory",
        '  File "<string>", line 1, in <module>\nMemoryError',
        "hint-tool",
        "there was too little memory for the build",
        "--jobs",
    ),
)
