"""An output that is built in the top folder -> the same output, built in the folder of its project."""

from collections.abc import Iterable
from dataclasses import replace

from conda_bridge.errors import UsageError
from conda_bridge.infer.workspace.views import View, base_of
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.evidence import Certainty, Evidence, address
from conda_bridge.model.recipe import Output, Script, ScriptLine
from conda_bridge.translate.shell import is_plain_folder

__all__ = ["moved_conversion", "moved_output"]

_INSTALL = "${{ PYTHON }} -m pip install . "


def moved_output(output: Output, view: View, evidence: Iterable[Evidence]) -> Output:
    """Return the output as the recipe of the whole tree says it; a script that the user wrote stays as it is.

    Raises:
        UsageError: `odd-folder` for a folder whose name a shell would read.
    """
    if not view.build_folder:
        return output
    where = address(output.conda_name, "build", "script")
    is_own = any(one.address == where and one.certainty is Certainty.OVERRIDE for one in evidence)
    files = tuple(map(view.source_path, output.about.license_files))
    return replace(
        output,
        script=output.script if is_own else _moved_script(output.script, view.build_folder),
        about=replace(output.about, license_files=files),
    )


def moved_conversion(conversion: Conversion) -> Conversion:
    """Return the conversion of a repository's subdirectory, built there; any other stays as it is.

    Raises:
        UsageError: `odd-folder`.
    """
    view = View(folder="", facts=conversion.facts, base=base_of(conversion.facts))
    if not view.build_folder:
        return conversion
    outputs = (moved_output(one, view, conversion.evidence) for one in conversion.recipe.outputs)
    return replace(
        conversion,
        recipe=replace(conversion.recipe, outputs=tuple(outputs)),
        evidence=tuple(map(view.evidence, conversion.evidence)),
    )


def _moved_script(script: Script, folder: str) -> Script:
    if not is_plain_folder(folder):
        raise UsageError("odd-folder", f"a build script can't name the folder {folder[:80]!r}")
    match script.lines:
        case (ScriptLine(command=command) as line,) if command.startswith(_INSTALL):
            moved = command.replace(_INSTALL, f"{_INSTALL.removesuffix('. ')}./{folder} ", 1)
            return replace(script, lines=(replace(line, command=moved),))
        case ():
            return script
        case lines:
            back = "/".join([".."] * (folder.count("/") + 1))
            return replace(
                script,
                lines=(ScriptLine(command=f"cd {folder}"), *lines, ScriptLine(command=f"cd {back}")),
            )
