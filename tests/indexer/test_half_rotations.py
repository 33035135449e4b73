"""A `partner rotate` that was killed before it had written its kit: nobody has its keys."""

import msgspec
import pytest

from screening.vocabulary.kit import Kit
from tests.indexer.api_keys import add_key, api_keys, kit_of, rotate
from tests.indexer.running import Running


@pytest.fixture
def half(running: Running) -> Running:
    """A deployment whose partner has new keys in force that are in no kit."""
    running.publish([("phone", "+12025550142", "trafficker")])
    running.add_partner("acme")
    step = 0
    while not running.rows("SELECT 1 FROM rotations"):
        kill_rotation(running, step)
        step += 1
    running.run("compact")
    assert len(running.heads()) == len(api_keys(running)) == 2
    assert not (running.folder / "rotated.json").exists()
    return running


def kill_rotation(running: Running, step: int) -> None:
    kit = str(running.folder / "rotated.json")
    command = ("partner", "rotate", "acme", "--kit", kit, "--api-url", "https://api.example")
    assert running.run(*command, kill_before=step).was_killed


def revoke(running: Running, key_id: str) -> str:
    return running.run("partner", "key", "revoke", "acme", key_id).output


def old_key(running: Running) -> str:
    return kit_of(running, "acme.kit.json").parsed_api_key().id


def test_no_kit_is_given_with_a_token_key_that_is_taken_back(half: Running) -> None:
    before = half.records()
    assert "a rotation of acme was broken off: run its partner rotate again first" in add_key(
        half, expect=2
    )
    assert half.records() == before
    assert not (half.folder / "second.json").exists()
    revoke(half, old_key(half))
    assert "was broken off" in add_key(half, expect=2)
    rotate(half, "--scopes", "check")
    add_key(half)
    for name in ("rotated.json", "second.json"):
        kit = kit_of(half, name)
        assert kit.token_key.key_id in half.heads()
        assert kit.parsed_api_key().id in [key.id for key in api_keys(half)]


@pytest.mark.slow
def test_status_says_that_it_was_broken_off_and_promises_no_end_of_the_old_keys(
    half: Running,
) -> None:
    half.change("UPDATE rotations SET retire_at = 0")
    half.run("compact")
    said = half.run("status").output
    assert "a rotation of acme was broken off, and until its end no key is retired" in said
    assert "run its partner rotate again" in said
    assert "acme has new keys" not in said
    assert told(half) == (True, None, False)
    rotate(half)
    assert "was broken off" not in half.run("status").output
    is_broken_off, until, _ = told(half)
    assert (is_broken_off, until is not None) == (False, True)


def told(half: Running) -> tuple[bool, int | None, bool]:
    """Return what the status for machines says of the rotation of the only partner."""
    (acme,) = msgspec.json.decode(half.run("status", "--json").output)["partners"]
    return acme["is_rotation_broken_off"], acme["old_keys_until"], acme["old_key_is_last"]


@pytest.mark.slow
def test_a_key_that_nobody_holds_is_no_live_key_that_is_left(half: Running) -> None:
    new, old = (key.id for key in api_keys(half))
    assert old == old_key(half)
    said = revoke(half, old)
    assert "it has no live key any more\n" in said
    assert "a rotation of acme was broken off" in said
    assert "partner key add" not in said
    said = revoke(half, new)
    assert "it has no live key any more\n" in said


@pytest.mark.slow
def test_nor_are_old_keys_kept_in_the_place_of_one_that_was_not_given(half: Running) -> None:
    new = next(key.id for key in api_keys(half) if key.id != old_key(half))
    said = revoke(half, new)
    assert "it has 1 live key left" in said
    assert "a rotation of acme was broken off" in said
    assert "the old keys of acme stay" not in said
    assert told(half) == (True, None, False)


@pytest.mark.slow
def test_a_key_that_maybe_nobody_holds_is_marked_as_that(half: Running) -> None:
    new, old = half.run("partner", "key", "list", "acme").output.splitlines()
    assert new.endswith("; of a rotation that was broken off: run its partner rotate again")
    assert "broken off" not in old
    assert old.startswith(old_key(half))
    rotate(half)
    assert "broken off" not in half.run("partner", "key", "list", "acme").output


def killed_behind_its_kit(running: Running) -> Kit:
    """Leave a rotation that has written its kit, and not noted that."""
    for path in (running.folder / "rotated.json", running.folder / "aside"):
        assert not path.exists()
    kit = running.folder / "rotated.json"
    command = ("partner", "rotate", "acme", "--kit", str(kit), "--api-url", "https://api.example")
    for _ in running.killed_everywhere(*command):
        if kit.exists():
            break
    assert running.rows("SELECT is_given FROM rotations") == [(0,)]
    return kit_of(running, "rotated.json")


@pytest.mark.slow
def test_with_another_kit_it_is_said_that_the_first_opens_nothing(running: Running) -> None:
    running.add_partner("acme")
    first = killed_behind_its_kit(running).parsed_api_key().id
    (running.folder / "rotated.json").rename(running.folder / "handed-over.json")
    said = rotate(running)
    assert f"The API key {first} of an earlier rotation is accepted no more" in said
    assert first not in [key.id for key in api_keys(running)]


@pytest.mark.slow
def test_with_the_same_kit_the_old_keys_end_as_is_said_now(running: Running) -> None:
    running.add_partner("acme")
    kit = killed_behind_its_kit(running)
    said = rotate(running, "--overlap-days", "0")
    assert "of an earlier rotation" not in said
    assert "its old keys are accepted until indexer compact retires them" in said
    running.run("compact")
    assert running.records()["acme"].key_ids == [kit.token_key.key_id]


def test_where_none_can_be_given_the_keys_of_the_one_before_stay_in_force_no_more(
    half: Running,
) -> None:
    old = old_key(half)
    half.run("partner", "suspend", "acme")
    (taken_back,) = {key.id for key in api_keys(half)} - {old}
    said = rotate(half, expect=2)
    assert "is suspended" in said
    assert f"The API key {taken_back} of an earlier rotation is accepted no more" in said
    assert [key.id for key in api_keys(half)] == [old]
    assert len(half.heads()) == 1
    assert half.rows("SELECT 1 FROM rotations") == []
    assert not (half.folder / "rotated.json").exists()
    half.run("partner", "resume", "acme")
    rotate(half)
    assert len(api_keys(half)) == 2
