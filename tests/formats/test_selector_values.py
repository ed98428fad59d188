"""Selectors of pinning files, evaluated for a platform and an environment."""

import pytest

from conda_bridge.formats.condition_language import UnmodelledPart
from conda_bridge.formats.selector_values import selector_world

SUBDIRS = ("linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64", "win-arm64", "linux-32")


@pytest.mark.parametrize(
    ("selector", "where"),
    [
        ("linux", {"linux-64", "linux-aarch64", "linux-32"}),
        ("unix", {"linux-64", "linux-aarch64", "linux-32", "osx-64", "osx-arm64"}),
        ("linux and x86_64", {"linux-64"}),
        ("x86 or x86_64", {"linux-64", "osx-64", "win-64", "linux-32"}),
        ("unix or win64", {"linux-64", "linux-aarch64", "linux-32", "osx-64", "osx-arm64", "win-64"}),
        ("not (win and arm64)", set(SUBDIRS) - {"win-arm64"}),
        ("arm64 or aarch64", {"linux-aarch64", "osx-arm64", "win-arm64"}),
        ("target_platform == 'osx-64'", {"osx-64"}),
        ("target_platform in ('osx-64', 'win-64')", {"osx-64", "win-64"}),
        ("target_platform.startswith('win-')", {"win-64", "win-arm64"}),
        ("linux32", {"linux-32"}),
        ("True", set(SUBDIRS)),
    ],
)
def test_selector_holds_where_its_names_do(selector: str, where: set[str]) -> None:
    assert {subdir for subdir in SUBDIRS if selector_world(subdir).holds(selector)} == where


@pytest.mark.parametrize(
    ("selector", "holds"),
    [
        ('os.environ.get("CF_CUDA_ENABLED", "False") == "True"', True),
        ('environ.get("CF_CUDA_ENABLED") == "True"', True),
        ('os.getenv("NOWHERE", "x") == "x"', True),
        ('os.environ.get("NOWHERE") is None', True),
        ('os.environ["CF_CUDA_ENABLED"] != "True"', False),
        ('os.environ.get("IMAGE", "alma10") in ("alma8", "ubi8")', False),
        ('os.environ.get("IMAGE", "ubi8") in ("alma8", "ubi8")', True),
        ('os.environ.get("IMAGE", "ubi8") not in ["alma8"]', True),
        ('os.environ.get("BUILD_PLATFORM", "").startswith("linux-")', True),
        ('(os.environ.get("NOWHERE") or "None").lower() == "none"', True),
        ('"cuda" in os.environ.get("NOWHERE", "no cuda")', True),
        ('"a" < "b" <= "b"', True),
    ],
)
def test_variables_come_from_the_environment_that_was_given(selector: str, holds: bool) -> None:  # noqa: FBT001
    environment = {"CF_CUDA_ENABLED": "True", "BUILD_PLATFORM": "linux-64"}

    assert selector_world("linux-64", environment=environment).holds(selector) is holds


@pytest.mark.parametrize("selector", [r"'\d' == '\\d'", "1or linux", "os.environ.get('X', 'a') is 'a'"])
def test_odd_spelling_gives_no_warning(selector: str) -> None:
    assert selector_world("linux-64").holds(selector)


def test_variables_of_this_process_are_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CF_CUDA_ENABLED", "True")

    assert not selector_world("linux-64").holds('os.environ.get("CF_CUDA_ENABLED") == "True"')


def test_name_that_nothing_defines_is_false_and_told() -> None:
    world = selector_world("linux-64")

    assert not world.holds("vc == 14 or linux and nonsense")
    assert world.unknown == {"vc", "nonsense"}


@pytest.mark.parametrize(
    "selector",
    [
        "__import__('os').system('true')",
        "os.system('true')",
        "linux.__class__",
        "b'linux'",
        "(lambda: True)()",
        "[x for x in (1,)]",
        "'a' * 10 ** 9",
        "linux if win else osx",
        "os.environ",
        "os.environ.get(1)",
        "'a'.startswith(1)",
        "1 < 'a'",
        "((1,),)",
        "linux and",
        "(" * 5_000,
        "",
    ],
)
def test_what_is_no_plain_question_is_refused(selector: str) -> None:
    with pytest.raises(UnmodelledPart):
        selector_world("win-64").holds(selector)
