"""What the console knows of the safety lists, who orders what of them, and who signs."""

from dataclasses import replace

import pytest

from intelligence.curation.recognising import recognise
from intelligence.errors import FormRefused, NotPermitted, NotThere
from intelligence.exclusions.proposals import ended_rule, new_rule
from intelligence.imports.read_upload import Told
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import RecordType, Role, Verb
from intelligence.staff.sessions import SignedIn
from screening.exclusions.rules import Category, Match
from screening.spools.acknowledgement import Refused
from screening.spools.batch import Batch
from screening.spools.exclusion_order import Exclude, ExclusionOrder, Unexclude
from screening.spools.exclusions_told import ToldOverride
from screening.spools.order import parse_signed
from tests.intelligence.curation.desk import Desk
from tests.intelligence.exclusions.ordered import (
    COMES_WITH,
    MAILBOX,
    OTHER,
    PHONE,
    RANGE,
    SINCE,
    TYPED,
    given,
    rule,
    state,
    tell,
)
from tests.intelligence.staff.services import PASSWORD


def applied(desk: Desk, sequence: int) -> None:
    desk.exchange.take_turn()
    desk.indexer.apply(sequence)
    desk.exchange.take_turn()


def sent(desk: Desk, sequence: int) -> ExclusionOrder:
    (signed,) = desk.indexer.export(sequence).batches
    order = parse_signed(signed.batch)
    assert isinstance(order, ExclusionOrder)
    assert len(signed.signatures) == 2
    return order


def test_rules_are_as_the_indexer_has_told_last(desk: Desk) -> None:
    assert desk.safety_lists.all(desk.cora.who) == []
    tell(desk, rule(), COMES_WITH)
    own, default = desk.safety_lists.all(desk.cora.who)
    assert (own["value"], own["added_at"], own["keeps_off"]) == (RANGE, SINCE, 3)
    assert (default["value"], default["added_at"]) == (MAILBOX, None)
    tell(desk, COMES_WITH)
    assert [one["value"] for one in desk.safety_lists.all(desk.abel.who)] == [MAILBOX]


def test_a_new_rule_and_its_end_need_two_and_leave_alone(desk: Desk) -> None:
    change = desk.approved(OTHER)
    order_id = given(desk)
    desk.exchange.take_turn()
    assert desk.indexer.down.sequences() == [1]
    desk.indexer.apply(1)
    with pytest.raises(NotPermitted):  # a curator is none who approves
        desk.rule_orders.approve(desk.cora.who, order_id, PASSWORD)
    desk.rule_orders.approve(desk.abel.who, order_id, PASSWORD)
    applied(desk, 2)
    assert (state(desk, order_id), desk.row(change).state) == ("applied", "applied")
    order = sent(desk, 2).order
    assert isinstance(order, Exclude)
    assert (order.value, order.category, order.is_wide) == (RANGE, Category.SHELTER, False)
    assert desk.indexer.export(2).result == desk.indexer.export(1).result
    tell(desk, rule())
    end_id = given(desk, ended_rule("phone", "range", RANGE, "it has moved"))
    desk.rule_orders.approve(desk.abel.who, end_id, PASSWORD)
    applied(desk, 3)
    assert sent(desk, 3).order == Unexclude("phone", Match.RANGE, RANGE, "it has moved")
    records = desk.services.records()
    assert '"order given"' in records
    assert '"order approved"' in records
    assert RANGE not in records


def test_nobody_approves_their_own(desk: Desk) -> None:
    order_id = given(desk, by=desk.bo)
    with pytest.raises(FormRefused, match="nobody approves"):
        desk.rule_orders.approve(desk.bo.who, order_id, PASSWORD)
    desk.rule_orders.approve(desk.abel.who, order_id, PASSWORD)
    assert state(desk, order_id) == "approved"


def test_an_order_stays_apart_from_changes_of_the_list_and_partners(desk: Desk) -> None:
    order_id, change = given(desk), desk.added(OTHER)
    for ask in (
        lambda: desk.changes.approve(desk.abel.who, order_id, PASSWORD),
        lambda: desk.orders.approve(desk.abel.who, order_id, PASSWORD),
        lambda: desk.rule_orders.approve(desk.abel.who, change, PASSWORD),
        lambda: desk.safety_lists.order(desk.abel.who, change),
    ):
        with pytest.raises(NotThere):
            ask()
    desk.rule_orders.approve(desk.abel.who, order_id, PASSWORD)
    desk.changes.approve(desk.abel.who, change, PASSWORD)
    applied(desk, 1)
    applied(desk, 2)
    kinds = [
        [type(parse_signed(one.batch)) for one in desk.indexer.export(sequence).batches]
        for sequence in (1, 2)
    ]
    assert kinds == [[ExclusionOrder], [Batch]]


