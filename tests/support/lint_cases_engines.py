"""Edits of clean recipes that no engine takes, and edits that they take though they look odd.

Those of recipe.yaml are put before rattler-build itself, too (`tests/checks/test_checks_engines.py`).
"""

from support.lint_cases import LintCase

__all__ = ["BAD_ENGINES", "FINE_ENGINES", "LINT_ONLY"]


def _bad(shape: str, code: str, at: str, *edits: tuple[str, str]) -> LintCase:
    return LintCase(shape=shape, edits=edits, code=code, at=at)


def _fine(shape: str, *edits: tuple[str, str]) -> LintCase:
    return LintCase(shape=shape, edits=edits)


def _v1(code: str, at: str, *edits: tuple[str, str]) -> LintCase:
    return _bad("v1-noarch", code, at, *edits)


def _v0(code: str, at: str, *edits: tuple[str, str]) -> LintCase:
    return _bad("v0-noarch", code, at, *edits)


def _required(spec: str) -> tuple[str, str]:
    return "    - tomli\n", f"    - {spec}\n"


_SCHEMA = "schema_version: 1"
_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_SOURCE = f"source:\n  url: https://example.org/demo.tar.gz\n  sha256: {_HASH}\n"
_V0_SET = '{% set version = "1.2.3" %}\n'
_NAME = "context:\n  name: demo\n"
_OUTPUTS = "outputs:\n  - package:\n"

LINT_ONLY: tuple[LintCase, ...] = (
    _v1("CB-005", "schema_version", (_SCHEMA, 'schema_version: "1"')),
    _v1("R-036", "url:", ("example.org/demo.tar.gz", "example.org/${{ version.tar.gz")),
    _v1("R-036", "- ${{ demo", ("        - demo\n", "        - ${{ demo\n")),
)
"""What rattler-build takes and conda-smithy doesn't, or what it takes for plain text."""

