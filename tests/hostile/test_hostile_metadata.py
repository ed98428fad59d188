"""Rows 28 to 39 of the list of bad inputs: names, versions, entry points and dependencies."""

import json
import shlex

import pytest

from support.archives import gz, tar_bytes, wheel_bytes
from support.hostile import Converted, Laboratory, core_metadata, meanings_of, members_of, pyproject
from support.index_server import IndexServer

SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
OLD_METADATA = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: A demo\nLicense: MIT\n"


def with_script(name: str, target: str, place: str) -> dict[str, str | bytes | None]:
    """Return the texts of a source that declares a command in one of the places where that can be done."""
    entry = f"{name} = {target}"
    match place:
        case "project":
            return {
                "pyproject.toml": pyproject(
                    rest=f"[project.scripts]\n{json.dumps(name)} = {json.dumps(target)}\n"
                )
            }
        case "gui":
            rest = f"[project.gui-scripts]\n{json.dumps(name)} = {json.dumps(target)}\n"
            return {"pyproject.toml": pyproject(rest=rest)}
        case "poetry":
            build = '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'
            table = (
                '[tool.poetry]\nname = "demo"\nversion = "1.0"\ndescription = "x"\n[tool.poetry.scripts]\n'
            )
            line = f"{json.dumps(name)} = {json.dumps(target)}\n"
            return {"PKG-INFO": OLD_METADATA, "pyproject.toml": build + table + line}
        case "setup.cfg":
            text = f"[options.entry_points]\nconsole_scripts =\n    {entry}\n"
            return {"PKG-INFO": OLD_METADATA, "pyproject.toml": SETUPTOOLS, "setup.cfg": text}
        case "setup.py":
            call = f"setup(entry_points={{'console_scripts': [{entry!r}]}})"
            text = f"from setuptools import setup\n{call}\n"
            return {"PKG-INFO": OLD_METADATA, "pyproject.toml": SETUPTOOLS, "setup.py": text}
        case _:
            record = f"[console_scripts]\n{entry}\n"
            return {
                "PKG-INFO": OLD_METADATA,
                "pyproject.toml": SETUPTOOLS,
                "demo.egg-info/PKG-INFO": OLD_METADATA,
                "demo.egg-info/SOURCES.txt": "",
                "demo.egg-info/entry_points.txt": record,
            }


PLACES = ("project", "gui", "poetry", "setup.cfg", "setup.py", "egg-info")


@pytest.mark.parametrize(
    ("place", "target"),
    [
        *((place, "a:b; touch y") for place in PLACES),
        *(("project", target) for target in ("a:b()", "os:system('id') or x", "a b:c", "a:b\nimport os")),
    ],
)
def test_row_28_entry_point_that_holds_code_is_refused(lab: Laboratory, place: str, target: str) -> None:
    lab.refused(lab.sdist(with_script("x", target, place)), "unsafe-entry-point")


@pytest.mark.parametrize(
    ("place", "name"),
    [
        *((place, "../../bin/sh") for place in PLACES),
        *(("project", name) for name in ("a b", "a;b", "$(id)", "a/b", "a\\b", "-rf", "")),
    ],
)
def test_row_29_command_with_a_hostile_name_is_refused(lab: Laboratory, place: str, name: str) -> None:
    lab.refused(lab.sdist(with_script(name, "a:b", place)), "unsafe-entry-point")


@pytest.mark.parametrize("name", ["../../bin/sh", "a b", "a;b", "$(id)", "a/b", "a\\b", "-rf", "'; touch y"])
def test_row_29_project_with_a_hostile_name_is_refused(lab: Laboratory, name: str) -> None:
    table = pyproject().replace('name = "demo"', f"name = {json.dumps(name)}")
    metadata = core_metadata(name=name)

    lab.refused(lab.sdist({"PKG-INFO": metadata, "pyproject.toml": table}, name="odd.tar.gz"), "invalid-name")


@pytest.mark.parametrize("path", ["../../bin/sh", "/bin/sh"])
def test_row_29_script_file_outside_the_source_is_reported_and_left_out(lab: Laboratory, path: str) -> None:
    script = f"from setuptools import setup\nsetup(scripts=[{path!r}])\n"
    texts = {"PKG-INFO": OLD_METADATA, "pyproject.toml": SETUPTOOLS, "setup.py": script}

    done = lab.converted(lab.sdist(texts))

    assert path in done.finding("ignored-field")["message"]
    assert "bin/sh" not in done.recipe


