from conda_bridge.infer.project.egg_info import egg_info_folder, read_egg_info
from conda_bridge.infer.project.statements import Statement
from support.trees import facts_of_texts


def test_records_of_a_build_are_read_but_not_firm() -> None:
    facts = facts_of_texts(
        {
            "src/demo.egg-info/PKG-INFO": "",
            "src/demo.egg-info/SOURCES.txt": "",
            "src/demo.egg-info/requires.txt": "a>=1\n\n[dev]\npytest\n\n[:python_version < '3.8']\nb\n\n[x:os_name == 'nt']\nc\n",
            "src/demo.egg-info/entry_points.txt": "[console_scripts]\ndemo = demo:main\n",
            "src/demo.egg-info/top_level.txt": "demo\n_demo\n",
        }
    )

    statement = read_egg_info(facts)

    assert not statement.is_firm
    assert [line.text for line in statement.dependencies or ()] == ["a>=1", "b ; python_version < '3.8'"]
    assert [(name, [line.text for line in lines]) for name, lines in statement.extras or ()] == [
        ("dev", ["pytest"]),
        ("x", ["c ; os_name == 'nt'"]),
    ]
    assert [(line.name, line.target) for line in statement.entry_points or ()] == [("demo", "demo:main")]
    assert [known.value for known in statement.top_levels or ()] == ["demo", "_demo"]


def test_a_complete_record_without_requirements_requires_nothing() -> None:
    statement = read_egg_info(facts_of_texts({"demo.egg-info/PKG-INFO": "", "demo.egg-info/SOURCES.txt": ""}))

    assert statement.dependencies == ()
    assert statement.extras == ()
    assert statement.entry_points == ()


def test_an_incomplete_record_says_nothing_of_requirements() -> None:
    statement = read_egg_info(facts_of_texts({"demo.egg-info/PKG-INFO": ""}))

    assert statement.dependencies is None
    assert statement.extras is None
    assert statement.entry_points is None


def test_a_requires_file_without_text_is_unknown() -> None:
    statement = read_egg_info(
        facts_of_texts(
            {
                "demo.egg-info/PKG-INFO": "",
                "demo.egg-info/SOURCES.txt": "",
                "demo.egg-info/requires.txt": None,
            }
        )
    )

    assert statement.dependencies is None


def test_several_or_vendored_records_are_nobodys() -> None:
    several = facts_of_texts({"a.egg-info/PKG-INFO": "", "b.egg-info/PKG-INFO": ""})
    vendored = facts_of_texts({"vendor/a.egg-info/PKG-INFO": ""})

    assert egg_info_folder(several) == ""
    assert egg_info_folder(vendored) == ""
    assert read_egg_info(vendored) == Statement(file=".egg-info", is_firm=False)
