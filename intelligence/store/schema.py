"""The schema of the database, and the migrations that lead to it, which ship with the package."""

from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from intelligence.store.database import Database
from screening.vocabulary.errors import OperatorError

VERSION_TABLE: Final = "alembic_version"
"""Which schema there is, as Alembic keeps it."""
CONNECTION: Final = "connection"
"""Under this name the migrations' environment is given the connection to use."""


def upgrade_schema(database: Database) -> None:
    """Bring the database to the schema of this version, in one transaction."""
    with database.writing() as session:
        command.upgrade(_config(session.connection()), "head")


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
