"""Packages that instructions install, and versions that scripts of CI set."""

import pytest

from conda_bridge.infer.scan.documents import is_document, package_token
from support.trees import signals_of


def installed(text: str, path: str = "ci/install.sh") -> list[str]:
    return [signal.token for signal in signals_of(path, text) if signal.kind == "install"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("apt-get install libfoo-dev", ["libfoo"]),
        ("sudo apt install -y libfoo-dev bar", ["libfoo", "bar"]),
        ("apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends libfoo-dev", ["libfoo"]),
        ("apt-get update && apt-get install a1 && make", ["a1"]),
        ("apt install a1; dnf install b1-devel", ["a1", "b1"]),
        ("yum -y install openssl-devel lib64foo-devel", ["openssl", "foo"]),
        ("apk add --no-cache --virtual .build-deps gcc musl-dev", ["gcc", "musl"]),
        ("apk --update add zlib-dev", ["zlib"]),
        ("brew install openssl@3 foo/tap/x || true", ["openssl"]),
        ("pacman -S --noconfirm mingw-w64-x86_64-zlib ${MINGW_PACKAGE_PREFIX}-libpng", ["zlib", "libpng"]),
        ("pacman -Syu hdf5", ["hdf5"]),
        ("vcpkg install zlib[core]:x64-windows libpng --triplet x64-windows", ["zlib", "libpng"]),
        ("conda install -c conda-forge -y hdf5=1.14 'netcdf4>=1.2' conda-forge::geos", ["hdf5", "netcdf4", "geos"]),
        ("mamba create -n env gdal", ["gdal"]),
        ("pixi add gdal", ["gdal"]),
        ("zypper --non-interactive install libfoo-devel", ["libfoo"]),
        ("choco install nasm --version 2.14", ["nasm"]),
        ("apt-get install libfoo=1.2* libbar:i386", ["libfoo", "libbar"]),
        ("apt-get install \\\n  libfoo-dev \\\n  # why\n  libbar-dev\nmake", ["libfoo", "libbar"]),
        ("RUN apt-get update \\\n && apt-get install -y \\\n      libfoo-dev \\\n && rm -rf /x", ["libfoo"]),
        ("apt install $FOO ${BAR} ${{ matrix.x }} `x` ./a.deb", []),
        ("apt install python3-dev python3-pip libpython3-dev pypy3 py3-numpy perl-base", []),
        ("brew install https://x.example/y1.rb v1.2 dev", []),
        ("apt install foo1 # and bar", ["foo1"]),
        ("apt install foo1 > /dev/null bar1", ["foo1"]),
        ("pip install libfoo\npython -m pip install x\nnpm install y", []),
        ("apt", []),
        ("apt install", []),
        ("make install libfoo", []),
        ("the apt package manager can install libfoo", []),
    ],
)  # fmt: skip
def test_commands(text: str, expected: list[str]) -> None:
    assert installed(f"{text}\n") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Run `apt install libfoo-dev` first.", ["libfoo"]),
        ("Run ``brew install libfoo`` and then pip.", ["libfoo"]),
        ("On Debian, apt-get install libfoo-dev libbar-dev, then go on.", ["libfoo", "libbar"]),
        ("brew install libfoo and bar", ["libfoo"]),
        ("<code>brew install libfoo</code> text", ["libfoo"]),
        ("    $ sudo yum install foo1 (as root)", ["foo1"]),
        ("apt install libfoo.", ["libfoo"]),
    ],
)
def test_commands_in_prose(text: str, expected: list[str]) -> None:
    assert installed(text, "README.md") == expected


