"""What is said of the logs of failed builds."""

import re
import time
from collections.abc import Iterable

import pytest

from conda_bridge.model.names import CondaName, NameHit, PypiName, pypi_name
from conda_bridge.translate.build_hints import hint_table, telling_lines
from conda_bridge.workflows.hints import HintFacts, HintPlace, hints_for
from support.failing_builds import AFTERMATH, FAILING_BUILDS, FailingBuild

NO_GCC = ["error: command 'gcc' failed: No such file or directory"]


@pytest.mark.parametrize("build", FAILING_BUILDS, ids=lambda build: build.name)
def test_cause_is_told_first(build: FailingBuild) -> None:
    lines = f"Building wheels for collected packages: toy\n{build.log}\n{AFTERMATH}".split("\n")
    first, *_ = hints_for(lines)
    assert (first.slug, first.message) == (build.slug, build.message)
    assert build.hint in first.hint


def test_every_cause_of_the_table_has_a_log() -> None:
    causes = hint_table().causes
    shown = {
        index
        for build in FAILING_BUILDS
        for line in build.log.split("\n")
        for index, cause in enumerate(causes)
        if cause.needle in line and cause.pattern.search(line)
    }
    unshown = [cause.pattern.pattern for index, cause in enumerate(causes) if index not in shown]
    assert unshown == []


def test_what_only_follows_a_failure_says_nothing() -> None:
    assert hints_for(AFTERMATH.split("\n")) == ()


@pytest.mark.parametrize(
    "line",
    [
        "-- Could NOT find OpenMP_CXX (missing: OpenMP_CXX_FLAGS)",
        "checking for strtod... not found",
        "copying toy/no such option.py -> build",
        "gcc: error: toy.c: No such file or directory",
    ],
)
def test_line_that_says_nothing_of_the_cause_is_passed_over(line: str) -> None:
    assert hints_for([line]) == ()


def test_line_and_log_are_named() -> None:
    [hint] = hints_for(["one", "two", *NO_GCC], facts=HintFacts(log="builds/demo/build.log"))
    assert (hint.line, hint.origin) == (3, "builds/demo/build.log")


def test_at_most_three_are_told_and_each_once() -> None:
    lines = [f"toy.c:1:10: fatal error: unknown_{index}.h: No such file or directory" for index in (1, 1, 2, 3, 4)]  # fmt: skip
    assert [hint.line for hint in hints_for(lines)] == [1, 3, 4]


def test_most_specific_cause_comes_first() -> None:
    lines = [
        "ModuleNotFoundError: No module named 'thing'",
        'unable to find a build program corresponding to "Ninja"',
    ]
    assert [hint.slug for hint in hints_for(lines)] == ["hint-tool", "hint-requirement"]


def test_colours_of_a_terminal_are_seen_through() -> None:
    [hint] = hints_for(["toy.c:1:10: \x1b[01;31mfatal error: \x1b[0msodium.h: No such file or directory"])
    assert "libsodium" in hint.message


def test_compiler_that_is_there_has_another_name() -> None:
    [hint] = hints_for(NO_GCC, facts=HintFacts(build_specs=("gcc_linux-64 12.*",)))
    assert hint.message == "the source calls gcc, and conda's compiler for C has another name"
    assert "$CC" in hint.hint


def test_library_that_is_required_already_is_not_proposed_again() -> None:
    line = "toy.c:1:10: fatal error: sodium.h: No such file or directory"
    [hint] = hints_for([line], facts=HintFacts(host_specs=("python 3.11.*", "libsodium >=1")))
    assert hint.message == "sodium.h isn't found, although requirements.host has libsodium"


def test_module_that_a_test_misses_belongs_to_run() -> None:
    [hint] = hints_for(["ModuleNotFoundError: No module named 'yaml.nodes'"], facts=HintFacts(is_test=True))
    assert (hint.slug, "requirements.run" in hint.hint) == ("hint-run-requirement", True)


def test_program_that_a_test_misses_may_be_the_package_s_own() -> None:
    [hint] = hints_for(["bash: toy: command not found"], facts=HintFacts(is_test=True))
    assert hint.message == "a test calls toy, which isn't there"


@pytest.mark.parametrize(
    ("is_test", "module", "message", "remedy"),
    [
        (True, "toy", "the package doesn't contain the module toy", "packaging settings leave it out"),
        (True, "toy._ext", "the package doesn't contain the module toy._ext", "an extension wasn't built"),
        (
            False,
            "toy",
            "the build imports toy, which is the project's own and not installed yet",
            "PYTHONPATH",
        ),
    ],
)
def test_module_of_the_package_itself_is_told_as_such(
    *, is_test: bool, module: str, message: str, remedy: str
) -> None:
    facts = HintFacts(is_test=is_test, own_modules=("toy",))
    [hint] = hints_for([f"ModuleNotFoundError: No module named '{module}'"], facts=facts)
    assert hint.message == message
    assert remedy in hint.hint


def test_lines_to_write_are_shown_with_their_place() -> None:
    facts = HintFacts(place=HintPlace(recipe="kept/recipe.yaml", package="ruamel.toy"))
    [hint] = hints_for(NO_GCC, facts=facts)
    assert hint.hint.split("\n") == [
        "add compiler('c') and stdlib('c') to requirements.build; in conda-bridge.toml, which then holds for every build:",
        '  [package."ruamel.toy".requirements.build]',
        "  add = [\"${{ compiler('c') }}\", \"${{ stdlib('c') }}\"]",
        "or in the recipe that was written, and build that: conda-bridge build kept/recipe.yaml",
    ]


