"""What the console knows of the safety lists, who orders what of them, and who signs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from intelligence.curation.read_upload import Told
from intelligence.curation.recognising import recognise
from intelligence.curation.sealing import UNREADABLE
from intelligence.curation.tables import EntryRow
from intelligence.errors import FormRefused, NotPermitted, NotThere
from intelligence.exclusions.proposals import TypedRule, ended_rule, new_rule
from intelligence.exclusions.tables import RuleOrderRow
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import RecordType, Role, Verb
from screening.exclusions.rules import Category, Match
from screening.spools.acknowledgement import Refused
from screening.spools.batch import Batch
from screening.spools.changes import Kind
from screening.spools.exclusion_order import Exclude, ExclusionOrder, OfRules, Unexclude
from screening.spools.exclusions_told import ExclusionsTold, ToldOverride, ToldRule
from screening.spools.order import parse_signed
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD, Person

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0177"
RANGE = "+12025550140..+12025550149"
MAILBOX = "abuse"
TYPED = TypedRule(
    kind="phone",
    match="range",
    value="+1 202 555 014x",
    region=None,
    category="shelter",
    note="a shelter",
    source="its page",
    reason="it called",
    is_wide=False,
)
SINCE = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)


def rule(
    kind: Kind = "phone",
    match: Match = Match.RANGE,
    value: str = RANGE,
    *,
    added_at: datetime | None = SINCE,
) -> ToldRule:
    return ToldRule(kind, match, value, Category.SHELTER, "a shelter", "its page", added_at, 3)


COMES_WITH = rule("email", Match.MAILBOX, MAILBOX, added_at=None)


def tell(desk: Desk, *rules: ToldRule, overrides: tuple[ToldOverride, ...] = ()) -> None:
    """Have the indexer tell how its safety lists stand."""
    by_name = sorted(rules, key=lambda one: one.identity)
    desk.indexer.write(
        lambda head: ExclusionsTold("screening-exclusions/1", *head, by_name, list(overrides))
    )
    desk.exchange.take_turn()


def given(desk: Desk, order: OfRules | None = None, by: Person | None = None) -> UUID:
    return desk.rule_orders.give((by or desk.cora).who, order or new_rule(TYPED), PASSWORD)


def state(desk: Desk, order_id: UUID) -> object:
    return desk.safety_lists.order(desk.abel.who, order_id).record["state"]


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
    desk.rule_orders.approve(desk.abel.who, order_id, PASSWORD)
    desk.exchange.take_turn()
    sentence = "there are as many rules as can be; narrow some"
    batch = sent(desk, 1).batch
    desk.indexer.tell(Refused(1, desk.indexer.sha256(1), "not_possible", batch, sentence))
    desk.exchange.take_turn()
    assert desk.safety_lists.order(desk.abel.who, order_id).record["outcome"] == sentence
    assert [one.id for one in desk.safety_lists.waiting(desk.abel.who)] == [order_id]
    assert desk.safety_lists.count_waiting(desk.abel.who) == 1
    desk.rule_orders.note(desk.cora.who, order_id)
    assert desk.safety_lists.waiting(desk.abel.who) == []


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


def test_why_a_rule_ends_or_an_order_is_refused_holds_no_selector(desk: Desk) -> None:
    with pytest.raises(FormRefused, match="looks like a phone"):
        ended_rule("phone", "range", RANGE, "it is jo@lodge.example's")
    order_id, change_id = given(desk), desk.added(OTHER)
    for deciding, of, author in (
        (desk.rule_orders, order_id, desk.cora),
        (desk.changes, change_id, desk.cora),
    ):
        with pytest.raises(FormRefused, match="looks like a phone"):
            deciding.refuse(desk.abel.who, of, "it is jo@lodge.example's")
        with pytest.raises(FormRefused, match="looks like a phone"):
            deciding.withdraw(author.who, of, "it is jo@lodge.example's")
    assert state(desk, order_id) == "submitted"


def test_a_wide_rule_is_taken_from_one_who_says_so() -> None:
    order = new_rule(replace(TYPED, value="+1 202 xxx xxxx", is_wide=True))
    assert isinstance(order, Exclude)
    assert order.is_wide


def test_whoever_approves_is_shown_how_much_it_keeps_off(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.in_force(PHONE, source="case-8")
    desk.in_force(OTHER)
    desk.in_force("+1 202 555 0143", role="victim")
    order_id = given(desk)
    assert desk.safety_lists.order(desk.abel.who, order_id).keeps_off == (1, True)
    desk.rule_orders.approve(desk.abel.who, order_id, PASSWORD)
    assert desk.safety_lists.order(desk.abel.who, order_id).keeps_off is None


def test_only_what_is_answered_with_yes_counts_as_kept_off(desk: Desk) -> None:
    protected, disputed, over, excepted, covered = (f"+1 202 555 014{n}" for n in range(3, 8))
    today = datetime.fromtimestamp(desk.clock(), UTC).date()
    desk.in_force(PHONE)
    desk.in_force(protected)
    desk.in_force(protected, role="victim", source="case-8")
    desk.in_force(disputed, role="disputed")
    desk.in_force(over, last_day=str(today + timedelta(days=2)))
    desk.in_force(excepted)
    desk.in_force(covered)
    of_one = rule(match=Match.EXACT, value="+12025550147")
    tell(desk, of_one, overrides=(ToldOverride("phone", "+12025550146"),))
    desk.clock.move(4 * 24 * 3600)
    order_id = given(desk)
    assert desk.safety_lists.order(desk.abel.who, order_id).keeps_off == (1, True)


def test_an_entry_that_does_not_open_keeps_nobody_from_the_count_of_others(desk: Desk) -> None:
    spoilt = desk.in_force("+1 202 555 0143")
    desk.in_force(PHONE)
    order_id = given(desk)
    with desk.database.writing() as session:
        is_of = EntryRow.change_set_id == spoilt
        session.execute(update(EntryRow).where(is_of).values(canonical=bytes(40)))
    assert desk.safety_lists.order(desk.abel.who, order_id).keeps_off == (1, False)


def test_an_order_that_does_not_open_hides_no_other_and_can_be_refused(desk: Desk) -> None:
    damaged, other = given(desk), given(desk)
    with desk.database.writing() as session:
        is_it = RuleOrderRow.id == damaged
        session.execute(update(RuleOrderRow).where(is_it).values(said=bytes(40)))
    shown = {one.id: one.record["reason"] for one in desk.safety_lists.waiting(desk.abel.who)}
    assert shown == {damaged: UNREADABLE, other: "it called"}
    one = desk.safety_lists.order(desk.abel.who, damaged)
    assert (one.record["operation"], one.record["kind"], one.keeps_off) == ("exclude", "", None)
    desk.rule_orders.refuse(desk.abel.who, damaged, "it cannot be read")
    assert [one.id for one in desk.safety_lists.waiting(desk.abel.who)] == [other]


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
