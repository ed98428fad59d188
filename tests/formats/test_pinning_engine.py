"""Pinning files mean to us what they mean to rattler-build."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conda_bridge.distributors.pinning_files import PinningQuestion, read_variants

pytestmark = pytest.mark.engine

PINNING = """\
c_compiler:
  - gcc          # [linux]
  - clang        # [osx]
  - vs2022       # [win]
c_compiler_version:   # [unix]
  - 15           # [linux]
  - 21           # [osx]
  - 14           # [linux and (x86_64 or aarch64) and os.environ.get("CF_CUDA_ENABLED", "False") == "True"]
c_stdlib_version:     # [unix]
  - 2.17         # [linux and not riscv64]
  - 11.0         # [osx]
python:
  - 3.10.* *_cpython   # [not (win and arm64)]
  - 3.13.* *_cp313     # [not (win and arm64)]
  - 3.14.* *_cp314     # [win and arm64]
is_python_min:
  - true
  - false              # [not (win and arm64)]
python_min:
  - '3.10'             # [not (win and arm64)]
  - '3.14'             # [win and arm64]
blas_impl:
  - openblas
  - mkl                # [x86 or x86_64]
image:                 # [os.environ.get("BUILD_PLATFORM", "").startswith("linux-")]
  - a                  # [os.environ.get("BUILD_PLATFORM") == "linux-64"]
  - b                  # [os.environ.get("BUILD_PLATFORM") == "linux-aarch64"]
zlib:
  - 1
zip_keys:
  -                    # [unix]
    - c_compiler_version   # [unix]
    - c_stdlib_version     # [unix]
  -
    - python
    - is_python_min
"""
READ = """\
import json, os, sys
from rattler_build import JinjaConfig, PlatformConfig, VariantConfig
path, subdir = sys.argv[1:]
jinja = JinjaConfig(platform=PlatformConfig(target_platform=subdir))
config = VariantConfig.from_conda_build_config(path, jinja)
print(json.dumps([config.to_dict(), config.zip_keys]), flush=True)
os._exit(0)
"""


def text_of(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(
    "subdir", ["linux-64", "linux-aarch64", "linux-ppc64le", "osx-64", "osx-arm64", "win-64", "win-arm64"]
)
def test_both_read_the_same_values(tmp_path: Path, subdir: str) -> None:
    path = tmp_path / "conda_build_config.yaml"
    path.write_text(PINNING)
    environment = {**os.environ, "BUILD_PLATFORM": subdir, "CF_CUDA_ENABLED": "False"}

    ours = read_variants(path, PinningQuestion(subdir=subdir)).value
    command = [sys.executable, "-c", READ, str(path), subdir]
    said = subprocess.run(command, capture_output=True, check=True, env=environment, timeout=60)

    values, groups = json.loads(said.stdout)
    read = {key: [text_of(value) for value in found] for key, found in values.items() if key != "zip_keys"}
    assert {key: list(found) for key, found in ours.values} == read
    assert sorted(map(sorted, groups)) == sorted(map(sorted, ours.zip_keys))
