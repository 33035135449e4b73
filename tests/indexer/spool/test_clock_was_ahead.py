"""A decision of a clock that was ahead is undone by what is written once that is right."""

import sqlite3

import pytest

from screening.spools.exclusion_order import OfRules
from screening.spools.order import Order
from tests.harness.deployment import Partner
from tests.harness.spool_console import ANN, DAY, TODAY, Desk, add, now, retract
from tests.indexer.running import Running
from tests.indexer.spool.undoing import (
    EXCLUDE,
    OTHER,
    PHONE,
    RESUME,
    SUSPEND,
    THIRD,
    UNEXCLUDE,
    again,
    applied,
    partner_of_first_file,
    refused,
    written_anew,
)


@pytest.fixture
def partner(running: Running, desk: Desk) -> Partner:
    return partner_of_first_file(running, desk)


def ahead(running: Running) -> None:
    """Have all that was decided so far be of a clock that was 30 days ahead."""
    with sqlite3.connect(running.home / "list.sqlite") as sql:
        for table in ("blocks", "suspensions", "exclusion_rules"):
            at = int((TODAY + 30 * DAY).timestamp())
            sql.execute(f"UPDATE {table} SET decided_at = {at}")  # noqa: S608 - of constants
    sql.close()


def test_a_retraction_of_a_clock_that_was_ahead_is_lifted_by_what_is_written_after_it_is_right(
    running: Running, desk: Desk, partner: Partner
) -> None:
    desk.approve(retract(*PHONE), by=[ANN], at=THIRD)
    applied(running, desk)
    ahead(running)
    desk.approve(add(*OTHER), at=THIRD)
    applied(running, desk)
    told = [one for one in running.ledger() if one["command"] == "clock was ahead"]
    assert [one["decisions"] for one in told] == [1]
    statements, said = desk.console.statements, dict(desk.console.said)
    again(desk, THIRD)
    assert "taken off the list after that" in refused(running, desk), "it was written before"
    desk.console.statements, desk.console.said = statements, said
    written_anew(desk, lambda: again(desk, now()))
    applied(running, desk)
    assert running.listed(partner, PHONE) == [True]


@pytest.mark.parametrize(
    ("made", "ended"), [(SUSPEND, RESUME), (EXCLUDE, UNEXCLUDE)], ids=["suspension", "rule"]
)
def test_an_order_of_a_clock_that_was_ahead_is_ended_by_what_is_ordered_after_it_is_right(
    running: Running, desk: Desk, partner: Partner, made: Order | OfRules, ended: Order | OfRules
) -> None:
    desk.order(made, at=THIRD)
    applied(running, desk)
    ahead(running)
    desk.order(ended, at=THIRD)
    refused(running, desk)
    written_anew(desk, lambda: desk.order(ended, at=now()))
    applied(running, desk)
    assert running.listed(partner, PHONE) == [True]
    assert running.records()["acme"].state == "active"