BAD_ENGINES: tuple[LintCase, ...] = (
    *LINT_ONLY,
    # ---- the schema, and sections that go together
    *(_v1("CB-005", "schema_version", (_SCHEMA, f"schema_version: {text}")) for text in ("2", "1.0", "")),
    _bad("v1-outputs", "CB-001", "package:", ("recipe:\n", "package:\n")),
    _bad(
        "v1-outputs", "CB-001", "requirements:", (_OUTPUTS, "requirements:\n  run:\n    - six\n\n" + _OUTPUTS)
    ),
    _v1("CB-001", "recipe:", ("package:\n", "recipe:\n")),
    # ---- shapes
    _v1("CB-005", "source:", (_SOURCE, "source:\n")),
    _v1("CB-005", "source:", (_SOURCE, "source: https://example.org/demo.tar.gz\n")),
    _v1("CB-005", "- x", (_SOURCE, "source:\n  - x\n")),
    _v1("CB-005", "variant:", ("  number: 0\n", "  number: 0\n  variant:\n")),
    _v1("CB-005", "run_constraints:", ("  run:\n", "  run_constraints: six\n  run:\n")),
    _v1("CB-005", "run_constraints:", ("  run:\n", "  run_constraints:\n    a: b\n  run:\n")),
    _v1("CB-005", "run_exports:", ("  run:\n", "  run_exports:\n  run:\n")),
    _v1("CB-005", "license:", ("license: BSD-3-Clause", "license: [BSD-3-Clause]")),
    _v1("CB-005", "license_file:", ("license_file: LICENSE", "license_file:\n    a: LICENSE")),
    _v1("CB-005", "summary:", ("  summary: One line, no trailing period\n", "  summary:\n    - One line\n")),
    _v1("CB-005", "repository:", ("  homepage:", "  repository:\n  homepage:")),
    _v1("CB-005", "documentation:", ("  homepage:", "  documentation: docs/\n  homepage:")),
    _v1("CB-005", "url:", ("url: https://example.org/demo.tar.gz", "url: demo.tar.gz")),
    _v1("CB-005", "number:", ("number: 0", "number: zero")),
    _v1("CB-005", "number:", ("number: 0", "number: [0]")),
    _v1("CB-005", "pip_check:", ("pip_check: true", "pip_check: perhaps")),
    _bad(
        "v1-arch",
        "CB-005",
        "skip_pyc_compilation",
        ("  number: 0\n", "  number: 0\n  python:\n    skip_pyc_compilation: a\n"),
    ),
    _bad(
        "v1-outputs",
        "CB-005",
        "run_constraints:",
        ("      run:\n", "      run_constraints: six\n      run:\n"),
    ),
    _v0("CB-005", "source:", (_SOURCE, "source:\n")),
    _v0("CB-005", "license:", ("license: BSD-3-Clause", "license:\n    - BSD-3-Clause")),
    _v0("CB-005", "number:", ("number: 0", "number: zero")),
    _v0("CB-005", "run_constrained:", ("  run:\n", "  run_constrained: six\n  run:\n")),
    # ---- empty entries
    _v1("CB-005", "- # here", _required("# here")),
    _v1("CB-005", '- "" # here', _required('"" # here')),
    _v1("CB-005", "- name: six", _required("name: six")),
    _v1("CB-005", "- if: win", _required("if: win")),
    _v0("CB-005", "-  # here", _required(" # here")),
    _v0("CB-005", '- ""  # here', _required('""  # here')),
    _v0("CB-005", "- name: six", _required("name: six")),
    # ---- specs
    *(
        _v1("CB-006", spec, _required(spec))
        for spec in (
            *("foo 1.0", "foo 1.0 py_0", "foo >1<2", "foo[extra]", "foo =*=cuda*", "foo =1.*", "foo >=1.*"),
            *(
                "foo >=1..2",
                "foo >=1,",
                "foo 1.*|2",
                "foo/bar",
                "foo; bar",
                "foo ==1 py-0",
                "foo {{ version }}",
            ),
            *("foo ${{ version }}", "${{ pin_subpackage('demo', max_pin='x.x') }}"),
        )
    ),
    _v1("CB-006", "- foo 1.0", ("  run:\n", "  run_exports:\n    strong:\n      - foo 1.0\n  run:\n")),
    _v1(
        "CB-006", "- foo 1.0", ("  run:\n", "  ignore_run_exports:\n    by_name:\n      - foo 1.0\n  run:\n")
    ),
    _bad(
        "v1-abi3",
        "CB-006",
        "- foo 1.0",
        ("          - abi3audit\n", "          - abi3audit\n          - foo 1.0\n"),
    ),
    # ---- checksums
    *(
        _bad(shape, "CB-007", "sha256:", (_HASH, text))
        for shape in ("v1-noarch", "v0-noarch")
        for text in (_HASH[:-1], "g" + _HASH[1:])
    ),
    _v1("CB-007", "md5:", (f"sha256: {_HASH}", "md5: abc")),
    # ---- Jinja
    *(
        _v1("R-036", "- foo", _required(f"foo >={text}"))
        for text in ("${{ a b }}", "${{ version", "${{ 1 + }}", "${{ (1 }}")
    ),
    _v1("R-036", "if: win and", _required("if: win and\n      then: six")),
    _v1("R-036", "summary:", ("summary: One line, no trailing period", "summary: One ${{ version | }} line")),
    _v1(
        "R-036",
        "echo two",
        (
            "  script: ${{ PYTHON }} -m pip install .",
            "  script: |\n    pip install .\n    echo two ${{ a b }}",
        ),
    ),
    *(
        _v0("R-036", "- foo", _required(f"foo >={text}"))
        for text in ("{{ a b }}", "{{ version", "{{ 'a }}", "{{ }}")
    ),
    _v0("R-036", "# {{ a b }}", ("    - tomli\n", "    - tomli\n    # {{ a b }}\n")),
    _v0("R-036", "set b =", (_V0_SET, _V0_SET + "{% set b = %}\n")),
    _v0("R-036", "if a", ("    - tomli\n", "    {% if a %}\n    - tomli\n")),
    _v0("R-036", "endif", ("    - tomli\n", "    - tomli\n    {% endif %}\n")),
    _v1("CB-008", "older:", (_NAME, _NAME + "  older: ${{ version }}\n")),
    _v1("CB-008", "prefix:", (_NAME, _NAME + "  prefix: ${{ PREFIX }}/x\n")),
    # ---- YAML
    _v1("R-036", "- &pip", ("    - pip\n", "    - &pip pip\n")),
    _v1("R-036", "!!str", ("summary: One", "summary: !!str One")),
    _v1("R-036", _SCHEMA, (_SCHEMA, "\ufeff" + _SCHEMA)),
    _v0("R-037", "set name", ("{% set name", "\ufeff{% set name")),
    _v0(
        "R-037",
        "version|replace",
        ("  version: {{ version }}", '  version: "{{ version|replace(".", "_") }}"'),
    ),
)

