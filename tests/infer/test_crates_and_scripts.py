"""Details of manifests and scripts of other package managers that decide what a build needs."""

import json

import pytest

from conda_bridge.model.conversion import Conversion
from support.converting import PYPROJECT, convert_texts, output_of, specs_of

MATURIN = PYPROJECT.replace("hatchling>=1.27", "maturin").replace("hatchling.build", "maturin")
PACKAGE = "[package]\nname = 'demo'\n"
HOOK = """
[tool.hatch.build.hooks.hatch-js]
path = "js"
"""


def build_of(manifest: str, **others: str) -> list[str]:
    texts: dict[str, str | None] = {"pyproject.toml": MATURIN, "Cargo.toml": manifest, **others}
    return specs_of(convert_texts(texts), "build")


def lines_of(conversion: Conversion) -> list[str]:
    return [line.command for line in output_of(conversion).script.lines]


def test_crate_is_known_by_its_own_name_and_not_by_its_alias() -> None:
    renamed = f"{PACKAGE}[dependencies]\ntls = {{ package = 'openssl', features = ['vendored'] }}\n"
    other = f"{PACKAGE}[dependencies]\nopenssl = {{ package = 'demo-tls', features = ['vendored'] }}\n"
    assert {"make", "perl"} <= set(build_of(renamed))
    assert not {"make", "perl"} & set(build_of(other))


def test_optional_crate_is_turned_on_by_its_alias() -> None:
    manifest = (
        f"{PACKAGE}[features]\ndefault = ['dep:tls', 'tls/vendored']\n"
        "[dependencies]\ntls = { package = 'openssl', optional = true }\n"
    )
    assert "perl" in build_of(manifest)
    assert "perl" not in build_of(manifest.replace("'dep:tls', 'tls/vendored'", ""))


@pytest.mark.parametrize(("excluded", "where"), [("'rust'", "cd rust"), ("'other'", "")])
def test_crate_that_a_workspace_excludes_is_looked_at_by_itself(excluded: str, where: str) -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": f"{MATURIN}[tool.maturin]\nmanifest-path = 'rust/Cargo.toml'\n",
        "Cargo.toml": f"[workspace]\nexclude = [{excluded}]\n",
        "rust/Cargo.toml": PACKAGE,
    }
    lines = lines_of(convert_texts(texts))
    assert ("cd rust" in lines) == bool(where)


@pytest.mark.parametrize(
    ("name", "is_run"), [("build:bind", True), ("dev:build", False), ("build:watch", False)]
)
def test_scripts_of_developers_are_no_part_of_a_build(name: str, *, is_run: bool) -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": PYPROJECT.replace('"hatchling>=1.27"', '"hatchling", "hatch-js"') + HOOK,
        "js/package.json": json.dumps({"scripts": {name: "wasm-bindgen x.wasm --out-dir y"}}),
        "demo/__init__.py": "",
    }
    output = output_of(convert_texts(texts))
    every = {str(one.spec) for one in (*output.requirements.build, *output.requirements.host)}
    assert ("wasm-bindgen-cli" in every) is is_run


def test_crate_inherits_its_features_and_its_folder_from_the_workspace() -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": f"{MATURIN}[tool.maturin]\nmanifest-path = 'crates/py/Cargo.toml'\n",
        "Cargo.toml": (
            "[workspace]\nmembers = ['crates/*']\n[workspace.dependencies]\n"
            "tls = { package = 'openssl', features = ['vendored'] }\ninner = { path = 'crates/inner' }\n"
        ),
        "crates/py/Cargo.toml": f"{PACKAGE}[dependencies]\ntls.workspace = true\ninner = {{ workspace = true }}\n",
        "crates/inner/Cargo.toml": "[package]\nname = 'inner'\n[build-dependencies]\nprost-build = '1'\n",
    }
    assert {"perl", "libprotobuf"} <= set(specs_of(convert_texts(texts), "build"))


def test_optional_crate_is_turned_on_by_one_of_its_features() -> None:
    manifest = f"{PACKAGE}[features]\ndefault = ['openssl/vendored']\n[dependencies]\nopenssl = {{ version = '1', optional = true }}\n"
    assert "perl" in build_of(manifest)
    assert "perl" not in build_of(manifest.replace("openssl/", "openssl?/"))
