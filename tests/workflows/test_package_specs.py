"""What a match spec asks for beside name, version and build."""

import hashlib
from pathlib import Path

import pytest

from conda_bridge.errors import BridgeError, SourceError, UsageError
from conda_bridge.model.options import NetworkOptions, RecipeOptions, WheelOptions
from conda_bridge.protocols import SilentReporter
from conda_bridge.workflows.package_sources import PackageSources, package_sources_of
from support.channels import record, write_channel
from support.noarch_packages import NoarchParts, write_noarch

SHA, OTHER_SHA = "ab" * 32, "cd" * 32
MD5 = "ef" * 16


def sources(folder: Path, *channels: str) -> PackageSources:
    network = NetworkOptions(offline=True, cache_dir=str(folder / "cache"))
    options = WheelOptions(recipe=RecipeOptions(network=network), channels=channels)
    return package_sources_of(options, SilentReporter())


@pytest.fixture
def channel(tmp_path: Path) -> str:
    """A channel with two builds of one version."""
    first = record("demo", "1.0", "py_0", sha256=SHA, md5=MD5, license="MIT")
    second = record("demo", "1.0", "py_1", sha256=OTHER_SHA, license="BSD 3-Clause") | {"build_number": 1}
    return str(write_channel(tmp_path / "channel", first, second))


@pytest.mark.parametrize(
    "keys",
    [
        "build_number=0",
        "build_number='<1'",
        f"sha256={SHA}",
        f"sha256={SHA.upper()}",
        f"md5={MD5}",
        "fn=demo-1.0-py_0.conda",
        "license=mit",
        "subdir=noarch, build=py_0",
    ],
)
def test_key_chooses_the_package_that_has_it(tmp_path: Path, channel: str, keys: str) -> None:
    (found,) = sources(tmp_path, channel).find(f"demo[{keys}]")

    assert found.filename == "demo-1.0-py_0.conda"


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("build_number=3", "of what else fits there are build_numbers 0, 1"),
        (f"sha256={'0' * 64}", f"of what else fits there are sha256s {SHA}, {OTHER_SHA}"),
        (f"md5={'0' * 32}", f"of what else fits there is md5 {MD5}"),
        (f"build=py_1, md5={MD5}", "the channel tells no md5 of it"),
        ("subdir=linux-64", "of what else fits there is subdir noarch"),
        ("fn=demo-1.0-py_0.tar.bz2", "demo-1.0-py_0.conda, demo-1.0-py_1.conda"),
        ("license=GPL", "BSD 3-Clause, MIT"),
    ],
)
def test_key_that_nothing_has_finds_nothing(tmp_path: Path, channel: str, keys: str, told: str) -> None:
    with pytest.raises(SourceError) as caught:
        sources(tmp_path, channel).find(f"demo[{keys}]")

    assert caught.value.slug == "package-not-found"
    assert told in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("track_features=x", "track_features"),
        ("url='https://example.org/demo-1.0-py_0.conda'", "url"),
        ("name=other", "name"),
        ("when='python <3'", "when"),
        ("sha256=ab", "64 hexadecimal digits"),
        ("md5=", "can't be read"),
        ("md5=''", "32 hexadecimal digits"),
        ("build_number=first", "is no number"),
        ("channel='{channel}/noarch', subdir=linux-64", "noarch and linux-64"),
    ],
)
def test_key_that_cannot_be_obeyed_is_refused(tmp_path: Path, channel: str, keys: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        sources(tmp_path, channel).find(f"demo[{keys.format(channel=channel)}]")

    assert caught.value.slug == "unknown-package"


def test_md5_that_was_asked_for_is_held_against_the_file(tmp_path: Path) -> None:
    package = write_noarch(tmp_path / "channel/noarch", NoarchParts())
    sha256 = hashlib.sha256(package.read_bytes()).hexdigest()
    write_channel(tmp_path / "channel", record("demo", "1.0", "py_0", sha256=sha256, md5=MD5))
    packages = sources(tmp_path, str(tmp_path / "channel"))

    assert packages.fetch(packages.find("demo")[0]) == str(package)
    with pytest.raises(SourceError) as caught:
        packages.fetch(packages.find(f"demo[md5={MD5}]")[0])
    assert caught.value.slug == "hash-mismatch"


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the channels cA and cB are in, of which one has a newer version."""
    write_channel(tmp_path / "cA", record("prio", "2.0"))
    write_channel(tmp_path / "cB", record("prio", "1.0"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "spec",
    [
        "cB::prio",
        "./cB::prio",
        "cB/::prio",
        "cB/noarch::prio",
        "{place}/cB::prio =1.0",
        "file://{place}/cB::prio",
        "prio[channel=cB]",
        "prio[channel='{place}/cB']",
        "prio[channel='file://{place}/cB']",
        "cA::prio[channel=cB]",
    ],
)
def test_channel_that_a_spec_names_is_the_only_one_asked(two: Path, spec: str) -> None:
    (found,) = sources(two, "cA", "cB").find(spec.format(place=two))

    assert found.filename == "prio-1.0-h1_0.conda"


@pytest.mark.parametrize(
    ("spec", "slug", "told"),
    [
        ("nochannel::prio", "unknown-package", "--channel nochannel"),
        ("conda-forge::prio", "unknown-package", "--channel conda-forge"),
        ("https://example.org/acme::prio", "unknown-package", "--channel https://example.org/acme"),
        ("prio[channel='*']", "unknown-package", "--channel"),
        ("cB::prio=2.0", "package-not-found", "there is version 1.0"),
        ("cB/linux-64::prio", "package-not-found", "subdir noarch"),
        ("cB::prio[version", "unknown-package", ""),
    ],
)
def test_channel_that_is_not_asked_or_has_no_such_package_is_told(
    two: Path, spec: str, slug: str, told: str
) -> None:
    with pytest.raises(BridgeError) as caught:
        sources(two, "cA", "cB").find(spec)

    assert caught.value.slug == slug
    assert told in (caught.value.hint or "")


@pytest.mark.parametrize(
    "spec",
    [
        "https://me:secret@example.org/acme::demo",
        "https://example.org/t/secret/acme::demo =1 =2 =3",
        "demo[channel='https://me:secret@example.org/acme']",
    ],
)
def test_credentials_in_a_spec_are_refused_and_not_shown(tmp_path: Path, spec: str) -> None:
    with pytest.raises(UsageError, match="credentials") as caught:
        sources(tmp_path, "https://example.org/acme").find(spec)

    assert "secret" not in f"{caught.value} {caught.value.hint}"
