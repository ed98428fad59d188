"""Engines that compress: what they give is deflate, the same every time, and one that is missing is told."""

import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.archives.deflate import deflate_engine
from conda_bridge.errors import UsageError
from conda_bridge.model.repackaging import DeflateName

ENGINES: list[DeflateName] = ["zlib", "libdeflate"]


@pytest.mark.parametrize("name", ENGINES)
@given(data=st.binary(max_size=2000), cut=st.integers(0, 2000))
def test_whole_and_in_pieces_it_is_raw_deflate(name: DeflateName, data: bytes, cut: int) -> None:
    if name == "libdeflate":
        pytest.importorskip("deflate")
    engine = deflate_engine(name)
    assert engine.name == name
    assert zlib.decompress(engine.compress(data), wbits=-15) == data
    stream = engine.stream()
    packed = stream.compress(data[:cut]) + stream.compress(data[cut:]) + stream.flush()
    assert zlib.decompress(packed, wbits=-15) == data


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_gives_the_same_bytes_every_time(name: DeflateName) -> None:
    if name == "libdeflate":
        pytest.importorskip("deflate")
    data = b"".join(b"line %d\n" % (number * 7919 % 1000) for number in range(5000))
    assert deflate_engine(name).compress(data) == deflate_engine(name).compress(data)


def test_engine_that_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "deflate", None)
    with pytest.raises(UsageError) as caught:
        deflate_engine("libdeflate")
    assert caught.value.slug == "deflate-missing"
