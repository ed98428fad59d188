"""Edits of clean recipes that break one lint rule on what is packaged: facts, licence, sources, tests, build."""

from support.lint_cases import LintCase

__all__ = ["BAD_PACKAGE", "FINE_PACKAGE"]


def _bad(shape: str, code: str, at: str, *edits: tuple[str, str]) -> LintCase:
    return LintCase(shape=shape, edits=edits, code=code, at=at)


def _fine(shape: str, *edits: tuple[str, str]) -> LintCase:
    return LintCase(shape=shape, edits=edits)


_SUMMARY = "  summary: One line, no trailing period\n"
_MAINTAINERS = "  recipe-maintainers:\n    - someone\n"
_LICENSE = "license: BSD-3-Clause"
_FILE = "  license_file: LICENSE\n"
_V1_VERSION = '  version: "1.2.3"'
_V0_VERSION = '{% set version = "1.2.3" %}'
_URL = "https://example.org/demo.tar.gz"
_SHA256 = "  sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n"
_V0_TESTS = """  imports:
    - demo
  commands:
    - pip check
"""
_V1_TESTS = """tests:
  - python:
      imports:
        - demo
      pip_check: true
      python_version:
        - ${{ python_min }}.*
        - "*"
"""
_V1_OUTPUT_TESTS = """    tests:
      - package_contents:
          lib:
            - demo
"""
_V0_OUTPUT_TESTS = """    test:
      commands:
        - test -f $PREFIX/lib/libdemo.so
"""
_V1_COMPILER = "    - ${{ compiler('c') }}\n"
_V0_COMPILER = "    - {{ compiler('c') }}\n"

BAD_PACKAGE: tuple[LintCase, ...] = (
    # ---- about and people
    *(
        case
        for shape, home in (("v1-noarch", "homepage"), ("v0-noarch", "home"))
        for case in (
            _bad(shape, "R-002", "about:", (f"  {home}: https://example.org/demo\n", "")),
            _bad(shape, "R-002", "about:", (_SUMMARY, "")),
            _bad(shape, "R-002", "summary:", (_SUMMARY, "  summary:\n")),
            _bad(shape, "R-002", "license:", (f"  {_LICENSE}\n", '  license: ""\n')),
            _bad(shape, "R-003", "extra:", (_MAINTAINERS, "  feedstock-name: demo\n")),
            _bad(shape, "R-003", "recipe-maintainers", (_MAINTAINERS, "  recipe-maintainers: []\n")),
            _bad(shape, "R-004", "someone", (_MAINTAINERS, "  recipe-maintainers: someone\n")),
            _bad(
                shape, "R-039", "demo-feedstock", ("extra:\n", "extra:\n  feedstock-name: demo-feedstock\n")
            ),
            _bad(shape, "R-014", "name: Demo", ("package:\n  name: demo", "package:\n  name: Demo")),
            _bad(shape, "R-014", "name: a+b", ("package:\n  name: demo", "package:\n  name: a+b")),
            _bad(shape, "R-014", "package:", ("package:\n  name: demo\n", "package:\n")),
            _bad(shape, "R-013", "about:", (_FILE, "")),
            _bad(shape, "R-013", "license_file:", (_FILE, "  license_file: []\n")),
        )
    ),
    _bad("v1-outputs", "R-014", "name: Demo", ("  name: demo\n  version: $", "  name: Demo\n  version: $")),
    _bad("v0-noarch", "R-014", "name: ${{", ("package:\n  name: demo", "package:\n  name: ${{ name }}")),
    _bad("v1-noarch", "R-015", "package:", ("  version: ${{ version }}\n", "")),
    _bad("v0-noarch", "R-015", "package:", ("  version: {{ version }}\n", "")),
    _bad("v0-noarch", "R-015", "version: {{", (_V0_VERSION, '{% set version = "" %}')),
    _bad("v1-outputs", "R-015", "recipe:", ("  version: ${{ version }}\n", "")),
    _bad("v0-noarch", "R-016", "version: {{", (_V0_VERSION, '{% set version = "1..2" %}')),
    # ---- licence
    _bad("v0-noarch", "CB-002", "license_family", (_FILE, _FILE + "  license_family: Apache 2\n")),
    _bad(
        "v0-noarch",
        "R-013",
        "about:",
        (f"  {_LICENSE}\n{_FILE}", "  license: LicenseRef-Own\n  license_family: BSD\n"),
    ),
    # ---- sources
    _bad("v1-noarch", "R-019", "url:", (_SHA256, "")),
    _bad("v0-noarch", "R-019", "url:", (_SHA256, "")),
    _bad(
        "v1-arch",
        "R-019",
        "url: b",
        (f"  url: {_URL}\n{_SHA256}", f"  - if: unix\n    then:\n      url: b\n  - url: {_URL}\n  {_SHA256}"),
    ),
    _bad("v1-noarch", "R-050", "pypi.io", (_URL, "https://pypi.io/packages/demo.tar.gz")),
    _bad("v0-noarch", "R-050", "pypi.io", (_URL, "https://pypi.io/packages/{{ name }}.tar.gz")),
    _bad("v1-noarch", "R-028", ".whl", (_URL, "https://example.org/demo-1-cp311-cp311-win_amd64.whl")),
    _bad("v0-arch", "R-028", ".whl", (_URL, "https://example.org/demo-1-cp311-cp311-win_amd64.whl")),
    _bad("v1-arch", "R-029", ".whl", (_URL, "https://example.org/demo-1-py3-none-any.whl")),
    _bad("v0-arch", "R-029", ".whl", (_URL, "https://example.org/demo-1-py3-none-any.whl")),
    _bad("v1-noarch", "R-030", ".whl", (_URL, "https://example.org/demo-${{ version }}-py3-none-any.whl")),
    _bad("v0-noarch", "R-030", ".whl", (_URL, '"https://example.org/demo-1-py3-none-any.whl"')),
    # ---- tests
    _bad("v1-noarch", "R-005", "\0none", (_V1_TESTS, "")),
    _bad("v1-noarch", "R-005", "tests:", (_V1_TESTS, "tests: []\n")),
    _bad("v0-noarch", "R-005", "test:", (_V0_TESTS, "")),
    _bad("v1-outputs", "R-006", "- package:", (_V1_OUTPUT_TESTS, "")),
    _bad("v0-outputs", "R-006", "name: libdemo", (_V0_OUTPUT_TESTS, "")),
    # ---- build
    _bad("v1-noarch", "R-008", "build:", ("  number: 0\n", "")),
    _bad("v0-noarch", "R-008", "build:", ("  number: 0\n", "")),
    _bad("v0-noarch", "R-008", "number:", ("  number: 0\n", "  number:\n")),
    _bad("v1-noarch", "R-020", "noarch:", ("noarch: python", "noarch: pyhton")),
    _bad("v0-noarch", "R-020", "noarch:", ("noarch: python", "noarch: true")),
    _bad("v1-outputs", "R-020", "noarch:", ("noarch: python", "noarch: any")),
    _bad("v1-arch", "R-017", "numpy x.x", ("    - zlib\n", "    - numpy x.x\n")),
    _bad("v0-arch", "R-017", "numpy x.x", ("    - zlib\n", "    - numpy x.x\n")),
    _bad("v1-arch", "R0-006", "toolchain", (_V1_COMPILER, _V1_COMPILER + "    - toolchain\n")),
    _bad("v0-arch", "R0-006", "toolchain", (_V0_COMPILER, _V0_COMPILER + "    - toolchain\n")),
    _bad("v1-arch", "R-031", "rust", (_V1_COMPILER, "    - ${{ compiler('rust') }}\n")),
    _bad("v1-arch", "R-032", "'go'", (_V1_COMPILER, "    - ${{ compiler('go') }}\n")),
    _bad("v1-arch", "CB-004", "rust", (_V1_COMPILER, '    - ${{ compiler("rust") }}\n')),
    _bad("v0-arch", "CB-004", "rust", (_V0_COMPILER, "    - {{ compiler('rust') }}\n")),
    _bad("v0-outputs", "CB-004", "go", ("{{ compiler('c') }}", "{{ compiler('go') }}")),
    _bad("v1-noarch", "R-046", "- pip", ("    - hatchling >=1.27\n", "")),
    _bad("v0-noarch", "R-046", "- pip", ("    - hatchling >=1.27\n", "    - sip\n")),
    _bad("v1-outputs", "R-046", "- pip", ("        - setuptools\n", "")),
    _bad("v0-outputs", "R-046", "- pip", ("        - setuptools\n", "")),
    _bad("v1-noarch", "R-049", "setup.py", ("-m pip install .", "setup.py install")),
    _bad("v0-noarch", "R-049", "setup.py", ("-m pip install .", "setup.py install")),
    _bad(
        "v1-noarch",
        "R-049",
        "setup.py",
        ("script: ${{ PYTHON }} -m pip install .", "script:\n    - python setup.py install"),
    ),
    _bad(
        "v1-arch",
        "R-041",
        "- pip",
        ('  skip: match(python, "<3.11")\n', ""),
        (
            """    - if: build_platform != target_platform
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
""",
            "    - python\n    - pip\n    - setuptools\n",
        ),
    ),
    _bad(
        "v0-abi3",
        "R-041",
        "- pip",
        ("  skip: true  # [is_abi3 and not is_python_min]\n", ""),
        ("    - {{ compiler('c') }}\n    - {{ stdlib('c') }}\n", "    - pip\n"),
        ("    - python\n    - pip\n", "    - python\n"),
    ),
)

