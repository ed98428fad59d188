"""METADATA against what the conda package depends on."""

import pytest

from conda_bridge.errors import RepackError
from conda_bridge.model.repackaging import WheelSetting
from support.package_facts import METADATA, made_of

FOLDER = "demo-1.0.dist-info"


def drift(
    metadata: tuple[str, ...], conda: tuple[str, ...], python: str = "python >=3.8"
) -> list[tuple[str, str]]:
    text = METADATA + "".join(f"Requires-Dist: {line}\n" for line in metadata).encode()
    made = made_of({f"{FOLDER}/METADATA": text}, depends=(python, *conda))
    assert [row.slug for row in made.diagnostics] == ["dependency-drift"] * len(made.drift)
    return [(row.kind, row.pypi_name) for row in made.drift]


@pytest.mark.parametrize(
    ("metadata", "conda"),
    [
        ("attrs>=1.0", "attrs >=1.0.0"),
        ("attrs (>=1.9)", "attrs >=1.9"),
        ("attrs>=1,<3", "attrs >=1,<3.0a0"),
        ("attrs~=1.4.2", "attrs >=1.4.2,1.4.*"),
        ("matplotlib>=3", "matplotlib-base >=3"),
        ("docker", "docker-py"),
        ("Python_DateUtil", "python-dateutil"),
        ("importlib-metadata", "importlib_metadata"),
        ("requests[socks]", "requests"),
        ("attrs; python_version >= '3.6'", "attrs"),
        ("attrs; platform_python_implementation == 'CPython'", "attrs"),
    ],
)
def test_what_is_only_spelled_in_another_way_is_no_drift(metadata: str, conda: str) -> None:
    assert drift((metadata,), (conda,)) == []


@pytest.mark.parametrize(
    "metadata",
    [
        "colorama; platform_system == 'Windows'",
        "tomli; python_version < '3.8'",
        "pyobjc; sys_platform == 'darwin'",
        "cffi; platform_python_implementation == 'PyPy'",
        "pytest; extra == 'test'",
    ],
)
def test_what_no_python_on_linux_needs_may_be_missing_in_the_package(metadata: str) -> None:
    assert drift((metadata,), ()) == []


@pytest.mark.parametrize(
    ("metadata", "conda", "kind", "name"),
    [
        ((), ("attrs",), "only-conda", "attrs"),
        ((), ("nodejs",), "only-conda", "nodejs"),
        (("flask; extra == 'server'",), ("flask",), "only-conda", "flask"),
        (("brotli>=1; extra == 'brotli'",), ("brotli-python >=1",), "only-conda", "brotli"),
        (("attrs",), (), "only-metadata", "attrs"),
        (("tomli; python_version < '3.11'",), (), "only-metadata", "tomli"),
        (("pyudev; sys_platform == 'linux'",), (), "only-metadata", "pyudev"),
        (("boto3>=1.6.16",), ("boto3 >=1.6.15",), "bounds", "boto3"),
        (("six>1.9",), ("six",), "bounds", "six"),
        (("six",), ("six 9e",), "bounds", "six"),
        (("six>=1,<2",), ("six >=1", "six <3"), "bounds", "six"),
        (("colorama; platform_system == 'Windows'",), ("colorama",), "marker", "colorama"),
        (("tomli; python_version < '3.11'",), ("tomli",), "marker", "tomli"),
    ],
)
def test_difference_is_told_by_its_kind(
    metadata: tuple[str, ...], conda: tuple[str, ...], kind: str, name: str
) -> None:
    assert drift(metadata, conda) == [(kind, name)]


def test_several_lines_of_a_project_together_are_what_conda_says_once() -> None:
    metadata = ("numpy>=1.20; python_version < '3.12'", "numpy>=1.20; python_version >= '3.12'")

    assert drift(metadata, ("numpy >=1.20",)) == []


@pytest.mark.parametrize(
    ("pin", "is_drift"),
    [("python >=3.8.0", False), ("python >=3.7", True), ("python", True), ("python >=3.8,<4", True)],
)
def test_pythons_are_compared_as_ranges(pin: str, is_drift: bool) -> None:  # noqa: FBT001 - what is expected
    assert drift((), (), python=pin) == ([("python", "python")] if is_drift else [])


def test_gap_before_python3_is_no_difference() -> None:
    text = METADATA.replace(b">=3.8", b">=2.7,!=3.0.*,!=3.1.*")

    assert made_of({f"{FOLDER}/METADATA": text}, depends=("python 2.7.*|>=3.2",)).drift == ()


def test_strict_setting_refuses_drift_in_words() -> None:
    held = {f"{FOLDER}/METADATA": METADATA + b"Requires-Dist: attrs\n"}
    with pytest.raises(RepackError) as caught:
        made_of(held, setting=WheelSetting(is_strict=True))

    assert caught.value.slug == "metadata-drift"
    assert "METADATA asks for 'attrs', which the conda package lacks" in caught.value.message


def test_strict_setting_takes_what_agrees() -> None:
    assert made_of({f"{FOLDER}/METADATA": METADATA}, setting=WheelSetting(is_strict=True)).drift == ()


def test_record_that_cant_be_compared_is_told() -> None:
    made = made_of({f"{FOLDER}/METADATA": METADATA}, depends=("", f"attrs >={'9' * 5000}"))

    assert [row.slug for row in made.diagnostics] == ["dependency-drift"]


@pytest.mark.parametrize(
    ("dependencies", "taken"),
    [("metadata", "the wheel keeps METADATA's"), ("conda", "the wheel has conda's")],
)
def test_drift_says_whose_the_wheel_has(dependencies: str, taken: str) -> None:
    setting = WheelSetting(dependencies=dependencies)  # type: ignore[arg-type] # one of the two
    made = made_of({f"{FOLDER}/METADATA": METADATA}, setting=setting, depends=("python >=3.8", "attrs"))

    assert made.diagnostics[0].message == f"conda installs 'attrs', which METADATA doesn't ask for; {taken}"


def test_words_about_a_strangers_specs_are_short_and_plain() -> None:
    made = made_of(
        {f"{FOLDER}/METADATA": METADATA}, depends=("python >=3.8", *(f"attrs 1.{n}\x1b" for n in range(900)))
    )

    assert all(len(row.message) < 1200 for row in made.diagnostics)
    assert all(row.message.isprintable() for row in made.diagnostics)
