"""Switches and the user's settings -> what a recipe's script says."""

import pytest

from conda_bridge.config.overrides import read_overrides
from conda_bridge.infer.libraries.result import Switch
from conda_bridge.infer.native import Native
from conda_bridge.infer.scan.switches import SwitchForm
from conda_bridge.infer.script import infer_script
from conda_bridge.model.condition import ALWAYS, CROSS, negate, os_in
from conda_bridge.model.evidence import Inferred
from conda_bridge.model.overrides import NO_OVERRIDES, PackageOverrides
from conda_bridge.model.recipe import Script
from support.converting import context_of, convert_texts, output_of
from support.trees import facts_of_texts

PIP = "${{ PYTHON }} -m pip install . -vv --no-deps --no-build-isolation"
UNIX = os_in({"linux", "osx"})
BACKENDS = {
    "setuptools": "setuptools.build_meta",
    "scikit-build-core": "scikit_build_core.build",
    "scikit-build": "skbuild.build",
    "meson-python": "mesonpy",
}


def pyproject(backend: str) -> str:
    return (
        f'[build-system]\nrequires = ["{backend}"]\nbuild-backend = "{BACKENDS.get(backend, backend)}"\n'
        '[project]\nname = "demo"\nversion = "1.2.3"\n'
    )


def switch(form: SwitchForm, name: str, value: str = "ON") -> Switch:
    return Switch(form=form, name=name, value=value, library="zlib", origin="CMakeLists.txt:3")


def script_of(
    backend: str, *switches: Switch, wanted: PackageOverrides = NO_OVERRIDES, setup: str = ""
) -> Inferred[Script]:
    facts = facts_of_texts({"pyproject.toml": pyproject(backend), "setup.py": setup}, label="demo-1.2.3")
    ctx = context_of(facts, overrides=wanted)
    return infer_script(ctx, Native(is_native=True, compilers=("c",)), "1.2.3", switches)


def commands_of(inferred: Inferred[Script]) -> list[str]:
    return [line.command for line in inferred.value.lines]


@pytest.mark.parametrize(
    ("backend", "given", "expected"),
    [
        ("scikit-build-core", switch("cmake", "USE_SYSTEM_ZLIB"), "-C cmake.define.USE_SYSTEM_ZLIB=ON"),
        (
            "setuptools",
            switch("setup.py", "--use-system-zlib", ""),
            '-C "--build-option=build_ext --use-system-zlib"',
        ),
    ],
)
def test_switch_reaches_the_build_through_pip(backend: str, given: Switch, expected: str) -> None:
    assert commands_of(script_of(backend, given)) == [f"{PIP} {expected}"]


def test_switch_of_meson_reaches_every_line_that_builds() -> None:
    script = script_of("meson-python", switch("meson", "system-zlib", "true"))

    line = f"{PIP} -C setup-args=-Dsystem-zlib=true"
    assert [(one.command, one.condition) for one in script.value.lines] == [
        (f"{line} -Csetup-args=${{MESON_ARGS// / -Csetup-args=}}", CROSS),
        (line, negate(CROSS)),
    ]


def test_switch_of_a_variable_is_set_for_the_build() -> None:
    script = script_of("setuptools", switch("env", "DEMO_USE_SYSTEM_ZLIB", "1"))

    assert script.value.env == (("DEMO_USE_SYSTEM_ZLIB", "1"),)
    assert commands_of(script) == [PIP]


@pytest.mark.parametrize(
    ("backend", "setup"), [("scikit-build", ""), ("setuptools", "args = os.environ['CMAKE_ARGS']\n")]
)
def test_switches_of_cmake_join_the_arguments_that_the_compilers_set(backend: str, setup: str) -> None:
    script = script_of(
        backend, switch("cmake", "USE_SYSTEM_ZLIB"), switch("cmake", "BUNDLED_X", "OFF"), setup=setup
    )

    *before, last = script.value.lines
    assert [(line.command, line.condition) for line in before] == [
        ('export CMAKE_ARGS="$CMAKE_ARGS -DUSE_SYSTEM_ZLIB=ON -DBUNDLED_X=OFF"', UNIX),
        ('set "CMAKE_ARGS=%CMAKE_ARGS% -DUSE_SYSTEM_ZLIB=ON -DBUNDLED_X=OFF"', negate(UNIX)),
    ]
    assert (last.command, last.condition) == (PIP, ALWAYS)


@pytest.mark.parametrize(
    ("backend", "given"),
    [
        ("setuptools", switch("cmake", "USE_SYSTEM_ZLIB")),
        ("setuptools", switch("meson", "system-zlib")),
        ("scikit-build-core", switch("setup.py", "--use-system-zlib", "")),
        ("scikit-build-core", switch("cmake", "USE_$(id)")),
        ("scikit-build-core", switch("cmake", "USE_ZLIB", 'ON" & calc')),
        ("setuptools", switch("env", "A-B", "1")),
        ("unheard-of", switch("setup.py", "--x", "")),
    ],
)
def test_switch_that_nothing_passes_on_is_told(backend: str, given: Switch) -> None:
    script = script_of(backend, given)

    assert (commands_of(script), script.value.env) == ([PIP], ())
    (told,) = (d for d in script.diagnostics if d.slug == "switch-not-passed")
    assert told.origin == "CMakeLists.txt:3"


