import tomllib

import pytest

from conda_bridge.infer.project.dynamic import read_dynamic_fields
from conda_bridge.infer.project.statements import Statement
from conda_bridge.infer.project.toml_tables import Table
from support.trees import facts_of_texts


def read(backend: str, pyproject: str, **texts: str | None) -> Statement:
    files = {path.replace("__", "/", 1) if "/" not in path else path: text for path, text in texts.items()}
    facts = facts_of_texts({"pyproject.toml": pyproject, **files})
    return read_dynamic_fields(Table("pyproject.toml#", tomllib.loads(pyproject)), facts, backend)


def version(statement: Statement) -> tuple[str, str] | None:
    return (statement.version.value, statement.version.origin) if statement.version else None


SETUPTOOLS = "setuptools.build_meta"


@pytest.mark.parametrize(
    ("files", "attribute"),
    [
        ({"demo/__init__.py": "#\n__version__ = '1.2'\n"}, "demo.__version__"),
        ({"src/demo/version.py": "#\nV = __version__ = '1.2'\n"}, "demo.version.__version__"),
        ({"lib/demo/_version.py": "#\nversion_info = (1, 2)\n"}, "demo._version.version_info"),
        ({"demo.py": "#\n__version__: str = '.'.join(['1', '2'])\n"}, "demo.__version__"),
    ],
)
def test_setuptools_attr_follows_the_module(files: dict[str, str], attribute: str) -> None:
    statement = read(
        SETUPTOOLS, f'[tool.setuptools.dynamic]\nversion = {{ attr = "{attribute}" }}\n', **files
    )

    assert statement.version is not None
    assert statement.version.value == "1.2"
    assert statement.version.origin.startswith(next(iter(files)))


def test_setuptools_attr_looks_where_package_dir_points() -> None:
    statement = read(
        SETUPTOOLS,
        '[tool.setuptools]\npackage-dir = { "" = "code" }\ndynamic.version.attr = "demo.__version__"\n',
        **{"code/demo/__init__.py": "__version__ = '3'\n"},
    )

    assert version(statement) == ("3", "code/demo/__init__.py:1")


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"demo/__init__.py": None},
        {"demo/__init__.py": "__version__ = compute()\n"},
        {"demo/__init__.py": "import sys\nsys.exit()\n"},
        {"demo/__init__.py": "x = " + "(" * 3_000},
        {
            "demo/__init__.py": "for i in range(4000):\n    for j in range(4000):\n        pass\n__version__ = '1'"
        },
        {"demo/__init__.py": "__version__ = None\n"},
        {"demo/__init__.py": "raise ImportError\n"},
    ],
)
def test_an_attr_that_cannot_be_followed_is_unknown(files: dict[str, str | None]) -> None:
    statement = read(
        SETUPTOOLS, '[tool.setuptools.dynamic]\nversion = { attr = "demo.__version__" }\n', **files
    )

    assert statement.version is None


def test_setuptools_reads_files() -> None:
    statement = read(
        SETUPTOOLS,
        """
        [tool.setuptools.dynamic]
        version = { file = "VERSION" }
        description = { file = ["README.txt"] }
        dependencies = { file = ["requirements.txt", "./more.txt"] }
        optional-dependencies.dev = { file = "requirements-dev.txt" }
        optional-dependencies.docs = { file = "absent.txt" }
        """,
        **{
            "VERSION": "1.4\n",
            "README.txt": "One\ntwo\n",
            "requirements.txt": "# comment\na>=1  # why\n\nb\n",
            "more.txt": "c \\\n  >=2\n",
            "requirements-dev.txt": "pytest\n",
        },
    )

    assert version(statement) == ("1.4", "VERSION")
    assert statement.summary is not None
    assert statement.summary.value == "One two"
    assert [(line.text, line.origin) for line in statement.dependencies or ()] == [
        ("a>=1", "requirements.txt:2"),
        ("b", "requirements.txt:4"),
        ("c >=2", "more.txt"),
    ]
    assert [(name, [line.text for line in lines]) for name, lines in statement.extras or ()] == [
        ("dev", ["pytest"]),
        ("docs", []),
    ]


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/passwd", "kept-not.txt"])
def test_files_outside_the_source_or_without_text_are_unknown(path: str) -> None:
    statement = read(
        SETUPTOOLS,
        f'[tool.setuptools.dynamic]\ndependencies = {{ file = ["{path}"] }}\nversion = {{ file = "{path}" }}\n',
        **{"kept-not.txt": None},
    )

    assert statement.dependencies is None
    assert statement.version is None


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('path = "demo/__init__.py"', ("1.5", "demo/__init__.py:2")),
        (
            'path = "demo/__init__.py"\npattern = "RELEASE = (?P<version>[0-9.]+)"',
            ("1.6", "demo/__init__.py:3"),
        ),
        ('path = "demo/__init__.py"\npattern = "NOWHERE = (?P<version>.+)"', None),
        ('path = "demo/__init__.py"\npattern = "(RELEASE)+(?P<version>.+)"', None),
        ('path = "demo/__init__.py"\npattern = "RELEASE = (?P<other>.+)"', None),
        ('path = "absent.py"', None),
        ('path = "long.py"\npattern = "RELEASE = (?P<version>[0-9]+x)"', None),
        ('path = "absent.py"\npattern = "RELEASE = (?P<version>[0-9.]+)"', None),
        ('source = "code"\npath = "demo/__init__.py"\nexpression = "FULL"', ("1.5.7", "demo/__init__.py:4")),
        ('source = "code"\npath = "demo/__init__.py"', ("v1.5", "demo/__init__.py:2")),
        ('source = "vcs"', None),
    ],
)
def test_hatch_finds_its_version(table: str, expected: tuple[str, str] | None) -> None:
    text = '"""Demo."""\n__version__ = "v1.5"\nRELEASE = 1.6\nFULL = __version__[1:] + ".7"\n'

    statement = read(
        "hatchling.build",
        f"[tool.hatch.version]\n{table}\n",
        **{"demo/__init__.py": text, "long.py": f"RELEASE = {'1' * 700}\n" * 200},
    )

    assert version(statement) == expected


