"""Every leaf of a recipe has evidence whose origins exist."""

import re

import pytest

from conda_bridge.model.conversion import Conversion
from conda_bridge.model.evidence import Certainty
from conda_bridge.model.recipe import leaves
from support.converting import PYPROJECT, convert_texts

PURE: dict[str, str | None] = {
    "pyproject.toml": PYPROJECT
    + "dependencies = ['attrs>=21', \"tomli; python_version < '3.11'\"]\n"
    + "[project.scripts]\ndemo = 'demo.cli:main'\n"
    + "[project.urls]\nHomepage = 'https://example.org'\nSource = 'https://github.com/acme/demo'\n",
    "demo/__init__.py": "",
    "LICENSE": "MIT License",
}
RUST: dict[str, str | None] = {
    "pyproject.toml": PYPROJECT.replace("hatchling>=1.27", "maturin>=1").replace(
        "hatchling.build", "maturin"
    ),
    "Cargo.toml": "[package]\nname = 'demo'\n",
    "demo/__init__.py": "",
    "LICENSE": "MIT License",
}
OLD: dict[str, str | None] = {
    "setup.py": "from setuptools import setup\n"
    "setup(name='demo', version='1.2.3', install_requires=['attrs', 'pywin32; sys_platform == \"win32\"'],\n"
    "      python_requires='>=3.11', license='BSD')\n",
    "demo.py": "",
}
NATIVE: dict[str, str | None] = {
    "setup.py": "import subprocess\n"
    "import numpy\n"
    "from setuptools import Extension, setup\n"
    "subprocess.check_call(['cmake', '.'])\n"
    "setup(name='demo', version='1.2.3', ext_modules=[Extension('demo._x', ['x.c']), Extension('demo._y', ['y.cpp'])])\n",
    "demo/__init__.py": "",
    "x.c": "",
    "y.cpp": "",
}
SOURCES = pytest.mark.parametrize("texts", [PURE, RUST, OLD, NATIVE], ids=["pure", "rust", "old", "native"])


@SOURCES
def test_every_leaf_has_evidence(texts: dict[str, str | None]) -> None:
    conversion = convert_texts(texts)
    explained = {evidence.address for evidence in conversion.evidence}
    assert [leaf for leaf in leaves(conversion.recipe) if leaf not in explained] == []


@SOURCES
def test_every_evidence_names_its_rule(texts: dict[str, str | None]) -> None:
    assert all(evidence.rule for evidence in convert_texts(texts).evidence)


@SOURCES
def test_every_origin_exists_in_the_facts(texts: dict[str, str | None]) -> None:
    conversion = convert_texts(texts)
    missing = [
        (evidence.address, origin)
        for evidence in conversion.evidence
        for origin in evidence.origins
        if not _exists(conversion, origin)
    ]
    assert missing == []


def _exists(conversion: Conversion, origin: str) -> bool:
    if origin == conversion.facts.label or origin == getattr(conversion.facts.origin, "path", None):
        return True
    path, _, place = origin.partition("#")
    path, _, line = path.partition(":")
    if not conversion.facts.has(path):
        return False
    text = conversion.facts.text(path) or ""
    if line:
        return int(line) <= len(text.splitlines())
    keys = [key for key in place.split("/") if key and not key.isdecimal()]
    return all(re.search(re.escape(key), text) for key in keys[-1:] if not key.startswith("build-backend"))


@SOURCES
def test_what_is_declared_has_an_origin(texts: dict[str, str | None]) -> None:
    declared = [e for e in convert_texts(texts).evidence if e.certainty is Certainty.DECLARED]
    assert declared
    assert all(evidence.origins for evidence in declared)


@pytest.mark.parametrize("dependency", ["'attrs>=21', ", "\"tomli; python_version < '3.11'\""])
def test_deleting_a_dependency_deletes_its_line(dependency: str) -> None:
    text = PURE["pyproject.toml"]
    assert text is not None
    without = convert_texts({**PURE, "pyproject.toml": text.replace(dependency, "")})
    name = re.findall(r"[a-z]+", dependency)[0]
    assert f"demo/requirements.run/{name}" in leaves(convert_texts(PURE).recipe)
    assert f"demo/requirements.run/{name}" not in leaves(without.recipe)


@pytest.mark.parametrize(
    ("part", "key"),
    [
        ("import numpy\n", "requirements.host/numpy"),
        ("subprocess.check_call(['cmake', '.'])\n", "requirements.build/cmake"),
        (", Extension('demo._y', ['y.cpp'])", "requirements.build/compiler(cxx)"),
    ],
)
def test_deleting_what_shows_a_build_requirement_deletes_its_line(part: str, key: str) -> None:
    text = NATIVE["setup.py"]
    assert text is not None
    assert part in text
    without = convert_texts({**NATIVE, "setup.py": text.replace(part, "")})
    assert f"demo/{key}" in leaves(convert_texts(NATIVE).recipe)
    assert f"demo/{key}" not in leaves(without.recipe)


def test_deleting_the_licence_file_changes_the_recipe() -> None:
    without = convert_texts({path: text for path, text in PURE.items() if path != "LICENSE"})
    assert "demo/about/license_file.LICENSE" not in leaves(without.recipe)


def test_inference_is_deterministic() -> None:
    assert convert_texts(PURE) == convert_texts(dict(reversed(PURE.items())))
