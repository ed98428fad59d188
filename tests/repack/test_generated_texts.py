"""Values that a backend writes anew are told by two runs, wherever those agree by chance."""

import random

import pytest

from conda_bridge.repack.comparing.generated_texts import is_generated


def _digest(source: random.Random) -> str:
    return f"{source.getrandbits(64):016x}"


@pytest.mark.parametrize("is_python", [False, True])
def test_random_values_are_values_whatever_they_share_by_chance(*, is_python: bool) -> None:
    source = random.Random(0)

    for _ in range(500):
        published, once, again = (f"DIGEST = 'sha-{_digest(source)}-x'\n" for _ in range(3))
        assert is_generated(published, once, again, is_python=is_python), (published, once, again)


@pytest.mark.parametrize(
    ("published", "is_same"),
    [
        ("id: run-ac55 of demo", True),
        ("id: run-ffff of demo", True),
        ("id: ran-ac55 of demo", False),
        ("id: run-ac55 of more", False),
        ("id: run-ac(5 of demo", False),
    ],
)
def test_only_the_word_in_which_two_runs_part_may_be_another(published: str, *, is_same: bool) -> None:
    assert is_generated(published, "id: run-ab15 of demo", "id: run-ab25 of demo", is_python=False) is is_same


def test_a_word_that_one_run_has_behind_is_no_part_of_the_one_before() -> None:
    assert not is_generated("made by nobody", "made by us", "made by us 5", is_python=False)
    assert is_generated("made by us 7", "made by us", "made by us 5", is_python=False)
