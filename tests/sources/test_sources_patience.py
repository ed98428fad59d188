import ssl
import time

import pytest
from urllib3 import HTTPResponse
from urllib3.exceptions import MaxRetryError, SSLError

from conda_bridge.sources.patience import LONGEST_WAIT_S, PATIENCE_S, PatientRetry, distrust_of


def later(seconds: str) -> HTTPResponse:
    return HTTPResponse(status=503, headers={"Retry-After": seconds})


@pytest.mark.parametrize(
    ("asked", "waited_s"), [("7", 7.0), ("0", 0.0), ("86400", LONGEST_WAIT_S), ("9" * 30, LONGEST_WAIT_S)]
)
def test_a_server_is_waited_for_as_long_as_it_asks_within_reason(asked: str, waited_s: float) -> None:
    assert PatientRetry(total=3).get_retry_after(later(asked)) == waited_s


def test_a_server_that_asks_for_nothing_is_not_waited_for() -> None:
    assert PatientRetry(total=3).get_retry_after(HTTPResponse(status=503)) is None


def test_however_often_a_server_asks_patience_ends() -> None:
    retry = PatientRetry(total=20, patience_s=0.05, status_forcelist=(503,), backoff_factor=0)
    started = time.monotonic()

    for _ in range(10):
        retry = retry.increment("GET", "/", response=later("60"))
        retry.sleep(later("60"))

    assert 0.05 <= time.monotonic() - started < 10  # each of them would have been a minute
    assert retry.get_retry_after(later("60")) == 0


def test_the_next_request_has_all_patience_again() -> None:
    retry = PatientRetry(total=3)
    retry.increment("GET", "/", response=later("60"))

    assert retry.new().get_retry_after(later("60")) == min(LONGEST_WAIT_S, PATIENCE_S)


def untrusted() -> SSLError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return SSLError(error)


def test_a_certificate_that_is_not_trusted_is_not_tried_again() -> None:
    with pytest.raises(MaxRetryError) as caught:
        PatientRetry(total=3).increment("GET", "/", error=untrusted())

    assert distrust_of(caught.value) == "self-signed certificate"


def test_a_secure_connection_that_broke_off_is_tried_again() -> None:
    broken = SSLError(ssl.SSLEOFError(8, "EOF occurred"))

    assert PatientRetry(total=3).increment("GET", "/", error=broken).total == 2
    assert not distrust_of(broken)
