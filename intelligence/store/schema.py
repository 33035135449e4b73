"""The schema of the database, and the migrations that lead to it, which ship with the package."""

from collections.abc import Callable
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

from intelligence.store.bound import bind_all, bind_more, bound_tables
from intelligence.store.database import Database
from intelligence.store.vault import Vault
from screening.vocabulary.errors import OperatorError

VERSION_TABLE: Final = "alembic_version"
"""Which schema there is, as Alembic keeps it."""
CONNECTION: Final = "connection"
"""Under this name the migrations' environment is given the connection to use."""


def upgrade_schema(database: Database, metadata: MetaData, vault: Callable[[], Vault]) -> None:
    """Bring the database to the schema of this version, in one transaction.

    What an older one holds in tables whose rows are bound since (`metadata` has those of all rooms)
    is bound in the same one, under the keys of `vault`, which is asked for then alone: once it is
    of this schema, nothing is bound any more that somebody has put there.
    """
    with database.writing() as session:
        connection = session.connection()
        tables = bound_tables(metadata)
        since = {one for of in tables for one in (of.bound_since, of.more_since) if one is not None}
        coming = {one for one in since if _is_older(connection, one)}
        begins = [one for one in tables if one.bound_since in coming]
        adds = [one for one in tables if one.more_since in coming and one not in begins]
        command.upgrade(_config(connection), "head")
        if coming:
            bind_all(session, vault(), begins)
            bind_more(session, vault(), adds)


def _is_older(connection: Connection, revision: str) -> bool:
    """Tell whether there is a schema, and one of before this revision."""
    found = set(MigrationContext.configure(connection).get_current_heads())
    up_to = ScriptDirectory.from_config(_config()).iterate_revisions(revision, "base")
    return bool(found & {one.revision for one in up_to} - {revision})


def require_current_schema(database: Database) -> None:
    """Raise `OperatorError` where the database is not that of this version."""
    if not _is_current(database):
        raise OperatorError(
            "there is no database yet, or it is of an older version; run: intelligence init"
        )


def require_known_schema(database: Database) -> None:
    """Raise `OperatorError` where the database is of no version that this one knows."""
    _is_current(database)


def _is_current(database: Database) -> bool:
    """Tell whether the database is of this version or of an older one; `OperatorError` of none."""
    with database.reading() as session:
        found = MigrationContext.configure(session.connection()).get_current_heads()
    script = ScriptDirectory.from_config(_config())
    if not set(found) <= {one.revision for one in script.walk_revisions()}:
        raise OperatorError("the database is of a newer version; install that one of this program")
    return found == tuple(script.get_heads())


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "intelligence.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes[CONNECTION] = connection
    return config
