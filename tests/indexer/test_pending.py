"""What was noted while the store took no writes is told as pending, and not lost without a word."""

import json

import pytest

from tests.harness.slow import slow_but_first
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
EMAIL = ("email", "listed@list.example")
LIST = [(*PHONE, "trafficker"), (*EMAIL, "buyer")]


@pytest.fixture
def stuck(running: Running) -> Running:
    """A home with a list and a partner, whose store is read only as far as writes go."""
    running.publish(LIST)
    running.add_partner("acme")
    stop(running)
    return running


def stop(running: Running) -> None:
    running.redis.config_set("maxmemory", "1")


def go_on(running: Running) -> None:
    running.redis.config_set("maxmemory", "0")


def pending(running: Running) -> list[str]:
    lines = running.run("status").output.splitlines()
    shown = (line.removeprefix("pending   ") for line in lines if line.startswith("pending"))
    return [one for one in shown if one.startswith("not in force")]


def test_a_notice_that_no_host_can_hear_of_is_told_as_pending_until_it_is_in_force(
    stuck: Running,
) -> None:
    order = ("notice", f"{'a' * 26}.0", "--partner", "acme", "--receipts-are-theirs")
    said = stuck.run(*order, expect=69).output
    what = "acme is to hear of false matches"
    assert f"not in force yet: {what}; the next command that succeeds puts it in force" in said
    assert len(said.splitlines()) == 1
    assert json.loads(stuck.run("status", "--json").output)["pending"]["partners"] == [what]
    go_on(stuck)
    stuck.run("compact")
    assert pending(stuck) == []


@slow_but_first(
    1,
    ("command", "what"),
    [
        (("suspend", "acme"), "acme is suspended"),
        (("limits", "acme", "--daily", "7"), "acme has other limits"),
        (("remove", "acme"), "acme is removed"),
        (("policy", "acme", "--kinds", "email"), "acme is answered from email entries"),
    ],
)
def test_what_a_partner_is_given_is_told_as_pending_until_it_is_in_force(
    stuck: Running, command: tuple[str, ...], what: str
) -> None:
    said = stuck.run("partner", *command, expect=69).output
    assert f"not in force yet: {what}; the next command that succeeds puts it in force" in said
    assert len(said.splitlines()) == 1
    assert stuck.records()["acme"].state == "active"
    (told,) = pending(stuck)
    assert told.startswith(f"not in force yet: {what};")
    assert json.loads(stuck.run("status", "--json").output)["pending"]["partners"] == [what]
    go_on(stuck)
    stuck.run("compact")
    assert pending(stuck) == []


def test_status_shows_of_a_partner_what_is_in_force_and_not_what_is_meant_to_be(
    stuck: Running,
) -> None:
    stuck.run("partner", "suspend", "acme", expect=69)
    stuck.run("partner", "policy", "acme", "--kinds", "email", expect=69)
    (acme,) = json.loads(stuck.run("status", "--json").output)["partners"]
    assert acme["state"] == "active"
    (index,) = acme["indexes"]
    assert (index["policy_in_words"], index["size"]["selectors"]) == ("the whole list", 2)
    go_on(stuck)
    stuck.run("compact")
    (acme,) = json.loads(stuck.run("status", "--json").output)["partners"]
    (index,) = acme["indexes"]
    assert acme["state"] == "suspended"
    assert (index["policy_in_words"], index["size"]["selectors"]) == ("email entries", 1)


def test_keys_that_are_not_in_force_are_told_as_pending(stuck: Running) -> None:
    arguments = ("--kit", str(stuck.kit_path("new")), "--api-url", "https://api.example")
    said = stuck.run("partner", "rotate", "acme", *arguments, expect=69).output
    assert "not in force yet: acme has other keys" in said
    go_on(stuck)
    stuck.run("partner", "rotate", "acme", *arguments)
    assert pending(stuck) == []


@slow_but_first(
    1,
    "command",
    [
        ("exclusions", "add", "email", "domain", "list.example", "--category", "shelter"),
        ("exclusions", "override", "email:listed@list.example", "--reason", "theirs"),
    ],
)
def test_a_change_of_the_safety_lists_is_told_as_pending(
    stuck: Running, command: tuple[str, ...]
) -> None:
    said = stuck.run(*command, expect=69).output
    assert "not in force yet: the safety lists are changed;" in said
    assert "do it again" not in said  # it is kept
    assert len(pending(stuck)) == 1
    go_on(stuck)
    stuck.run("compact")
    assert pending(stuck) == []


def test_a_retraction_that_did_not_come_in_force_is_said_to_be_forgotten(stuck: Running) -> None:
    retract = ("retract", "phone:+12025550142", "--reason", "given to somebody else")
    said = stuck.run(*retract, expect=69).output
    assert "not in force: the change of the list by retract; the next command forgets it" in said
    assert "so do it again" in said
    assert any("by retract" in line for line in pending(stuck))
    go_on(stuck)
    stuck.run(*retract)
    assert pending(stuck) == []
    assert "1 selector is retracted" in stuck.run("status").output