def test_recipe_that_was_given_is_the_place() -> None:
    facts = HintFacts(place=HintPlace(recipe="mine/meta.yaml"))
    [hint] = hints_for(["ld: cannot find -lz: No such file or directory"], facts=facts)
    assert hint.hint == "add zlib to requirements.host; the recipe is mine/meta.yaml"


def test_every_addition_is_one_that_an_override_can_make() -> None:
    for key, template in hint_table().templates:
        assert bool(template.adds) == bool(template.section), key
        assert template.section in {"", "build", "host", "run", "<section>"}, key


class _Names:
    """Knows that `build` is `python-build`."""

    def to_conda(self, names: Iterable[PypiName]) -> tuple[NameHit, ...]:
        return tuple(
            NameHit(pypi_name=name, chosen=CondaName(f"python-{name}"), source="curated", confidence="high")
            for name in names
        )

    def to_pypi(self, name: CondaName) -> tuple[PypiName, ...]:
        return (pypi_name(name),)


def test_names_are_those_of_the_distributor() -> None:
    [hint] = hints_for(["toy 1 requires build, which is not installed."], facts=HintFacts(names=_Names()))
    assert "add python-build to requirements.run" in hint.hint


@pytest.mark.parametrize(
    ("module", "project"),
    [("yaml", "pyyaml"), ("PIL.Image", "pillow"), ("attr", "attrs"), ("google.protobuf.message", "protobuf")],
)
def test_project_of_a_module_that_has_another_name_is_told(module: str, project: str) -> None:
    facts = HintFacts(is_test=True, place=HintPlace(recipe="r", package="toy"))
    [hint] = hints_for([f"ModuleNotFoundError: No module named '{module}'"], facts=facts)
    assert f'add = ["{project}"]' in hint.hint


class _Stranger(_Names):
    """Knows no name."""

    def to_conda(self, names: Iterable[PypiName]) -> tuple[NameHit, ...]:
        return tuple(
            NameHit(pypi_name=name, chosen=CondaName(name), source="identity", confidence="low")
            for name in names
        )


@pytest.mark.parametrize("is_test", [False, True])
def test_module_of_an_unknown_project_is_not_taken_for_a_package(*, is_test: bool) -> None:
    facts = HintFacts(is_test=is_test, names=_Stranger(), place=HintPlace(recipe="r", package="toy"))
    [hint] = hints_for(["ModuleNotFoundError: No module named 'odd_one'"], facts=facts)
    assert "the package that has the module odd_one" in hint.hint
    assert 'add = ["PACKAGE"]' in hint.hint


@pytest.mark.parametrize(
    "frame",
    [
        '  File "$PREFIX/lib/python3.11/site-packages/toy/__init__.py", line 2, in <module>',
        "$PREFIX/lib/python3.11/site-packages/toy/__init__.py:2: in <module>",
    ],
)
def test_module_that_the_package_imports_is_no_test_s(frame: str) -> None:
    lines = [
        '  File "$PREFIX/bin/toy", line 7, in <module>',
        frame,
        "    import yaml",
        '  File "<frozen importlib._bootstrap>", line 1, in _find',
        "ModuleNotFoundError: No module named 'yaml'",
    ]
    [hint] = hints_for(lines, facts=HintFacts(is_test=True))
    assert hint.message == "toy/__init__.py imports yaml, which nothing provides"
    assert hint.hint == "add pyyaml to requirements.run"


# ---------------------------------------------------------------- which lines are shown


def test_lines_before_the_aftermath_tell_most() -> None:
    lines = ["one", "", "two", "three", *AFTERMATH.split("\n")]
    assert telling_lines(lines, 2) == ("two", "three")


def test_log_without_an_aftermath_ends_in_its_last_lines() -> None:
    assert telling_lines(["one", "two", "three"], 2) == ("two", "three")


def test_log_that_is_all_aftermath_is_shown_all_the_same() -> None:
    assert telling_lines(["error: subprocess-exited-with-error", "x"], 5) == (
        "error: subprocess-exited-with-error",
        "x",
    )


def test_failure_that_was_survived_is_not_what_is_shown() -> None:
    mark = "  error: subprocess-exited-with-error"
    assert telling_lines(["one", mark, "pip's words", "two", mark, "pip's words"], 1) == ("two",)


def test_aftermath_far_from_the_end_is_of_another_failure() -> None:
    assert telling_lines(["  error: subprocess-exited-with-error", *["x"] * 100, "end"], 2) == ("x", "end")


# ---------------------------------------------------------------- the table


def test_templates_say_only_what_is_known() -> None:
    known = {"name", "package", "section", "library", "language", "key", "variable", "importer"}
    for key, template in hint_table().templates:
        assert set(re.findall(r"<(\w+)>", template.message + template.hint)) <= known, key


def test_template_of_each_text_is_there() -> None:
    keys = {key for key, _ in hint_table().templates}
    assert {cause.template for cause in hint_table().causes if cause.kind == "text"} <= keys


@pytest.mark.parametrize("cause", hint_table().causes, ids=lambda cause: cause.needle)
def test_expressions_take_linear_time(cause: object) -> None:
    pattern: re.Pattern[str] = cause.pattern  # type: ignore[attr-defined]
    literal = re.sub(r"[\\^$.|?*+()\[\]{}]", " ", pattern.pattern)[:40]
    for piece in (cause.needle, "a", "a-", "' '", "x 1 ", literal):  # type: ignore[attr-defined]
        line = piece * (8_000 // len(piece))
        start = time.process_time()
        pattern.search(line)
        assert time.process_time() - start < 0.2, piece


def test_long_log_is_read_in_time() -> None:
    lines = ["gcc -Wall -I/x -c foo.c -o foo.o No such file or directory, not found, memory"] * 20_000
    start = time.process_time()
    hints_for([*lines, *NO_GCC])
    assert time.process_time() - start < 1.0
