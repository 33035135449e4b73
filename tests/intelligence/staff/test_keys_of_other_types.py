"""A row whose key is stored as none of ours holds up neither an upgrade nor a rotation."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Final

import pytest
from sqlalchemy import event, select, text

from intelligence.deployment import METADATA
from intelligence.staff.roles import Role
from intelligence.staff.tables import Account
from intelligence.store.bound import bind_all, bind_more
from intelligence.store.key_file import KeyFile
from intelligence.store.rotation import rotate_keys
from tests.intelligence.staff.services import Person, Services

pytestmark = pytest.mark.parametrize("kind", ["sqlite"])
KEYS = ["X'FF'", "'no id'", "7", "'abcdefghijklmnop'", "CAST(X'FF' AS TEXT)"]
MOST_STATEMENTS: Final = 500
"""Of an upgrade or a rotation of two people, which take some 120: whatever comes back to a row
for ever asks for more."""


def _store_key(services: Services, name: str, key: str) -> None:
    """Store an account by such a key, as a foreign hand may."""
    with services.database.writing() as session:
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        (old,) = session.execute(text("SELECT id FROM staff_account WHERE name = :n"), {"n": name})
        session.execute(
            text(f"UPDATE staff_account SET id = {key} WHERE name = :n"),  # noqa: S608 - ours
            {"n": name},
        )
        for table in ("session", "recovery_code", "role"):
            session.execute(
                text(f"DELETE FROM staff_{table} WHERE account_id = :id"),  # noqa: S608 - ours
                {"id": old[0]},
            )


@pytest.fixture(params=KEYS)
def foreign(services: Services, ada: Person, request: pytest.FixtureRequest) -> Iterator[Services]:
    services.colleague(ada, "bob", Role.ANALYST)
    _store_key(services, "bob", request.param)
    asked, engine = count(1), services.database.engine

    def ask(*_: object) -> None:
        assert next(asked) <= MOST_STATEMENTS, "it comes to no end"

    event.listen(engine, "before_cursor_execute", ask)
    yield services
    event.remove(engine, "before_cursor_execute", ask)


@pytest.mark.parametrize("bind", [bind_all, bind_more])
def test_an_upgrade_binds_the_others(foreign: Services, bind: Callable[..., Any]) -> None:
    with foreign.database.writing() as session:
        bind(session, foreign.vault, [Account])
    with foreign.database.reading() as session:
        held = {one.name: one.holds for one in session.scalars(select(Account))}
    assert held == {"ada": True, "bob": False}


def test_a_rotation_ends(foreign: Services) -> None:
    key_file = KeyFile(foreign.folder.parent)
    rotated = rotate_keys(foreign.database, key_file, METADATA, lambda: 2)
    assert rotated.unread["staff_account"] == 2, "what binds it, and its second factor"
