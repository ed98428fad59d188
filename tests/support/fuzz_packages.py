"""The converter of conda packages, fed with packages one of whose documents, or whose bytes, were changed."""

import bz2
import json
import zlib
from pathlib import Path
from random import Random

from conda_bridge.model.repackaging import WheelSetting
from conda_bridge.repack.to_wheel.conda_to_wheel import conda_to_wheel
from conda_bridge.repack.wheels.wheel_check import check_wheel
from conda_bridge.translate.names import NameMap
from support.fuzz_archives import any_archive
from support.fuzz_metadata import WORDS
from support.fuzz_trees import json_trees
from support.fuzzing import Reader, mutated
from support.hostile_packages import BOTH, INFO, METADATA, WHEEL, PackageParts

__all__ = ["PACKAGE_READERS"]

_NAMES = NameMap()
_POINTS = "[console_scripts]\ndemo = demo:main\n\n[gui_scripts]\ndemo-gui = demo.gui:main [extra]\n"
_EGG = "site-packages/demo-1.0-py3.11.egg-info"
_REQUIRES = "idna>=2\n\n[extra:python_version>'3']\nsix\n"


def _read(data: bytes, folder: Path) -> object:
    """Convert a package; a wheel that comes of it must be without a fault, and nothing else may stay."""
    suffix = "conda" if data.startswith(b"PK") else "tar.bz2"
    package, out = folder / f"demo-1.0-py_0.{suffix}", folder / "out"
    package.write_bytes(data)
    out.mkdir(exist_ok=True)
    made: list[str] = []
    try:
        made.append(conda_to_wheel(str(package), str(out), setting=WheelSetting(), names=_NAMES).path)
        faults = [one for one in check_wheel(made[0], is_full=True) if one.severity == "error"]
        assert not faults, faults
    finally:
        left = sorted(str(path) for path in out.iterdir())
        for path in left:
            Path(path).unlink()
        assert left == made, f"{left} stay in the folder"
    return made


def _seeds() -> tuple[bytes, ...]:
    return tuple(PackageParts(container=container).data() for container in BOTH)


def _make(random: Random) -> bytes:
    """Return a sound package but for one document, which was changed before it was packed."""
    parts = PackageParts(container=random.choice(BOTH))
    if random.random() < 0.1:
        archive = any_archive(random)
        tar = zlib.decompressobj(31).decompress(archive) if archive.startswith(b"\x1f\x8b") else archive
        parts.raw = lambda _: archive if archive.startswith(b"PK") else bz2.compress(tar, 1)
        return parts.data()
    is_egg = random.random() < 0.2
    if is_egg:
        parts.drop(INFO)
    texts = {
        "index.json": json.dumps(parts.index), "link.json": json.dumps(parts.link), "about.json": json.dumps(parts.about),
        "METADATA": METADATA, "WHEEL": WHEEL, "entry_points.txt": _POINTS, "PKG-INFO": METADATA, "requires.txt": _REQUIRES,
    }  # fmt: skip
    names = [
        name for name in texts if name.endswith(".json") or is_egg == (name in {"PKG-INFO", "requires.txt"})
    ]
    if is_egg:
        parts.put(f"{_EGG}/PKG-INFO", METADATA.encode())
    name = random.choice(names)
    if name.endswith(".json") and random.random() < 0.9:
        content = json_trees(texts[name])(random)
    else:
        content = mutated(texts[name].encode(), random, tuple(map(str.encode, texts.values())), WORDS)
    if name.endswith(".json"):
        parts.info[name] = content
    else:
        parts.put(f"{_EGG if is_egg else INFO}/{name}", content)
    return parts.data()


PACKAGE_READERS = (Reader(name="conda package", seeds=_seeds, read=_read, make=_make, tokens=WORDS),)