def test_what_the_indexer_refuses_comes_back_until_it_is_noted(desk: Desk) -> None:
    order_id = given(desk)
    waiting = [desk.safety_lists.count_waiting(one.who) for one in (desk.cora, desk.abel)]
    assert waiting == [(0, 0), (1, 0)], "for others than its author"
    desk.rule_orders.approve(desk.abel.who, order_id, PASSWORD)
    desk.exchange.take_turn()
    sentence = "there are as many rules as can be; narrow some"
    batch = sent(desk, 1).batch
    desk.indexer.tell(Refused(1, desk.indexer.sha256(1), "not_possible", batch, sentence))
    desk.exchange.take_turn()
    assert desk.safety_lists.order(desk.abel.who, order_id).record["outcome"] == sentence
    assert [one.id for one in desk.safety_lists.waiting(desk.abel.who)] == [order_id]
    assert desk.safety_lists.count_waiting(desk.abel.who) == (1, 0)
    desk.rule_orders.note(desk.cora.who, order_id)
    assert desk.safety_lists.waiting(desk.abel.who) == []


def test_what_a_colleague_refuses_waits_for_its_author_until_they_have_noted_it(
    desk: Desk,
) -> None:
    order_id, lists = given(desk), desk.safety_lists
    desk.rule_orders.refuse(desk.abel.who, order_id, "it covers too much")
    assert lists.count_waiting(desk.cora.who) == (0, 1)
    (shown,) = lists.waiting(desk.cora.who)
    assert (shown.id, shown.was_refused) == (order_id, True)
    assert (lists.count_waiting(desk.abel.who), lists.waiting(desk.abel.who)) == ((0, 0), [])
    desk.rule_orders.note(desk.cora.who, order_id)
    assert (lists.count_waiting(desk.cora.who), lists.waiting(desk.cora.who)) == ((0, 0), [])


def test_what_is_there_is_not_ordered_and_what_is_not_there_or_not_ours_not_ended(
    desk: Desk,
) -> None:
    tell(desk, rule(), COMES_WITH)
    for order, why in (
        (new_rule(TYPED), "in force already"),
        (ended_rule("phone", "exact", "+12025550142", "no"), "no such rule"),
        (ended_rule("email", "mailbox", MAILBOX, "no"), "comes with the indexer"),
    ):
        with pytest.raises(FormRefused, match=why):
            given(desk, order)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"value": None}, "the value is missing"),
        ({"note": None}, "the note is missing"),
        ({"reason": None}, "the reason is missing"),
        ({"reason": "jo@lodge.example called"}, "looks like a phone"),
        ({"region": "ZZ"}, "country"),
        ({"kind": "fax"}, "kind"),
        ({"match": "domain"}, "match"),
        ({"category": "friends"}, "category"),
        ({"value": "+1 202 xxx xxxx"}, 'tick "All of it is meant"'),
        ({"note": "n" * 301}, "shorten"),
    ],
)
def test_what_is_no_rule_is_refused_in_words_of_the_form(
    said: dict[str, str | None], why: str
) -> None:
    with pytest.raises(FormRefused, match=why) as refused:
        new_rule(replace(TYPED, **said))  # type: ignore[arg-type]  # of a test's words
    assert "--" not in str(refused.value)
    assert "202" not in str(refused.value)


def test_a_wide_rule_is_taken_from_one_who_says_so() -> None:
    order = new_rule(replace(TYPED, value="+1 202 xxx xxxx", is_wide=True))
    assert isinstance(order, Exclude)
    assert order.is_wide


