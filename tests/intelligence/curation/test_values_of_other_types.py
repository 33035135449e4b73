"""SQLite takes any value in any column: one row keeps no page from anybody, and nothing back."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from intelligence.curation.recognising import recognise
from intelligence.curation.safety_lists import taken_off_of
from intelligence.deployment import METADATA
from screening.spools.exclusions_told import ExclusionsTold, ToldTakenOff
from tests.harness.slow import slow_but_first
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD, Person

pytestmark = pytest.mark.parametrize("kind", ["sqlite"])
PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"
VALUES = (
    *("'16 letters of it'", "CAST(X'FF' AS TEXT)", "X'FF'", "''"),
    *("9e999", "1000000000.5", "9223372036854775807"),
)
FIRST = (
    "curation_change_set.turn",
    "curation_signature.signature",
    "curation_signature.key_id",
    "curation_change_set.decided_by",
)
COLUMNS = {
    *(
        f"{of}.{one.name}"
        for of in ("curation_change_set", "curation_signature")
        for one in METADATA.tables[of].columns
    ),
}


def _write(desk: Desk, column: str, value: str) -> None:
    """Write a value into the last row of a table, as a foreign hand may."""
    table, _, name = column.partition(".")
    write = f"UPDATE {table} SET {name} = {value} WHERE rowid = (SELECT max(rowid) FROM {table})"  # noqa: S608
    with closing(sqlite3.connect(str(desk.database.engine.url.database))) as database, database:
        database.execute(write)


def _look(desk: Desk, person: Person) -> None:
    """Look at all lists of changes."""
    reading = desk.reading
    for listed in (
        *(reading.waiting, reading.scheduled, reading.drafts),
        *(reading.to_review, reading.came_back, reading.refused),
    ):
        listed(person.who)
    desk.overview.at_start(person.who, None, [])
    desk.overview.on_the_way(person.who, None)


def test_what_hands_took_off_is_known_beside_a_decision_of_no_time(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.retracted(PHONE)
    desk.exchange.take_turn()
    desk.indexer.apply(desk.indexer.down.sequences()[-1])
    of = [ToldTakenOff("phone", recognise(PHONE).text, datetime.fromtimestamp(desk.clock(), UTC))]
    desk.indexer.write(lambda head: ExclusionsTold("screening-exclusions/2", *head, [], [], of))
    desk.exchange.take_turn()
    _write(desk, "curation_change_set.decided_at", "'no time'")
    with desk.database.reading() as session:
        assert taken_off_of(session, desk.seals, [recognise(PHONE)])


@slow_but_first(len(FIRST), "column", [*FIRST, *sorted(COLUMNS - {*FIRST})])
@slow_but_first(2, "value", VALUES)
@slow_but_first(1, "is_scheduled", [False, True])
def test_the_others_are_shown_and_leave(
    desk: Desk, column: str, value: str, *, is_scheduled: bool
) -> None:
    desk.in_force(PHONE)
    other = desk.approved(OTHER)
    if is_scheduled:
        later = desk.changes.draft(desk.cora.who, desk.addition(PHONE, source="case-8"))
        desk.changes.submit(desk.cora.who, later, PASSWORD)
        leaves_at = int(desk.clock()) + 60
        desk.changes.approve(desk.abel.who, later, PASSWORD, leaves_at=leaves_at)
    else:
        desk.retracted(PHONE)
    _write(desk, column, value)
    desk.clock.move(60)
    desk.schedule.release_due()
    for _ in range(2):
        for person in (desk.cora, desk.abel):
            _look(desk, person)
        desk.exchange.take_turn()
        desk.indexer.apply(desk.indexer.down.sequences()[-1])
    desk.exchange.take_turn()
    assert desk.row(other).state == "applied"
    desk.reading.one(desk.abel.who, other)
    desk.approved("+1 202 555 0144")
