"""The whole matrix of roles over the real pages: whoever may not see a field does not get it.

Every page and every form of the console is asked for by every role. What `roles.py` grants decides
what must happen; what a page then says is looked through for the values of every field.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pytest

from intelligence.console.app import route_handlers
from intelligence.console.visits import STAGE
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import FIELDS, ROLE_NAMES, RecordType, Role, Verb
from tests.harness.console import Browser, Console, forms_of
from tests.intelligence.console.canaries import ADDED, CANARY_OF_CHANGE, REVEALED, SAID, WHOLE

STAFF, OWN = RecordType.STAFF, RecordType.OWN_ACCOUNT
ENTRY, CHANGE, KEY = RecordType.ENTRY, RecordType.CHANGE, RecordType.SIGNING_KEY
OWN_PAGES: Final = ("/", "/account")
INTERNAL: Final = [role for role in Role if role is not Role.AUTHORISED_USER]


@dataclass(frozen=True)
class Need:
    """What a request needs: any field of it, or the one that is named."""

    verb: Verb
    record_type: RecordType
    field: str | None = None


NEEDS: Final[Mapping[tuple[str, str], Need | None]] = {
    ("GET", "/"): None,
    ("GET", "/staff"): Need(Verb.READ, STAFF),
    ("GET", "/staff/new"): Need(Verb.ADD, STAFF),
    ("POST", "/staff"): Need(Verb.ADD, STAFF, "name"),
    ("GET", "/staff/{account_id:uuid}"): Need(Verb.READ, STAFF),
    ("POST", "/staff/{account_id:uuid}/roles"): Need(Verb.CHANGE, STAFF, "roles"),
    ("POST", "/staff/{account_id:uuid}/state"): Need(Verb.CHANGE, STAFF, "state"),
    ("POST", "/staff/{account_id:uuid}/second-factor"): Need(Verb.CHANGE, STAFF, "second_factor"),
    ("POST", "/staff/{account_id:uuid}/invitation"): Need(Verb.CHANGE, STAFF, "invitation"),
    ("GET", "/account"): Need(Verb.READ, OWN),
    ("POST", "/account/password"): Need(Verb.CHANGE, OWN, "password"),
    ("POST", "/account/recovery-codes"): Need(Verb.CHANGE, OWN, "recovery_codes"),
    ("GET", "/signing-key"): Need(Verb.READ, KEY),
    ("POST", "/signing-key"): Need(Verb.CHANGE, KEY, "private"),
    ("GET", "/check"): Need(Verb.READ, ENTRY),
    ("POST", "/check"): Need(Verb.READ, ENTRY),
    ("POST", "/changes"): Need(Verb.ADD, CHANGE),
    ("POST", "/lifts"): Need(Verb.ADD, CHANGE),
    ("POST", "/retractions"): Need(Verb.ADD, RecordType.RETRACTION),
    ("GET", "/review"): Need(Verb.READ, CHANGE),
    ("GET", "/audit"): Need(Verb.READ, RecordType.JOURNAL),
    ("POST", "/audit/export"): Need(Verb.READ, RecordType.JOURNAL),
    ("POST", "/audit/verification"): Need(Verb.READ, RecordType.JOURNAL),
    ("GET", "/versions"): Need(Verb.READ, RecordType.VERSION),
    ("GET", "/versions/{sequence:int}"): Need(Verb.READ, RecordType.VERSION),
    ("POST", "/versions/{sequence:int}/rollback"): Need(Verb.ADD, CHANGE),
    ("GET", "/changes/{change_id:uuid}"): Need(Verb.READ, CHANGE),
    ("POST", "/changes/{change_id:uuid}/reveal"): Need(Verb.REVEAL, CHANGE, "canonical"),
    ("GET", "/selectors/{selector_id:uuid}"): Need(Verb.READ, ENTRY),
    ("POST", "/selectors/{selector_id:uuid}/reveal"): Need(Verb.REVEAL, ENTRY, "canonical"),
    ("POST", "/selectors/{selector_id:uuid}/retraction"): Need(Verb.ADD, RecordType.RETRACTION),
    ("POST", "/selectors/{selector_id:uuid}/lift"): Need(Verb.ADD, CHANGE),
    ("POST", "/changes/{change_id:uuid}/submission"): Need(Verb.CHANGE, CHANGE, "submission"),
    ("POST", "/changes/{change_id:uuid}/approval"): Need(Verb.CHANGE, CHANGE, "approval"),
    ("POST", "/changes/{change_id:uuid}/refusal"): Need(Verb.CHANGE, CHANGE, "approval"),
    ("POST", "/changes/{change_id:uuid}/withdrawal"): Need(Verb.CHANGE, CHANGE, "submission"),
    ("POST", "/changes/{change_id:uuid}/review"): Need(Verb.CHANGE, CHANGE, "review"),
    ("POST", "/changes/{change_id:uuid}/note"): Need(Verb.CHANGE, CHANGE, "note"),
}
"""Every request that a whole session can make."""

SENT: Final[Mapping[str, dict[str, str | list[str]]]] = {
    "/staff": {
        "name": "dora",
        "display_name": "Dora",
        "roles": ["analyst"],
        "organisation": "",
        "legal_basis": "",
        "last_day": "",
    },
    "/staff/{account_id:uuid}/roles": {"roles": ["authorised_user"]},
    "/staff/{account_id:uuid}/state": {"to": "enable"},
    "/account/password": {"old": "wrong", "password": "", "again": ""},
    "/account/recovery-codes": {"old": "wrong"},
    "/audit/export": {"person": "", "event": "", "day": ""},
    "/signing-key": {"password": "wrong"},
    "/check": {"value": "+12025550142", "kind": "any", "region": ""},
    "/changes": {"kind": "phone", "canonical": "+12025550142", **dict.fromkeys(ADDED, "")},
    "/lifts": {"kind": "phone", "canonical": "+12025550142", "reason": ""},
    "/retractions": {
        "kind": "phone",
        "canonical": "+12025550142",
        "reason": "",
        "password": "",
    },
    "/changes/{change_id:uuid}/reveal": {"purpose": "review", "case": ""},
    "/selectors/{selector_id:uuid}/reveal": {"purpose": "review", "case": ""},
    "/selectors/{selector_id:uuid}/retraction": {"reason": "", "password": ""},
    "/selectors/{selector_id:uuid}/lift": {"reason": ""},
    "/changes/{change_id:uuid}/submission": {"password": "wrong"},
    "/changes/{change_id:uuid}/approval": {"password": "wrong"},
    "/changes/{change_id:uuid}/refusal": {"reason": ""},
    "/changes/{change_id:uuid}/withdrawal": {"reason": ""},
}
"""What forms are filled in with, such that it changes nothing."""

CANARY: Final[Mapping[str, str]] = {
    "name": "canary.name@police.example",
    "display_name": "Canary Display",
    "roles": ROLE_NAMES[Role.AUTHORISED_USER],
    "state": "invited",
    "second_factor": "not set up",
    "organisation": "Canary Organisation",
    "legal_basis": "Canary Legal Basis",
    "expires_at": "2066-06-07",
    "created_at": "<dt>Added</dt>",
    "last_log_in_at": "<dt>Last log-in</dt>",
    "invitation": "/invitation",
}
"""How the value of each field of a record of staff looks on a page."""


@dataclass(frozen=True)
class Staffed:
    """A console with somebody of every role, and one record that is full of canaries."""

    browsers: Mapping[Role, Browser]
    canary_id: str
    change_id: str
    selector_id: str

    def path(self, pattern: str) -> str:
        given = pattern.replace("{account_id:uuid}", self.canary_id)
        given = given.replace("{selector_id:uuid}", self.selector_id)
        given = given.replace("{sequence:int}", "0")
        return given.replace("{change_id:uuid}", self.change_id)


@pytest.fixture(scope="module")
def staffed(console: Console, administrator: Browser) -> Iterator[Staffed]:
    browsers = {Role.ADMINISTRATOR: administrator}
    for role in Role:
        if role is not Role.ADMINISTRATOR:
            name = f"{role.value}@gen.example"
            token = _add(administrator, name, role.value, role)
            browsers[role] = console.browser()
            browsers[role].accept(name, token)
            browsers[role].enrol()
    _add(administrator, CANARY["name"], CANARY["display_name"], Role.AUTHORISED_USER)
    found = re.findall(r"/staff/([0-9a-f-]{36})", administrator.page.text)
    yield Staffed(browsers, found[0], *_write_change(browsers[Role.CURATOR]))


def _write_change(curator: Browser) -> tuple[str, str]:
    """Have a curator write a change that is full of canaries; return its id and its selector's."""
    curator.visit("/check")
    curator.send("/check", value="+1 202 555 0143", kind="phone")
    curator.send("/changes", **SAID)
    (selector_id,) = re.findall(r"/selectors/([0-9a-f-]{36})", curator.page.text)
    return curator.page.url.path.rpartition("/")[2], selector_id


