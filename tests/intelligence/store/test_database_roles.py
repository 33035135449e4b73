"""Roles are roles of PostgreSQL, too: the console alters no table, staff read what pages show."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from intelligence.commands.setting_up import initialise
from intelligence.curation.tables import ChangeSet
from intelligence.database_roles import (
    COLUMNS,
    apply_roles,
    columns_of,
    role_names,
    role_statements,
)
from intelligence.deployment import METADATA
from intelligence.settings import IntelligenceSettings
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import FIELDS, RecordType, Role, Verb
from intelligence.store.base import sealed_columns
from intelligence.store.database import Database
from intelligence.store.key_file import KEY_FILE
from screening.vocabulary.errors import LedgerUnavailable, OperatorError
from tests.harness.postgres import Postgres
from tests.intelligence.backup.homes import events_of, lose_ledger, settings_for
from tests.intelligence.staff.services import Services

NEVER = ("password_hash", "totp_secret", "private", "id_hash", "code_hash", "token_hash", "wrapped")
"""Columns that nobody of staff reads, sealed or not."""


@pytest.fixture(scope="module")
def settings(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> IntelligenceSettings:
    made = settings_for(Path(tmp_path_factory.mktemp("roles")), postgres.new_database())
    initialise(made)
    apply_roles(made)
    assert len(apply_roles(made)) == len(Role) + 1, "it may be run again"
    return made


@pytest.fixture(scope="module")
def console_url(settings: IntelligenceSettings) -> str:
    """The address of the database for a user who has the console's role, and no other."""
    owner = Database(settings.sqlalchemy_url())
    names = role_names(owner)
    with owner.writing() as session:
        session.execute(text(f"CREATE USER {names[None]}_user LOGIN IN ROLE {names[None]}"))
    owner.close()
    return settings.sqlalchemy_url().replace("owner@", f"{names[None]}_user@")


def test_the_console_works_with_its_role(
    settings: IntelligenceSettings, console_url: str, tmp_path: Path
) -> None:
    shutil.copy(settings.home / KEY_FILE, tmp_path)
    services = Services(tmp_path, console_url)
    ada = services.administrator()
    assert services.colleague(ada, "bob", Role.CURATOR).who.privileges.roles == {Role.CURATOR}
    services.close()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (n int)",
        "ALTER TABLE staff_account ADD COLUMN mine int",
        "DROP TABLE staff_session",
        "TRUNCATE curation_entry CASCADE",
        "CREATE INDEX mine ON staff_account (name)",
        "UPDATE alembic_version SET version_num = '9999'",
        "CREATE TRIGGER mine BEFORE UPDATE ON staff_account EXECUTE FUNCTION now()",
    ],
)
def test_the_console_s_user_alters_no_schema(console_url: str, statement: str) -> None:
    database = Database(console_url)
    refused = pytest.raises(DBAPIError, match=r"permission denied|must be owner")
    with refused, database.writing() as session:
        session.execute(text(statement))
    database.close()


def test_each_role_reads_the_columns_that_pages_show_it_and_no_other(
    settings: IntelligenceSettings,
) -> None:
    database = Database(settings.sqlalchemy_url())
    asked = text("SELECT has_column_privilege(:role, :table, :column, :what)")
    with database.reading() as session:
        for role, name in role_names(database).items():
            if role is None:
                continue
            readable = columns_of(role)
            for table in METADATA.sorted_tables:
                for column in table.columns:
                    given = {"role": name, "table": table.name, "column": column.name}
                    reads = session.execute(asked, {**given, "what": "SELECT"}).scalar_one()
                    assert reads == ((table.name, column.name) in readable), given
                    writes = [
                        session.execute(asked, {**given, "what": what}).scalar_one()
                        for what in ("INSERT", "UPDATE")
                    ]
                    assert writes == [False, False], given
    database.close()


@pytest.mark.parametrize("role", Role)
def test_what_a_role_reads_there_a_page_shows_it(role: Role) -> None:
    privileges = Privileges(frozenset((role,)))
    shown = {
        column
        for record_type, columns in COLUMNS.items()
        for field, column in columns.items()
        if privileges.may(Verb.READ, record_type, field)
    }
    keys = {
        (table.name, column.name)
        for table in METADATA.sorted_tables
        for column in table.columns
        if column.primary_key or column.foreign_keys
    }
    assert shown <= columns_of(role) <= shown | keys
    assert not {column for _, column in columns_of(role)} & set(NEVER)
    assert all(columns.keys() <= FIELDS[record_type] for record_type, columns in COLUMNS.items())


def test_nobody_but_who_may_see_selectors_reads_them_even_sealed(
    settings: IntelligenceSettings,
) -> None:
    sealed = {(one.table.name, one.column.name) for one in sealed_columns(METADATA)}
    readers = {role for role in Role if columns_of(role) & sealed}
    assert readers == {Role.CURATOR, Role.APPROVER}
    database = Database(settings.sqlalchemy_url())
    with pytest.raises(DBAPIError, match="permission denied"), database.reading() as session:
        session.execute(text(f"SET ROLE {role_names(database)[Role.AUDITOR]}"))
        session.execute(text("SELECT canonical FROM curation_change"))
    database.close()


def test_rows_that_are_somebody_s_own_are_granted_to_nobody() -> None:
    by_row = (RecordType.OWN_ACCOUNT, RecordType.DISCLOSURE, RecordType.FOLLOW)
    assert not COLUMNS.keys() & {*by_row, RecordType.SIGHTING, RecordType.BULK_EXPORT}
    assert columns_of(Role.AUTHORISED_USER) == set()


@pytest.mark.parametrize("role", Role)
def test_change_sets_are_granted_to_nobody_for_orders_lie_among_them(role: Role) -> None:
    assert ChangeSet.__tablename__ not in {table for table, _ in columns_of(role)}


def test_that_roles_were_made_is_on_record_or_they_are_not(
    settings: IntelligenceSettings, postgres: Postgres, tmp_path: Path
) -> None:
    assert events_of(settings).count("database roles made") == 2
    other = settings_for(tmp_path, postgres.new_database())
    initialise(other)
    lose_ledger(other)
    with pytest.raises(LedgerUnavailable):
        apply_roles(other)
    database = Database(other.sqlalchemy_url())
    with database.reading() as session:
        there = set(session.scalars(text("SELECT rolname FROM pg_roles")).all())
    assert not there & set(role_names(database).values())
    database.close()


def test_a_file_of_sqlite_knows_no_roles(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    initialise(settings)
    with pytest.raises(OperatorError, match="knows no roles"):
        role_statements(settings)
