"""Conda packages as `repack` reads them, without an archive; wheels' metadata made of them."""

from contextlib import closing
from typing import TypedDict, Unpack

from conda_bridge.model.artifact import PackageRecord, RunExports
from conda_bridge.model.names import CondaName
from conda_bridge.model.repackaging import WheelSetting
from conda_bridge.repack.to_wheel.package_facts import PackageFacts
from conda_bridge.repack.to_wheel.package_metadata import WheelMetadata, package_metadata
from conda_bridge.repack.to_wheel.package_reading import PackageReading
from conda_bridge.translate.names import NameMap

__all__ = ["KEPT", "METADATA", "fact_of", "made_of", "metadata_lines", "read_package"]

METADATA = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.8\n"
"""The least that METADATA can be, so that fields can be added behind it."""
KEPT = {"demo-1.0.dist-info/METADATA": METADATA}
"""What a package with METADATA holds at the top of site-packages."""
_NAMES = NameMap()


class Facts(TypedDict, total=False):
    """What may differ from package to package."""

    conda_name: str
    version: str
    build_number: int
    depends: tuple[str, ...]
    constrains: tuple[str, ...]
    about: dict[str, str | tuple[str, ...]]
    entry_points: tuple[str, ...]
    licenses: tuple[tuple[str, bytes], ...]
    run_exports: RunExports
    extra_depends: dict[str, tuple[str, ...]]
    features: tuple[str, ...]
    is_python_by_case: bool


def fact_of(**facts: Unpack[Facts]) -> PackageFacts:
    """Return the documents of a package."""
    record = PackageRecord(
        conda_name=CondaName(facts.get("conda_name", "demo")),
        version=facts.get("version", "1.0"),
        build="py_0",
        build_number=facts.get("build_number", 0),
        noarch="python",
        depends=facts.get("depends", ("python >=3.8",)),
        constrains=facts.get("constrains", ()),
    )
    return PackageFacts(
        path="demo-1.0-py_0.conda",
        sha256="0" * 64,
        record=record,
        about=facts.get("about", {}),
        entry_points=facts.get("entry_points", ()),
        paths={},
        licenses=facts.get("licenses", ()),
        run_exports=facts.get("run_exports", RunExports()),
        extra_depends=facts.get("extra_depends", {}),
        features=facts.get("features", ()),
        link_scripts=(),
        is_python_by_case=facts.get("is_python_by_case", False),
    )


def read_package(path: str) -> PackageFacts:
    """Return all that a package says of itself, in its payload's part as well where it is one part."""
    with closing(PackageReading(path)) as reading:
        reading.start()
        if path.endswith(".tar.bz2"):
            for _ in reading.payload():
                pass
        return reading.facts()


def made_of(
    held: dict[str, bytes], *, setting: WheelSetting | None = None, **facts: Unpack[Facts]
) -> WheelMetadata:
    """Return the metadata of the wheel of a package that holds these metadata files."""
    return package_metadata(fact_of(**facts), held, setting=setting or WheelSetting(), names=_NAMES)


def metadata_lines(made: WheelMetadata) -> list[str]:
    """Return the lines of the wheel's METADATA."""
    return dict(made.files)[f"{made.dist_info}/METADATA"].decode().splitlines()
