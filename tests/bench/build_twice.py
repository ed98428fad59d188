"""Whether the same input gives the same packages: in the same place, in another one, and in the host's own channel.

    python tests/bench/build_twice.py [NAME...]

Needs py-rattler-build, compilers and a package index. Each project (default: a pure one, one in C and one in Cython) is
built twice into the same output path, and once into another one of another length. Payload hashes, which the manifests
tell, must be equal in the same place; what differs in the other one is listed file by file. Then the host's packages for
two environments are made twice from nothing, each time in a cache of its own, and compared byte by byte. Ends with
1 where something differs that must not.
"""

import argparse
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

_TIMEOUT_S = 1800
_ENVIRONMENTS = {
    "host of a Cython recipe": ("python 3.*", "setuptools >=77", "cython >=3,<4", "pip"),
    "build of a C++ recipe": ("gxx_linux-64", "cmake", "ninja", "make"),
}


def main() -> int:
    """Build, compare and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=["tomli-w==1.2.0", "markupsafe==3.0.4", "cymem==2.0.13"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="build-twice-") as scratch:
        folder = Path(scratch)
        bad = sum(not _is_same(name, folder) for name in arguments.names)
        bad += not _is_same_channel(folder)
    return int(bad > 0)


def _is_same(name: str, folder: Path) -> bool:
    first, first_path = _built(name, folder / "channel")
    kept = folder / "first" / first_path.name
    kept.parent.mkdir(exist_ok=True)
    first_path.rename(kept)
    second, second_path = _built(name, folder / "channel")
    elsewhere, other_path = _built(name, folder / "a-channel-in-another-place" / "channel")
    is_same = first == second
    print(f"{'ok ' if is_same else 'BAD'} {name}: same place {'same' if is_same else 'DIFFERS'} payload")
    _print_differences(kept, second_path)
    print(f"    another place: {'same' if first == elsewhere else 'another'} payload")
    _print_differences(kept, other_path)
    return is_same


def _built(name: str, channel: Path) -> tuple[str, Path]:
    """Return the payload's hash and the package."""
    command = [str(Path(sys.executable).with_name("conda-bridge")), "build", name, "--distributor", "host"]
    command += ["--with-missing", "--maintainer", "someone", "-o", str(channel), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)["results"]
    row = next(row for row in rows if row["is_asked"])
    manifest = json.loads(Path(row["manifest"]).read_text(encoding="utf-8"))
    return manifest["outputs"][0]["payload_sha256"], Path(row["packages"][0]["path"])


def _print_differences(one: Path, other: Path) -> None:
    contents = [_content(path) for path in (one, other)]
    for path in sorted(contents[0].keys() | contents[1].keys()):
        texts = [content.get(path) for content in contents]
        if texts[0] != texts[1]:
            print(f"      {path}: {_how(*texts)}")


def _how(one: bytes | None, other: bytes | None) -> str:
    if one is None or other is None:
        return "only in one"
    lines = [data.decode("utf-8", "replace").splitlines() for data in (one, other)]
    if any(b"\0" in data for data in (one, other)) or len(lines[0]) != len(lines[1]):
        return f"{len(one)} and {len(other)} bytes"
    found = [pair for pair in zip(*lines, strict=True) if pair[0] != pair[1]]
    return f"{len(found)} lines, {found[0][0].strip()[:70]!r} and {found[0][1].strip()[:70]!r}"


def _content(package: Path) -> dict[str, bytes]:
    """Return what is in a package, `info/` included."""
    from conda_bridge.archives.zstandard import zstd

    found: dict[str, bytes] = {}
    with zipfile.ZipFile(package) as archive:
        for name in archive.namelist():
            if name.endswith(".tar.zst"):
                with tarfile.open(fileobj=io.BytesIO(zstd.decompress(archive.read(name)))) as tar:
                    for member in tar:
                        file = tar.extractfile(member) if member.isfile() else None
                        found[member.name] = file.read() if file else member.linkname.encode()
    return found


def _is_same_channel(folder: Path) -> bool:
    from conda_bridge.distributors.host.distributor import HostDistributor, HostSetting
    from conda_bridge.model.build import NeededEnvironment
    from conda_bridge.model.options import IndexOptions, NetworkOptions, RecipeOptions
    from conda_bridge.sources.fetcher import IndexFetcher
    from conda_bridge.workflows.services import name_source

    found: list[dict[str, bytes]] = []
    environments = [
        NeededEnvironment(label=label, kind="host", specs=specs) for label, specs in _ENVIRONMENTS.items()
    ]
    for number in range(2):
        distributor = HostDistributor(
            HostSetting(cache_dir=str(folder / f"cache-{number}")),
            fetcher=IndexFetcher(IndexOptions(), NetworkOptions()),
            names=name_source(RecipeOptions()),
        )
        assert not distributor.provide(environments).missing
        channel = Path(distributor.channel_dir)
        found.append({path.name: path.read_bytes() for path in channel.glob("*/*.conda")})
    differing = sorted(
        name for name in found[0].keys() | found[1].keys() if found[0].get(name) != found[1].get(name)
    )
    size = sum(map(len, found[0].values()))
    told = f"differ: {', '.join(differing)}" if differing else "the same bytes"
    print(
        f"{'BAD' if differing else 'ok '} host channel: {len(found[0])} packages, {size / 1e6:.0f} MB, twice: {told}"
    )
    return not differing


if __name__ == "__main__":
    sys.exit(main())
