"""Requires-Python of a wheel, as it was meant.

Source: core metadata, Requires-Python; PEP 440.
"""

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from conda_bridge.errors import MetadataError, RepackError
from conda_bridge.infer.project.merge import read_specifiers
from conda_bridge.infer.project.statements import Statement
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.translate.untrusted import check_readable

__all__ = ["requires_python_of"]


def requires_python_of(metadata: Statement) -> tuple[SpecifierSet, tuple[Diagnostic, ...]]:
    """Return the bounds on python, `>=3.5.*` read as `>=3.5` with a finding; none where none are said.

    Raises:
        RepackError: `invalid-wheel`.
    """
    known = metadata.requires_python
    if known is None:
        return SpecifierSet(), ()
    try:
        check_readable(known.value)
        return SpecifierSet(known.value), ()
    except InvalidSpecifier:
        specifiers = read_specifiers(known.value)
    except MetadataError as error:
        raise _invalid(known.value) from error
    if specifiers is None:
        raise _invalid(known.value)
    message = f"Requires-Python {known.value!r:.80} was read as {str(specifiers)!r:.80}"
    return specifiers, (finding("legacy-requirement", message, origin=known.origin),)


def _invalid(text: str) -> RepackError:
    return RepackError("invalid-wheel", f"its Requires-Python {text!r:.80} is no specifier")
