"""Rows of an older database are bound by the upgrade, and once they are, by nothing else."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import select, text, update

from intelligence.backup.description import (
    LEDGER,
    POSTGRESQL_DUMP,
    SQLITE_FILE,
    Description,
    hash_of,
    write_description,
)
from intelligence.backup.dumping import copy_sqlite, dump_postgresql
from intelligence.backup.ledger_copy import copy_ledger
from intelligence.backup.restoring import Restoring
from intelligence.commands.setting_up import initialise
from intelligence.curation.recognising import recognise
from intelligence.deployment import METADATA
from intelligence.disclosure.bulk import BulkExports
from intelligence.disclosure.tables import MatchRow, RecordRow
from intelligence.errors import FormRefused
from intelligence.opening import open_database
from intelligence.settings import IntelligenceSettings
from intelligence.staff.enrolment import issue_invitation
from intelligence.staff.signing_keys import SigningKey
from intelligence.staff.tables import Account
from intelligence.store.base import Place
from intelligence.store.bound import bound_tables, digest_of
from intelligence.store.data_keys import open_vault
from intelligence.store.database import Database
from intelligence.store.key_file import KEY_FILE, KeyFile
from intelligence.store.rotation import rotate_keys
from intelligence.store.sealing import Seals
from screening.private_files import open_private
from tests.harness.postgres import Postgres
from tests.intelligence.backup.homes import settings_for
from tests.intelligence.disclosure.room import OTHER, PHONE, Room, receipt_of

LAST = ("staff_signing_key",)
"""Bound since 0025."""
LATELY = (
    *("staff_account", "staff_recovery_code", "staff_invitation", "staff_request"),
    *("challenges_challenge", "challenges_selector", *LAST),
)
"""Bound since 0022 or later, and the others since 0018."""
TABLES = (
    *("curation_entry", "disclosure_map", "disclosure_record", "disclosure_match"),
    *("disclosure_told_yes", "disclosure_disclosure", "disclosure_export", *LATELY),
)


def _before(revision: str) -> str:
    config = Config()
    config.set_main_option("script_location", "intelligence.store:migrations")
    config.set_main_option("path_separator", "os")
    before = ScriptDirectory.from_config(config).get_revision(revision).down_revision
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
    letter = [recognise(PHONE), recognise(OTHER)]
    room.desk.challenges.record(room.desk.cora.who, letter, "L 7/26", "it is theirs")
    of = room.services.directory
    room.services.prove(room.services.people[0])
    of.invite(room.services.people[0].who, room.olga.who.account_id)
    with room.database.writing() as session:
        issue_invitation(session, room.olga.who.account_id, room.services.clock())


def _all_hold(database: Database, seals: Seals) -> set[str]:
    """Return the tables in which something is, once each row of them was held to its columns."""
    found = set[str]()
    with database.reading() as session:
        for table in bound_tables(METADATA):
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


def _as_before(room: Room, revision: str, tables: Sequence[str], *undone: str) -> None:
    """Have the database be of the schema of before these tables were bound."""
    unbound = [f"ALTER TABLE {table} DROP COLUMN bound" for table in tables]
    with room.database.writing() as session:
        for statement in (*unbound, *undone):
            session.execute(text(statement))
        was = {"was": _before(revision)}
        session.execute(text("UPDATE alembic_version SET version_num = :was"), was)


def _as_before_rows_were_bound(room: Room) -> None:
    """Have the database be of the schema of before."""
    _as_before(
        room,
        "0018",
        TABLES,
        "ALTER TABLE curation_change_set DROP COLUMN shown",
        "ALTER TABLE disclosure_told_yes DROP COLUMN by_hand_at",
        "DROP TABLE disclosure_seen",
        "DROP TABLE challenges_closed",
        "ALTER TABLE disclosure_follow ADD COLUMN seen BIGINT DEFAULT 0",
    )


def _backed_up(room: Room, folder: Path) -> None:
    """Make a backup as the program of its schema made it: one of now backs up no older one."""
    folder.mkdir(mode=0o700)
    home = room.services.folder.parent
    if room.database.is_sqlite:
        name = SQLITE_FILE
        copy_sqlite(home / name, folder / name)
    else:
        name = POSTGRESQL_DUMP
        dump_postgresql(room.database, folder / name)
    with open_private(folder / name) as file:
        files = {name: hash_of(file)}
    ledger = copy_ledger(room.services.folder, folder / LEDGER)
    files |= {f"{LEDGER}/{one}": sha256 for one, sha256 in ledger.items()}
    description = Description(
        format="console-backup/1",
        made_at=1_700_000_000,
        host="here",
        actor="a test",
        program="0.1.0",
        database="sqlite" if room.database.is_sqlite else "postgresql",
        files=files,
    )
    write_description(folder, description)


def test_an_upgrade_binds_what_was_there_before(room: Room) -> None:
    _matched(room)
    _as_before_rows_were_bound(room)
    _upgrade(room)
    assert _all_hold(room.database, room.desk.seals) == set(TABLES)
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
    assert _all_hold(room.database, room.desk.seals) == set(TABLES)


def test_an_upgrade_that_binds_accounts_binds_nothing_else(room: Room) -> None:
    _matched(room)
    with room.database.writing() as session:
        session.execute(text("UPDATE disclosure_record SET partner = 'zeta', bound = NULL"))
    _as_before(room, "0022", LATELY, "DROP TABLE challenges_closed")
    _upgrade(room)
    with room.database.reading() as session:
        assert not any(room.desk.seals.holds(row) for row in session.scalars(select(RecordRow)))
        for account in session.scalars(select(Account)):
            assert room.desk.seals.holds(account)
    assert room.services.sessions.find(room.anna.ticket) is not None


def _as_before_second_factors_were_bound(room: Room) -> None:
    """Have each account be bound as by the program of before."""
    vault = room.services.vault
    with room.database.writing() as session:
        for one in session.scalars(select(Account)):
            place = Place("staff_account", "bound", str(one.id))
            one.bound = vault.seal(digest_of(one, one.beside_before()), place)
        was = {"was": _before("0024")}
        session.execute(text("UPDATE alembic_version SET version_num = :was"), was)


def test_an_upgrade_that_binds_second_factors_binds_no_account_that_was_changed(room: Room) -> None:
    _as_before_second_factors_were_bound(room)
    olga = room.olga.who.account_id
    with room.database.writing() as session:
        changed = update(Account).where(Account.id == olga).values(expires_at=4_000_000_000)
        session.execute(changed)
    _upgrade(room)
    with room.database.reading() as session:
        for account in session.scalars(select(Account)):
            assert room.desk.seals.holds(account) is (account.id != olga)
    assert room.services.sessions.find(room.anna.ticket) is not None


def test_an_upgrade_that_binds_signing_keys_binds_nothing_else(room: Room) -> None:
    _matched(room)
    with room.database.writing() as session:
        session.execute(text("UPDATE staff_account SET organisation = 'zeta', bound = NULL"))
    _as_before(room, "0025", LAST)
    _upgrade(room)
    with room.database.reading() as session:
        keys = session.scalars(select(SigningKey)).all()
        assert keys
        assert all(room.desk.seals.holds(row) for row in keys)
        assert not any(room.desk.seals.holds(row) for row in session.scalars(select(Account)))


@pytest.mark.slow
def test_a_row_that_lost_its_binding_is_bound_by_no_later_upgrade(room: Room) -> None:
    _matched(room)
    with room.database.writing() as session:
        session.execute(text("UPDATE disclosure_record SET partner = 'zeta', bound = NULL"))
    _upgrade(room)
    with pytest.raises(FormRefused):
        room.ask(room.anna, 1)


def test_a_restored_backup_from_before_rows_were_bound_has_all_of_them_bound(
    room: Room, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _matched(room)
    _as_before_rows_were_bound(room)
    _backed_up(room, tmp_path / "backup")
    url = None
    if not room.database.is_sqlite:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database()
    settings = settings_for(tmp_path / "restored", url)
    key = {KEY_FILE: (room.services.folder.parent / KEY_FILE).read_bytes()}
    Restoring(settings, key).restore(tmp_path / "backup")
    with open_database(settings) as database:
        seals = Seals(open_vault(database, KeyFile(settings.home).read()))
        # What was asked for is asked for anew after a restore.
        gone = {"disclosure_export", "staff_invitation", "staff_request"}
        assert _all_hold(database, seals) == set(TABLES) - gone


def test_after_a_rotation_of_keys_all_hold_and_what_was_changed_does_not(room: Room) -> None:
    _matched(room)
    key_file = KeyFile(room.services.folder.parent)
    rotated = rotate_keys(room.database, key_file, METADATA, room.services.clock)
    assert (rotated.unread, rotated.kept) == ({}, [])
    seals = Seals(open_vault(room.database, key_file.read()))
    assert _all_hold(room.database, seals) == set(TABLES)
    with room.database.writing() as session:
        session.execute(update(RecordRow).values(partner="zeta"))
    rotate_keys(room.database, key_file, METADATA, room.services.clock)
    seals = Seals(open_vault(room.database, key_file.read()))
    with room.database.reading() as session:
        assert not any(seals.holds(row) for row in session.scalars(select(RecordRow)))
        assert all(seals.holds(row) for row in session.scalars(select(MatchRow)))
