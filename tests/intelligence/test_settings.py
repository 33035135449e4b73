"""The console's public address is kept as browsers say it."""

import pytest
from pydantic import ValidationError

from intelligence.settings import IntelligenceSettings


def _of(url: str) -> str | None:
    return IntelligenceSettings.model_validate({"INTELLIGENCE_PUBLIC_URL": url}).public_url


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://Console.Example", "https://console.example"),
        ("https://console.example:443/", "https://console.example"),
        ("HTTPS://console.example:8443", "https://console.example:8443"),
        ("https://[2001:DB8::1]:443", "https://[2001:db8::1]"),
    ],
)
def test_a_public_url_is_kept_as_browsers_say_it(url: str, kept: str) -> None:
    assert _of(url) == kept


@pytest.mark.parametrize(
    "url",
    [
        *("http://console.example", "https://", "https://console.example/path", "https://a@b"),
        *("https://console.example?x", "https://console.example:", "https://bücher.example"),
    ],
)
def test_what_no_browser_says_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="INTELLIGENCE_PUBLIC_URL"):
        _of(url)