FINE_PACKAGE: tuple[LintCase, ...] = (
    _fine("v0-noarch", (f"  {_LICENSE}\n{_FILE}", "  license: LicenseRef-Own\n")),
    _fine("v0-noarch", (_FILE, _FILE + "  license_family: Public-Domain\n")),
    _fine("v0-noarch", (_LICENSE, "license: {{ unknown_license }}")),
    _fine(
        "v1-noarch", ('  version: "1.2.3"', '  version: "1.2.3"\n  id: MIT'), (_LICENSE, "license: ${{ id }}")
    ),
    _fine("v1-noarch", ("package:\n  name: demo", "package:\n  name: ${{ name | lower }}")),
    _fine("v1-noarch", ("package:\n  name: demo", "package:\n  name: ${{ name }}-${{ variant }}")),
    _fine("v1-noarch", (f"  url: {_URL}\n{_SHA256}", "  path: ..\n")),
    _fine("v0-noarch", (_SHA256, "  md5: 9f86d081884c7d659a2feaa0c55ad015\n")),
    _fine("v1-noarch", ("- hatchling >=1.27", "- flit_core <4")),
    _fine(
        "v1-outputs",
        ("  - package:\n      name: libdemo", "  - staging:\n      name: libdemo"),
        (_V1_OUTPUT_TESTS, ""),
    ),
    _fine("v0-outputs", (_V0_OUTPUT_TESTS, "    test:\n      script: run.sh\n")),
    _fine("v1-arch", (_V1_COMPILER, "    - ${{ compiler('rust') }}\n    - cargo-bundle-licenses\n")),
    _fine("v0-arch", (_V0_COMPILER, "    - {{ compiler('go') }}\n    - go-licenses >=1\n")),
)
