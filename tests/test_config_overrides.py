"""The table `[package]`: what it may say, and how its layers combine."""

import pickle
from pathlib import Path
from typing import Any

import pytest

from conda_bridge.config import FILE_NAME, Layer, load_options, read_file
from conda_bridge.config.overrides import read_overrides
from conda_bridge.errors import ConfigError
from conda_bridge.model.options import RecipeOptions
from conda_bridge.model.overrides import PackageOverrides
from conda_bridge.workflows.codec import dumps, loads

EXAMPLE = Path(__file__).resolve().parent / "packages" / "overridden" / FILE_NAME


def load(tmp_path: Path, *, user: str = "", project: str = "", **layer: Any) -> RecipeOptions:
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / FILE_NAME).write_text(user)
    (tmp_path / FILE_NAME).write_text(project)
    return load_options(
        Layer(**layer), config_file=None, environment={}, working_dir=tmp_path, user_dir=tmp_path / "user"
    )


def test_values_know_their_place_in_each_kind_of_file(tmp_path: Path) -> None:
    text = "package.My_Demo.noarch = true"
    own, shared = tmp_path / FILE_NAME, tmp_path / "pyproject.toml"
    own.write_text(text)
    shared.write_text(f"[tool.conda-bridge]\n{text}")

    places = [one.noarch.origin for path in (own, shared) for one in read_file(path).overrides if one.noarch]

    assert places == [
        "conda-bridge.toml#/package/My_Demo/noarch",
        "pyproject.toml#/tool/conda-bridge/package/My_Demo/noarch",
    ]
    assert read_file(own).overrides[0].name == "my-demo"


def test_layers_add_up_line_by_line_and_the_stronger_wins_else(tmp_path: Path) -> None:
    user = """
        [package.demo]
        noarch = true
        build-number = 1
        extras = ["a"]
        env = { A = "1", B = "1" }
        requirements.run = { add = ["u"], replace = { x = "u", y = "u" } }
        tests.imports = { add = ["u"] }
        [package.other]
        noarch = true
    """
    project = """
        [package.Demo]
        noarch = false
        extras = ["b"]
        env = { B = "2" }
        requirements.run = { add = ["p"], replace = { y = "p" } }
        tests.imports = { remove = ["p"] }
    """
    demo, other = load(tmp_path, user=user, project=project).overrides

    assert demo.noarch is not None
    assert (demo.noarch.value, demo.noarch.origin) == (False, "conda-bridge.toml#/package/Demo/noarch")
    assert demo.build_number is not None
    assert demo.build_number.origin == "user:conda-bridge.toml#/package/demo/build-number"
    assert [item.text for item in demo.extras or ()] == ["b"]
    assert [(one.key, one.value) for one in demo.env] == [("A", "1"), ("B", "2")]
    assert [str(one.spec) for one in demo.run.add] == ["u", "p"]
    assert [(one.key, str(one.spec)) for one in demo.run.replace] == [("x", "u"), ("y", "p")]
    assert [item.text for item in (*demo.imports.add, *demo.imports.remove)] == ["u", "p"]
    assert other.name == "other"


def test_whole_list_of_the_stronger_layer_stands_alone(tmp_path: Path) -> None:
    (demo,) = load(
        tmp_path,
        user="package.demo.tests.imports = { add = ['u'] }",
        project="package.demo.tests.imports = ['p']",
    ).overrides

    assert demo.imports.add == ()
    assert [item.text for item in demo.imports.whole or ()] == ["p"]


def test_maintainers_of_the_package_yield_to_the_command_line_only(tmp_path: Path) -> None:
    project = 'maintainers = ["all"]\npackage.demo.maintainers = ["own"]'
    configured = load(tmp_path, project=project)
    (tmp_path / "again").mkdir()
    commanded = load(tmp_path / "again", project=project, maintainers=("me",))

    assert [item.text for item in configured.overrides[0].maintainers or ()] == ["own"]
    assert commanded.overrides[0].maintainers is None


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"noarh": True}, "'package.demo.noarh' is no setting"),
        ({"requirements": {"test": {}}}, "'package.demo.requirements.test' is no setting"),
        ({"requirements": {"run": {"adds": []}}}, "'package.demo.requirements.run.adds' is no setting"),
        ({"about": {"licence": "MIT"}}, "'package.demo.about.licence' is no setting"),
        ({"tests": {"imports": {"adds": []}}}, "'package.demo.tests.imports.adds' is no setting"),
    ],
)
def test_unknown_key_is_refused_with_the_nearest_one(table: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigError, match="is no setting") as caught:
        read_overrides({"demo": table})

    assert caught.value.slug == "unknown-key"
    assert complaint in caught.value.message
    assert caught.value.hint
    assert "did you mean" in caught.value.hint or "known keys" in caught.value.hint


