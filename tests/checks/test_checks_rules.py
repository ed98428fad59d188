import pkgutil
from importlib import import_module

import conda_bridge.checks
from conda_bridge.checks.rules import RULES, run_checks
from conda_bridge.formats.document import document_of
from support.auditing import CONTEXT, v1_recipe


def test_every_rule_of_every_module_is_run_once() -> None:
    names = [module.name for module in pkgutil.iter_modules(conda_bridge.checks.__path__)]
    modules = [import_module(f"conda_bridge.checks.{name}") for name in names if name != "rules"]
    written = [rule for module in modules for rule in getattr(module, "RULES", ())]

    assert len(RULES) == len(set(RULES))
    assert set(RULES) == set(written)


def test_findings_come_by_line_each_once() -> None:
    text = v1_recipe("astropy", "astropy", "matplotlib").replace(
        "url: https://pypi.org", "url: https://pypi.io"
    )
    document = document_of(text + "\n", path="recipe.yaml", recipe_format="v1")

    found = run_checks(document, CONTEXT)

    assert len(found) == len(set(found)) >= 4
    assert [one.line for one in found] == sorted(one.line for one in found)


def test_text_without_fault_gives_nothing() -> None:
    document = document_of(v1_recipe("requests"), path="recipe.yaml", recipe_format="v1")

    assert run_checks(document, CONTEXT) == ()
