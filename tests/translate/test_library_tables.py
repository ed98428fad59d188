"""The tables of libraries: each name in one place, every library with an id, every id with names that conda has."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from conda_bridge.model.external import ExternalRow
from conda_bridge.model.libraries import LIBRARY_TOKENS, LibraryRow, TokenKind
from conda_bridge.model.names import CondaName
from conda_bridge.model.tables import read_table
from conda_bridge.translate.depurls import parse_depurl
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.translate.external import external_mapping, read_function, renamed_library
from conda_bridge.translate.libraries import library_of, library_table, word_of
from conda_bridge.translate.match_specs import parse_match_spec
from support.cost import least_cpu_s

LIBRARIES = library_table()
MAPPING = external_mapping()
EVERYDAY_HEADERS = frozenset(
    """
    api.h base.h buffer.h common.h config.h constants.h core.h data.h debug.h defines.h defs.h engine.h error.h errors.h
    export.h file.h form.h global.h hash.h image.h index.h init.h input.h interface.h io.h lib.h list.h log.h logging.h
    macros.h main.h map.h math.h matrix.h memory.h menu.h misc.h module.h network.h node.h object.h options.h output.h
    parser.h platform.h plot.h plugin.h print.h proxy.h queue.h reader.h server.h settings.h socket.h stream.h
    string.h struct.h table.h test.h thread.h time.h tools.h tree.h types.h util.h utils.h value.h vector.h version.h writer.h
    api/ base/ common/ config/ core/ data/ details/ impl/ include/ internal/ io/ lib/ math/ src/ test/ tests/ util/ utils/
