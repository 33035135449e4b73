"""What partners were given less since a backup was made is not given back by restoring it."""

import json
import re
from collections.abc import Callable

import pytest

from screening.registry.record import PartnerRecord
from screening.store import keys
from tests.harness.slow import slow_but_first
from tests.harness.tls import Certificate
from tests.indexer.api_keys import add_key, api_keys, kit_of, rotate
from tests.indexer.running import Running
from tests.indexer.vault import FIRST, Vault


def first_key(vault: Vault) -> str:
    return vault.partner.kit.parsed_api_key().id


def lost_and_restored(vault: Vault) -> str:
    """Lose the home, restore it, and put in force what is restored; return what was said."""
    vault.lose()
    said = vault.restore().output
    vault.running.run("retract", f"{FIRST[0]}:{FIRST[1]}", "--reason", "theirs no more")
    return said


def acme(running: Running) -> PartnerRecord:
    return running.records()["acme"]


def backed_up_with_another_key(vault: Vault) -> str:
    """Give acme a second API key, and make a backup; return the key's id."""
    add_key(vault.running)
    second = kit_of(vault.running).parsed_api_key().id
    vault.back_up()
    return second


def test_a_key_that_was_revoked_since_opens_nothing_after_the_restore(vault: Vault) -> None:
    running, second = vault.running, backed_up_with_another_key(vault)
    running.run("partner", "key", "revoke", "acme", first_key(vault))
    said = lost_and_restored(vault)
    assert [key.id for key in api_keys(running)] == [second]
    assert f"ended      since: acme (API key {first_key(vault)}); and stays so" in said
    assert "keyless" not in said
    (noted,) = (one for one in running.ledger() if one["command"] == "restore")
    assert noted["ended"] == {"acme": [first_key(vault)]}


@pytest.mark.slow
def test_who_is_left_without_a_key_is_named_with_what_gives_another(vault: Vault) -> None:
    running = vault.running
    vault.back_up()
    running.run("partner", "key", "revoke", "acme", first_key(vault))
    said = lost_and_restored(vault)
    assert api_keys(running) == []
    assert "keyless    now: acme; nobody is answered in their name: indexer partner rotate" in said
    rotate(running, "--scopes", "check")  # as it was told
    assert len(api_keys(running)) == 1


def test_a_key_that_was_renewed_since_and_retired_opens_nothing_after_the_restore(
    vault: Vault,
) -> None:
    vault.back_up()
    rotate(vault.running, "--overlap-days", "0")
    vault.running.run("compact")
    renewed = kit_of(vault.running, "rotated.json").parsed_api_key().id
    said = lost_and_restored(vault)
    assert api_keys(vault.running) == []
    assert "renewed    since: acme; nothing restored has their new token keys" in said
    assert f"given      since: acme (API key {renewed}); which nothing restored has" in said


@pytest.mark.slow
def test_a_key_that_was_given_since_is_named_and_not_brought_back(vault: Vault) -> None:
    vault.back_up()
    add_key(vault.running)
    second = kit_of(vault.running).parsed_api_key().id
    said = lost_and_restored(vault)
    assert [key.id for key in api_keys(vault.running)] == [first_key(vault)]
    assert f"given      since: acme (API key {second}); which nothing restored has" in said
    assert "ended      since" not in said


TERMS = {
    "networks": ("allow", "--networks", "192.0.2.0/24"),
    "end": ("expire", "--at", "2090-01-02"),
    "certificate": ("bind", "--certificate", "CERTIFICATE"),
    "rate": ("limit", "--per-second", "7"),
}


@slow_but_first(1, "term", TERMS)
def test_a_term_that_a_key_was_given_since_stays(vault: Vault, term: str) -> None:
    running, (command, *options) = vault.running, TERMS[term]
    certificate = str(Certificate(running.folder / "tls", "acme.example").path)
    options = [certificate if one == "CERTIFICATE" else one for one in options]
    vault.back_up()
    running.run("partner", "key", command, "acme", first_key(vault), *options)
    limited = api_keys(running)
    said = lost_and_restored(vault)
    assert api_keys(running) == limited
    assert f"changed    since: acme ({term} of {first_key(vault)}); and stays so" in said
    assert "widened" not in said


def test_limits_and_what_is_done_on_suspicion_stay_as_they_were_set_since(vault: Vault) -> None:
    vault.back_up()
    limits = ("--per-second", "3", "--burst", "4", "--daily", "5", "--matches", "6")
    vault.running.run("partner", "limits", "acme", *limits, "--on-suspicion", "hold")
    limited = acme(vault.running)
    said = lost_and_restored(vault)
    assert unsigned(acme(vault.running)) == unsigned(limited)
    assert "changed    since: acme (limits, --on-suspicion); and stays so" in said


def test_what_a_partner_was_held_for_stays_lifted(vault: Vault) -> None:
    vault.back_up()
    vault.running.run("partner", "lift", "acme")
    lifted = acme(vault.running)
    said = lost_and_restored(vault)
    assert acme(vault.running).matches_counted_from == lifted.matches_counted_from
    assert "changed    since: acme (lift); and stays so" in said


def unsigned(record: PartnerRecord) -> dict[str, object]:
    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    return {name: one for name, one in fields.items() if name not in ("sequence", "issued_at")}


