"""Which paths lie aside of what a project builds."""

import pytest

from conda_bridge.infer.scan.aside import (
    folders_of,
    is_test_or_docs,
    is_vendored,
    is_vendored_or_test,
    own_folders,
)


@pytest.mark.parametrize(
    "path",
    [
        "vendor/x.c", "a/_vendor/x.py", "src/third_party/x.c", "3rdparty/x.c", "thirdparty/x.c", "third-party/x.c",
        "extern/x.c", "cextern/x/x.c", "external/x.c", "externals/x.c", "deps/x.c", "subprojects/x/meson.build",
        "a/submodules/x.h", "src/bundled/x.c", "bundled_libs/x.h", "vendored-meson/meson/x.c", "node_modules/x.js",
        "src/zlib-1.3.1/zlib.h", "libfoo_v2.0/x.c", "Third_Party/x.c", "ext_libs/x.c", "my_vendored/x.c",
    ],
)  # fmt: skip
def test_vendored_trees(path: str) -> None:
    assert is_vendored(path)
    assert is_vendored_or_test(path)


@pytest.mark.parametrize(
    "path",
    [
        "tests/x.c", "a/test/x.c", "testing/x.c", "docs/x.c", "doc/x.c", "examples/x.c", "benchmarks/x.c", "demo/x.c",
        "unit_tests/x.c", "test_data/x.c", "fuzz/x.c", "samples/x.c", "Tests/x.c", "benches/x.rs",
    ],
)  # fmt: skip
def test_tests_and_documentation(path: str) -> None:
    assert is_test_or_docs(path)
    assert is_vendored_or_test(path)


@pytest.mark.parametrize(
    "path",
    [
        "src/x.c", "testament/x.c", "vendor", "tests", "x-1.0", "extension/x.c", "external.c", "src/deps.c", "documents/x.c",
        "contest/x.c", "lib/x.c", "libs/x.c", "python3.11/x.c", "ext/x.c", "latest/x.c", "sampler/x.c", "v1.2/x.c",
    ],
)  # fmt: skip
def test_the_project_s_own(path: str) -> None:
    # `python3.11` has no separator before its number.
    assert not is_vendored_or_test(path)


def test_a_project_named_like_a_folder_of_others_code_keeps_its_own_package() -> None:
    own = own_folders(["src/extern/__init__.py", "src/extern/a.c", "extern/zlib.h"], "extern")
    assert own == {"src/extern/"}
    assert not is_vendored("src/extern/a.c", own=own)
    assert is_vendored("src/extern/vendor/a.c", own=own)
    assert is_vendored("extern/zlib.h", own=own)
    assert not is_test_or_docs("src/extern/a.c", own=own)


@pytest.mark.parametrize("label", ["extern-1.0.tar.gz", "extern-1.0.post1.zip", "extern", "Extern-1.tgz"])
def test_the_name_of_an_sdist_tells_the_project_s_own_folders(label: str) -> None:
    assert "src/extern/" in folders_of(label)
    assert folders_of("click-8.1.7.tar.gz") == frozenset()
