"""A `partner rotate` that was killed before it had written its kit: nobody has its keys."""

import pytest

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
