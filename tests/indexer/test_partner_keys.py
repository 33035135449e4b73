"""`partner key`: a second API key beside the first, on terms of its own, and its end."""

import json
import os
import subprocess

import pytest

from screening.registry.record import ApiKeyRecord, ApiKeyVerifiers
from screening.store import keys
from tests.harness.deployment import BIN
from tests.harness.slow import slow_but_first
from tests.indexer.api_keys import URL, add_key, api_keys, expire, kit_of, rotate
from tests.indexer.running import Running
from tests.indexer.vault import Vault

TERMS = (
    *("--scopes", "check,bulk", "--expires", "2090-01-02", "--purpose", "nightly bulk"),
    *("--networks", "192.0.2.0/24, 2001:db8::/48", "--per-second", "50", "--burst", "200"),
)


def test_a_second_key_stands_beside_the_first_in_a_kit_with_the_same_token_key(
    running: Running,
) -> None:
    first = running.add_partner("acme").kit
    said = add_key(running, *TERMS)
    second = kit_of(running)
    assert (running.folder / "second.json").stat().st_mode & 0o777 == 0o600
    assert second.token_keys == first.token_keys
    assert [key.id for key in api_keys(running)] == [
        first.parsed_api_key().id,
        second.parsed_api_key().id,
    ]
    added = api_keys(running)[1]
    verifiers = ApiKeyVerifiers((running.secrets / "api-keys.key").read_bytes())
    assert added.verifier == verifiers.of(second.api_key.encode())
    assert (added.scopes, added.purpose) == (["check", "bulk"], "nightly bulk")
    assert added.networks == ["192.0.2.0/24", "2001:db8::/48"]
    assert (added.selectors_per_second, added.burst_selectors) == (50, 200)
    assert second.parsed_api_key().id in said
    assert second.api_key not in said + running.run("partner", "key", "list", "acme").output
    noted = [one for one in running.ledger() if one["command"] == "partner key add"]
    assert noted[0]["purpose"] == "nightly bulk"
    assert "verifier" not in noted[0]


def test_a_key_is_shown_with_its_terms_and_when_it_was_last_used(running: Running) -> None:
    first = running.add_partner("acme").kit.parsed_api_key().id
    add_key(running, *TERMS)
    second = kit_of(running).parsed_api_key().id
    running.redis.set(keys.key_use(second), "1795000020")
    unused = "no use known (none in 400 days, or Redis was emptied since)"
    terms = (
        "check,bulk; for nightly bulk; until 2090-01-02 00:00:00 UTC; "
        "from 192.0.2.0/24, 2001:db8::/48 alone; 50 selectors a second, 200 at once"
    )
    assert running.run("partner", "key", "list", "acme").output.splitlines() == [
        f"{first}  check; {unused}",
        f"{second}  {terms}; last used 2026-11-18 11:07 UTC",
    ]
    status = running.run("status").output
    assert f"API key   acme {second} ({terms}): last used 2026-11-18 11:07 UTC" in status
    running.redis.delete(keys.key_use(second))
    assert f"({terms}): {unused}" in running.run("status").output
    told = json.loads(running.run("status", "--json").output)["partners"][0]["api_keys"]
    assert [(one["id"], one["last_used"]) for one in told] == [(first, None), (second, None)]


@slow_but_first(1, "content", [b"soon", b"-1", b"1" * 400, b"9" * 12, b"\xff"])
def test_what_somebody_else_has_written_as_a_use_is_none(running: Running, content: bytes) -> None:
    first = running.add_partner("acme").kit.parsed_api_key().id
    running.redis.set(keys.key_use(first), content)
    assert "no use known" in running.run("partner", "key", "list", "acme").output
    assert "no use known" in running.run("status").output


def test_there_are_two_live_keys_at_most_and_an_expired_one_gives_its_place(
    running: Running,
) -> None:
    first = running.add_partner("acme").kit.parsed_api_key().id
    add_key(running)
    said = add_key(running, kit="third.json", expect=2)
    assert "two live API keys" in said
    assert not (running.folder / "third.json").exists()
    expire(running, first)
    add_key(running, kit="third.json")
    assert first not in [key.id for key in api_keys(running)]
    assert len(api_keys(running)) == 2