def test_row_30_extra_of_an_entry_point_is_dropped_and_reported(lab: Laboratory) -> None:
    done = lab.converted(lab.sdist(with_script("tool", "demo:main [fast]", "project")))

    assert "entry-point-extra" in done.slugs
    assert meanings_of(done)[0].outputs[0].entry_points == ("tool = demo:main",)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        *((place, "python") for place in PLACES),
        *(("project", name) for name in ("python3.12", "pip", "pip3", "conda", "Python.exe")),
    ],
)
def test_row_31_command_that_shadows_a_program_is_refused(lab: Laboratory, place: str, name: str) -> None:
    lab.refused(lab.sdist(with_script(name, "a:b", place)), "unsafe-entry-point")


@pytest.mark.parametrize(("project", "name"), [("pip", "pip3"), ("conda", "conda")])
def test_row_31_own_name_of_a_project_is_its_command(lab: Laboratory, project: str, name: str) -> None:
    texts = {
        "PKG-INFO": core_metadata(name=project),
        "pyproject.toml": pyproject(rest=f'[project.scripts]\n{name} = "demo:main"\n').replace(
            "demo", project, 1
        ),
    }
    members = members_of(texts, top=f"{project}-1.0")

    done = lab.converted(lab.archive(*members, name=f"{project}-1.0.tar.gz"))

    assert meanings_of(done)[0].outputs[0].entry_points == (f"{name} = demo:main",)


@pytest.mark.parametrize(
    "value", ["a b; touch y", "-DX='1 2'", "$(touch y)", "%PATH%", 'a"b', "a\nb", "`id`", "a\\"]
)
def test_row_32_value_of_a_config_setting_is_one_word_or_refused(lab: Laboratory, value: str) -> None:
    config = f'[package.demo.config-settings]\n"cmake.args" = {json.dumps(value)}\n'
    (lab.work / "conda-bridge.toml").write_text(config)
    source = lab.sdist()
    if set(value) & set('$%"\n`\\'):
        lab.refused(source, "invalid-override")
        return

    script = meanings_of(lab.converted(source))[0].outputs[0].script

    assert len(script) == 1
    assert shlex.split(script[0])[-1] == f"cmake.args={value}"


@pytest.mark.parametrize("name", ["d\xe9mo", "demo!", "-demo", "", "demo\u200b"])
def test_row_33_project_name_that_is_none_is_refused(lab: Laboratory, name: str) -> None:
    table = pyproject().replace('name = "demo"', f"name = {json.dumps(name)}")

    lab.refused(
        lab.sdist({"PKG-INFO": None, "pyproject.toml": table}, name="odd.tar.gz"), _slug_of_name(name)
    )


def _slug_of_name(name: str) -> str:
    return "invalid-name" if name else "unknown-name"


# ---------------------------------------------------------------- versions


def with_version(version: str) -> dict[str, str | bytes | None]:
    table = pyproject().replace('version = "1.0"', f"version = {json.dumps(version)}")
    return {"PKG-INFO": core_metadata(version=version), "pyproject.toml": table}


@pytest.mark.parametrize("version", ["one", "1.0-beta-final", "1..2", "$(id)", "1.0; touch y", "1" * 5000])
def test_row_34_version_that_is_not_pep440_is_refused(lab: Laboratory, version: str) -> None:
    lab.refused(lab.sdist(with_version(version), name="odd.tar.gz"), "invalid-version")


def test_row_34_own_version_with_a_local_part_is_refused_with_a_hint(lab: Laboratory) -> None:
    source = lab.sdist(with_version("1.0+cu118"), name="odd.tar.gz")

    lab.refused(source, "local-version")

    assert "without" in lab.run(source).err or "no '+'" in lab.run(source).err


@pytest.mark.parametrize(
    ("version", "expected"), [("1!2.0", "1!2.0"), ("1.0-1", "1.0.post1"), ("v1.0-rc1", "1.0rc1")]
)
def test_row_34_epoch_and_hyphen_are_mapped(lab: Laboratory, version: str, expected: str) -> None:
    done = lab.converted(lab.sdist(with_version(version), name="odd.tar.gz"))

    assert meanings_of(done)[0].version == expected


def test_row_34_local_part_of_a_specifier_is_never_written(lab: Laboratory) -> None:
    done = lab.converted(lab.sdist({"PKG-INFO": core_metadata("Requires-Dist: torch==2.0+cu118")}))

    assert "local-version-dropped" in done.slugs
    assert "cu118" not in done.recipe


# ---------------------------------------------------------------- dependencies


@pytest.mark.parametrize(
    "line", ["not a requirement", "a >= b", "a[", "a; python_version", "$(id)", "a>=1,,,>", "a; touch y"]
)
def test_row_35_requirement_that_does_not_parse_is_refused(lab: Laboratory, line: str) -> None:
    lab.refused(
        lab.sdist({"PKG-INFO": core_metadata("Requires-Dist: fine", f"Requires-Dist: {line}")}),
        "invalid-requirement",
    )


