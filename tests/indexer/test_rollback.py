"""`indexer rollback --list` and `--to`: which lists there are to go back to, and each of them."""

import re

import pytest

from tests.harness.deployment import Partner
from tests.harness.steps import NEVER
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")
EMAIL = ("email", "desk@list.example")
CARD = ("card", "4242424242424242")
LIST = [(*PHONE, "buyer"), (*OTHER, "buyer")]
MOMENT = re.compile(r", \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")


def shown(running: Running) -> list[str]:
    """Return what is shown, without the moments and whose account it was."""
    lines = running.run("rollback", "--list").stdout.splitlines()
    return [re.sub(r" of [\w.-]+(?=;|$)", "", MOMENT.sub("", line)) for line in lines]


@pytest.fixture
def changed(running: Running) -> Running:
    """A list that was published, added to, retracted from, and published anew."""
    running.add_partner("acme")
    running.publish(LIST)
    running.run("add", "email:desk@list.example", "--role", "buyer")
    running.run("retract", "phone:+12025550143", "--reason", "somebody else's by now")
    running.run("publish", str(running.write_list([(*CARD, "buyer")])), "--allow-shrink")
    running.run("partner", "suspend", "acme")  # a release of the same list, by another command
    return running


def test_the_lists_that_one_may_go_back_to_are_shown_with_who_made_them_and_when(
    changed: Running,
) -> None:
    assert shown(changed) == [
        "list 4: 1 entry, by publish; in force",
        "list 2: 2 entries, by add",
        "list 1: 2 entries, by publish",
    ]
    (actor,) = {one["actor"] for one in changed.ledger()}
    # The revision of list 2 that one goes back to is that of the retraction, an hour later.
    changed.change("UPDATE revisions SET published_at = published_at + 3600 WHERE revision = 3")
    whole = changed.run("rollback", "--list").stdout.splitlines()
    assert all(f" of {actor}, " in line and MOMENT.search(line) for line in whole)
    published = changed.rows(
        "SELECT strftime('%Y-%m-%d %H:%M:%S', published_at, 'unixepoch') "
        "FROM revisions WHERE revision IN (4, 2, 1) ORDER BY revision DESC"
    )
    assert [f", {at} UTC" in line for (at,), line in zip(published, whole, strict=True)] == [
        True
    ] * 3


def test_to_show_them_changes_nothing_and_needs_no_store(changed: Running) -> None:
    before = changed.stored(), changed.ledger(), changed.rows("SELECT * FROM meta")
    assert len(shown(changed)) == 3
    away = changed.run("rollback", "--list", SCREENING_REDIS_URL="unix:///nowhere.sock")
    assert len(away.stdout.splitlines()) == 3
    assert (changed.stored(), changed.ledger(), changed.rows("SELECT * FROM meta")) == before


def test_each_list_that_is_shown_may_be_gone_back_to(changed: Running) -> None:
    partner = Partner(changed.kit_path("acme"))
    assert "list 1 is in force again" in changed.run("rollback", "--to", "1").output
    assert changed.listed(partner, PHONE, OTHER, EMAIL, CARD) == [True, False, False, False]
    assert shown(changed)[0].startswith("list 1: 1 entry, by publish; in force")
    for number in ("1", "2", "4", "5", "9" * 40):
        said = changed.run("rollback", "--to", number, expect=2).output
        assert said == "there is no such list to go back to; see: indexer rollback --list\n"


def test_a_plain_rollback_goes_back_to_the_next_that_is_shown(changed: Running) -> None:
    for number in (2, 1):
        assert shown(changed)[1].startswith(f"list {number}: ")
        assert f"list {number} is in force again" in changed.run("rollback").output
    assert shown(changed)[1:] == ["there is no earlier list to go back to"]


def test_before_any_list_there_is_none_to_show(running: Running) -> None:
    assert "there is no list in" in running.run("rollback", "--list").output
    running.add_partner("acme")
    assert shown(running) == ["no list is in force yet; publish one first"]
    assert "no such list" in running.run("rollback", "--to", "1", expect=2).output


def test_who_made_a_list_is_left_out_where_that_release_is_not_remembered(
    changed: Running,
) -> None:
    changed.change("DELETE FROM releases WHERE command = 'add'")
    assert shown(changed)[1] == "list 2: 2 entries"


def test_that_a_command_was_interrupted_is_said_beside_the_lists(changed: Running) -> None:
    steps = changed.run("compact", kill_before=NEVER).steps
    flip = next(n for n, step in enumerate(steps) if "_landed" in step)
    changed.run("compact", kill_before=flip)
    assert "was interrupted; see: indexer status" in changed.run("rollback", "--list").stderr


def test_to_show_and_to_go_back_are_not_both_asked(running: Running) -> None:
    said = running.run("rollback", "--list", "--to", "1", expect=2).output
    assert "give --list or --to, not both" in said
