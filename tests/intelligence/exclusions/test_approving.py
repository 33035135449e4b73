"""What whoever approves an order is shown of it, and what is none that can be read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import update

from intelligence.curation.tables import EntryRow
from intelligence.errors import FormRefused
from intelligence.exclusions.proposals import ended_rule, new_rule
from intelligence.exclusions.tables import RuleOrderRow
from intelligence.journal import Journal
from intelligence.staff.roles import Role
from intelligence.store.sealing import ILLEGIBLE
from screening.exclusions.rules import Match
from screening.spools.exclusions_told import ToldOverride
from screening.spools.spelling import spell
from screening.vocabulary.errors import LedgerUnavailable
from tests.intelligence.curation.desk import Desk
from tests.intelligence.exclusions.ordered import (
    OTHER,
    PHONE,
    RANGE,
    TYPED,
    given,
    rule,
    state,
    tell,
)
from tests.intelligence.staff.services import PASSWORD, FullLedger


def test_whoever_approves_is_shown_how_much_it_keeps_off(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.in_force(PHONE, source="case-8")
    desk.in_force(OTHER)
    desk.in_force("+1 202 555 0143", role="victim")
    order_id = given(desk)
    assert desk.safety_lists.order(desk.abel.who, order_id).keeps_off == (1, True)
    desk.rule_orders.approve(desk.abel.who, order_id, PASSWORD)
    assert desk.safety_lists.order(desk.abel.who, order_id).keeps_off is None


@pytest.mark.parametrize(
    ("match", "value"),
    [("range", "+1 202 555 014x"), ("exact", PHONE), ("domain", "lodge.example")],
)
def test_by_orders_of_ones_own_nobody_learns_what_is_listed(
    desk: Desk, match: str, value: str
) -> None:
    desk.in_force(PHONE)
    desk.in_force("boss@lodge.example")
    kind = "email" if match == "domain" else "phone"
    order = new_rule(replace(TYPED, kind=kind, match=match, value=value))
    # Bo may approve, too, and not this one.
    auditor = desk.services.colleague(desk.ada, "olga", Role.AUDITOR)
    order_id = given(desk, order, by=desk.bo)
    for who in (desk.bo.who, desk.cora.who, auditor.who):
        assert desk.safety_lists.order(who, order_id).keeps_off is None
    assert "order counted" not in desk.services.records()
    assert desk.safety_lists.order(desk.abel.who, order_id).keeps_off == (1, True)
    (line,) = (one for one in desk.services.records().splitlines() if "order counted" in one)
    assert desk.abel.who.actor in line
    assert f'"event":"order counted","change":"{order_id}"' in line


def test_a_count_that_cannot_be_put_on_record_is_shown_to_nobody(
    desk: Desk, tmp_path: Path
) -> None:
    order_id = given(desk)
    with FullLedger(tmp_path / "full", host="here") as ledger:
        orders = replace(desk.rule_orders, journal=Journal(ledger, desk.clock))
        with pytest.raises(LedgerUnavailable):
            replace(desk.safety_lists, orders=orders).order(desk.abel.who, order_id)


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
    assert shown == {damaged: ILLEGIBLE, other: "it called"}
    one = desk.safety_lists.order(desk.abel.who, damaged)
    assert (one.record["operation"], one.record["kind"], one.keeps_off) == ("exclude", "", None)
    desk.rule_orders.refuse(desk.abel.who, damaged, "it cannot be read")
    assert [one.id for one in desk.safety_lists.waiting(desk.abel.who)] == [other]


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


def test_whoever_approves_is_shown_what_is_sealed_and_signs_nothing_else(desk: Desk) -> None:
    tell(desk, rule())
    end_id = given(desk, ended_rule("phone", "range", RANGE, "it has moved"))
    with desk.database.writing() as session:
        is_it = RuleOrderRow.id == end_id
        session.execute(update(RuleOrderRow).where(is_it).values(operation="Exclude"))
    shown = desk.safety_lists.order(desk.abel.who, end_id)
    assert (shown.record["operation"], shown.is_as_signed) == ("unexclude", False)
    with pytest.raises(FormRefused, match="not what was signed"):
        desk.rule_orders.approve(desk.abel.who, end_id, PASSWORD)
    assert state(desk, end_id) == "submitted"
    desk.rule_orders.refuse(desk.abel.who, end_id, "somebody has changed it")
    (line,) = (one for one in desk.services.records().splitlines() if '"order refused"' in one)
    assert '"order":"unexclude"' in line


@pytest.mark.parametrize("said", [bytes(40), None], ids=["changed", "gone"])
def test_what_cannot_be_read_is_approved_by_nobody(desk: Desk, said: bytes | None) -> None:
    order_id = given(desk)
    with desk.database.writing() as session:
        is_it = RuleOrderRow.id == order_id
        session.execute(update(RuleOrderRow).where(is_it).values(said=said))
    shown = desk.safety_lists.order(desk.abel.who, order_id)
    assert (shown.record["reason"], shown.is_as_signed) == (ILLEGIBLE, False)
    with pytest.raises(FormRefused, match="cannot be read"):
        desk.rule_orders.approve(desk.abel.who, order_id, PASSWORD)
    assert state(desk, order_id) == "submitted"


def test_what_is_shown_and_what_is_signed_are_one_order(desk: Desk) -> None:
    order_id = given(desk)
    with desk.database.writing() as session:
        row = session.get_one(RuleOrderRow, order_id)
        narrower = msgspec.structs.replace(new_rule(TYPED), reason="another one")
        row.said = desk.seals.seal(row, "said", spell(narrower))
    assert not desk.safety_lists.order(desk.abel.who, order_id).is_as_signed
    with pytest.raises(FormRefused, match="not what was signed"):
        desk.rule_orders.approve(desk.abel.who, order_id, PASSWORD)


def test_an_order_is_held_to_what_its_author_may_when_it_is_approved(desk: Desk) -> None:
    order_id = given(desk, by=desk.bo)
    desk.left_with(desk.bo, Role.APPROVER)
    with pytest.raises(FormRefused, match="has lost the role that this takes"):
        desk.rule_orders.approve(desk.abel.who, order_id, PASSWORD)
    assert state(desk, order_id) == "submitted"


def test_an_order_is_held_to_what_its_signers_may_when_it_leaves(desk: Desk) -> None:
    order_id = given(desk)
    desk.rule_orders.approve(desk.bo.who, order_id, PASSWORD)
    desk.left_with(desk.bo, Role.CURATOR)
    desk.exchange.take_turn()
    assert desk.indexer.down.sequences() == []
    assert state(desk, order_id) == "refused"
