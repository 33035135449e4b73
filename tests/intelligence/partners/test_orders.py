"""Who orders what of partners, how many sign it, and what becomes of it."""

from datetime import UTC, datetime

import pytest

from intelligence.errors import FormRefused, NotPermitted, NotThere
from intelligence.partners.tables import OrderRow
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import RecordType, Role, Verb
from intelligence.store.sealing import ILLEGIBLE
from screening.spools.acknowledgement import Refused
from screening.spools.batch import ApproverKey, Batch
from screening.spools.order import Admit, Entitlement, PartnerOrder, Resume, Suspend, parse_signed
from tests.intelligence.partners.office import RESUME, SUSPEND, PartnerOffice, told
from tests.intelligence.staff.services import PASSWORD, Person

TOLD_AT = int(datetime(2026, 11, 29, tzinfo=UTC).timestamp())
"""When the indexer of paper says what it says."""
NEWLY = Admit(
    "newly",
    "agreed on",
    api_url="https://screening.example",
    sealed_to=bytes(32),
    mode="live",
    scopes=["check"],
    entitlement=Entitlement(["phone"], ["trafficker"], 0, None, None),
)
PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"


def signed_by(office: PartnerOffice, sequence: int, *people: Person) -> PartnerOrder:
    """Return the order of a file, whose signatures are these people's and hold."""
    (signed,) = office.desk.indexer.export(sequence).batches
    order = parse_signed(signed.batch)
    assert isinstance(order, PartnerOrder)
    shown = [office.services.signing_keys.shown(person.who) for person in people]
    keys = [ApproverKey(one["public"]) for one in shown if one is not None]  # type: ignore[arg-type]  # bytes
    by_id = {key.id: key for key in keys}
    assert {one.by for one in signed.signatures} == by_id.keys()
    assert all(by_id[one.by].has_signed(signed.batch, one.signature) for one in signed.signatures)
    return order


def test_one_person_suspends_and_another_looks_at_it_after(office: PartnerOffice) -> None:
    order_id = office.given(SUSPEND)
    assert office.desk.nudged
    office.applied(1)
    assert signed_by(office, 1, office.pam).order == SUSPEND
    assert office.state(order_id) == "applied"
    with pytest.raises(FormRefused, match="another person"):
        office.orders.review(office.pam.who, order_id)
    office.orders.review(office.per.who, order_id)
    assert office.shown(order_id).reviewed_at
    records = office.services.records()
    assert '"order given"' in records
    assert '"suspension reviewed"' in records


def test_what_lets_a_partner_ask_needs_two(office: PartnerOffice) -> None:
    order_id = office.given(RESUME)
    office.desk.exchange.take_turn()
    assert office.desk.indexer.down.sequences() == []
    with pytest.raises(FormRefused, match="nobody approves"):
        office.orders.approve(office.pam.who, order_id, PASSWORD)
    office.orders.approve(office.per.who, order_id, PASSWORD)
    office.applied(1)
    assert signed_by(office, 1, office.pam, office.per).order == RESUME


def test_an_approver_of_the_list_may_approve_and_order_nothing(office: PartnerOffice) -> None:
    order_id, abel = office.given(RESUME), office.desk.abel
    with pytest.raises(NotPermitted):
        office.given(SUSPEND, by=abel)
    office.orders.approve(abel.who, order_id, PASSWORD)
    assert office.state(order_id) == "approved"


def test_curators_see_and_order_nothing_of_partners(office: PartnerOffice) -> None:
    with pytest.raises(NotPermitted):
        office.given(SUSPEND, by=office.desk.cora)
    with pytest.raises(NotPermitted):
        office.partners.all(office.desk.cora.who)


def test_no_order_is_given_for_a_partner_that_is_not_there(office: PartnerOffice) -> None:
    with pytest.raises(NotThere):
        office.given(Suspend("nobody", "it was never here"))
    for name in ("nobody", "ac\0me", "../acme"):
        with pytest.raises(NotThere):
            office.partners.one(office.desk.abel.who, name)


def test_an_order_leaves_alone_and_in_its_turn(office: PartnerOffice) -> None:
    desk = office.desk
    changes = [desk.approved(PHONE)]
    order_id = office.approved(RESUME)
    changes.append(desk.approved(OTHER))
    for sequence in (1, 2, 3):
        office.applied(sequence)
    kinds = [
        [type(parse_signed(one.batch)) for one in desk.indexer.export(sequence).batches]
        for sequence in (1, 2, 3)
    ]
    assert kinds == [[Batch], [PartnerOrder], [Batch]]
    assert office.state(order_id) == "applied"
    assert {desk.row(one).state for one in changes} == {"applied"}
    # The list that the order's file names is the one before it: nothing of it has changed.
    assert desk.indexer.export(2).result == desk.indexer.export(1).result


