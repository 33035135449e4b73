"""The database: SQLite by default, PostgreSQL for real use; transactions that read or write."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from operator import methodcaller
from typing import Any, Final

from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    Result,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from intelligence.store.vault import Vault
from screening.vocabulary.errors import OperatorError

VAULT: Final = "vault"
"""Under this name a session's `info` has what its rows are bound with (`store/bound.py`)."""
_BUSY_MS: Final = 5_000
_READABLE: Final = methodcaller("decode", "utf-8", "replace")
"""What makes text of what SQLite has as text, which may be any bytes: one row ends no query."""
_BEGIN: Final = "intelligence_begin"
_TURNS: Final = 0x5EE15
_HELD: Final = 0x5EE16
"""The names of the locks that PostgreSQL keeps for this; any numbers that nobody else takes."""
_IS_HELD: Final = text(
    "SELECT EXISTS (SELECT 1 FROM pg_locks JOIN pg_database AS of ON of.oid = pg_locks.database "
    "WHERE of.datname = current_database() AND locktype = 'advisory' AND granted "
    "AND classid = 0 AND objid = :held AND objsubid = 1)"
).bindparams(held=_HELD)
"""How PostgreSQL spells a lock of one number: its upper half, its lower half, and 1."""


class Database:
    """Gives sessions; what a block did is committed where it ends well, and undone where not.

    `vault` is what `open_vault` has opened of its keys.
    """

    def __init__(self, url: str) -> None:
        # An error's text would repeat the values of a statement, and goes to logs.
        self.engine: Final = create_engine(url, hide_parameters=True, pool_pre_ping=True)
        self.vault: Vault | None = None
        if self.is_sqlite:
            _set_up_sqlite(self.engine)

    @property
    def is_sqlite(self) -> bool:
        """Tell whether it is a file of ours."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that only reads, as of one moment; others may write meanwhile.

        So what is read bit by bit is of one commit, as it is with SQLite: an account and its roles,
        say, which are bound together.
        """
        engine = self.engine
        if not self.is_sqlite:
            engine = engine.execution_options(
                postgresql_readonly=True, isolation_level="REPEATABLE READ"
            )
        with Session(engine, expire_on_commit=False, info={VAULT: self.vault}) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that writes.

        SQLite's takes the one writer's place at its beginning (BEGIN IMMEDIATE): one that took it
        only with its first change would fail, without waiting, where another was faster.
        """
        engine = self.engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        info = {VAULT: self.vault}
        with Session(engine, expire_on_commit=False, info=info) as session, session.begin():
            yield session

    def take_turns(self, session: Session) -> None:
        """Have transactions that call this come one after the other, each until its end.

        SQLite's writers do so anyhow.
        """
        if not self.is_sqlite:
            session.execute(select(func.pg_advisory_xact_lock(_TURNS)))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other consoles away, which may have homes on other hosts; raises `OperatorError`.

        A file of SQLite is in its home, which has a lock. PostgreSQL drops this one with the
        connection that took it, however its process dies, a moment later. Who ends well gives it
        back first, so that the next one is not refused for that moment.
        """
        if self.is_sqlite:
            yield
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.scalar(select(func.pg_try_advisory_lock(_HELD))):
                raise OperatorError(
                    "another intelligence command uses this database, of another home perhaps; "
                    "stop it first"
                )
            try:
                yield
            finally:
                with suppress(DBAPIError):  # a connection that is lost holds nothing
                    connection.execute(select(func.pg_advisory_unlock(_HELD)))
                connection.invalidate()  # back in the pool, it could hold on to what it kept

    def is_held(self) -> bool:
        """Tell whether a console holds it at this moment, and hold nothing for that.

        A file of SQLite is in its home, which has a lock.
        """
        if self.is_sqlite:
            return False
        with self.engine.connect() as connection:
            return bool(connection.scalar(_IS_HELD))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def changed(result: Result[Any]) -> bool:
    """Tell whether an UPDATE or DELETE has found a row: of two at once, one has."""
    return isinstance(result, CursorResult) and result.rowcount > 0


@contextmanager
def telling_of_the_database() -> Iterator[None]:
    """Let a command that cannot reach its database say so in a sentence without its address."""
    try:
        yield
    except OperationalError:
        raise OperatorError(
            "the database cannot be used; check INTELLIGENCE_DATABASE_URL, and the disk"
        ) from None
    except DBAPIError:
        raise OperatorError(
            "the database refuses what was asked of it; check that its user owns its tables"
        ) from None


def _set_up_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        connection.text_factory = _READABLE
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",  # what is committed outlives a loss of power
            "foreign_keys = ON",
            "secure_delete = ON",
            f"busy_timeout = {_BUSY_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(str(options.get(_BEGIN, "BEGIN")))
