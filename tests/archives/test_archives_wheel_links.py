"""The direct links of a wheel's modules, without what its packed libraries link in turn."""

import io
import json
import zipfile
from random import Random

import pytest

from conda_bridge.archives import wheel_links
from conda_bridge.archives import zip as zip_files
from conda_bridge.archives.wheel_links import read_wheel_links
from conda_bridge.errors import SourceError
from conda_bridge.model.source import WheelLinks
from support.archives import zip_bytes
from support.cost import SECONDS, least_cpu_s
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


def announced_of(data: bytes) -> tuple[list[tuple[int, int]], WheelLinks]:
    announced: list[tuple[int, int]] = []
    links = read_wheel_links(
        io.BytesIO(data), size_bytes=len(data), will_read=lambda start, end: announced.append((start, end))
    )
    return announced, links


def with_gap(name: str, content: bytes, *, gap_bytes: int) -> bytes:
    """Return a zip file with a member, and bytes of none behind it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
        file.seek(0, io.SEEK_END)
        file.write(b"\0" * gap_bytes)
        archive.start_dir = file.tell()
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.so", elf_bytes(["libz.so.1"])), ("a-1.dist-info/sboms/a.json", b"{}")],
    ids=["module", "bill of materials"],
)
def test_bytes_of_no_member_are_not_fetched(name: str, content: bytes) -> None:
    announced, _ = announced_of(with_gap(name, content, gap_bytes=5_000_000))
    assert 0 < sum(end - start for start, end in announced) < len(content) + 5_000


def test_gaps_between_members_are_fetched_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel_links, "_MAX_GAPS_BYTES", 30_000)
    filling = Random(1).randbytes(20_000)
    members = [
        (f"{n}{end}", data) for n in range(4) for end, data in ((".so", b"\x7fELF"), (".txt", filling))
    ]
    announced, _ = announced_of(zip_bytes(members))
    assert len(announced) == 3


def test_modules_that_unpack_to_too_much_are_named_and_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel_links, "_MAX_UNPACKED_BYTES", 5_000)
    monkeypatch.setattr(wheel_links, "_MOST_MODULES", 2)
    small, zeros = elf_bytes(["libz.so.1"]), b"\0" * 5_100
    assert links_of({"a.so": small, "b.so": zeros}) == WheelLinks(sonames=("libz.so.1",), unread=("b.so",))
    assert links_of({"a.so": small, "b.so": small, "c.so": small}) == WheelLinks(
        sonames=("libz.so.1",), unread=("c.so",)
    )


def test_module_that_unpacks_to_hundreds_of_times_its_size_is_not_read() -> None:
    assert links_of({"a.so": b"\0" * 21_000_000}) == WheelLinks(unread=("a.so",))


def test_bill_of_materials_that_is_packed_into_more_than_it_holds_is_not_read() -> None:
    data = with_gap("a-1.dist-info/sboms/a.json", b"{}", gap_bytes=4_000_000)
    packed = data.index(b"PK\x01\x02") + 20
    announced, _ = announced_of(data[:packed] + (3_000_000).to_bytes(4, "little") + data[packed + 4 :])
    assert announced == []


def test_members_that_overlap_are_refused() -> None:
    data = zip_bytes([("a.so", elf_bytes(["libz.so.1"])), ("b.so", b"")])
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    overlapping = data[: second + 42] + (1).to_bytes(4, "little") + data[second + 46 :]
    with pytest.raises(SourceError) as caught:
        announced_of(overlapping)
    assert caught.value.slug == "unsafe-archive"


def test_many_modules_cost_little() -> None:
    data = zip_bytes([(f"{number}.so", b"") for number in range(20_000)])
    assert least_cpu_s(lambda: announced_of(data), enough_s=SECONDS) < SECONDS


def test_table_of_contents_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_files, "_MAX_DIRECTORY_BYTES", 1_000)
    data = zip_bytes([(f"{number}.so", b"") for number in range(30)])
    with pytest.raises(SourceError) as caught:
        announced_of(data)
    assert caught.value.slug == "archive-too-large"
