"""A path -> whether it lies aside of what the project builds: others' code, tests, documentation, examples.

Only folders' names tell, from the source's top folder down. A project that is itself called `vendor` or `examples`
says so with `own`: the folders of its own package, which are then not looked at (`own_folders` finds them).
"""

import re
from collections.abc import Collection
from functools import lru_cache

__all__ = ["folders_of", "is_test_or_docs", "is_vendored", "is_vendored_or_test", "own_folders"]

# A folder such as `zlib-1.3.1` can be no package of Python's; it is somebody's release, unpacked.
_VENDORED = re.compile(
    r"(?:[^/]*[-_])?(?:vendor(?:ed|s)?|third[-_]?part(?:y|ies)|3rd[-_]?part(?:y|ies)|bundled)(?:[-_][^/]*)?"
    r"|c?extern(?:als?|s)?|ext(?:ernal)?[-_]?(?:libs?|deps|dependencies|sources|packages)|deps|dependencies"
    r"|sub(?:projects|modules?)|node_modules|bower_components|site-packages"
    r"|[a-z][\w+]*(?:-[a-z][\w+]*)*[-_]v?\d+(?:\.\d+)+[\w.+-]*",
    re.IGNORECASE,
)
_TEST_OR_DOCS = re.compile(
    r"_?(?:unit|integration|regression|functional)?[-_]?tests?(?:[-_](?:data|suite|files|cases|utils|src))?"
    r"|[a-z]\w*[-_]tests|testing|testdata|testsuite|fixtures|conformance|fuzz(?:ing|ers?)?"
    r"|docs?|doc[-_]?src|documentation|manual|tutorials?|examples?|samples?|demos?|notebooks"
    r"|benchmarks?|bench(?:es)?|asv_bench|perf[-_]?tests?",
    re.IGNORECASE,
)
# What follows the name in the name of an sdist.
_RELEASE = re.compile(r"-v?\d[^-]*\Z|\.(?:tar\.\w+|tgz|tar|zip)\Z")
_ROOTS = ("", "src/", "python/", "lib/", "packages/")


def is_vendored(path: str, *, own: Collection[str] = ()) -> bool:
    """Tell whether a path lies in a copy of another project's code.

    >>> is_vendored("third_party/zlib/zlib.h"), is_vendored("src/zlib-1.3.1/zlib.h"), is_vendored("src/zlib.c")
    (True, True, False)
    """
    return _is_in_copy(_folder(path, own))


def is_test_or_docs(path: str, *, own: Collection[str] = ()) -> bool:
    """Tell whether a path lies in a tree of tests, documentation, examples or benchmarks.

    >>> is_test_or_docs("pkg/tests/x.c"), is_test_or_docs("testament/x.c")
    (True, False)
    """
    return _is_aside_itself(_folder(path, own))


def is_vendored_or_test(path: str, *, own: Collection[str] = ()) -> bool:
    """Tell whether a path lies in a tree of tests, documentation, examples or other projects' code."""
    folder = _folder(path, own)
    return _is_in_copy(folder) or _is_aside_itself(folder)


def own_folders(paths: Collection[str], module: str) -> frozenset[str]:
    """Return the folders of the project's own package, each with a `/` at its end; cheap where `paths` is a set.

    >>> sorted(own_folders({"src/extern/__init__.py", "extern/zlib.h"}, "extern"))
    ['src/extern/']
    """
    folders = (f"{root}{module}/" for root in _ROOTS)
    return frozenset(folder for folder in folders if f"{folder}__init__.py" in paths)


def folders_of(label: str) -> frozenset[str]:
    """Return the folders that a project's own package can be in, by the name of its sdist or directory.

    That is known before any file of it is seen; empty for the many that aren't named like a folder aside.

    >>> sorted(folders_of("extern-1.0.tar.gz"))[:2], folders_of("click-8.1.7.tar.gz")
    (['extern/', 'lib/extern/'], frozenset())
    """
    stem = _RELEASE.sub("", label).replace("-", "_")
    names = {stem, stem.lower()}
    if not any(is_vendored_or_test(f"{name}/x") for name in names):
        return frozenset()
    return frozenset(f"{root}{name}/" for root in _ROOTS for name in names)


def _folder(path: str, own: Collection[str]) -> str:
    for folder in own:
        if path.startswith(folder):
            path = path[len(folder) :]
            break
    return path.rpartition("/")[0]


# A source has thousands of files in hundreds of folders, and every rule asks anew.
@lru_cache(maxsize=10_000)
def _is_in_copy(folder: str) -> bool:
    return any(_VENDORED.fullmatch(part) for part in folder.split("/"))


@lru_cache(maxsize=10_000)
def _is_aside_itself(folder: str) -> bool:
    return any(_TEST_OR_DOCS.fullmatch(part) for part in folder.split("/"))