def test_a_suspension_leaves_before_all_that_was_decided_earlier(office: PartnerOffice) -> None:
    office.tell(told(), told("beta"))
    desk, beta = office.desk, Resume("beta", "it has a new kit")
    waits = [desk.approved(PHONE), office.approved(beta), desk.approved(OTHER)]
    suspended = [office.given(Suspend(name, "seen in a public place")) for name in ("acme", "beta")]
    for sequence in (1, 2, 3):
        office.applied(sequence)
    orders = [parse_signed(desk.indexer.export(number).batches[0].batch) for number in (1, 2)]
    assert [type(one.order) for one in orders if isinstance(one, PartnerOrder)] == [Suspend] * 2
    assert [office.state(one) for one in suspended] == ["applied", "applied"]
    assert [desk.row(one).state for one in waits] == ["applied", "refused", "applied"]


@pytest.mark.parametrize("approves", [True, False])
def test_nothing_that_was_ordered_before_a_suspension_undoes_it(
    office: PartnerOffice, *, approves: bool
) -> None:
    resumed = office.approved(RESUME) if approves else office.given(RESUME)
    office.given(SUSPEND)
    with pytest.raises(FormRefused, match="does not wait"):
        office.orders.approve(office.per.who, resumed, PASSWORD)
    office.applied(1)
    office.desk.exchange.take_turn()
    assert office.desk.indexer.down.sequences() == [1]
    assert "suspended after this" in str(office.shown(resumed).record["outcome"])
    assert resumed in [one.id for one in office.partners.waiting(office.per.who)]
    later = office.approved(RESUME)
    office.applied(2)
    assert office.state(later) == "applied"


def test_what_was_taken_back_leaves_behind_no_suspension_that_it_would_undo(
    office: PartnerOffice,
) -> None:
    desk = office.desk
    resumed, admitted = office.approved(RESUME), office.approved(NEWLY)
    desk.exchange.take_turn()  # the first has left, and waits for the indexer
    office.tell(told(), told("newly"))
    suspended = [office.given(Suspend(name, "seen in public")) for name in ("acme", "newly")]
    desk.clock.at += 25 * 3600
    desk.indexer.tell(Refused(1, desk.indexer.sha256(1), "expired", None, "it has had its time"))
    for sequence in (1, 2):
        office.applied(sequence)
    desk.exchange.take_turn()
    assert desk.indexer.down.sequences() == [1, 2]
    assert [office.state(one) for one in suspended] == ["applied", "applied"]
    for one in (resumed, admitted):
        assert "suspended after this" in str(office.shown(one).record["outcome"])
    later = office.approved(RESUME)
    office.applied(3)
    assert office.state(later) == "applied"


def test_an_order_that_the_indexer_refuses_comes_back_and_the_next_leaves(
    office: PartnerOffice,
) -> None:
    order_id = office.given(SUSPEND)
    change = office.desk.approved(PHONE)
    office.desk.exchange.take_turn()
    indexer = office.desk.indexer
    batch = parse_signed(indexer.export(1).batches[0].batch).batch
    sentence = "there is no partner of that name; see: indexer status"
    indexer.tell(Refused(1, indexer.sha256(1), "not_possible", batch, sentence))
    office.applied(1)
    assert office.shown(order_id).record["outcome"] == sentence
    assert [one.id for one in office.partners.waiting(office.per.who)] == [order_id]
    office.orders.note(office.pam.who, order_id)
    office.orders.review(office.per.who, order_id)
    assert office.partners.waiting(office.per.who) == []
    assert office.desk.row(change).state == "applied"


def test_what_is_ordered_is_taken_back_or_refused_before_it_leaves(office: PartnerOffice) -> None:
    first, second = office.given(RESUME), office.given(RESUME)
    office.orders.withdraw(office.pam.who, first, "a mistake")
    office.orders.refuse(office.per.who, second, "it has no new kit")
    office.desk.exchange.take_turn()
    assert (office.state(first), office.state(second)) == ("refused", "refused")
    assert office.desk.indexer.down.sequences() == []


def test_orders_are_none_of_the_changes_of_the_list(office: PartnerOffice) -> None:
    order_id, desk = office.given(RESUME), office.desk
    assert desk.reading.waiting(desk.abel.who).changes == []
    for ask in (
        lambda: desk.changes.approve(desk.abel.who, order_id, PASSWORD),
        lambda: desk.changes.refuse(desk.abel.who, order_id, "no"),
        lambda: desk.reading.one(desk.abel.who, order_id),
    ):
        with pytest.raises(NotThere):
            ask()
    change = desk.added(PHONE)
    with pytest.raises(NotThere):
        office.orders.approve(office.per.who, change, PASSWORD)
    counts = desk.overview.counts(desk.abel.who)
    assert counts is not None
    assert counts.changes == {"submitted": 1}


