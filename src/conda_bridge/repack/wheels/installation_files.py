"""The files of a dist-info folder that installers write about one installation, so that no wheel has them.

Source: PyPA, recording installed projects; PEP 376 (REQUESTED), PEP 427 (signatures of RECORD).
"""

__all__ = ["OF_INSTALLERS", "RECORDS"]

OF_INSTALLERS = frozenset({"INSTALLER", "REQUESTED", "direct_url.json"})
RECORDS = frozenset({"RECORD", "RECORD.jws", "RECORD.p7s"})
"""A wheel has its own, written anew."""
