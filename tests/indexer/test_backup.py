"""What lies in the home is in its backup, whole and for nobody else; or there is none."""

import os
import sqlite3
import stat

import pytest

from indexer.backup.backup import back_up
from indexer.deployment import open_deployment
from screening.ledger.verify import verify_ledger
from tests.harness.slow import slow_but_first
from tests.indexer.vault import (
    FIRST,
    PASSPHRASE,
    SECOND,
    Interrupted,
    Vault,
    content_of,
    loose,
    rows_of,
    settings_of,
)


def test_what_lies_in_the_write_ahead_log_is_backed_up(vault: Vault) -> None:
    running = vault.running
    reader = sqlite3.connect(f"file:{running.home / 'list.sqlite'}?mode=ro", uri=True)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM entries").fetchone()  # keeps the log from being folded in
    running.run("add", "phone:+12025550143", "--role", "buyer")
    rows = rows_of(running.home)
    assert (running.home / "list.sqlite-wal").stat().st_size > 0
    vault.back_up()
    reader.close()
    vault.lose()
    vault.restore()
    assert rows_of(running.home) == rows


@pytest.mark.slow
def test_whatever_else_lies_in_the_home_is_backed_up_too(vault: Vault) -> None:
    notes = vault.running.home / "later" / "notes"
    notes.parent.mkdir(mode=0o700)
    for size in (0, 511, 512, (1 << 20) - 1, 1 << 20, (2 << 20) + 1):
        notes.with_name(str(size)).write_bytes(os.urandom(size))
    before = content_of(notes.parent)
    vault.back_up()
    vault.lose()
    vault.restore()
    assert content_of(notes.parent) == before
    assert loose(notes.parent) == []


def test_a_link_in_the_home_stops_the_backup(vault: Vault) -> None:
    (vault.running.home / "ledger" / "elsewhere").symlink_to(vault.passphrase_file)
    assert "neither a file nor a folder" in vault.back_up(expect=2).output
    assert not vault.file.exists()


def test_a_backup_is_for_its_owner_only_and_overwrites_nothing_unasked(vault: Vault) -> None:
    vault.file.write_text("mine")
    for options, why in (((), "pass --overwrite"), (("--overwrite",), "is no backup")):
        assert why in vault.back_up(*options, expect=2).output
        assert vault.file.read_text() == "mine"
    vault.file.unlink()
    vault.back_up()
    assert stat.S_IMODE(vault.file.stat().st_mode) == 0o600
    before = vault.file.read_bytes()
    vault.back_up("--overwrite")
    assert vault.file.read_bytes() != before
    vault.lose()
    vault.restore()


def test_a_backup_lies_neither_in_the_home_nor_in_what_api_hosts_are_given(vault: Vault) -> None:
    for folder in (vault.running.home, vault.running.home / "ledger", vault.running.secrets):
        vault.file = folder / "home.sealed"
        assert "choose another folder" in vault.back_up(expect=2).output
        assert not vault.file.exists()


def test_a_passphrase_that_others_can_read_or_guess_is_refused(vault: Vault) -> None:
    vault.passphrase_file.chmod(0o644)
    assert "can be read by others" in vault.back_up(expect=2).output
    vault.passphrase_file.chmod(0o600)
    for short in ("", "fifteen letters\n", "\nsecond line, which does not count\n"):
        vault.passphrase_file.write_text(short)
        assert "passphrase" in vault.back_up(expect=2).output
    vault.passphrase_file.write_text("sixteen letters.\r\n")
    vault.run("backup", expect=0)
    vault.passphrase_file.write_text("sixteen letters.")  # with another end of its line
    vault.restore("--check")


def test_no_backup_is_made_of_what_is_damaged(vault: Vault) -> None:
    (token_key,) = (vault.running.home / "keyring" / "token-keys").iterdir()
    good = token_key.read_bytes()
    token_key.write_bytes(b"{}")
    assert "is damaged" in vault.back_up(expect=2).output
    token_key.write_bytes(good)
    path = vault.running.home / "list.sqlite"
    pages = bytearray(path.read_bytes())
    pages[8192:12288] = os.urandom(4096)
    path.write_bytes(pages)
    vault.back_up(expect=None)  # by who finds it
    assert not vault.file.exists()


@pytest.mark.slow
def test_a_damaged_ledger_is_backed_up_and_told_of(vault: Vault) -> None:
    segment = min((vault.running.home / "ledger").glob("*.sealed"))
    segment.write_bytes(segment.read_bytes().replace(b'"init"', b'"exit"'))
    vault.back_up()
    vault.lose()
    assert "the ledger was damaged when this was backed up" in vault.restore().output


def test_a_backup_asks_the_store_for_nothing(vault: Vault) -> None:
    nobody = f"unix://{vault.running.folder / 'nobody'}"
    vault.back_up(SCREENING_REDIS_URL=nobody)
    vault.lose()
    said = vault.restore(SCREENING_REDIS_URL=nobody).output
    assert "the store  does not say what is in force" in said
    vault.running.publish([FIRST, SECOND])


@slow_but_first(1, "stage", ["copying the list", "sealing"])
def test_a_backup_that_is_interrupted_leaves_nothing(vault: Vault, stage: str) -> None:
    settings, store = settings_of(vault.running)
    before = {path.name for path in vault.running.folder.iterdir()}
    with (
        open_deployment(settings, store, Interrupted(stage)) as deployment,
        pytest.raises(KeyboardInterrupt),
    ):
        back_up(deployment, vault.file, PASSPHRASE.encode())
    assert {path.name for path in vault.running.folder.iterdir()} == before
    assert not (vault.running.home / ".snapshot").exists()


@pytest.mark.slow
def test_a_backup_that_is_killed_leaves_none_or_a_whole_one(vault: Vault) -> None:
    for step in range(1_000):
        ended = vault.run("backup", expect=0, kill_before=step)
        if vault.file.exists():
            assert "whole" in vault.restore("--check").output
            vault.file.unlink()
        vault.running.run("status")
        if not ended.was_killed:
            break
    assert step > 10
    assert not (vault.running.home / ".snapshot").exists()
    assert verify_ledger(vault.running.home / "ledger").open_segments == 0


@pytest.mark.slow
def test_what_a_killed_backup_has_left_is_cleared_away(vault: Vault) -> None:
    left = vault.running.home / ".snapshot" / "list.sqlite"
    left.parent.mkdir(mode=0o700)
    left.write_bytes(os.urandom(10_000))
    vault.back_up()
    assert not left.parent.exists()
