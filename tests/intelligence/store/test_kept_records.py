"""Records that were kept before logs were told apart outlive the migration, with their matches."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

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
