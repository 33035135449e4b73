"""The migrations lead to the tables that the code knows, and a program refuses another schema."""

from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from intelligence.deployment import METADATA
from intelligence.store.database import Database
from intelligence.store.schema import require_current_schema, upgrade_schema
from screening.vocabulary.errors import OperatorError
from tests.intelligence.homes import nothing_to_bind


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def _differences(database: Database) -> list[Any]:
    with database.writing() as session:
        # SQLite keeps of a type its name alone.
        context = MigrationContext.configure(
            session.connection(), opts={"compare_type": not database.is_sqlite}
        )
        return list(compare_metadata(context, METADATA))


def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    upgrade_schema(database, METADATA, nothing_to_bind)
    assert _differences(database) == []


def test_a_table_that_no_migration_makes_is_found_out(database: Database) -> None:
    upgrade_schema(database, METADATA, nothing_to_bind)
    with database.writing() as session:
        session.execute(text("DROP TABLE staff_role"))
    assert [one[0] for one in _differences(database)] == ["add_table"]


def test_an_upgrade_changes_nothing_of_one_that_is_current(database: Database) -> None:
    upgrade_schema(database, METADATA, nothing_to_bind)
    upgrade_schema(database, METADATA, nothing_to_bind)
    require_current_schema(database)


def test_an_empty_database_and_a_newer_one_are_refused(database: Database) -> None:
    with pytest.raises(OperatorError, match="run: intelligence init"):
        require_current_schema(database)
    upgrade_schema(database, METADATA, nothing_to_bind)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(OperatorError, match="newer"):
        require_current_schema(database)
