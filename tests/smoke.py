"""Shows that an installed wheel is whole: its templates, tables and dependencies. Run without pytest.

python -m venv fresh && fresh/bin/pip install dist/*.whl && fresh/bin/python tests/smoke.py
"""

import sys
from importlib.metadata import version
from pathlib import Path

import conda_bridge
from conda_bridge.formats.environment import template_environment, template_root
from conda_bridge.formats.v1 import read_v1, render_v1
from conda_bridge.model.codes import all_codes
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import About, Output, PythonMinSpec, Recipe, Requirement, Requirements

RECIPE = Recipe(
    name=CondaName("demo"),
    version="1.10",
    outputs=(
        Output(
            conda_name=CondaName("demo"),
            noarch="python",
            requirements=Requirements(run=(Requirement(spec=PythonMinSpec(is_exact=False)),)),
            about=About(summary="Smoke: {% and ${{ are text"),
        ),
    ),
)
LINES = (
    '  version: "1.10"',
    "    - python >=${{ python_min }}",
    "  summary: \"Smoke: ${{ '{%' }} and ${{ '${{' }} are text\"",
)


def problems() -> list[str]:
    """Return what is wrong with the installation."""
    found = []
    package = Path(conda_bridge.__file__).parent
    if template_root() != package / "templates":
        found.append(f"the templates aren't the package's own but those of {template_root()}")
    if "site-packages" not in package.parts:
        found.append(f"{package} isn't an installed wheel")
    text = render_v1(RECIPE, environment=template_environment())
    found += [
        f"the recipe lacks the line {line!r}:\n{text}" for line in LINES if line not in text.splitlines()
    ]
    if read_v1(text) != RECIPE:
        found.append("the recipe isn't read back as it was written")
    if not all_codes():
        found.append("the table of codes is empty")
    return found


if __name__ == "__main__":
    found = problems()
    for problem in found:
        sys.stderr.write(f"smoke: {problem}\n")
    sys.stdout.write(f"smoke: conda-bridge {version('conda-bridge')} {'is broken' if found else 'works'}\n")
    sys.exit(1 if found else 0)
