"""entry_points.txt -> the commands of a package: told to the installer, or written as scripts.

Source: PyPA, entry points specification; CEP 34, link.json.
"""

from conda_bridge.infer.project.entry_points import read_entry_points
from conda_bridge.infer.project.setuptools_values import entry_point_lines, ini_sections
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.project import EntryPoint
from conda_bridge.repack.wheels.wheel_reading import Wheel

__all__ = ["PLACEHOLDER", "command_script", "link_lines", "read_commands", "windows_launcher"]

_WORDS = ("anaconda1", "anaconda2", "anaconda3")
"""Apart, because conda installs this file, too, and would put a prefix in their place."""
PLACEHOLDER = "/opt/" + "".join(_WORDS)
"""Stands for the prefix in scripts. Source: CEP 34, has_prefix: the one that installers know by default."""

_SCRIPT = """\
#!{prefix}/bin/python
import sys

from {module} import {imported}

if __name__ == "__main__":
    sys.exit({attribute}())
"""


def read_commands(wheel: Wheel) -> tuple[tuple[EntryPoint, ...], tuple[Diagnostic, ...]]:
    """Return the console and gui scripts of a wheel, by name.

    Raises:
        MetadataError: `unsafe-entry-point`, `invalid-field`.
        RepackError: `record-mismatch`, `invalid-wheel`.
    """
    sections = ini_sections(wheel.text("entry_points.txt"))
    lines = entry_point_lines(sections, origin=f"{wheel.dist_info}/entry_points.txt")
    points, diagnostics = read_entry_points(lines, project=wheel.pypi_name)
    by_name = {point.name: point for point in points}
    return tuple(by_name[name] for name in sorted(by_name)), diagnostics


def link_lines(points: tuple[EntryPoint, ...]) -> tuple[str, ...]:
    """Return the commands as link.json has them; extras are no part of them."""
    return tuple(f"{point.name} = {point.target}" for point in points)


def command_script(point: EntryPoint) -> bytes:
    """Return the script of a command, for packages whose installer makes none; it holds the placeholder."""
    return _SCRIPT.format(
        prefix=PLACEHOLDER,
        module=point.module,
        imported=point.attribute.partition(".")[0],
        attribute=point.attribute,
    ).encode()


def windows_launcher(point: EntryPoint) -> bytes:
    """Return the batch file that runs a command's script with the python beside `Scripts`."""
    return f'@"%~dp0..\\python.exe" "%~dp0{point.name}-script.py" %*\r\n'.encode()