def test_script_with_a_switch_says_where_it_was_seen() -> None:
    script = script_of("scikit-build-core", switch("cmake", "USE_SYSTEM_ZLIB"))

    assert any("CMakeLists.txt:3" in one.origins for one in script.evidence)


@pytest.mark.parametrize(
    ("backend", "given", "settings"),
    [
        (
            "scikit-build-core",
            switch("cmake", "USE_ZLIB"),
            {"config-settings": {"cmake.define.USE_ZLIB": "OFF"}},
        ),
        (
            "scikit-build-core",
            switch("cmake", "USE_ZLIB"),
            {"config-settings": {"cmake.args": ["-DUSE_ZLIB=OFF"]}},
        ),
        (
            "meson-python",
            switch("meson", "zlib"),
            {"config-settings": {"setup-args": ["-Da=b", "-Dzlib=no"]}},
        ),
        ("setuptools", switch("env", "USE_ZLIB", "1"), {"env": {"USE_ZLIB": "0"}}),
        (
            "setuptools",
            switch("setup.py", "--system-zlib", ""),
            {"config-settings": {"--build-option": "build_ext --system-zlib=no"}},
        ),
    ],
)
def test_user_who_sets_it_decides(backend: str, given: Switch, settings: dict[str, object]) -> None:
    wanted = read_overrides({"demo": settings})[0]

    assert script_of(backend, given, wanted=wanted).value == script_of(backend, wanted=wanted).value


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"cmake.define.X": "ON"}, "-C cmake.define.X=ON"),
        (
            {"cmake": {"define": {"X": "ON"}, "args": ["-A", "-B"]}},
            "-C cmake.define.X=ON -C cmake.args=-A -C cmake.args=-B",
        ),
        ({"setup-args": ["-Da=1", "-Db=two words"]}, '-C setup-args=-Da=1 -C "setup-args=-Db=two words"'),
        ({"--build-option": "build_ext --x"}, '-C "--build-option=build_ext --x"'),
    ],
)
def test_settings_are_written_as_pip_reads_them(settings: dict[str, object], expected: str) -> None:
    wanted = read_overrides({"demo": {"config-settings": settings}})[0]

    assert commands_of(script_of("setuptools", wanted=wanted)) == [f"{PIP} {expected}"]


def test_settings_reach_every_line_that_builds() -> None:
    wanted = read_overrides({"demo": {"config-settings": {"setup-args": "-Dx=1"}}})[0]

    assert all(
        "-C setup-args=-Dx=1" in line for line in commands_of(script_of("meson-python", wanted=wanted))
    )


def test_licences_of_several_crates_have_files_of_their_own() -> None:
    setup = (
        'setup(rust_extensions=[RustExtension("demo.a", path="a/Cargo.toml"),\n'
        '  RustExtension("demo.b", "b/Cargo.toml")])\n'
    )
    texts = {
        "pyproject.toml": pyproject("setuptools").replace(
            '"setuptools"]', '"setuptools", "setuptools-rust"]'
        ),
        "setup.py": setup,
        "a/Cargo.toml": '[package]\nname = "a"\n',
        "b/Cargo.toml": '[package]\nname = "b"\n',
        "demo/__init__.py": "",
        "LICENSE": "",
    }

    output = output_of(convert_texts(dict(texts)))

    gather = "cargo-bundle-licenses --format yaml --output"
    assert [line.command for line in output.script.lines[:-1]] == [
        "cd a", f"{gather} ../THIRDPARTY.yml", "cd ..", "cd b", f"{gather} ../THIRDPARTY-2.yml", "cd ..",
    ]  # fmt: skip
    assert output.about.license_files == ("LICENSE", "THIRDPARTY.yml", "THIRDPARTY-2.yml")


def test_crate_of_a_workspace_is_looked_at_from_its_root() -> None:
    texts = {
        "pyproject.toml": pyproject("maturin") + '[tool.maturin]\nmanifest-path = "crates/py/Cargo.toml"\n',
        "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n',
        "crates/py/Cargo.toml": '[package]\nname = "demo"\n',
        "LICENSE": "",
    }

    lines = [line.command for line in output_of(convert_texts(dict(texts))).script.lines]

    assert lines[0] == "cargo-bundle-licenses --format yaml --output THIRDPARTY.yml"


def test_licences_of_a_go_module_are_saved_beside_the_source() -> None:
    texts = {
        "pyproject.toml": pyproject("setuptools").replace(
            '"setuptools"]', '"setuptools", "setuptools-golang"]'
        ),
        "setup.py": 'setup(ext_modules=[Extension("demo", ["x/demo.go"])], build_golang={"root": "example/x"})\n',
        "x/go.mod": "module example/x\n",
        "LICENSE": "",
    }

    output = output_of(convert_texts(dict(texts)))

    assert [line.command for line in output.script.lines[:-1]] == [
        "cd x", "go-licenses save . --save_path ../library_licenses/", "cd ..",
    ]  # fmt: skip
    assert output.about.license_files == ("LICENSE", "library_licenses/")
