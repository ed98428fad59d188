"""One recipe of each kind as conda-forge's reviewers like them, as texts that the v1 writer must reproduce."""

__all__ = ["SKELETONS", "skeleton"]

_FRAME = """\
schema_version: 1

context:
  version: "1.2.3"
{context}
package:
  name: demo
  version: ${{{{ version }}}}

source:
  url: https://example.org/packages/source/d/demo/demo-${{{{ version }}}}.tar.gz
  sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

build:
  number: 0
{build}
requirements:
{requirements}
tests:
{tests}
about:
  homepage: https://example.org/demo
  summary: One line, no trailing period
  license: BSD-3-Clause
{license_file}
  repository: https://example.org/demo.git
  documentation: https://demo.example.org

extra:
  recipe-maintainers:
    - someone
"""

_PIP = "  script: ${{ PYTHON }} -m pip install . -vv --no-deps --no-build-isolation\n"
_RUST = """\
  script:
    - cargo-bundle-licenses --format yaml --output THIRDPARTY.yml
    - ${{ PYTHON }} -m pip install . -vv --no-deps --no-build-isolation
"""
_IMPORT = """\
  - python:
      imports:
        - demo
      pip_check: true
"""
_ONE_LICENSE = "  license_file: LICENSE"
_TWO_LICENSES = "  license_file:\n    - LICENSE\n    - THIRDPARTY.yml"


def skeleton(
    requirements: str,
    *,
    context: str = "",
    build: str = _PIP,
    tests: str = _IMPORT,
    license_file: str = _ONE_LICENSE,
) -> str:
    """Return the frame with these sections."""
    return _FRAME.format(
        context=context, build=build, requirements=requirements, tests=tests, license_file=license_file
    )


_NOARCH = skeleton(
    """\
  host:
    - python ${{ python_min }}.*
    - hatchling >=1.27
    - pip
  run:
    - python >=${{ python_min }}
    - requests >=2.31
""",
    build=f"""\
  noarch: python
{_PIP}\
  python:
    entry_points:
      - demo = demo.cli:main
""",
    tests="""\
  - python:
      imports:
        - demo
      pip_check: true
      python_version:
        - ${{ python_min }}.*
        - "*"
  - requirements:
      run:
        - python ${{ python_min }}.*
    script:
      - demo --help
""",
)

_C = """\
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
    - setuptools >=61
  run:
    - python
"""

_CYTHON = """\
  build:
    - if: build_platform != target_platform
      then:
        - python
        - cross-python_${{ target_platform }}
        - cython >=3
        - numpy
    - ${{ compiler('c') }}
    - ${{ compiler('cxx') }}
    - ${{ stdlib('c') }}
  host:
    - python
    - pip
    - setuptools >=61
    - cython >=3
    - numpy
  run:
    - python
    - scipy
"""

_MATURIN = """\
  build:
    - if: build_platform != target_platform
      then:
        - python
        - cross-python_${{ target_platform }}
        - maturin >=1,<2
    - ${{ compiler('c') }}
    - ${{ compiler('rust') }}
    - ${{ stdlib('c') }}
    - cargo-bundle-licenses
  host:
    - python
    - pip
    - maturin >=1,<2
  run:
    - python
"""

_ABI3 = skeleton(
    _MATURIN.replace("  host:\n", "  host:\n    - if: is_abi3\n      then: python-abi3\n"),
    build=f"""\
  skip: is_abi3 and not is_python_min
{_RUST}\
  python:
    version_independent: ${{{{ is_abi3 }}}}
""",
    tests=f"""\
{_IMPORT}\
      python_version:
        - if: is_abi3
          then: ${{{{ python_min }}}}.*
        - "*"
  - if: is_abi3
    then:
      requirements:
        run:
          - abi3audit
      script:
        - if: unix
          then: abi3audit $SP_DIR/demo/_demo.abi3.so -s -v --assume-minimum-abi3 ${{{{ python_min }}}}
          else: abi3audit %SP_DIR%/demo/_demo.pyd -s -v --assume-minimum-abi3 ${{{{ python_min }}}}
""",
    license_file=_TWO_LICENSES,
)

_CMAKE = """\
  build:
    - if: build_platform != target_platform
      then:
        - python
        - cross-python_${{ target_platform }}
        - pybind11
    - ${{ compiler('cxx') }}
    - ${{ stdlib('c') }}
    - cmake
    - if: win
      then: ninja
      else: make
  host:
    - python
    - pip
    - scikit-build-core >=0.10
    - pybind11
    - zlib
  run:
    - python
    - if: match(python, "<3.11")
      then: exceptiongroup
    - if: linux and aarch64
      then:
        - a-lib
        - b-lib >=2
  run_constraints:
    - old-demo <0a0
"""

_OUTPUTS = """\
schema_version: 1

context:
  version: "1.10"

recipe:
  name: demo-suite
  version: ${{ version }}

source:
  - url: https://example.org/demo_suite-${{ version }}.tar.gz
    sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
  - url: https://example.org/LICENSE
    sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae

build:
  number: 2

outputs:
  - package:
      name: demo-core
    build:
      skip:
        - win
        - match(python, "<3.11")
      script: ${{ PYTHON }} -m pip install core -vv --no-deps --no-build-isolation
    requirements:
      build:
        - ${{ compiler('c') }}
        - ${{ stdlib('c') }}
      host:
        - python
        - pip
        - setuptools
      run:
        - python
    tests:
      - python:
          imports:
            - demo_core
          pip_check: true
    about:
      summary: The core
  - package:
      name: demo-suite
    build:
      noarch: python
      script:
        env:
          SETUPTOOLS_SCM_PRETEND_VERSION: ${{ version }}
          DEMO_FAST: "1"
        content:
          - ${{ PYTHON }} -m pip install . -vv --no-deps --no-build-isolation
    requirements:
      host:
        - python ${{ python_min }}.*
        - pip
        - hatchling
      run:
        - python >=${{ python_min }},<3.15,!=3.12.0
        - ${{ pin_subpackage('demo-core', lower_bound='x.x.x', upper_bound='x') }}
    tests:
      - python:
          imports:
            - demo
            - demo.cli
          pip_check: false
          python_version: ${{ python_min }}.*

about:
  homepage: https://example.org/demo
  summary: "All of demo: the core and its friends"
  license: MIT
  license_file: LICENSE
"""

SKELETONS: dict[str, str] = {
    "noarch": _NOARCH,
    "noarch-raised": _NOARCH.replace(
        '  version: "1.2.3"\n', '  version: "1.2.3"\n  python_min: "3.12"\n'
    ).replace("python >=${{ python_min }}\n", "python >=${{ python_min }},<3.15\n"),
    "c": skeleton(_C),
    "c-skip": skeleton(_C, build=f'  skip: match(python, "<3.11")\n{_PIP}'),
    "cython-numpy": skeleton(_CYTHON),
    "maturin": skeleton(_MATURIN, build=_RUST, license_file=_TWO_LICENSES),
    "scikit-build-core": skeleton(_CMAKE),
    "abi3-maturin": _ABI3,
    "several-outputs": _OUTPUTS,
}
"""By kind."""
