"""What channels change of packages after they were made: their needs, and that they are there at all."""

import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.model.options import NetworkOptions, RecipeOptions, WheelOptions
from conda_bridge.model.repackaging import WheelSetting
from conda_bridge.protocols import SilentReporter
from conda_bridge.workflows.package_sources import package_sources_of
from conda_bridge.workflows.wheel import WheelResult, wheels
from support.channels import record, write_channel
from support.noarch_packages import NoarchParts, write_noarch

DEFAULT = WheelSetting()
OWN = ("python >=3.8", "click >=7")
PARTS = NoarchParts(depends=OWN, metadata=("Requires-Python: >=3.8", "Requires-Dist: click>=7"))


def options(folder: Path, setting: WheelSetting) -> WheelOptions:
    network = NetworkOptions(offline=True, cache_dir=str(folder / "cache"))
    return WheelOptions(
        recipe=RecipeOptions(network=network),
        channels=(str(folder / "channel"),),
        output_dir=str(folder / "wheels"),
        setting=setting,
    )


def converted(folder: Path, said: Mapping[str, object], setting: WheelSetting = DEFAULT) -> WheelResult:
    """Return what becomes of a package of which a channel says something."""
    write_noarch(folder / "channel/noarch", PARTS)
    write_channel(folder / "channel", record("demo", "1.0", "py_0") | dict(said))
    (result,) = wheels(["demo"], options=options(folder, setting))
    assert result.error is None
    return result


def told(result: WheelResult, slug: str) -> list[str]:
    return [one.message for one in result.diagnostics if one.slug == slug]


def test_drift_is_what_differs_from_the_channel(tmp_path: Path) -> None:
    result = converted(tmp_path, {"depends": ["python >=3.8", "click >=7,<8"]})

    assert result.made is not None
    assert [(row.metadata, row.conda) for row in result.made.drift] == [("click>=7", "click >=7,<8")]
    assert told(result, "needs-patched") == [
        "by the channel it depends on 'click >=7,<8' in place of 'click >=7'"
    ]


def test_dependencies_of_conda_are_those_of_the_channel(tmp_path: Path) -> None:
    said = {"depends": ["python >=3.9", "click >=7,<8"]}

    result = converted(tmp_path, said, WheelSetting(dependencies="conda"))

    with zipfile.ZipFile(result.path) as wheel:
        metadata = wheel.read("demo-1.0.dist-info/METADATA").decode()
    assert "Requires-Dist: click<8,>=7" in metadata
    assert "Requires-Python: >=3.9" in metadata


def test_what_the_channel_adds_and_constrains_is_told(tmp_path: Path) -> None:
    result = converted(tmp_path, {"depends": [*OWN, "attrs"], "constrains": ["numpy <2"]})

    assert told(result, "needs-patched") == [
        "by the channel it depends on 'attrs' in place of nothing",
        "by the channel it doesn't go with others than 'numpy <2' in place of nothing",
    ]
    assert "'numpy <2'" in told(result, "constrains-dropped")[0]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"depends": list(reversed(OWN)), "constrains": []},
        {"depends": ["python  >=3.8", "click >=7"]},
        {"depends": 3},
    ],
    ids=["nothing", "another order", "other blanks", "nonsense"],
)
def test_channel_that_says_the_same_is_no_news(tmp_path: Path, said: dict[str, object]) -> None:
    result = converted(tmp_path, said)

    assert result.made is not None
    assert (told(result, "needs-patched"), result.made.drift) == ([], ())


def test_build_that_the_channel_binds_to_a_system_is_refused(tmp_path: Path) -> None:
    write_noarch(tmp_path / "channel/noarch", PARTS)
    write_channel(tmp_path / "channel", record("demo", "1.0", "py_0", depends=[*OWN, "__unix"]))

    (result,) = wheels(["demo"], options=options(tmp_path, DEFAULT))

    assert result.error is not None
    assert result.error.slug == "platform-gated"


def test_builds_that_the_channel_binds_to_all_systems_are_one_wheel(tmp_path: Path) -> None:
    rows = []
    for system in ("unix", "win"):
        write_noarch(tmp_path / "channel/noarch", replace(PARTS, build=f"{system}_0"))
        rows.append(record("demo", "1.0", f"{system}_0", depends=[*OWN, f"__{system}"]))
    write_channel(tmp_path / "channel", *rows)

    results = list(wheels(["demo"], options=options(tmp_path, DEFAULT)))

    assert [result.error for result in results] == [None, None]


REVOKED = ({"revoked": True}, {"depends": ["python", "package_has_been_revoked"]})


@pytest.mark.parametrize("said", REVOKED, ids=["revoked", "depends"])
def test_revoked_package_is_no_candidate(tmp_path: Path, said: dict[str, object]) -> None:
    channel = write_channel(tmp_path / "channel", record("demo", "1.0"), record("demo", "2.0") | said)
    packages = package_sources_of(options(tmp_path, DEFAULT), SilentReporter())

    assert [one.filename for one in packages.find("demo")] == ["demo-1.0-h1_0.conda"]
    with pytest.raises(SourceError, match=r"has revoked .*: demo-2\.0-h1_0\.conda") as caught:
        packages.find("demo=2.0")

    assert caught.value.slug == "package-not-found"
    assert str(channel) in caught.value.message
    assert "there is version 1.0" in (caught.value.hint or "")
