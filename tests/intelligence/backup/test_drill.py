"""The drill: back up beside live writes, lose everything, restore, verify, and work goes on."""

import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from intelligence.backup.backing_up import back_up
from intelligence.backup.description import DESCRIPTION, POSTGRESQL_DUMP
from intelligence.backup.keys import back_up_keys, open_keys
from intelligence.backup.restoring import Restored, Restoring
from intelligence.commands.setting_up import initialise
from intelligence.curation.tables import ChangeSet
from intelligence.database_roles import apply_roles
from intelligence.deployment import Desk, open_desk
from intelligence.opening import open_database
from intelligence.settings import IntelligenceSettings
from intelligence.staff.accounts import NewAccount
from intelligence.staff.roles import Role
from intelligence.staff.tables import Account
from screening.vocabulary.errors import OperatorError
from tests.harness.console import PASSWORD
from tests.harness.postgres import Postgres
from tests.intelligence.backup.homes import PASSPHRASE, events_of, settings_for
from tests.intelligence.staff.services import ADDRESS

NAME = "ada@gen.example"


@pytest.fixture(params=["sqlite", "postgresql"])
def settings_of(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[], IntelligenceSettings]:
    """Return settings of one home; each time with another, empty database of PostgreSQL."""

    def made() -> IntelligenceSettings:
        if request.param == "sqlite":
            return settings_for(tmp_path)
        server: Postgres = request.getfixturevalue("postgres")
        return settings_for(tmp_path, server.new_database())

    return made


def test_a_console_that_was_lost_goes_on_from_its_backup(
    settings_of: Callable[[], IntelligenceSettings], tmp_path: Path
) -> None:
    settings = settings_of()
    token = initialise(settings)
    assert token is not None
    with open_desk(settings) as desk:
        ticket = _set_up(desk, token)
        _have_waiting(settings)
        with _writing(desk):
            back_up(settings, tmp_path / "backup")
        back_up_keys(settings, tmp_path / "console.keys", PASSPHRASE)
    shutil.rmtree(settings.home)

    settings = settings_of()
    restored = _restored(settings, tmp_path)
    assert restored.ledger_damage is None
    assert restored.records > 10
    with pytest.raises(OperatorError, match="is not empty"):
        _restored(settings, tmp_path)
    with open_desk(settings) as desk:
        assert desk.sessions.find(ticket) is None, "no session is restored"
        half = desk.sessions.find(desk.log_in.with_password(NAME, PASSWORD, address=ADDRESS))
        assert half is not None
        assert half.privileges.roles == {Role.ADMINISTRATOR}
    # What somebody may have taken back since leaves no more; what takes off does.
    assert _states(settings) == ["approved", "exported", *["refused"] * 3]
    assert events_of(settings).count("restored") == 1
    assert "live" in events_of(settings)


def test_a_dump_is_of_the_database_that_the_console_uses_whatever_names_it(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (make_url(postgres.new_database()) for _ in range(2))
    for name, value in (("PGHOST", one.query["host"]), ("PGUSER", one.username)):
        monkeypatch.setenv(name, str(value))
    settings = settings_for(tmp_path, "postgresql+psycopg://")
    monkeypatch.setenv("PGDATABASE", str(one.database))
    initialise(settings)
    back_up(settings, tmp_path / "backup")
    back_up_keys(settings, tmp_path / "console.keys", PASSPHRASE)
    shutil.rmtree(settings.home)
    monkeypatch.setenv("PGDATABASE", str(other.database))
    assert not _checked(settings, tmp_path).is_opened
    assert _restored(settings, tmp_path).is_opened
    apply_roles(settings)  # which are in no backup


@pytest.mark.slow
def test_a_dump_that_was_cut_off_before_it_was_hashed_is_found_by_a_check(
    postgres: Postgres, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, postgres.new_database())
    initialise(settings)
    back_up(settings, tmp_path / "backup")
    back_up_keys(settings, tmp_path / "console.keys", PASSPHRASE)
    dump = tmp_path / "backup" / POSTGRESQL_DUMP
    dump.write_bytes(dump.read_bytes()[:-400])
    path = tmp_path / "backup" / DESCRIPTION
    description = json.loads(path.read_bytes())
    description["files"][POSTGRESQL_DUMP] = hashlib.sha256(dump.read_bytes()).hexdigest()
    path.write_text(json.dumps(description))
    with pytest.raises(OperatorError, match="that the backup is whole"):
        _checked(settings, tmp_path)


def test_a_second_console_on_the_same_database_is_refused(
    postgres: Postgres, tmp_path: Path
) -> None:
    url = postgres.new_database()
    first, second = settings_for(tmp_path / "one", url), settings_for(tmp_path / "two", url)
    initialise(first)
    shutil.copytree(first.home, second.home)
    with open_desk(first):
        with pytest.raises(OperatorError, match="another intelligence command"):
            initialise(second)
        with pytest.raises(OperatorError, match="another intelligence command"), open_desk(second):
            pass


def _set_up(desk: Desk, token: str) -> str:
    new = NewAccount(name=NAME, display_name="Ada", roles=frozenset((Role.ADMINISTRATOR,)))
    return desk.enrolment.set_up(token, new, (PASSWORD, PASSWORD), address=ADDRESS)


def _have_waiting(settings: IntelligenceSettings) -> None:
    """Have changes wait in each state in which they have not left, and a retraction."""
    with open_database(settings) as database, database.writing() as session:
        author = session.scalars(select(Account.id)).one()
        waiting = ["submitted", "scheduled", "approved", "exported"]
        rows = [ChangeSet(state=state, author_id=author, created_at=1) for state in waiting]
        rows.append(ChangeSet(state="approved", author_id=author, created_at=1, review_due_at=9))
        session.add_all(rows)


def _states(settings: IntelligenceSettings) -> list[str]:
    with open_database(settings) as database, database.reading() as session:
        return sorted(session.scalars(select(ChangeSet.state)))


@contextmanager
def _writing(desk: Desk) -> Iterator[None]:
    """Have somebody write to database and ledger, one after the other, as long as the block."""
    ended, begun = threading.Event(), threading.Event()

    def write() -> None:
        while not ended.is_set():
            for _ in range(20):
                desk.sessions.end(b"none")
                desk.journal.record("nobody", "live")
            begun.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert begun.wait(60)
        yield
    finally:
        ended.set()
        thread.join()


def _checked(settings: IntelligenceSettings, folder: Path) -> Restored:
    keys = open_keys(folder / "console.keys", PASSPHRASE)
    return Restoring(settings, keys).check(folder / "backup")


def _restored(settings: IntelligenceSettings, folder: Path) -> Restored:
    keys = open_keys(folder / "console.keys", PASSPHRASE)
    return Restoring(settings, keys).restore(folder / "backup")
