"""The kinds of malformed packages whose archives are: containers, members, links, bombs."""

import tarfile
from random import Random

from conda_bridge.archives.zstandard import zstd
from support.archives import device, link, regular
from support.hostile_packages import INFO, SITE, Container, Kind, PackageParts, kind_maker

__all__ = ["ARCHIVE_KINDS"]

_CONDA: tuple[Container, ...] = ("conda",)
_BZ2: tuple[Container, ...] = ("tar.bz2",)
_MODULE = f"{SITE}/demo/__init__.py"


ARCHIVE_KINDS: list[Kind] = []
_archive = kind_maker(ARCHIVE_KINDS)

# ---------------------------------------------------------------- the container


@_archive("corrupt", "unsafe-archive")
def truncated(parts: PackageParts, random: Random) -> None:
    share = random.uniform(0.05, 0.95)
    parts.raw = lambda data: data[: int(len(data) * share)]


@_archive("corrupt", "unsafe-archive", "archive-too-large", "unknown-component", "made")
def flipped_bytes(parts: PackageParts, random: Random) -> None:
    places, flips = (
        [random.random() for _ in range(random.randint(1, 6))],
        [random.randint(1, 255) for _ in range(6)],
    )

    def change(data: bytes) -> bytes:
        changed = bytearray(data)
        for place, flip in zip(places, flips, strict=False):
            changed[int(place * len(data))] ^= flip
        return bytes(changed)

    parts.raw = change


@_archive("corrupt")
def garbage(parts: PackageParts, random: Random) -> None:
    data = random.randbytes(random.choice((0, 1, 4, 22, 700, 20_000)))
    parts.raw = lambda _: data


@_archive("corrupt")
def another_archive(parts: PackageParts, random: Random) -> None:
    other = PackageParts(container="tar.bz2" if parts.container == "conda" else "conda").data()
    data = random.choice((other, zstd.compress(other), b"\x1f\x8b" + other))
    parts.raw = lambda _: data


@_archive("corrupt")
def followed_by_data(parts: PackageParts, random: Random) -> None:
    rest = random.choice((b"junk" * 30, b"PK\x03\x04" + bytes(90), b"\x01" * 700))
    parts.raw = lambda data: data + rest


@_archive("corrupt", containers=_CONDA)
def preceded_by_data(parts: PackageParts, random: Random) -> None:
    first = random.randbytes(random.randint(1, 300))
    parts.raw = lambda data: first + data


@_archive("corrupt", "unknown-component", containers=_CONDA)
def component_lacks(parts: PackageParts, random: Random) -> None:
    name = random.choice((b"pkg-demo", b"info-demo")) + b"-1.0-py_0.tar.zst"
    parts.raw = lambda data: data.replace(name, name.replace(b"demo", b"deno"))


@_archive("corrupt", "unsafe-archive", "unknown-component", containers=_CONDA)
def component_twice(parts: PackageParts, random: Random) -> None:
    name = random.choice(("pkg", "info"))
    # Written under another name: the standard library warns of duplicates.
    parts.members.append((f"{name}-demo-1.0-py_1.tar.zst", zstd.compress(bytes(10240))))
    parts.raw = lambda data: data.replace(b"-py_1.tar", b"-py_0.tar")


@_archive("unknown-component", containers=_CONDA)
def unknown_component(parts: PackageParts, random: Random) -> None:
    name = random.choice(
        ("sig-demo-1.0-py_0.tar.zst", "x", "pkg-demo-1.0-py_0.tar.xz", "setup.py", "info/index.json")
    )
    parts.members.append((name, b"what is this"))


@_archive("unsafe-archive", "unknown-component", "corrupt", containers=_CONDA)
def unsafe_component(parts: PackageParts, random: Random) -> None:
    name = random.choice(("../../evil.py", "/etc/cron.d/evil", "C:\\evil", "a\nb", "..\\x"))
    parts.members.append((name, b"evil"))


@_archive("corrupt", "unknown-component", containers=_CONDA)
def another_format(parts: PackageParts, random: Random) -> None:
    parts.format = random.choice(
        (
            b'{"conda_pkg_format_version": 3}',
            b"[]",
            b"no json",
            b"[" * 50_000,
            b"\xff",
            b'{"conda_pkg_format_version": "x"}',
        )
    )


