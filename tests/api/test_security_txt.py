"""`/.well-known/security.txt`: RFC 9116, where the operator names a contact, and never expired."""

import re
from datetime import UTC, datetime

import httpx
import pytest

from screening.api.security_txt import SECURITY_TXT_PATH, security_txt_route
from screening.api.settings import ApiSettings
from screening.connections.refused import HttpRefused
from tests.api.refusals import require_problem
from tests.api.standing import Standing
from tests.harness.deployment import Api, Deployed
from tests.harness.slow import slow_but_first

CONTACTS = ("mailto:security@operator.example", "https://operator.example/report")
EXPIRES = "2126-06-30T02:00:00+02:00"
EXPECTED = (
    "Contact: mailto:security@operator.example\n"
    "Contact: https://operator.example/report\n"
    "Expires: 2126-06-30T00:00:00Z\n"
    "Preferred-Languages: en\n"
)


def serve(deployed: Deployed, expires: str) -> Api:
    return deployed.serve(
        SCREENING_SECURITY_CONTACT=" ".join(CONTACTS), SCREENING_SECURITY_EXPIRES=expires
    )


def get(api: Api, method: str = "GET") -> httpx.Response:
    return httpx.request(method, api.url + SECURITY_TXT_PATH, timeout=10)


def test_it_is_not_there_where_the_operator_names_no_contact(standing: Standing) -> None:
    require_problem(standing.client.get(SECURITY_TXT_PATH), 404, "not_found")


def test_it_names_the_contacts_in_their_order_and_until_when_they_hold(deployed: Deployed) -> None:
    api = serve(deployed, EXPIRES)
    response = get(api)
    assert (response.status_code, response.text) == (200, EXPECTED)
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert get(api, "HEAD").headers["content-length"] == str(len(EXPECTED))
    require_problem(get(api, "POST"), 405, "method_not_allowed")
    assert "EXPIRES" not in api.process.logged()


def test_an_expired_one_is_not_served_and_the_operator_is_told_at_the_start(
    deployed: Deployed,
) -> None:
    api = serve(deployed, "2026-01-01T00:00:00Z")
    require_problem(get(api), 404, "not_found")
    assert api.process.logged().count("SCREENING_SECURITY_EXPIRES has passed") == 1


def test_it_ends_while_the_server_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENING_SECURITY_CONTACT", CONTACTS[0])
    monkeypatch.setenv("SCREENING_SECURITY_EXPIRES", EXPIRES)
    end = datetime(2126, 6, 30, tzinfo=UTC).timestamp()
    moments = iter([end - 1, end])
    document = security_txt_route(ApiSettings(), clock=lambda: next(moments)).fn
    assert b"Expires: 2126-06-30T00:00:00Z\n" in document()  # type: ignore[operator]  # not awaited
    with pytest.raises(HttpRefused):
        document()


@pytest.mark.parametrize("contacts", [None, "", " "])
def test_it_is_not_there_where_only_the_time_is_set(
    monkeypatch: pytest.MonkeyPatch, contacts: str | None
) -> None:
    if contacts is not None:
        monkeypatch.setenv("SCREENING_SECURITY_CONTACT", contacts)
    monkeypatch.setenv("SCREENING_SECURITY_EXPIRES", EXPIRES)
    document = security_txt_route(ApiSettings(), clock=lambda: 0.0).fn
    with pytest.raises(HttpRefused):
        document()


@slow_but_first(
    2,
    ("contact", "expires", "named"),
    [
        (CONTACTS[0], "", "SCREENING_SECURITY_CONTACT"),
        ("canary@operator.example", EXPIRES, "SCREENING_SECURITY_CONTACT"),
        ("http://canary.example", EXPIRES, "SCREENING_SECURITY_CONTACT"),
        (f"{CONTACTS[0]} canary", EXPIRES, "SCREENING_SECURITY_CONTACT"),
        ("mailto:canarÿ@operator.example", EXPIRES, "SCREENING_SECURITY_CONTACT"),
        (CONTACTS[0], "2027-06-30T00:00:00", "SCREENING_SECURITY_EXPIRES"),
        (CONTACTS[0], "canary", "SCREENING_SECURITY_EXPIRES"),
        (CONTACTS[0], "9999-12-31T23:59:59-23:00", "SCREENING_SECURITY_EXPIRES"),
    ],
)
def test_what_the_file_may_not_say_is_refused_before_the_port_is_bound(
    deployed: Deployed, contact: str, expires: str, named: str
) -> None:
    deployed.environment |= {
        "SCREENING_SECURITY_CONTACT": contact,
        "SCREENING_SECURITY_EXPIRES": expires,
    }
    done = deployed.run("screening", "serve", "--port", "0", "--metrics-port", "0", expect=2)
    (said,) = done.stderr.splitlines()
    assert re.match(rf"these settings are not valid: {named}: ", said)
    assert "canar" not in said


def test_a_contact_cannot_add_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENING_SECURITY_CONTACT", f"{CONTACTS[0]}\nhttps://x.example/\r\ntel:1")
    monkeypatch.setenv("SCREENING_SECURITY_EXPIRES", EXPIRES)
    assert ApiSettings().security_contact == (CONTACTS[0], "https://x.example/", "tel:1")
