"""SQLite takes any value in any column: one row never keeps anybody from the others."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import text

from intelligence.deployment import METADATA
from intelligence.staff.roles import Role
from tests.harness.console import forms_of
from tests.intelligence.console.staffed import Staffed

VALUES = (
    "'x'",
    "X'FF'",
    "4611686018427387904",
    "9e999",
    "'16 letters of it'",
    "CAST(X'FF' AS TEXT)",
)
PAGES = {
    Role.ADMINISTRATOR: ("/", "/staff", "/staff/requests"),
    Role.APPROVER: ("/", "/challenges", "/staff/requests"),
    Role.PARTNER_MANAGER: ("/challenges",),
}
TABLES = ("staff_account", "staff_request", "challenges_challenge", "challenges_selector")


@pytest.fixture(scope="module")
def written(staffed: Staffed) -> Staffed:
    """One in which a challenge and a wish wait for somebody."""
    manager, ada = (staffed.browsers[one] for one in (Role.PARTNER_MANAGER, Role.ADMINISTRATOR))
    manager.visit("/challenges")
    said = {"selectors": "+12025550142", "reference": "L 7/26", "ground": "it is their own"}
    manager.send("/challenges", **said)
    with staffed.desk.log_in.database.reading() as session:
        auditor = session.scalar(
            text("SELECT lower(hex(id)) FROM staff_account WHERE name = 'auditor'")
        )
    ada.visit(f"/staff/{auditor}")
    (form,) = (one for one in forms_of(ada.page.text) if one.action.endswith("/second-factor"))
    ada.send(form.action)
    return staffed


def _changes(path: str) -> Iterator[str]:
    """Yield what was written over, each put back once the next is asked for."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for table in TABLES:
            of = "name = 'auditor'" if table == "staff_account" else "TRUE"
            ((row,),) = connection.execute(f"SELECT rowid FROM {table} WHERE {of}")  # noqa: S608 - our names
            for column in (one.name for one in METADATA.tables[table].columns):
                ((was,),) = connection.execute(f"SELECT {column} FROM {table} WHERE rowid = {row}")  # noqa: S608
                for value in VALUES:
                    write = f"UPDATE {table} SET {column} = {{}} WHERE rowid = {row}"  # noqa: S608
                    connection.execute(write.format(value))
                    yield f"{table}.{column} = {value}"
                    connection.execute(write.format("?"), (was,))


@pytest.mark.slow
def test_no_value_of_another_type_keeps_anybody_from_a_page(written: Staffed) -> None:
    failed = []
    path = written.desk.log_in.database.engine.url.database
    assert path is not None
    for change in _changes(path):
        for role, pages in PAGES.items():
            for page in pages:
                status = written.browsers[role].client.get(page).status_code
                if status != 200:
                    failed.append(f"{change}: {page} of {role} is {status}")
    assert failed == []