def _add(administrator: Browser, name: str, display_name: str, role: Role) -> str:
    administrator.visit("/staff/new")
    external = {
        "organisation": CANARY["organisation"],
        "legal_basis": CANARY["legal_basis"],
        "last_day": "2066-06-06",
    }
    administrator.send(
        "/staff",
        name=name,
        display_name=display_name,
        roles=[role.value],
        **(external if role is Role.AUTHORISED_USER else {}),
    )
    (token,) = re.findall(r'class="secret">(\w+)', administrator.page.text)
    return str(token)


def _requests_of_whole_sessions() -> set[tuple[str, str]]:
    return {
        (method, path)
        for handler in route_handlers()
        if handler.opt.get(STAGE) is None
        for path in handler.paths
        for method in handler.http_methods
        if method in ("GET", "POST")
    }


def test_every_page_and_form_is_in_the_matrix() -> None:
    assert _requests_of_whole_sessions() == set(NEEDS)


def test_every_field_of_staff_has_a_canary() -> None:
    assert CANARY.keys() == FIELDS[STAFF]


def _ask(browser: Browser, request: tuple[str, str], staffed: Staffed) -> tuple[int, str]:
    method, pattern = request
    path = staffed.path(pattern)
    if method == "GET":
        answer = browser.client.get(path)
    else:
        home = browser.client.get("/").text
        token = forms_of(home)[0].fields["csrf"]
        answer = browser.client.post(path, data={"csrf": token, **SENT.get(pattern, {})})
    return answer.status_code, answer.text


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("request_", NEEDS)
def test_a_request_is_answered_where_the_role_is_granted_it_and_403_elsewhere(
    staffed: Staffed, role: Role, request_: tuple[str, str]
) -> None:
    need = NEEDS[request_]
    privileges = Privileges(frozenset((role,)))
    granted = need is None or privileges.may(need.verb, need.record_type, need.field)
    status, _ = _ask(staffed.browsers[role], request_, staffed)
    assert (status in (200, 303, 422)) == granted
    assert (status == 403) != granted


