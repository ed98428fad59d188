"""URLs lose their secrets before they are shown."""

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.sources.urls import Credentials, origin_of, split_credentials
from conda_bridge.translate.url_secrets import has_secret, redacted


def test_credentials_are_split_off_and_unquoted() -> None:
    url, credentials = split_credentials("https://me%40home:p%3Aw@host:8443/simple/?a=1")
    assert url == "https://host:8443/simple/?a=1"
    assert credentials == Credentials(user="me@home", password="p:w")
    assert "p:w" not in repr(credentials)
    assert split_credentials("https://host/simple") == ("https://host/simple", None)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:pw@host/x", "https://host/x"),
        ("https://host/x?token=pw&a=1", "https://host/x?..."),
        ("https://host/x?page=2", "https://host/x?page=2"),
        ("https://[broken", "(a malformed URL)"),
    ],
)
def test_shown_urls_hold_no_secret(url: str, shown: str) -> None:
    assert redacted(url) == shown


@pytest.mark.parametrize("query", ["key=1", "Signature=1", "access_token=1", "authtoken=1", "a=1;sig=2"])
def test_parameters_that_speak_of_a_secret_are_known(query: str) -> None:
    assert has_secret(f"https://host/x?{query}")


@pytest.mark.parametrize("query", ["", "version=1", "monkey=1", "download=true", "design=x"])
def test_other_parameters_are_harmless(query: str) -> None:
    assert not has_secret(f"https://host/x?{query}")


def test_origin_has_neither_path_nor_user() -> None:
    assert origin_of("HTTPS://me:pw@Host:8443/simple") == "https://host:8443"


def test_malformed_url_is_an_error() -> None:
    with pytest.raises(SourceError) as caught:
        split_credentials("https://me:pw@[broken")
    assert caught.value.slug == "invalid-url"
    assert "pw" not in str(caught.value)


def test_token_of_a_channel_is_hidden_and_a_folder_of_an_index_is_not() -> None:
    assert redacted("https://host/t/tk-1/acme/noarch/a.conda") == "https://host/t/.../acme/noarch/a.conda"
    plain = "https://host/packages/source/t/toml/toml-1.0.tar.gz"
    assert redacted(plain) == plain
