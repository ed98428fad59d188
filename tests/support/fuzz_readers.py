"""Every reader of strangers' text, with good inputs to start from, for fuzzing."""

import io
import json
from pathlib import Path

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from conda_bridge.archives.wheels import read_wheel_metadata
from conda_bridge.checks.context import CheckContext
from conda_bridge.checks.rules import run_checks
from conda_bridge.config import read_file
from conda_bridge.formats.document import document_of
from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v0 import read_v0, render_v0
from conda_bridge.formats.v0_restrict import restrict
from conda_bridge.formats.v1 import read_v1
from conda_bridge.formats.v1_conditions import condition_text
from conda_bridge.infer.project.merge import read_specifiers
from conda_bridge.infer.project.requirements import read_requirements
from conda_bridge.infer.project.statements import RequirementLine
from conda_bridge.model.names import pypi_name
from conda_bridge.model.options import RecipeFormat
from conda_bridge.model.source import ArchiveRef, LocalOrigin, SourceFacts
from conda_bridge.sources.pages import parse_page
from conda_bridge.sources.raw_pages import Page
from conda_bridge.sources.reading import facts_of_archive
from conda_bridge.translate.depurls import normalised, parse_depurl
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.translate.external_documents import parse_external_document
from conda_bridge.translate.markers import from_condition, to_condition
from conda_bridge.translate.match_specs import from_conda_spec, parse_match_spec
from conda_bridge.translate.toolchains import toolchain_table
from conda_bridge.translate.versions import python_condition, to_conda_spec
from conda_bridge.workflows.codec import dumps, loads
from conda_bridge.workflows.documents import Report
from conda_bridge.workflows.report import report_of
from support.archives import gz, tar_bytes, wheel_bytes, zip_bytes
from support.converting import convert_facts
from support.fuzz_archives import any_archive, any_wheel
from support.fuzz_builds import BUILD_READERS
from support.fuzz_libraries import LIBRARY_READERS
from support.fuzz_metadata import METADATA_READERS, WORDS, text_of
from support.fuzz_packages import PACKAGE_READERS
from support.fuzz_scanners import SCANNER_READERS
from support.fuzz_trees import json_trees, toml_trees, yaml_trees
from support.fuzzing import Reader
from support.hostile import core_metadata, members_of, pyproject
from support.samples import CONVERSION, FACTS
from support.skeletons import SKELETONS
from support.trees import facts_of_texts

__all__ = ["READERS"]

# ---------------------------------------------------------------- archives


def _read_archive(data: bytes, folder: Path) -> object:
    path = folder / "demo-1.0.tar.gz"
    path.write_bytes(data)
    origin = LocalOrigin(path=str(path), sha256="0" * 64)
    return facts_of_archive(str(path), ref=ArchiveRef(text=str(path), path=str(path)), origin=origin)


def _archives() -> tuple[bytes, ...]:
    members = members_of()
    files = [(info.name, content) for info, content in members]
    tar = tar_bytes(members)
    return (
        gz(tar),
        tar,
        zip_bytes(files),
        zip_bytes([*files, *((f"demo-1.0/d/{n}", b"x") for n in range(9))]),
    )


def _read_wheel(data: bytes, _folder: Path) -> object:
    return read_wheel_metadata(io.BytesIO(data), size_bytes=len(data))


# ---------------------------------------------------------------- requirements


def _read_marker(data: bytes, _folder: Path) -> object:
    text = text_of(data)
    sets = read_requirements((RequirementLine(text=f"a; {text}", origin="x"),), ())
    for declared in sets.dependencies:
        if declared.requirement.marker is not None:
            from_condition(to_condition(declared.requirement.marker).value)
    try:
        marker = Marker(text)
    except (InvalidMarker, RecursionError):
        return None
    for extras in (frozenset[str](), frozenset({"x"})):
        condition_text(to_condition(marker, extras=extras).value)
    return None


