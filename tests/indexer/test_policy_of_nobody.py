"""A policy under which nobody is listed answers "no" to all: it is refused, unless permitted."""

from indexer.commands import exits
from tests.indexer.running import NO_STRETCH, Running
from tests.indexer.test_entitlements import CARD, ROWS, holds, publish


def test_a_policy_that_reaches_nobody_is_said_to_and_which_lists_there_are(
    running: Running,
) -> None:
    publish(running)
    misspelt = ("--lists", "borders,default")
    said = running.try_partner("acme", *NO_STRETCH, *misspelt, expect=0).output
    assert "no entry is in list borders; lists are border, default" in said
    assert "nobody is listed" not in said
    running.run("partner", "policy", "acme", "--lists", "border")
    before, recorded = running.stored(), running.ledger()
    slip = ("partner", "policy", "acme", "--lists", "borders")
    refused = running.run(*slip, expect=exits.REFUSED)
    assert refused.stderr == (
        "no entry is in list borders; lists are border, default: nobody of the list would be left "
        "for acme, and all its checks be answered no match; correct the policy, or pass "
        "--allow-empty; nothing is changed\n"
    )
    running.run("partner", "policy", "acme", "--min-confidence", "100", expect=exits.REFUSED)
    assert (running.stored(), running.ledger()) == (before, recorded)
    said = running.run(*slip, "--allow-empty").output
    assert "no entry is in list borders; lists are border, default" in said
    assert "nobody is listed for acme: all its checks are answered no match" in said
    assert "nobody is listed for it" in running.run("status").output
    said = running.run("partner", "policy", "acme", "--lists", "border").output
    assert "no entry" not in said
    assert "nobody" not in said
    assert "nobody is listed" not in running.run("status").output


def test_where_the_list_is_empty_or_not_there_no_policy_is_to_blame(running: Running) -> None:
    partner = running.add_partner("acme", *NO_STRETCH)
    running.run("partner", "policy", "acme", "--lists", "border")
    publish(running)
    publish(running, [], "--allow-empty", "--allow-shrink")
    running.run("partner", "policy", "acme", "--kinds", "card")
    publish(running, ROWS, "--allow-shrink")
    assert holds(running, partner) == [CARD]
