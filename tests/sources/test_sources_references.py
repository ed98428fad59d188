"""What the user types is told apart: requirements, files, directories, URLs and repositories."""

from pathlib import Path

import pytest

from conda_bridge.errors import BridgeError, SourceError, UsageError
from conda_bridge.model.source import ArchiveRef, DirectoryRef, GitRef, RequirementRef, UrlRef
from conda_bridge.sources.references import parse_source

SHA = "a" * 64


@pytest.mark.parametrize(
    ("text", "name", "specifier"),
    [
        ("click", "click", ""),
        (" Ruamel.YAML ", "ruamel-yaml", ""),
        ("click==8.1.7", "click", "==8.1.7"),
        ("click >=8, <9", "click", "<9,>=8"),
        ("click (>=8)", "click", ">=8"),
    ],
)
def test_requirement_is_a_name_and_a_specifier(text: str, name: str, specifier: str) -> None:
    ref = parse_source(text)
    assert isinstance(ref, RequirementRef)
    assert (ref.pypi_name, str(ref.specifier), ref.text) == (name, specifier, text.strip())


def test_bare_name_is_a_requirement_even_beside_a_directory_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "click").mkdir()
    monkeypatch.chdir(tmp_path)
    assert isinstance(parse_source("click"), RequirementRef)
    assert parse_source("./click") == DirectoryRef(text="./click", path=str(tmp_path / "click"))
    assert parse_source(".") == DirectoryRef(text=".", path=str(tmp_path))


def test_files_with_an_archives_suffix_need_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "demo-1.0.tar.gz").touch()
    monkeypatch.chdir(tmp_path)
    assert parse_source("demo-1.0.tar.gz") == ArchiveRef(
        text="demo-1.0.tar.gz", path=str(tmp_path / "demo-1.0.tar.gz")
    )


def test_url_may_carry_its_sha256() -> None:
    assert parse_source(f"https://host/demo-1.0.tar.gz#sha256={SHA.upper()}") == UrlRef(
        text=f"https://host/demo-1.0.tar.gz#sha256={SHA.upper()}",
        url="https://host/demo-1.0.tar.gz",
        sha256=SHA,
    )
    assert parse_source("https://host/demo-1.0.tar.gz") == UrlRef(
        text="https://host/demo-1.0.tar.gz", url="https://host/demo-1.0.tar.gz"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("git+https://host/a/b", ("https://host/a/b", "", "")),
        ("git+https://host/a/b.git@v1.0", ("https://host/a/b.git", "v1.0", "")),
        ("git+https://host/a/b@feature/x", ("https://host/a/b", "feature/x", "")),
        ("git+https://host/a/b@v1#subdirectory=py/demo&egg=demo", ("https://host/a/b", "v1", "py/demo")),
    ],
)
def test_repository_has_a_revision_and_a_subdirectory(text: str, expected: tuple[str, str, str]) -> None:
    ref = parse_source(text)
    assert isinstance(ref, GitRef)
    assert (ref.url, ref.revision, ref.subdirectory) == expected


@pytest.mark.parametrize(
    "text",
    [
        "http://host/demo-1.0.tar.gz", "file:///etc/passwd", "ssh://git@host/a", "git+ssh://git@host/a",
        "git+file:///repo", "git+http://host/a", "git@host:a/b.git", "ext::sh -c touch% /tmp/x", "ftp://host/x",
        "javascript:alert(1)",
    ],
)  # fmt: skip
def test_27_other_schemes_are_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_source(text)
    assert caught.value.slug == "unknown-source"


@pytest.mark.parametrize(
    "text",
    [
        "", "no such name!", "./missing", "missing/demo-1.0.tar.gz", "missing.tar.gz", "click[extra]",
        "click; python_version<'3'", "click @ https://host/click.zip", "click>=", "../", "-x",
        "https://host/x#sha256=abc", "git+https://host/a@--upload-pack=x", "git+https://host/a@a..b",
        "git+https://host/a@x:y", "git+https://host/a#subdirectory=../..", "git+https://host/a#subdirectory=/etc/x/../y",
    ],
)  # fmt: skip
def test_what_is_none_of_these_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    if text == "../":
        text = "../nowhere-at-all"
    with pytest.raises(UsageError) as caught:
        parse_source(text)
    assert caught.value.slug == "unknown-source"


def test_wheel_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "demo-1.0-py3-none-any.whl").touch()
    with pytest.raises(UsageError) as caught:
        parse_source(str(tmp_path / "demo-1.0-py3-none-any.whl"))
    assert "wheel" in caught.value.message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("recipes/clik", "did you mean recipes/click?"),
        ("recipes/other", "check the path; the path is relative to the folder that you are in"),
        (
            "recipies/click",
            "check the path: its folder isn't there either; the path is relative to the folder that you are in",
        ),
    ],
)
def test_path_that_is_not_there_is_no_question_of_forms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, hint: str
) -> None:
    (tmp_path / "recipes/click").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UsageError) as caught:
        parse_source(text)

    assert caught.value.hint == hint


def test_mistyped_directory_is_hinted_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my project").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        parse_source("my project")
    assert caught.value.hint == "to convert the directory, write ./my project"


@pytest.mark.parametrize(
    ("text", "meant"),
    [("idna=3.4", "idna==3.4"), ("idna = 3.*", "idna==3.*"), ("idna=3.4=pyhd8ed1ab_0", "idna==3.4")],
)
def test_spec_of_conda_is_hinted_at(text: str, meant: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_source(text)
    assert caught.value.hint == f"did you mean {meant}?"


@pytest.mark.parametrize(
    "text",
    [
        "https://me:hunter2@host/demo-1.0.tar.gz",
        "https://host/demo-1.0.tar.gz?token=hunter2",
        "https://host/demo-1.0.tar.gz?X-Amz-Signature=hunter2",
        "https://host/demo-1.0.tar.gz?private_token=hunter2",
        "git+https://oauth2:hunter2@host/a/b@main",
    ],
)
def test_25_url_with_a_secret_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_source(text)
    assert caught.value.slug == "secret-in-url"
    assert "hunter2" not in repr(caught.value)


@pytest.mark.parametrize("text", ["http://me:hunter2@host/x", "demo @ https://me:hunter2@host/x"])
def test_25_other_refusals_dont_repeat_a_secret_either(text: str) -> None:
    with pytest.raises(BridgeError) as caught:
        parse_source(text)
    assert "hunter2" not in repr(caught.value)


@pytest.mark.parametrize(
    "fragment",
    ["md5=000", "sha256:00", "sha256=zz", "sha256", f"md5={'0' * 32}", "0" * 32, f"sha512={'0' * 128}"],
)
def test_url_with_a_hash_that_is_not_checked_is_refused(fragment: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_source(f"https://host/demo-1.0.tar.gz#{fragment}")
    assert caught.value.slug == "unknown-source"
    assert "sha256=" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "fragment", [f"sha256:{SHA}", SHA, f"egg=demo&sha256={SHA}", f"md5=00{'0' * 30}&sha256={SHA}"]
)
def test_url_may_carry_its_sha256_in_the_way_of_conda_s_lists(fragment: str) -> None:
    reference = parse_source(f"https://host/demo-1.0.tar.gz#{fragment}")
    assert isinstance(reference, UrlRef)
    assert reference.sha256 == SHA
