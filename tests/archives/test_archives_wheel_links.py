"""The direct links of a wheel's modules, without what its packed libraries link in turn."""

import io
import json

import pytest

from conda_bridge.archives import wheel_links
from conda_bridge.archives.wheel_links import read_wheel_links
from conda_bridge.errors import SourceError
from conda_bridge.model.source import WheelLinks
from support.archives import zip_bytes
from support.elf import elf_bytes


def links_of(files: dict[str, bytes]) -> WheelLinks:
    data = zip_bytes(files.items())
    return read_wheel_links(io.BytesIO(data), size_bytes=len(data))


def test_modules_count_and_packed_libraries_do_not() -> None:
    links = links_of(
        {
            "demo/_a.cpython-311-x86_64-linux-gnu.so": elf_bytes(["libz-1a2b3c4d.so.1.3", "libc.so.6"]),
            "demo/_b.abi3.so": elf_bytes(["libssl-0123abcd.so.3"]),
            "demo.libs/libssl-0123abcd.so.3": elf_bytes(["libcrypto.so.3"]),
            "demo/readme.txt": b"x",
        }
    )
    assert links == WheelLinks(sonames=("libc.so.6", "libssl.so.3", "libz.so.1.3"))


def test_bill_of_materials_tells_generic_packages() -> None:
    purls = ["pkg:generic/openssl@3.5.0", "pkg:cargo/openssl-sys@0.9", "pkg:rpm/almalinux/bzip2-libs@1"]
    bill = json.dumps({"components": [*({"purl": purl} for purl in purls), {}, 1]}).encode()
    links = links_of(
        {
            "demo-1.dist-info/sboms/a.cdx.json": bill,
            "demo-1.dist-info/sboms/b.json": b"no JSON",
            "demo-1.dist-info/sboms/c.json": b'{"components": 1}',
            "demo-1.dist-info/sboms/d.json": b"[]",
        }
    )
    assert links == WheelLinks(bundled=("openssl",))


def test_damaged_module_is_named_and_others_are_read() -> None:
    links = links_of({"a.so": b"no library", "b.so": elf_bytes(["libz.so.1"])})
    assert links == WheelLinks(sonames=("libz.so.1",), unread=("a.so",))


def test_modules_beyond_the_budget_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = elf_bytes(["libz.so.1"]), elf_bytes(["libz.so.1"]) + bytes(range(256)) * 40
    monkeypatch.setattr(wheel_links, "MAX_LINKS_BYTES", 400)
    assert links_of({"large.so": large, "small.so": small}) == WheelLinks(
        sonames=("libz.so.1",), unread=("large.so",)
    )


def test_near_members_are_announced_as_one_range() -> None:
    data = zip_bytes(
        [
            ("a.so", elf_bytes(["libz.so.1"])),
            ("small.txt", b"x" * 10),
            ("b.so", elf_bytes(["libm.so.6"])),
        ]
    )
    announced: list[tuple[int, int]] = []
    read_wheel_links(
        io.BytesIO(data), size_bytes=len(data), will_read=lambda start, end: announced.append((start, end))
    )
    [(start, end)] = announced
    assert data[start:end].count(b"PK\x03\x04") == 3


def test_file_that_is_no_wheel_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        read_wheel_links(io.BytesIO(b"no zip"), size_bytes=6)
    assert caught.value.slug == "broken-archive"
