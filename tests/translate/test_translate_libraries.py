"""Tokens as files spell them -> libraries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.model.libraries import LIBRARY_TOKENS, LibraryRow, LibraryTable, TokenKind
from conda_bridge.translate.libraries import (
    is_ignored_token,
    library_of,
    library_table,
    token_forms,
    word_of,
)

TABLE = library_table()
WORDS = st.text(alphabet="abclibz019-_./@+:* ", max_size=24)


def key_of(kind: TokenKind, token: str) -> str | None:
    row = library_of(TABLE, kind, token)
    return row.key if row else None


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("zlib.h", "zlib"),
        ("openssl/ssl.h", "openssl"),
        ("boost/asio/ip/tcp.hpp", "boost"),
        ("boost/python/module.hpp", "boost-python"),
        ("Eigen/Dense", "eigen"),
        ("google/protobuf/message.h", "protobuf"),
        ("libxml2/libxml/parser.h", "libxml2"),
        ("suitesparse/umfpack.h", "suitesparse"),
        ("../include/png.h", "libpng"),
        ("X11/Xlib.h", "libx11"),
        ("X11/extensions/Xrandr.h", "libxrandr"),
        ("numpy/arrayobject.h", None),
        ("linux/usb.h", None),
        ("mine/zip.h", None),
        ("mine/json/value.h", None),
        ("third_party/zlib/zlib.h", "zlib"),
        ("qwt-6/qwt_plot.h", "qwt"),
        ("mine/config.h", None),
        ("mine/utils.h", None),
    ],
)
def test_header_is_found_by_path_folder_or_file_name(header: str, key: str | None) -> None:
    assert key_of("header", header) == key


@pytest.mark.parametrize(
    ("soname", "key"),
    [
        ("z", "zlib"),
        ("zlib1.dll", "zlib"),
        ("libpng16.so.16", "libpng"),
        ("libssl.1.1.dylib", "openssl"),
        ("avcodec-60.dll", "ffmpeg"),
        ("hdf5_serial", "hdf5"),
        ("boost_system-vc140-mt-1_82", "boost"),
        ("libxml2_a.lib", "libxml2"),
        ("icuuc74", "icu"),
        ("/usr/lib/libgeos_c.so.1.18", "geos"),
        ("fftw3f", "fftw"),
        ("libfoo-of-nobody", None),
    ],
)
def test_soname_is_found_without_prefix_suffix_and_version(soname: str, key: str | None) -> None:
    assert key_of("soname", soname) == key


@pytest.mark.parametrize(
    ("package", "key"),
    [
        ("zlib1g-dev", "zlib"),
        ("zlib1g-dev:amd64", "zlib"),
        ("libgeos-3.11", "geos"),
        ("libgeos++-dev", "geos"),
        ("libssl1.1", "openssl"),
        ("libssl3t64", "openssl"),
        ("openssl@3", "openssl"),
        ("libjpeg-turbo8-dev", "libjpeg"),
        ("libjpeg62-turbo", "libjpeg"),
        ("libhdf5-serial-dev", "hdf5"),
        ("libxml2-devel", "libxml2"),
        ("libbz2-1.0", "bzip2"),
        ("libev4", "libev"),
        ("libboost-filesystem1.74-dev", "boost"),
        ("mingw-w64-x86_64-libffi", "libffi"),
        ("mingw-w64-ucrt-x86_64-zstd", "zstd"),
        ("boost[core]:x64-windows", "boost"),
        ("pkgconfig(libpng)", "libpng"),
        ("homebrew/core/libsodium", "libsodium"),
        ("libcurl4-openssl-dev", "libcurl"),
        ("curl-devel", "libcurl"),
        ("curl", None),
        ("python3-numpy", None),
        ("build-essential", None),
    ],
)
def test_package_is_found_as_distributions_spell_it(package: str, key: str | None) -> None:
    assert key_of("package", package) == key


@pytest.mark.parametrize(
    ("kind", "token", "key"),
    [
        ("cmake-package", "ZLIB", "zlib"),
        ("cmake-package", "zlib", "zlib"),
        ("cmake-package", "unofficial-sqlite3", "sqlite"),
        ("cmake-package", "Boost::system", "boost"),
        ("cmake-package", "Qt5Widgets", "qt5"),
        ("cmake-package", "Threads", None),
        ("pkg-config", "glib-2.0 >= 2.56", "glib"),
        ("pkg-config", "xcb-shm", "libxcb"),
        ("pkg-config", "libxml-2.0", "libxml2"),
        ("pkg-config", "python3", None),
        ("config-tool", "pg_config", "libpq"),
        ("config-tool", "/usr/bin/gdal-config", "gdal"),
        ("config-tool", "llvm-config-15", "llvm"),
        ("config-tool", "hdf5-config", "hdf5"),
        ("config-tool", "python3-config", None),
        ("crate", "openssl-sys", "openssl"),
        ("crate", "libz_sys", "zlib"),
        ("crate", "libc", None),
    ],
)
def test_other_tokens_are_found(kind: TokenKind, token: str, key: str | None) -> None:
    assert key_of(kind, token) == key


@pytest.mark.parametrize(
    ("kind", "token"),
    [
        ("soname", "m"),
        ("soname", "libpthread.so.0"),
        ("soname", "ws2_32.lib"),
        ("package", "python3-dev"),
        ("package", "gcc-11"),
        ("package", "ca-certificates"),
        ("cmake-package", "Python3"),
        ("header", "sys/types.h"),
        ("header", "gtest/gtest.h"),
        ("crate", "pyo3"),
    ],
)
def test_what_names_no_package_is_ignored(kind: TokenKind, token: str) -> None:
    assert is_ignored_token(TABLE, kind, token)
    assert library_of(TABLE, kind, token) is None


@pytest.mark.parametrize(("kind", "token"), [("soname", "z"), ("soname", "unheard-of"), ("header", "zlib.h")])
def test_what_names_a_library_or_nothing_known_is_not_ignored(kind: TokenKind, token: str) -> None:
    assert not is_ignored_token(TABLE, kind, token)


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("ZLIB_ROOT", "zlib"),
        ("USE_SYSTEM_LIBJPEG", "libjpeg"),
        ("WITH_SYSTEM_TURBOJPEG", "libjpeg"),
        ("--use-system-libuv", "libuv"),
        ("BUNDLED_FREETYPE", "freetype"),
        ("system-qhull", "qhull"),
        ("HDF5_DIR", "hdf5"),
        ("GEOS_INCLUDE_PATH", "geos"),
        ("DEMO_USE_SYSTEM_OPENSSL", "openssl"),
        ("CURL_USE_ZLIB", "zlib"),
        ("UseSystemZstd", "zstd"),
        ("DEMO_C_BLOSC2_DIR", "c-blosc2"),
        ("HOME", None),
        ("USE_SYSTEM_LIBRARIES", None),
        ("", None),
    ],
)
def test_word_of_a_switch_or_variable_names_the_library(word: str, key: str | None) -> None:
    row = word_of(TABLE, word)
    assert (row.key if row else None) == key


def test_letter_case_means_nothing_and_a_star_stands_for_all_that_begin_so() -> None:
    row = LibraryRow(key="demo", id="dep:generic/demo", tokens=(("soname", ("Demo_*", "Demo")),))
    table = LibraryTable(rows=(row,), ignored=(("soname", ("m", "api-*")),))

    assert table.look_up("soname", ["DEMO"]) == (True, row)
    assert table.exactly("soname", "dEMO") == row
    assert table.exactly("soname", "demo_core") is None
    assert table.look_up("soname", ["demo_core"]) == (True, row)
    assert table.look_up("soname", ["dem"]) == (False, None)
    assert table.look_up("soname", ["API-one"]) == (True, None)
    assert table.look_up("header", ["demo"]) == (False, None)


def test_listed_form_wins_over_the_beginning_of_an_earlier_one() -> None:
    row = LibraryRow(key="demo", id="dep:generic/demo", tokens=(("soname", ("pythonic",)),))
    table = LibraryTable(rows=(row,), ignored=(("soname", ("python*",)),))

    assert table.look_up("soname", ["pythonic-3", "pythonic"]) == (True, row)
    assert table.look_up("soname", ["python3", "python"]) == (True, None)


def test_row_is_found_by_key_and_by_word_without_separators() -> None:
    row = LibraryRow(key="c-demo", id="dep:generic/c-demo", words=("demolib",))
    table = LibraryTable(rows=(row,))

    assert table.of_key("c-demo") == row
    assert table.of_key("C_DEMO") is None
    assert table.of_word("C_Demo") == table.of_word("demo-lib") == row
    assert row.of_kind("header") == ()


@given(kind=st.sampled_from(LIBRARY_TOKENS), token=WORDS)
def test_any_token_has_plain_forms_without_repetition(kind: TokenKind, token: str) -> None:
    forms = list(token_forms(kind, token))

    assert len(set(forms)) == len(forms)
    assert all(form and form == form.lower() for form in forms)


@given(kind=st.sampled_from(LIBRARY_TOKENS), token=WORDS)
def test_token_is_a_library_s_or_ignored_but_not_both(kind: TokenKind, token: str) -> None:
    row = library_of(TABLE, kind, token)

    assert row is None or not is_ignored_token(TABLE, kind, token)
    assert library_of(TABLE, kind, token.upper()) == row


@given(name=WORDS)
def test_any_name_has_a_word_or_none(name: str) -> None:
    row = word_of(TABLE, name)
    assert row is None or row in TABLE.rows


@pytest.mark.parametrize("kind", LIBRARY_TOKENS)
def test_very_long_token_names_nothing(kind: TokenKind) -> None:
    assert list(token_forms(kind, "1" * 100_000 + "x")) == []
    assert not is_ignored_token(TABLE, kind, "sys/" * 50_000)
    assert word_of(TABLE, "ZLIB_" * 50_000) is None
