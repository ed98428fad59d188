"""METADATA against what the conda package depends on."""

from time import process_time

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
    ("metadata", "conda"),
    [
        ("idna; sys_platform == 'linux'", ("__linux", "idna")),
        ("idna; sys_platform == 'linux'", ("__win",)),
        ("idna; sys_platform == 'linux'", ("__osx",)),
        ("idna; sys_platform != 'win32'", ("conda-forge::__unix", "idna")),
        ("idna; sys_platform == 'darwin'", ("__unix",)),
        ("idna; python_version < '3.9'", ("idna[when='python<3.9']",)),
        ("idna>=2; os_name == 'nt'", ("idna >=2[when='__win']",)),
        ("idna>=2; os_name == 'nt'", ("idna >=2[when='__win']", "idna >=2[when='__win and python>=3.9']")),
    ],
)
def test_package_is_judged_on_the_systems_that_it_is_for(metadata: str, conda: tuple[str, ...]) -> None:
    assert drift((metadata,), conda) == []


@pytest.mark.parametrize(
    ("metadata", "conda", "kind", "where"),
    [
        ("idna; sys_platform == 'win32'", ("__win",), "only-metadata", ""),
        ("idna; sys_platform == 'linux'", ("__unix", "idna"), "marker", "on osx"),
        ("idna", ("idna[when='__win']",), "only-metadata", "on linux, osx"),
        ("idna; os_name == 'nt'", ("idna[when='__unix']",), "marker", "on linux, osx"),
        ("idna; python_version < '3.9'", ("idna[when='python<3.10']",), "marker", "on python >=3.9,<3.10"),
        ("idna>=2", ("idna >=2[when='__win']", "idna >=3[when='__unix']"), "bounds", "on linux, osx"),
    ],
)
def test_package_differs_on_the_systems_that_it_is_for(
    metadata: str, conda: tuple[str, ...], kind: str, where: str
) -> None:
    text = METADATA + f"Requires-Dist: {metadata}\n".encode()
    made = made_of({f"{FOLDER}/METADATA": text}, depends=("python >=3.8", *conda))

    assert (kind, "idna", where) in {(row.kind, row.pypi_name, row.where) for row in made.drift}


def test_package_for_one_interpreter_is_not_for_the_pythons_of_metadata() -> None:
    assert drift((), (), python="python >=3.8 *_cpython") == [("python", "python")]


def test_pin_of_python_in_some_places_cant_be_compared() -> None:
    made = made_of({f"{FOLDER}/METADATA": METADATA}, depends=("python >=3.8[when='__win']",))

    (told,) = made.diagnostics
    assert "couldn't be compared" in told.message


@pytest.mark.parametrize(
    ("metadata", "conda"),
    [
        (("requests[socks]",), ("requests", "pysocks >=1.5.6,!=1.5.7")),
        (("backports.zoneinfo[tzdata]; python_version < '3.9'",), ("backports.zoneinfo", "python-tzdata")),
    ],
)
def test_what_an_extra_of_another_project_may_need_is_no_drift(
    metadata: tuple[str, ...], conda: tuple[str, ...]
) -> None:
    text = METADATA + "".join(f"Requires-Dist: {line}\n" for line in metadata).encode()
    made = made_of({f"{FOLDER}/METADATA": text}, depends=("python >=3.8", *conda))

    assert "only-conda" not in {row.kind for row in made.drift}
    (told,) = (row for row in made.diagnostics if row.slug == "extra-may-need")
    assert told.severity == "info"
    assert conda[1] in told.message


@pytest.mark.parametrize("other", ["flask; extra == 'server'", "requests[socks]; extra == 'server'"])
def test_what_no_extra_that_is_asked_for_may_need_is_drift(other: str) -> None:
    assert drift((other,), ("flask",)) == [("only-conda", "flask")]


SPLIT = ("x<2; python_version<'3.10'", "x>=2; python_version>='3.10'")
BY_SYSTEM = ("x>=1; sys_platform=='win32'", "x>=2; sys_platform!='win32'")


