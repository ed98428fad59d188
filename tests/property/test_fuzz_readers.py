"""A few mutated inputs for every reader; `tests/bench/fuzz.py` feeds them as many as one likes."""

from pathlib import Path

import pytest

from support.fuzz_readers import READERS
from support.fuzzing import Reader, input_of, judge

INPUTS = 12
SECONDS = 20.0
"""Of CPU time; on a quiet machine no input takes two."""


@pytest.mark.parametrize("name", READERS)
def test_mutated_input_is_read_or_refused_and_nothing_else_happens(name: str, tmp_path: Path) -> None:
    demand_good_manners(READERS[name], tmp_path, seed=20, count=INPUTS)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_many_mutated_inputs_are_read_or_refused(name: str, tmp_path: Path) -> None:
    demand_good_manners(READERS[name], tmp_path, seed=21, count=150)


def test_the_same_seed_gives_the_same_inputs() -> None:
    reader = READERS["setup.py"]
    seeds = reader.seeds()

    inputs = [input_of(reader, seeds, seed=1, number=number) for number in range(50)]

    assert inputs == [input_of(reader, seeds, seed=1, number=number) for number in range(50)]
    assert len(set(inputs)) > 40


@pytest.mark.parametrize(
    ("misdeed", "told"),
    [
        (lambda _data, _folder: 1 / 0, "ZeroDivisionError"),
        (lambda data, _folder: Path(data.decode()).write_text("x"), "to write"),
        (lambda _data, _folder: [None for _ in iter(int, 1)], "more than"),
        (lambda data, _folder: exec(compile(data, "setup.py", "exec")), "'setup.py' is executed"),
    ],
    ids=["crash", "write", "loop", "execute"],
)
def test_the_judge_sees_misdeeds(tmp_path: Path, misdeed: object, told: str) -> None:
    assert callable(misdeed)
    reader = Reader(name="x", seeds=lambda: (b"",), read=misdeed)
    folder = tmp_path / "allowed"
    folder.mkdir()
    data = b"a = 1" if told.endswith("executed") else str(tmp_path / "outside").encode()

    assert told in judge(reader, data, folder, seconds=0.2).violation


def demand_good_manners(reader: Reader, folder: Path, *, seed: int, count: int) -> None:
    seeds = reader.seeds()
    for good in seeds[:1]:
        assert judge(reader, good, folder, seconds=SECONDS).violation == ""
    for number in range(count):
        data = input_of(reader, seeds, seed=seed, number=number)
        assert judge(reader, data, folder, seconds=SECONDS).violation == "", data[:2000]
