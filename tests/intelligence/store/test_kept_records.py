"""Records that were kept before logs were told apart outlive the migration, with their matches."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from intelligence.store.database import Database
from intelligence.store.schema import CONNECTION


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "intelligence.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes[CONNECTION] = connection
    command.upgrade(config, revision)


def _insert(connection: Connection, table: str, **given: object) -> None:
    """Add a row; what may not be missing and is not given is something of its type."""
    row = dict(given)
    for column in inspect(connection).get_columns(table):
        name, kind = column["name"], column["type"].python_type
        if name not in row and not column["nullable"] and column["default"] is None:
            row[name] = kind() if kind in (int, bytes, bool) else "x"
    names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), row)  # noqa: S608 - names of ours


def test_changes_and_who_has_signed_them_outlive_each_migration(database: Database) -> None:
    ids = [UUID(int=number) for number in (1, 2, 3)]
    account, change_set, change = [one.bytes for one in ids] if database.is_sqlite else ids
    tables = ("curation_change_set", "curation_change", "curation_signature")
    with database.writing() as session:
        connection = session.connection()
        _upgrade(connection, "0005")
        _insert(connection, "staff_account", id=account, state="active")
        _insert(connection, tables[0], id=change_set, state="approved", author_id=account)
        _insert(connection, tables[1], id=change, change_set_id=change_set, operation="Add")
        _insert(connection, tables[2], id=change, change_set_id=change_set, account_id=account)
    with database.writing() as session:
        _upgrade(session.connection(), "head")
        for table in tables:
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 1  # noqa: S608 - as above


def test_records_and_their_matches_outlive_the_migration(database: Database) -> None:
    ids = [UUID(int=number) for number in (1, 2)]
    record, match = [one.bytes for one in ids] if database.is_sqlite else ids
    with database.writing() as session:
        _upgrade(session.connection(), "0006")
        session.execute(
            text(
                "INSERT INTO disclosure_record (id, receipt, at, partner, key_id, generation, "
                "sealed_to, sealed_key, sealed_number, told_in) "
                "VALUES (:id, 'r', 1, 'acme', 'k', 'g', 't', :sealed, 7, 1)"
            ),
            {"id": record, "sealed": bytes(80)},
        )
        session.execute(
            text(
                "INSERT INTO disclosure_match (id, record_id, row, box, state) "
                "VALUES (:id, :record, 3, 'box', 'sealed')"
            ),
            {"id": match, "record": record},
        )
    with database.writing() as session:
        _upgrade(session.connection(), "head")
        found = session.execute(
            text(
                "SELECT log, is_contested, sealed_number, row, box FROM disclosure_match "
                "JOIN disclosure_record ON disclosure_record.id = record_id"
            )
        ).one()
    assert tuple(found) == ("", False, 7, 3, "box")


def test_what_did_not_open_is_tried_again_once_countries_can_be_read(database: Database) -> None:
    record, *matches = (
        one.bytes if database.is_sqlite else one
        for one in map(UUID, ("1" * 32, "2" * 32, "3" * 32))
    )
    with database.writing() as session:
        connection = session.connection()
        _upgrade(connection, "0010")
        _insert(connection, "disclosure_record", id=record)
        for row, (match, state) in enumerate(zip(matches, ("damaged", "sighting"), strict=True)):
            _insert(
                connection, "disclosure_match", id=match, record_id=record, row=row, state=state
            )
    with database.writing() as session:
        _upgrade(session.connection(), "head")
        states = text("SELECT state, booking_region FROM disclosure_match ORDER BY row")
        found = [tuple(one) for one in session.execute(states)]
    assert found == [("sealed", None), ("sighting", None)]
