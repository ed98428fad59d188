"""Requirements as v1 writes them."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.v1_specs import parse_spec, spec_text
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


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (MatchSpec(conda_name=DEMO), "demo"),
        (MatchSpec(conda_name=DEMO, version=">=1,<2"), "demo >=1,<2"),
        (MatchSpec(conda_name=DEMO, version="1.2.*", build="cuda*"), "demo 1.2.* cuda*"),
        (MatchSpec(conda_name=DEMO, build="cuda*"), "demo * cuda*"),
        (MatchSpec(conda_name=CondaName("python"), version=">=3.9"), "python >=3.9"),
        (MatchSpec(conda_name=DEMO, version="${{x}}"), "demo ${{ '${{' }}x}}"),
        (PythonMinSpec(is_exact=True), "python ${{ python_min }}.*"),
        (PythonMinSpec(is_exact=False), "python >=${{ python_min }}"),
        (PythonMinSpec(is_exact=False, upper="3.14"), "python >=${{ python_min }},<3.14"),
        (PythonMinSpec(is_exact=False, extra="!=3.12.1"), "python >=${{ python_min }},!=3.12.1"),
        (PythonMinSpec(is_exact=False, extra="<=3.13"), "python >=${{ python_min }},<=3.13"),
        (
            PythonMinSpec(is_exact=False, upper="4", extra="!=3.11.0,!=3.12.*"),
            "python >=${{ python_min }},<4,!=3.11.0,!=3.12.*",
        ),
        (CompilerSpec(language="rust"), "${{ compiler('rust') }}"),
        (StdlibSpec(), "${{ stdlib('c') }}"),
        (CrossPythonSpec(), "cross-python_${{ target_platform }}"),
        (PinSpec(function="pin_compatible", conda_name=DEMO), "${{ pin_compatible('demo') }}"),
        (
            PinSpec(function="pin_subpackage", conda_name=DEMO, is_exact=True),
            "${{ pin_subpackage('demo', exact=True) }}",
        ),
        (
            PinSpec(function="pin_subpackage", conda_name=DEMO, lower="x.x", upper="2.0"),
            "${{ pin_subpackage('demo', lower_bound='x.x', upper_bound='2.0') }}",
        ),
    ],
)
def test_a_spec_is_written_and_read(spec: Spec, text: str) -> None:
    assert spec_text(spec) == text
    assert parse_spec(text) == spec


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ('${{ compiler("c") }}', CompilerSpec(language="c")),
        ('${{stdlib("c")}}', StdlibSpec()),
        (
            '${{ pin_subpackage("demo", exact=true) }}',
            PinSpec(function="pin_subpackage", conda_name=DEMO, is_exact=True),
        ),
        (
            "${{ pin_compatible('demo', upper_bound='x', lower_bound='x.x') }}",
            PinSpec(function="pin_compatible", conda_name=DEMO, lower="x.x", upper="x"),
        ),
    ],
)
def test_other_spellings_of_functions_are_read(text: str, spec: Spec) -> None:
    assert parse_spec(text) == spec


@pytest.mark.parametrize(
    "text",
    [
        *("", "demo>=1", "Demo", "a b c d", "${{ name }}", "demo ${{ version }}", "demo >=${{ x }}"),
        *(
            "${{ compiler() }}",
            "${{ compiler(x) }}",
            "${{ compiler('c', 'd') }}",
            "${{ compiler('c', exact=True) }}",
        ),
        *("${{ cdt('x') }}", "${{ pin_subpackage('a', 'b') }}", "${{ pin_subpackage('a', min_pin='x') }}"),
        *(
            "${{ pin_subpackage(True) }}",
            "${{ pin_subpackage('a', exact='no') }}",
            "${{ pin_subpackage('a', exact=False) }}",
            "${{ pin_subpackage('a', exact=True, exact=True) }}",
            "${{ pin_subpackage('A B') }}",
            "${{ pin_subpackage(name) }}",
        ),
        *("python ${{ python_min }}", "python <=${{ python_min }}", "python >=${{ python_min }}.*"),
        *(
            "python >=${{ python_min }},",
            "python >=${{ python_min }} x",
            "python >=${{ python_min }},${{ y }}",
        ),
        "cross-python_${{ host_platform }}",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(RecipeError) as caught:
        parse_spec(text)

    assert caught.value.slug == "unmodelled-recipe"


@pytest.mark.parametrize(
    "spec",
    [
        MatchSpec(conda_name=DEMO, version=">=1 <2"),
        MatchSpec(conda_name=DEMO, version="1", build="a\tb"),
        MatchSpec(conda_name=CondaName("")),
        CompilerSpec(language="c') }} ${{ env.get('HOME"),
        PinSpec(function="pin_compatible", conda_name=DEMO, lower="'"),
    ],
)
def test_a_spec_whose_parts_would_run_into_each_other_is_refused(spec: Spec) -> None:
    with pytest.raises(RecipeError) as caught:
        spec_text(spec)

    assert caught.value.slug == "unrenderable-recipe"
