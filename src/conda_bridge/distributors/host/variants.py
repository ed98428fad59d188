"""What is on this machine -> the variants that recipes are rendered with.

Source: conda-build's documentation of `compiler()` and `stdlib()`; CFEP-25 (`python_min`).
"""

from conda_bridge.distributors.host.compilers import compiler_name
from conda_bridge.distributors.host.facts import HostFacts
from conda_bridge.model.variants import VariantConfig

__all__ = ["host_variants"]


def host_variants(facts: HostFacts) -> VariantConfig:
    """Return the only python, the compilers and the C library.

    A compiler that the machine lacks has no key: recipes that need it name its package, which nobody has.
    """
    interpreter = facts.interpreter
    values = {
        "python": f"{interpreter.minor}.* *_cpython",
        "python_min": interpreter.minor,
        "python_impl": "cpython",
        "is_python_min": "true",
        "is_abi3": "true",
        "is_freethreading": "false",
        "c_stdlib": "sysroot",
        "c_stdlib_version": facts.glibc,
        "target_platform": facts.subdir,
    }
    for compiler in facts.compilers:
        version = compiler.version.split(".")
        # Of rust's minor versions each is a release of its own; C compilers keep their ABI through a major one.
        parts = 2 if compiler.language == "rust" else 1
        values[f"{compiler.language}_compiler"] = compiler_name(compiler)
        values[f"{compiler.language}_compiler_version"] = ".".join(version[:parts])
    return VariantConfig(values=tuple((key, (value,)) for key, value in sorted(values.items())))
