"""Where a source's URL repeats the version."""

import pytest

from conda_bridge.formats.urls import split_at_version


def written(url: str, version: str) -> str:
    return "<v>".join(split_at_version(url, version))


@pytest.mark.parametrize(
    ("url", "version", "expected"),
    [
        ("https://x.org/packages/source/d/demo/demo-1.2.3.tar.gz", "1.2.3", "d/demo/demo-<v>.tar.gz"),
        ("https://x.org/a/demo/archive/refs/tags/v1.2.3.tar.gz", "1.2.3", "archive/refs/tags/v<v>.tar.gz"),
        ("https://x.org/demo/releases/v1.2/demo-1.2.zip", "1.2", "releases/v<v>/demo-<v>.zip"),
        ("https://x.org/1.2/1.2/demo-1.2.tar.bz2", "1.2", "x.org/<v>/<v>/demo-<v>.tar.bz2"),
        ("https://x.org/demo/1.2.tar.gz", "1.2", "x.org/demo/<v>.tar.gz"),
        ("https://x.org/demo-1.2-py3-none-any.whl", "1.2", "x.org/demo-<v>-py3-none-any.whl"),
        ("https://x.org/12/34/demo-12.tar.gz", "12", "x.org/12/34/demo-<v>.tar.gz"),
        ("https://x.org/demo-3-3.tar.gz", "3", "x.org/demo-3-<v>.tar.gz"),
    ],
)
def test_the_version_is_found_where_the_file_name_says_it(url: str, version: str, expected: str) -> None:
    assert written(url, version).endswith(expected)
    assert version.join(split_at_version(url, version)) == url


@pytest.mark.parametrize(
    ("url", "version"),
    [
        ("https://x.org/1.2/demo.tar.gz", "1.2"),
        ("https://x.org/demo-1.2.3.tar.gz", "1.2"),
        ("https://x.org/demo-1.2.3.tar.gz", "2.3"),
        ("https://x.org/demo-11.2.tar.gz", "1.2"),
        ("https://x.org/demo-1x2.tar.gz", "1.2"),
        ("https://x.org/demo-2.0.tar.gz", "1!2.0"),
        ("https://x.org/demo-1.2.tar.gz#egg=demo", "1.2"),
        ("https://1.2.tar.gz", "1.2"),
        ("https://x.org/demo-.tar.gz", ""),
        ("", "1.2"),
    ],
)
def test_any_other_url_stays_literal(url: str, version: str) -> None:
    assert split_at_version(url, version) == (url,)


def test_a_host_that_looks_like_the_version_stays() -> None:
    assert written("https://1.2/1.2/demo-1.2.zip", "1.2") == "https://1.2/<v>/demo-<v>.zip"
