"""The matrix of roles over pages that have something to show: a record of each kind, for each role.

`test_role_matrix.py` asks for every request, of records that are not there for the most part.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import pytest
from sqlalchemy import update

from intelligence.challenges.tables import ChallengeRow
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import FIELDS, RecordType, Role, Verb
from screening.disclosure.opening import PrivateHalf
from screening.spools.match_records import MatchRecords
from screening.spools.partners_told import PartnersTold
from tests.harness.console import PASSWORD
from tests.intelligence.console.canaries import SAID
from tests.intelligence.console.inside import Inside
from tests.intelligence.console.matrix_requests import NEEDS
from tests.intelligence.console.matrix_staff import add, main_of
from tests.intelligence.console.staffed import Staffed, answered, staffed_console
from tests.intelligence.console.test_safety_lists import RULE
from tests.intelligence.disclosure.room import map_part, matched_record, receipt_of
from tests.intelligence.partners.office import told

LISTED, GONE, TOLD_OF, CHALLENGED = (f"+120255501{of}" for of in (42, 44, 45, 46))
LEFT: Final = "the list would not be what the console holds it for; leave it out"
OF_CASE: Final = {"purpose": "prosecution", "case_number": "CANARY 7/26"}
CANARIES: Final[Mapping[RecordType, Mapping[str, str]]] = {
    RecordType.PARTNER: {
        "name": 'href="/partners/acme"',
        "limits": "<dd>100,000</dd>",
        "token_keys": "<dd>acme-2026a</dd>",
        "api_keys": "<code>abcdefghijkl</code>",
    },
    RecordType.PARTNER_ORDER: {
        "partner": '<dt>Partner</dt><dd><a href="/partners/acme">',
        "operation": "Suspend acme",
        "reason": "canary of suspension",
        "notice_reason": "canary of notice",
        "author": 'data-label="Given by"><bdi>partner_manager (partner_manager)',
    },
    RecordType.NOTICE: {"partner": "acme: 1 match", "matches": "acme: 1 match"},
    RecordType.CHALLENGE: {
        "reference": "CANARY-L7",
        "ground": "canary of ground",
        "recorded_by": 'data-label="Recorded by"><bdi>partner_manager (partner_manager)',
        "canonical": "+12*******46",
        "listing": "Where it stands",
        "closing": "<bdi>approver (approver)</bdi> has closed it",
    },
    RecordType.BULK_EXPORT: {
        "asked_by": "<dt>Asked for by</dt>",
        "organisation": "<dt>Organisation</dt><dd><bdi>Canary Organisation",
        "asked": "<dt>Receipts</dt>",
        "state": "<dt>State</dt><dd><bdi>waiting",
        "purpose": "<dt>Purpose</dt><dd>Prosecution",
        "expires_at": "<dt>Over at</dt>",
    },
    RecordType.VERSION: {
        "outcome": LEFT,
        "sequence": '<a href="/versions/1">1</a>',
    },
}
DISCLOSED: Final[Mapping[str, str]] = {
    "source": "canary source",
    "reason": "canary reason",
    "list": "canary list",
    "role": "<dd>facilitator</dd>",
    "confidence": "<dd>37</dd>",
    "partner": "<dt>Asked by</dt><dd>acme",
}
"""How fields look on the page of what was disclosed."""
ELSEWHERE: Final = ("{request_id:uuid}", "{look_id:uuid}", "{upload_id:uuid}")
"""Of these `test_role_matrix.py` has records."""


@dataclass(frozen=True)
class World:
    """A console with people of every role, and pages that show something, by their patterns."""

    browsers: Mapping[Role, Inside]
    paths: Mapping[str, tuple[str, ...]]

    def shown(self, role: Role, pattern: str) -> str:
        """Return what the pages of a pattern say, nothing where they are not for this role."""
        answers = [self.browsers[role].client.get(path) for path in self.of(pattern)]
        return "".join(main_of(one.text) for one in answers if one.status_code == 200)

    def of(self, pattern: str) -> tuple[str, ...]:
        return self.paths.get(pattern, (pattern,))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    half = PrivateHalf.generate()
    with staffed_console(tmp_path_factory.mktemp("records"), half) as staffed:
        for role in (Role.ANALYST, Role.AUTHORISED_USER):
            name = f"{role.value}@gen.example"
            token = add(staffed.browsers, name, name, role)
            staffed.browsers[role] = Inside(
                staffed.desk, beside=staffed.browsers[Role.ADMINISTRATOR]
            )
            staffed.browsers[role].accept(name, token)
            staffed.browsers[role].enrol()
        changes = {value: _listed(staffed, value) for value in (LISTED, GONE, TOLD_OF)}
        _matched(staffed, half)
        selectors = {value: _selector(staffed, value) for value in changes}
        for value in (GONE, TOLD_OF):
            _retracted(staffed, selectors[value])
        orders = _ordered(staffed)
        rule_order = _rule_ordered(staffed)
        challenge = _asked(staffed)
        _refused(staffed)
        account = re.findall(r"/staff/[0-9a-f-]{36}", _page(staffed, Role.ADMINISTRATOR, "/staff"))
        ways = {
            "/changes/{change_id:uuid}": (changes[LISTED],),
            "/orders/{change_id:uuid}": orders,
            "/safety-orders/{change_id:uuid}": (rule_order,),
        }
        paths = {
            **ways,
            **{f"{of}/progress": tuple(f"{one}/progress" for one in ways[of]) for of in ways},
            "/safety-orders/{change_id:uuid}/progress": (),  # nobody has decided of it yet
            "/challenges/{challenge_id:uuid}": (challenge, _closed(staffed)),
            "/partners/{name:str}": ("/partners/acme",),
            "/selectors/{selector_id:uuid}": (selectors[LISTED],),
            "/staff/{account_id:uuid}": (account[0],),
            "/versions/{sequence:int}": ("/versions/1",),
        }
        yield World(staffed.browsers, paths)


def _page(staffed: Staffed, role: Role, path: str) -> str:
    return staffed.browsers[role].visit(path).text


def _listed(staffed: Staffed, value: str) -> str:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    curator.visit("/check")
    curator.send("/check", value=value, kind="phone")
    curator.send("/changes", **SAID)
    path = curator.page.url.path
    curator.send(f"{path}/submission", password=PASSWORD)
    approver.visit(path)
    approver.send(f"{path}/approval", password=PASSWORD)
    answered(staffed)
    return path


def _matched(staffed: Staffed, half: PrivateHalf) -> None:
    values = (LISTED, GONE, TOLD_OF)
    records = [matched_record(half.key, at, one) for at, one in enumerate(values, 1)]
    write = staffed.indexer.write
    write(lambda head: PartnersTold("screening-partners/2", *head, [told()]))
    write(lambda head: map_part(head, *values))
    write(lambda head: MatchRecords("screening-records/1", *head, "api-1/journal", records))
    staffed.desk.curation.take_turn()


def _selector(staffed: Staffed, value: str) -> str:
    curator = staffed.browsers[Role.CURATOR]
    curator.visit("/check")
    page = curator.send("/check", value=value, kind="phone").text
    return str(re.findall(r"/selectors/[0-9a-f-]{36}", page)[0])


def _retracted(staffed: Staffed, selector: str) -> None:
    curator = staffed.browsers[Role.CURATOR]
    curator.visit(selector)
    curator.send(f"{selector}/retraction", reason="it was wrong", password=PASSWORD)
    answered(staffed)


def _ordered(staffed: Staffed) -> tuple[str, ...]:
    approver, manager = staffed.browsers[Role.APPROVER], staffed.browsers[Role.PARTNER_MANAGER]
    page = approver.visit("/notices").text
    action = re.findall(r'action="(/notices/[0-9a-f-]+)"', page)[-1]
    approver.send(action, reason="canary of notice", password=PASSWORD)
    answered(staffed)
    manager.visit("/partners/acme")
    (notice,) = re.findall(r'href="(/orders/[0-9a-f-]{36})"', manager.page.text)
    sent = {"reason": "canary of suspension", "password": PASSWORD}
    suspension = manager.send("/partners/acme/suspension", **sent).url.path
    return notice, suspension


def _rule_ordered(staffed: Staffed) -> str:
    curator = staffed.browsers[Role.CURATOR]
    curator.visit("/safety-lists")
    return str(curator.send("/safety-lists", **RULE, password=PASSWORD).url.path)


def _asked(staffed: Staffed) -> str:
    """Have a challenge be recorded, and exports be asked for; return the path of the former."""
    manager = staffed.browsers[Role.PARTNER_MANAGER]
    manager.visit("/challenges")
    said = {"reference": "CANARY-L7", "ground": "canary of ground"}
    manager.send("/challenges", selectors=CHALLENGED, **said)
    for role in (Role.ANALYST, Role.AUTHORISED_USER):
        staffed.browsers[role].visit("/exports")
        staffed.browsers[role].send("/exports", receipts=receipt_of(1), **OF_CASE)
    page = _page(staffed, Role.APPROVER, "/challenges")
    return str(re.findall(r"/challenges/[0-9a-f-]{36}", page)[0])


def _closed(staffed: Staffed) -> str:
    """Have a challenge be changed in the database, and closed; return its path."""
    manager, approver = staffed.browsers[Role.PARTNER_MANAGER], staffed.browsers[Role.APPROVER]
    manager.visit("/challenges")
    manager.send("/challenges", selectors=CHALLENGED, reference="L 8", ground="theirs")
    page = _page(staffed, Role.APPROVER, "/challenges")
    ((path, _),) = re.findall(r"(/challenges/[0-9a-f-]{36})\"[^>]*>(<bdi>)?L 8", page)
    is_it = ChallengeRow.id == UUID(path.rpartition("/")[2])
    with staffed.desk.log_in.database.writing() as session:
        session.execute(update(ChallengeRow).where(is_it).values(answered_at=1))
    approver.visit(path)
    approver.send(f"{path}/closing", reason="it is L 9", password=PASSWORD)
    return str(path)


def _refused(staffed: Staffed) -> None:
    staffed.desk.curation.take_turn()
    staffed.indexer.refuse(staffed.indexer.down.sequences()[-1])
    staffed.desk.curation.take_turn()


def granted(role: Role, pattern: str) -> bool:
    need = NEEDS["GET", pattern]
    privileges = Privileges(frozenset((role,)))
    return need is None or privileges.may(need.verb, need.record_type, need.field)


GETS: Final = [
    path for method, path in NEEDS if method == "GET" and not any(one in path for one in ELSEWHERE)
]


@pytest.mark.slow
@pytest.mark.parametrize("role", Role)
def test_a_page_with_something_to_show_is_there_for_whoever_is_granted_it(
    world: World, role: Role
) -> None:
    client = world.browsers[role].client
    found = {path: client.get(path).status_code for one in GETS for path in world.of(one)}
    due = {path: 200 if granted(role, one) else 403 for one in GETS for path in world.of(one)}
    assert found == due


@pytest.mark.slow
@pytest.mark.parametrize("record_type", CANARIES)
@pytest.mark.parametrize("role", Role)
def test_no_page_shows_a_field_of_a_record_that_the_role_may_not_read(
    world: World, role: Role, record_type: RecordType
) -> None:
    pages = "".join(world.shown(role, one) for one in GETS)
    canaries = CANARIES[record_type]
    found = {field for field, value in canaries.items() if value in pages}
    assert found == Privileges(frozenset((role,))).fields(Verb.READ, record_type) & canaries.keys()
    assert canaries.keys() <= FIELDS[record_type]


@pytest.mark.slow
@pytest.mark.parametrize("role", Role)
def test_what_is_disclosed_has_the_fields_that_the_role_may_read(world: World, role: Role) -> None:
    browser = world.browsers[role]
    sent = {"csrf": browser.csrf(), "receipt": receipt_of(1), **OF_CASE}
    page = main_of(browser.client.post("/disclosures", data=sent).text)
    found = {field for field, value in DISCLOSED.items() if value in page}
    readable = Privileges(frozenset((role,))).fields(Verb.READ, RecordType.DISCLOSURE)
    assert found == readable & DISCLOSED.keys()
