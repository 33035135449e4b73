"""A new API key that is revoked while old and new ones are valid takes no partner's last key."""

import msgspec
import pytest

from tests.indexer.api_keys import URL, add_key, api_keys, kit_of, rotate
from tests.indexer.running import Running

LIST = [("phone", "+12025550142", "trafficker")]


@pytest.fixture
def revoked(running: Running) -> Running:
    """A deployment whose partner has its old keys, and new ones whose API key was revoked."""
    running.publish(LIST)
    running.add_partner("acme")
    rotate(running)
    said = revoke(running, kit_of(running, "rotated.json").parsed_api_key().id)
    assert "it has 1 live key left" in said
    assert "the old keys of acme stay valid" in said
    return running


def revoke(running: Running, key_id: str) -> str:
    return running.run("partner", "key", "revoke", "acme", key_id).output


def again(running: Running, *options: str, expect: int = 0) -> str:
    path = str(running.folder / "third.json")
    command = ("partner", "rotate", "acme", "--kit", path, *URL, *options)
    return running.run(*command, expect=expect).output


def _is_due(running: Running) -> None:
    running.change("UPDATE rotations SET retire_at = 0")


def test_the_end_of_an_overlap_leaves_the_old_keys_where_the_new_one_was_revoked(
    revoked: Running,
) -> None:
    old, key_ids = api_keys(revoked), revoked.records()["acme"].key_ids
    _is_due(revoked)
    said = revoked.run("compact").output
    assert "the old keys of acme stay valid" in said
    assert "indexer partner rotate acme" in said
    assert "old keys retired" not in said
    assert (api_keys(revoked), revoked.records()["acme"].key_ids) == (old, key_ids)
    shown = revoked.run("status").output
    assert "the old keys of acme stay valid" in shown
    assert "has new keys" not in shown
    (partner, *_) = msgspec.json.decode(revoked.run("status", "--json").output)["partners"]
    assert partner["old_key_is_last"] is True


def test_the_old_keys_go_once_there_is_another_key(revoked: Running) -> None:
    add_key(revoked)
    _is_due(revoked)
    assert "the old keys of acme stay" not in revoked.run("status").output
    assert "old keys retired: acme" in revoked.run("compact").output
    given = kit_of(revoked)
    assert [key.id for key in api_keys(revoked)] == [given.parsed_api_key().id]
    assert revoked.records()["acme"].key_ids == [given.token_key.key_id]


def test_the_old_keys_go_once_a_person_has_revoked_the_old_one_too(revoked: Running) -> None:
    (old,) = api_keys(revoked)
    _is_due(revoked)
    assert "it has no live key any more" in revoke(revoked, old.id)
    assert "old keys retired: acme" in revoked.run("compact").output
    assert len(revoked.records()["acme"].key_ids) == 1


@pytest.mark.parametrize("options", [(), ("--overlap-days", "0")])
def test_a_rotation_whose_new_key_was_revoked_gives_other_keys(
    revoked: Running, options: tuple[str, ...]
) -> None:
    (old,), before = api_keys(revoked), revoked.records()["acme"].key_ids
    assert "acme has new keys in" in again(revoked, *options)
    given = kit_of(revoked, "third.json")
    assert [key.id for key in api_keys(revoked)] == [given.parsed_api_key().id, old.id]
    assert revoked.records()["acme"].key_ids == [given.token_key.key_id, before[-1]]
    assert revoked.left_of(before[0]) == []
    _is_due(revoked)
    assert "old keys retired: acme" in revoked.run("compact").output
    assert [key.id for key in api_keys(revoked)] == [given.parsed_api_key().id]


def test_where_both_keys_were_revoked_other_ones_are_given_on_stated_scopes(
    revoked: Running,
) -> None:
    (old,) = api_keys(revoked)
    revoke(revoked, old.id)
    assert "has no API key whose terms" in again(revoked, expect=2)
    again(revoked, "--scopes", "check")
    given = kit_of(revoked, "third.json")
    assert [key.id for key in api_keys(revoked)] == [given.parsed_api_key().id]


def test_a_rotation_that_died_half_way_gives_no_kit_whose_key_was_revoked_since(
    revoked: Running,
) -> None:
    revoked.change("UPDATE rotations SET is_given = 0")  # it died right behind its kit
    assert "is there already and a kit is never overwritten" in rotate(revoked, expect=2)
    assert "acme has new keys in" in again(revoked)
    given = kit_of(revoked, "third.json")
    assert given.parsed_api_key().id == api_keys(revoked)[0].id


def test_nor_does_it_where_another_key_is_beside_the_old_one(revoked: Running) -> None:
    add_key(revoked)
    revoked.change("UPDATE rotations SET is_given = 0")
    assert "acme has two API keys" in rotate(revoked, expect=2)
