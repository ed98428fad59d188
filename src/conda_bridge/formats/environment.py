"""Where templates are found and how they are read.

The delimiters are `[[ ]]`, `[% %]` and `[# #]`, so that the recipes' own `{{ }}`, `${{ }}` and `# [selector]`
pass verbatim. Templates lay out; what they lay out was decided before, in a view of finished scalars.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from conda_bridge.errors import RecipeError
from conda_bridge.formats.scalars import scalar

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["render_template", "template_environment", "template_root"]


def template_root() -> Path:
    """Return the folder of the shipped templates, in a wheel or in an editable install."""
    packaged = Path(__file__).parents[1] / "templates"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "templates"


@lru_cache(maxsize=4)
def template_environment(template_dir: str = "") -> "Environment":
    """Return the environment of all templates; files in `template_dir` win over shipped ones of the same name.

    Templates are read once in a process. The filter `scalar` is for text that a template adds of its own.

    Raises:
        RecipeError: `template-error` where `template_dir` is no folder.
    """
    # jinja2 is a fifth of a small command's start-up time: only commands that write recipes pay for it.
    from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    if template_dir and not _is_folder(Path(template_dir)):
        raise RecipeError("template-error", "this is no folder of templates", where=template_dir)
    folders = [Path(template_dir), template_root()] if template_dir else [template_root()]
    environment = Environment(
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="[#",
        comment_end_string="#]",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=False,  # noqa: S701  (recipes are YAML; their text goes through `scalar`)
    )
    environment.filters["scalar"] = scalar
    return environment


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # What no file system can name.
        return False


def render_template(environment: "Environment", name: str, **values: object) -> str:
    """Return the template `name` filled with `values`.

    Raises:
        RecipeError: `template-error` where the template is missing, isn't valid or asks for an unknown value.
    """
    from jinja2 import TemplateError, TemplateSyntaxError  # noqa: PLC0415  (see above)

    try:
        return environment.get_template(name).render(values)
    except TemplateSyntaxError as error:
        raise RecipeError(
            "template-error", str(error.message), where=f"{error.name}:{error.lineno}"
        ) from error
    except (TemplateError, TypeError, UnicodeDecodeError) as error:
        raise RecipeError("template-error", f"{type(error).__name__}: {error}", where=name) from error