@_archive("corrupt", "unsafe-archive", containers=_CONDA)
def encrypted(parts: PackageParts, _random: Random) -> None:
    def change(data: bytes) -> bytes:
        changed = bytearray(data)
        for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = data.find(magic)
            while at >= 0:
                changed[at + place] |= 1
                at = data.find(magic, at + 1)
        return bytes(changed)

    parts.raw = change


@_archive("corrupt", "unsafe-archive")
def tar_damaged(parts: PackageParts, random: Random) -> None:
    place, what = random.choice(
        ((148, b"777777\0 "), (124, b"\xff" * 12), (124, b"-1         \0"), (156, b"S"), (156, b"Z"))
    )
    at = 512 * random.choice((0, 2, 4))

    def change(data: bytes) -> bytes:
        return data[: at + place] + what + data[at + place + len(what) :]

    parts.raw_tar = change


@_archive("corrupt", "archive-too-large", "unsafe-archive")
def huge_member(parts: PackageParts, random: Random) -> None:
    size = random.choice((1 << 31, 1 << 33, (1 << 62) + 5))
    info, content = regular(f"{SITE}/huge.bin", b"x" * 100)
    parts.payload.append((info, content))

    def change(data: bytes) -> bytes:
        at = data.index(b"site-packages/huge.bin")
        header = bytearray(data[at : at + 512])
        header[124:136] = b"\x80" + size.to_bytes(11, "big")
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        return data[:at] + bytes(header) + data[at + 512 :]

    parts.raw_tar = change


# ---------------------------------------------------------------- members


@_archive("unsafe-archive")
def climbing_member(parts: PackageParts, random: Random) -> None:
    parts.list_files()
    parts.put(
        random.choice(("../evil", f"{SITE}/../../evil", f"{SITE}/..", "a/b/../../../x", "..\\evil", ".."))
    )


@_archive("unsafe-archive")
def absolute_member(parts: PackageParts, random: Random) -> None:
    parts.list_files()
    parts.put(random.choice(("/etc/evil", "//evil", "C:/evil", f"{SITE}/c:evil", "\\\\host\\x", "/")))


@_archive("unsafe-archive")
def control_character(parts: PackageParts, random: Random) -> None:
    parts.list_files()
    mark = random.choice(("\n", "\r", "\x1b[31m", "\u202e", "\x7f", "\u2028"))
    parts.put(f"{SITE}/demo/a{mark}b.py")


@_archive("unsafe-archive", "corrupt")
def backslash(parts: PackageParts, random: Random) -> None:
    parts.list_files()
    between = random.choice(("\\", "/demo\\"))
    parts.put(f"{SITE}{between}x.py")


@_archive("unsafe-archive", "corrupt")
def nul_in_a_name(parts: PackageParts, _random: Random) -> None:
    info, content = regular(f"{SITE}/demo/x.py")
    info.pax_headers = {"path": f"{SITE}/demo/x\0y.py"}
    parts.tar_format = tarfile.PAX_FORMAT
    parts.payload.append((info, content))


@_archive("unsafe-archive")
def name_not_utf8(parts: PackageParts, random: Random) -> None:
    parts.list_files()
    name = random.choice(("\udcff", "caf\udce9", "\udced\udca0\udc80"))
    parts.put(f"{SITE}/demo/{name}.py")


@_archive("unsafe-archive")
def giant_name(parts: PackageParts, random: Random) -> None:
    parts.list_files()
    parts.put(f"{SITE}/{'a' * random.choice((5000, 70_000))}.py")


@_archive("unsafe-archive", "archive-too-large", "corrupt", "bad-wheel", "made")
def long_component(parts: PackageParts, random: Random) -> None:
    parts.put(f"{SITE}/{'a' * random.choice((256, 1000, 3000))}.py")


@_archive("unsafe-archive")
def member_twice(parts: PackageParts, random: Random) -> None:
    parts.list_files()
    parts.payload.append(
        random.choice((regular(_MODULE, b"evil\n"), regular(f"./{_MODULE}"), parts.payload[1]))
    )


@_archive("clashing-files")
def case_clash(parts: PackageParts, random: Random) -> None:
    parts.put(
        random.choice((f"{SITE}/Demo/__init__.py", f"{SITE}/demo/__INIT__.py", f"{SITE}/DEMO/__init__.py"))
    )


