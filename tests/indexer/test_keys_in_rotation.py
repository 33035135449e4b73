"""API keys beside `partner rotate`: which it gives, on what terms, and which go at its end."""

import pytest

from tests.indexer.api_keys import URL, add_key, api_keys, expire, kit_of, rotate
from tests.indexer.running import Running


def test_new_keys_have_the_terms_of_the_old_but_for_its_expiry(running: Running) -> None:
    key = running.add_partner("acme").kit.parsed_api_key().id
    running.run("partner", "key", "allow", "acme", key, "--networks", "192.0.2.0/24")
    running.run("partner", "key", "expire", "acme", key, "--at", "2090-01-01")
    said = rotate(running, "--overlap-days", "0")
    new, old = api_keys(running)
    assert "no end, where the old one had 2090-01-01" in said
    assert f"indexer partner key expire acme {new.id} --at" in said
    assert (new.networks, new.expires_at) == (["192.0.2.0/24"], None)
    assert (old.id, old.expires_at) == (key, 3_786_912_000)
    assert "two live API keys" in add_key(running, expect=2)
    running.run("compact")
    assert api_keys(running) == [new]
    add_key(running)


@pytest.mark.parametrize("revoked", ["old", "new"])
def test_a_key_that_was_added_during_a_rotation_stays_when_the_old_ones_go(
    running: Running, revoked: str
) -> None:
    running.add_partner("acme")
    rotate(running)
    new, old = (key.id for key in api_keys(running))
    running.run("partner", "key", "revoke", "acme", {"new": new, "old": old}[revoked])
    add_key(running)
    rotate(running, "--overlap-days", "0")
    assert "old keys retired: acme" in running.run("compact").output
    added = kit_of(running)
    left = [new] if revoked == "old" else []
    assert [key.id for key in api_keys(running)] == [*left, added.parsed_api_key().id]
    assert running.records()["acme"].key_ids == [added.token_key.key_id]


def test_a_partner_whose_whole_kit_was_stolen_has_new_keys_of_both_kinds(running: Running) -> None:
    stolen = running.add_partner("acme").kit
    running.run("partner", "key", "revoke", "acme", stolen.parsed_api_key().id)
    rotate(running, "--overlap-days", "0", "--scopes", "check,bulk")
    given = kit_of(running, "rotated.json")
    assert [(key.id, key.scopes) for key in api_keys(running)] == [
        (given.parsed_api_key().id, ["check", "bulk"])
    ]
    assert "old keys retired: acme" in running.run("compact").output
    assert running.records()["acme"].key_ids == [given.token_key.key_id]
    assert given.token_key.key_id != stolen.token_key.key_id
    assert [key.id for key in api_keys(running)] == [given.parsed_api_key().id]


def test_scopes_of_a_new_key_are_those_of_the_old_unless_said(running: Running) -> None:
    running.add_partner("acme")
    rotate(running, "--scopes", "check,bulk")
    assert [key.scopes for key in api_keys(running)] == [["check", "bulk"], ["check"]]


def test_beside_two_keys_no_new_ones_are_given_until_one_has_ended(running: Running) -> None:
    running.add_partner("acme")
    add_key(running)
    before = running.records()
    said = rotate(running, expect=2)
    assert "end the other first, by indexer partner key revoke acme KEY_ID;" in said
    assert running.records() == before
    second = kit_of(running).parsed_api_key().id
    running.run("partner", "key", "revoke", "acme", second)
    rotate(running)


@pytest.mark.parametrize("end", ["revoked", "expired"])
def test_a_second_rotation_says_that_the_old_api_key_has_ended_where_it_has(
    running: Running, end: str
) -> None:
    old = running.add_partner("acme").kit.parsed_api_key().id
    rotate(running)
    assert "and its old ones are still valid" in rotate(running, expect=2)
    if end == "revoked":
        running.run("partner", "key", "revoke", "acme", old)
    else:
        expire(running, old)
    said = rotate(running, expect=2)
    assert "of its old ones the token key alone is still valid; a smaller --overlap-days" in said


@pytest.mark.parametrize("days", ["0", "30"])
def test_a_second_rotation_after_the_time_of_the_old_keys_waits_for_compact_and_says_so(
    running: Running, days: str
) -> None:
    running.add_partner("acme")
    rotate(running, "--overlap-days", "0")
    said = rotate(running, "--overlap-days", days, expect=2)
    assert "the time of its old ones is over: run indexer compact" in said
    assert "a smaller --overlap-days" not in said
    running.run("compact")
    kit = str(running.folder / "third.json")
    said = running.run("partner", "rotate", "acme", "--kit", kit, *URL).output
    assert "acme has new keys in" in said


def test_a_key_that_has_expired_is_none_beside_which_no_new_ones_are_given(
    running: Running,
) -> None:
    first = running.add_partner("acme").kit.parsed_api_key().id
    add_key(running)
    expire(running, first)
    rotate(running)
    second, new = kit_of(running), kit_of(running, "rotated.json")
    assert [key.id for key in api_keys(running)] == [
        new.parsed_api_key().id,
        second.parsed_api_key().id,
    ]


def test_of_an_only_key_that_has_expired_the_new_one_has_the_terms(running: Running) -> None:
    only = running.add_partner("acme").kit.parsed_api_key().id
    running.run("partner", "key", "allow", "acme", only, "--networks", "192.0.2.0/24")
    expire(running, only)
    said = rotate(running)
    assert "of its old keys the token key alone is valid until" in said
    assert "indexer compact retires it after that" in said
    said = rotate(running, "--overlap-days", "0")
    assert "of its old keys the token key alone is accepted until indexer compact" in said
    assert [key.networks for key in api_keys(running)] == [["192.0.2.0/24"]] * 2
