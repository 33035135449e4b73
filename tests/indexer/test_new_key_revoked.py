"""A new API key that is revoked while old and new ones are valid takes no partner's last key."""

import time

import msgspec
import pytest

from indexer.commands.wording import moment
from screening.vocabulary.unix_time import DAY_S
from tests.indexer.api_keys import URL, add_key, api_keys, expire, kit_of, rotate
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


@pytest.mark.slow
def test_they_stay_as_well_where_the_new_one_has_expired_and_others_are_given(
    running: Running,
) -> None:
    running.add_partner("acme")
    rotate(running)
    new, old = (key.id for key in api_keys(running))
    expire(running, new)
    _is_due(running)
    assert "the old keys of acme stay valid" in running.run("compact").output
    assert [key.id for key in api_keys(running)] == [new, old]
    assert "acme has new keys in" in again(running)
    given = kit_of(running, "third.json").parsed_api_key().id
    assert [key.id for key in api_keys(running)] == [given, old]


@pytest.mark.slow
def test_the_old_keys_stay_for_an_overlap_beside_a_key_that_is_given_after_their_time(
    revoked: Running,
) -> None:
    _is_due(revoked)
    before = int(time.time())
    said = add_key(revoked)
    ((until,),) = revoked.rows("SELECT retire_at FROM rotations")
    assert before + 30 * DAY_S <= until <= time.time() + 30 * DAY_S
    assert f"whose API key was its last, now stay valid until {moment(until)}" in said
    (noted,) = (one for one in revoked.ledger() if one["command"] == "lengthen overlap")
    assert (noted["partner"], noted["overlap_s"]) == ("acme", 30 * DAY_S)
    assert "old keys retired" not in revoked.run("compact").output
    assert len(api_keys(revoked)) == 2
    assert "no other is written" in again(revoked, "--overlap-days", "0")
    assert "old keys retired: acme" in revoked.run("compact").output


@pytest.mark.parametrize("is_new_revoked", [True, False])
@pytest.mark.slow
def test_a_key_makes_no_overlap_shorter_and_none_longer_beside_another_new_one(
    running: Running, *, is_new_revoked: bool
) -> None:
    running.add_partner("acme")
    rotate(running, "--overlap-days", "365" if is_new_revoked else "1")
    which = "rotated.json" if is_new_revoked else "acme.kit.json"
    revoke(running, kit_of(running, which).parsed_api_key().id)
    before = running.rows("SELECT retire_at FROM rotations")
    assert "now stay valid" not in add_key(running)
    assert running.rows("SELECT retire_at FROM rotations") == before


@pytest.mark.slow
def test_a_key_whose_command_died_has_the_old_ones_stay_all_the_same(revoked: Running) -> None:
    _is_due(revoked)
    kit = revoked.folder / "second.json"
    died = 0
    command = ("partner", "key", "add", "acme", "--kit", str(kit), *URL)
    for _ in revoked.killed_everywhere(*command):
        is_noted = bool(revoked.rows("SELECT 1 FROM begun_keys"))
        assert (revoked.rows("SELECT retire_at FROM rotations") != [(0,)]) >= is_noted
        if is_noted:
            assert "now stay valid until" in add_key(revoked)
            died += 1
        kit.unlink(missing_ok=True)
    assert died


def test_the_old_keys_go_once_a_person_has_revoked_the_old_one_too(revoked: Running) -> None:
    (old,) = api_keys(revoked)
    _is_due(revoked)
    assert "it has no live key any more" in revoke(revoked, old.id)
    assert "old keys retired: acme" in revoked.run("compact").output
    assert len(revoked.records()["acme"].key_ids) == 1


@pytest.mark.parametrize("options", [(), ("--overlap-days", "0")])
@pytest.mark.slow
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


@pytest.mark.slow
def test_where_both_keys_were_revoked_other_ones_are_given_on_stated_scopes(
    revoked: Running,
) -> None:
    (old,) = api_keys(revoked)
    revoke(revoked, old.id)
    assert "has no API key whose terms" in again(revoked, expect=2)
    again(revoked, "--scopes", "check")
    given = kit_of(revoked, "third.json")
    assert [key.id for key in api_keys(revoked)] == [given.parsed_api_key().id]


@pytest.mark.slow
def test_a_rotation_that_died_half_way_gives_no_kit_whose_key_was_revoked_since(
    revoked: Running,
) -> None:
    revoked.change("UPDATE rotations SET is_given = 0")  # it died right behind its kit
    assert "is there already and a kit is never overwritten" in rotate(revoked, expect=2)
    assert "acme has new keys in" in again(revoked)
    given = kit_of(revoked, "third.json")
    assert given.parsed_api_key().id == api_keys(revoked)[0].id


@pytest.mark.slow
def test_nor_does_it_where_another_key_is_beside_the_old_one(revoked: Running) -> None:
    add_key(revoked)
    revoked.change("UPDATE rotations SET is_given = 0")
    assert "acme has two API keys" in rotate(revoked, expect=2)