@slow_but_first(
    1,
    ("limited", "wider", "what"),
    [
        (
            ("key", "allow", "acme", "KEY", "--networks", "192.0.2.0/24"),
            ("key", "allow", "acme", "KEY", "--anywhere"),
            "networks of KEY",
        ),
        (
            ("key", "expire", "acme", "KEY", "--at", "2090-01-02"),
            ("key", "expire", "acme", "KEY", "--never"),
            "end of KEY",
        ),
        (("limits", "acme", "--daily", "7"), ("limits", "acme", "--daily", "8"), "limits"),
    ],
)
def test_what_was_widened_since_is_as_in_the_backup_and_named(
    vault: Vault, limited: tuple[str, ...], wider: tuple[str, ...], what: str
) -> None:
    def run(arguments: tuple[str, ...]) -> None:
        given = [first_key(vault) if one == "KEY" else one for one in arguments]
        vault.running.run("partner", *given)

    run(limited)
    backed_up = acme(vault.running)
    vault.back_up()
    run(wider)
    said = lost_and_restored(vault)
    assert unsigned(acme(vault.running)) == unsigned(backed_up)
    named = what.replace("KEY", first_key(vault))
    assert f"widened    since: acme ({named}); which is as in the backup: give it again" in said


def test_a_partner_that_was_suspended_and_whose_key_was_ended_since_stays_both(
    vault: Vault,
) -> None:
    vault.back_up()
    vault.running.run("partner", "key", "revoke", "acme", first_key(vault))
    vault.running.run("partner", "suspend", "acme")
    lost_and_restored(vault)
    assert (acme(vault.running).state, api_keys(vault.running)) == ("suspended", [])


def nothing(vault: Vault, older: bytes) -> None:
    vault.running.redis.hdel(keys.PARTNERS, "acme")


def put_back(vault: Vault, older: bytes) -> None:
    vault.running.redis.hset(keys.PARTNERS, "acme", older)


def forged(vault: Vault, older: bytes) -> None:
    vault.running.redis.hset(keys.PARTNERS, "acme", older[:-1] + bytes([older[-1] ^ 1]))


@pytest.mark.parametrize("tamper", [nothing, put_back, forged])
@pytest.mark.slow
def test_of_whom_the_store_has_no_last_record_that_is_said(
    vault: Vault, tamper: Callable[[Vault, bytes], None]
) -> None:
    vault.running.add_partner("beta")
    vault.back_up()
    older = vault.running.redis.hget(keys.PARTNERS, "acme")
    assert isinstance(older, bytes)
    vault.running.run("partner", "key", "revoke", "acme", first_key(vault))
    tamper(vault, older)
    said = lost_and_restored(vault)
    assert "untold     since: acme; the store has no record of them, or not the last" in said


@pytest.mark.slow
def test_where_nothing_was_done_since_nothing_is_said_of_partners(vault: Vault) -> None:
    vault.back_up()
    said = lost_and_restored(vault)
    assert not re.findall(r"^  \w+ +(?:since|now): ", said, re.MULTILINE)


@pytest.mark.parametrize("store", ["does not answer", "is empty"])
@pytest.mark.slow
def test_where_the_store_tells_nothing_what_was_ended_and_limited_is_to_be_done_again(
    vault: Vault, store: str
) -> None:
    vault.back_up()
    vault.lose()
    if store == "is empty":
        vault.running.redis.flushall()
        said = vault.restore().output
    else:
        said = vault.restore(SCREENING_REDIS_URL="redis://127.0.0.1:1/0").output
    assert "API keys that were revoked, or limited in time, place, rate" in said
    (step,) = (line for line in said.splitlines() if line.strip().startswith("2."))
    assert "partner key revoke, allow, expire, bind and limit, partner limits" in step


@pytest.mark.slow
def test_a_restore_that_is_killed_never_opens_what_was_shut_since(vault: Vault) -> None:
    running, second = vault.running, backed_up_with_another_key(vault)
    running.run("partner", "key", "revoke", "acme", first_key(vault))
    running.run("partner", "key", "allow", "acme", second, "--networks", "192.0.2.0/24")
    running.run("partner", "lift", "acme")
    meant, store, restored = acme(running), running.stored(), 0
    for step in range(1_000):
        vault.lose()
        ended = vault.restore(kill_before=step)
        assert running.stored() == store  # a restore writes nothing there
        if running.home.exists():
            restored += 1
            running.run("compact")
            assert unsigned(acme(running)) == unsigned(meant)
            store = running.stored()
        if not ended.was_killed:
            break
    assert step > 20
    assert restored


@pytest.mark.slow
def test_a_lift_that_a_restore_has_forgotten_is_not_told_as_one_that_comes(vault: Vault) -> None:
    running = vault.running
    vault.back_up()
    running.run("partner", "lift", "acme")
    vault.lose()
    vault.restore(SCREENING_REDIS_URL="redis://127.0.0.1:1/0")
    (told,) = json.loads(running.run("status", "--json").output)["pending"]["partners"]
    assert told == "acme has its matches counted from before its last lift, and may be held again"
    running.run("partner", "lift", "acme")  # done again
    assert json.loads(running.run("status", "--json").output)["pending"]["partners"] == []
