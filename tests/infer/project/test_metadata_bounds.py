"""Metadata made to take long: what no project has is refused, and the rest is read in linear time."""

import time

import pytest

from conda_bridge.errors import BridgeError, MetadataError
from support.converting import convert_facts
from support.hostile import core_metadata, pyproject
from support.trees import facts_of_texts

SECONDS = 20.0
"""Generous, as each takes less than two on a quiet machine; before they were bounded, minutes."""

ASKING = [f'Requires-Dist: demo[e{n}]; extra == "e{m}"' for n in range(20) for m in range(20)]


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        ([f"Provides-Extra: e{n}" for n in range(19_000)], "read"),
        ([f"Classifier: X :: {n}" for n in range(30_000)], "invalid-field"),
        ([f"License-File: l{n}" for n in range(19_000)], "invalid-field"),
        ([f"License-File: **/*{n}" for n in range(60)], "invalid-field"),
        (["License-File: " + "[" * 20_000], "read"),
        ([f"License-File: ../l{n}" for n in range(10_000)], "read"),
        ([f"Requires-Dist: a{n}" for n in range(6_000)], "invalid-field"),
        (["Requires-Python: " + ",".join(f"!=3.11.{n}" for n in range(60_000))], "read"),
        (
            ["Requires-Dist: demo[x]"] * 300
            + ["Provides-Extra: x"]
            + ['Requires-Dist: demo[x]; extra == "x"', 'Requires-Dist: a; extra == "x"'] * 300,
            "invalid-field",
        ),
        (["Requires-Dist: demo[e0]", *(f"Provides-Extra: e{n}" for n in range(20)), *ASKING], "read"),
    ],
    ids=["extras", "fields", "files", "globs", "brackets", "outside", "needs", "python", "itself", "asking"],
)
def test_metadata_that_is_made_to_take_long_ends_soon(lines: list[str], outcome: str) -> None:
    texts = {"PKG-INFO": core_metadata(*lines), "pyproject.toml": pyproject(), "LICENSE": "MIT License\n"}
    started = time.process_time()
    try:
        convert_facts(facts_of_texts(texts, label="demo-1.0.tar.gz"))
        became = "read"
    except BridgeError as error:
        became = error.slug

    assert became == outcome
    assert time.process_time() - started < SECONDS


def test_a_thousandfold_of_commands_is_refused() -> None:
    scripts = "".join(f'a{n} = "b:c"\n' for n in range(2_100))

    with pytest.raises(MetadataError) as caught:
        convert_facts(facts_of_texts({"pyproject.toml": pyproject(rest=f"[project.scripts]\n{scripts}")}))

    assert caught.value.slug == "invalid-field"
