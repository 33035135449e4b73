"""What a restore says and keeps of what has happened since its backup."""

import json
import re
import time
from pathlib import Path

import pytest

from screening.store import keys
from screening.vocabulary.errors import OperatorError
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first
from tests.harness.steps import NEVER
from tests.indexer.vault import FIRST, PASSPHRASE, SECOND, THIRD, Vault, restoring


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


@slow_but_first(1, "first", [["compact"], ["partner", "suspend", "acme"]])
def test_the_number_of_the_list_never_goes_back_whatever_command_is_the_first(
    vault: Vault, first: list[str]
) -> None:
    running = vault.running

    def told() -> int:
        return running.heads()[vault.partner.kit.token_key.key_id].seq

    running.publish([FIRST], "--allow-shrink")
    vault.back_up()
    for _ in range(3):
        running.publish([FIRST, SECOND])
    before = told()
    vault.lose()
    vault.restore()
    running.run(*first)
    after = told()
    assert after > before
    assert running.listed(vault.partner, FIRST[:2], SECOND[:2]) == [True, False]
    running.run("compact")  # of which it takes no other
    assert told() == after
    assert len(running.run("rollback", "--list").stdout.splitlines()) == 2


@slow_but_first(1, "store", ["later", "emptied", "put back"])
def test_what_the_backup_has_as_retracted_is_put_in_force_whatever_the_store_says(
    vault: Vault, store: str
) -> None:
    running, one = vault.running, f"{FIRST[0]}:{FIRST[1]}"
    running.run("retract", one, "--reason", "it is somebody else's")
    vault.back_up()
    if store != "put back":
        running.run("lift", one)
        running.run("add", one, "--role", "trafficker", "--source", "case 17")
        assert running.listed(vault.partner, FIRST[:2], SECOND[:2]) == [True, True]
    before = vault.sequence()
    vault.lose()
    if store == "emptied":
        running.redis.flushall()
    vault.restore()
    said = running.run("retract", one, "--reason", "it is somebody else's").output
    assert "it was retracted already" in said
    assert "put in force again" in said
    assert running.listed(vault.partner, FIRST[:2], SECOND[:2]) == [False, True]
    assert vault.sequence() > before  # which hosts may have seen that no store knows any more


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


def test_a_key_id_that_was_given_since_is_never_given_to_another_key(vault: Vault) -> None:
    running = vault.running

    def given() -> set[str]:
        late = running.add_partner("late").kit.token_key.key_id
        before = set(running.heads())
        kit = ("--kit", str(running.kit_path("new")), "--api-url", "https://api.example")
        running.run("partner", "rotate", "acme", *kit)
        return {late, *(set(running.heads()) - before)}

    vault.back_up()
    first = given()
    assert len(first) == 2
    vault.lose()
    vault.restore()
    for name in ("late", "new"):
        running.kit_path(name).unlink()
    assert not first & given()


def test_a_key_id_with_an_index_and_no_record_is_never_given_to_another_key(vault: Vault) -> None:
    vault.back_up()
    first = vault.running.add_partner("late").kit.token_key.key_id
    vault.running.redis.hdel(keys.PARTNERS, "late")  # whoever writes to Redis may do that
    assert first in vault.running.heads()
    vault.lose()
    vault.restore()
    vault.running.kit_path("late").unlink()
    assert vault.running.add_partner("late").kit.token_key.key_id != first


def test_who_was_removed_before_the_backup_is_not_unknown_to_it(vault: Vault) -> None:
    vault.running.add_partner("early")
    vault.running.run("partner", "remove", "early")
    vault.back_up()
    vault.lose()
    assert "unknown" not in vault.restore().output


def test_who_was_shut_out_stays_so_though_the_store_forgets_it(vault: Vault) -> None:
    vault.back_up()
    vault.running.add_partner("late")
    vault.lose()
    vault.restore()
    vault.running.run("compact")
    vault.running.redis.flushall()
    vault.running.run("compact")
    assert vault.running.records()["late"].state == "suspended"


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
    assert "renewed    since: acme; nothing restored has their new token keys" in said


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
    assert "retractions first, canaries and disclosure keys included" in told
    assert not any("run indexer compact" in line for line in lines)
    assert json.loads(vault.running.run("status", "--json").output)["restored"] is True
    vault.running.run("retract", "phone:+12025550100", "--reason", "theirs no more")
    assert "restored  " not in vault.running.run("status").output
    vault.running.redis.flushall()
    assert "run indexer compact" in vault.running.run("status").output


def test_what_was_done_since_is_named_whole_and_what_shuts_out_comes_first(vault: Vault) -> None:
    vault.back_up()
    vault.lose()
    said = vault.restore().output
    steps = [line.strip() for line in said.splitlines() if re.match(r" +[0-9]+\. ", line)]
    for step, named in zip(steps, _IN_ORDER, strict=True):
        assert all(command in step for command in named.split(", "))
    page = (
        (Path(__file__).parents[2] / "docs/operations.md")
        .read_text()
        .partition("4. Do again what was done since")[2]
    )
    told = re.split(r"\n +[0-9]+\. ", page.partition("\n5. ")[0])[1:]
    for step, named in zip(told, _IN_ORDER, strict=True):
        assert all(command.split()[-1] in step for command in named.split(", "))


_IN_ORDER = (
    "retract",
    "partner remove, suspend, key revoke",
    "canary remove",
    "rotate disclosure",
    "salt, normaliser",
    "partner rotate, policy",
    "exclusions",
    "publish, rollback, add, lift",
    "pepper",
    "partner add, resume, key add",
    "canary add, other numbers",
)
