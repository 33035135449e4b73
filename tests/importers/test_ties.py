"""What is tied together is of the same people, however far away it is told."""

from screening.importers.ties import Ties
from screening.importers.whom import Whom


def test_what_is_told_of_one_holds_of_all_that_is_tied_to_it_and_of_nothing_else() -> None:
    ties = Ties()
    ties.tie("phone", "observation")
    ties.tie("person", "observation")
    ties.tie("other phone", "other person")
    ties.tell("person", {Whom.WITNESS})
    ties.follow()
    assert ties.told_of("phone") == [Whom.WITNESS]
    assert ties.told_of("other phone") == []


def test_what_only_leads_somewhere_is_not_told_what_is_told_there() -> None:
    ties = Ties()
    ties.lead("police", "one sighting")
    ties.lead("police", "another sighting")
    ties.tell("one sighting", {Whom.VICTIM})
    ties.follow()
    assert ties.told_of("police", "another sighting") == []


def test_circles_and_long_chains_come_to_an_end() -> None:
    ties = Ties()
    for number in range(20_000):
        ties.tie(f"{number}", f"{(number + 1) % 20_000}")
    ties.tie("7", "7")
    ties.tell("0", {Whom.VICTIM})
    ties.follow()
    assert ties.told_of("10000") == [Whom.VICTIM]
