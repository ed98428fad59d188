"""Facts -> the project that they describe. Nothing of the source is executed.

core_metadata   PKG-INFO and METADATA            toml_tables     typed reads of pyproject.toml
pyproject       [project]                        dynamic         what backends fill in from files
poetry, poetry_versions                          legacy_tables   flit and pdm before PEP 621
setup_py, setup_calls, evaluator                 setup_cfg       declarative setuptools, pbr
egg_info        records of an earlier build      directives      `attr:`, `file:`
    |
statements      what one file says, as raw text
    |
reading, merge  which files count, and the first that says something wins, field by field
    |
identity, requirements, markers, entry_points, texts, urls, build_system     text -> checked values
"""

from conda_bridge.infer.project.assembly import infer_project

__all__ = ["infer_project"]