def test_settings_of_cibuildwheel() -> None:
    text = '[tool.cibuildwheel.linux]\nbefore-all = "yum install -y libfoo-devel"\nbefore-build = ["apt-get install b1", "make c1"]\n'
    assert installed(text, "pyproject.toml") == ["libfoo", "b1"]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (".travis.yml", "addons:\n  apt:\n    packages:\n    - libfoo-dev\n      # why\n    - 'bar1'\nscript: x\n", ["libfoo", "bar1"]),
        (".readthedocs.yml", "build:\n  apt_packages:\n    - libfoo-dev\n", ["libfoo"]),
        (".github/workflows/a.yml", "with:\n  packages: libfoo-dev libbar\n", ["libfoo", "libbar"]),
        (".github/workflows/a.yml", "permissions:\n  packages: write\n", []),
        (".github/workflows/a.yml", "  install: >-\n    mingw-w64-x86_64-zlib\n    mingw-w64-x86_64-gcc\n", ["zlib", "gcc"]),
        (".github/workflows/a.yml", "- run: sudo apt-get install libfoo-dev\n", ["libfoo"]),
        ("environment.yml", "dependencies:\n  - python=3.9\n  - hdf5 >=1.1\n  - pip:\n    - x\n", ["hdf5"]),
        ("Brewfile", "brew 'libfoo'\ncask 'x'\n", ["libfoo"]),
        ("vcpkg.json", '{"name": "demo", "dependencies": ["zlib", {"name": "libpng", "features": ["x1"]}]}', ["demo", "zlib", "libpng", "x1"]),
        ("conanfile.txt", "[requires]\nzlib/1.3\n[generators]\nCMakeDeps\n", ["zlib"]),
        ("apt.txt", "libfoo-dev\n# no\nbar1\n", ["libfoo", "bar1"]),
    ],
)  # fmt: skip
def test_lists(path: str, text: str, expected: list[str]) -> None:
    assert installed(text, path) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ZLIB_VERSION=1.3.1", ["zlib"]),
        ("export LIBFFI_VERSION='3.4'", ["libffi"]),
        ("ENV OPENSSL_VER 3.0", []),
        ("ARG OPENSSL_VER=3.0", ["openssl"]),
        ("  LIBSSH2_VERSION: 1.11.0", ["libssh2"]),
        ('  LIBSSH2_VERSION: "1.11"', ["libssh2"]),
        ("X=${ZLIB_VERSION=1}", []),
        ("HDF5_VERSION=${HDF5_VERSION:-1.14}", ["hdf5"]),
        ("PYTHON_VERSION=3.11 CIBW_FOO_VERSION=1 NODE_VERSION=18 MIN_VERSION=1", []),
        ("echo $ZLIB_VERSION = 3", []),
        ("zlib_version=1", []),
    ],
)
def test_versions_of_libraries(text: str, expected: list[str]) -> None:
    found = signals_of("ci/build.sh", text)
    assert [signal.token for signal in found if signal.kind == "version-variable"] == expected


@pytest.mark.parametrize(
    "path",
    [
        "README.md", "README", "INSTALL", "INSTALL.rst", "docs/install.rst", "doc/source/building.md", "Dockerfile", "ci/Dockerfile.arm",
        "x.dockerfile", ".github/workflows/x.yml", ".gitlab-ci.yml", ".travis.yml", "azure-pipelines.yml", ".circleci/config.yml",
        ".appveyor.yml", ".cirrus.yml", "tools/wheels.sh", "scripts/x.ps1", ".ci/x.bat", "pyproject.toml", "environment-dev.yml",
        "docs/developers/contributing.txt", "CONTRIBUTING.md", ".readthedocs.yaml", "vcpkg.json",
    ],
)  # fmt: skip
def test_documents(path: str) -> None:
    assert is_document(path)


@pytest.mark.parametrize(
    "path", ["docs/index.rst", "demo/data.yml", "demo/x.py", "CHANGES.md", "demo/x.txt", "a/b/c/d/e/f/g/README", "x.c", ".bashrc"]
)  # fmt: skip
def test_other_files_are_no_documents(path: str) -> None:
    assert not is_document(path)


def test_marks_of_development_packages() -> None:
    assert [package_token(name) for name in ("libfoo-dev", "foo-static-devel", "lib64z-devel", "libdev", "lib64")] == [
        "libfoo", "foo", "z", "libdev", "lib64",
    ]  # fmt: skip


def test_where_a_package_is_installed() -> None:
    (signal,) = signals_of("x.sh", "\n\napt install \\\n  foo1\napt install foo1\n")
    assert signal.line == 3
