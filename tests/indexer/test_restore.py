"""What is restored is what was backed up, ahead of all that was signed; or there is no home."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable

import pytest

from screening.ledger.verify import verify_ledger
from screening.staging import staging_folder, staging_of
from tests.harness.deployment import BIN
from tests.harness.processes import eventually, is_asleep
from tests.harness.slow import slow_but_first
from tests.indexer.vault import (
    FIRST,
    PASSPHRASE,
    SECOND,
    THIRD,
    Interrupted,
    Vault,
    content_of,
    loose,
    restoring,
    rows_of,
)


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


def test_another_passphrase_restores_nothing(vault: Vault) -> None:
    vault.back_up()
    vault.lose()
    vault.passphrase_file.write_text("another passphrase of the tests")
    assert "the passphrase is another" in vault.restore(expect=2).output
    assert vault.nothing_is_there()
    assert not vault.running.secrets.exists()


@slow_but_first(
    2,
    "damage",
    [
        pytest.param(lambda sealed: sealed[:-1], id="a byte short"),
        pytest.param(lambda sealed: sealed[: len(sealed) // 2], id="half"),
        pytest.param(lambda sealed: sealed[: 200 + 65_552], id="one chunk"),
        pytest.param(lambda sealed: sealed[:100], id="a header alone"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda sealed: sealed + b"\0", id="a byte longer"),
        pytest.param(lambda sealed: sealed + sealed, id="twice"),
        pytest.param(
            lambda sealed: sealed[:-9] + bytes([sealed[-9] ^ 1]) + sealed[-8:], id="its end altered"
        ),
        pytest.param(
            lambda sealed: sealed[:300] + bytes([sealed[300] ^ 1]) + sealed[301:],
            id="its start altered",
        ),
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_share_that_a_killed_rotation_left_a_step_behind_is_brought_forward(
    vault: Vault,
) -> None:
    running, step = vault.running, 0
    shared, kept = running.secrets / "pepper.key", running.home / "keyring/pepper.key"
    running.run("rotate", "pepper")
    while shared.read_bytes() == kept.read_bytes():
        ended = running.run("rotate", "pepper", "--without-hosts", kill_before=step, expect=None)
        assert ended.was_killed
        step += 1
    vault.back_up()
    pepper = kept.read_bytes()
    shutil.rmtree(running.home)
    vault.restore()
    assert shared.read_bytes() == kept.read_bytes() == pepper
    assert (running.secrets / "pepper-old.key").exists()
    assert (running.secrets / "pepper-next.key").read_bytes() == pepper
    running.run("rotate", "pepper", "--without-hosts")
    assert running.listed(vault.partner, FIRST[:2], THIRD[:2]) == [True, False]


@pytest.mark.slow
def test_an_init_that_was_refused_leaves_nothing_in_the_way_of_a_restore(vault: Vault) -> None:
    vault.back_up()
    shutil.rmtree(vault.running.home)
    assert "indexer restore" in vault.running.run("init", expect=2).output
    assert not vault.running.home.exists()
    assert "indexer restore" in vault.running.run("status", expect=2).output
    vault.restore()


def test_a_check_leaves_nothing_behind_and_needs_no_empty_home(vault: Vault) -> None:
    vault.back_up()
    before = content_of(vault.running.folder)
    stored = vault.running.stored()
    assert "holds      release 2" in vault.restore("--check").output
    assert content_of(vault.running.folder) == before
    assert vault.running.stored() == stored


@pytest.mark.slow
def test_a_restore_that_is_interrupted_leaves_nothing(vault: Vault) -> None:
    vault.back_up()
    vault.lose()
    with pytest.raises(KeyboardInterrupt):
        restoring(vault, time.time, Interrupted("opening")).restore(vault.file, PASSPHRASE.encode())
    assert vault.nothing_is_there()


@pytest.mark.slow
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
    assert step > 20
    vault.lose()
    assert vault.nothing_is_there()


@pytest.mark.slow
def test_a_check_that_is_killed_leaves_no_key_on_the_disk(vault: Vault) -> None:
    vault.back_up()
    keyring = set(content_of(vault.running.home / "keyring").values())
    keyring |= set(content_of(vault.running.secrets).values())
    before = content_of(vault.running.folder)
    staging = staging_of(vault.running.home)
    for step in range(1_000):
        ended = vault.restore("--check", kill_before=step)
        assert not keyring & set(content_of(staging).values())
        if not ended.was_killed:
            break
    assert step > 10
    assert before.keys() == content_of(vault.running.folder).keys()


@pytest.mark.parametrize("options", [[], ["--check"]])
@pytest.mark.slow
def test_a_restore_that_is_told_to_end_leaves_nothing(vault: Vault, options: list[str]) -> None:
    vault.back_up()
    vault.lose()
    sealed = vault.file.read_bytes()
    vault.file.unlink()
    os.mkfifo(vault.file)
    command = [str(BIN / "indexer"), "restore", str(vault.file), *options]
    command += ["--passphrase-file", str(vault.passphrase_file)]
    process = subprocess.Popen(
        command, env={**os.environ, **vault.running.settings}, stderr=subprocess.PIPE
    )
    with vault.file.open("wb") as pipe:
        pipe.write(sealed[: len(sealed) // 2])
        pipe.flush()
        eventually(lambda: not vault.nothing_is_there(), what="a restore that has begun")
        # A signal just before it waits would only be noticed when there is more to read.
        eventually(lambda: is_asleep(process.pid), what="a restore that waits for the rest")
        process.terminate()
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said.strip().startswith(b"interrupted")  # on a line of its own
    assert vault.nothing_is_there()


@pytest.mark.slow
def test_what_a_killed_restore_has_left_is_told_by_every_command_until_it_is_removed(
    vault: Vault,
) -> None:
    running, staging = vault.running, staging_of(vault.running.home)
    with staging_folder(staging):
        assert "was left by" not in running.run("status").output  # a restore is at work
    staging.mkdir(mode=0o700)
    (staging / "lock").touch(mode=0o600)
    for command in (["status"], ["compact"]):
        assert f"{staging} was left by a restore that was killed" in running.run(*command).output
    assert "was left by" in vault.back_up().output
    shutil.rmtree(staging)
    assert "was left by" not in running.run("status").output


@pytest.mark.slow
def test_two_restores_at_once_are_one(vault: Vault) -> None:
    vault.back_up()
    vault.lose()
    with staging_folder(staging_of(vault.running.home)):
        assert "another restore is at work" in vault.restore(expect=2).output
    vault.restore()