def test_an_order_that_does_not_open_hides_no_other_and_can_be_refused(
    office: PartnerOffice,
) -> None:
    damaged, other = office.given(RESUME), office.given(RESUME)
    with office.services.database.writing() as session:
        row = session.get(OrderRow, damaged)
        assert row is not None
        row.said = bytes(40)
    shown = {one.id: one.record["reason"] for one in office.partners.waiting(office.per.who)}
    assert shown == {damaged: ILLEGIBLE, other: RESUME.reason}
    assert len(office.partners.one(office.pam.who, "acme")[1]) == 2
    assert office.shown(damaged).record["operation"] == "resume"
    office.orders.refuse(office.per.who, damaged, "it cannot be read")
    assert [one.id for one in office.partners.waiting(office.per.who)] == [other]


@pytest.mark.parametrize("column", ["operation", "partner"])
def test_an_order_is_shown_and_on_record_as_it_is_sealed(
    office: PartnerOffice, column: str
) -> None:
    order_id = office.given(RESUME)
    with office.services.database.writing() as session:
        setattr(session.get_one(OrderRow, order_id), column, "gamma")
    shown = office.shown(order_id)
    assert (shown.record["operation"], shown.record["partner"]) == ("resume", "acme")
    assert not shown.is_as_signed
    with pytest.raises(FormRefused, match="not what was signed"):
        office.orders.approve(office.per.who, order_id, PASSWORD)
    office.orders.refuse(office.per.who, order_id, "somebody has changed it")
    (line,) = (one for one in office.services.records().splitlines() if '"order refused"' in one)
    assert ('"order":"resume"' in line, '"partner":"acme"' in line) == (True, True)


def test_nobody_has_looked_at_an_order_that_was_changed_after_it_was_signed(
    office: PartnerOffice,
) -> None:
    order_id = office.given(SUSPEND)
    with office.services.database.writing() as session:
        session.get_one(OrderRow, order_id).partner = "gamma"
    with pytest.raises(FormRefused, match="not what was signed, or cannot be read; have"):
        office.orders.review(office.per.who, order_id)
    assert office.shown(order_id).reviewed_at is None


def test_an_order_that_does_not_open_is_approved_by_nobody(office: PartnerOffice) -> None:
    order_id = office.given(RESUME)
    with office.services.database.writing() as session:
        session.get_one(OrderRow, order_id).said = bytes(40)
    with pytest.raises(FormRefused, match="cannot be read"):
        office.orders.approve(office.per.who, order_id, PASSWORD)
    assert office.state(order_id) == "submitted"


def test_an_order_waits_for_others_than_its_author(office: PartnerOffice) -> None:
    office.given(RESUME)
    troubles = [office.partners.troubles(one.who) for one in (office.pam, office.per)]
    assert [one.orders.many for one in troubles if one] == [0, 1]


def test_partners_are_as_the_indexer_has_told_last(office: PartnerOffice) -> None:
    office.tell(told("acme", state="suspended"), told("beta", is_held=True))
    assert [(one["name"], one["state"]) for one in office.partners.all(office.pam.who)] == [
        ("beta", "active"),
        ("acme", "suspended"),
    ]
    troubles = office.partners.troubles(office.pam.who)
    assert troubles is not None
    assert (troubles.suspended, list(troubles.in_trouble)) == (["acme"], ["beta"])
    assert office.partners.told_at(office.pam.who) == TOLD_AT
    office.tell(told("beta"))
    assert [one["name"] for one in office.partners.all(office.pam.who)] == ["beta"]


@pytest.mark.parametrize("role", [Role.PARTNER_MANAGER, Role.APPROVER, Role.AUDITOR])
def test_a_role_is_shown_the_fields_that_it_may_read(office: PartnerOffice, role: Role) -> None:
    order_id = office.given(RESUME)
    somebody = office.services.colleague(office.desk.ada, "somebody", role).who
    privileges = Privileges(frozenset((role,)))
    (listed,), (partner, _) = office.partners.all(somebody), office.partners.one(somebody, "acme")
    assert partner.keys() == privileges.fields(Verb.READ, RecordType.PARTNER)
    assert listed.keys() == partner.keys() - {"usage"}
    order = office.partners.order(somebody, order_id).record
    assert order.keys() == privileges.fields(Verb.READ, RecordType.PARTNER_ORDER)
