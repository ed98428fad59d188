"""The kinds of malformed packages whose documents in `info/` are: no JSON, of wrong types, lying."""

from random import Random
from typing import Any

from support.hostile_packages import SITE, Kind, PackageParts, kind_maker

__all__ = ["DOCUMENT_KINDS"]

DOCUMENT_KINDS: list[Kind] = []
_document = kind_maker(DOCUMENT_KINDS)
_MODULE = f"{SITE}/demo/__init__.py"


def _odd(random: Random) -> Any:
    return random.choice(
        (None, True, 7, -1, 1.5, "text", [], ["a"], {}, {"a": 1}, [[]], [None], [{}], "\udcff", 1 << 80)
    )


@_document("corrupt")
def document_is_no_json(parts: PackageParts, random: Random) -> None:
    name = random.choice(("index.json", "paths.json", "link.json"))
    # An empty link.json is no damage: some builders wrote one.
    parts.info[name] = random.choice(
        (b" \n,", b"{", b"\xff\xfe{}", b"{'a': 1}", b'{"a": 1} x', b"\x00", b"nan")
    )


@_document("corrupt")
def document_nested_deeply(parts: PackageParts, random: Random) -> None:
    name = random.choice(("index.json", "paths.json", "link.json"))
    depth = random.choice((2_000, 100_000))
    parts.info[name] = random.choice((b"[" * depth, b'{"a":' * depth, b"[" * depth + b"]" * depth))


@_document("corrupt")
def endless_number(parts: PackageParts, random: Random) -> None:
    number = random.choice((b"1" * 5000, b"-1", b"1e999", b"0.5"))
    parts.info["index.json"] = (
        b'{"name": "demo", "version": "1.0", "build": "py_0", "noarch": "python", "build_number": %b}'
        % number
    )


@_document("corrupt")
def index_is_no_object(parts: PackageParts, random: Random) -> None:
    parts.index = random.choice((None, True, 7, "text", [], ["a"], [{}]))


@_document("corrupt")
def index_lacks(parts: PackageParts, random: Random) -> None:
    if random.random() < 0.3:
        parts.without.add("index.json")
    else:
        del parts.index[random.choice(("name", "version", "build"))]


@_document("corrupt")
def index_of_wrong_types(parts: PackageParts, random: Random) -> None:
    key = random.choice(("name", "version", "build", "subdir", "depends", "license"))
    value: Any = random.choice((True, 7, {"a": 1}, [None], [[]], [{}]))
    parts.index[key] = value


@_document("corrupt", "platform-package", "generic", "made")
def index_is_odd(parts: PackageParts, random: Random) -> None:
    key = random.choice(("noarch", "arch", "platform", "build_number", "timestamp", "constrains", "features"))
    parts.index[key] = _odd(random)


@_document("corrupt", "made")
def about_is_odd(parts: PackageParts, random: Random) -> None:
    if random.random() < 0.5:
        parts.about = _odd(random)
    else:
        parts.about[random.choice(("summary", "license", "home", "description", "extra", "license_file"))] = (
            _odd(random)
        )


@_document("corrupt", "made")
def link_is_odd(parts: PackageParts, random: Random) -> None:
    match random.randrange(3):
        case 0:
            parts.link = _odd(random)
        case 1:
            parts.link["noarch"] = _odd(random)
        case _:
            parts.link["noarch"]["entry_points"] = random.choice((7, "demo", {"a": 1}, [7], [None], [[]]))


@_document("corrupt", "made", "metapackage")
def paths_are_odd(parts: PackageParts, random: Random) -> None:
    match random.randrange(3):
        case 0:
            parts.paths = _odd(random)
        case 1:
            parts.paths = {"paths": _odd(random), "paths_version": 1}
        case _:
            key = random.choice(("_path", "sha256", "size_in_bytes", "path_type", "prefix_placeholder"))
            parts.row(_MODULE)[key] = _odd(random)


@_document("corrupt")
def paths_lie(parts: PackageParts, random: Random) -> None:
    row = parts.row(_MODULE)
    if random.random() < 0.5:
        row["sha256"] = random.randbytes(32).hex()
    else:
        row["size_in_bytes"] = random.choice((0, 5, 7, 1 << 40))


@_document("corrupt", "made", "unsafe-archive")
def paths_name_others(parts: PackageParts, random: Random) -> None:
    parts.row(_MODULE)["_path"] = random.choice(
        ("../../x", "/etc/passwd", f"{SITE}/nothing.py", "", "a\nb", "C:\\x")
    )


@_document("corrupt")
def paths_contradict(parts: PackageParts, _random: Random) -> None:
    parts.paths = {
        "paths": [{**parts.row(_MODULE), "sha256": "0" * 64}, parts.row(_MODULE)],
        "paths_version": 1,
    }


@_document("embedded-prefix")
def prefix_in_a_module(parts: PackageParts, random: Random) -> None:
    prefix = "/opt/anaconda1anaconda2anaconda3"
    parts.put(_MODULE, f"home = {prefix!r}\n".encode())
    row = parts.row(_MODULE)
    row["prefix_placeholder"], row["file_mode"] = prefix, random.choice(("text", "binary"))


@_document("made")
def lines_of_windows(parts: PackageParts, _random: Random) -> None:
    parts.info["link.json"] = b'{\r\n  "noarch": {\r\n "type": "python"\r\n}\r\n}\r\n'
