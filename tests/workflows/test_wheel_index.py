import errno
import hashlib
import json
import os
import re
import shutil
import threading
from html.parser import HTMLParser
from pathlib import Path

import pytest
from filelock import FileLock

from conda_bridge.errors import RepackError, UsageError
from conda_bridge.model.names import PypiName
from conda_bridge.sources.pages import parse_page
from conda_bridge.sources.raw_pages import Page
from conda_bridge.workflows.wheel_index import WheelIndex
from support.wheels import WheelParts, write_wheel


def add(
    folder: Path,
    name: str = "demo",
    version: str = "1.0",
    *,
    metadata: tuple[str, ...] = (),
    content: bytes = b"x\n",
) -> str:
    """Make a wheel elsewhere and add it; return its path in the index."""
    parts = WheelParts(name=name, version=version, metadata=metadata, files={"demo.py": content})
    elsewhere = folder.parent / f"made-{hashlib.sha256(repr(parts).encode()).hexdigest()[:8]}"
    elsewhere.mkdir(exist_ok=True)
    return WheelIndex(str(folder)).add(str(write_wheel(elsewhere, parts))).path


def inodes(folder: Path) -> dict[str, tuple[int, int]]:
    """Which files there are, and whether they are still the same ones: writing aside gives new ones."""
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


class Anchors(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs))


def test_wheel_has_its_page_in_both_forms_with_its_metadata_beside_it(tmp_path: Path) -> None:
    path = Path(add(tmp_path / "simple", "Demo_App", metadata=("Requires-Python: >=3.8,<4",)))

    sidecar = path.with_name(f"{path.name}.metadata")
    digest, metadata = (hashlib.sha256(one.read_bytes()).hexdigest() for one in (path, sidecar))
    (anchor,) = Anchors((tmp_path / "simple/demo-app/index.html").read_text()).found
    (file,) = json.loads((tmp_path / "simple/demo-app/index.json").read_text())["files"]

    assert path.parent == tmp_path / "simple" / "demo-app"
    assert b"Name: Demo_App" in sidecar.read_bytes()
    assert anchor == {
        "href": f"{path.name}#sha256={digest}",
        "data-requires-python": ">=3.8,<4",
        "data-dist-info-metadata": f"sha256={metadata}",
        "data-core-metadata": f"sha256={metadata}",
    }
    assert file == {
        "filename": path.name,
        "url": path.name,
        "hashes": {"sha256": digest},
        "size": path.stat().st_size,
        "requires-python": ">=3.8,<4",
        "core-metadata": {"sha256": metadata},
    }


def test_attribute_of_a_page_is_escaped(tmp_path: Path) -> None:
    add(tmp_path / "simple", metadata=("Requires-Python: >=3.8",))

    assert 'data-requires-python="&gt;=3.8"' in (tmp_path / "simple/demo/index.html").read_text()


def test_local_version_can_be_fetched(tmp_path: Path) -> None:
    path = Path(add(tmp_path / "simple", version="1.0+abc"))

    (anchor,) = Anchors((tmp_path / "simple/demo/index.html").read_text()).found

    assert path.name == "demo-1.0+abc-py3-none-any.whl"
    assert str(anchor["href"]).startswith("demo-1.0%2Babc-py3-none-any.whl#")