def test_a_revoked_key_is_gone_and_its_kit_brings_it_back_no_more(running: Running) -> None:
    first = running.add_partner("acme").kit.parsed_api_key().id
    add_key(running)
    second = kit_of(running).parsed_api_key().id
    said = running.run("partner", "key", "revoke", "acme", second).output
    assert "it has 1 live key left" in said
    assert [key.id for key in api_keys(running)] == [first]
    assert "is there already" in add_key(running, expect=2)
    assert [key.id for key in api_keys(running)] == [first]
    said = running.run("partner", "key", "revoke", "acme", first).output
    assert "no live key any more" in said
    assert api_keys(running) == []
    assert "no API key" in running.run("partner", "key", "list", "acme").output
    assert "say what that may do, by --scopes" in rotate(running, expect=2)
    assert "give --scopes" in add_key(running, kit="new.json", expect=2)
    add_key(running, "--scopes", "check", kit="new.json")
    assert [key.id for key in api_keys(running)] == [
        kit_of(running, "new.json").parsed_api_key().id
    ]


def test_terms_are_changed_one_by_one(running: Running) -> None:
    key = running.add_partner("acme").kit.parsed_api_key().id
    for command, terms in (
        (("expire", "--at", "2090-01-02T03:04:05Z"), "until 2090-01-02 03:04:05 UTC"),
        (("limit", "--per-second", "70"), "70 selectors a second, 70 at once"),
        (("allow", "--networks", "192.0.2.7,2001:db8::/48"), "from 192.0.2.7, 2001:db8::/48 alone"),
        (("expire", "--never"), "check; from"),
        (("allow", "--anywhere"), "check; 70"),
        (("limit", "--unlimited"), f"{key} of acme: check\n"),
    ):
        assert terms in running.run("partner", "key", command[0], "acme", key, *command[1:]).output
    (plain,) = api_keys(running)
    assert plain == ApiKeyRecord(id=key, verifier=plain.verifier, scopes=["check"])


@slow_but_first(
    4,
    ("arguments", "expect", "why"),
    [
        (("revoke", "acme", "abcdefghijkl"), 2, "no API key of that id"),
        (("revoke", "nobody", "abcdefghijkl"), 2, "no partner of that name"),
        (("expire", "acme", "KEY", "--at", "2020-01-01"), 2, "has passed already"),
        (("expire", "acme", "KEY"), 2, "either --at or --never"),
        (("limit", "acme", "KEY"), 2, "either --per-second or --unlimited"),
        (("limit", "acme", "KEY", "--unlimited", "--burst", "2"), 2, "beside --unlimited"),
        (("allow", "acme", "KEY"), 2, "either --networks or --anywhere"),
        (("allow", "acme", "KEY", "--networks", "192.0.2.1/24"), 2, "no bits set behind"),
        (("allow", "acme", "KEY", "--networks", "example"), 2, "write networks as"),
        (("allow", "acme", "KEY", "--networks", " , "), 2, "--networks names none"),
        (("allow", "acme", "KEY", "--networks", "", "--anywhere"), 2, "either --networks or"),
        (("expire", "acme", "KEY", "--at", ""), 2, "write a day as"),
        (("limit", "acme", "KEY", "--per-second", ""), 2, "--per-second"),
        (("bind", "acme", "KEY", "--certificate", ""), 2, "--certificate"),
    ],
)
def test_terms_that_are_none_are_refused_and_change_nothing(
    running: Running, arguments: tuple[str, ...], expect: int, why: str
) -> None:
    key = running.add_partner("acme").kit.parsed_api_key().id
    before = running.records()
    given = [key if one == "KEY" else one for one in arguments]
    assert why in " ".join(running.run("partner", "key", *given, expect=expect).output.split())
    assert running.records() == before


