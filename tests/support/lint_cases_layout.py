"""Edits of clean recipes that break one lint rule on the file as a whole, its keys and how its lines are written."""

from support.lint_cases import LintCase

__all__ = ["BAD_LAYOUT", "FINE_LAYOUT"]


def _bad(shape: str, code: str, at: str, *edits: tuple[str, str]) -> LintCase:
    return LintCase(shape=shape, edits=edits, code=code, at=at)


def _fine(shape: str, *edits: tuple[str, str]) -> LintCase:
    return LintCase(shape=shape, edits=edits)


_V1_RUN = "  run:\n    - python >=${{ python_min }}\n    - requests >=2.31\n    - tomli\n"
_V0_RUN = "  run:\n    - python >={{ python_min }}\n    - requests >=2.31\n    - tomli\n"
_V1_VERSION = '  version: "1.2.3"'
_V0_VERSION = '{% set version = "1.2.3" %}'
_MAINTAINERS = "  recipe-maintainers:\n    - someone\n"
_V0_SET = '{% set name = "demo" %}\n'

BAD_LAYOUT: tuple[LintCase, ...] = (
    # ---- sections
    _bad("v1-noarch", "R-000", "test:", ("\nabout:", "\ntest: 1\n\nabout:")),
    _bad("v1-noarch", "R-000", "cache:", ("\nbuild:", "\ncache:\n  a: b\n\nbuild:")),
    _bad("v0-noarch", "R-000", "tests:", ("\nabout:", "\ntests: 1\n\nabout:")),
    _bad("v0-noarch", "R-000", "context:", ("\nsource:", "\ncontext:\n  a: b\n\nsource:")),
    _bad(
        "v1-noarch",
        "R-001",
        "schema_version:",
        ("schema_version: 1\n\n", ""),
        (f"{_V1_VERSION}\n", f"{_V1_VERSION}\n\nschema_version: 1\n"),
    ),
    _bad(
        "v1-outputs",
        "R-001",
        "build:  # late",
        ("build:\n  number: 0\n\n", ""),
        ("\nabout:", "\nbuild:  # late\n  number: 0\n\nabout:"),
    ),
    _bad(
        "v0-noarch",
        "R-001",
        "about:",
        (f"\nextra:\n{_MAINTAINERS}", ""),
        ("\nabout:", f"\nextra:\n{_MAINTAINERS}\nabout:"),
    ),
    _bad("v1-noarch", "R-009", "  host:", (_V1_RUN, ""), ("  host:\n", _V1_RUN + "  host:\n")),
    _bad("v0-noarch", "R-009", "  host:", (_V0_RUN, ""), ("  host:\n", _V0_RUN + "  host:\n")),
    # ---- the end of the file
    _bad("v1-noarch", "R-011", "\0end", ("    - someone\n", "    - someone\n\n")),
    _bad("v0-noarch", "R-011", "\0end", ("    - someone\n", "    - someone\n\n\n")),
    _bad("v0-noarch", "R-012", "- someone", ("    - someone\n", "    - someone")),
    _bad("v1-noarch", "R-012", "- someone", ("    - someone\n", "    - someone")),
    # ---- keys
    _bad("v0-noarch", "R-018", "nunber:", ("  noarch: python", "  noarch: python\n  nunber: 0")),
    _bad("v0-noarch", "R-018", "sha265:", ("  sha256:", "  sha265: a\n  sha256:")),
    _bad("v0-outputs", "R-018", "scripts:", ("    script: build.sh", "    script: build.sh\n    scripts: a")),
    _bad("v0-noarch", "R-018", "final:", ("  recipe-maintainers", "  final: true\n  recipe-maintainers")),
    _bad("v0-noarch", "CB-003", "app:", ("\nabout:", "\napp:\n\nabout:")),
    _bad("v1-noarch", "CB-001", "nunber:", ("  noarch: python", "  noarch: python\n  nunber: 0")),
    _bad(
        "v1-noarch",
        "CB-001",
        "pip_chek:",
        ("      pip_check: true", "      pip_check: true\n      pip_chek: true"),
    ),
    _bad("v1-noarch", "CB-001", "home:", ("  homepage:", "  home: a\n  homepage:")),
    _bad(
        "v1-arch",
        "CB-001",
        "run_constrained:",
        ("  run_constraints:", "  run_constrained: []\n  run_constraints:"),
    ),
    _bad(
        "v1-outputs",
        "CB-001",
        "entry_points:",
        ("      noarch: python", "      noarch: python\n      entry_points: []"),
    ),
    _bad("v1-abi3", "CB-001", "scripts:", ("      script:\n", "      scripts: a\n      script:\n")),
    # ---- numbers
    _bad("v1-noarch", "R-040", "version: 1.10", (_V1_VERSION, "  version: 1.10")),
    _bad("v1-noarch", "R-040", "version: 1e5", (_V1_VERSION, "  version: 1e5")),
    _bad("v0-noarch", "R-040", "  version: {{", (_V0_VERSION, '{% set version = "1.10" %}')),
    _bad("v0-noarch", "R-040", "summary: 2.50", ("summary: One line, no trailing period", "summary: 2.50")),
    # ---- expressions and definitions
    _bad("v1-noarch", "R-025", "${{version}}", ("${{ version }}", "${{version}}")),
    _bad("v0-noarch", "R-025", "{{ PYTHON}}", ("{{ PYTHON }}", "{{ PYTHON}}")),
    _bad(
        "v0-noarch",
        "R-025",
        "{{  name }}",
        ("url: https://example.org/demo", "url: https://example.org/{{  name }}"),
    ),
    _bad("v0-noarch", "R0-005", "version=", (_V0_VERSION, '{% set version="1.2.3" %}')),
    _bad("v0-noarch", "R0-005", "%set", (_V0_VERSION, '{%set version = "1.2.3" %}')),
    _bad("v0-noarch", "R0-005", '"1.2.3"%}', (_V0_VERSION, '{% set version = "1.2.3"%}')),
    # ---- selectors
    _bad("v0-arch", "R0-001", "[py<311]", ("  # [py<311]", " # [py<311]")),
    _bad("v0-arch", "R0-001", "[py<311]", ("  # [py<311]", "  #[py<311]")),
    _bad("v0-arch", "R0-001", "[win]", ("    - setuptools\n", "    - setuptools [win]\n")),
    _bad("v0-noarch", "R0-001", "[LICENSE]", ("license_file: LICENSE", "license_file: [LICENSE]")),
    _bad("v0-arch", "R0-002", "[py310]", ("# [py<311]", "# [py310]")),
    _bad("v0-arch", "R0-002", "py37", ("# [py<311]", "# [win or not py37]")),
    _bad("v0-arch", "R0-003", "[py27]", ("# [py<311]", "# [py27]")),
    _bad("v1-arch", "R1-001", "- zlib", ("    - zlib\n", "    - zlib  # [unix]\n")),
    _bad("v1-arch", "R1-001", "- zlib", ("    - zlib\n", "    - zlib  # see issue [1] there\n")),
    # ---- what other tools can't read
    _bad("v0-noarch", "R-037", "number: 1", ("  noarch: python", "  number: 1  # [win]\n  noarch: python")),
    _bad("v0-noarch", "R-037", "{#", (_V0_SET, _V0_SET + "{# about #}\n")),
    _bad("v0-noarch", "R-037", "{%- set", (_V0_SET, _V0_SET + "{%- set a = 1 %}\n")),
    _bad("v0-noarch", "R-037", "{% set a", (_V0_SET, _V0_SET + "{% set a = [\n  1] %}\n")),
)

