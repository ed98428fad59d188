"""First lines of scripts, as builders of conda packages write them and as wheels have them."""

import pytest

from conda_bridge.errors import RepackError
from conda_bridge.repack.to_wheel.package_facts import PathRow
from conda_bridge.repack.to_wheel.wheel_scripts import is_made_by_installer, wheel_script
from support.noarch_made import PREFIX

ROW = PathRow(sha256="", size_bytes=-1, path_type="hardlink", has_placeholder=True, placeholder=PREFIX)
LONG = "/home/builder/miniforge3/conda-bld/demo_17/_h_env_placehold_placehold_placehold_placehold"


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (f"#!{PREFIX}/bin/python\n", "#!python\n"),
        (f"#!{PREFIX}/bin/python3.11\n", "#!python\n"),
        (f"#! {PREFIX}/bin/python -E\n", "#!python -E\n"),
        (f"#!{PREFIX}/bin/python\r\n", "#!python\r\n"),
        (f"#!{PREFIX}/bin/pythonw\n", "#!pythonw\n"),
        (f'#!"{PREFIX}\\python.exe"\n', "#!python\n"),
        (f"#!/bin/sh\n'''exec' {PREFIX}/bin/python \"$0\" \"$@\"\n' '''\n", "#!python\n"),
        (f"#!/bin/sh\n'''exec' \"{PREFIX}/bin/python3.11\" \"$0\" \"$@\"\n' '''\n", "#!python\n"),
        ("#!/home/somebody/env/bin/python3\n", "#!python\n"),
        ("#!python\n", "#!python\n"),
        ("#!/usr/bin/env python3\n", "#!/usr/bin/env python3\n"),
        ("#!/usr/bin/python3\n", "#!/usr/bin/python3\n"),
        ("#!/bin/sh\n", "#!/bin/sh\n"),
        ("@echo off\r\n", "@echo off\r\n"),
        ("", ""),
    ],
)
def test_first_line_is_the_one_that_installers_replace(first: str, expected: str) -> None:
    body = "import demo\n"

    assert wheel_script("python-scripts/demo", (first + body).encode(), ROW) == (expected + body).encode()


@pytest.mark.parametrize(("body", "end"), [("x = 1\r\n", "\r\n"), ("x = 1\n", "\n"), ("\nx = 1\r\n", "\n")])
def test_first_line_ends_as_the_second_does(body: str, end: str) -> None:
    script = f"#!{PREFIX}/bin/python\n{body}".encode()
    assert wheel_script("python-scripts/demo", script, ROW) == f"#!python{end}{body}".encode()


def test_first_line_of_a_long_prefix_is_told_by_its_list() -> None:
    row = PathRow(sha256="", size_bytes=-1, path_type="hardlink", has_placeholder=True, placeholder=LONG)

    assert wheel_script("bin/demo", f"#!{LONG}/bin/python\n".encode(), row) == b"#!python\n"


@pytest.mark.parametrize(
    "content",
    [
        f"#!{PREFIX}/bin/python\nHOME = '{PREFIX}'\n",
        f"#!{PREFIX}/bin/bash\nexec demo\n",
        f"#!/bin/sh\nexec {PREFIX}/bin/demo\n",
    ],
    ids=["behind it", "another program", "a shell script"],
)
def test_prefix_that_nobody_would_replace_is_refused(content: str) -> None:
    with pytest.raises(RepackError) as caught:
        wheel_script("bin/demo", content.encode(), ROW)

    assert caught.value.slug == "embedded-prefix"


@pytest.mark.parametrize(
    "name", ["demo", "demo.exe", "demo-script.py", "demo-script.pyw", "demo.exe.manifest"]
)
def test_what_installers_make_of_a_command_is_known(name: str) -> None:
    assert is_made_by_installer(name, {"demo"})


@pytest.mark.parametrize("name", ["demo2", "demo.sh", "sub/demo", "Demo"])
def test_other_scripts_are_the_projects_own(name: str) -> None:
    assert not is_made_by_installer(name, {"demo"})
