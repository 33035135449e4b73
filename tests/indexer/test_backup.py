"""What is restored is what was backed up; whatever dies or is damaged, there is no half of it."""

import io
import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from indexer.backup import back_up
from indexer.deployment import open_deployment
from indexer.progress import Advance, Progress
from indexer.restore import Restoring
from indexer.sealed_stream import OpeningReader, SealingWriter
from indexer.settings import IndexerSettings
from screening.ledger.verify import verify_ledger
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.tokens import Argon2id
from tests.harness.deployment import Partner
from tests.harness.processes import eventually
from tests.harness.template import Ended
from tests.indexer.running import Running
from tests.indexer.silent import Silent

FIRST = ("phone", "+12025550100", "trafficker")
SECOND = ("email", "a@hotel.example", "trafficker")
THIRD = ("card", "4111111111111111", "buyer")
SILENT = Silent()
PASSPHRASE = "a passphrase of the tests"
QUICK = Argon2id(version=19, iterations=1, memory_kib=8, lanes=1)


class Vault:
    """A home with a list and a partner, and its backup."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.passphrase_file = running.folder / "backup.pass"
        self.passphrase_file.write_text(f"{PASSPHRASE}\n")
        self.passphrase_file.chmod(0o600)
        self.file = running.folder / "home.sealed"
        running.publish([FIRST, SECOND])
        self.partner: Partner = running.add_partner("acme")

    def back_up(self, *options: str, expect: int | None = 0, **more: Any) -> Ended:
        """Back up; the copy is then sealed anew so that it opens at once."""
        ended = self._run("backup", *options, expect=expect, **more)
        if ended.code == 0:
            self.quicken()
        return ended

    def restore(self, *options: str, expect: int | None = 0, **more: Any) -> Ended:
        return self._run("restore", *options, expect=expect, **more)

    def lose(self) -> None:
        for folder in (self.running.home, self.running.secrets):
            shutil.rmtree(folder, ignore_errors=True)

    def quicken(self) -> None:
        with self.file.open("rb") as sealed:
            reader = OpeningReader(sealed, PASSPHRASE.encode())
            content = b"".join(iter(lambda: reader.read(1 << 20), b""))
        anew = io.BytesIO()
        writer = SealingWriter(anew, PASSPHRASE.encode(), kdf=QUICK)
        writer.write(content)
        writer.finish()
        self.file.write_bytes(anew.getvalue())

    def sequence(self) -> int:
        """Return the sequence of all heads and records in Redis, which have one."""
        heads, records = self.running.heads().values(), self.running.records().values()
        (sequence,) = {head.sequence for head in heads} | {one.sequence for one in records}
        return sequence

    def nothing_is_there(self) -> bool:
        folder, home = self.running.folder, self.running.home
        beside = {path.name for path in folder.iterdir()}
        return not home.exists() and not {name for name in beside if "restoring" in name}

    def _run(self, command: str, *options: str, expect: int | None, **more: Any) -> Ended:
        arguments = [str(self.file), "--passphrase-file", str(self.passphrase_file), *options]
        return self.running.run(command, *arguments, expect=expect, **more)


@pytest.fixture
def vault(running: Running) -> Vault:
    return Vault(running)


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def rows_of(home: Path) -> list[str]:
    with sqlite3.connect(home / "list.sqlite") as connection:
        rows = [row for row in connection.iterdump() if '"meta"' not in row]
    connection.close()
    return rows


def loose(folder: Path) -> list[str]:
    paths = [folder, *folder.rglob("*")]
    return [str(path) for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_what_is_restored_is_what_was_backed_up(vault: Vault) -> None:
    running = vault.running
    said = vault.back_up().output
    assert "backup of release 2" in said
    keyring, secrets = content_of(running.home / "keyring"), content_of(running.secrets)
    rows, ledger = rows_of(running.home), running.ledger()
    vault.lose()
    said = vault.restore().output
    assert content_of(running.home / "keyring") == keyring
    assert content_of(running.secrets) == secrets
    assert rows_of(running.home) == rows
    # The record that it was made came after it was made.
    assert [record["command"] for record in ledger[-2:]] == ["backup", "backed up"]
    assert running.ledger()[:-1] == ledger[:-1]
    assert running.ledger()[-1]["command"] == "restore"
    segments = content_of(running.home / "ledger").values()
    assert not any(b'"recovered":true' in segment for segment in segments)
    assert loose(running.home) == loose(running.secrets) == []
    assert "holds      release 2, list 1: 2 selectors" in said
    assert "partners   acme" in said


def test_a_restored_home_publishes_on_for_the_kits_that_partners_have(vault: Vault) -> None:
    vault.back_up()
    vault.lose()
    vault.restore()
    vault.running.publish([FIRST, THIRD], "--allow-shrink")
    assert vault.running.listed(vault.partner, FIRST[:2], SECOND[:2], THIRD[:2]) == [
        True,
        False,
        True,
    ]
    assert verify_ledger(vault.running.home / "ledger").open_segments == 0


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
    assert "is there already" in vault.back_up(expect=2).output
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
    vault._run("backup", expect=0)
    vault.passphrase_file.write_text("sixteen letters.")  # with another end of its line
    vault.restore("--check")


def test_another_passphrase_restores_nothing(vault: Vault) -> None:
    vault.back_up()
    vault.lose()
    vault.passphrase_file.write_text("another passphrase of the tests")
    assert "the passphrase is another" in vault.restore(expect=2).output
    assert vault.nothing_is_there()
    assert not vault.running.secrets.exists()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda sealed: sealed[:-1], id="a byte short"),
        pytest.param(lambda sealed: sealed[: len(sealed) // 2], id="half"),
        pytest.param(lambda sealed: sealed[: 200 + 65_552], id="one chunk"),
        pytest.param(lambda sealed: sealed[:100], id="a header alone"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda sealed: sealed + b"\0", id="a byte longer"),
        pytest.param(lambda sealed: sealed + sealed, id="twice"),
        pytest.param(lambda sealed: sealed[:-9] + b"\0" + sealed[-8:], id="its end altered"),
        pytest.param(lambda sealed: sealed[:300] + b"\0" + sealed[301:], id="its start altered"),
    ],
)
def test_a_damaged_backup_restores_nothing(vault: Vault, damage: Callable[[bytes], bytes]) -> None:
    vault.back_up()
    vault.file.write_bytes(damage(vault.file.read_bytes()))
    vault.restore("--check", expect=2)
    vault.lose()
    vault.restore(expect=2)
    assert vault.nothing_is_there()
    assert not vault.running.secrets.exists()


def test_a_home_that_is_taken_is_left_as_it_is(vault: Vault) -> None:
    vault.back_up()
    before = content_of(vault.running.home)
    assert "a restore overwrites nothing" in vault.restore(expect=2).output
    vault.passphrase_file.write_text("another passphrase of the tests")
    assert "a restore overwrites nothing" in vault.restore(expect=2).output  # known before it opens
    vault.passphrase_file.write_text(PASSPHRASE)
    assert content_of(vault.running.home) == before
    vault.lose()
    vault.running.home.write_text("a file")
    assert "a restore overwrites nothing" in vault.restore(expect=2).output
    vault.running.home.unlink()
    vault.running.home.mkdir(mode=0o755)
    vault.restore()
    assert loose(vault.running.home) == []


def test_the_share_of_the_same_keyring_stays_and_that_of_another_is_refused(vault: Vault) -> None:
    vault.back_up()
    shutil.rmtree(vault.running.home)
    (vault.running.secrets / "verifying.key").unlink()  # as a restore leaves it that was killed
    vault.restore()
    vault.running.publish([FIRST, SECOND])
    vault.lose()
    vault.running.run("init")
    shutil.rmtree(vault.running.home)
    assert "belongs to another keyring" in vault.restore(expect=2).output
    assert vault.nothing_is_there()


def test_a_check_leaves_nothing_behind_and_needs_no_empty_home(vault: Vault) -> None:
    vault.back_up()
    before = content_of(vault.running.folder)
    stored = vault.running.stored()
    assert "holds      release 2" in vault.restore("--check").output
    ignored = {"template.output", "template.steps"}
    after = content_of(vault.running.folder)
    assert {n: c for n, c in after.items() if n not in ignored} == {
        n: c for n, c in before.items() if n not in ignored
    }
    assert vault.running.stored() == stored


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


def test_a_flip_that_never_came_is_not_in_force_after_the_restore(vault: Vault) -> None:
    running = vault.running
    steps = running.publish([FIRST, SECOND]).steps
    flip = next(number for number, step in enumerate(steps) if "_flip" in step)
    assert running.publish([FIRST, THIRD], kill_before=flip).was_killed
    assert running.rows("SELECT count(*) FROM releases WHERE state = 'flipping'") == [(1,)]
    vault.back_up()
    running.publish([FIRST, SECOND])  # a later release is in force
    vault.lose()
    vault.restore()
    running.run("compact")
    assert running.listed(vault.partner, FIRST[:2], SECOND[:2], THIRD[:2]) == [True, True, False]


def test_the_sequence_goes_on_behind_what_the_store_has_seen(vault: Vault) -> None:
    vault.back_up()
    ahead = 1 << 45  # in the year 3084, by the clock
    vault.running.change("UPDATE meta SET value = 1 << 45 WHERE name != 'build'")
    vault.running.publish([FIRST, SECOND])
    highest = vault.sequence()
    assert highest > ahead
    vault.lose()
    said = vault.restore().output
    assert f"the store  has release {highest} in force" in said
    assert f"next       release {highest + 1}" in said
    vault.running.publish([FIRST, SECOND])
    assert vault.sequence() == highest + 1
    assert min(head.seq for head in vault.running.heads().values()) > ahead + 1


def test_the_sequence_goes_on_where_the_store_remembers_nothing(vault: Vault) -> None:
    vault.back_up()
    for _ in range(3):
        vault.running.publish([FIRST, SECOND])
    highest, revision = vault.sequence(), max(h.seq for h in vault.running.heads().values())
    for _ in range(2):  # the second time, the first restore is forgotten by all but the hosts
        vault.lose()
        vault.running.redis.flushall()
        # Revisions go on from the second of the restore: no list changes every second for long.
        eventually(lambda revision=revision: time.time() > revision + 1, what="the next second")  # type: ignore[misc]  # a default binds it
        assert "the store  holds no release" in vault.restore().output
        vault.running.publish([FIRST, SECOND])
        head = vault.running.heads()[vault.partner.kit.token_key.key_id]
        assert vault.sequence() > highest
        assert head.seq > revision
        highest, revision = vault.sequence(), head.seq


def settings_of(running: Running) -> tuple[IndexerSettings, StoreSettings]:
    settings = IndexerSettings.model_validate(
        {"INDEXER_HOME": running.home, "SCREENING_SECRETS": running.secrets}
    )
    store = StoreSettings.model_validate({"redis_url": running.settings["SCREENING_REDIS_URL"]})
    return settings, store


def restoring(vault: Vault, clock: Callable[[], float], progress: Progress = SILENT) -> Restoring:
    return Restoring(*settings_of(vault.running), progress, clock=clock)


def test_a_clock_that_is_behind_the_backup_is_refused(vault: Vault) -> None:
    vault.back_up()
    vault.lose()
    with pytest.raises(OperatorError, match="set it right first"):
        restoring(vault, lambda: 1_000_000.0).restore(vault.file, PASSPHRASE.encode())
    assert vault.nothing_is_there()


def test_a_partner_that_the_backup_does_not_know_is_named_and_shut_out(vault: Vault) -> None:
    vault.back_up()
    vault.running.add_partner("late")
    vault.lose()
    said = vault.restore().output
    assert "unknown    to the backup: late; the next release shuts them out" in said
    vault.running.run("compact")
    states = {name: record.state for name, record in vault.running.records().items()}
    assert states == {"acme": "active", "late": "suspended"}


class Interrupted:
    """Somebody presses Ctrl-C in one stage."""

    def __init__(self, stage: str) -> None:
        self._stage = stage

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Advance]:
        del total
        yield self._interrupt if name == self._stage else lambda _: None

    def _interrupt(self, done: int) -> None:
        raise KeyboardInterrupt


@pytest.mark.parametrize("stage", ["copying the list", "sealing"])
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


def test_a_restore_that_is_interrupted_leaves_nothing(vault: Vault) -> None:
    vault.back_up()
    vault.lose()
    with pytest.raises(KeyboardInterrupt):
        restoring(vault, time.time, Interrupted("opening")).restore(vault.file, PASSPHRASE.encode())
    assert vault.nothing_is_there()


def test_a_backup_that_is_killed_leaves_none_or_a_whole_one(vault: Vault) -> None:
    for step in range(1_000):
        ended = vault._run("backup", expect=0, kill_before=step)
        if vault.file.exists():
            assert "whole" in vault.restore("--check").output
            vault.file.unlink()
        vault.running.run("status")
        if not ended.was_killed:
            break
    assert step > 10
    assert not (vault.running.home / ".snapshot").exists()
    assert verify_ledger(vault.running.home / "ledger").open_segments == 0


def test_what_a_killed_backup_has_left_is_cleared_away(vault: Vault) -> None:
    left = vault.running.home / ".snapshot" / "list.sqlite"
    left.parent.mkdir(mode=0o700)
    left.write_bytes(os.urandom(10_000))
    vault.back_up()
    assert not left.parent.exists()


def test_a_restore_that_is_killed_leaves_none_or_a_whole_one(vault: Vault) -> None:
    vault.back_up()
    entries = vault.running.rows("SELECT count(*) FROM entries")
    secrets = content_of(vault.running.secrets)
    for step in range(1_000):
        vault.lose()
        ended = vault.restore(kill_before=step)
        if vault.running.home.exists():
            assert vault.running.ledger()[-1]["command"] == "restore"
            assert vault.running.rows("SELECT count(*) FROM entries") == entries
            assert content_of(vault.running.secrets) == secrets
            vault.running.run("status")
        if not ended.was_killed:
            break
        shutil.rmtree(vault.running.home, ignore_errors=True)
        if step % 8 == 0:  # the same command again, with what is left behind
            vault.restore()
    assert step > 30
    vault.lose()
    assert vault.nothing_is_there()


def test_two_restores_at_once_are_one(vault: Vault) -> None:
    vault.back_up()
    vault.lose()
    with restoring(vault, lambda: 0.0)._staging_folder():
        assert "another indexer command is at work" in vault.restore(expect=2).output
    vault.restore()
