"""How long a server that says "later" is waited for, and what no waiting mends.

Imports urllib3, so it is imported when the first request is made.
"""

import ssl
import time
from typing import Any

from urllib3.exceptions import MaxRetryError
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

__all__ = ["LONGEST_WAIT_S", "PATIENCE_S", "PatientRetry", "distrust_of"]

LONGEST_WAIT_S = 60.0
"""Between two tries."""
PATIENCE_S = 120.0
"""For one request, however often the server asks for more."""


def distrust_of(error: object) -> str:
    """Return why a certificate isn't trusted, which is somewhere within an error; empty where that is about something else."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message or "it can't be verified"
        within = error.args[0] if isinstance(error, Exception) and error.args else None
        error = getattr(error, "reason", None) if isinstance(error, MaxRetryError) else within
    return ""


class PatientRetry(Retry):
    """Waits as long as a server asks for (`Retry-After`), within reason. Source: RFC 9110, 10.2.3."""

    def __init__(self, *args: Any, patience_s: float = PATIENCE_S, **options: Any) -> None:
        super().__init__(*args, **options)
        self._patience_s = patience_s

    def new(self, **options: Any) -> "PatientRetry":
        """Return the policy of the next try, which has only the patience that is left."""
        return super().new(patience_s=self._patience_s, **options)

    def increment(self, *args: Any, **options: Any) -> "PatientRetry":
        """Return the policy of the next try; a certificate that isn't trusted now isn't trusted then."""
        error = options.get("error")
        if error is not None and distrust_of(error):
            raise MaxRetryError(options.get("_pool"), args[1], error)  # type: ignore[arg-type]
        return super().increment(*args, **options)

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Return for how long the server is waited for; None where it asks for nothing."""
        asked = super().get_retry_after(response)
        return None if asked is None else max(0.0, min(asked, LONGEST_WAIT_S, self._patience_s))

    def sleep_for_retry(self, response: BaseHTTPResponse) -> bool:
        """Wait, and tell whether the server asked for that."""
        wait_s = self.get_retry_after(response)
        if not wait_s:
            return False
        self._patience_s -= wait_s
        time.sleep(wait_s)
        return True
