"""Commands of the safety lists that are killed: what the next one makes of what they have left."""

import pytest

from tests.harness.deployment import Partner
from tests.indexer.ruled import state
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")
LIST = [(*PHONE, "buyer"), (*OTHER, "buyer")]
RULE = ("phone", "exact", PHONE[1])
ADD = ("exclusions", "add", *RULE, "--category", "shelter")
OPEN_BLOCKS = "SELECT why, count(*) FROM blocks WHERE until > 1000 GROUP BY why"


def test_exclusions_add_killed_before_any_step_is_completed_by_the_same_command(
    running: Running,
) -> None:
    running.publish(LIST)
    partner = running.add_partner("acme")
    before, listed = state(running), set()
    for _ in running.killed_everywhere(*ADD):
        listed.add(running.listed(partner, PHONE, OTHER)[0])
        recorded = running.ledger()[-1]["command"].startswith("exclusions add")
        assert recorded or state(running) == before
        running.run(*ADD)
        assert running.listed(partner, PHONE, OTHER) == [False, True]
        assert running.rows(OPEN_BLOCKS) == [("excluded", 1)]
        assert running.rows("SELECT count(*) FROM exclusion_rules") == [(1,)]
        assert len({head.release for head in running.heads().values()}) == 1
    assert listed == {True, False}  # there were kills on both sides of the flip


@pytest.mark.slow
def test_exclusions_remove_killed_before_any_step_is_completed_by_the_same_command(
    running: Running,
) -> None:
    running.publish(LIST)
    partner = running.add_partner("acme")
    running.run(*ADD)
    codes, listed = set(), set()
    for _ in running.killed_everywhere("exclusions", "remove", *RULE):
        listed.add(running.listed(partner, PHONE)[0])
        codes.add(running.run("exclusions", "remove", *RULE, expect=None).code)
        assert running.listed(partner, PHONE, OTHER) == [True, True]
        assert running.rows("SELECT count(*) FROM exclusion_rules") == [(0,)]
        assert running.rows(OPEN_BLOCKS) == []
    assert codes == {0, 2}  # it has nothing to do where it died behind the flip
    assert listed == {True, False}


def overridden(running: Running) -> tuple[Partner, str]:
    """Publish a phone that a rule excludes and an override permits; return who asks, and it."""
    partner = running.add_partner("acme")
    running.publish(LIST)
    running.run(*ADD)
    name = f"{PHONE[0]}:{PHONE[1]}"
    running.run("exclusions", "override", name, "--reason", "case 7")
    return partner, name


@pytest.mark.slow
def test_unoverride_killed_before_any_step_is_settled_by_any_other_command(
    running: Running,
) -> None:
    partner, name = overridden(running)
    assert running.listed(partner, PHONE) == [True]
    for _ in running.killed_everywhere("exclusions", "unoverride", name):
        running.run("compact")
        is_overridden = running.rows("SELECT count(*) FROM overrides") == [(1,)]
        assert running.listed(partner, PHONE, OTHER) == [is_overridden, True]


@pytest.mark.slow
def test_unoverride_killed_before_any_step_is_completed_by_the_same_command(
    running: Running,
) -> None:
    partner, name = overridden(running)
    codes = set()
    for _ in running.killed_everywhere("exclusions", "unoverride", name):
        codes.add(running.run("exclusions", "unoverride", name, expect=None).code)
        assert running.listed(partner, PHONE, OTHER) == [False, True]
        assert running.rows("SELECT count(*) FROM overrides") == [(0,)]
    assert codes == {0, 2}  # it has nothing to do where it died behind the flip
