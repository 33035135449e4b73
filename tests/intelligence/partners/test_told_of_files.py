"""A partner manager hears of files what concerns their own orders: not what else is in them."""

from typing import Any
from uuid import UUID

import pytest

from intelligence.console.rendering import Rendering
from intelligence.console.visits import Tickets, Visit
from intelligence.curation.overview import OnTheWay
from intelligence.curation.progress import progress_of
from intelligence.curation.unanswered import LATE_AFTER
from tests.intelligence.curation.desk import Desk
from tests.intelligence.disclosure.room import enrol_authorised
from tests.intelligence.partners.office import SUSPEND, PartnerOffice
from tests.intelligence.staff.services import Person

PHONE = "+1 202 555 0142"
STUCK = OnTheWay("files wait; tell whoever runs the service.", None, None)
NOTHING = OnTheWay(None, None, None)


def on_the_way(desk: Desk, who: Person, trouble: str | None = None) -> OnTheWay:
    return desk.overview.on_the_way(who.who, trouble)


@pytest.fixture
def order_id(office: PartnerOffice) -> UUID:
    """That of an order which has left; behind it waits what takes somebody off the list."""
    office.desk.in_force(PHONE)
    office.desk.retracted(PHONE)
    order_id = office.given(SUSPEND)
    office.desk.exchange.take_turn()
    return order_id


def pages(office: PartnerOffice, order_id: UUID, who: Person) -> str:
    """Return the pages of an order as somebody gets them."""
    desk, page = office.desk, Rendering(Tickets(is_https=False)).page
    visit = Visit("ticket", False, who.who, "127.0.0.1", None)
    order = office.partners.order(who.who, order_id)
    progress = progress_of(office.orders, who.who, order_id)
    given: dict[str, Any] = {"way": on_the_way(desk, who), "problem": None}
    given |= {"order": order, "file": desk.overview.file(who.who, order.file)}
    given |= {"progress": progress, "noun": "order", "path": "/orders/1", "is_going_on": False}
    shown = page(visit, "order.html", **given), page(visit, "progress.html", **given)
    return "".join(str(one.content) for one in shown)


@pytest.mark.usefixtures("order_id")
def test_that_files_wait_is_told_and_not_which_nor_what_is_in_them(office: PartnerOffice) -> None:
    desk, trouble = office.desk, "the key of the indexer is damaged"
    assert on_the_way(desk, office.pam) == on_the_way(desk, desk.abel) == NOTHING
    assert on_the_way(desk, office.pam, trouble) == STUCK
    assert on_the_way(desk, desk.abel, trouble) == OnTheWay(trouble, None, None)
    desk.clock.move(LATE_AFTER.total_seconds() + 1)
    late = on_the_way(desk, desk.abel).late
    assert late is not None
    assert (late.record["sequence"], late.retractions) == (2, "0 retractions in it and 1 behind it")
    assert on_the_way(desk, office.pam) == STUCK
    desk.indexer.refuse(2)
    desk.exchange.take_turn()
    refused = on_the_way(desk, desk.abel).refused
    assert refused is not None
    assert "leave it out" in str(refused["outcome"])
    assert on_the_way(desk, office.pam) == STUCK
    assert on_the_way(desk, desk.ada, trouble) == NOTHING, "nothing of hers leaves in files"


def test_of_the_file_of_their_order_they_are_shown_when_it_left_and_came_into_force(
    office: PartnerOffice, order_id: UUID
) -> None:
    desk = office.desk
    desk.indexer.refuse(2)
    desk.exchange.take_turn()
    seen = pages(office, order_id, office.pam)
    assert "Left for the indexer," in seen
    assert [one for one in ("file 2", "leave it out", "retraction") if one in seen] == []
    assert "leave it out" in pages(office, order_id, desk.abel)
    office.applied(2)
    seen = pages(office, order_id, office.pam)
    assert "Came into force," in seen
    assert "; in force since" in seen
    assert [one for one in ("file 2", "release") if one in seen] == []
    seen = pages(office, order_id, desk.abel)
    assert "file 2, applied as release 3" in seen
    assert "Came into force as release 3" in seen


def test_what_could_not_be_read_is_told_to_whoever_reads_what_it_tells_of(
    office: PartnerOffice,
) -> None:
    desk = office.desk
    for kind in ("exclusions/1", "list/1", "partners/1"):
        desk.indexer.say(f"screening-{kind}", {"new": []})
    desk.exchange.take_turn()
    everybody = {"pam": office.pam, "abel": desk.abel, "cora": desk.cora, "ada": desk.ada}
    told = {
        name: {one.of for one in desk.overview.passed_over(person.who)}
        for name, person in everybody.items()
    }
    whole = {"exclusions", "list", "partners"}
    assert told == {
        "pam": {"partners"},
        "abel": whole,
        "cora": whole - {"partners"},
        "ada": set(),
    }


def test_what_went_from_the_ledger_is_told_to_all_but_those_from_outside(
    office: PartnerOffice,
) -> None:
    police = enrol_authorised(office.services, "olga", "Police of Examplia")
    told = {
        name: office.desk.overview.at_start(person.who, None, ["it was cut"]).missing
        for name, person in {"pam": office.pam, "ada": office.desk.ada, "olga": police}.items()
    }
    assert told == {"pam": ["it was cut"], "ada": ["it was cut"], "olga": []}
