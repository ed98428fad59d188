"""Noarch packages with several Python projects, each with the RECORD that its installer wrote."""

from collections.abc import Mapping

from support.noarch_made import dist_info

__all__ = ["TWO", "project"]


def project(
    name: str,
    version: str = "1.0",
    *,
    files: Mapping[str, bytes],
    metadata: str = "",
    commands: str = "",
    recorded: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> dict[str, bytes]:
    """Return the files of a project, below site-packages, and its dist-info.

    `recorded` are rows of RECORD beyond those of `files`; `without` names files that it lacks.
    """
    folder = f"{name}-{version}.dist-info"
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}".encode()
    own = dist_info(folder, metadata=text)
    if commands:
        own[f"site-packages/{folder}/entry_points.txt"] = f"[console_scripts]\n{commands}\n".encode()
    rows = [path.removeprefix("site-packages/") for path in own]
    rows += [path for path in (*files, *recorded) if path not in without]
    rows.append(f"{folder}/RECORD")
    own[f"site-packages/{folder}/RECORD"] = "".join(f"{row},,\n" for row in rows).encode()
    return {f"site-packages/{path}": content for path, content in files.items()} | own


TWO = project("demo", files={"demo.py": b"x = 1\n"}) | project("other", "2", files={"other/__init__.py": b""})
