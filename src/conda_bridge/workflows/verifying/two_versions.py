"""A project of two versions: its recipe has the one that a file says, its backend writes the other."""

from conda_bridge.errors import BridgeError
from conda_bridge.infer.project.toml_tables import PYPROJECT, read_pyproject
from conda_bridge.model.conversion import Conversion

__all__ = ["with_versions"]


def with_versions(error: BridgeError, conversion: Conversion) -> BridgeError:
    """Return the failure of a package whose version isn't that of its METADATA with what the source's files say."""
    if error.slug != "package-version":
        return error
    version = conversion.project.version
    file = version.origin.partition("#")[0]
    message = f"{error.message}; the recipe's version {version.value} is that of {file}"
    declared = read_pyproject(conversion.facts).table("project").get("version")
    if file != PYPROJECT and isinstance(declared, str) and declared != str(version.value):
        message += f", while {PYPROJECT} says {declared!r:.80}"
    hint = (
        "let all files of the source say one version; a PKG-INFO that an older build left in a folder can go"
    )
    return type(error)(error.slug, message, where=error.where, hint=hint)
