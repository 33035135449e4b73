"""A rollback: what it puts in force, and what of later times it keeps."""

from tests.indexer.rows import CARD, EMAIL, OTHER, PHONE, rows
from tests.indexer.running import Running


def test_rollback_puts_the_list_before_in_force_and_publishing_goes_on_from_there(
    running: Running,
) -> None:
    partner = running.add_partner("acme")
    assert "no earlier list" in running.run("rollback", expect=2).output
    running.publish(rows(PHONE, OTHER))
    assert "no earlier list" in running.run("rollback", expect=2).output
    running.publish(rows(PHONE, EMAIL))
    sequence = max(head.sequence for head in running.heads().values())

    assert "list 1 is in force again" in running.run("rollback").output
    assert running.listed(partner, PHONE, OTHER, EMAIL) == [True, True, False]
    assert all(head.sequence > sequence for head in running.heads().values())
    assert "no earlier list" in running.run("rollback", expect=2).output

    running.publish(rows(PHONE, CARD))
    assert running.listed(partner, PHONE, OTHER, EMAIL, CARD) == [True, False, False, True]
    # Back to what was in force before it, and not to the list that was a mistake.
    assert "list 1 is in force again" in running.run("rollback").output
    assert running.listed(partner, PHONE, OTHER, EMAIL, CARD) == [True, True, False, False]


def test_a_list_is_no_younger_for_a_rollback(running: Running) -> None:
    running.add_partner("acme")
    running.publish(rows(PHONE))
    (published_at,) = {head.published_at for head in running.heads().values()}
    running.change("UPDATE revisions SET published_at = published_at - 86400")
    running.add_partner("later")
    running.publish(rows(EMAIL))
    running.run("rollback")
    assert {head.published_at for head in running.heads().values()} == {published_at - 86_400}


def test_rollback_reaches_back_as_far_as_lists_are_kept(running: Running) -> None:
    partner = running.add_partner("acme")
    for selector in (PHONE, EMAIL, CARD, OTHER):
        running.publish(rows(selector))
        running.run("compact", "--all")
    assert "list 3 is" in running.run("rollback").output
    assert "list 2 is" in running.run("rollback").output
    assert running.listed(partner, PHONE, EMAIL, CARD) == [False, True, False]
    assert "no earlier list" in running.run("rollback", expect=2).output


def test_rollback_does_not_publish_who_has_been_found_to_be_a_victim(running: Running) -> None:
    partner = running.add_partner("acme")
    running.publish([*rows(PHONE, OTHER), *rows(PHONE, role="buyer")])
    found_out = [*rows(OTHER), *rows(PHONE, role="victim")]
    running.publish(found_out, "--allow-shrink")
    assert running.run("rollback").output.splitlines()[:2] == [
        "list 1 is in force again",
        "  of its selectors, named as victims' or retracted since: 1",
    ]
    later = running.add_partner("later")
    for one in (partner, later):
        assert running.listed(one, PHONE, OTHER) == [False, True]


def test_a_partner_who_came_after_a_list_has_it_after_a_rollback_too(running: Running) -> None:
    running.publish(rows(PHONE))
    running.publish(rows(EMAIL))
    partner = running.add_partner("acme")
    assert running.listed(partner, PHONE, EMAIL) == [False, True]
    running.run("rollback")
    assert running.listed(partner, PHONE, EMAIL) == [True, False]
