"""Texts of strangers cost time in proportion to their length, whatever they begin and never end.

What looks for an end behind each beginning costs four times as much for twice the length: a minute for what a
recipe may hold. The bounds here are many times what is measured; such a search costs three times as much as they.
"""

from collections.abc import Callable
from contextlib import suppress
from time import process_time

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats import v0_text, v1_text
from conda_bridge.formats.scalars import quoted, scalar
from conda_bridge.formats.urls import split_at_version
from conda_bridge.formats.v0 import read_v0
from conda_bridge.formats.v1 import read_v1

_BEGINNINGS = ("{{ ", "{{{", "${{ ", "{% ", "{# ", "# [", "(", "'")
_V0 = """{{% set version = "1.0" %}}
package:
  name: demo
  version: {{{{ version }}}}
about:
  summary: "{text}"
"""
_V1 = """context:
  version: "1.0"
package:
  name: demo
  version: ${{{{ version }}}}
about:
  summary: "{text}"
"""


def _seconds(act: Callable[[], object]) -> float:
    start = process_time()
    with suppress(RecipeError):
        act()
    return process_time() - start


@pytest.mark.parametrize("beginning", _BEGINNINGS)
def test_beginnings_without_ends_are_read_in_linear_time(beginning: str) -> None:
    text = beginning * (40_000 // len(beginning))

    assert _seconds(lambda: read_v0(_V0.format(text=text))) < 1
    assert _seconds(lambda: read_v1(_V1.format(text=text))) < 1


@pytest.mark.parametrize("beginning", _BEGINNINGS)
def test_beginnings_without_ends_are_written_in_linear_time(beginning: str) -> None:
    text = beginning * (100_000 // len(beginning))

    assert _seconds(lambda: v0_text.line(v0_text.encode(text))) < 1
    assert _seconds(lambda: scalar(v1_text.encode(text))) < 1


def test_signs_of_comments_are_quoted_in_linear_time() -> None:
    text = "#" * 100_000

    assert _seconds(lambda: quoted(text)) < 1


def test_an_url_that_repeats_the_version_is_split_in_linear_time() -> None:
    url = "https://example.org/" + "1.0-" * 30_000

    assert _seconds(lambda: split_at_version(url, "1.0")) < 0.5