def test_row_36_marker_that_cannot_be_mapped_is_reported_with_its_dependency(lab: Laboratory) -> None:
    done = lab.converted(
        lab.sdist({"PKG-INFO": core_metadata('Requires-Dist: colorama; platform_release >= "5"')})
    )

    assert "colorama" in done.finding("unknown-marker")["message"]
    assert "- colorama" in done.recipe


def test_row_36_marker_of_a_platform_makes_a_platform_build(lab: Laboratory) -> None:
    line = 'Requires-Dist: pywin32; sys_platform == "win32"'

    done = lab.converted(lab.sdist({"PKG-INFO": core_metadata(line)}))

    linux, windows = (dict(meaning.outputs[0].requirements)["run"] for meaning in meanings_of(done))
    assert "platform-dependency" in done.slugs
    assert "pywin32" in windows
    assert "pywin32" not in linux


def test_row_36_marker_that_is_nested_without_end_is_refused(lab: Laboratory) -> None:
    marker = "(" * 3000 + 'os_name == "nt"' + ")" * 3000

    lab.refused(lab.sdist({"PKG-INFO": core_metadata(f"Requires-Dist: a; {marker}")}), "invalid-requirement")


@pytest.mark.parametrize(
    "url", ["https://x.example/a.whl", "https://x.example/a.tar.gz#sha256=00", "./a", "a"]
)
def test_row_37_dependency_on_a_url_is_refused(lab: Laboratory, url: str) -> None:
    lab.refused(lab.sdist({"PKG-INFO": core_metadata(f"Requires-Dist: a @ {url}")}), "direct-reference")


def run_of(done: Converted) -> set[str]:
    return set(dict(meanings_of(done)[0].outputs[0].requirements)["run"])


def test_row_38_project_that_requires_itself_is_reported_and_left_out(lab: Laboratory) -> None:
    done = lab.converted(
        lab.sdist({"PKG-INFO": core_metadata("Requires-Dist: demo>=1", "Requires-Dist: other")})
    )

    assert "demo>=1 requires the project itself" in done.finding("self-requirement")["message"]
    assert run_of(done) == {"python >=3.10", "other"}


def test_row_38_own_extras_that_ask_for_one_another_end_and_give_all_that_they_need(lab: Laboratory) -> None:
    lines = (
        "Requires-Dist: demo[a]",
        *("Provides-Extra: a", "Provides-Extra: b", "Provides-Extra: c"),
        'Requires-Dist: demo[b,c]; extra == "a"',
        'Requires-Dist: demo[a]; extra == "b"',
        'Requires-Dist: first; extra == "b"',
        'Requires-Dist: second; extra == "c"',
        'Requires-Dist: demo[c]; extra == "c" and sys_platform == "linux"',
    )

    done = lab.converted(lab.sdist({"PKG-INFO": core_metadata(*lines)}))

    assert "self-requirement" in done.slugs
    assert run_of(done) == {"python >=3.10", "first", "second"}


def test_row_38_own_extras_under_ever_new_conditions_are_refused(lab: Laboratory) -> None:
    extras = [f"e{n}" for n in range(12)]
    lines = ["Requires-Dist: demo[e0]", *(f"Provides-Extra: {extra}" for extra in extras)]
    for n, extra in enumerate(extras):
        for version in range(3, 8):
            asked = f'extra == "{extra}" and python_full_version != "3.{version + 7}.{n}"'
            lines.append(f"Requires-Dist: demo[{','.join(extras)}]; {asked}")

    lab.refused(lab.sdist({"PKG-INFO": core_metadata(*lines)}), "complex-marker")


def test_row_38_extras_of_others_that_ask_for_one_another_end(
    lab: Laboratory, index_server: IndexServer
) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        metadata = (
            f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\nProvides-Extra: x\n"
            f'Requires-Dist: {other}[x]; extra == "x"\nRequires-Dist: end-of-{name}; extra == "x"\n'
        )
        wheel = wheel_bytes(name, "1.0", metadata=metadata)
        index_server.add_file(name, f"{name}-1.0-py3-none-any.whl", wheel, metadata=metadata)
    sdist = gz(tar_bytes(members_of({"PKG-INFO": core_metadata("Requires-Dist: one[x]")})))
    index_server.add_file("demo", "demo-1.0.tar.gz", sdist)
    lab.serve(index_server.index_url)

    run = run_of(lab.converted("demo"))

    assert {"one", "two", "end-of-one", "end-of-two"} <= run


@pytest.mark.parametrize("names", [("a-b", "a_b"), ("A", "a"), ("x.y", "x--y")])
def test_row_39_extras_that_collide_are_refused(lab: Laboratory, names: tuple[str, str]) -> None:
    lines = [f"Provides-Extra: {name}" for name in names]
    lines += [f'Requires-Dist: z; extra == "{name}"' for name in names]

    lab.refused(lab.sdist({"PKG-INFO": core_metadata(*lines)}), "extra-collision")
