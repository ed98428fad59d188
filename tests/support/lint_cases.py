"""Edits of clean recipes that break one lint rule on requirements, python or toolchains, and edits that break none."""

from dataclasses import dataclass

__all__ = ["BAD", "FINE", "LintCase"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LintCase:
    """One edit of a clean recipe."""

    shape: str
    edits: tuple[tuple[str, str], ...]
    code: str = ""
    """The one rule that it breaks; empty: none."""
    at: str = ""
    """What the line of the finding says."""


def _bad(shape: str, code: str, at: str, *edits: tuple[str, str]) -> LintCase:
    return LintCase(shape=shape, edits=edits, code=code, at=at)


def _fine(shape: str, *edits: tuple[str, str]) -> LintCase:
    return LintCase(shape=shape, edits=edits)


_V1_STDLIB = "    - ${{ stdlib('c') }}\n"
_V0_STDLIB = "    - {{ stdlib('c') }}\n"
_V1_VERSION = '  version: "1.2.3"'
_V0_VERSION = '{% set version = "1.2.3" %}'

BAD: tuple[LintCase, ...] = (
    # ---- how specs are written
    _bad("v1-noarch", "R-021", "- requests >= 2.31", ("requests >=2.31", "requests >= 2.31")),
    _bad("v1-arch", "R-021", "- scipy < 2", ("scipy >=1.10", "scipy < 2")),
    _bad("v1-arch", "R-021", "zlib = 1", ("    - zlib\n", "    - if: unix\n      then: zlib = 1\n")),
    _bad(
        "v1-arch",
        "R-021",
        "- foo >= 2",
        ("  run_constraints:", "  run_exports:\n    strong:\n      - foo >= 2\n  run_constraints:"),
    ),
    _bad("v1-noarch", "R-022", "- requests>=2.31", ("requests >=2.31", "requests>=2.31")),
    _bad("v1-noarch", "R-022", "- requests=2", ("requests >=2.31", "requests=2 py_0")),
    _bad("v1-arch", "R-022", "- zlib>1", ("    - zlib\n", "    - zlib>1\n")),
    _bad(
        "v1-arch",
        "R-022",
        "- python>=3",
        (
            "  run_constraints:",
            "  ignore_run_exports:\n    from_package:\n      - python>=3\n  run_constraints:",
        ),
    ),
    _bad("v0-noarch", "R-048", "- requests >=2.31, <3", ("requests >=2.31", "requests >=2.31, <3")),
    _bad("v0-noarch", "R-048", "- tomli 2.*=py_0", ("- tomli", "- tomli 2.*=py_0")),
    _bad("v0-noarch", "R-048", "- tomli 1 2 3", ("- tomli", "- tomli 1 2 3")),
    _bad("v0-noarch", "R-048", "- conda-forge::tomli", ("- tomli", "- conda-forge::tomli")),
    _bad("v0-noarch", "R-048", "- pip>=20", ("    - pip\n    - python {{", "    - pip>=20\n    - python {{")),
    _bad("v0-outputs", "R-048", "- setuptools >= 61", ("- setuptools", "- setuptools >= 61")),
    _bad("v0-outputs", "R-048", "- zlib=1", ("- zlib", "- zlib=1")),
    # ---- languages
    _bad(
        "v1-arch",
        "R-023",
        "- python # host",
        ("    - python\n    - pip", "    - python # host\n    - pip"),
        ("  run:\n    - python\n", "  run:\n    - six\n"),
    ),
    _bad(
        "v0-arch",
        "R-023",
        "- python  # host",
        ("  host:\n    - python\n", "  host:\n    - python  # host\n"),
        ("  run:\n    - python\n", "  run:\n    - six\n"),
    ),
    _bad("v1-arch", "R-023", "- r-base", ("    - zlib\n", "    - r-base\n")),
    _bad("v1-arch", "R-024", "- python >=3.11", ("  run:\n    - python\n", "  run:\n    - python >=3.11\n")),
    _bad(
        "v1-arch",
        "R-024",
        "python <3.13",
        ("  host:\n    - python\n", "  host:\n    - if: win\n      then: python <3.13\n"),
    ),
    _bad("v0-arch", "R-024", "- python >=3.11", ("  run:\n    - python\n", "  run:\n    - python >=3.11\n")),
    _bad(
        "v0-arch",
        "R-024",
        "- r-base >=4",
        ("    - zlib\n", "    - r-base >=4\n"),
        ("  run:\n", "  run:\n    - r-base\n"),
    ),
    # ---- python_min
    _bad("v1-noarch", "R-047", "- python 3.10.*", ("- python ${{ python_min }}.*", "- python 3.10.*")),
    _bad("v1-noarch", "R-047", "- python >=3.10", ("- python >=${{ python_min }}", "- python >=3.10")),
    _bad("v1-noarch", "R-047", "- 3.10.*", ("        - ${{ python_min }}.*\n", "        - 3.10.*\n")),
    _bad("v0-noarch", "R-047", "- python 3.10", ("- python {{ python_min }}", "- python 3.10")),
    _bad("v0-noarch", "R-047", "- python >=3.10", ("- python >={{ python_min }}", "- python >=3.10")),
    _bad(
        "v0-noarch",
        "R-047",
        "- python  # any",
        ("    - pip\n    - python {{ python_min }}\n", "    - pip\n    - python  # any\n"),
    ),
    _bad("v0-outputs", "R-047", "- python >=3.10", ("- python >={{ python_min }}", "- python >=3.10")),
    _bad("v1-outputs", "R-047", "- python 3.10.*", ("- python ${{ python_min }}.*", "- python 3.10.*")),
    _bad("v1-noarch", "R-052", "python_min:", (_V1_VERSION, _V1_VERSION + '\n  python_min: "3.10"')),
    _bad("v1-arch", "R-052", "python_min:", (_V1_VERSION, _V1_VERSION + '\n  python_min: "3.9"')),
    _bad(
        "v0-noarch", "R-052", "set python_min", (_V0_VERSION, _V0_VERSION + '\n{% set python_min = "3.9" %}')
    ),
    *(
        _bad(shape, "R-052", "python_min", (old, old + new.format(text)))
        for shape, old, new in (
            ("v1-noarch", _V1_VERSION, '\n  python_min: "{}"'),
            ("v0-noarch", _V0_VERSION, '\n{{% set python_min = "{}" %}}'),
        )
        for text in ("3.10.*", "3.x")
    ),
    # ---- pins
    _bad(
        "v1-outputs",
        "R-027",
        "pin_subpackage('other'",
        ("pin_subpackage('libdemo', upper", "pin_subpackage('other', upper"),
    ),
    _bad(
        "v1-outputs",
        "R-027",
        'pin_compatible("pydemo"',
        ("pin_subpackage('libdemo', upper_bound='x.x')", "pin_compatible(\"pydemo\", upper_bound='x.x')"),
    ),
    _bad("v0-arch", "R-027", "pin_subpackage('zlib')", ("pin_compatible('zlib')", "pin_subpackage('zlib')")),
    _bad("v0-arch", "R-027", "pin_compatible(name", ("pin_subpackage(name", "pin_compatible(name")),
    _bad(
        "v0-outputs",
        "R-027",
        "pin_compatible('libdemo'",
        ("pin_subpackage('libdemo', exact=True)", "pin_compatible('libdemo')"),
    ),
    # ---- compilers
    _bad("v1-arch", "R-033", "compiler('c')", (_V1_STDLIB, "")),
    _bad("v1-arch", "R-033", "compiler('cuda')", (_V1_STDLIB, ""), ("compiler('c')", "compiler('cuda')")),
    _bad("v1-outputs", "R-033", "compiler('c')", ("        - ${{ stdlib('c') }}\n", "")),
    _bad("v0-arch", "R-033", "compiler('c')", (_V0_STDLIB, "")),
    _bad("v0-arch", "R-033", "compiler('c')", (_V0_STDLIB, "    - {{ stdlib('c') }} 2.17\n")),
    _bad(
        "v0-arch",
        "R-033",
        'compiler("rust")',
        (_V0_STDLIB, "    - cargo-bundle-licenses\n"),
        ("compiler('c')", 'compiler("rust")'),
    ),
    _bad("v0-outputs", "R-033", "compiler('c')", ("        - {{ stdlib('c') }}\n", "")),
    _bad(
        "v1-arch", "R-034", "- sysroot_linux-64", (_V1_STDLIB, _V1_STDLIB + "    - sysroot_linux-64 2.17\n")
    ),
    _bad(
        "v0-arch", "R-034", "- sysroot_linux-64", (_V0_STDLIB, _V0_STDLIB + "    - sysroot_linux-64 2.17\n")
    ),
    _bad("v1-arch", "R-035", "- __osx >=11", ("    - scipy >=1.10", "    - __osx >=11")),
    _bad("v0-arch", "R-035", "- __osx >=11", ("    - scipy >=1.10", "    - __osx >=11")),
    _bad("v0-outputs", "R-035", "- __osx >11", ("      run:\n", "      run:\n        - __osx >11\n")),
    # ---- noarch
    _bad("v1-noarch", "R1-002", "- if: win", ("    - tomli\n", "    - if: win\n      then: tomli\n")),
    _bad("v1-noarch", "R1-002", "skip:", ("  noarch: python\n", "  noarch: python\n  skip: win\n")),
    _bad("v0-noarch", "R0-004", "- tomli  # [win]", ("- tomli", "- tomli  # [win]")),
    _bad(
        "v0-noarch",
        "R0-004",
        "skip: true",
        ("  noarch: python\n", "  noarch: python\n  skip: true  # [win]\n"),
    ),
    # ---- tested with the latest python
    _bad("v1-noarch", "R1-004", "- ${{ python_min }}.*", ('        - "*"\n', "")),
    _bad(
        "v1-noarch",
        "R1-004",
        "python_version: ${{",
        (
            '      python_version:\n        - ${{ python_min }}.*\n        - "*"\n',
            "      python_version: ${{ python_min }}.*\n",
        ),
    ),
    _bad("v1-outputs", "R1-004", "- ${{ python_min }}.*", ('            - "*"\n', "")),
    _bad(
        "v1-abi3",
        "R1-005",
        "imports:",
        (
            '      python_version:\n        - if: is_abi3\n          then: ${{ python_min }}.*\n        - "*"\n',
            "",
        ),
    ),
    # ---- abi3
    _bad("v1-abi3", "R-038", "skip:", ("skip: is_abi3 and", "skip: is_abi3 == 'true' and")),
    _bad("v0-abi3", "R-038", "skip:", ("[is_abi3 and", '[is_abi3 != "false" and')),
    _bad(
        "v1-abi3",
        "R-053",
        "python-abi3",
        ("          - abi3audit\n", "          - six\n"),
        ("- abi3audit $SP", "- echo $SP"),
    ),
    _bad(
        "v0-abi3",
        "R-053",
        "python-abi3",
        ("    - abi3audit\n", "    - six\n"),
        ("- abi3audit $SP", "- echo $SP"),
    ),
    _bad(
        "v1-abi3",
        "R1-006",
        "export SP_DIR",
        ("        - abi3audit $SP", "        - export SP_DIR=$PREFIX/lib\n        - abi3audit $SP"),
    ),
    _bad(
        "v1-abi3",
        "R1-006",
        "%PREFIX%",
        ("        - abi3audit $SP_DIR", "        - abi3audit %PREFIX%\\Lib\\site-packages"),
    ),
    _bad(
        "v1-abi3",
        "R1-007",
        "- cross-python_linux",
        ("  run:\n", "  ignore_run_exports:\n    from_package:\n      - cross-python_linux-64\n  run:\n"),
    ),
    # ---- names
    _bad("v1-noarch", "CF-002", "- matplotlib", ("- tomli", "- matplotlib >=3")),
    _bad("v0-noarch", "CF-002", "- matplotlib", ("- tomli", "- matplotlib >=3")),
    _bad("v1-arch", "CF-002", "then: xz", ("    - zlib\n", "    - if: win\n      then: xz\n")),
    _bad("v0-outputs", "CF-002", "- jpeg", ("- zlib", "- jpeg")),
    _bad(
        "v0-arch",
        "CF-002",
        "mesa-libgl-devel",
        (_V0_STDLIB, _V0_STDLIB + "    - {{ cdt('mesa-libgl-devel') }}  # [linux]\n"),
    ),
)

FINE: tuple[LintCase, ...] = (
    # ---- how specs are written
    _fine("v1-noarch", ("requests >=2.31", "requests >=2.31,<3")),
    _fine("v1-noarch", ("requests >=2.31", "requests 2.* py*")),
    _fine("v1-noarch", ("requests >=2.31", "requests >= ${{ version }}")),
    _fine("v1-arch", ("    - zlib\n", "    - zlib * *_0\n")),
    _fine("v0-noarch", ("requests >=2.31", "requests >=2.31,<3|4.*")),
    _fine("v0-noarch", ("requests >=2.31", "requests ~=2.31")),
    _fine("v0-noarch", ("requests >=2.31", "requests 2.*")),
    _fine("v0-noarch", ("requests >=2.31", "requests =={{ version }}")),
    _fine("v0-arch", ("    - zlib\n", "    - zlib 1.* h*_{{ PKG_BUILDNUM }}\n")),
    _fine("v0-arch", ("pin_compatible('zlib')", "pin_compatible('zlib', max_pin = 'x.x')")),
    # ---- languages
    _fine("v1-arch", ("  run:\n    - python\n", "  run:\n    - python\n    - python >=3.11\n")),
    _fine("v0-arch", ("  run:\n    - python\n", "  run:\n    - python\n    - python !=3.12.0\n")),
    _fine("v1-abi3", ("  run:\n    - python\n", "  run:\n    - python >=3.11\n")),
    _fine("v0-abi3", ("  run:\n    - python\n", "  run:\n    - python >=3.11\n")),
    _fine("v1-outputs", ("      noarch: python\n", "      number: 1\n")),
    # ---- python_min
    _fine(
        "v1-noarch",
        ("python >=${{ python_min }}", "python >=${{ python_min }},<3.14"),
        ('        - "*"\n', ""),
    ),
    _fine("v1-noarch", (_V1_VERSION, _V1_VERSION + '\n  python_min: "3.12"')),
    _fine("v1-noarch", (_V1_VERSION, _V1_VERSION + '\n  python_min: "3.11.*"')),
    _fine("v1-noarch", ("- python ${{ python_min }}.*", "- python =${{ python_min }}")),
    _fine("v0-noarch", (_V0_VERSION, _V0_VERSION + '\n{% set python_min = "3.12" %}')),
    _fine("v0-noarch", ("- python {{ python_min }}", "- python ={{ python_min }}.*")),
    _fine("v0-noarch", ("python >={{ python_min }}", "python >={{ python_min }},<3.14")),
    # ---- pins
    _fine("v0-arch", ("pin_compatible('zlib')", "pin_subpackage('demo')")),
    _fine("v0-outputs", ("- zlib", "- {{ pin_compatible('zlib') }}")),
    # ---- compilers
    _fine("v1-arch", (_V1_STDLIB, '    - ${{ stdlib("c") }}\n')),
    _fine(
        "v1-arch",
        (_V1_STDLIB, ""),
        ("    - ${{ compiler('c') }}\n", "    - ${{ compiler('go-nocgo') }}\n    - go-licenses\n"),
    ),
    _fine("v0-arch", (_V0_STDLIB, ""), ("compiler('c')", "compiler('cuda')")),
    _fine(
        "v0-arch", (_V0_STDLIB, "    - {{ stdlib('m2w64_c') }}\n"), ("compiler('c')", "compiler('m2w64_c')")
    ),
    _fine("v0-outputs", ("        - {{ compiler('c') }}\n        - {{ stdlib('c') }}\n", "        - make\n")),
    _fine("v1-arch", ("    - scipy >=1.10", "    - __osx")),
    # ---- noarch
    _fine(
        "v1-outputs",
        ("        - setuptools\n", "        - if: win\n          then: setuptools\n        - setuptools\n"),
    ),
    _fine("v0-outputs", ("        - setuptools\n", "        - setuptools  # [win]\n")),
    _fine("v0-noarch", ("    - pip check", "    - pip check  # [unix]")),
    # ---- abi3
    _fine(
        "v1-abi3",
        (
            "      script:\n        - abi3audit $SP_DIR/demo.abi3.so\n",
            "      script:\n        - if: unix\n          then: true\n",
        ),
    ),
    _fine("v1-abi3", ("          - abi3audit\n", "          - six\n")),
    _fine(
        "v1-abi3",
        ("    - if: is_abi3\n      then: python-abi3\n", ""),
        ("          - abi3audit\n", "          - six\n"),
        ("- abi3audit $SP", "- echo $SP"),
    ),
    _fine(
        "v1-arch",
        ("  run:\n", "  ignore_run_exports:\n    from_package:\n      - cross-python_linux-64\n  run:\n"),
    ),
    _fine("v0-abi3", ("abi3audit $SP_DIR", "SP_DIR=$PREFIX abi3audit")),
    # ---- names
    _fine("v1-noarch", ("- tomli", "- matplotlib-base >=3")),
    _fine("v0-arch", ("    - zlib\n", "    - xorg-xorgproto\n    - libjpeg-turbo\n")),
    _fine("v1-arch", ("    - scipy >=1.10", "    - matplotlib >=3")),
)
