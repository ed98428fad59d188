"""How long a server that says "later" is waited for. Imports urllib3, so it is imported when the first request is made."""

import time
from typing import Any

from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

__all__ = ["LONGEST_WAIT_S", "PATIENCE_S", "PatientRetry"]

LONGEST_WAIT_S = 60.0
"""Between two tries."""
PATIENCE_S = 120.0
"""For one request, however often the server asks for more."""


class PatientRetry(Retry):
    """Waits as long as a server asks for (`Retry-After`), within reason. Source: RFC 9110, 10.2.3."""

    def __init__(self, *args: Any, patience_s: float = PATIENCE_S, **options: Any) -> None:
        super().__init__(*args, **options)
        self._patience_s = patience_s

    def new(self, **options: Any) -> "PatientRetry":
        """Return the policy of the next try, which has only the patience that is left."""
        return super().new(patience_s=self._patience_s, **options)

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
