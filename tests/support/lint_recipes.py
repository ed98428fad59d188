"""Recipes without any lint, one of each shape, and their diagnosis: rules are tested with the smallest edit of one."""

from collections.abc import Iterable

from conda_bridge.checks.context import Check, CheckContext, ForgeConfig
from conda_bridge.formats.document import RecipeDocument, document_of
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.options import RecipeFormat
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.translate.toolchains import toolchain_table

__all__ = ["CLEAN", "clean_document", "context", "diagnose", "edited", "line_of", "recipe_format_of"]

_V1_TAIL = """
about:
  homepage: https://example.org/demo
  summary: One line, no trailing period
  license: BSD-3-Clause
  license_file: LICENSE

extra:
  recipe-maintainers:
    - someone
"""
_V0_TAIL = _V1_TAIL.replace("homepage:", "home:")
_SOURCE = """source:
  url: https://example.org/demo.tar.gz
  sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
"""
_V1_HEAD = f"""schema_version: 1

context:
  name: demo
  version: "1.2.3"

package:
  name: demo
  version: ${{{{ version }}}}

{_SOURCE}
"""
_V0_HEAD = f"""{{% set name = "demo" %}}
{{% set version = "1.2.3" %}}

package:
  name: demo
  version: {{{{ version }}}}

{_SOURCE}
"""

CLEAN: dict[str, str] = {
    "v1-noarch": _V1_HEAD
    + """build:
  number: 0
  noarch: python
  script: ${{ PYTHON }} -m pip install .

requirements:
  host:
    - python ${{ python_min }}.*
    - hatchling >=1.27
    - pip
  run:
    - python >=${{ python_min }}
    - requests >=2.31
    - tomli

tests:
  - python:
      imports:
        - demo
      pip_check: true
      python_version:
        - ${{ python_min }}.*
        - "*"
"""
    + _V1_TAIL,
    "v1-arch": _V1_HEAD
    + """build:
  number: 0
  skip: match(python, "<3.11")
  script: ${{ PYTHON }} -m pip install .

requirements:
  build:
    - if: build_platform != target_platform
      then:
        - python
        - cross-python_${{ target_platform }}
    - ${{ compiler('c') }}
    - ${{ stdlib('c') }}
  host:
    - python
    - pip
    - setuptools
    - zlib
  run:
    - python
  run_constraints:
    - scipy >=1.10

tests:
  - python:
      imports:
        - demo
"""
    + _V1_TAIL,
    "v1-abi3": _V1_HEAD
    + """build:
  number: 0
  skip: is_abi3 and not is_python_min
  script: ${{ PYTHON }} -m pip install .
  python:
    version_independent: ${{ is_abi3 }}

requirements:
  build:
    - if: build_platform != target_platform
      then:
        - python
        - cross-python_${{ target_platform }}
    - ${{ compiler('c') }}
    - ${{ stdlib('c') }}
  host:
    - if: is_abi3
      then: python-abi3
    - python
    - pip
    - setuptools
  run:
    - python

tests:
  - python:
      imports:
        - demo
      python_version:
        - if: is_abi3
          then: ${{ python_min }}.*
        - "*"
  - if: is_abi3
    then:
      requirements:
        run:
          - abi3audit
      script:
        - abi3audit $SP_DIR/demo.abi3.so
"""
    + _V1_TAIL,
    "v1-outputs": _V1_HEAD.replace("package:", "recipe:")
    + """build:
  number: 0

outputs:
  - package:
      name: libdemo
    requirements:
      build:
        - ${{ compiler('c') }}
        - ${{ stdlib('c') }}
      run_exports:
        - ${{ pin_subpackage('libdemo', upper_bound='x.x') }}
    tests:
      - package_contents:
          lib:
            - demo
  - package:
      name: pydemo
    build:
      noarch: python
    requirements:
      host:
        - python ${{ python_min }}.*
        - setuptools
        - pip
      run:
        - python >=${{ python_min }}
        - ${{ pin_subpackage('libdemo') }}
    tests:
      - python:
          imports:
            - demo
          python_version:
            - ${{ python_min }}.*
            - "*"
"""
    + _V1_TAIL,
    "v0-noarch": _V0_HEAD
    + """build:
  number: 0
  noarch: python
  script: {{ PYTHON }} -m pip install .

requirements:
  host:
    - python {{ python_min }}
    - hatchling >=1.27
    - pip
  run:
    - python >={{ python_min }}
    - requests >=2.31
    - tomli

test:
  imports:
    - demo
  commands:
    - pip check
  requires:
    - pip
    - python {{ python_min }}
"""
    + _V0_TAIL,
    "v0-arch": _V0_HEAD
    + """build:
  number: 0
  skip: true  # [py<311]
  script: {{ PYTHON }} -m pip install .
  run_exports:
    - {{ pin_subpackage(name, max_pin="x.x") }}

requirements:
  build:
    - python  # [build_platform != target_platform]
    - cross-python_{{ target_platform }}  # [build_platform != target_platform]
    - {{ compiler('c') }}
    - {{ stdlib('c') }}
  host:
    - python
    - pip
    - setuptools
    - zlib
  run:
    - python
    - {{ pin_compatible('zlib') }}
  run_constrained:
    - scipy >=1.10

test:
  imports:
    - demo
  requires:
    - pip
"""
    + _V0_TAIL,
    "v0-abi3": _V0_HEAD
    + """build:
  number: 0
  skip: true  # [is_abi3 and not is_python_min]
  script: {{ PYTHON }} -m pip install .
  python_version_independent: true

requirements:
  build:
    - {{ compiler('c') }}
    - {{ stdlib('c') }}
  host:
    - python-abi3
    - python
    - pip
    - setuptools
  run:
    - python

test:
  imports:
    - demo
  commands:
    - abi3audit $SP_DIR/demo.abi3.so
  requires:
    - abi3audit
"""
    + _V0_TAIL,
    "v0-outputs": _V0_HEAD
    + """build:
  number: 0

outputs:
  - name: libdemo
    script: build.sh
    requirements:
      build:
        - {{ compiler('c') }}
        - {{ stdlib('c') }}
      host:
        - zlib
    test:
      commands:
        - test -f $PREFIX/lib/libdemo.so
  - name: pydemo
    script: build-py.sh
    build:
      noarch: python
    requirements:
      host:
        - python {{ python_min }}
        - setuptools
        - pip
      run:
        - python >={{ python_min }}
        - {{ pin_subpackage('libdemo', exact=True) }}
    test:
      imports:
        - demo
      requires:
        - python {{ python_min }}
"""
    + _V0_TAIL,
}


