"""The kinds of malformed packages whose texts are hostile: names, metadata, commands, scripts, dependencies; and those
that are sound and still no wheels.
"""

import struct
from random import Random

from support.archives import regular
from support.hostile_packages import INFO, METADATA, SITE, Kind, PackageParts, kind_maker

__all__ = ["REFUSED_KINDS", "TEXT_KINDS"]

TEXT_KINDS: list[Kind] = []
REFUSED_KINDS: list[Kind] = []
_text = kind_maker(TEXT_KINDS)
_refused = kind_maker(REFUSED_KINDS)

_BAD_NAMES = (
    "../../x", "/etc/x", "a b", "a;b", "$(id)", "a\nb", "a\0b", "a\u202eb", "..", ".", "-", "", "C:x", "a\\b", "x" * 5000,
    "d\u00e9mo", "-rf", "\x1b[31mdemo",
)  # fmt: skip
_BAD_VERSIONS = (
    "1/../../x", "../1", "1\n2", "1 2", "", "$(id)", "\u0661.\u0662", "1.0-1", "v" * 300, "1" * 5000, "1.0\0", "a;b", "C:1",
    "\\1",
)  # fmt: skip
_BAD_COMMANDS = (
    "../../bin/sh = demo:main", "a;b = demo:main", "$(id) = demo:main", "python = demo:main", "a/b = demo:main",
    "x = demo:main; touch y", "x = os:system('id')", "x = ../demo:main", "x = demo main", "x =", "x = demo:", "= demo:main",
    "a\\b = demo:main", "pip = demo:main", "x = :main", "x\x1b = demo:main", f"{'x' * 9000} = demo:main",
)  # fmt: skip

# ---------------------------------------------------------------- names and versions


@_text("corrupt", "invalid-name", "package-version")
def name_of_the_record(parts: PackageParts, random: Random) -> None:
    parts.index["name"] = random.choice(_BAD_NAMES)


@_text("corrupt", "package-version", "invalid-name")
def version_of_the_record(parts: PackageParts, random: Random) -> None:
    parts.index["version"] = random.choice(_BAD_VERSIONS)


@_text("corrupt", "package-version", "invalid-name")
def build_of_the_record(parts: PackageParts, random: Random) -> None:
    parts.index["build"] = random.choice(("../../x", "", "py/0", "py_0\n", "py\0", "p" * 5000, "..", "py_1"))


@_text("invalid-name", "package-metadata")
def names_agree_and_are_bad(parts: PackageParts, random: Random) -> None:
    """No metadata corrects what record and file name say both."""
    name = random.choice(
        ("a b", "a;b", "$(id)", "d\u00e9mo", "-rf", "\x1b[31mdemo", "a\nb", "..", "a\\b", "_")
    )
    parts.drop(INFO)
    parts.index["name"] = name
    parts.stem = f"{name}-1.0-py_0"


@_text("corrupt", "package-version")
def versions_agree_and_are_bad(parts: PackageParts, random: Random) -> None:
    version = random.choice(
        ("1_rc_of_sorts", "2020d", "1.0\n", "\u0661", "$(id)", "1 2", "latest", "1;2", "!1")
    )
    parts.drop(INFO)
    parts.index["version"] = version
    parts.stem = f"demo-{version}-py_0"


@_text("corrupt")
def another_package_than_its_file(parts: PackageParts, random: Random) -> None:
    parts.stem = random.choice(
        ("other-1.0-py_0", "demo-2.0-py_0", "demo-1.0-py_1", "demo", "demo-1.0\n-py_0", " -1-0")
    )


# ---------------------------------------------------------------- metadata


@_text("corrupt", "invalid-name", "bad-wheel", "unsafe-archive", "invalid-field", "package-metadata", "made")
def metadata_name(parts: PackageParts, random: Random) -> None:
    name = random.choice([name for name in _BAD_NAMES if "\n" not in name] + ["other", "UNKNOWN"])
    parts.metadata(METADATA.replace("Name: demo", f"Name: {name}"))


@_text("corrupt", "package-version", "bad-wheel", "package-metadata")
def metadata_version(parts: PackageParts, random: Random) -> None:
    version = random.choice(
        [one for one in _BAD_VERSIONS if "\n" not in one and one != "1.0-1"] + ["2.0", "1.0.1"]
    )
    parts.metadata(
        METADATA.replace("Version: 1.0", f"Version: {version}", 2).replace(f"Metadata-Version: {version}", "")
    )


@_text("corrupt", "bad-wheel", "invalid-name", "package-version", "invalid-field", "package-metadata")
def metadata_is_rubbish(parts: PackageParts, random: Random) -> None:
    parts.metadata(
        random.choice(
            (b"", b"\n\n\n", b"\xff\xfe\x00N", b"\x00" * 5000, b"<html>", b"Name", b"Name: demo\n", b"Version: 1.0\n",
             random.randbytes(3000), METADATA.encode("utf-16"))
        )
    )  # fmt: skip