@pytest.mark.parametrize(
    ("page", "content_type"),
    [("index.html", "text/html"), ("index.json", "application/vnd.pypi.simple.v1+json")],
)
def test_page_is_read_as_one_of_an_index(tmp_path: Path, page: str, content_type: str) -> None:
    path = Path(add(tmp_path / "simple", metadata=("Requires-Python: >=3.8",)))
    body = (tmp_path / "simple/demo" / page).read_bytes()
    url = f"https://example.org/simple/demo/{page}"

    read = parse_page(
        Page(url=url, content_type=content_type, body=body), name=PypiName("demo"), index_url="it"
    )

    (link,) = read.files
    assert (link.filename, link.sha256) == (path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    assert (link.requires_python, link.has_metadata) == (">=3.8", True)
    assert read.diagnostics == ()


def test_root_lists_every_project_once(tmp_path: Path) -> None:
    for name, version in (("zebra", "1.0"), ("demo", "1.0"), ("demo", "2.0")):
        add(tmp_path / "simple", name, version)

    anchors = Anchors((tmp_path / "simple/index.html").read_text()).found
    listed = json.loads((tmp_path / "simple/index.json").read_text())

    assert [anchor["href"] for anchor in anchors] == ["demo/", "zebra/"]
    assert listed["projects"] == [{"name": "demo"}, {"name": "zebra"}]


def test_only_pages_that_change_are_written(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    add(folder, "zebra")
    add(folder, "demo")
    before = inodes(folder)

    add(folder, "demo", "2.0")

    after = inodes(folder)
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {"demo/index.html", "demo/index.json"}
    assert set(after) - set(before) == {
        "demo/demo-2.0-py3-none-any.whl",
        "demo/demo-2.0-py3-none-any.whl.metadata",
    }


def test_versions_are_in_their_order(tmp_path: Path) -> None:
    for version in ("1.10", "1.9", "1.0"):
        add(tmp_path / "simple", version=version)

    page = json.loads((tmp_path / "simple/demo/index.json").read_text())

    assert page["versions"] == ["1.0", "1.9", "1.10"]
    assert [file["filename"].split("-")[1] for file in page["files"]] == ["1.0", "1.9", "1.10"]


def test_same_wheel_again_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    add(folder)
    before = inodes(folder)

    add(folder)

    assert inodes(folder) == before


def test_wheel_of_the_same_name_with_other_bytes_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    add(folder)
    before = inodes(folder)

    with pytest.raises(RepackError, match="with other content") as caught:
        add(folder, content=b"y\n")

    assert caught.value.slug == "wheel-in-index"
    assert inodes(folder) == before


def test_wheel_whose_name_is_spelt_otherwise_is_the_same_one(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    path = Path(add(folder, "Demo.App"))
    path.rename(path.with_name("demo_app-1.0.0-py3-none-any.whl"))

    with pytest.raises(RepackError, match="other content"):
        add(folder, "Demo.App", content=b"y\n")


def test_what_was_put_there_by_hand_stays_and_is_listed(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    add(folder)
    (folder / "demo/demo-0.5.tar.gz").write_bytes(b"an sdist")
    write_wheel(folder / "demo", WheelParts(version="0.7"))
    (folder / "demo/notes.txt").write_text("mine")

    add(folder, version="2.0")

    listed = json.loads((folder / "demo/index.json").read_text())["files"]
    assert [file["filename"] for file in listed] == [
        "demo-0.5.tar.gz",
        "demo-0.7-py3-none-any.whl",
        "demo-1.0-py3-none-any.whl",
        "demo-2.0-py3-none-any.whl",
    ]
    assert "core-metadata" not in listed[0]
    assert (folder / "demo/demo-0.7-py3-none-any.whl.metadata").is_file()
    assert (folder / "demo/notes.txt").read_text() == "mine"


def test_wheel_that_was_deleted_is_no_longer_listed(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    Path(add(folder)).unlink()

    add(folder, version="2.0")

    assert [file["filename"] for file in json.loads((folder / "demo/index.json").read_text())["files"]] == [
        "demo-2.0-py3-none-any.whl"
    ]


def test_file_that_was_changed_by_hand_has_its_new_digest(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    path = Path(add(folder))
    path.unlink()
    write_wheel(folder / "demo", WheelParts(files={"demo.py": b"y\n"}))

    add(folder, version="2.0")

    first = json.loads((folder / "demo/index.json").read_text())["files"][0]
    assert first["hashes"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_wheel_that_was_yanked_stays_so(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    add(folder)
    page = folder / "demo/index.json"
    document = json.loads(page.read_text())
    document["files"][0]["yanked"] = "broken"
    page.write_text(json.dumps(document))

    add(folder, version="2.0")

    assert [file.get("yanked") for file in json.loads(page.read_text())["files"]] == ["broken", None]
    assert 'data-yanked="broken"' in (folder / "demo/index.html").read_text()


def test_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("<h1>My page</h1>")

    with pytest.raises(UsageError) as caught:
        add(tmp_path / "site")

    assert caught.value.slug == "no-index-folder"
    assert sorted(path.name for path in (tmp_path / "site").rglob("*") if not path.name.startswith(".")) == [
        "index.html"
    ]


def test_page_of_a_project_that_something_else_wrote_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    add(folder)
    (folder / "other").mkdir()
    (folder / "other/index.html").write_text("<a href='other-1.0.tar.gz'>other</a>")

    with pytest.raises(UsageError, match="would be lost"):
        add(folder, "other")


def test_page_that_is_damaged_is_written_anew(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    add(folder, "zebra")
    add(folder)
    whole = (folder / "demo/index.json").read_text()
    (folder / "demo/index.json").write_text(whole[:40])
    (folder / "index.json").write_text("{")

    add(folder)

    assert (folder / "demo/index.json").read_text() == whole
    assert json.loads((folder / "index.json").read_text())["projects"] == [
        {"name": "demo"},
        {"name": "zebra"},
    ]


def test_check_says_what_add_would_and_writes_nothing(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts())
    index = WheelIndex(str(tmp_path / "simple"))

    told = index.check(str(wheel))

    assert (told.path, told.is_new) == (str(tmp_path / "simple/demo" / wheel.name), True)
    assert not (tmp_path / "simple").exists()


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    threads = [
        threading.Thread(target=add, args=(folder, "demo", f"{number}.0")) for number in range(1, 13)
    ] + [threading.Thread(target=add, args=(folder, f"other-{number}")) for number in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(json.loads((folder / "demo/index.json").read_text())["files"]) == 12
    assert len(re.findall("<a ", (folder / "index.html").read_text())) == 5


def test_lock_that_is_never_given_up_is_told(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts())
    folder = tmp_path / "simple"
    add(folder)

    with FileLock(folder / ".conda-bridge.lock"), pytest.raises(RepackError) as caught:
        WheelIndex(str(folder), lock_timeout_s=0.05).add(str(wheel))

    assert caught.value.slug == "index-locked"


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    add(folder)
    (folder / "demo/.demo-2.0-py3-none-any.whl.abc.part").write_bytes(b"half")

    add(folder, version="2.0")

    assert not list(folder.rglob("*.part"))


def test_file_that_was_replaced_by_one_of_its_size_and_time_has_its_new_digest(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    path = Path(add(folder))
    add(folder, version="1.5")
    before = path.stat()
    elsewhere = tmp_path / "other"
    elsewhere.mkdir()
    made = (
        write_wheel(elsewhere, WheelParts(files={"demo.py": f"{number}\n".encode()})) for number in range(999)
    )
    other = next(one for one in made if one.stat().st_size == before.st_size)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)

    add(folder, version="2.0")

    first = json.loads((folder / "demo/index.json").read_text())["files"][0]
    assert first["hashes"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("change", ["lost", "altered", "a link to nowhere"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_metadata_that_is_not_the_wheels_is_written_anew(tmp_path: Path, change: str, version: str) -> None:
    folder = tmp_path / "simple"
    path = Path(add(folder))
    sidecar = path.with_name(f"{path.name}.metadata")
    content, before = sidecar.read_bytes(), inodes(folder)
    sidecar.unlink()
    if change == "altered":
        sidecar.write_bytes(content.replace(b"1.0", b"9.9"))
    elif change == "a link to nowhere":
        sidecar.symlink_to("nowhere")

    add(folder, version=version)

    assert sidecar.read_bytes() == content
    if version == "1.0":
        after = inodes(folder)
        assert {name for name in before if before[name] != after[name]} == {f"demo/{sidecar.name}"}


def test_metadata_of_a_wheel_that_was_deleted_goes_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    Path(add(folder)).unlink()

    add(folder, version="2.0")

    assert [path.name for path in (folder / "demo").glob("*.metadata")] == [
        "demo-2.0-py3-none-any.whl.metadata"
    ]


@pytest.mark.parametrize("kind", ["folder", "link", "no archive"])
def test_what_is_only_named_as_a_wheel_is_told_and_stops_nothing(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "simple"
    add(folder)
    foreign = folder / "demo/zz-1.0-py3-none-any.whl"
    if kind == "folder":
        foreign.mkdir()
    elif kind == "link":
        foreign.symlink_to("nowhere")
    else:
        foreign.write_bytes(b"no zip")
    parts = WheelParts(version="2.0")

    added = WheelIndex(str(folder)).add(str(write_wheel(tmp_path, parts)))

    assert [(found.slug, found.origin) for found in added.diagnostics] == [("unlisted-file", str(foreign))]
    for page in ("index.html", "index.json"):
        text = (folder / "demo" / page).read_text()
        assert "demo-2.0" in text
        assert "zz-1.0" not in text


def disk_fails_at(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """Let nothing appear under a path, as if the process ended before."""
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target == place:
            raise OSError(errno.EIO, "killed")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)


@pytest.mark.parametrize(
    "place",
    ["index.html", "index.json", "demo/index.html", "demo/index.json", "demo/demo-1.0-py3-none-any.whl"],
)
@pytest.mark.parametrize("later", ["demo", "zebra"])
def test_whoever_comes_after_an_end_at_any_moment_makes_all_pages_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, later: str
) -> None:
    folder = tmp_path / "simple"
    add(folder, "first")
    with monkeypatch.context() as patch:
        disk_fails_at(patch, folder / place)
        with pytest.raises(UsageError):
            add(folder)

    add(folder, later)

    projects = sorted(path.parent.name for path in folder.glob("*/*.whl"))
    html, listed = (folder / "index.html").read_text(), json.loads((folder / "index.json").read_text())
    assert later in projects
    for project in projects:
        assert f'href="{project}/"' in html
        assert {"name": project} in listed["projects"]
        page = json.loads((folder / project / "index.json").read_text())
        assert [one["filename"] for one in page["files"]] == [
            path.name for path in (folder / project).glob("*.whl")
        ]
        assert page["files"][0]["filename"] in (folder / project / "index.html").read_text()
    assert not list(folder.glob(".*changing*"))


def listed_projects(folder: Path) -> tuple[list[str], list[str]]:
    """Return what the two forms of the root name."""
    anchors = Anchors((folder / "index.html").read_text()).found
    document = json.loads((folder / "index.json").read_text())
    return [str(anchor["href"]) for anchor in anchors], [one["name"] for one in document["projects"]]


@pytest.mark.parametrize("later", ["first", "second"])
@pytest.mark.parametrize("had_pages", [False, True])
def test_project_of_which_a_killed_process_left_no_wheel_is_not_in_the_index(
    tmp_path: Path, later: str, *, had_pages: bool
) -> None:
    folder = tmp_path / "simple"
    add(folder, "first")
    if had_pages:
        Path(add(folder, "demo")).unlink()
    (folder / "demo").mkdir(exist_ok=True)
    (folder / "demo/demo-2.0-py3-none-any.whl.metadata").write_bytes(b"")
    (folder / "demo/.demo-2.0-py3-none-any.whl.abc.part").write_bytes(b"half")
    (folder / ".conda-bridge.changing").write_text("demo")

    add(folder, later)

    names = sorted({"first", later})
    assert not (folder / "demo").exists()
    assert listed_projects(folder) == ([f"{name}/" for name in names], names)
    assert not (folder / ".conda-bridge.changing").exists()


def test_folder_that_keeps_other_files_has_no_pages_without_a_wheel(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    Path(add(folder, "demo")).unlink()
    (folder / "demo/notes.txt").write_text("mine")
    (folder / ".conda-bridge.changing").write_text("demo")

    add(folder, "other")

    assert [path.name for path in (folder / "demo").iterdir()] == ["notes.txt"]
    assert listed_projects(folder) == (["other/"], ["other"])


def test_disk_that_is_full_leaves_the_index_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "simple"
    add(folder, "first")
    before = inodes(folder)

    with monkeypatch.context() as patch:
        disk_fails_at(patch, folder / "demo/demo-1.0-py3-none-any.whl")
        with pytest.raises(UsageError):
            add(folder)

    assert inodes(folder) == before
    assert not (folder / "demo").exists()


@pytest.mark.parametrize("later", ["first", "second"])
def test_project_whose_folder_was_removed_goes_from_the_root(tmp_path: Path, later: str) -> None:
    folder = tmp_path / "simple"
    add(folder, "first")
    add(folder, "demo")
    shutil.rmtree(folder / "demo")

    add(folder, later)

    names = sorted({"first", later})
    assert listed_projects(folder) == ([f"{name}/" for name in names], names)


def test_project_that_lost_one_of_its_pages_stays_in_the_root(tmp_path: Path) -> None:
    folder = tmp_path / "simple"
    add(folder, "demo")
    (folder / "demo/index.json").unlink()

    add(folder, "other")

    assert listed_projects(folder) == (["demo/", "other/"], ["demo", "other"])


def test_file_of_a_strict_user_is_read_by_nobody_else(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        path = Path(add(tmp_path / "simple"))
    finally:
        os.umask(before)

    assert path.stat().st_mode & 0o777 == 0o600


def test_place_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "simple").write_text("a file")

    with pytest.raises(UsageError) as caught:
        add(tmp_path / "simple")

    assert caught.value.slug == "not-writable"


@pytest.mark.parametrize("target", ["nowhere", "simple"])
def test_place_that_is_a_link_to_nowhere_is_told(tmp_path: Path, target: str) -> None:
    place = tmp_path / "simple"
    place.symlink_to(target)

    with pytest.raises(UsageError, match="simple: it is a link that leads nowhere"):
        WheelIndex(str(place)).check_place()


def test_file_in_place_of_the_index_is_told_once(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.touch()

    with pytest.raises(UsageError) as caught:
        WheelIndex(str(place)).check_place()

    assert str(caught.value).count(str(place)) == 1
    assert "--index" in (caught.value.hint or "")
