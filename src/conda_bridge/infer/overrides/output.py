"""What the user decides about an output's script, environment and about section."""

from dataclasses import replace

from conda_bridge.infer.overrides.lists import ListPlace, edited_list
from conda_bridge.infer.overrides.telling import decided, unused
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Evidence, Inferred, address
from conda_bridge.model.names import CondaName
from conda_bridge.model.overrides import Item, ListOverrides, PackageOverrides, Setting
from conda_bridge.model.recipe import About, Script, ScriptLine
from conda_bridge.model.source import SourceFacts
from conda_bridge.translate.shell import shell_word

__all__ = ["overridden_about", "overridden_script"]

_VERSION = "${{ version }}"
_PIP = "${{ PYTHON }} -m pip install "
_FILE_SLUGS = frozenset({"license-file-missing", "license-file-unmatched"})


def overridden_script(
    inferred: Inferred[Script], overrides: PackageOverrides, name: CondaName, version: str
) -> Inferred[Script]:
    """Return the script with the user's lines, settings of the backend and variables."""
    script, evidence, diagnostics = inferred.value, list[Evidence](), list[Diagnostic]()
    where = address(name, "build", "script")
    if overrides.script is not None:
        lines = tuple(ScriptLine(command=item.text, condition=item.condition) for item in overrides.script)
        script = replace(script, lines=lines)
        evidence.append(decided(where, "script", *(item.origin for item in overrides.script)))
        diagnostics += [
            unused("the script is configured, too, and runs what it says", setting.origin)
            for setting in overrides.config_settings
        ]
    elif overrides.config_settings:
        script = _with_settings(script, overrides.config_settings)
        origins = (setting.origin for setting in overrides.config_settings)
        evidence.append(
            decided(where, "config-settings", *origins, note="pip, with settings for the backend")
        )
    env = dict(script.env)
    for setting in overrides.env:
        env[setting.key] = version if setting.value == _VERSION else setting.value
        evidence.append(decided(address(name, "build", f"env.{setting.key}"), "env", setting.origin))
    return replace(inferred, value=replace(script, env=tuple(env.items()))).adding(
        evidence=evidence, diagnostics=diagnostics
    )


def _with_settings(script: Script, settings: tuple[Setting, ...]) -> Script:
    """Append the settings to the lines of pip. Source: pip documentation, --config-settings."""
    words = [f"-C {shell_word(f'{setting.key}={setting.value}')}" for setting in settings]
    lines = (
        replace(line, command=" ".join((line.command, *words))) if line.command.startswith(_PIP) else line
        for line in script.lines
    )
    return replace(script, lines=tuple(lines))


def overridden_about(
    inferred: Inferred[About], overrides: PackageOverrides, name: CondaName, facts: SourceFacts
) -> Inferred[About]:
    """Return the about section with the user's words; findings on what they settle go."""
    about, evidence = inferred.value, list[Evidence]()
    for setting in overrides.about:
        dropped = "" if setting.value else "removed"
        where = address(name, "about", setting.key)
        about = replace(about, **{setting.key: setting.value})  # type: ignore[arg-type] # these fields are texts
        evidence.append(decided(where, "about", setting.origin, note=dropped))
    files = _license_files(about.license_files, overrides.license_files, name)
    about = replace(about, license_files=tuple(item.text for item in files.value))
    kept = (d for d in inferred.diagnostics if not _is_settled(d, overrides))
    return Inferred(
        value=about,
        evidence=(*inferred.evidence, *evidence, *files.evidence),
        diagnostics=(*kept, *files.diagnostics, *_missing_files(overrides.license_files, facts)),
    )


def _license_files(
    paths: tuple[str, ...], overrides: ListOverrides, name: CondaName
) -> Inferred[tuple[Item, ...]]:
    place = ListPlace(output=name, section="about", prefix="license_file", rule="about")
    return edited_list(tuple(Item(text=path, origin=path) for path in paths), overrides, place)


def _missing_files(overrides: ListOverrides, facts: SourceFacts) -> tuple[Diagnostic, ...]:
    return tuple(
        finding("override-file-missing", f"the source has no {item.text}", origin=item.origin)
        for item in (*(overrides.whole or ()), *overrides.add)
        if not facts.has(item.text)
    )


def _is_settled(diagnostic: Diagnostic, overrides: PackageOverrides) -> bool:
    """Tell whether the user has decided what a finding is about."""
    slug = diagnostic.slug
    if slug == "summary-missing":
        return overrides.about_of("summary") is not None
    if slug in _FILE_SLUGS:
        return bool(overrides.license_files.whole or overrides.license_files.add)
    is_of_license = slug.startswith("license-") and slug != "license-restricted"
    return is_of_license and overrides.about_of("license") is not None
