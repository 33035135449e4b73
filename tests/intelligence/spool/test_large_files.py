"""What is large keeps nobody back: neither who retracts meanwhile, nor the files behind it."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from intelligence.deployment import METADATA
from intelligence.errors import FormRefused
from intelligence.store import rotation
from intelligence.store.data_keys import open_vault
from intelligence.store.key_file import KeyFile
from intelligence.store.sealing import Seals
from screening.spools.batch import parse_batch
from screening.spools.changes import Retract
from tests.intelligence.curation.desk import DEPLOYMENT, Desk
from tests.intelligence.staff.services import PASSWORD

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"
LONG = "\N{GRINNING FACE}" * 2_000
MANY = 200
"""Additions with reasons of 8,000 bytes: some 1.6 MB, so that two such changes fill two files."""


def _approved(desk: Desk, *values: str, reason: str = "seen") -> UUID:
    change_id = desk.changes.draft(
        desk.cora.who, *(desk.addition(one, reason=reason) for one in values)
    )
    desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    with desk.database.reading() as session:
        excess = desk.changes.excess(session, desk.row(change_id))
    named = excess[0].count if excess else None
    desk.changes.approve(desk.abel.who, change_id, PASSWORD, named=named)
    return change_id


def _large(desk: Desk, name: str) -> UUID:
    return _approved(desk, *(f"{name}-{one}@guests.example" for one in range(MANY)), reason=LONG)


def _next_file(desk: Desk, sequence: int) -> list[str]:
    """Return the kinds of the first operations of the batches of the next file, once in force."""
    desk.exchange.take_turn()
    kinds = [
        type(parse_batch(one.batch).changes[0]).__name__
        for one in desk.indexer.export(sequence).batches
    ]
    desk.indexer.apply(sequence)
    desk.exchange.take_turn()
    return kinds


def test_what_does_not_fit_leaves_in_the_next_file(desk: Desk) -> None:
    large = [_large(desk, name) for name in ("a", "b")]
    small = _approved(desk, PHONE)
    assert _next_file(desk, 1) == ["Add"]
    assert desk.row(large[0]).state == "applied"
    assert _next_file(desk, 2) == ["Add", "Add"]
    assert {desk.row(one).state for one in (*large, small)} == {"applied"}
    assert desk.indexer.export(2).result.statements == 2 * MANY + 1


def test_what_takes_off_leaves_before_what_is_large(desk: Desk) -> None:
    desk.in_force(PHONE)
    large, small = _large(desk, "a"), _approved(desk, OTHER)
    gone = desk.retracted(PHONE)
    assert _next_file(desk, 2) == ["Retract"]
    assert desk.row(gone).state == "applied"
    assert desk.row(large).state == "exported"
    assert desk.indexer.export(3).result.statements == MANY + 1
    assert desk.row(small).state == "exported"


@pytest.mark.slow
def test_what_takes_off_does_not_overtake_what_is_said_of_the_same_selector(desk: Desk) -> None:
    desk.in_force(PHONE)
    _large(desk, "a")
    _approved(desk, PHONE, reason="seen again")
    _approved(desk, OTHER)
    desk.retracted(PHONE)
    assert _next_file(desk, 2) == ["Add", "Add", "Add", "Retract"]
    assert desk.indexer.export(2).result.statements == MANY + 1


def _broken_off(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.slow
def test_nothing_overtakes_while_a_rotation_of_keys_was_broken_off(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.in_force(PHONE)
    desk.approved(PHONE, source="case-8")
    key_file = KeyFile(tmp_path)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(rotation, "_seal_column_anew", _broken_off)  # before any row is sealed anew
        rotation.rotate_keys(desk.database, key_file, METADATA, desk.clock)
    vault = open_vault(desk.database, key_file.read())
    seals, signing = Seals(vault), replace(desk.changes.signing_keys, vault=vault)
    desk.changes = replace(desk.changes, seals=seals, signing_keys=signing)
    desk.exchange = replace(desk.exchange, seals=seals)
    desk.retracted(PHONE)
    assert _next_file(desk, 2) == ["Add", "Retract"]
    assert desk.indexer.export(2).result.statements == 0


@pytest.mark.slow
def test_there_is_something_to_take_off_from(desk: Desk) -> None:
    _approved(desk, PHONE)
    desk.retracted(OTHER)
    assert _next_file(desk, 1) == ["Add", "Retract"]


def test_what_is_larger_than_any_file_is_refused_to_whoever_submits_it(desk: Desk) -> None:
    change_id = desk.added(PHONE)
    sets = replace(desk.changes.sets, most_bytes=100)
    retract: Retract = desk.retraction(PHONE)
    with pytest.raises(FormRefused, match="more than leaves in one file"):
        sets.fix(desk.row(change_id), [retract], DEPLOYMENT)
