"""Transactions: whole or not at all, one writer at a time, and no values in errors."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from intelligence.store.database import Database, telling_of_the_database
from screening.vocabulary.errors import OperatorError


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with one row, a count of 0."""
    opened = Database(database_url)
    with opened.writing() as session:
        session.execute(text("CREATE TABLE counted (n INTEGER PRIMARY KEY)"))
        session.execute(text("INSERT INTO counted VALUES (0)"))
    yield opened
    opened.close()


def _count(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(text("SELECT n FROM counted")).scalar_one())


def test_a_block_that_fails_changes_nothing(database: Database) -> None:
    with pytest.raises(KeyError), database.writing() as session:
        session.execute(text("UPDATE counted SET n = 7"))
        raise KeyError
    assert _count(database) == 0


def test_writers_wait_for_each_other_and_no_change_is_lost(database: Database) -> None:
    read = "SELECT n FROM counted" if database.is_sqlite else "SELECT n FROM counted FOR UPDATE"

    def count_up() -> None:
        for _ in range(20):
            with database.writing() as session:
                found = session.execute(text(read)).scalar_one()
                session.execute(text("UPDATE counted SET n = :n"), {"n": found + 1})

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _count(database) == 80


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@on_postgresql
def test_what_only_reads_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError), database.reading() as session:
        session.execute(text("UPDATE counted SET n = 7"))


@on_sqlite  # which knows no transaction that only reads
def test_what_a_reading_transaction_writes_is_undone(database: Database) -> None:
    with database.reading() as session:
        session.execute(text("UPDATE counted SET n = 7"))
    assert _count(database) == 0


def test_an_error_does_not_repeat_the_values_of_a_statement(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught, database.writing() as session:
        statement = text("INSERT INTO counted SELECT 0 WHERE length(:value) > 1")
        session.execute(statement, {"value": "canary"})
    assert "canary" not in str(caught.value)


def test_a_server_that_is_not_there_is_told_in_a_sentence_without_its_address() -> None:
    database = Database("postgresql+psycopg://owner:hidden@/nowhere?host=/nonexistent")
    with (
        pytest.raises(OperatorError) as caught,
        telling_of_the_database(),
        database.reading() as session,
    ):
        session.execute(text("SELECT 1"))
    assert "hidden" not in str(caught.value)
    assert "nonexistent" not in str(caught.value)
    database.close()


@on_sqlite
def test_the_file_keeps_foreign_keys_and_a_write_ahead_log(database: Database) -> None:
    with database.reading() as session:
        for pragma, value in (("foreign_keys", 1), ("journal_mode", "wal"), ("synchronous", 2)):
            assert session.execute(text(f"PRAGMA {pragma}")).scalar_one() == value


@pytest.fixture
def other(database: Database) -> Iterator[Database]:
    """The same database, as another console has it."""
    opened = Database(database.engine.url.render_as_string(hide_password=False))
    yield opened
    opened.close()


@on_postgresql
def test_a_second_console_on_one_database_is_refused_until_the_first_is_gone(
    database: Database, other: Database
) -> None:
    with database.held():
        with pytest.raises(OperatorError, match="another intelligence command"), other.held():
            pass
        with database.writing() as session, other.reading() as beside:
            session.execute(text("UPDATE counted SET n = 7"))
            assert beside.execute(text("SELECT n FROM counted")).scalar_one() == 0
    with other.held():
        pass


@on_postgresql
def test_what_kept_others_away_is_given_back_before_its_connection_ends(
    database: Database, other: Database
) -> None:
    """The server sees the end of a connection a moment later: too late for the next console."""
    begun = []

    @event.listens_for(database.engine, "invalidate")
    def begin_another(*_: object) -> None:
        with other.held():
            begun.append(True)

    with database.held():
        pass
    assert begun


@on_postgresql
def test_whether_a_console_is_at_work_is_seen_without_keeping_it_away(
    database: Database, other: Database
) -> None:
    assert not other.is_held()
    with database.held():
        assert other.is_held()
    assert not other.is_held()
    with database.held():
        pass
