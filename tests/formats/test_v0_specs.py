"""Requirements as v0 writes them."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.v0_specs import parse_spec, restrict_spec, spec_text
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    CompilerSpec,
    CrossPythonSpec,
    MatchSpec,
    PinSpec,
    PythonMinSpec,
    Spec,
    StdlibSpec,
)

DEMO = CondaName("demo")


def match(version: str = "", build: str = "") -> MatchSpec:
    return MatchSpec(conda_name=DEMO, version=version, build=build)


def pin(function: str = "compatible", **values: str) -> PinSpec:
    lower, upper = values.get("lower", ""), values.get("upper", "")
    if function == "compatible":
        return PinSpec(function="pin_compatible", conda_name=DEMO, lower=lower, upper=upper)
    return PinSpec(function="pin_subpackage", conda_name=DEMO, lower=lower, upper=upper)


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (match(), "demo"),
        (match(">=1,<2"), "demo >=1,<2"),
        (match("==1.2"), "demo ==1.2"),
        (match("1.2.*"), "demo 1.2.*"),
        (match("", "cuda*"), "demo * cuda*"),
        (match("1.2", "py_0"), "demo 1.2 py_0"),
        (match(">={{"), "demo >={{ '{' }}{"),
        (PythonMinSpec(is_exact=True), "python {{ python_min }}"),
        (PythonMinSpec(is_exact=False), "python >={{ python_min }}"),
        (
            PythonMinSpec(is_exact=False, upper="3.14", extra="!=3.12.1"),
            "python >={{ python_min }},<3.14,!=3.12.1",
        ),
        (CompilerSpec(language="rust"), "{{ compiler('rust') }}"),
        (StdlibSpec(), "{{ stdlib('c') }}"),
        (CrossPythonSpec(), "cross-python_{{ target_platform }}"),
        (pin(), "{{ pin_compatible('demo') }}"),
        (pin(lower="x.x", upper="3"), "{{ pin_compatible('demo', min_pin='x.x', upper_bound='3') }}"),
        (pin("sub", upper="x"), "{{ pin_subpackage('demo', max_pin='x') }}"),
        (
            PinSpec(function="pin_subpackage", conda_name=DEMO, is_exact=True),
            "{{ pin_subpackage('demo', exact=True) }}",
        ),
    ],
)
def test_spec_is_written_and_read(spec: Spec, text: str) -> None:
    assert spec_text(spec) == text
    assert parse_spec(text) == spec


@pytest.mark.parametrize(
    ("spec", "said", "is_same"),
    [
        # conda-build adds `.*` to a bare version.
        (match("1.2"), match("==1.2"), True),
        (pin("sub", lower="1.0", upper="2.0"), match(">=1.0,<2.0"), True),
        (pin("sub", lower="x.x", upper="2.0"), match("<2.0"), False),
        (pin(lower="1.0", upper="x"), pin(lower="1.0", upper="x"), False),
        (pin(lower="x.x", upper="x"), pin(lower="x.x", upper="x"), True),
    ],
)
def test_what_v0_says_in_another_way_is_restricted(spec: Spec, said: Spec, is_same: bool) -> None:  # noqa: FBT001
    assert restrict_spec(spec) == (said, is_same)
    assert parse_spec(spec_text(said)) == said


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        # conda-build takes a bare version for a beginning.
        ("demo 1.2", match("1.2.*")),
        ("demo  >=1, <2", match(">=1,<2")),
        ("python {{ python_min }}.*", PythonMinSpec(is_exact=True)),
        ("python ={{ python_min }}", PythonMinSpec(is_exact=True)),
    ],
)
def test_other_spellings_are_read(text: str, spec: Spec) -> None:
    assert parse_spec(text) == spec


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Demo",
        "numpy x.x",
        "demo >=1 a b",
        "demo {{ x }}",
        "{{ compiler(lang) }}",
        "{{ pin_compatible('demo', min_pin='x', min_pin='x') }}",
        "{{ pin_compatible('demo', min_pin='x', lower_bound='1') }}",
        "{{ pin_compatible('demo', what='x') }}",
        "python >={{ python_min }} x",
    ],
)
def test_what_is_not_modelled_is_refused(text: str) -> None:
    with pytest.raises(RecipeError) as caught:
        parse_spec(text)

    assert caught.value.slug == "unmodelled-recipe"


@pytest.mark.parametrize(
    "spec",
    [
        match("> 1"),
        match("1.2"),
        PinSpec(function="pin_compatible", conda_name=CondaName("a'b")),
    ],
)
def test_what_v0_can_not_say_is_refused(spec: Spec) -> None:
    with pytest.raises(RecipeError) as caught:
        spec_text(spec)

    assert caught.value.slug == "unrenderable-recipe"
