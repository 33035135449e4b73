"""What a file that is gone may have told is older here, and said to be, until it is told anew."""

from collections.abc import Callable

import pytest

from intelligence.spool.resuming import Resumed, parse_status, resume
from screening.spools.exclusions_told import ExclusionsTold
from screening.spools.partners_told import PartnersTold
from screening.spools.up_file import UpHead
from screening.spools.usage_told import UsageTold
from tests.intelligence.curation.desk import Desk
from tests.intelligence.partners.office import told
from tests.intelligence.spool.test_passed_over import home_of
from tests.intelligence.spool.test_resuming import status

PHONE = "+1 202 555 0142"
ALL = ["exclusions", "partners", "usage"]


def exclusions(desk: Desk) -> None:
    desk.indexer.write(
        lambda head: ExclusionsTold("screening-exclusions/2", *head, rules=[], overrides=[])
    )


def partners(desk: Desk) -> None:
    desk.indexer.write(lambda head: PartnersTold("screening-partners/2", *head, [told()]))


def usage(desk: Desk) -> None:
    def counted(head: UpHead) -> UsageTold:
        return UsageTold("screening-usage/1", *head, [])

    desk.indexer.write(counted)


def resumed(desk: Desk) -> Resumed:
    """Go on from where the indexer is, which waits for file 2."""
    peers = desk.exchange.keys.find_peers()
    assert peers is not None
    of_1 = (desk.indexer.sha256(1), desk.indexer.export(1).result)
    said = status(desk, 2, *of_1)
    done = resume(desk.exchange, peers, parse_status(said), "root")
    again = resume(desk.exchange, peers, parse_status(said), "root")
    assert again == Resumed(0, done.older), "nothing is forgotten by it"
    return done


def shown(desk: Desk) -> list[str]:
    return sorted(one.of for one in desk.overview.passed_over(desk.abel.who))


@pytest.fixture
def lost(desk: Desk) -> Desk:
    """Have up file 2 be gone, which may have told anything."""
    desk.in_force(PHONE)
    exclusions(desk)
    desk.indexer.up.path(2).unlink()
    return desk


def test_a_telling_that_is_gone_is_said_until_its_kind_is_heard(lost: Desk) -> None:
    assert resumed(lost) == Resumed(1, ALL)
    assert '"event":"evidence not taken up","sequence":2,"why":"gone"' in lost.services.records()
    assert '"older":["exclusions","partners","usage"]' in lost.services.records()
    assert shown(lost) == ALL
    page = home_of(lost)
    for command in ("indexer spool exclusions --again", "indexer spool partners --again"):
        assert f"<code>{command}</code>" in page
    lost.exchange.take_turn()
    for tell, left in ((exclusions, ["partners", "usage"]), (partners, ["usage"]), (usage, [])):
        tell(lost)
        lost.exchange.take_turn()
        assert shown(lost) == left
    assert "or is gone" not in home_of(lost)


@pytest.mark.parametrize("tell", [exclusions, partners, usage])
def test_what_a_file_behind_it_says_again_is_not_older(
    lost: Desk, tell: Callable[[Desk], None]
) -> None:
    tell(lost)
    assert sorted(resumed(lost).older) == [one for one in ALL if one != tell.__name__]


def test_what_a_file_before_it_has_said_is_older_all_the_same(desk: Desk) -> None:
    desk.in_force(PHONE)
    for _ in range(3):
        exclusions(desk)
    desk.indexer.up.path(3).unlink()
    desk.indexer.up.path(4).unlink()
    assert resumed(desk).missing == 2
    assert shown(desk) == ALL
    assert {one.sequence for one in desk.overview.passed_over(desk.abel.who)} == {4}


def test_nothing_is_older_where_all_files_are_there(desk: Desk) -> None:
    desk.in_force(PHONE)
    exclusions(desk)
    assert resumed(desk) == Resumed(0, [])
    assert shown(desk) == []


def test_it_ends_also_where_a_restored_indexer_gives_lower_numbers(desk: Desk) -> None:
    desk.in_force(PHONE)
    at_backup = (desk.indexer.told, desk.indexer.previous)
    for _ in range(3):
        desk.indexer.say("screening-exclusions/2", {"new": []})
    desk.exchange.take_turn()
    assert shown(desk) == ["exclusions"]
    for sequence in range(2, 5):
        desk.indexer.up.path(sequence).unlink()
    desk.indexer.told, desk.indexer.previous = at_backup
    assert resumed(desk).older == ["exclusions"]
    exclusions(desk)
    desk.exchange.take_turn()
    assert shown(desk) == []
