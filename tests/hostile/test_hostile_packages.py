"""Malformed conda packages become no wheels: each is refused with a code of its kind, and nothing else happens.

What comes of a package that may be made all the same is a wheel without a fault.
"""

from pathlib import Path

import pytest

from conda_bridge.model.repackaging import WheelSetting
from conda_bridge.repack.to_wheel.conda_to_wheel import conda_to_wheel
from conda_bridge.repack.wheels.wheel_check import check_wheel
from conda_bridge.translate.names import NameMap
from support.fuzzing import Reader, judge
from support.hostile_package_archives import ARCHIVE_KINDS
from support.hostile_package_documents import DOCUMENT_KINDS
from support.hostile_package_texts import REFUSED_KINDS, TEXT_KINDS
from support.hostile_packages import BOTH, Container, HostilePackage, Kind, PackageParts, packages_of

SEED = 6
COUNT = 4
"""Of each kind: more than 300 packages of 85 kinds."""
SECONDS = 20.0
"""Of CPU time; on a quiet machine no package takes two."""
GROWTH_BYTES = 120_000_000
KINDS = (*ARCHIVE_KINDS, *DOCUMENT_KINDS, *TEXT_KINDS, *REFUSED_KINDS)
NAMES = NameMap()


def outcome(package: HostilePackage, folder: Path) -> str:
    """Convert a package and return the code, or `made`; demand that nothing else happened."""
    source, out = folder / "in", folder / "out"
    source.mkdir(parents=True)
    out.mkdir()
    # A file can't be called as some packages are; the archive says the same of them inside.
    name = (
        package.filename.replace("/", "_")
        .replace("\0", "_")
        .encode("utf-8", "replace")[:200]
        .decode("utf-8", "ignore")
    )
    path = source / name
    path.write_bytes(package.data)

    def read(_data: bytes, _folder: Path) -> object:
        return conda_to_wheel(str(path), str(out), setting=WheelSetting(), names=NAMES)

    reader = Reader(name=package.kind.name, seeds=lambda: (b"",), read=read)
    verdict = judge(reader, b"", out, seconds=SECONDS, growth_bytes=GROWTH_BYTES)

    assert verdict.violation == ""
    assert [one.name for one in source.iterdir()] == [name]
    assert sorted(one.name for one in folder.iterdir()) == ["in", "out"]
    made = list(out.iterdir())
    if verdict.outcome != "read":
        assert made == []
        return verdict.outcome
    assert len(made) == 1
    assert [one for one in check_wheel(str(made[0]), is_full=True) if one.severity == "error"] == []
    return "made"


def count_of(kind: Kind) -> int:
    return 1 if kind.is_large else COUNT


def demand_codes(kind: Kind, folder: Path, *, seed: int, count: int) -> None:
    found = {
        package.number: outcome(package, folder / str(package.number))
        for package in packages_of(kind, seed=seed, count=count)
    }

    assert {number: code for number, code in found.items() if code not in kind.codes} == {}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_malformed_package_is_refused_with_a_code_of_its_kind(kind: Kind, tmp_path: Path) -> None:
    demand_codes(kind, tmp_path, seed=SEED, count=count_of(kind))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_many_malformed_packages_are_refused(kind: Kind, tmp_path: Path) -> None:
    demand_codes(kind, tmp_path, seed=SEED + 1, count=30)


@pytest.mark.parametrize("container", BOTH)
def test_the_sound_package_they_are_made_of_becomes_a_wheel(container: Container, tmp_path: Path) -> None:
    kind = Kind(
        name="sound",
        codes=frozenset({"made"}),
        change=lambda _parts, _random: None,
        containers=(container,),
    )

    demand_codes(kind, tmp_path, seed=SEED, count=1)


def test_the_same_seed_gives_the_same_packages() -> None:
    kind = next(one for one in KINDS if one.name == "flipped_bytes")

    first, again, other = (
        [one.data for one in packages_of(kind, seed=seed, count=4)] for seed in (SEED, SEED, SEED + 1)
    )

    assert first == again
    assert first != other
    assert PackageParts().data() not in first


def test_there_are_three_hundred() -> None:
    assert sum(map(count_of, KINDS)) >= 300
