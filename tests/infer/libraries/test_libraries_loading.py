"""What a project without native code pays for the inference of libraries."""

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[2]


def test_a_project_that_says_nothing_of_libraries_loads_no_rules_for_them() -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(TESTS)!r})\n"
        "from support.converting import convert_texts\n"
        "convert_texts({'pyproject.toml': '[project]\\nname = \"demo\"\\nversion = \"1\"', 'demo/__init__.py': ''})\n"
        "print('conda_bridge.infer.libraries.deciding' in sys.modules)\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