@slow_but_first(
    1,
    "options",
    [("--burst", "5"), ("--purpose", "x" * 201), ("--expires", "2020-01-01"), ("--networks", "x")],
)
def test_a_key_on_terms_that_are_none_is_not_made(
    running: Running, options: tuple[str, ...]
) -> None:
    running.add_partner("acme")
    add_key(running, *options, expect=2)
    assert not (running.folder / "second.json").exists()
    assert len(api_keys(running)) == 1


@pytest.mark.parametrize(
    ("option", "unset"),
    [
        *((option, unset) for option in ("--networks", "--scopes") for unset in ("", ",", " , ")),
        *((option, unset) for option in ("--purpose", "--expires") for unset in ("", " ")),
    ],
)
@pytest.mark.slow
def test_a_term_of_a_variable_that_a_script_has_not_set_makes_no_key(
    running: Running, option: str, unset: str
) -> None:
    running.add_partner("acme")
    said = add_key(running, option, unset, expect=2)
    assert any(one in said for one in (option, "write a day as", "the scopes are"))
    assert not (running.folder / "second.json").exists()
    assert len(api_keys(running)) == 1


def test_what_is_noted_of_a_key_while_the_store_takes_nothing_is_told_as_pending(
    running: Running,
) -> None:
    key = running.add_partner("acme").kit.parsed_api_key().id
    running.redis.config_set("maxmemory", "1")
    said = running.run("partner", "key", "limit", "acme", key, "--per-second", "7", expect=69)
    assert "not in force yet: acme has its API keys under other terms;" in said.output
    said = running.run("partner", "key", "revoke", "acme", key, expect=69)
    assert "not in force yet: acme has other keys;" in said.output
    running.redis.config_set("maxmemory", "0")
    running.run("compact")
    assert api_keys(running) == []


@pytest.mark.slow
def test_terms_of_a_key_are_in_a_backup_and_in_force_after_its_restore(vault: Vault) -> None:
    running = vault.running
    (key,) = [key.id for key in api_keys(running)]
    running.run("partner", "key", "allow", "acme", key, "--networks", "192.0.2.0/24")
    before = api_keys(running)
    vault.back_up()
    vault.lose()
    vault.restore()
    running.run("compact")
    assert api_keys(running) == before


def run_at_once(running: Running, *commands: tuple[str, ...]) -> list[tuple[int, str]]:
    """Start commands side by side, as two people do; return how each ended, and what it said."""
    started = [
        subprocess.Popen(
            [str(BIN / "indexer"), "partner", "key", *command],
            env={**os.environ, **running.settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for command in commands
    ]
    said = [process.communicate(timeout=60)[0] for process in started]
    return [(process.returncode, text) for process, text in zip(started, said, strict=True)]


@pytest.mark.slow
def test_of_two_commands_at_once_one_waits_for_nobody_and_neither_is_lost(
    running: Running,
) -> None:
    key = running.add_partner("acme").kit.parsed_api_key().id
    add_key(running)
    second = kit_of(running).parsed_api_key().id
    commands = [("allow", "acme", key, "--networks", "192.0.2.0/24"), ("revoke", "acme", second)]
    for command, (code, said) in zip(commands, run_at_once(running, *commands), strict=True):
        if code:
            assert (code, "another indexer command is at work" in said) == (2, True), said
            running.run("partner", "key", *command)
    assert [(one.id, one.networks) for one in api_keys(running)] == [(key, ["192.0.2.0/24"])]


@pytest.mark.slow
def test_of_two_that_give_the_last_place_at_once_one_does(running: Running) -> None:
    first = running.add_partner("acme").kit.parsed_api_key().id
    kits = ("one.json", "two.json")
    commands = [("add", "acme", "--kit", str(running.folder / kit), *URL) for kit in kits]
    ended = run_at_once(running, *commands)
    assert sorted(code for code, _ in ended) == [0, 2], ended
    given = [kit_of(running, kit) for kit in kits if (running.folder / kit).exists()]
    assert [one.id for one in api_keys(running)] == [
        first,
        *(kit.parsed_api_key().id for kit in given),
    ]
    assert len(given) == 1
