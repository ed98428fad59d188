"""What signals say of libraries: two kinds of evidence make a requirement, one makes a finding."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from conda_bridge.infer.contributions import Contribution
from conda_bridge.infer.external import External
from conda_bridge.infer.libraries import Libraries, Switch, infer_libraries
from conda_bridge.infer.native import Native
from conda_bridge.model.condition import ALWAYS, Condition, negate, os_in
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Inferred
from conda_bridge.model.external import ExternalMapping, ExternalRow
from conda_bridge.model.libraries import LibraryRow, LibraryTable
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import MatchSpec, spec_key
from conda_bridge.model.source import Signal
from support.converting import PYPROJECT, context_of
from support.trees import facts_of_texts

CMAKE = PYPROJECT.replace("hatchling>=1.27", "scikit-build-core").replace(
    "hatchling.build", "scikit_build_core.build"
)
NATIVE = Native(is_native=True, compilers=("c",))
TABLE = LibraryTable(
    rows=(
        LibraryRow(
            key="apple",
            id="dep:generic/apple",
            tokens=(
                ("header", ("apple.h", "apple/")),
                ("pkg-config", ("apple",)),
                ("cmake-package", ("Apple",)),
                ("soname", ("apple",)),
                ("config-tool", ("apple-config",)),
                ("package", ("apple",)),
                ("crate", ("alsa-sys", "zstd-sys")),
            ),
            brings=("seed",),
        ),
        LibraryRow(
            key="seed",
            id="dep:generic/seed",
            tokens=(("header", ("seed.h",)), ("soname", ("seed",)), ("package", ("seed",))),
        ),
        LibraryRow(
            key="press",
            id="dep:generic/press",
            tokens=(("cmake-package", ("Press",)), ("package", ("press",)), ("pkg-config", ("press",))),
            role="tool",
        ),
        LibraryRow(
            key="ground",
            id="dep:generic/ground",
            tokens=(("header", ("ground.h",)), ("soname", ("ground",)), ("package", ("ground",))),
            role="system",
        ),
        LibraryRow(
            key="unixodbc", id="dep:generic/unixodbc", tokens=(("header", ("sql.h",)), ("soname", ("odbc",)))
        ),
        LibraryRow(
            key="cudart", id="dep:generic/cudart", tokens=(("header", ("cuda.h",)), ("soname", ("cuda",)))
        ),
        LibraryRow(
            key="stray", id="dep:generic/stray", tokens=(("header", ("stray.h",)), ("soname", ("stray",)))
        ),
    )
)
MAPPING = ExternalMapping(
    rows=(
        ExternalRow(id="dep:generic/apple", host=("libapple", "libapple-extras >=2")),
        ExternalRow(id="dep:generic/seed", host=("seed",)),
        ExternalRow(id="dep:generic/press", build=("press",)),
        ExternalRow(id="dep:generic/ground"),
        ExternalRow(id="dep:generic/unixodbc", host=("unixodbc",)),
    )
)
DOCS = ("install", "apple", "README.md")
INCLUDE = ("include", "apple.h", "src/a.c")
NAMED = ("library", "apple", "setup.py")


def inferred(
    *signals: tuple[str, str, str],
    files: Mapping[str, str | None] | None = None,
    native: Native = NATIVE,
    external: External | None = None,
) -> Inferred[Libraries]:
    """Infer the libraries of a project with these signals, each on the line of its number."""
    own = {"pyproject.toml": PYPROJECT, "demo/__init__.py": ""}
    facts = facts_of_texts({**own, **(files or {})}, label="demo-1.2.3")
    found = tuple(
        Signal(kind=kind, token=token, path=path, line=line)
        for line, (kind, token, path) in enumerate(signals, 1)
    )
    context = replace(context_of(replace(facts, signals=found)), libraries=TABLE, external=MAPPING)
    return infer_libraries(context, native, external or External())


def names_of(result: Inferred[Libraries]) -> list[str]:
    return [f"{one.section} {spec_key(one.spec)}" for one in result.value.contributions]


def told(result: Inferred[Libraries], slug: str) -> Diagnostic:
    (found,) = (one for one in result.diagnostics if one.slug == slug)
    return found


@pytest.mark.parametrize(
    "signals",
    [
        (INCLUDE, NAMED),
        (INCLUDE, DOCS),
        (NAMED, DOCS),
        (INCLUDE, ("wheel-link", "apple", "demo-1.2.3-cp311-cp311-manylinux_2_28_x86_64.whl")),
        (INCLUDE, ("variable", "APPLE_DIR", "setup.py")),
        (INCLUDE, ("version-variable", "apple", ".github/workflows/ci.yml")),
        (("include", "apple/core.h", "src/a.c"), ("cmake-package", "Apple", "CMakeLists.txt")),
    ],
    ids=lambda signals: " ".join(kind for kind, _, _ in signals),
)
def test_two_kinds_of_evidence_make_a_requirement(signals: tuple[tuple[str, str, str], ...]) -> None:
    result = inferred(*signals)
    assert names_of(result) == ["host libapple", "host libapple-extras"]
    assert result.diagnostics == ()
    first = result.value.contributions[0]
    assert first.certainty is Certainty.DERIVED
    assert set(first.origins) == {f"{path}:{line}" for line, (_, _, path) in enumerate(signals, 1)}


@pytest.mark.parametrize(
    "signal",
    [
        ("config-tool", "apple-config", "setup.py"),
        ("pkg-config", "apple", "meson.build"),
        ("crate", "alsa-sys", "Cargo.toml"),
    ],
)
def test_what_a_build_can_not_go_on_without_is_a_requirement(signal: tuple[str, str, str]) -> None:
    assert names_of(inferred(signal)) == ["host libapple", "host libapple-extras"]


@pytest.mark.parametrize(
    "signal",
    [
        INCLUDE,
        ("variable", "APPLE_DIR", "setup.py"),
        ("pkg-config", "apple ?", "meson.build"),
    ],
)
def test_one_kind_of_evidence_is_only_told(signal: tuple[str, str, str]) -> None:
    result = inferred(signal)
    assert names_of(result) == []
    found = told(result, "library-unconfirmed")
    assert found.message.startswith("apple is not required: ")
    assert found.origin == f"{signal[2]}:1"
    assert 'add = ["libapple", "libapple-extras >=2"]' in found.hint
    (library,) = result.value.found
    assert (library.key, library.is_required) == ("apple", False)


def test_libraries_that_only_instructions_install_are_told_at_once() -> None:
    result = inferred(DOCS, ("install", "seed", "docs/install.md"))
    found = told(result, "libraries-mentioned")
    assert "apple, seed" in found.message
    assert names_of(result) == []


@pytest.mark.parametrize(
    "signals",
    [
        (("include", "apple.h", "third_party/x/a.c"), ("library", "apple", "third_party/x/setup.py"), DOCS),
        (("include", "apple.h", "tests/a.c"), ("library", "apple", "examples/setup.py")),
    ],
)
def test_what_others_code_and_tests_say_counts_for_nothing(signals: tuple[tuple[str, str, str], ...]) -> None:
    assert names_of(inferred(*signals)) == []


@pytest.mark.parametrize(
    ("tokens", "condition"),
    [
        (("apple @win",), os_in({"win"})),
        (("apple @win", "apple @osx"), os_in({"win", "osx"})),
        (("apple @!win",), negate(os_in({"win"}))),
        (("apple @unix",), os_in({"linux", "osx"})),
        (("apple @win", "apple"), ALWAYS),
        (("apple @win", "apple @unix"), ALWAYS),
    ],
)
def test_library_of_some_platforms_is_required_there(tokens: tuple[str, ...], condition: Condition) -> None:
    sources = (("include", token.replace("apple", "apple.h"), "src/a.c") for token in tokens)
    result = inferred(*sources, *(("library", token, "setup.py") for token in tokens))
    assert {one.condition for one in result.value.contributions} == {condition}


def test_library_that_is_named_everywhere_once_is_required_everywhere() -> None:
    result = inferred(INCLUDE, ("library", "apple @win", "setup.py"))
    assert {one.condition for one in result.value.contributions} == {ALWAYS}


def test_library_that_windows_has_itself_is_required_elsewhere() -> None:
    result = inferred(("include", "sql.h", "src/a.c"), ("library", "odbc", "setup.py"))
    assert {one.condition for one in result.value.contributions} == {os_in({"linux", "osx"})}


def test_header_that_is_included_under_conditions_only_is_told() -> None:
    result = inferred(("include", "apple.h ?", "src/a.c"), NAMED, DOCS)
    assert names_of(result) == []
    assert "only under conditions" in told(result, "library-unconfirmed").message


def test_headers_of_the_project_in_a_folder_that_is_called_like_a_library_are_its_own() -> None:
    files: dict[str, str | None] = {"src_c/apple/own.h": None, "src_c/a.c": None}
    result = inferred(("include", "apple/own.h", "src_c/a.c"), files=files)
    assert (result.value, result.diagnostics) == (Libraries(), ())


def test_library_whose_headers_fill_the_source_is_its_own() -> None:
    headers = [f"apple/part{number}.h" for number in range(5)]
    files: dict[str, str | None] = {f"include/{header}": None for header in headers}
    result = inferred(*(("include", header, "src/a.c") for header in headers), NAMED, files=files)
    assert "brings a copy of it (include/apple/part0.h)" in told(result, "library-unconfirmed").message


@pytest.mark.parametrize("signal", [NAMED, ("pkg-config", "apple", "setup.py")])
def test_library_whose_headers_no_source_includes_is_told(signal: tuple[str, str, str]) -> None:
    result = inferred(signal, DOCS, ("include", "other.h", "src/a.c"))
    assert names_of(result) == []
    assert "nothing includes its headers" in told(result, "library-unconfirmed").message


@pytest.mark.parametrize(
    "sources", [("src/a.c", "src/b.c"), ("demo/a.pyx",), ("demo/a.pxd",)], ids=["two sources", "pyx", "pxd"]
)
def test_header_that_much_includes_needs_no_other_evidence(sources: tuple[str, ...]) -> None:
    result = inferred(*(("include", "apple.h", source) for source in sources))
    assert names_of(result) == ["host libapple", "host libapple-extras"]
    assert {one.certainty for one in result.value.contributions} == {Certainty.GUESSED}


@pytest.mark.parametrize(
    "signal",
    [("crate", "zstd-sys", "Cargo.toml"), ("crate", "alsa-sys", "Cargo.lock")],
    ids=["copies", "lock"],
)
def test_crate_that_may_build_its_own_copy_or_be_left_out_is_told(signal: tuple[str, str, str]) -> None:
    assert names_of(inferred(signal)) == []


def test_crate_of_a_lock_file_and_instructions_agree() -> None:
    assert names_of(inferred(("crate", "alsa-sys", "Cargo.lock"), DOCS)) != []
    assert names_of(inferred(("crate", "zstd-sys", "Cargo.toml"), DOCS)) == []


def test_crate_that_is_told_to_build_its_copy_is_one() -> None:
    signals = [("crate", "alsa-sys", "Cargo.toml"), ("vendored-crate", "alsa-sys", "Cargo.toml")]
    assert "copy of it (Cargo.toml:2)" in told(inferred(*signals), "library-unconfirmed").message


def test_library_that_a_required_python_project_brings_is_nothing() -> None:
    pyproject = PYPROJECT.replace('"hatchling>=1.27"', '"hatchling", "apple"')
    assert inferred(INCLUDE, NAMED, files={"pyproject.toml": pyproject}).value == Libraries()


@pytest.mark.parametrize(
    ("folder", "files", "expected"),
    [
        ("src/apple", ("LICENSE", "CMakeLists.txt"), []),
        ("src/apple-1.2", ("COPYING", "configure"), []),
        ("src/plum", ("LICENSE", "CMakeLists.txt"), ["host seed"]),
        ("src/plum", ("LICENSE", "CMakeLists.txt", "README", "ChangeLog"), []),
        ("cpp", ("LICENSE", "CMakeLists.txt", "README", "ChangeLog"), ["host seed"]),
        ("demo", ("LICENSE", "CMakeLists.txt", "README", "ChangeLog"), ["host seed"]),
    ],
)
def test_folder_that_looks_like_another_project_is_a_copy(
    folder: str, files: tuple[str, ...], expected: list[str]
) -> None:
    signals = (("include", "seed.h", f"{folder}/a.c"), ("library", "seed", f"{folder}/CMakeLists.txt"))
    assert names_of(inferred(*signals, files={f"{folder}/{name}": None for name in files})) == expected


WHEEL = ("wheel-link", "apple", "demo-1.2.3-cp311-cp311-manylinux_2_28_x86_64.whl")


def test_wheel_confirms_what_sources_include_under_conditions() -> None:
    assert names_of(inferred(("include", "apple.h ?", "src/a.c"), WHEEL)) != []


def test_wheel_confirms_what_instructions_install_where_no_source_could_include_headers() -> None:
    assert names_of(inferred(DOCS, WHEEL)) != []
    assert names_of(inferred(DOCS, WHEEL, ("include", "other.h", "src/a.c"))) == []


def test_library_that_only_a_wheel_links_is_told() -> None:
    result = inferred(WHEEL)
    assert names_of(result) == []
    assert "a published wheel links it alone" in told(result, "library-unconfirmed").message


def test_header_without_sources_beside_it_is_no_copy() -> None:
    files: dict[str, str | None] = {"include/win/apple.h": None, "src/a.c": None}
    assert names_of(inferred(INCLUDE, NAMED, files=files)) == ["host libapple", "host libapple-extras"]


def test_header_that_the_source_has_is_no_evidence() -> None:
    files: dict[str, str | None] = {"vendor/apple/apple.h": None, "vendor/apple/apple.c": None}
    result = inferred(INCLUDE, NAMED, files=files)
    assert names_of(result) == []
    assert "vendor/apple/apple.h" in told(result, "library-unconfirmed").message


def test_copy_that_nothing_else_names_is_told() -> None:
    result = inferred(INCLUDE, files={"vendor/apple/apple.h": None, "vendor/apple/apple.c": None})
    assert told(result, "library-vendored").origin == "vendor/apple/apple.h"


def test_switch_sets_a_copy_aside_and_is_passed() -> None:
    result = inferred(
        INCLUDE,
        ("switch", "cmake:USE_SYSTEM_APPLE", "CMakeLists.txt"),
        files={"pyproject.toml": CMAKE, "vendor/apple.h": None, "vendor/apple.c": None},
    )
    assert names_of(result) == ["host libapple", "host libapple-extras"]
    assert result.value.switches == (
        Switch(form="cmake", name="USE_SYSTEM_APPLE", value="ON", library="apple", origin="CMakeLists.txt:2"),
    )


@pytest.mark.parametrize(
    ("token", "form", "name", "value"),
    [
        ("meson:system-apple", "meson", "system-apple", "true"),
        ("env:DEMO_USE_SYSTEM_APPLE", "env", "DEMO_USE_SYSTEM_APPLE", "1"),
        ("cmake:BUNDLED_APPLE=OFF", "cmake", "BUNDLED_APPLE", "OFF"),
        ("setup.py:--use-system-apple", "setup.py", "--use-system-apple", ""),
    ],
)
def test_switch_has_the_value_that_its_form_takes(token: str, form: str, name: str, value: str) -> None:
    (switch,) = inferred(INCLUDE, NAMED, ("switch", token, "setup.py")).value.switches
    assert (switch.form, switch.name, switch.value) == (form, name, value)


def test_variable_is_passed_rather_than_an_option_of_setup_py() -> None:
    tokens = ("setup.py:--use-system-apple", "env:USE_SYSTEM_APPLE", "env:SYSTEM_APPLE_LIBDIR")
    result = inferred(INCLUDE, NAMED, *(("switch", token, "setup.py") for token in tokens))
    assert [switch.name for switch in result.value.switches] == ["USE_SYSTEM_APPLE"]


def test_switch_may_call_a_library_by_a_part_of_its_name() -> None:
    result = inferred(INCLUDE, NAMED, ("switch", "env:DEMO_USE_SYSTEM_PPLE", "setup.py"))
    assert [switch.library for switch in result.value.switches] == ["apple"]


def test_switch_of_a_library_that_is_not_required_is_not_passed() -> None:
    result = inferred(("switch", "cmake:USE_SYSTEM_SEED", "CMakeLists.txt"), INCLUDE, NAMED)
    assert result.value.switches == ()


def test_library_that_another_brings_is_not_required() -> None:
    result = inferred(INCLUDE, NAMED, ("library", "seed", "setup.py"), ("install", "seed", "README.md"))
    assert "host seed" not in names_of(result)
    assert "comes with apple" in told(result, "library-unconfirmed").message


def test_brought_library_whose_headers_are_included_is_required() -> None:
    result = inferred(INCLUDE, NAMED, ("library", "seed", "setup.py"), ("include", "seed.h", "src/a.c"))
    assert "host seed" in names_of(result)


def test_program_of_the_build_goes_to_build() -> None:
    result = inferred(("cmake-package", "Press", "CMakeLists.txt"), ("install", "press", "README.md"))
    assert names_of(result) == ["build press"]


def test_library_of_the_system_is_nothing() -> None:
    result = inferred(("include", "ground.h", "a.c"), ("library", "ground", "setup.py"))
    assert (names_of(result), result.diagnostics) == ([], ())


def test_part_that_is_always_built_and_no_distributor_has_needs_what_it_needs() -> None:
    needed = ("pkg-config", "apple", "subprojects/plum/meson.build")
    assert names_of(inferred(needed)) == []
    built = ("vendored-build", "subprojects/plum", "meson.build")
    assert names_of(inferred(needed, built)) == ["host libapple", "host libapple-extras"]
    known = ("pkg-config", "apple", "subprojects/seed-1.2/meson.build")
    assert names_of(inferred(known, ("vendored-build", "subprojects/seed-1.2", "meson.build"))) == []


def test_library_of_a_variant_is_told() -> None:
    result = inferred(("include", "cuda.h", "a.c"), ("library", "cuda", "setup.py"))
    assert names_of(result) == []
    assert "variants" in told(result, "library-unconfirmed").message


def test_library_without_a_package_is_told() -> None:
    result = inferred(("include", "stray.h", "a.c"), ("library", "stray", "setup.py"))
    assert names_of(result) == []
    assert told(result, "library-unnamed").origin == "setup.py:2"


def test_library_that_modules_open_and_instructions_install_is_for_run() -> None:
    pure = Native(is_native=False)
    result = inferred(("dlopen", "apple", "demo/a.py"), DOCS, native=pure)
    assert names_of(result) == ["run libapple", "run libapple-extras"]


def test_library_that_modules_of_a_pure_package_open_is_what_it_is_made_for() -> None:
    result = inferred(("dlopen", "apple", "demo/a.py"), native=Native(is_native=False))
    assert names_of(result) == ["run libapple", "run libapple-extras"]
    assert {one.certainty for one in result.value.contributions} == {Certainty.GUESSED}


@pytest.mark.parametrize(("token", "is_native"), [("apple ?", False), ("apple", True)])
def test_library_that_may_be_opened_is_told(token: str, *, is_native: bool) -> None:
    result = inferred(("dlopen", token, "demo/a.py"), native=Native(is_native=is_native))
    assert names_of(result) == []
    assert "requirements.run" in told(result, "library-unconfirmed").hint


def test_pure_package_links_nothing() -> None:
    result = inferred(INCLUDE, NAMED, DOCS, native=Native(is_native=False))
    assert (result.value, result.diagnostics) == (Libraries(), ())


def test_what_external_does_not_list_is_told_only() -> None:
    line = Contribution(
        section="host",
        spec=MatchSpec(conda_name=CondaName("libapple")),
        certainty=Certainty.DECLARED,
        origins=("pyproject.toml#/external",),
        rule="external",
    )
    external = External(contributions=(line,), is_declared=True)
    result = inferred(
        INCLUDE, NAMED, ("include", "seed.h", "a.c"), ("library", "seed", "setup.py"), external=external
    )
    assert names_of(result) == []
    found = told(result, "library-unconfirmed")
    assert found.message.startswith("seed is not required")
    assert "[external] doesn't list it" in found.message
    assert {one.key: one.is_required for one in result.value.found} == {"apple": True, "seed": False}


def test_headers_that_nothing_explains_are_told_at_once() -> None:
    signals = [("include", f"pear{number}.h", "src/a.c") for number in range(12)]
    found = told(inferred(*signals), "headers-unknown")
    assert found.message.endswith("has 12 headers, such as pear0.h, pear1.h, pear2.h")


@pytest.mark.parametrize(
    "header",
    [
        "numpy/arrayobject.h",
        "pybind11/pybind11.h",
        "demo/own.h",
        "fast_api.h",
        "parser.h",
        "x.pb.h",
        "x.c",
        "sort.dispatch.h",
    ],
)
def test_headers_of_python_and_of_the_project_are_not_told(header: str) -> None:
    files: dict[str, str | None] = {"src/demo/own.h": None, "demo/fast.pyx": None, "src/parser.y": None}
    files |= {"src/sort.dispatch.c.src": None}
    assert inferred(("include", header, "src/a.c"), files=files).diagnostics == ()


def test_programs_that_modules_run_are_told() -> None:
    signals = [("program", name, "demo/a.py") for name in ("ls", "git", "/usr/bin/dot", "python3")]
    scripts = [
        ("program", "svn", path) for path in ("tests/a.py", "tools/a.py", "demo/lite/make.py", "setup.py")
    ]
    result = inferred(*signals, *scripts, native=Native(is_native=False))
    assert told(result, "programs-called").message == "modules run dot, git"
