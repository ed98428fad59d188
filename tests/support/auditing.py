"""Audits of recipes written down in a test, against a source written down in it."""

from collections.abc import Iterable, Mapping

from conda_bridge.checks.audit import audit
from conda_bridge.checks.audit_entries import Audit
from conda_bridge.checks.context import CheckContext
from conda_bridge.formats.document import document_of
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.names import CondaName, NameHit, PypiName
from conda_bridge.model.options import RecipeFormat
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.translate.toolchains import toolchain_table
from support.converting import convert_texts

__all__ = ["CONTEXT", "Names", "audit_text", "release", "v1_recipe"]

CONTEXT = CheckContext(policy=distributor_policy("conda-forge"), toolchains=toolchain_table())

_PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "demo"
version = "1.2.3"
description = "A demonstration"
requires-python = "{python}"
license = "MIT"
license-files = ["LICENSE"]
dependencies = {dependencies}
scripts = {{ {scripts} }}
optional-dependencies = {{ {extras} }}
"""

_RECIPE = """\
schema_version: 1

context:
  version: "1.2.3"

package:
  name: demo
  version: ${{{{ version }}}}

source:
  url: https://pypi.org/packages/source/d/demo/demo-${{{{ version }}}}.tar.gz
  sha256: {sha256}

build:
  number: 0
  {build}

requirements:
  host:
{host}
  run:
{run}

tests:
  - python:
      imports: demo
      python_version: ["${{{{ python_min }}}}.*", "*"]

about:
  homepage: https://demo.example
  summary: A demonstration
  license: {license}
  license_file: {license_file}

extra:
  recipe-maintainers:
    - me
"""


class Names:
    """A NameSource for which both names are equal, but for those of a table (conda -> PyPI)."""

    def __init__(self, renamed: Mapping[str, str] | None = None, *, not_python: Iterable[str] = ()) -> None:
        self._renamed = dict(renamed or {})
        self._not_python = frozenset(not_python)

    def to_conda(self, names: Iterable[PypiName]) -> tuple[NameHit, ...]:
        """Return one hit a name, all of them certain."""
        return tuple(self._hit(name) for name in names)

    def to_pypi(self, name: CondaName) -> tuple[PypiName, ...]:
        """Return the one project, or none for what is no Python package."""
        return () if name in self._not_python else (PypiName(self._renamed.get(name, name)),)

    def _hit(self, name: PypiName) -> NameHit:
        aliases = [CondaName(conda) for conda, pypi in self._renamed.items() if pypi == name]
        candidates = (*aliases, CondaName(name))
        return NameHit(
            pypi_name=name,
            chosen=candidates[0],
            candidates=candidates,
            source="curated",
            confidence="certain",
        )


def release(
    *dependencies: str,
    python: str = ">=3.10",
    scripts: str = "",
    extras: str = "",
    names: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    unknown: frozenset[str] = frozenset(),
) -> Conversion:
    """Return what conda-bridge makes of a release with these dependencies; `names` maps PyPI to conda."""
    pyproject = _PYPROJECT.format(
        dependencies=list(dependencies), python=python, scripts=scripts, extras=extras
    )
    texts = {"pyproject.toml": pyproject, "LICENSE": "MIT License", "src/demo/__init__.py": ""}
    return convert_texts({**texts, **(files or {})}, names=names, unknown=unknown)


def v1_recipe(
    *run: str,
    host: tuple[str, ...] = ("python ${{ python_min }}.*", "hatchling >=1.27", "pip"),
    build: str = "noarch: python",
    about: tuple[str, str] = ("MIT", "LICENSE"),
    python: str = "python >=${{ python_min }}",
) -> str:
    """Return a recipe whose run section has these lines after that of python."""
    return _RECIPE.format(
        sha256="0" * 64,
        build=build,
        host="\n".join(f"    - {line}" for line in host),
        run="\n".join(f"    - {line}" for line in (python, *run)),
        license=about[0],
        license_file=about[1],
    )


def audit_text(
    text: str,
    upstream: Conversion,
    *,
    names: Names | None = None,
    recipe_format: RecipeFormat = "v1",
    ctx: CheckContext = CONTEXT,
) -> Audit:
    """Audit the recipe `demo/recipe.yaml`."""
    document = document_of(text, path="demo/recipe.yaml", recipe_format=recipe_format)
    return audit(document, upstream, ctx=ctx, names=names or Names())
