"""RECORD is written as it is read."""

import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.archives.wheel_record import record_text
from conda_bridge.errors import RepackError
from conda_bridge.repack.wheels.record import read_record_rows, verify_complete

PATHS = st.text(st.sampled_from(string.ascii_letters + " ,\"'é/._-"), min_size=1, max_size=40)
DIGESTS = st.binary(min_size=32, max_size=32).map(bytes.hex)


@given(st.dictionaries(PATHS, st.tuples(DIGESTS, st.integers(0, 10**12)), max_size=8))
def test_record_is_read_as_it_was_written(files: dict[str, tuple[str, int]]) -> None:
    own = "demo-1.dist-info/RECORD"
    text = record_text([(path, *row) for path, row in files.items()], own_path=own)
    rows = read_record_rows(text)
    assert rows.pop(own) is None
    found = {path: (row.hexadecimal, row.size_bytes) for path, row in rows.items() if row}
    assert found == files
    assert list(read_record_rows(text)) == sorted([own, *files])


@given(st.text(st.sampled_from('ab,="\n/sha256='), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(RepackError):
        assert isinstance(read_record_rows(text), dict)


def test_signatures_need_no_rows() -> None:
    info = "demo-1.dist-info"
    sizes = {f"{info}/RECORD": 1, f"{info}/RECORD.jws": 1, f"{info}/RECORD.p7s": 1}
    verify_complete({}, sizes, dist_info=info)


def test_missing_files_are_named_but_not_all_of_them() -> None:
    with pytest.raises(RepackError, match="and 2 more"):
        verify_complete({}, dict.fromkeys("abcde", 1), dist_info="x")
