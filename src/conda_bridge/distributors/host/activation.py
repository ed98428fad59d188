"""Shell scripts that tell builds which compilers they have, sourced when an environment is activated.

The names of compilers are always set. Flags are set only while a package is built (`CONDA_BUILD=1`), since they point
into that build's environments.

Source: conda's documentation of environment activation; the variables are those that recipes count on, as conda's
compilers set them.
"""

from dataclasses import dataclass

from conda_bridge.archives.packed_files import PackedFile

__all__ = ["Activation", "c_flags", "fortran_flags", "generator", "link_flags", "project_flags", "scripts"]

_BASE = """\
if [ "${CONDA_BUILD:-0}" = "1" ] && [ -n "${BUILD_PREFIX:-}" ]; then
    _bridge_base="${BUILD_PREFIX}"
else
    _bridge_base="${CONDA_PREFIX:-}"
fi
"""
_BUILDING = 'if [ "${CONDA_BUILD:-0}" = "1" ] && [ -n "${PREFIX:-}" ]; then\n'
_MAPPED = (
    "-fdebug-prefix-map=${SRC_DIR:-/nowhere}=/usr/local/src/conda",
    "-fdebug-prefix-map=${PREFIX}=/usr/local/src/conda-prefix",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """What the activation of one package exports."""

    package: str
    """`gcc_linux-64`."""
    always: tuple[tuple[str, str], ...]
    """(variable, value as shell text, in which `${_bridge_base}` is the environment)."""
    while_building: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    """Further lines while a package is built."""
    also_unset: tuple[str, ...] = ()
    """What those lines export."""


def scripts(activation: Activation) -> tuple[PackedFile, ...]:
    """Return the scripts that activate a package and undo it."""
    building = [f'    export {name}="{value}"' for name, value in activation.while_building]
    building += [f"    {line}" for line in activation.lines]
    text = _BASE
    text += "".join(f'export {name}="{value}"\n' for name, value in activation.always)
    if building:
        text += _BUILDING + "\n".join(building) + "\nfi\n"
    text += "unset _bridge_base\n"
    undone = "".join(f"unset {name}\n" for name, _ in activation.always)
    names = [name for name, _ in activation.while_building] + list(activation.also_unset)
    if names:
        undone += _BUILDING + "".join(f"    unset {name}\n" for name in names) + "fi\n"
    return tuple(
        PackedFile(
            path=f"etc/conda/{kind}.d/{kind}-{activation.package}.sh", content=content.encode(), mode=0o755
        )
        for kind, content in (("activate", text), ("deactivate", undone))
    )


def c_flags(variable: str) -> tuple[tuple[str, str], ...]:
    """Return the flags of C or C++ compilers, behind those that are set already."""
    flags = " ".join(("-O2", "-fPIC", "-pipe", "-isystem ${PREFIX}/include", *_MAPPED))
    return ((variable, f"${{{variable}:+${{{variable}}} }}{flags}"),)


def fortran_flags() -> tuple[tuple[str, str], ...]:
    """Return the flags of Fortran compilers."""
    return (("FFLAGS", "${FFLAGS:+${FFLAGS} }-O2 -fPIC"),)


def link_flags() -> tuple[str, ...]:
    """Return lines that set the flags of linker and preprocessor, by whichever compiler comes first."""
    return (
        'case "${LDFLAGS:-}" in',
        '    *"-L${PREFIX}/lib"*) ;;',
        "    *)",
        '        export LDFLAGS="${LDFLAGS:+${LDFLAGS} }-Wl,-rpath,${PREFIX}/lib -L${PREFIX}/lib"',
        '        export CPPFLAGS="${CPPFLAGS:+${CPPFLAGS} }-DNDEBUG -isystem ${PREFIX}/include"',
        "        ;;",
        "esac",
    )


def generator() -> tuple[str, ...]:
    """Return lines that let CMake use ninja where a recipe asks for ninja and not for make.

    rattler-build always exports `Unix Makefiles`, which backends obey; on conda-forge's images that goes unnoticed,
    since they have a make of their own.
    """
    return (
        'if [ "${CMAKE_GENERATOR:-}" = "Unix Makefiles" ] && [ ! -x "${_bridge_base}/bin/make" ]; then',
        '    if [ -x "${_bridge_base}/bin/ninja" ] || [ -x "${PREFIX}/bin/ninja" ]; then',
        '        export CMAKE_GENERATOR="Ninja"',
        "    fi",
        "fi",
    )


def project_flags(triple: str) -> tuple[tuple[str, str], ...]:
    """Return what configure scripts, CMake and Meson are told."""
    cmake = (
        "-DCMAKE_AR=${_bridge_base}/bin/" + f"{triple}-ar",
        "-DCMAKE_RANLIB=${_bridge_base}/bin/" + f"{triple}-ranlib",
        "-DCMAKE_FIND_ROOT_PATH=${PREFIX};${_bridge_base}",
        "-DCMAKE_INSTALL_PREFIX=${PREFIX}",
        "-DCMAKE_INSTALL_LIBDIR=lib",
    )
    return (
        ("HOST", triple),
        ("BUILD", triple),
        ("CONDA_TOOLCHAIN_HOST", triple),
        ("CONDA_TOOLCHAIN_BUILD", triple),
        ("CMAKE_PREFIX_PATH", "${PREFIX}"),
        ("CMAKE_ARGS", " ".join(cmake)),
        ("MESON_ARGS", "--buildtype=release --prefix=${PREFIX} -Dlibdir=lib"),
    )
