"""Slow hashes are sealed, kept while they are needed, and forgotten."""

import dataclasses
from pathlib import Path

import pytest

from indexer.index.share import Keys, index_share
from indexer.list.file import ListFile
from indexer.list.revisions import REVISIONS_KEPT, Revisions
from indexer.list.slow_hashes import SlowHashes
from indexer.stretching import Stretching
from indexer.workers import Workers
from screening.importers.entry import Role
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import Stretched
from screening.vocabulary.tokens import Argon2id, NoStretch, stretch
from tests.indexer.listed import (
    LIGHT,
    NONE,
    SALT,
    entry,
    hashed,
    kept_hashes,
    listed,
    open_list,
    phone,
    publish,
    selectors_of,
)


def test_slow_hashes_are_kept_and_never_computed_again(list_file: ListFile, tmp_path: Path) -> None:
    publish(list_file, [entry(phone(0)), entry(phone(1))])
    resolved = listed(list_file, 1)
    assert hashed(list_file, resolved, NONE) == 2
    list_file.close()
    again = open_list(tmp_path)
    resolved = listed(again, publish(again, [entry(phone(1), Role.BUYER), entry(phone(2))]))
    assert hashed(again, resolved, NONE) == 1
    assert hashed(again, resolved, NONE) == 0
    assert kept_hashes(again, resolved, NONE) == sorted(
        bytes(stretch(phone(number), salt=SALT, profile=NoStretch())) for number in (1, 2)
    )
    assert len(SlowHashes(again, LIGHT).missing(resolved)) == 2  # each stretching has its own


def test_the_slow_hash_of_what_no_kept_revision_holds_is_forgotten(list_file: ListFile) -> None:
    publish(list_file, [entry(phone(0)), entry(phone(1))])
    resolved = listed(list_file, 1)
    hashed(list_file, resolved, NONE)
    for _ in range(REVISIONS_KEPT):
        Revisions(list_file).forget_before(publish(list_file, [entry(phone(1))]), used=[NONE])
    assert list_file.connection.execute("SELECT count(*) FROM stretched").fetchone() == (1,)
    assert list_file.connection.execute("SELECT count(*) FROM entries").fetchone() == (1,)


@pytest.mark.parametrize("table", ["entries", "stretched"])
def test_a_sealed_value_opens_only_in_its_place(list_file: ListFile, table: str) -> None:
    publish(list_file, [entry(phone(0)), entry(phone(1))])
    resolved = listed(list_file, 1)
    hashed(list_file, resolved, NONE)
    sql = list_file.connection
    (first, one), (second, other) = sql.execute(f"SELECT tag, sealed FROM {table}").fetchall()  # noqa: S608 - one of two names
    for tag, sealed in ((first, other), (second, one)):
        sql.execute(f"UPDATE {table} SET sealed = ? WHERE tag = ?", (sealed, tag))  # noqa: S608 - the same
    with pytest.raises(OperatorError, match="backup"):
        kept_hashes(list_file, resolved, NONE) if table == "stretched" else selectors_of(
            list_file, 1
        )


def test_slow_hashes_open_in_another_process_and_only_in_their_place(list_file: ListFile) -> None:
    publish(list_file, [entry(phone(0)), entry(phone(1))])
    resolved = listed(list_file, 1)
    hashed(list_file, resolved, NONE)
    (share,) = SlowHashes(list_file, NONE).shares(resolved, size=2)
    keys = Keys("acme-2026a", bytes(32), bytes(32))
    moved = dataclasses.replace(share, place=share.place + b"x")
    with Workers(worth_it=True) as workers:
        assert [*workers.starmap(index_share, [(share, keys, 2)])] == [index_share(share, keys, 2)]
        with pytest.raises(OperatorError, match="backup"):
            next(workers.starmap(index_share, [(moved, keys, 2)]))
    assert repr(share) == f"SealedShare(place={share.place!r})"
    assert repr(keys) == "Keys(key_id='acme-2026a')"


def test_a_slow_hash_of_one_stretching_is_none_of_another(list_file: ListFile) -> None:
    publish(list_file, [entry(phone(0)), entry(phone(1))])
    resolved = listed(list_file, 1)
    hashed(list_file, resolved, NONE)
    sql, rows = list_file.connection, "SELECT stretching, tag, sealed FROM stretched ORDER BY tag"
    (_, moved, sealed), _ = sql.execute(rows).fetchall()
    SlowHashes(list_file, LIGHT).keep([(moved, Stretched(bytes(32)))])
    sql.execute("UPDATE stretched SET sealed = ?", (sealed,))
    with pytest.raises(OperatorError):
        kept_hashes(list_file, resolved, LIGHT)


@pytest.mark.parametrize(
    "changed",
    [
        Stretching(1, bytes(15) + b"1", NONE.parameters),
        LIGHT,
        Stretching(1, SALT, Argon2id(version=19, iterations=2, memory_kib=1_024, lanes=1)),
    ],
)
def test_with_another_salt_or_other_parameters_every_slow_hash_is_missing(
    list_file: ListFile, changed: Stretching
) -> None:
    publish(list_file, [entry(phone(0)), entry(phone(1))])
    resolved = listed(list_file, 1)
    for kept in {NONE, LIGHT} - {changed}:
        hashed(list_file, resolved, kept)
    assert len(SlowHashes(list_file, changed).missing(resolved)) == 2
    assert kept_hashes(list_file, resolved, changed) == []
    assert hashed(list_file, resolved, changed) == 2
    assert kept_hashes(list_file, resolved, changed) == sorted(
        bytes(stretch(phone(number), salt=changed.salt, profile=changed.parameters))
        for number in (0, 1)
    )


def test_slow_hashes_that_no_live_token_key_needs_are_forgotten(list_file: ListFile) -> None:
    revision = publish(list_file, [entry(phone(0))])
    resolved = listed(list_file, revision)
    for stretching in (NONE, LIGHT):
        hashed(list_file, resolved, stretching)
    Revisions(list_file).forget_before(revision, used=[LIGHT])
    assert len(kept_hashes(list_file, resolved, LIGHT)) == 1
    assert kept_hashes(list_file, resolved, NONE) == []