FINE_ENGINES: tuple[LintCase, ...] = (
    _fine("v1-noarch", (_SCHEMA + "\n\n", "")),
    _fine("v1-noarch", (_SOURCE, "source: []\n")),
    _fine("v1-noarch", ("  run:\n", "  run_constraints:\n  run:\n")),
    _fine("v1-noarch", ("  run:\n", "  run_exports:\n    weak:\n  run:\n")),
    _fine(
        "v1-noarch",
        ("url: https://example.org/demo.tar.gz", "url:\n    - https://a.org/b\n    - https://c.org"),
    ),
    _fine(
        "v1-noarch",
        ("license_file: LICENSE", "license_file:\n    - LICENSE\n    - if: win\n      then: NOTICE"),
    ),
    _fine("v1-noarch", ("number: 0", "number: ${{ 1 if linux else 0 }}")),
    _fine("v1-noarch", ("pip_check: true", "pip_check: false")),
    _fine("v1-noarch", (_HASH, _HASH.upper())),
    *(
        _fine("v1-noarch", _required(spec))
        for spec in (
            *(
                "foo ==1.0 py_0",
                "foo 1.* py_0",
                "foo * *_0",
                "foo *_0",
                "foo >=1, <2|==3",
                "foo !=1.0.*",
                "foo ~=1.0",
            ),
            *(
                "conda-forge::foo",
                "foo[version='>=1']",
                "foo (>=1)",
                "foo >=1.0-1",
                "foo 1!2.*",
                "foo >=1+a.b",
            ),
            *("foo >=${{ mpi | default('1') }}", "${{ 'foo' if linux and (win or not osx) }}"),
            *("${{ pin_subpackage('demo', upper_bound='x.x') }}", "foo >=${{ version[0:1] ~ '.0' }}"),
        )
    ),
    _fine("v1-noarch", ("summary: One line", "summary: A ${{ line")),
    _fine("v1-noarch", (_NAME, _NAME + "  tag: ${{ name }}\n  platform: ${{ target_platform }}\n")),
    _fine("v1-noarch", (_NAME, _NAME + "  older: ${{ version | default('1') }}\n")),
    _fine("v1-arch", ("if: build_platform != target_platform", "if: build_platform !=target_platform")),
    _fine("v1-noarch", ("summary: One line", "summary: One & all! line")),
    _fine("v0-noarch", (_V0_SET, _V0_SET + "{% set major, minor = version.split('.')[:2] %}\n")),
    _fine("v0-noarch", ("number: 0", "number: {{ build|int + 100 }}")),
    _fine("v0-noarch", ("  version: {{ version }}", "  version: \"{{ version|replace('.', '_') }}\"")),
    _fine("v0-noarch", (_SOURCE, "source:\n  - path: ..\n")),
)
