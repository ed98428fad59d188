"""The files of a dist-info folder that installers write about one installation, so that no wheel has them.

Source: PyPA, recording installed projects; PEP 376 (REQUESTED), PEP 427 (signatures of RECORD).
"""

__all__ = ["OF_INSTALLERS", "is_of_installation", "is_of_installers"]

OF_INSTALLERS = frozenset({"INSTALLER", "REQUESTED", "direct_url.json"})
_FOLDED = frozenset(name.lower() for name in OF_INSTALLERS)
_RECORDS = frozenset({"record", "record.jws", "record.p7s"})
"""A wheel has its own, written anew."""


def is_of_installers(name: str) -> bool:
    """Return whether a file of a dist-info folder is one of `OF_INSTALLERS`, on systems without case as well."""
    return name.lower() in _FOLDED


def is_of_installation(name: str) -> bool:
    """Return whether a file of a dist-info folder is an installer's or a RECORD.

    >>> is_of_installation("record")
    True
    """
    return is_of_installers(name) or name.lower() in _RECORDS