@pytest.mark.parametrize(
    ("metadata", "conda", "kind", "where"),
    [
        (SPLIT, ("x >=2",), "bounds", "on python <3.10"),
        (SPLIT, ("x",), "bounds", ""),
        (BY_SYSTEM, ("x >=2",), "bounds", "on win"),
        (("x>=1", "x<3"), ("x >=1",), "bounds", ""),
        (("x>=1",), ("x >=1", "x <2|>=3"), "bounds", ""),
        (("x @ https://example.org/x.zip",), ("x",), "bounds", ""),
        (("x>=1; sys_platform=='win32'",), ("x >=2",), "bounds", "on win, and none on linux, osx"),
        (("x; python_full_version<'3.9.2'",), ("x",), "marker", "on python >=3.9.2"),
        (("x; python_version<'3.6'",), ("x",), "marker", ""),
        (("x; platform_machine=='arm64'",), ("x",), "marker", "on linux, osx-64, win"),
        (("x; sys_platform=='win32' and python_version<'3.9'",), ("x",), "marker",
         "on linux, osx and on win with python >=3.9"),
    ],
)  # fmt: skip
def test_project_is_judged_where_it_is_asked_for_and_told_once(
    metadata: tuple[str, ...], conda: tuple[str, ...], kind: str, where: str
) -> None:
    text = METADATA + "".join(f"Requires-Dist: {line}\n" for line in metadata).encode()
    made = made_of({f"{FOLDER}/METADATA": text}, depends=("python >=3.8", *conda))

    assert [(row.kind, row.pypi_name, row.where) for row in made.drift] == [(kind, "x", where)]
    assert len(made.diagnostics) == 1
    assert where in made.diagnostics[0].message


@pytest.mark.parametrize(
    ("metadata", "conda"),
    [
        (("x>=1", "x<3"), ("x >=1,<3",)),
        (("x>=1", "x<3"), ("x <3", "x >=1")),
        (("x>=1,<3",), ("x >=1,<2|>=2", "x <3")),
        (("x>=1; python_version<'3.8'", "x>=2; python_version>='3.8'"), ("x >=2",)),
        (("demo[a]", "y; extra=='a'"), ("y",)),
        (("demo[all]", "Demo[A]; extra=='all'", "y>=1; extra=='a'", "z; extra=='b'"), ("y >=1",)),
        (("demo[a]", "demo[b]; extra=='a'", "demo[a]; extra=='b'", "y; extra=='b'"), ("y",)),
        (("demo[a]; python_version>='3.8'", "y; python_version<'4' and extra=='a'"), ("y",)),
    ],
)
def test_all_that_is_asked_for_in_one_place_counts_together(
    metadata: tuple[str, ...], conda: tuple[str, ...]
) -> None:
    assert drift(metadata, conda) == []


def test_pythons_that_the_wheel_isnt_for_dont_count() -> None:
    assert drift(("tomli; python_version<'3.8'",), (), python="python >=3.7") == [("python", "python")]


def test_extra_of_its_own_is_needed_only_where_it_is_asked_for() -> None:
    metadata = ("demo[a]; sys_platform=='win32'", "y; extra=='a'")

    assert drift(metadata, ("y",)) == [("marker", "y")]


@pytest.mark.parametrize(
    ("lines", "depends"),
    [
        ([f"x>={i}; python_version<'3.9'" for i in range(3000)], [f"x >={i}" for i in range(3000)]),
        ([f"x; python_full_version<'3.8.{i}'" for i in range(1000)], ["x"]),
        ([f"{c}{n}>={i}" for c in "abcdef" for n in range(10) for i in range(100)],
         [f"{c}{n}" for c in "abcdef" for n in range(10)]),
        (["demo[a0]", *(f"demo[a{i + 1}]; extra=='a{i}'" for i in range(1100))], []),
    ],
    ids=["bounds", "markers", "bounds-of-many", "extras"],
)  # fmt: skip
def test_what_nobody_writes_is_told_and_not_compared(lines: list[str], depends: list[str]) -> None:
    held = {f"{FOLDER}/METADATA": METADATA + "".join(f"Requires-Dist: {line}\n" for line in lines).encode()}
    started_s = process_time()
    made = made_of(held, depends=("python >=3.8", *depends))
    spent_s = process_time() - started_s

    assert [row.slug for row in made.diagnostics] == ["dependency-drift"]
    assert made.diagnostics[0].message.startswith("METADATA couldn't be compared")
    assert spent_s < 10
    with pytest.raises(RepackError) as caught:
        made_of(held, depends=("python >=3.8", *depends), setting=WheelSetting(is_strict=True))
    assert caught.value.slug == "metadata-drift"


def test_hundreds_of_bounds_of_one_project_are_compared_at_once() -> None:
    lines = tuple(f"x>={i}; python_version<'4'" for i in range(400))
    started_s = process_time()
    found = drift(lines, tuple(f"x >={i}" for i in range(401)))
    spent_s = process_time() - started_s

    assert found == [("bounds", "x")]
    assert spent_s < 1.5


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