def recipe_format_of(shape: str) -> RecipeFormat:
    """Return the format of one of the recipes."""
    return "v1" if shape.startswith("v1") else "v0"


def edited(shape: str, *edits: tuple[str, str]) -> str:
    """Return a recipe with each first text, which it must have, replaced by the second, once."""
    text = CLEAN[shape]
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def line_of(text: str, part: str) -> int:
    """Return the number of the first line that has `part`."""
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


def clean_document(text: str, recipe_format: RecipeFormat) -> RecipeDocument:
    """Return the document of a text, under the file's usual name."""
    name = "recipe.yaml" if recipe_format == "v1" else "meta.yaml"
    return document_of(text, path=name, recipe_format=recipe_format)


def context(
    *,
    files: tuple[tuple[str, str], ...] = (),
    skip: str = "",
    noarch_platforms: tuple[str, ...] = (),
    is_feedstock: bool = False,
) -> CheckContext:
    """Return the surroundings of a recipe for conda-forge."""
    return CheckContext(
        policy=distributor_policy("conda-forge"),
        toolchains=toolchain_table(),
        files=files,
        forge=ForgeConfig(skip=frozenset({skip} - {""}), noarch_platforms=noarch_platforms),
        is_feedstock=is_feedstock,
    )


def diagnose(
    text: str, recipe_format: RecipeFormat, rules: Iterable[Check], ctx: CheckContext | None = None
) -> tuple[Diagnostic, ...]:
    """Return what some rules find in a text."""
    document = clean_document(text, recipe_format)
    return tuple(found for rule in rules for found in rule(document, ctx or context()))
