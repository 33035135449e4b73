"""A console that other hosts reach: its cookie is for https alone, its name is its own."""

from collections.abc import Iterator

import pytest

from tests.harness import plain_http
from tests.harness.console import Console, forms_of
from tests.harness.template import Template

PUBLIC = {"host": "console.example"}


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory, channel: Template) -> Iterator[Console]:
    """A console that is told its public address, and believes a proxy on this host."""
    running = Console(tmp_path_factory.mktemp("proxied"), None, template=channel)
    running.initialise()
    running.serve(
        INTELLIGENCE_PUBLIC_URL="https://console.example",
        INTELLIGENCE_TRUSTED_PROXIES="127.0.0.1",
    )
    yield running
    running.stop()


def test_the_cookie_is_of_this_host_and_of_https_alone(proxied: Console) -> None:
    said = plain_http.get(f"{proxied.url}/set-up", headers=PUBLIC).headers["set-cookie"]
    assert said.startswith("__Host-console=")
    assert "; Secure" in said
    assert "Path=/" in said
    assert "Domain" not in said


def test_browsers_are_told_to_come_by_https_alone(proxied: Console) -> None:
    answer = plain_http.get(f"{proxied.url}/set-up", headers=PUBLIC)
    assert "max-age=" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize("host", ["127.0.0.1", "elsewhere.example", "console.example:8443", ""])
def test_another_name_than_its_own_is_refused(proxied: Console, host: str) -> None:
    assert plain_http.get(f"{proxied.url}/set-up", headers={"host": host}).status_code == 400


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://console.example", 422), ("http://console.example", 400), ("null", 400)],
)
def test_a_form_comes_from_its_own_origin(proxied: Console, origin: str, status: int) -> None:
    page = plain_http.get(f"{proxied.url}/set-up", headers=PUBLIC)
    cookie = page.headers["set-cookie"].partition(";")[0]
    (form,) = forms_of(page.text)
    answer = plain_http.post(
        f"{proxied.url}/set-up",
        data=form.fields,
        headers={**PUBLIC, "cookie": cookie, "origin": origin},
    )
    assert answer.status_code == status


def test_a_cookie_of_the_plain_name_is_not_heeded(proxied: Console) -> None:
    page = plain_http.get(f"{proxied.url}/set-up", headers={**PUBLIC, "cookie": "console=planted"})
    assert "set-cookie" in page.headers
    assert "planted" not in page.headers["set-cookie"]


def test_the_address_on_record_is_the_one_that_the_proxy_names(proxied: Console) -> None:
    page = plain_http.get(f"{proxied.url}/invitation", headers=PUBLIC)
    cookie = page.headers["set-cookie"].partition(";")[0]
    (form,) = forms_of(
        plain_http.get(f"{proxied.url}/set-up", headers={**PUBLIC, "cookie": cookie}).text
    )
    sent = {"csrf": form.fields["csrf"], "name": ["nobody"], "password": ["guess"]}
    headers = {**PUBLIC, "cookie": cookie, "x-forwarded-for": "198.51.100.7"}
    assert plain_http.post(f"{proxied.url}/log-in", data=sent, headers=headers).status_code == 422
    records = "".join(path.read_text() for path in (proxied.home / "ledger").glob("*.open"))
    assert '"address":"198.51.100.7"' in records
