"""What the indexer has signed and nobody here can read stops only where it is told once."""

from typing import Any

import pytest

from intelligence.console.rendering import Rendering
from intelligence.console.visits import Tickets, Visit
from intelligence.curation.passed_over import told_anew
from intelligence.curation.tables import PassedOverRow
from screening.spools.partners_told import PartnersTold
from screening.spools.statements import StatementSet
from screening.spools.whole_list import ListPart
from screening.vocabulary.errors import OperatorError
from tests.harness.slow import slow_but_first
from tests.intelligence.curation.desk import Desk
from tests.intelligence.partners.office import told

PHONE = "+1 202 555 0142"


def home_of(desk: Desk) -> str:
    """Return the start page as somebody gets it who looks after partners or the list."""
    visit = Visit("ticket", False, desk.cora.who, "127.0.0.1", None)
    not_shown = ("tasks", "follows", "shared_cases", "imports", "partners", "missing", "acts_alone")
    given: dict[str, Any] = dict.fromkeys((*not_shown, "is_old_key_kept"))
    given["counts"] = desk.overview.counts(desk.cora.who)
    given["passed_over"] = desk.overview.passed_over(desk.abel.who)
    given["way"] = desk.overview.on_the_way(desk.abel.who, None)
    return str(Rendering(Tickets(is_https=False)).page(visit, "home.html", **given).content)


REPLACED = ("partners/1", "partners/2", "usage/1", "exclusions/1", "list/1", "list/2")


@pytest.mark.parametrize("form", REPLACED)
def test_what_a_later_file_says_again_is_passed_over_on_record_and_shown(
    desk: Desk, form: str
) -> None:
    change_id = desk.approved(PHONE)
    desk.exchange.take_turn()
    desk.indexer.say(f"screening-{form}", {"new": []})
    desk.exchange.take_turn()
    kind = form.partition("/")[0]
    facts = f'"event":"evidence not taken up","sequence":1,"why":"malformed","of":"{kind}"'
    assert facts in desk.services.records()
    assert [(one.sequence, one.of) for one in desk.overview.passed_over(desk.abel.who)] == [
        (1, kind)
    ]
    assert "in file 1, or may have told, could not be read or is gone" in home_of(desk)
    desk.indexer.apply(1)
    desk.exchange.take_turn()
    assert desk.row(change_id).state == "applied", "what follows does not wait for it"


def test_it_is_shown_until_a_later_one_of_its_kind_is_read(desk: Desk) -> None:
    desk.indexer.say("screening-partners/2", {"partners": None})
    desk.exchange.take_turn()
    desk.indexer.say("screening-exclusions/1", {"rules": [], "overrides": []})
    desk.exchange.take_turn()
    assert desk.overview.passed_over(desk.abel.who, "exclusions") == []
    assert [one.of for one in desk.overview.passed_over(desk.abel.who, "partners", "usage")] == [
        "partners"
    ]
    desk.indexer.write(lambda head: PartnersTold("screening-partners/2", *head, [told()]))
    desk.exchange.take_turn()
    assert desk.overview.passed_over(desk.abel.who) == []
    assert "could not be read" not in home_of(desk)


@slow_but_first(1, "form", ["acknowledgement/1", "map/1", "records/1", "issued-kit/1"])
def test_what_is_told_once_stops_until_it_can_be_read(desk: Desk, form: str) -> None:
    desk.indexer.say(f"screening-{form}", {"new": []})
    desk.indexer.say("screening-exclusions/1", {"rules": [], "overrides": []})
    for _ in range(2):
        with pytest.raises(OperatorError, match="nothing that comes later says it again: keep"):
            desk.exchange.take_turn()
    assert "not taken up" not in desk.services.records()
    assert "safety lists told" not in desk.services.records()


@slow_but_first(1, "form", ["partners/3", "map/2", "weather/1"])
def test_a_newer_format_says_to_update_the_console_first(desk: Desk, form: str) -> None:
    desk.indexer.say(f"screening-{form}", {"partners": []})
    with pytest.raises(OperatorError, match="update the console first"):
        desk.exchange.take_turn()
    assert desk.overview.passed_over(desk.abel.who) == []


def test_a_kind_that_this_version_does_not_know_is_said_in_a_plain_sentence(desk: Desk) -> None:
    with desk.services.database.writing() as session:
        session.add(PassedOverRow(kind="weather", sequence=7, at=1_796_000_000))
    page = home_of(desk)
    assert "told of something that this version does not know in file 7" in page
    assert "bring this console to the indexer&#39;s version, which says how it is told anew" in page
    assert "weather" not in page
    assert "<code>" not in page


def test_what_tells_a_kind_anew_is_said_of_those_that_are_known_alone() -> None:
    assert told_anew("usage").advice.endswith("run: indexer spool partners --again")
    assert "run:" not in told_anew("weather").advice


def test_what_cannot_be_read_has_to_be_in_line_all_the_same(desk: Desk) -> None:
    desk.indexer.previous = "1" * 64
    desk.indexer.say("screening-partners/2", {"new": []})
    with pytest.raises(OperatorError, match="follows another"):
        desk.exchange.take_turn()
    assert desk.overview.passed_over(desk.abel.who) == []


def tell_part(desk: Desk, part: int, parts: int, *, spoilt: bool = False) -> None:
    """Have the indexer tell a part of an empty list from before."""
    if spoilt:
        desk.indexer.say("screening-list/2", {"part": part})
    else:
        of_none = StatementSet().result()
        desk.indexer.write(
            lambda head: ListPart("screening-list/2", *head, part, parts, [], [], of_none)
        )


@pytest.mark.parametrize("spoilt", [1, 2, 3])
@pytest.mark.slow
def test_a_list_in_parts_is_said_again_by_all_of_them(desk: Desk, spoilt: int) -> None:
    for part in (1, 2, 3):
        tell_part(desk, part, 3, spoilt=part == spoilt)
    desk.exchange.take_turn()
    assert [one.sequence for one in desk.overview.passed_over(desk.abel.who)] == [spoilt]
    for part in (1, 2):
        tell_part(desk, part, 3)
        desk.exchange.take_turn()
        assert desk.overview.passed_over(desk.abel.who, "list"), "not all of it has come"
    tell_part(desk, 3, 3)
    desk.exchange.take_turn()
    assert desk.overview.passed_over(desk.abel.who) == []


def test_nothing_is_said_of_a_list_that_nobody_tells_any_more(desk: Desk) -> None:
    tell_part(desk, 1, 2, spoilt=True)
    desk.exchange.take_turn()
    assert "indexer spool list</code>" in home_of(desk)
    desk.in_force(PHONE)
    assert desk.overview.passed_over(desk.abel.who) == [], (
        "indexer spool list is refused from here on"
    )
    desk.indexer.say("screening-list/2", {"part": 2})
    desk.exchange.take_turn()
    assert "could not be read" not in home_of(desk)