@_text("package-metadata", "invalid-requirement", "corrupt", "invalid-name")
def requirement_of_metadata(parts: PackageParts, random: Random) -> None:
    bad = random.choice(
        ("python =2.7|>=3.7", "../../x", "a b c", f"idna>={'1' * 5000}", f"idna; {'(' * 9000}os_name=='x'", "idna>=",
         "$(id)", "idna; os_name == 'x' and", "=1", "x" * 30_000 + "!")
    )  # fmt: skip
    parts.metadata(METADATA.replace("Requires-Dist: idna (>=2)", f"Requires-Dist: {bad}"))


@_text("bad-wheel", "invalid-field", "package-metadata", is_large=True)
def metadata_of_many_fields(parts: PackageParts, random: Random) -> None:
    lines = "".join(f"Classifier: {random.random()}\n" for _ in range(21_000))
    parts.metadata(METADATA.replace("\n\n", f"\n{lines}\n"))


@_text("package-metadata", "corrupt")
def licence_of_metadata(parts: PackageParts, random: Random) -> None:
    bad = random.choice(("Free for all", "MIT AND", "((((MIT", "../../x", "MIT" * 3000, "\x1b[31mMIT"))
    parts.metadata(METADATA.replace("Metadata-Version: 2.1", "Metadata-Version: 2.4").replace(
        "Summary", f"License-Expression: {bad}\nSummary"))  # fmt: skip


@_text("several-distributions", "corrupt", "bad-wheel", "unsafe-archive", "package-version", "invalid-name")
def folder_of_metadata(parts: PackageParts, random: Random) -> None:
    folder = random.choice(("other-1.0", "demo-2.0", "demo", "-", "demo-1.0-x", "a b-1.0"))
    parts.payload = [
        regular(info.name.replace("demo-1.0.dist", f"{folder}.dist"), content)
        for info, content in parts.payload
    ]
    parts.put(f"{INFO}/METADATA", METADATA.encode())


@_text("several-distributions", "corrupt")
def second_distribution(parts: PackageParts, random: Random) -> None:
    name = random.choice(("other", "demo2", "Demo"))
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    parts.put(f"{SITE}/{name}-2.0.dist-info/METADATA", text.encode())


@_text("wheel-tag", "bad-wheel", "corrupt", "compiled-file")
def wheel_for_a_platform(parts: PackageParts, random: Random) -> None:
    tag = random.choice(("cp311-cp311-linux_x86_64", "py3-none-win32", "cp39-abi3-macosx_11_0_arm64"))
    parts.put(f"{INFO}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n".encode())


# ---------------------------------------------------------------- commands and scripts


@_text("unsafe-entry-point", "bad-wheel", "corrupt")
def command_of_metadata(parts: PackageParts, random: Random) -> None:
    command = random.choice(_BAD_COMMANDS)
    parts.put(f"{INFO}/entry_points.txt", f"[console_scripts]\n{command}\n".encode())


@_text("unsafe-entry-point", "bad-wheel", "corrupt")
def command_of_the_package(parts: PackageParts, random: Random) -> None:
    parts.link["noarch"]["entry_points"] = [
        random.choice((*_BAD_COMMANDS, "a = demo:main\nb = demo:main", ""))
    ]


@_text("bad-wheel", "corrupt", "unsafe-entry-point")
def commands_are_rubbish(parts: PackageParts, random: Random) -> None:
    parts.put(
        f"{INFO}/entry_points.txt",
        random.choice(
            (
                b"[console_scripts\nnonsense\n",
                b"\xff\xfe",
                b"\0" * 99,
                b"demo = demo:main\n",
                b"[x]\nnonsense\n",
            )
        ),
    )


@_text("invalid-field", "bad-wheel", "corrupt")
def too_many_commands(parts: PackageParts, random: Random) -> None:
    lines = [f"x{number} = demo:main" for number in range(3000)]
    if random.random() < 0.5:
        parts.link["noarch"]["entry_points"] = lines
    else:
        parts.put(f"{INFO}/entry_points.txt", "\n".join(("[console_scripts]", *lines)).encode())


@_text("unsafe-entry-point", "unsafe-archive", "corrupt")
def script_of_a_bad_name(parts: PackageParts, random: Random) -> None:
    name = random.choice(("python", "python3", "pip", "a b", "$(id)", "-rf", "a;b", "conda"))
    folder = random.choice(("python-scripts", "bin"))
    parts.put(f"{folder}/{name}", b"#!/usr/bin/env python\n", mode=0o755)


@_text("embedded-prefix", "made", "archive-too-large")
def script_of_many_bytes(parts: PackageParts, random: Random) -> None:
    start = random.choice((b"#!", b"#!/" + b"x" * 100_000, b"#!/bin/sh\n'''exec' ", b"\0", b"#!\n" * 100_000))
    parts.put("python-scripts/demo", start, mode=0o755)


# ---------------------------------------------------------------- dependencies