def in_run(**changes: Any) -> dict[str, Any]:
    return {"requirements": {"run": changes}}


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ({"noarch": "yes"}, "noarch"),
        ({"abi3": "yes"}, "abi3"),
        ({"build-number": True}, "build-number"),
        ({"build-number": -1}, "build-number"),
        ({"python-min": 3.11}, "python-min"),
        ({"extras": {"a": 1}}, "extras"),
        ({"extras": [1]}, "extras.0"),
        (in_run(add="foo"), "requirements.run.add"),
        (in_run(add=[{"if": "win"}]), "requirements.run.add.0"),
        ({"script": [{"if": "win"}]}, "script.0"),
        ({"config-settings": {"a": 1.5}}, "config-settings.a"),
        ({"env": {"A": 1}}, "env.A"),
        ({"names": {"a": 1}}, "names.a"),
        ({"tests": {"pip-check": "no"}}, "tests.pip-check"),
    ],
)
def test_value_of_the_wrong_kind_is_refused_with_its_place(table: dict[str, Any], place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_overrides({"demo": table})

    assert caught.value.slug == "invalid-config"
    assert caught.value.where == f"call: package.demo.{place}"


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ({"conda-name": "a b"}, "conda-name"),
        ({"conda-name": "a; touch x"}, "conda-name"),
        ({"maintainers": ["bad name!"]}, "maintainers.0"),
        ({"python-min": "3"}, "python-min"),
        ({"python-min": "3.11.2"}, "python-min"),
        ({"extras": ["a b"]}, "extras.0"),
        (in_run(add=["foo >=1\nbar"]), "requirements.run.add.0"),
        (in_run(add=["foo {{ x }}"]), "requirements.run.add.0"),
        (in_run(add=["foo ${{ env.get('HOME') }}"]), "requirements.run.add.0"),
        (in_run(add=["python >=${{ python_min }},<$(x)"]), "requirements.run.add.0"),
        (in_run(add=["foo >=1 $(touch)"]), "requirements.run.add.0"),
        (in_run(add=["foo >=1  # [win]"]), "requirements.run.add.0"),
        (in_run(add=["channel::foo"]), "requirements.run.add.0"),
        (in_run(add=["foo[subdir=linux-64]"]), "requirements.run.add.0"),
        (in_run(add=[{"spec": "foo", "if": "env.get('X')"}]), "requirements.run.add.0.if"),
        (in_run(remove=["a b"]), "requirements.run.remove.0"),
        (in_run(replace={"a b": "foo"}), "requirements.run.replace.a b"),
        ({"names": {"a b": "x"}}, "names.a b"),
        ({"names": {"a": "x y"}}, "names.a"),
        ({"config-settings": {"a=b": "x"}}, "config-settings.a=b"),
        ({"config-settings": {"a": 'x" && touch y'}}, "config-settings.a"),
        ({"config-settings": {"a": ["x", "a\nb"]}}, "config-settings.a.1"),
        ({"config-settings": {"a": "$(touch y)"}}, "config-settings.a"),
        ({"config-settings": {"a": "%PATH%"}}, "config-settings.a"),
        ({"env": {"A B": "x"}}, "env.A B"),
        ({"env": {"A": "`x`"}}, "env.A"),
        ({"script": ["a\nb"]}, "script.0"),
        ({"entry-points": ["x = a:b; touch y"]}, "entry-points.0"),
        ({"entry-points": ["../../bin/sh = a:b"]}, "entry-points.0"),
        ({"entry-points": ["python = a:b"]}, "entry-points.0"),
        ({"entry-points": ["x"]}, "entry-points.0"),
        ({"entry-points": ["x = a:b [extra]"]}, "entry-points.0"),
        ({"skip": ["win ~ x"]}, "skip.0"),
        ({"tests": {"imports": ["a; b"]}}, "tests.imports.0"),
        ({"tests": {"commands": ["a\u202eb"]}}, "tests.commands.0"),
        ({"about": {"license": "my own"}}, "about.license"),
        ({"about": {"license-file": ["../LICENSE"]}}, "about.license-file.0"),
        ({"about": {"license-file": ["/etc/passwd"]}}, "about.license-file.0"),
        ({"about": {"license-file": ["a\\b"]}}, "about.license-file.0"),
        ({"about": {"homepage": "javascript:alert(1)"}}, "about.homepage"),
        ({"about": {"homepage": "http://example.org"}}, "about.homepage"),
        ({"about": {"repository": "https://me:secret@example.org"}}, "about.repository"),
        ({"about": {"summary": "a\nb"}}, "about.summary"),
        ({"about": {"description": "a\x1b[0m"}}, "about.description"),
    ],
)
def test_text_that_cannot_stand_in_a_recipe_is_refused_with_its_place(
    table: dict[str, Any], place: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_overrides({"demo": table})

    assert caught.value.slug == "invalid-override"
    assert caught.value.where == f"call: package.demo.{place}"


def test_all_that_is_wrong_with_a_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(
        """
        offline = "yes"
        ofline = true
        names.pypi-to-conda = { good = "good", bad = "a b" }
        [package.demo]
        noarh = true
        build-number = -1
        skip = ["win ~", "win", "osx ~"]
        config-settings = { "a=b" = "x" }
        requirements.run = { add = ["foo bar baz boo", "foo"], replace = { "a b" = "foo" }, remove = 3 }
        requirements.host = 1
        tests.imports = { add = ["a; b"] }
        about = { license = "my own", homepage = "http://x" }
        [package.Demo]
        """
    )

    with pytest.raises(ConfigError) as caught:
        read_file(path)

    head, *lines = caught.value.message.splitlines()
    assert head == "16 settings are wrong:"
    places = [line.partition(": ")[0] for line in lines]
    assert "'ofline' is no setting; did you mean 'offline'?" in places
    assert "'package.demo.noarh' is no setting; did you mean 'package.demo.noarch'?" in places
    assert {place for place in places if "no setting" not in place} == {
        "offline",
        "names.pypi-to-conda.bad",
        "package.demo.build-number",
        "package.demo.skip.0",
        "package.demo.skip.2",
        "package.demo.config-settings.a=b",
        "package.demo.requirements.run.add.0",
        "package.demo.requirements.run.replace.a b",
        "package.demo.requirements.run.remove",
        "package.demo.requirements.host",
        "package.demo.tests.imports.add.0",
        "package.demo.about.license",
        "package.demo.about.homepage",
        "package.Demo",
    }
    assert (caught.value.slug, caught.value.where) == ("invalid-config", str(path))


def test_complaints_of_one_kind_keep_their_code_and_many_are_counted() -> None:
    with pytest.raises(ConfigError) as caught:
        read_overrides({"demo": {"skip": ["win ~"] * 25}})

    assert caught.value.slug == "invalid-override"
    assert caught.value.message.splitlines()[-1] == "and 5 more"
    assert len(caught.value.message.splitlines()) == 22


def test_two_tables_of_one_package_are_refused() -> None:
    with pytest.raises(ConfigError, match="there is a table for 'my-demo' already"):
        read_overrides({"my-demo": {}, "My_Demo": {}})


def test_lone_text_is_a_list_of_one() -> None:
    (demo,) = read_overrides({"demo": {"skip": "win", "about": {"license-file": "COPYING"}}})

    assert [item.text for item in demo.skip or ()] == ["win"]
    assert [item.text for item in demo.license_files.whole or ()] == ["COPYING"]


def test_description_may_have_several_lines() -> None:
    (demo,) = read_overrides({"demo": {"about": {"description": "One.\n\nTwo.\n"}}})

    assert demo.about[0].value == "One.\n\nTwo."


def test_overrides_survive_json_and_pickle() -> None:
    (overrides,) = read_file(EXAMPLE).overrides

    assert loads(dumps(overrides, PackageOverrides), PackageOverrides, where="x") == overrides
    assert pickle.loads(pickle.dumps(overrides)) == overrides
    assert hash(overrides)
