"""Roles of PostgreSQL: what the console's user may do, and what each role of staff may read there.

Both come out of the data that the pages follow (`staff/grants.py`), so that a report that somebody
writes in SQL reaches no column that no page shows them. The console's user changes rows, and no
table. Staff only read: what is written without the console would be on nobody's record.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import func, select, text

from intelligence.curation.tables import ChangeRow, EntryRow, ExportRow
from intelligence.deployment import METADATA
from intelligence.opening import open_database, open_journal
from intelligence.settings import IntelligenceSettings
from intelligence.staff.grants import GRANTS
from intelligence.staff.roles import RecordType, Role, Verb
from intelligence.staff.tables import Account, Request, RoleOfAccount
from intelligence.store.database import Database
from intelligence.store.schema import VERSION_TABLE, require_current_schema
from screening.account import actor
from screening.vocabulary.errors import OperatorError

Column = tuple[str, str]

_ENTRY: Final = EntryRow.__tablename__
_CHANGE: Final = ChangeRow.__tablename__
_VERSION: Final = ExportRow.__tablename__
_STAFF, _REQUEST = Account.__tablename__, Request.__tablename__

COLUMNS: Final[Mapping[RecordType, Mapping[str, Column]]] = {
    RecordType.STAFF: {
        **{
            name: (_STAFF, name)
            for name in (
                *("name", "display_name", "state", "organisation", "legal_basis"),
                *("expires_at", "created_at", "last_log_in_at"),
            )
        },
        "roles": (RoleOfAccount.__tablename__, "role"),
    },
    RecordType.STAFF_REQUEST: {
        "wish": (_REQUEST, "wish"),
        **dict.fromkeys(("roles", "new_name"), (_REQUEST, "roles")),
        "requested_by": (_REQUEST, "requested_by"),
    },
    RecordType.ENTRY: {
        name: (_ENTRY, name)
        for name in (
            *("kind", "canonical", "list", "source", "role", "reason", "confidence"),
            *("jurisdictions", "first_seen", "last_seen", "review_by", "expires_at"),
        )
    },
    RecordType.CHANGE: {
        "kind": (_CHANGE, "kind"),
        "canonical": (_CHANGE, "canonical"),
    },
    RecordType.VERSION: {
        **{
            name: (_VERSION, name)
            for name in (
                *("sequence", "state", "written_at", "told_at", "release", "outcome"),
                "statements",
            )
        },
        "begun": (_ENTRY, "begun_by"),
        "ended": (_ENTRY, "ended_by"),
    },
}
"""Where a field lies. Of record types and fields that are not here the pages show somebody some
rows alone, or make them up, and a column knows no rows: nobody is granted those, nor those of
change sets, whose rows are orders for partners and safety lists as well. Sealed columns are granted
as they are, and open with keys that the database has not.
"""


def role_statements(settings: IntelligenceSettings) -> list[str]:
    """Return the SQL that makes the roles and grants them what they have, and nothing else."""
    with open_database(settings) as database:
        return _statements(database)


def apply_roles(settings: IntelligenceSettings) -> list[str]:
    """Make the roles, as a user who owns the tables and may make roles; return their names.

    Who has done it is on record, or nothing is done.
    """
    with open_database(settings) as database, open_journal(settings) as journal:
        statements, names = _statements(database), list(role_names(database).values())
        with database.writing() as session:
            for one in statements:
                session.execute(text(one.replace(":", r"\:")))
            journal.record(actor(), "database roles made", roles=names)
        return names


def role_names(database: Database) -> dict[Role | None, str]:
    """Return what the roles are called; None is the console. A server has one space of names."""
    name = database.engine.url.database
    of_staff: dict[Role | None, str] = {role: f"{name}_{role.value}" for role in Role}
    return {None: f"{name}_console", **of_staff}


def columns_of(role: Role) -> set[Column]:
    """Return the columns that a role reads: those of fields, and the keys that join their rows."""
    granted = {
        COLUMNS[grant.record_type][field]
        for grant in GRANTS
        if grant.role is role and grant.verb is Verb.READ and grant.record_type in COLUMNS
        for field in grant.fields & COLUMNS[grant.record_type].keys()
    }
    tables = {table for table, _ in granted}
    keys = {
        (table, column.name)
        for table in tables
        for column in METADATA.tables[table].columns
        if column.primary_key or (column.foreign_keys and column.name.endswith("_set_id"))
    }
    return granted | keys


def _statements(database: Database) -> list[str]:
    if database.is_sqlite:
        raise OperatorError("SQLite knows no roles; set INTELLIGENCE_DATABASE_URL")
    require_current_schema(database)
    with database.reading() as session:
        schema = session.scalar(select(func.current_schema()))
    return [*_made(database, schema or "public")]


def _made(database: Database, schema: str) -> Iterator[str]:
    quote = database.engine.dialect.identifier_preparer.quote
    within = quote(schema)
    yield f"REVOKE CREATE ON SCHEMA {within} FROM PUBLIC"
    for role, name in role_names(database).items():
        known = name.replace("'", "''")
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{known}') "
            f"THEN CREATE ROLE {quote(name)} NOLOGIN; END IF; END $$"
        )
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {within} FROM {quote(name)}"
        yield f"REVOKE ALL ON SCHEMA {within} FROM {quote(name)}"
        yield f"GRANT USAGE ON SCHEMA {within} TO {quote(name)}"
        if role is None:
            for table in sorted(METADATA.tables):
                yield (
                    f"GRANT SELECT, INSERT, UPDATE, DELETE ON {within}.{quote(table)} "
                    f"TO {quote(name)}"
                )
            yield f"GRANT SELECT ON {within}.{VERSION_TABLE} TO {quote(name)}"
            continue
        columns = columns_of(role)
        for table in sorted({table for table, _ in columns}):
            named = ", ".join(quote(one) for of, one in sorted(columns) if of == table)
            yield f"GRANT SELECT ({named}) ON {within}.{quote(table)} TO {quote(name)}"
