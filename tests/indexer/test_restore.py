"""What is restored is what was backed up, ahead of all that was signed; or there is no home."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable

import pytest

from indexer.backup.staging import staging_folder, staging_of
from screening.ledger.verify import verify_ledger
from screening.store import keys
from screening.vocabulary.errors import OperatorError
from tests.harness.deployment import BIN
from tests.harness.processes import eventually, is_asleep
from tests.harness.steps import NEVER
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


def test_a_flip_that_never_came_is_not_in_force_after_the_restore(vault: Vault) -> None:
    running = vault.running
    steps = running.publish([FIRST, SECOND], kill_before=NEVER).steps
    flip = next(number for number, step in enumerate(steps) if "_flip" in step)
    begun = "SELECT count(*) FROM releases WHERE state = 'flipping'"
    while not running.rows(begun)[0][0]:  # what replaces something has a step more
        assert running.publish([FIRST, THIRD], kill_before=flip).was_killed
        flip += 1
    vault.back_up()
    running.publish([FIRST, SECOND])  # a later release is in force
    vault.lose()
    vault.restore()
    running.run("compact")
    assert running.listed(vault.partner, FIRST[:2], SECOND[:2], THIRD[:2]) == [True, True, False]


def test_the_sequence_goes_on_behind_what_the_store_has_seen(vault: Vault) -> None:
    vault.back_up()
    ahead = 1 << 45  # in the year 3084, by the clock
    vault.running.change("UPDATE meta SET value = 1 << 45 WHERE name IN ('sequence', 'revision')")
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


def test_a_restore_that_is_interrupted_leaves_nothing(vault: Vault) -> None:
    vault.back_up()
    vault.lose()
    with pytest.raises(KeyboardInterrupt):
        restoring(vault, time.time, Interrupted("opening")).restore(vault.file, PASSPHRASE.encode())
    assert vault.nothing_is_there()


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


def test_two_restores_at_once_are_one(vault: Vault) -> None:
    vault.back_up()
    vault.lose()
    with staging_folder(staging_of(vault.running.home)):
        assert "another indexer command is at work" in vault.restore(expect=2).output
    vault.restore()


def test_who_was_removed_or_suspended_since_stays_so(vault: Vault) -> None:
    running = vault.running
    for name in ("beta", "gamma", "delta"):
        running.add_partner(name)
    running.run("partner", "suspend", "delta")  # as the backup has it
    vault.back_up()
    running.run("partner", "remove", "beta")
    running.run("partner", "suspend", "gamma")
    vault.lose()
    said = vault.restore().output
    assert "removed    since: beta; and stay so" in said
    assert "suspended  since: gamma; and stay so" in said
    assert (running.ledger()[-1]["removed"], running.ledger()[-1]["suspended"]) == (
        ["beta"], ["gamma"]
    )  # fmt: skip
    running.run("compact")
    states = {name: (one.state, one.key_ids) for name, one in running.records().items()}
    assert states == {
        "acme": ("active", ["acme-2026a"]),
        "beta": ("suspended", []),
        "gamma": ("suspended", ["gamma-2026a"]),
        "delta": ("suspended", ["delta-2026a"]),
    }
    assert running.left_of("beta-2026a") == []
    running.kit_path("beta").unlink()
    assert running.add_partner("beta").kit.token_key.key_id != "beta-2026a"
    running.run("partner", "resume", "gamma")
    assert running.records()["gamma"].state == "active"


def test_a_record_that_is_older_than_the_backup_shuts_nobody_out(vault: Vault) -> None:
    vault.running.run("partner", "suspend", "acme")
    older = vault.running.redis.hget(keys.PARTNERS, "acme")
    assert isinstance(older, bytes)
    vault.running.run("partner", "resume", "acme")
    vault.back_up()
    vault.running.redis.hset(keys.PARTNERS, "acme", older)  # whoever writes to Redis may do that
    vault.lose()
    assert "suspended  since" not in vault.restore().output
    vault.running.run("compact")
    assert vault.running.records()["acme"].state == "active"


def test_whose_keys_were_renewed_since_is_named(vault: Vault) -> None:
    vault.back_up()
    kit = ("--kit", str(vault.running.kit_path("new")), "--api-url", "https://api.example")
    vault.running.run("partner", "rotate", "acme", *kit, "--overlap-days", "0")
    vault.running.run("compact")
    vault.lose()
    said = vault.restore().output
    assert "renewed    since: acme; the next release answers their old keys again" in said


def test_where_the_store_says_nothing_of_partners_it_is_said_what_is_forgotten(
    vault: Vault,
) -> None:
    vault.back_up()
    vault.lose()
    unreachable = "redis://127.0.0.1:1/0"
    said = vault.restore(SCREENING_REDIS_URL=unreachable).output
    assert "removed or suspended since, or had keys renewed or a policy narrowed" in said
    assert "where a kit had leaked, begin with step 2" in said
    vault.lose()
    vault.running.redis.flushall()
    assert "where a kit had leaked, begin with step 2" in vault.restore().output


def test_status_says_what_to_do_after_a_restore_until_something_is_put_in_force(
    vault: Vault,
) -> None:
    vault.back_up()
    assert "restored" not in vault.running.run("status").output
    vault.lose()
    vault.running.redis.flushall()
    vault.restore()
    lines = vault.running.run("status").output.splitlines()
    (told,) = (line for line in lines if line.startswith("restored"))
    assert "retractions first" in told
    assert not any("publish again" in line for line in lines)
    assert json.loads(vault.running.run("status", "--json").output)["restored"] is True
    vault.running.run("retract", "phone:+12025550100", "--reason", "theirs no more")
    assert "restored  " not in vault.running.run("status").output
    vault.running.redis.flushall()
    assert "publish again" in vault.running.run("status").output


def test_what_was_done_since_is_named_whole_and_what_shuts_out_comes_first(vault: Vault) -> None:
    vault.back_up()
    vault.lose()
    said = vault.restore().output
    steps = [line.strip() for line in said.splitlines() if line.strip()[:2] in _NUMBERS]
    assert "retract" in steps[0]
    assert "partner remove and suspend" in steps[1]
    rest = " ".join(steps[2:])
    for command in ("rotate", "policy", "exclusions", "publish", "add", "lift", "resume"):
        assert command in rest


_NUMBERS = [f"{number}." for number in range(1, 10)]
