import pytest

from conda_bridge.model.names import PypiName
from conda_bridge.translate.lookalikes import lookalike_findings

TRUSTED = tuple(map(PypiName, ("requests", "numpy", "typing-extensions", "modern-app", "attrs", "lxml")))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("reqeusts", "requests"),
        ("request", "requests"),
        ("requestss", "requests"),
        ("raquests", "requests"),
        ("nunpy", "numpy"),
        ("typingextensions", "typing-extensions"),
        ("rnodern-app", "modern-app"),
        ("m0dern-app", "modern-app"),
        ("1xml", "lxml"),
    ],
)
def test_52_a_name_that_looks_or_types_like_a_trusted_one_is_reported(name: str, meant: str) -> None:
    (found,) = lookalike_findings((PypiName(name),), trusted=TRUSTED)

    assert (found.slug, found.severity) == ("name-lookalike", "warning")
    assert repr(name) in found.message
    assert repr(meant) in found.message


@pytest.mark.parametrize("name", ["requests", "xml", "scipy", "attrs", "typing-inspection", "reqsetus"])
def test_a_trusted_or_a_different_name_is_not_reported(name: str) -> None:
    assert lookalike_findings((PypiName(name),), trusted=TRUSTED) == ()


def test_without_trusted_names_nothing_is_reported() -> None:
    assert lookalike_findings((PypiName("reqeusts"),), trusted=()) == ()