FINE_LAYOUT: tuple[LintCase, ...] = (
    _fine("v1-noarch", ("    - someone\n", "    - someone\r\n")),
    _fine("v1-noarch", ("  run:\n", "  run:\n    # numbers [1]\n")),
    _fine("v1-noarch", ("license_file: LICENSE", "license_file: [LICENSE]")),
    _fine("v1-noarch", (_V1_VERSION, "  version: 2026.11.01")),
    _fine("v1-noarch", (_V1_VERSION, '  version: "1.10"')),
    _fine("v1-noarch", ("  noarch: python", "  noarch: python\n  variant:\n    use_keys:\n      - numpy")),
    _fine("v1-noarch", ("extra:\n", "extra:\n  anything:\n    goes: 1\n")),
    _fine("v1-noarch", ("  sha256:", "  md5: 9f86d081884c7d659a2feaa0c55ad015\n  sha256:")),
    _fine(
        "v0-noarch",
        (_V0_VERSION, '{% set version = "1.10" %}'),
        ("version: {{ version }}", 'version: "{{ version }}"'),
    ),
    _fine("v0-noarch", (_V0_SET, _V0_SET + '{% set parts = version.split(".") %}\n')),
    _fine("v0-noarch", (_V0_SET, _V0_SET + '{% set parts = "a" ~ "b" %}\n')),
    _fine("v0-arch", ("# [py<311]", "# [py==311 or py<311]  # py311 is odd")),
    _fine("v0-arch", ("    - zlib\n", "    # - zlib [win]\n    - zlib\n")),
    _fine("v0-noarch", ("  noarch: python", '  noarch: python\n  string: "a[not]b"')),
)