""".split()  # noqa: SIM905 - a list of eighty names
)
MOST_S = 0.3
"""Idle, both tables take 25 ms of CPU time; the bound is for machines that do other things, and for traced runs."""


def tokens_of(row: LibraryRow) -> list[tuple[TokenKind, str]]:
    """Return the tokens; a folder as a header in it."""
    return [
        (kind, f"{token}deeper/some.h" if token.endswith("/") else token)
        for kind, tokens in row.tokens
        for token in tokens
    ]


def specs_of(row: ExternalRow) -> tuple[str, ...]:
    return (*row.build, *row.host, *row.run)


def twice(names: list[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count > 1}


def test_tables_are_broad() -> None:
    assert len(LIBRARIES.rows) >= 1000
    assert len({row.id for row in MAPPING.rows}) >= 1000


def test_every_library_has_an_id_that_the_mapping_knows() -> None:
    needed = {row.id for row in LIBRARIES.rows if row.role != "system"}
    assert not needed - {row.id for row in MAPPING.rows}


@pytest.mark.parametrize("kind", LIBRARY_TOKENS)
def test_token_names_one_library_and_is_not_ignored_beside(kind: TokenKind) -> None:
    owned = [token for row in LIBRARIES.rows for token in dict.fromkeys(map(str.lower, row.of_kind(kind)))]
    ignored = [token.lower() for of, tokens in LIBRARIES.ignored for token in tokens if of == kind]

    assert not twice(owned)
    assert not twice(ignored)
    assert not set(owned) & set(ignored)


def test_every_token_leads_to_its_library_dressed_as_files_dress_it() -> None:
    dresses: dict[TokenKind, str] = {
        "soname": "lib{}.so.3", "package": "{}-dev", "pkg-config": "{} >= 1.2", "header": "./{}", "config-tool": "{}.exe",
        "cmake-package": "{}::part", "crate": "{}",
    }  # fmt: skip
    lost = [
        (row.key, kind, token)
        for row in LIBRARIES.rows
        for kind, token in tokens_of(row)
        if not token.endswith("*")
        and "@" not in token
        and library_of(LIBRARIES, kind, dresses[kind].format(token)) != row
    ]
    assert lost == []


def test_every_key_and_word_names_one_library() -> None:
    words = [
        (re.sub(r"[-_.]", "", word.lower()), row.key)
        for row in LIBRARIES.rows
        for word in {row.key, *row.words}
    ]
    assert not twice([word for word, _ in sorted(set(words))])
    assert [key for key in ("zlib", "libxml2", "openssl") if word_of(LIBRARIES, f"{key}_ROOT") is None] == []


def test_keys_are_generic_names_and_bring_libraries_of_the_table() -> None:
    keys = [row.key for row in LIBRARIES.rows]
    brought = {key for row in LIBRARIES.rows for key in row.brings}

    assert keys == sorted(set(keys))
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9_-]*", key) for key in keys)
    assert not brought - set(keys)


def test_no_header_of_everyday_names_stands_for_a_library() -> None:
    listed = {header.lower() for row in LIBRARIES.rows for header in row.of_kind("header")}
    assert not listed & EVERYDAY_HEADERS


def test_python_s_own_headers_belong_to_no_library() -> None:
    headers = ("numpy/arrayobject.h", "pybind11/pybind11.h", "nanobind/nanobind.h", "Python.h")
    assert [library_of(LIBRARIES, "header", header) for header in headers] == [None] * len(headers)


def test_ids_are_sorted_depurls_and_no_alias_is_another_id() -> None:
    ids = list(read_table("external"))
    aliases = [alias for alias, _ in MAPPING.aliases]

    assert ids == sorted(ids)
    assert [dep_id for dep_id in (*ids, *aliases) if parse_depurl(dep_id).id != dep_id] == []
    assert not twice([*ids, *aliases])


def test_names_are_specs_that_recipes_may_have() -> None:
    specs = sorted({spec for row in MAPPING.rows for spec in specs_of(row)})
    names = [parse_match_spec(spec).value.conda_name for spec in specs if read_function(spec) is None]

    assert [str(name) for name in names if renamed_library(name) != (name, "")] == []
    assert all(spec.startswith(("compiler(", "stdlib(")) for spec in specs if "(" in spec)


def test_libraries_are_in_host_and_tools_in_build() -> None:
    for row in LIBRARIES.rows:
        best = next((choice for choice in MAPPING.of(row.id) if specs_of(choice)), None)
        if best is not None and row.role == "tool":
            assert best.build or best.run, row.key


UNLISTED = frozenset({
    "botan", "chromaprint", "cjson", "clipper2", "cln", "coordgenlibs", "cpuinfo", "dmlc-core", "espeak-ng", "ginac",
    "gumbo-parser", "http-parser", "libblake3", "libsamplerate", "libvirt", "libxlsxwriter", "pcsc-lite", "potrace", "stb",
    "taglib", "uthash", "wavpack",
})  # fmt: skip
"""Packages of conda-forge that the list of names at hand lacks."""


def test_names_are_packages_of_conda_forge(test_data_dir: Path) -> None:
    text = (test_data_dir / "names" / "parselmouth_compressed_mapping.json").read_text(encoding="utf-8")
    known = json.loads(text)
    named = {spec.partition(" ")[0] for row in MAPPING.rows for spec in specs_of(row) if "(" not in spec}
    pinned = distributor_policy("conda-forge").pinned

    assert not named - set(known) - UNLISTED
    assert not set(map(str, pinned)) - set(known)


def test_pinned_names_are_sorted_and_hold_what_compiled_packages_fit() -> None:
    pinned = read_table("distributors")["conda-forge"]["pinned"]

    assert pinned == sorted(set(pinned))
    assert set(map(CondaName, ("openssl", "zlib", "hdf5", "libgdal-core", "numpy", "libboost-devel"))) <= set(
        pinned
    )
    assert not {"python", "pip", "cython", "pybind11", "cmake"} & set(pinned)


def test_both_tables_are_read_fast() -> None:
    def read() -> None:
        for cached in (read_table, library_table, external_mapping):
            cached.cache_clear()
        library_table()
        external_mapping()

    assert least_cpu_s(read, enough_s=MOST_S) < MOST_S


def test_starting_the_program_reads_no_table() -> None:
    code = (
        "import conda_bridge.cli.main\n"
        "from conda_bridge.model.tables import read_table\n"
        "print(read_table.cache_info().currsize)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout == "0\n"