def test_a_check_and_a_draft_say_that_it_is_on_a_safety_list(desk: Desk) -> None:
    desk.in_force(PHONE)
    assert desk.reading.check(desk.cora.who, recognise(PHONE)).stand.is_listed
    tell(desk, rule())
    stand = desk.reading.check(desk.cora.who, recognise(PHONE)).stand
    assert (stand.is_listed, stand.excluded_as) == (False, "shelter")
    drafted = desk.changes.draft(desk.cora.who, desk.addition("+1 202 555 0143"))
    protecting = desk.changes.draft(desk.cora.who, desk.addition("+1 202 555 0144", role="victim"))
    shown = [desk.reading.one(desk.cora.who, one).operations[0] for one in (drafted, protecting)]
    assert [one.excluded_as for one in shown] == ["shelter", None]


def test_what_has_an_override_is_on_none(desk: Desk) -> None:
    tell(desk, rule(), overrides=(ToldOverride("phone", "+12025550142"),))
    assert desk.reading.check(desk.cora.who, recognise(PHONE)).stand.excluded_as is None
    other = desk.reading.check(desk.cora.who, recognise("+1 202 555 0143")).stand
    assert other.excluded_as == "shelter"


def test_an_import_leaves_out_what_is_on_a_safety_list(desk: Desk) -> None:
    tell(desk, rule())
    rows = "phone,role,source,reason\n{},buyer,case-7,seen\n{},buyer,case-7,seen\n"
    content = rows.format(PHONE, OTHER).encode()
    upload_id = desk.uploads.take(desk.cora.who, "a.csv", content, Told())
    shown = desk.uploads.one(desk.cora.who, upload_id)
    assert [one.code for one, _ in shown.rows] == ["excluded", ""]


@pytest.mark.parametrize("role", [Role.CURATOR, Role.APPROVER, Role.AUDITOR])
def test_a_role_is_shown_the_fields_that_it_may_read(desk: Desk, role: Role) -> None:
    tell(desk, rule())
    order_id = given(desk, ended_rule("phone", "range", RANGE, "it has moved"))
    somebody = desk.services.colleague(desk.ada, "somebody", role).who
    privileges = Privileges(frozenset((role,)))
    (shown,) = desk.safety_lists.all(somebody)
    assert shown.keys() == privileges.fields(Verb.READ, RecordType.SAFETY_RULE)
    record = desk.safety_lists.order(somebody, order_id).record
    assert record.keys() == privileges.fields(Verb.READ, RecordType.SAFETY_ORDER)
    assert ("value" in record) == (role is not Role.AUDITOR)


def test_whoever_is_shown_the_values_of_rules_is_on_record_and_no_value_is(desk: Desk) -> None:
    events = ('"safety lists shown"', '"safety order shown"')

    def on_record(who: SignedIn) -> list[int]:
        lines = [one for one in desk.services.records().splitlines() if f'"{who.actor}"' in one]
        return [sum(event in line for line in lines) for event in events]

    desk.safety_lists.all(desk.cora.who)
    assert on_record(desk.cora.who) == [0, 0], "there is none to be shown"
    tell(desk, rule(), COMES_WITH)
    order_id = given(desk, ended_rule("phone", "range", RANGE, "it has closed"))
    for who in (desk.cora.who, desk.abel.who):
        desk.safety_lists.all(who)
        desk.safety_lists.order(who, order_id)
        assert on_record(who) == [1, 1]
    auditor = desk.services.colleague(desk.ada, "olaf", Role.AUDITOR).who
    desk.safety_lists.all(auditor)
    desk.safety_lists.order(auditor, order_id)
    assert on_record(auditor) == [0, 0], "no value is shown to them"
    assert RANGE not in desk.services.records()


@pytest.mark.parametrize("role", [Role.PARTNER_MANAGER, Role.ANALYST, Role.ADMINISTRATOR])
def test_others_see_nothing_of_them(desk: Desk, role: Role) -> None:
    somebody = desk.services.colleague(desk.ada, "somebody", role).who
    assert desk.safety_lists.count_waiting(somebody) is None
    with pytest.raises(NotPermitted):
        desk.safety_lists.all(somebody)


def test_nothing_of_a_rule_lies_open_in_the_database(desk: Desk) -> None:
    tell(desk, rule())
    given(desk, ended_rule("phone", "range", RANGE, "it has moved"))
    stored = (desk.spools.parent / "intelligence.sqlite").read_bytes()
    stored += (desk.spools.parent / "intelligence.sqlite-wal").read_bytes()
    assert RANGE.encode() not in stored
    assert b"a shelter" not in stored