@pytest.mark.parametrize("role", Role)
def test_no_page_shows_a_field_that_the_role_may_not_read(staffed: Staffed, role: Role) -> None:
    browser = staffed.browsers[role]
    pages = {
        path: _main(_ask(browser, (method, path), staffed)[1])
        for method, path in NEEDS
        if method == "GET"
    }
    # What an account is called, and what it is for, is told to its holder as well.
    others = {path: page for path, page in pages.items() if path not in OWN_PAGES}
    found = {field for field, value in CANARY.items() if value in "".join(others.values())}
    readable = Privileges(frozenset((role,))).fields(Verb.READ, STAFF)
    assert found - {"invitation"} == readable
    if role is not Role.AUTHORISED_USER:
        told = "".join(pages[path] for path in OWN_PAGES)
        assert [field for field in ("name", "organisation") if CANARY[field] in told] == []


def _main(page: str) -> str:
    return "".join(re.findall(r"<main.*?</main>", page, re.DOTALL))


@pytest.mark.parametrize("role", INTERNAL)
def test_a_form_stands_only_on_pages_of_those_who_may_send_it(staffed: Staffed, role: Role) -> None:
    browser = staffed.browsers[role]
    privileges = Privileges(frozenset((role,)))
    page = browser.client.get(f"/staff/{staffed.canary_id}").text
    actions = {form.action.rpartition("/")[2].replace("-", "_") for form in forms_of(page)}
    changed = actions - {"log_out"}
    assert changed == privileges.fields(Verb.CHANGE, STAFF)


@pytest.mark.parametrize("role", Role)
def test_no_page_shows_of_a_change_what_the_role_may_not_read(staffed: Staffed, role: Role) -> None:
    paths = ("/changes/{change_id:uuid}", "/review", "/")
    pages = _pages(staffed, role, *paths)
    found = {field for field, value in CANARY_OF_CHANGE.items() if value in pages}
    readable = Privileges(frozenset((role,))).fields(Verb.READ, CHANGE)
    assert found == readable & CANARY_OF_CHANGE.keys()


@pytest.mark.parametrize("role", Role)
def test_no_page_shows_a_selector_whole(staffed: Staffed, role: Role) -> None:
    pages = _pages(staffed, role, *(path for method, path in NEEDS if method == "GET"))
    assert WHOLE not in pages


@pytest.mark.parametrize("role", Role)
def test_a_selector_is_revealed_to_those_alone_who_are_granted_it(
    staffed: Staffed, role: Role
) -> None:
    privileges = Privileges(frozenset((role,)))
    for record_type, path in REVEALED.items():
        _, page = _ask(staffed.browsers[role], ("POST", path), staffed)
        assert (WHOLE in page) == privileges.may(Verb.REVEAL, record_type, "canonical")


def _pages(staffed: Staffed, role: Role, *paths: str) -> str:
    browser = staffed.browsers[role]
    return "".join(_main(_ask(browser, ("GET", one), staffed)[1]) for one in paths)
