from conda_bridge.translate.build_hints import telling_lines
from conda_bridge.translate.log_lines import error_line, shortened, without_noise

SOLVED = """\
Collecting tests from '/w/.tmpTX/toy-1.0-0'
  Platform: linux-64 [__unix=0=0]
  Channels:
   - file:///w/taken/
  Specs:
   - toy ==1.0 h4616a5c_0
subdir linux-64 of channel file:///w/taken/ was not found, ignoring
╭─────────┬─────────╮
│ Package ┆ Version │
╰─────────┴─────────╯
✔ Successfully updated the test environment
Testing commands:
""".splitlines()
PASSED = [*SOLVED, "+ echo fine", "fine", "✔ all tests passed!"]
FAILED = [
    *SOLVED,
    "+ echo begins",
    "begins",
    "+ grep x /nowhere",
    "grep: /nowhere: No such file",
    "Script failed with status 2",
]
PIP = """\
ValueError: the toy is broken
error: subprocess-exited-with-error
Exception information:
Traceback (most recent call last):
  File "$PREFIX/lib/python3.11/site-packages/pip/_internal/commands/install.py", line 429, in run
    raise InstallationError(
    ^^^^^^
pip._internal.exceptions.InstallationError: no wheels

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "$PREFIX/lib/python3.11/site-packages/pip/_internal/cli/base_command.py", line 110, in _run_wrapper
    status = _inner_run()
pip._internal.exceptions.InstallationError: no wheels
Removed file://$SRC_DIR from build tracker '/tmp/pip-build-tracker-tx'
Removed build tracker: '/tmp/pip-build-tracker-tx'
Script failed with status 1
""".splitlines()
LAST_COMMAND = ["+ grep x /nowhere", "grep: /nowhere: No such file", "Script failed with status 2"]


def test_failing_test_is_shown_though_another_one_came_last() -> None:
    assert without_noise(["+ make", *PASSED, *FAILED, *PASSED]) == LAST_COMMAND


def test_output_that_overtook_its_command_is_kept() -> None:
    lines = [*SOLVED, "+ true", "1 failed", "+ pytest", "Script failed with status 1"]

    assert without_noise(["+ make", *lines]) == lines[len(SOLVED) :]


def test_tables_of_a_build_are_not_shown() -> None:
    assert without_noise([*SOLVED[6:-1], "+ exit 3", "Script failed with status 3"]) == [
        "+ exit 3",
        "Script failed with status 3",
    ]


def test_tracebacks_of_pip_are_not_shown_however_long() -> None:
    frame = ['  File "/p/pip/_internal/x.py", line 1, in y', "    z()"] * 100
    lines = [*PIP[:5], *frame, *PIP[5:]]

    assert telling_lines(lines, 20) == ("ValueError: the toy is broken",)


def test_tracebacks_of_the_project_are_shown() -> None:
    lines = ["Traceback (most recent call last):", '  File "setup.py", line 2', "    x()", "ValueError: no"]

    assert without_noise(lines) == lines


def test_long_line_loses_its_middle() -> None:
    line = f"cc {'-I/usr/include ' * 40}toy.c"

    assert len(shortened(line)) <= 200
    assert shortened(line).startswith("cc -I")
    assert shortened(line).endswith("toy.c")
    assert telling_lines([line], 5) == (shortened(line),)


def test_error_line_is_what_says_what_is_wrong() -> None:
    traceback = [
        "Traceback (most recent call last):",
        '  File "x"',
        "  ValueError: no",
        "Script failed with status 1",
    ]

    assert error_line(traceback) == "ValueError: no"
    assert error_line(LAST_COMMAND) == "grep: /nowhere: No such file"
    assert error_line(["+ cc", "a.c:1:2: error: one", "a.c:3:2: error: two"]) == "a.c:1:2: error: one"
    assert error_line([]) == ""
