"""Explanations of solvers are kept short by their outer branches."""

from conda_bridge.adapters.solver_messages import shortened


def test_short_explanation_stays_as_it_is() -> None:
    text = "The following packages are incompatible\n└─ a * can't be installed"

    assert shortened(text) == text


def test_inner_branches_of_a_long_one_are_cut() -> None:
    inner = "\n".join(f"   │  └─ b {number} would require" for number in range(40))
    text = f"The following packages are incompatible\n├─ a * can't be installed\n{inner}\n└─ c * is there"

    found = shortened(text).splitlines()

    assert found[1:3] == ["├─ a * can't be installed", "└─ c * is there"]
    assert "40 more lines" in found[-1]


def test_endless_flat_one_is_cut() -> None:
    found = shortened("\n".join(f"├─ p{number}" for number in range(500)))

    assert len(found.splitlines()) == 25