@_archive("unsafe-archive")
def device_member(parts: PackageParts, random: Random) -> None:
    kinds = (tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE)
    parts.payload.append(device(f"{SITE}/demo/device", random.choice(kinds)))


@_archive("unsafe-archive", "package-link")
def link_outside(parts: PackageParts, random: Random) -> None:
    target = random.choice(("/etc/passwd", "../../../../etc/passwd", "..", "C:/x", "a/../../../../x"))
    parts.payload.append(link(f"{SITE}/demo/link", target))


@_archive("package-link", "unsafe-archive")
def link_to_nothing(parts: PackageParts, random: Random) -> None:
    parts.payload.append(
        link(f"{SITE}/demo/link.py", random.choice(("nothing.py", "link.py", "../no/x", ".")))
    )


@_archive("package-link", "unsafe-archive")
def link_to_a_folder(parts: PackageParts, random: Random) -> None:
    target = random.choice(("../demo", "../demo-1.0.dist-info", "."))
    parts.payload.append(link(f"{SITE}/demo/folder", target))


@_archive("package-link", "unsafe-archive")
def links_in_a_circle(parts: PackageParts, _random: Random) -> None:
    parts.payload += [link(f"{SITE}/demo/a.py", "b.py"), link(f"{SITE}/demo/b.py", "a.py")]


@_archive("unsafe-archive", "package-link")
def file_below_a_link(parts: PackageParts, _random: Random) -> None:
    parts.payload += [link(f"{SITE}/demo/sub", "../other"), regular(f"{SITE}/demo/sub/x.py")]


@_archive("unsafe-archive", "package-link")
def hard_link_outside(parts: PackageParts, random: Random) -> None:
    target = random.choice(("/etc/passwd", "../x", f"{SITE}/nothing.py", f"{SITE}/demo"))
    parts.payload.append(link(f"{SITE}/demo/hard.py", target, is_hard=True))


@_archive("package-link", "unsafe-archive", "corrupt", "invalid-wheel", "bad-wheel")
def metadata_is_a_link(parts: PackageParts, random: Random) -> None:
    parts.drop(f"{INFO}/METADATA")
    parts.payload.append(
        link(f"{INFO}/METADATA", random.choice(("WHEEL", "/etc/passwd", "METADATA", "../x")))
    )


@_archive("clashing-files", "unsafe-archive")
def file_is_a_folder(parts: PackageParts, _random: Random) -> None:
    parts.put(f"{SITE}/demo/__init__.py/x.py")


@_archive("corrupt", "unsafe-archive")
def unsafe_path_that_is_listed(parts: PackageParts, random: Random) -> None:
    parts.put(
        random.choice(("../evil", "/etc/evil", "C:/evil", f"{SITE}/a\nb", f"{SITE}/../../x", f"{SITE}\\x"))
    )


# ---------------------------------------------------------------- bombs


@_archive("archive-too-large", containers=_CONDA, is_large=True)
def zeros(parts: PackageParts, random: Random) -> None:
    parts.put(f"{SITE}/demo/zeros.bin", bytes(random.choice((40_000_000, 60_000_000))))


@_archive("archive-too-large", containers=_BZ2, is_large=True)
def zeros_of_bz2(parts: PackageParts, _random: Random) -> None:
    parts.put(f"{SITE}/demo/zeros.bin", bytes(25_000_000))


@_archive("archive-too-large", containers=_CONDA, is_large=True)
def endless_members(parts: PackageParts, _random: Random) -> None:
    folder = tarfile.TarInfo(f"{SITE}/demo")
    folder.type = tarfile.DIRTYPE
    parts.raw_tar = lambda data: folder.tobuf() * 110_000 + data


@_archive("archive-too-large", containers=_CONDA)
def huge_document(parts: PackageParts, random: Random) -> None:
    name = random.choice(("index.json", "about.json", "link.json", "paths.json"))
    parts.info[name] = b" " * 17_000_000 + b"{}"


@_archive("package-metadata", containers=_CONDA, is_large=True)
def huge_metadata(parts: PackageParts, random: Random) -> None:
    text = f"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n\n{random.randbytes(1000).hex()}\n"
    parts.metadata(text.encode() + b"a bit\n" * 3_000_000)
