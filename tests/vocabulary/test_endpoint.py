"""Where a kit may say that the API is: nothing is asked at any other address."""

import pytest

from screening.vocabulary.endpoint import parse_endpoint
from screening.vocabulary.errors import KitRefused


@pytest.mark.parametrize(
    "url",
    [
        "http://screening.example",
        "http://[",
        "http://127.0.0.1.screening.example",
        "http://127.1",
        "http://[::1%25eth0]",
        "https://300.0.0.1",
        "https://screening.example:65536",
        "https://screening.example:",
        "https://screening.example/?",
        "https://screening.example/#",
        "https://@screening.example",
        "https://screening\n.example",
        " https://screening.example",
        "https://screening.ex%61mple",
        "https://scr\u00e9ening.example",
        "https:screening.example",
        "https:///v1",
        "https://screening..example",
        "https://.screening.example",
        f"https://{'s' * 64}.example",
        f"https://{'s.' * 127}example",
    ],
)
def test_an_address_that_is_unsafe_or_unclear_is_refused(url: str) -> None:
    with pytest.raises(KitRefused):
        parse_endpoint(url)


@pytest.mark.parametrize(
    ("url", "base", "loopback"),
    [
        ("https://screening.example/", "https://screening.example", False),
        ("HTTPS://Screening.Example/base", "https://Screening.Example/base", False),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", False),
        ("http://[::1]:8080/", "http://[::1]:8080", True),
        ("http://localhost:8080", "http://localhost:8080", True),
        ("http://127.0.0.2", "http://127.0.0.2", True),
        (f"https://{'s' * 63}.example.", f"https://{'s' * 63}.example.", False),
    ],
)
def test_https_anywhere_and_http_on_loopback_are_taken(url: str, base: str, loopback: bool) -> None:
    endpoint = parse_endpoint(url)
    assert (endpoint.base, endpoint.loopback) == (base, loopback)
    assert endpoint.url("/v1/check") == f"{base}/v1/check"
