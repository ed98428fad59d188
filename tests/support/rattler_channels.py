"""Asks rattler what it makes of a channel folder; needs py-rattler.

    rattler_channels.py index FOLDER            write repodata with rattler's own indexer
    rattler_channels.py solve PLATFORM FOLDER SPEC...
                                                serve the folder over HTTP and solve; prints (address, sha256) a package

rattler can abort while the interpreter exits, so it runs in a child that ends in `os._exit`.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

__all__ = ["index_with_rattler", "solve_with_rattler"]

_VIRTUAL = {"linux": ("__unix", "__linux"), "osx": ("__unix", "__osx"), "win": ("__win",)}


def index_with_rattler(folder: Path) -> None:
    """Let rattler write the repodata of a channel."""
    _run("index", str(folder))


def solve_with_rattler(folder: Path, *specs: str, platform: str = "linux-64") -> dict[str, str]:
    """Return the sha256 of each package, by its path in the channel, that installing `specs` needs.

    The machine has the virtual packages of the platform's system.
    """
    found: dict[str, str] = json.loads(_run("solve", platform, str(folder), *specs))
    return found


def _run(*arguments: str) -> str:
    command = [sys.executable, "-I", __file__, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the standard library
        """Say nothing."""


async def _solve(platform: str, folder: str, specs: list[str]) -> dict[str, str]:
    from rattler import (  # noqa: PLC0415
        BuildString,
        Channel,
        Gateway,
        GenericVirtualPackage,
        PackageName,
        Subdir,
        Version,
        solve,
    )

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    with tempfile.TemporaryDirectory() as cache:
        records = await solve(
            [Channel(address)],
            specs,
            gateway=Gateway(cache_dir=Path(cache)),
            platforms=[Subdir(platform), Subdir("noarch")],
            virtual_packages=[
                GenericVirtualPackage(PackageName(name), Version("0"), BuildString("0"))
                for name in _VIRTUAL[platform.partition("-")[0]]
            ],
        )
    return {
        record.url.removeprefix(f"{address}/"): record.sha256.hex() if record.sha256 else ""
        for record in records
    }


async def _index(folder: str) -> None:
    from rattler.index import index_fs  # noqa: PLC0415

    await index_fs(Path(folder))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["index", folder]:
            asyncio.run(_index(folder))
        case ["solve", platform, folder, *specs]:
            sys.stdout.write(json.dumps(asyncio.run(_solve(platform, folder, specs))))
        case _:
            sys.exit(__doc__)
    sys.stdout.flush()
    os._exit(0)
