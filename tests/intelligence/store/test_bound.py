"""Every plain column of a row is bound to it, but for those that are free."""

import base64
import math
import subprocess
import sys
from uuid import UUID

import pytest
from sqlalchemy import Column

from intelligence.deployment import METADATA
from intelligence.staff.tables import Account, totp_place
from intelligence.store.base import sealed_columns_of
from intelligence.store.bound import Bound, bound_tables, digest_of
from intelligence.store.sealing import Seals
from intelligence.store.vault import DataKey, Vault
from tests.harness.slow import slow_but_first

VAULT = Vault([DataKey("0123456789abcdef", b"s" * 32, b"i" * 32)])
SEALS = Seals(VAULT)
FREE = {
    "challenges_selector.canonical_term",
    "curation_entry.canonical_term",
    "disclosure_map.canonical_term",
    "disclosure_told_yes.order_id",
    "staff_account.totp_step",
    "staff_account.last_log_in_at",
}
"""Terms are of a key that is replaced. What rests on the others stands beside their columns."""
LATER = {"disclosure_told_yes.by_hand_at"}
"""What rows of before say nothing in."""
VALUES: dict[type, tuple[object, object]] = {
    bytes: (b"a", b"b"),
    str: ("a", "b"),
    int: (1, 2),
    bool: (False, True),
    UUID: (UUID(int=1), UUID(int=2)),
}
KNOWN = {
    "challenges_challenge": "00b36875b9de3286",
    "challenges_closed": "46690ac5bb3ba1ce",
    "challenges_selector": "33f3a740a4e49468",
    "curation_entry": "1fd7e137fdf185b6",
    "disclosure_disclosure": "42f8dbbbcb977c30",
    "disclosure_export": "3d61efa1b8ba3e49",
    "disclosure_map": "f1c2138630eb05b2",
    "disclosure_match": "f300c319f7414623",
    "disclosure_record": "cd83a992603daacb",
    "disclosure_told_yes": "78ffa2a33c70344a",
    "staff_account": "d3dc9d5e66dd503f",
    "staff_invitation": "63877cbd9657156a",
    "staff_recovery_code": "268caf89a3c2747e",
    "staff_request": "84e3270d48304f60",
    "staff_signing_key": "d680ec10cc89183a",
}
"""Of rows made here: by a column more, or another spelling, no row of before would hold."""
KNOWN_BEFORE = {"staff_account": "94b1b6c15de1bea0"}
"""Of those of which more is bound since: the upgrade that binds it goes by these."""
TABLES = {one.__tablename__: one for one in bound_tables(METADATA)}
COLUMNS = [f"{name}.{one.name}" for name in TABLES for one in METADATA.tables[name].columns]


def _column(name: str) -> Column[object]:
    table, _, column = name.partition(".")
    return METADATA.tables[table].columns[column]


def _bound_row(table: str) -> Bound:
    columns = METADATA.tables[table].columns
    values = {one.name: VALUES[one.type.python_type][0] for one in columns}
    row = TABLES[table](**values | ({"id": UUID(int=7)} if "id" in values else {}))
    if isinstance(row, Account):
        row.totp_secret = VAULT.seal(b"a", totp_place(row))
    SEALS.bind(row)
    return row


@pytest.mark.parametrize("name", COLUMNS)
def test_a_row_of_which_anything_was_changed_does_not_hold(name: str) -> None:
    table, _, column = name.partition(".")
    sealed = {one.column.name for one in sealed_columns_of(METADATA.tables[table])}
    for changed in (VALUES[_column(name).type.python_type][1], None):
        row = _bound_row(table)
        assert SEALS.holds(row)
        setattr(row, column, changed)
        # What is sealed is bound to its row by itself, so only that it is there is bound here, but
        # of a second factor which one it is.
        is_sealed = column in sealed - {"bound", "totp_secret"}
        is_free = name in FREE or (is_sealed and changed is not None)
        assert SEALS.holds(row) is is_free


def test_what_only_sqlite_keeps_in_a_column_is_spelled_like_nothing_else() -> None:
    """JSON has infinity as null, and bytes as their Base64 text."""
    row = _bound_row("curation_entry")
    told: tuple[tuple[str, object, object], ...] = (
        ("ended_by", None, math.inf),
        ("role", "disputed", base64.b64decode("disputed")),
    )
    for column, honest, written_over in told:
        setattr(row, column, honest)
        SEALS.bind(row)
        setattr(row, column, written_over)
        assert not SEALS.holds(row)
        setattr(row, column, honest)
        assert SEALS.holds(row)


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_did_not_hold_holds_by_no_change_of_ours(table: str) -> None:
    row, column = (
        _bound_row(table),
        next(one for one in COLUMNS if one.startswith(table) and one not in FREE),
    )
    name = column.partition(".")[2]
    SEALS.alter(row, **{name: getattr(row, name)})
    assert SEALS.holds(row)
    row.bound = None
    SEALS.alter(row, **{name: getattr(row, name)})
    assert not SEALS.holds(row)


def test_what_is_bound_is_what_consoles_of_before_have_bound() -> None:
    found, before = {}, {}
    for table, of in TABLES.items():
        row = _bound_row(table)
        for name in LATER:
            if name.startswith(f"{table}."):
                setattr(row, name.partition(".")[2], None)
        found[table] = digest_of(row, row.beside(VAULT)).hex()[:16]
        if of.more_since is not None:
            before[table] = digest_of(row, row.beside_before()).hex()[:16]
    assert before == KNOWN_BEFORE
    assert found == KNOWN, "rows that are there would be unreadable; have a migration bind them"


@slow_but_first(
    1, "upgrading", ["intelligence.backup.restoring", "intelligence.commands.setting_up"]
)
def test_where_a_database_is_upgraded_the_tables_of_all_rooms_are_known(upgrading: str) -> None:
    """Of a table that is not, no row would be bound, and what is there would not be read."""
    asked = f"import {upgrading}; from intelligence.store.base import Base; "
    told = subprocess.run(
        [sys.executable, "-c", asked + "print(*sorted(Base.metadata.tables))"],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    assert told.stdout.split() == sorted(METADATA.tables)
