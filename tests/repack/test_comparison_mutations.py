"""A wheel in which one thing was changed is never equal to what it was, and never explained."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.model.repackaging import Comparison
from conda_bridge.repack.comparing.comparison import KnownDifferences, LabelledWheel, compare_wheels
from support.wheels import WheelParts, write_wheel

FILES = {
    "demo/__init__.py": b"x = 1\n",
    "demo/_version.py": b"__version__ = version = '1.0'\n",
    "demo/data.bin": b"\0\1\2",
    "demo/native.cpython-311-x86_64-linux-gnu.so": b"\x7fELF code",
    "INFO/licenses/LICENSE": b"MIT License\n",
    "DATA/scripts/run": b"#!python\nprint(1)\n",
}
WHOLE = WheelParts(
    files=FILES,
    metadata=('Requires-Dist: a>=1; python_version < "3.12"', "Requires-Python: >=3.9"),
    entry_points="[console_scripts]\nrun2 = demo:main\n",
)


def having(changed: Mapping[str, bytes]) -> WheelParts:
    return replace(WHOLE, files={**FILES, **changed})


def lacking(path: str) -> WheelParts:
    return replace(WHOLE, files={name: content for name, content in FILES.items() if name != path})


MUTATIONS = {
    "a byte of code": having({"demo/__init__.py": b"x = 2\n"}),
    "a byte of data": having({"demo/data.bin": b"\0\1\3"}),
    "a byte of native code": having({"demo/native.cpython-311-x86_64-linux-gnu.so": b"\x7fELF Code"}),
    "a line of a version file": having({"demo/_version.py": b"__version__ = version = '1.0'\nx = 1\n"}),
    "the value of a version file": having({"demo/_version.py": b"__version__ = version = '1.1'\n"}),
    "the text of a licence": having({"INFO/licenses/LICENSE": b"MIT Licence\n"}),
    "the code of a script": having({"DATA/scripts/run": b"#!python\nprint(2)\n"}),
    "the interpreter of a script": having({"DATA/scripts/run": b"#!/opt/python\nprint(1)\n"}),
    "one more .pth": having({"demo.pth": b"import demo\n"}),
    "one more module": having({"demo/more.py": b"y = 1\n"}),
    "one more script": having({"DATA/scripts/more": b"#!python\nprint(1)\n"}),
    "one module less": lacking("demo/__init__.py"),
    "one licence less": lacking("INFO/licenses/LICENSE"),
    "one script less": lacking("DATA/scripts/run"),
    "another marker": replace(
        WHOLE, metadata=('Requires-Dist: a>=1; python_version < "3.13"', "Requires-Python: >=3.9")
    ),
    "no marker": replace(WHOLE, metadata=("Requires-Dist: a>=1", "Requires-Python: >=3.9")),
    "another bound": replace(
        WHOLE, metadata=('Requires-Dist: a>1; python_version < "3.12"', "Requires-Python: >=3.9")
    ),
    "another python": replace(
        WHOLE, metadata=('Requires-Dist: a>=1; python_version < "3.12"', "Requires-Python: >=3.10")
    ),
    "another entry point": replace(WHOLE, entry_points="[console_scripts]\nrun2 = demo:other\n"),
    "no entry point": replace(WHOLE, entry_points=""),
    "an executable bit": replace(WHOLE, executable=frozenset({"demo/__init__.py"})),
    "an executable bit of METADATA": replace(WHOLE, modes={"INFO/METADATA": 0o755}),
    "an executable bit of WHEEL": replace(WHOLE, modes={"INFO/WHEEL": 0o755}),
    "another tag": replace(WHOLE, tag="py3-none-linux_x86_64"),
    "another kind": replace(WHOLE, is_purelib=False),
}


def compared(folder: Path, ours: WheelParts, theirs: WheelParts, *, built: WheelParts) -> Comparison:
    paths = []
    for name, parts in (("left", ours), ("right", theirs), ("built", built)):
        (folder / name).mkdir()
        paths.append(str(write_wheel(folder / name, parts)))
    left, right, own = paths
    source = {path: hashlib.sha256(content).hexdigest() for path, content in FILES.items()}
    return compare_wheels(
        LabelledWheel(path=left, label="conda package"),
        LabelledWheel(path=right, label="wheel"),
        known=KnownDifferences(source=source, built=own, rebuilt=own),
    )


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_what_the_conversion_changed_is_different(tmp_path: Path, mutation: str) -> None:
    comparison = compared(tmp_path, MUTATIONS[mutation], WHOLE, built=WHOLE)

    assert comparison.verdict == "different"


EXPLAINED = frozenset(name for name in MUTATIONS if name.endswith(" less") or "executable" in name)
"""Of a published wheel: a file of the source that its backend packs here has its reason, and so has a bit."""


@pytest.mark.parametrize("mutation", sorted(MUTATIONS.keys() - EXPLAINED))
def test_what_was_published_otherwise_is_different(tmp_path: Path, mutation: str) -> None:
    comparison = compared(tmp_path, WHOLE, MUTATIONS[mutation], built=WHOLE)

    assert comparison.verdict == "different"


def test_record_is_no_part_of_what_is_compared_where_it_is_right(tmp_path: Path) -> None:
    other = replace(WHOLE, algorithm="sha512")

    comparison = compared(tmp_path, other, WHOLE, built=WHOLE)

    assert comparison.verdict == "equal"
