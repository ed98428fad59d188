"""What the name of a module says: whether it can be imported, belongs to the repository only, or is the project's."""

import re
from keyword import iskeyword

from conda_bridge.model.conversion import InferContext

__all__ = [
    "can_be_imported",
    "is_aside",
    "is_named_in",
    "is_own",
    "is_private",
    "is_test",
    "looks_aside",
    "resembles",
]

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DUNDER = re.compile(r"__\w+__")
_ASIDE = frozenset({
    "benchmark", "benchmarks", "build", "ci", "conftest", "demo", "demos", "dist", "doc", "docs", "docsrc", "example",
    "examples", "fabfile", "gallery", "hatch_build", "hooks", "integration_tests", "licenses", "makefile", "misc", "news",
    "notebooks", "noxfile", "packaging", "pdm_build", "recipe", "release", "requirements", "resources", "samples", "script", "scripts",
    "setup", "site", "tasks", "test", "testing", "tests", "tools", "tutorials", "util", "utils", "vendor", "versioneer", "wheelhouse",
})  # fmt: skip
_TEST = re.compile(r"_?(?:tests?|testing|testdata|conftest|benchmarks?)(?:_.*)?|test_.*|.*_tests?")
_TEST_CAMEL = re.compile(r"[A-Z]\w*[A-Za-z]Tests?")
_LOOKS_ASIDE = re.compile(
    r"_?build(?:_\w+|config|tools?|utils?|er)?|\w+_build|_?setup_\w+|\w+_setup|conan(?:file|data)|bench|bin|bindings?"
    r"|backend|cmake|ci_\w+|codegen|dev|developer|development|devtools?|experiments?|fuzz(?:ing)?|gen_\w+|generate\w*"
    r"|legacy_\w+|mkdocs|scratch|smoke\w*|src(?:_\w+)?|swig|test\w+|\w+tests|tool|travis|unittests?"
)
"""Names that the repository's own programs have, and some packages: they count only where nothing speaks for them."""
_AFFIX = re.compile(r"^(?:python|py|lib)(?=\w{3})|(?<=\w{3})(?:python|py|lib)$")
_SHORTEST = 3


def can_be_imported(name: str) -> bool:
    """Tell whether `import name` is a statement: a file `class.py` is no module that a test can import."""
    return not any(iskeyword(part) or _DUNDER.fullmatch(part) for part in name.split("."))


def is_own(ctx: InferContext, module: str) -> bool:
    """A module that is called like the project is meant, whatever its name suggests."""
    return module.partition(".")[0].lower() == ctx.project.pypi_name.value.replace("-", "_")


def resembles(ctx: InferContext, module: str) -> bool:
    """Tell whether a module is called nearly like the project: `ldap` of python-ldap, `demo_core` of demo."""
    top, name = _plain(module.partition(".")[0]), _plain(ctx.project.pypi_name.value)
    shorter, longer = sorted((top, name), key=len)
    return len(shorter) >= _SHORTEST and shorter in longer


def is_named_in(ctx: InferContext, module: str) -> bool:
    """Tell whether the project's name has the module's in it."""
    top, name = _plain(module.partition(".")[0]), _plain(ctx.project.pypi_name.value)
    return len(top) >= _SHORTEST and top in name


def _plain(name: str) -> str:
    return _AFFIX.sub("", re.sub(r"[^a-z0-9]", "", name.lower()))


def is_private(module: str) -> bool:
    """Tell whether the name says that nobody but the project imports the module."""
    return module.startswith("_")


def is_test(name: str) -> bool:
    """Tell whether one part of a dotted name is that of tests."""
    return _TEST.fullmatch(name.lower()) is not None or _TEST_CAMEL.fullmatch(name) is not None


def is_aside(module: str) -> bool:
    """Tell whether a module has the name of what a repository holds beside the package."""
    name = module.partition(".")[0]
    return is_test(name) or name.lower() in _ASIDE or _IDENTIFIER.fullmatch(name) is None


def looks_aside(module: str) -> bool:
    """Tell whether a module may be a program of the repository, by its name; some packages have such names, too."""
    name = module.partition(".")[0]
    return is_aside(name) or _LOOKS_ASIDE.fullmatch(name.lower()) is not None
