"""Every form of a URL is without the same secrets."""

from collections.abc import Callable

import pytest

from conda_bridge.translate.url_secrets import channel_label, has_secret, package_url, publishable, redacted

FORMS = [channel_label, package_url, publishable, redacted]
SECRETS = ["token", "api_key", "pwd", "X-Amz-Signature", "sig", "session", "oauth_value", "passwd"]


@pytest.mark.parametrize("form", FORMS)
def test_no_form_has_user_or_password(form: Callable[[str], str]) -> None:
    assert form("https://me:pw@example.org/acme/a.conda") == "https://example.org/acme/a.conda"


@pytest.mark.parametrize("form", [channel_label, package_url, redacted])
@pytest.mark.parametrize(
    "start", ["https://example.org", "HTTPS://example.org", "https://example.org/conda/repo", "https://t/"]
)
def test_no_form_of_a_channel_has_its_token(form: Callable[[str], str], start: str) -> None:
    assert form(f"{start}/t/tk-1/acme/noarch/a.conda").startswith(start)
    assert "tk-1" not in form(f"{start}/t/tk-1/acme/noarch/a.conda")
    assert "tk-1" not in form(f"{start}/t/tk-1")


@pytest.mark.parametrize("form", [channel_label, package_url, redacted])
@pytest.mark.parametrize(
    "url", ["https://example.org/packages/source/t/toml/toml-1.tar.gz", "https://t/acme"]
)
def test_letter_t_that_leads_to_no_token_stays(form: Callable[[str], str], url: str) -> None:
    assert form(url) == url


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("form", [channel_label, publishable, redacted])
def test_secret_parameters_are_known_to_each_form(form: Callable[[str], str], name: str) -> None:
    url = f"https://example.org/x?a=1;{name}=hidden"
    assert has_secret(url)
    assert "hidden" not in form(url)


@pytest.mark.parametrize("form", [package_url, publishable, redacted])
def test_harmless_url_stays_as_it_is(form: Callable[[str], str]) -> None:
    url = "https://example.org/source/t2/toml?page=2&author=me"
    assert form(url) == url
