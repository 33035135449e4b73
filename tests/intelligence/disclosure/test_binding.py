"""Rows of an older database are bound by the upgrade, and once they are, by nothing else."""

from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import select, text

from intelligence.deployment import initialise
from intelligence.disclosure.bulk import BulkExports
from intelligence.errors import FormRefused
from intelligence.settings import IntelligenceSettings
from intelligence.store.bound import bound_tables
from tests.intelligence.disclosure.room import OTHER, PHONE, Room, receipt_of

TABLES = (
    *("curation_entry", "disclosure_map", "disclosure_record", "disclosure_match"),
    *("disclosure_told_yes", "disclosure_disclosure", "disclosure_export"),
)


def _before_rows_were_bound() -> str:
    config = Config()
    config.set_main_option("script_location", "intelligence.store:migrations")
    config.set_main_option("path_separator", "os")
    before = ScriptDirectory.from_config(config).get_revision("0018").down_revision
    assert isinstance(before, str)
    return before


def _matched(room: Room) -> None:
    room.desk.in_force(PHONE)
    room.tell_map(PHONE)
    room.tell_records(room.record(1, PHONE))
    room.turn()
    (found,) = room.ask(room.anna, 1)
    room.following.follow(room.anna.who, found.disclosure_id)
    room.desk.in_force(OTHER)
    room.tell_map(OTHER)
    room.tell_records(room.record(2, OTHER))
    room.turn()
    room.take_off(OTHER)
    room.services.prove(room.olga)
    BulkExports(room.disclosing).ask(room.olga.who, [receipt_of(1)], "investigation", "K 7/26")


def _all_hold(room: Room) -> set[str]:
    """Return the tables in which something is, once each row of them was held to its columns."""
    seals, found = room.desk.seals, set[str]()
    with room.database.reading() as session:
        for table in bound_tables():
            for row in session.scalars(select(table)):
                assert seals.holds(row), table
                found.add(table.__tablename__)
    return found


def _upgrade(room: Room) -> None:
    """Run `intelligence init` on the home of a room."""
    url = room.database.engine.url.render_as_string(hide_password=False)
    home: dict[str, Any] = {
        "INTELLIGENCE_HOME": room.services.folder.parent,
        "INTELLIGENCE_DATABASE_URL": None if room.database.is_sqlite else url,
    }
    assert initialise(IntelligenceSettings(**home)) is None, "people are in it already"


def test_an_upgrade_binds_what_was_there_before(room: Room) -> None:
    _matched(room)
    with room.database.writing() as session:
        for table in TABLES:
            session.execute(text(f"ALTER TABLE {table} DROP COLUMN bound"))
        session.execute(text("ALTER TABLE disclosure_told_yes DROP COLUMN by_hand_at"))
        was = {"was": _before_rows_were_bound()}
        session.execute(text("UPDATE alembic_version SET version_num = :was"), was)
    _upgrade(room)
    assert _all_hold(room) == set(TABLES)
    (found,) = room.ask(room.anna, 1)
    assert (found.entries[0]["canonical"], len(found.sightings)) == (PHONE, 1)
    (followed,) = room.following.followed(room.anna.who)
    assert followed.record["new_sightings"] == 0


def test_what_the_console_writes_is_bound_whatever_is_done_with_it(room: Room) -> None:
    _matched(room)
    changed = room.desk.approved(PHONE, role="buyer")
    room.turn()
    sequence = room.desk.row(changed).export_sequence
    assert sequence is not None
    room.desk.indexer.skip(sequence)
    room.turn()
    assert _all_hold(room) == set(TABLES)


def test_a_row_that_lost_its_binding_is_bound_by_no_later_upgrade(room: Room) -> None:
    _matched(room)
    with room.database.writing() as session:
        session.execute(text("UPDATE disclosure_record SET partner = 'zeta', bound = NULL"))
    _upgrade(room)
    with pytest.raises(FormRefused):
        room.ask(room.anna, 1)