@_text(
    "or-spec",
    "build-string-spec",
    "non-pypi-dependency",
    "corrupt",
    "platform-gated",
    "invalid-requirement",
    "unwritable-specifier",
    "invalid-match-spec",
    "invalid-name",
    "inexpressible-spec",
)
def dependency(parts: PackageParts, random: Random) -> None:
    """Without metadata, so that the wheel depends on what the package does."""
    parts.drop(INFO)
    parts.index["depends"] = [
        random.choice(
            ("../../x", "a|b >=1", "idna 1.0|2.0", "idna * cuda*", "__unix", "__cuda >=12", "idna ===", "", " ", "$(id)",
             "idna\nevil", "x" * 30_000, "idna >=" + "1" * 5000, "idna >=1,,<2", "idna[version='>=1", "libzlib >=1",
             "idna >=1 py_0 extra words", "idna " + "(" * 3000, "idna ~=x", "[[[]]]", "conda-forge::", "idna @ file:///etc", "python_abi 3.11.* *_cp311", "\u202eidna")
        )
    ]  # fmt: skip


@_text(
    "or-spec",
    "build-string-spec",
    "non-pypi-dependency",
    "corrupt",
    "invalid-match-spec",
    "unwritable-specifier",
    "made",
    "platform-gated",
    "bad-wheel",
    "inexpressible-spec",
    "invalid-requirement",
)
def python_of_the_record(parts: PackageParts, random: Random) -> None:
    parts.drop(INFO)
    spec = random.choice(
        (">=3.8,,", "|" * 500, ">=" + "9" * 5000, "2.7|", ">=4", "3.8 py_0", "!=", ">=3,<3", "=x", "<2")
    )
    parts.index["depends"] = [f"python {spec}"]


# ---------------------------------------------------------------- sound, and no wheel


@_refused("platform-package")
def platform_package(parts: PackageParts, random: Random) -> None:
    parts.index["subdir"] = random.choice(("linux-64", "osx-arm64", "win-64", "../../x", "emscripten-wasm32"))
    parts.index["noarch"] = random.choice((None, "python", "generic"))


@_refused("generic", "corrupt", "metapackage", "platform-package")
def generic_package(parts: PackageParts, random: Random) -> None:
    parts.index["noarch"] = random.choice(("generic", True))
    parts.index["depends"] = ["libzlib >=1"]
    parts.put("share/demo/x.txt")


@_refused("metapackage")
def metapackage(parts: PackageParts, _random: Random) -> None:
    parts.payload = []


@_refused("platform-gated")
def gated_package(parts: PackageParts, random: Random) -> None:
    parts.index["depends"].append(
        random.choice(("__unix", "__win", "__linux", "__osx", "__cuda >=11", "__glibc >=2.17"))
    )


@_refused("conda-meta")
def record_of_an_environment(parts: PackageParts, random: Random) -> None:
    parts.put(f"conda-meta/{random.choice(('demo-1.0-py_0.json', 'history', 'pinned'))}", b"{}")


@_refused("install-script")
def install_script(parts: PackageParts, random: Random) -> None:
    path = random.choice(
        ("bin/.demo-post-link.sh", "bin/.demo-pre-unlink.sh", "Scripts/.demo-post-link.bat", "etc/conda/activate.d/demo.sh",
         "etc/conda/deactivate.d/demo.bat", "bin/.demo-pre-link.sh")
    )  # fmt: skip
    parts.put(path, b"rm -rf ~\n", mode=0o755)


def _windows_library() -> bytes:
    header = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0x2022)
    return b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x80) + bytes(0x40) + header + bytes(300)


@_refused("compiled-file")
def hidden_native_code(parts: PackageParts, random: Random) -> None:
    start = random.choice(
        (b"\x7fELF\x02\x01\x01" + bytes(99), b"\xcf\xfa\xed\xfe" + bytes(28), b"\xca\xfe\xba\xbe\0\0\0\x02" + bytes(40),
         b"!<arch>\nx.o/", b"\0asm\1\0\0\0", _windows_library())
    )  # fmt: skip
    path = random.choice(
        (f"{SITE}/demo/notes.txt", f"{SITE}/demo/_x.cpython-311-x86_64-linux-gnu.so", "share/demo/x.dat", f"{SITE}/x.pyd",
         "python-scripts/tool", f"{INFO}/licenses/LICENSE", f"{INFO}/top_level.txt")
    )  # fmt: skip
    parts.put(path, start)


@_refused("embedded-prefix", "compiled-file", "corrupt")
def prefix_in_data(parts: PackageParts, random: Random) -> None:
    prefix = random.choice(("/opt/anaconda1anaconda2anaconda3", "/home/x/_h_env" + "_placehold" * 12))
    path = random.choice((f"{SITE}/demo.pth", f"{SITE}/demo/x.cfg", "share/demo/x.txt", "etc/demo.conf"))
    parts.put(path, f"root = {prefix}\n".encode())
    row = parts.row(path)
    row["prefix_placeholder"], row["file_mode"] = prefix, "text"
