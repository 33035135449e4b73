"""The whole matrix of roles over the real pages: whoever may not see a field does not get it.

Every page and every form of the console is asked for by every role. What `grants.py` grants decides
what must happen; what a page then says is looked through for the values of every field.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import httpx
import pytest

from intelligence.console.app import route_handlers
from intelligence.console.visits import STAGE
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import FIELDS, ROLE_NAMES, Role, Verb
from tests.harness.console import PASSWORD, Browser, Console, forms_of, multipart
from tests.intelligence.console.canaries import CANARY_OF_CHANGE, CANARY_OF_UPLOAD, REVEALED, WHOLE
from tests.intelligence.console.matrix_requests import (
    CHANGE,
    KEY,
    NEEDS,
    OWN,
    REQUEST,
    REQUESTS,
    SENT,
    STAFF,
    UPLOAD,
)
from tests.intelligence.console.matrix_staff import (
    FROM_OUTSIDE,
    LABEL_OF_KEY,
    LABEL_OF_OWN,
    add,
    add_canary,
    ask_for_name,
    main_of,
    upload_file,
    write_change,
)

OWN_PAGES: Final = ("/", "/account")
INTERNAL: Final = [role for role in Role if role is not Role.AUTHORISED_USER]


NO_ONE: Final = "00000000-0000-4000-8000-000000000000"
DROP: Final = "/imports/{upload_id:uuid}/drop"
NOT_THERE: Final[Mapping[str, str]] = {
    "{request_id:uuid}": NO_ONE,
    "{look_id:uuid}": NO_ONE,
    "{name:str}": "acme",
    "/orders/{change_id:uuid}": f"/orders/{NO_ONE}",
    "/safety-orders/{change_id:uuid}": f"/safety-orders/{NO_ONE}",
    "/notices/{by:str}": f"/notices/{NO_ONE}",
    "{feedback_id:uuid}": NO_ONE,
    "{challenge_id:uuid}": NO_ONE,
    "{export_id:uuid}": NO_ONE,
    DROP: f"/imports/{NO_ONE}/drop",
    "/changes/{change_id:uuid}/progress": f"/changes/{NO_ONE}/progress",
}
"""A request is gone once it is decided, a file that is dropped, too; a draft has made no way yet,
and no indexer has told of a partner here: whoever may ask for one is told that it is not there."""

CANARY: Final[Mapping[str, str]] = {
    "name": "canary.name@police.example",
    "display_name": "Canary Display",
    "roles": ROLE_NAMES[Role.AUTHORISED_USER],
    "state": "invited",
    "is_changed": "<dt>Changed outside of the console</dt>",
    "second_factor": "not set up",
    "organisation": FROM_OUTSIDE["organisation"],
    "legal_basis": FROM_OUTSIDE["legal_basis"],
    "expires_at": "2066-06-06",
    "created_at": "<dt>Added</dt>",
    "last_log_in_at": "<dt>Last log-in</dt>",
    "invitation": "/invitation",
}
"""How the value of each field of a record of staff looks on a page."""

CANARY_OF_REQUEST: Final[Mapping[str, str]] = {
    "wish": "Let them choose a password",
    "new_name": "Canary Renamed",
    **{name: CANARY[name] for name in ("name", "display_name", "roles")},
    **{name: CANARY[name] for name in ("organisation", "legal_basis", "expires_at")},
    "requested_by": "ada@gen.example",
}


@dataclass(frozen=True)
class Staffed:
    """A console with somebody of every role, and one record that is full of canaries."""

    browsers: Mapping[Role, Browser]
    canary_id: str
    change_id: str
    selector_id: str
    upload_id: str

    def path(self, pattern: str) -> str:
        given = pattern.replace("{account_id:uuid}", self.canary_id)
        given = given.replace("{selector_id:uuid}", self.selector_id)
        given = given.replace("{sequence:int}", "0")
        given = given.replace("{follow_id:uuid}", self.canary_id)
        for name, value in NOT_THERE.items():
            given = given.replace(name, value)
        given = given.replace("{upload_id:uuid}", self.upload_id)
        return given.replace("{change_id:uuid}", self.change_id)


@pytest.fixture(scope="module")
def staffed(console: Console, administrator: Browser) -> Iterator[Staffed]:
    browsers = {Role.ADMINISTRATOR: administrator}
    for role in Role:
        if role is not Role.ADMINISTRATOR:
            name = f"{role.value}@gen.example"
            token = add(browsers, name, role.value, role)
            browsers[role] = console.browser()
            browsers[role].accept(name, token)
            browsers[role].enrol()
    for role in (Role.CURATOR, Role.APPROVER, Role.PARTNER_MANAGER):
        browsers[role].visit("/signing-key")
        browsers[role].send("/signing-key", password=PASSWORD)
    canary_id = add_canary(administrator, CANARY["name"], CANARY["display_name"])
    ask_for_name(administrator, canary_id, CANARY_OF_REQUEST["new_name"])
    written = write_change(browsers[Role.CURATOR])
    upload_id = upload_file(browsers[Role.CURATOR])
    yield Staffed(browsers, canary_id, *written, upload_id)


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
        answer = _posted(browser, path, {"csrf": browser.csrf(), **SENT.get(pattern, {})})
    return answer.status_code, answer.text


def _posted(browser: Browser, path: str, fields: Mapping[str, str | list[str]]) -> httpx.Response:
    if path != "/imports":
        return browser.client.post(path, data=fields)
    sent = {name: "".join(value) for name, value in fields.items()}
    body, content_type = multipart(sent, {"file": ("", b"")})
    return browser.client.post(path, content=body, headers={"content-type": content_type})


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("request_", NEEDS)
def test_a_request_is_answered_where_the_role_is_granted_it_and_403_elsewhere(
    staffed: Staffed, role: Role, request_: tuple[str, str]
) -> None:
    need = NEEDS[request_]
    privileges = Privileges(frozenset((role,)))
    granted = need is None or privileges.may(need.verb, need.record_type, need.field)
    status, _ = _ask(staffed.browsers[role], request_, staffed)
    is_none = status == 404 and any(name in request_[1] for name in NOT_THERE)
    # 429 is for who has typed a wrong password often: only who may do it is asked for one.
    assert (status in (200, 303, 422, 429) or is_none) == granted
    assert (status == 403) != granted


@pytest.mark.parametrize("role", Role)
def test_no_page_shows_a_field_that_the_role_may_not_read(staffed: Staffed, role: Role) -> None:
    browser = staffed.browsers[role]
    pages = {
        path: main_of(_ask(browser, (method, path), staffed)[1])
        for method, path in NEEDS
        if method == "GET"
    }
    # What an account is called, and what it is for, is told to its holder as well.
    apart = (*OWN_PAGES, REQUESTS)
    others = {path: page for path, page in pages.items() if path not in apart}
    found = {field for field, value in CANARY.items() if value in "".join(others.values())}
    readable = Privileges(frozenset((role,))).fields(Verb.READ, STAFF)
    assert found - {"invitation"} == readable
    if role is not Role.AUTHORISED_USER:
        told = "".join(pages[path] for path in OWN_PAGES)
        assert [field for field in ("name", "organisation") if CANARY[field] in told] == []


@pytest.mark.parametrize("role", Role)
def test_no_page_shows_of_a_request_what_the_role_may_not_read(
    staffed: Staffed, role: Role
) -> None:
    page = main_of(_ask(staffed.browsers[role], ("GET", REQUESTS), staffed)[1])
    found = {field for field, value in CANARY_OF_REQUEST.items() if value in page}
    readable = Privileges(frozenset((role,))).fields(Verb.READ, REQUEST)
    assert found == readable
    assert CANARY_OF_REQUEST.keys() | {"decision"} == FIELDS[REQUEST]
    assert ("/refusal" in page) == Privileges(frozenset((role,))).may(Verb.CHANGE, REQUEST)


@pytest.mark.parametrize("role", Role)
def test_of_themselves_and_of_their_key_people_are_shown_what_they_may_read(
    staffed: Staffed, role: Role
) -> None:
    privileges = Privileges(frozenset((role,)))
    empty = set() if role is Role.AUTHORISED_USER else {"organisation", "legal_basis", "expires_at"}
    for path, record_type, labels in (
        ("/account", OWN, LABEL_OF_OWN),
        ("/signing-key", KEY, LABEL_OF_KEY),
    ):
        page = main_of(_ask(staffed.browsers[role], ("GET", path), staffed)[1])
        found = {field for field, label in labels.items() if f"<dt>{label}</dt>" in page}
        assert found == privileges.fields(Verb.READ, record_type) - empty
        assert labels.keys() | {"password", "private"} >= FIELDS[record_type]


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


@pytest.mark.parametrize("role", Role)
def test_no_page_shows_of_an_upload_what_the_role_may_not_read(
    staffed: Staffed, role: Role
) -> None:
    pages = _pages(staffed, role, "/imports/{upload_id:uuid}", "/imports", "/")
    found = {field for field, value in CANARY_OF_UPLOAD.items() if value in pages}
    assert found == Privileges(frozenset((role,))).fields(Verb.READ, UPLOAD)
    assert CANARY_OF_UPLOAD.keys() == FIELDS[UPLOAD]


def _pages(staffed: Staffed, role: Role, *paths: str) -> str:
    browser = staffed.browsers[role]
    return "".join(main_of(_ask(browser, ("GET", one), staffed)[1]) for one in paths)
