"""The schema of the database, and the migrations that lead to it, which ship with the package."""

from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from intelligence.store.database import Database
from screening.vocabulary.errors import OperatorError

CONNECTION: Final = "connection"
"""Under this name the migrations' environment is given the connection to use."""


def upgrade_schema(database: Database) -> None:
    """Bring the database to the schema of this version, in one transaction."""
    with database.writing() as session:
        command.upgrade(_config(session.connection()), "head")


def require_current_schema(database: Database) -> None:
    """Raise `OperatorError` where the database is not that of this version."""
    with database.reading() as session:
        found = MigrationContext.configure(session.connection()).get_current_heads()
    script = ScriptDirectory.from_config(_config())
    if found == tuple(script.get_heads()):
        return
    known = {one.revision for one in script.walk_revisions()}
    if set(found) <= known:
        raise OperatorError("the database is of an older version; run: intelligence init")
    raise OperatorError("the database is of a newer version; install that one of this program")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "intelligence.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes[CONNECTION] = connection
    return config
