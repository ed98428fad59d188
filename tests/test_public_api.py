import ast
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import conda_bridge


def test_every_public_name_exists_and_comes_from_its_home() -> None:
    for name in conda_bridge.__all__:
        assert getattr(conda_bridge, name) is not None, name


def test_types_and_run_time_agree_on_where_names_come_from() -> None:
    tree = ast.parse(Path(str(conda_bridge.__file__)).read_text(encoding="utf-8"))
    (guarded,) = [node for node in tree.body if isinstance(node, ast.If)]
    typed = {
        (node.module, alias.name)
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert typed == {(home, name) for home, names in conda_bridge._HOMES.items() for name in names}
    assert sorted({name for _, name in typed} | {"__version__"}) == sorted(conda_bridge.__all__)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = conda_bridge.nothing


def test_version_is_that_of_the_distribution() -> None:
    assert conda_bridge.__version__ == version("conda-bridge")


def test_dir_lists_the_public_names() -> None:
    assert dir(conda_bridge) == sorted(conda_bridge.__all__)


def test_importing_the_package_imports_its_version_alone() -> None:
    code = "import sys, conda_bridge; print([m for m in sys.modules if m.startswith('conda_bridge.')])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "['conda_bridge.version']"


def test_no_public_name_is_that_of_a_module() -> None:
    # Importing the module would put it in the name's place.
    folder = Path(str(conda_bridge.__file__)).parent

    assert {path.stem for path in folder.iterdir()}.isdisjoint(conda_bridge.__all__)