def test_hatch_reads_requirement_files_by_its_hook() -> None:
    statement = read(
        "hatchling.build",
        """
        [tool.hatch.metadata.hooks.requirements_txt]
        files = ["requirements.txt"]
        optional-dependencies = { test = ["requirements-test.txt"], docs = [] }
        """,
        **{"requirements.txt": "a>=1\n", "requirements-test.txt": "pytest\n"},
    )

    assert [line.text for line in statement.dependencies or ()] == ["a>=1"]
    assert [(name, [line.text for line in lines]) for name, lines in statement.extras or ()] == [
        ("test", ["pytest"]),
        ("docs", []),
    ]


@pytest.mark.parametrize(
    "pyproject",
    [
        '[tool.pdm.version]\nsource = "file"\npath = "demo/__version__.py"\n',
        '[project]\nversion = { from = "demo/__version__.py" }\n',
    ],
)
def test_pdm_finds_its_version(pyproject: str) -> None:
    statement = read("pdm.backend", pyproject, **{"demo/__version__.py": "__version__ = '2.0'\n"})

    assert version(statement) == ("2.0", "demo/__version__.py:1")


@pytest.mark.parametrize("pyproject", ["", '[tool.pdm.version]\nsource = "scm"\n'])
def test_pdm_versions_from_git_are_unknown(pyproject: str) -> None:
    assert read("pdm.pep517.api", pyproject).version is None


def test_flit_takes_version_and_summary_from_the_module() -> None:
    statement = read(
        "flit_core.buildapi",
        '[project]\nname = "my-demo"\n',
        **{"src/my_demo/__init__.py": '"""\nA demo.\n\nMore.\n"""\n__version__ = "0.1"\n'},
    )

    assert version(statement) == ("0.1", "src/my_demo/__init__.py:6")
    assert statement.summary is not None
    assert statement.summary.value == "A demo."


@pytest.mark.parametrize(
    "pyproject", ["", '[project]\nname = "absent"\n', '[tool.flit.module]\nname = "bare"\n']
)
def test_flit_without_a_telling_module_says_nothing(pyproject: str) -> None:
    statement = read("flit_core.buildapi", pyproject, **{"bare.py": "x = 1\n"})

    assert statement.version is None
    assert statement.summary is None


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('provider = "scikit_build_core.metadata.regex"\ninput = "version.py"', ("1.1", "version.py:1")),
        (
            (
                'provider = "scikit_build_core.metadata.regex"\ninput = "CMakeLists.txt"\n'
                'regex = "VERSION (?P<value>[0-9.]+)"'
            ),
            ("1.2", "CMakeLists.txt:1"),
        ),
        ('provider = "scikit_build_core.metadata.setuptools_scm"', None),
    ],
)
def test_scikit_build_finds_its_version(table: str, expected: tuple[str, str] | None) -> None:
    statement = read(
        "scikit_build_core.build",
        f"[tool.scikit-build.metadata.version]\n{table}\n",
        **{"version.py": '__version__ = "1.1"\n', "CMakeLists.txt": "project(demo VERSION 1.2)\n"},
    )

    assert version(statement) == expected


@pytest.mark.parametrize(
    ("pyproject", "path", "cargo", "expected"),
    [
        ("", "Cargo.toml", '[package]\nversion = "1.0.0-alpha.1"\ndescription = "D"', "1.0.0alpha1"),
        ("", "Cargo.toml", '[package]\nversion = "1.0.0"', "1.0.0"),
        (
            '[tool.maturin]\nmanifest-path = "./rust/Cargo.toml"\n',
            "rust/Cargo.toml",
            '[package]\nversion = "2"',
            "2",
        ),
        ("", "Cargo.toml", "[package]\nversion.workspace = true", None),
        (
            "",
            "Cargo.toml",
            "[package]\nversion.workspace = true\n[workspace.package]\nversion = '3.1'",
            "3.1",
        ),
        ("", "Cargo.toml", "[package]\nversion.workspace = true\n[workspace]\npackage = 3", None),
        ("", "Cargo.toml", "[package", None),
        ("", "other.txt", "", None),
    ],
)
def test_maturin_takes_the_version_of_the_crate(
    pyproject: str, path: str, cargo: str, expected: str | None
) -> None:
    statement = read("maturin", pyproject, **{path: cargo})

    assert (statement.version.value if statement.version else None) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("project(\n  'demo', 'c',\n  version: '1.2.3',\n)\n", ("1.2.3", "meson.build:3")),
        ("project('demo', version: run_command('x').stdout())\nx(version: '9')", None),
        ("project('demo'", None),
        ("# nothing", None),
    ],
)
def test_meson_takes_the_version_of_its_project_call(text: str, expected: tuple[str, str] | None) -> None:
    assert version(read("mesonpy", "", **{"meson.build": text})) == expected


def test_other_backends_tell_nothing() -> None:
    assert read("sipbuild.api", "") == Statement(file="pyproject.toml")