def _read_specifier(data: bytes, _folder: Path) -> object:
    text = text_of(data)
    found = read_specifiers(text)
    if found is not None:
        to_conda_spec(found, style="exact")
        to_conda_spec(found, style="recipe")
        python_condition(found)
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        assert found is None or "*" in text
    return parse_match_spec(text), from_conda_spec(text)


def _read_depurl(data: bytes, _folder: Path) -> object:
    dep = parse_depurl(normalised(text_of(data))[0])
    assert parse_depurl(str(dep)) == dep
    return dep


# ---------------------------------------------------------------- recipes and documents

_MAPPING = json.dumps(
    {
        "mappings": [
            {"id": "dep:generic/zlib", "specs": {"build": [], "host": "zlib >=1", "run": ["zlib"]}},
            {"id": "pkg:generic/libz", "specs_from": "dep:generic/zlib"},
            {"id": "dep:virtual/compiler/c", "specs": ["${{ compiler('c') }}"]},
        ],
    }
)
_REGISTRY = json.dumps({"definitions": [{"id": "dep:github/a/B", "provides": ["dep:generic/zlib"]}]})


def _read_mapping(data: bytes, _folder: Path) -> object:
    return parse_external_document(text_of(data), where="x.json")


def _read_recipe(recipe_format: RecipeFormat) -> Reader:
    context = CheckContext(policy=distributor_policy("conda-forge"), toolchains=toolchain_table())

    def read(data: bytes, _folder: Path) -> object:
        text = data.decode("utf-8", "surrogateescape" if data.startswith(b"\xff") else "replace")
        document = document_of(text, path="recipe.yaml", recipe_format=recipe_format)
        run_checks(document, context)
        return read_v1(text) if recipe_format == "v1" else read_v0(text)

    return Reader(
        name=f"recipe-{recipe_format}",
        seeds=_recipes_v1 if recipe_format == "v1" else _recipes_v0,
        read=read,
        tokens=_RECIPE_TOKENS,
        make=yaml_trees(*SKELETONS.values()) if recipe_format == "v1" else None,
    )


def _recipes_v1() -> tuple[bytes, ...]:
    return tuple(text.encode() for text in SKELETONS.values())


def _recipes_v0() -> tuple[bytes, ...]:
    environment = template_environment()
    recipes = (restrict(read_v1(text)).recipe for text in SKELETONS.values())
    return tuple(render_v0(recipe, environment=environment).encode() for recipe in recipes)


_RECIPE_TOKENS = (
    b"${{ version }}", b"{{ version }}", b"{% set x = 1 %}", b"{%- if x %}", b"{% endif %}", b"  # [win]", b"# [not (",
    b"if: win\n", b"then:\n", b"else: ", b"&a", b"*a", b"<<: *a", b"!!python/object:x", b"--- ", b"...", b"? ", b"| \n",
    b">-\n", b"- ", b"  ", b"requirements:\n", b"run:\n", b"match(python, '<3')", b"${{ env.get('X') }}", b"pin_subpackage(",
    b"compiler('c')", b" not ", b" and ", b"py<", b"outputs:\n  - package:\n      name: x\n", b"skip: true",
)  # fmt: skip


def _read_facts(data: bytes, _folder: Path) -> object:
    facts = loads(text_of(data), SourceFacts, where="x.facts.json")
    return convert_facts(facts)


def _facts() -> tuple[bytes, ...]:
    texts = {
        "PKG-INFO": core_metadata("Requires-Dist: a"),
        "pyproject.toml": pyproject(),
        "LICENSE": "MIT",
        "demo.py": "",
    }
    return dumps(facts_of_texts(texts, label="demo-1.0.tar.gz"), SourceFacts).encode(), dumps(
        FACTS, SourceFacts
    ).encode()


def _read_page(data: bytes, _folder: Path) -> object:
    kind = "text/html" if data[:1] == b"<" else "application/vnd.pypi.simple.v1+json"
    return parse_page(
        Page(url="https://x.example/simple/demo/", content_type=kind, body=data),
        name=pypi_name("demo"),
        index_url="x",
    )


def _pages() -> tuple[bytes, ...]:
    file = {
        "filename": "demo-1.0.tar.gz", "url": "../../demo-1.0.tar.gz", "hashes": {"sha256": "0" * 64}, "size": 1,
        "requires-python": ">=3.9", "core-metadata": {"sha256": "1" * 64}, "yanked": "bad", "upload-time": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    page = {
        "meta": {"api-version": "1.4", "project-status": "archived"},
        "name": "demo",
        "files": [file, file],
    }
    html = (
        '<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.1"><base href="https://y/"></head><body>'
        f'<a href="../demo-1.0.tar.gz#sha256={"0" * 64}" data-requires-python="&gt;=3" data-yanked="">demo-1.0.tar.gz</a></body></html>'
    )
    return json.dumps(page).encode(), html.encode()


def _read_config(data: bytes, folder: Path) -> object:
    path = folder / "conda-bridge.toml"
    path.write_bytes(data)
    return read_file(path)


_CONFIG = b"""\
index-urls = ["https://x.example/simple"]
offline = true
maintainers = ["me"]
watched-names = ["numpy"]
[names.pypi-to-conda]
torch = "pytorch"
shim = ""
[package.demo]
noarch = false
python-min = "3.11"
[package.demo.config-settings]
"cmake.args" = "-DX=1"
[package.demo.run]
add = ["a >=1"]
remove = ["b"]
"""

READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        Reader(name="archive", seeds=_archives, read=_read_archive, make=any_archive),
        Reader(name="wheel", seeds=lambda: (wheel_bytes("demo", "1.0"),), read=_read_wheel, make=any_wheel),
        *LIBRARY_READERS,
        *METADATA_READERS,
        Reader(
            name="marker",
            seeds=lambda: (
                b'python_version < "3.11" and (os_name == "nt" or extra == "x")',
                b'"linux" in sys_platform and platform_machine not in "arm64 aarch64"',
            ),
            read=_read_marker,
            tokens=WORDS,
        ),
        Reader(
            name="specifier",
            seeds=lambda: (
                b">=1.2,<2,!=1.5.*",
                b"~=1.4.2",
                b"===1.0",
                b"1!2.0",
                b"a >=1,<2|>3 py*_0",
                b"c::a[version='>=1']",
            ),
            read=_read_specifier,
            tokens=WORDS,
        ),
        Reader(
            name="depurl",
            seeds=lambda: (b"dep:npm/%40a/b@>=1.2,<2?x=y#z", b"virtual:compiler/cpp", b"pkg:generic/gmp@1!6"),
            read=_read_depurl,
            tokens=WORDS,
        ),
        Reader(
            name="mapping",
            seeds=lambda: (_MAPPING.encode(), _REGISTRY.encode()),
            read=_read_mapping,
            tokens=WORDS,
            make=json_trees(_MAPPING, _REGISTRY),
        ),
        _read_recipe("v1"),
        _read_recipe("v0"),
        *PACKAGE_READERS,
        *SCANNER_READERS,
        *BUILD_READERS,
        Reader(
            name="facts",
            seeds=_facts,
            read=_read_facts,
            make=json_trees(*(seed.decode() for seed in _facts())),
        ),
        Reader(
            name="report",
            seeds=lambda: (dumps(report_of(CONVERSION), Report).encode(),),
            read=lambda data, _folder: loads(text_of(data), Report, where="x.bridge.json"),
            make=json_trees(dumps(report_of(CONVERSION), Report)),
        ),
        Reader(
            name="index-page",
            seeds=_pages,
            read=_read_page,
            make=json_trees(_pages()[0].decode()),
            tokens=(b"<a href=", b"data-yanked", b"&#x0;", b"file:///"),
        ),
        Reader(
            name="config",
            seeds=lambda: (_CONFIG,),
            read=_read_config,
            tokens=WORDS,
            make=toml_trees(_CONFIG.decode()),
        ),
    )
}
"""By name."""
