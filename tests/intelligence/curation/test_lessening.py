"""What lessens the list is shown first in a change, counted, and named by whoever approves it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import update

from intelligence.curation.guard import Limits
from intelligence.curation.lessening import Effect, Lessening
from intelligence.curation.purposes import Purpose
from intelligence.curation.shown_changes import ShownChange
from intelligence.curation.standing import SHOWN_AT_MOST
from intelligence.curation.tables import ChangeSet, EntryRow
from intelligence.errors import FormRefused
from intelligence.staff.roles import Role
from screening.exclusions.rules import Match
from screening.spools.changes import Add
from tests.intelligence.curation.desk import Desk, enrol_curators
from tests.intelligence.exclusions.ordered import rule, tell
from tests.intelligence.homes import Homes
from tests.intelligence.staff.services import PASSWORD

LISTED, NEW = "+1 202 555 0142", "+1 202 555 0143"
FEW = [f"+1 202 555 01{number}" for number in range(60, 64)]
WHY = Purpose("review", "case 7")


@pytest.fixture
def here(tmp_path: Path, homes: Homes) -> Iterator[Desk]:
    """A desk on the database that takes least time, at which a large change is as others are."""
    with homes.copied(tmp_path, "sqlite", enrol_curators) as services:
        desk = Desk(services, tmp_path)
        limits = Limits(share_percent=100, fewest=1_000, per_day=1_000)
        desk.changes = replace(desk.changes, limits=limits)
        desk.reading = replace(desk.reading, changes=desk.changes)
        yield desk


def effects(desk: Desk, *adds: Add) -> dict[str, Effect | None]:
    """Return what operations do, by their selectors."""
    found = of(desk, *adds)
    pairs = zip(found.operations, found.effects, strict=True)
    return {one.canonical: effect for one, effect in pairs}


def of(desk: Desk, *adds: Add) -> Lessening:
    with desk.database.reading() as session:
        return desk.changes.lessening(session, ChangeSet(), adds)


def day(desk: Desk, ahead: int) -> str:
    return str(datetime.fromtimestamp(desk.clock(), UTC).date() + timedelta(days=ahead))


def submitted(desk: Desk, *adds: Add) -> UUID:
    change_id = desk.changes.draft(desk.cora.who, *adds)
    desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    return change_id


def pages(desk: Desk, change_id: UUID) -> list[ShownChange]:
    first = desk.reading.one(desk.abel.who, change_id)
    others = (
        desk.reading.one(desk.abel.who, change_id, page=page) for page in range(2, first.pages + 1)
    )
    return [first, *others]


def hiding(desk: Desk, whole: int = SHOWN_AT_MOST + 1) -> UUID:
    """Have a change submitted that is too long for a page, in which one is taken off."""
    desk.in_force("boss@ring.example")
    others = [desk.addition(f"x{one}@ring.example") for one in range(whole - 1)]
    victim = desk.addition("boss@ring.example", role="victim", source="case-9")
    return submitted(desk, *others, victim)


def test_whoever_approves_sees_all_of_a_change_what_takes_off_first(here: Desk) -> None:
    change_id = hiding(here)
    first, second = pages(here, change_id)
    assert [one.says["role"] for one in first.operations[:2]] == ["victim", "trafficker"]
    assert (first.lessened, second.lessened) == ({Effect.TAKES_OFF: 1}, {Effect.TAKES_OFF: 1})
    assert [(one.page, one.pages, len(one.operations)) for one in (first, second)] == [
        (1, 2, SHOWN_AT_MOST),
        (2, 2, 1),
    ]
    seen = [one for page in (first, second) for one in page.operations]
    assert len({one.selector_id for one in seen}) == SHOWN_AT_MOST + 1
    draft = here.reading.one(here.cora.who, change_id, page=99)
    assert (draft.page, draft.lessened) == (2, {Effect.TAKES_OFF: 1}), "its author, too"


def test_each_page_is_revealed_on_record(here: Desk) -> None:
    change_id = hiding(here)
    shown = [
        here.reading.revealed(here.abel.who, change_id, WHY, page=page).operations
        for page in (1, 2)
    ]
    assert shown[0][0].says["canonical"] == "boss@ring.example"
    lines = [one for one in here.services.records().splitlines() if "change revealed" in one]
    assert [one.count('"email:') for one in lines] == [SHOWN_AT_MOST, 1]


def test_whoever_approves_what_takes_off_among_others_types_how_much_it_is(here: Desk) -> None:
    here.in_force(LISTED)
    victim = here.addition(LISTED, role="victim", source="case-9")
    change_id = submitted(here, *map(here.addition, FEW), victim)
    (excess,) = here.reading.one(here.abel.who, change_id).excess
    assert (excess.count, excess.field) == (1, "lessened")
    for lessened in (None, 0, 5):
        with pytest.raises(FormRefused, match="1 of its 5 operations takes somebody off"):
            here.changes.approve(here.abel.who, change_id, PASSWORD, named=1, lessened=lessened)
    here.changes.approve(here.abel.who, change_id, PASSWORD, lessened=1)
    assert here.row(change_id).state == "approved"
    *_, line = (one for one in here.services.records().splitlines() if "change approved" in one)
    assert '"lessened":1' in line
    assert '"named"' not in line


def test_what_is_large_and_takes_off_is_named_in_both_ways(here: Desk) -> None:
    here.in_force(LISTED)
    here.changes = replace(here.changes, limits=Limits(share_percent=0, fewest=3, per_day=100))
    victim = here.addition(LISTED, role="victim", source="case-9")
    change_id = submitted(here, *map(here.addition, FEW), victim)
    for said in ({"named": 5}, {"lessened": 1}, {"named": 1, "lessened": 5}):
        with pytest.raises(FormRefused, match="type the number"):
            here.changes.approve(here.abel.who, change_id, PASSWORD, **said)
    here.changes.approve(here.abel.who, change_id, PASSWORD, named=5, lessened=1)
    assert here.row(change_id).state == "approved"


def test_one_who_is_listed_does_not_hide_among_victims(here: Desk) -> None:
    here.in_force(LISTED)
    found = of(here, *(here.addition(one, role="victim") for one in (*FEW, LISTED)))
    assert found.effects == [Effect.TAKES_OFF, *[Effect.PROTECTS] * 4]
    assert found.to_name == (Effect.TAKES_OFF, 1)
    alike = of(here, *(here.addition(one, role="victim") for one in FEW))
    assert (alike.counts, alike.to_name) == ({Effect.PROTECTS: 4}, None), "nothing could hide there"
    assert of(here, here.addition(LISTED, role="victim")).to_name is None
    among = of(here, *map(here.addition, FEW[:1]), here.addition(FEW[1], role="victim"))
    assert among.to_name == (Effect.PROTECTS, 1)


@pytest.mark.parametrize("role", ["disputed", "unknown"])
def test_a_role_that_lists_nobody_takes_off_unless_another_source_lists(
    here: Desk, role: str
) -> None:
    here.in_force(LISTED)
    assert effects(here, here.addition(LISTED, role=role)) == {"+12025550142": Effect.TAKES_OFF}
    assert effects(here, here.addition(LISTED, role=role, source="other")) == {"+12025550142": None}
    here.in_force(LISTED, source="case-8")
    assert effects(here, here.addition(LISTED, role=role)) == {"+12025550142": Effect.LOWERS}
    both = [here.addition(LISTED, role=role, source=source) for source in ("case-7", "case-8")]
    assert of(here, *both).effects == [Effect.TAKES_OFF] * 2, "one by one neither would"


@pytest.mark.parametrize(
    ("said", "lowers"),
    [
        ({"confidence": "79"}, True),
        ({"confidence": "81"}, False),
        ({"confidence": None}, True),
        ({"role": "buyer"}, True),
        ({"jurisdictions": "DE"}, True),
        ({"jurisdictions": "DE, US, FR"}, False),
        ({"jurisdictions": None}, False),
        ({"last_day": 29}, True),
        ({"last_day": 31}, False),
        ({"reason": "seen again"}, False),
    ],
)
@pytest.mark.slow
def test_a_source_that_says_less_than_it_did_lowers(
    here: Desk, said: dict[str, str | int | None], lowers: bool
) -> None:
    before = {"confidence": "80", "jurisdictions": "DE, US", "last_day": day(here, 30)}
    here.in_force(LISTED, **before)
    if "last_day" in said:
        said = {"last_day": day(here, int(said["last_day"] or 0))}
    then = {name: one for name, one in {**before, **said}.items() if one is not None}
    expected = Effect.LOWERS if lowers else None
    found = effects(here, here.addition(LISTED, **{name: str(one) for name, one in then.items()}))
    assert found == {"+12025550142": expected}


def test_what_was_changed_in_the_database_hides_nothing_from_an_approver(here: Desk) -> None:
    here.in_force(LISTED, confidence="80")
    changed = update(EntryRow)
    with here.database.writing() as session:
        session.execute(changed.values(role="unknown"))
    less = here.addition(LISTED, confidence="79")
    assert effects(here, less) == {"+12025550142": Effect.LOWERS}
    victim = here.addition(LISTED, role="victim")
    assert effects(here, victim) == {"+12025550142": Effect.TAKES_OFF}
    here.in_force(NEW)
    here.in_force(NEW, source="case-8", role="unknown")
    with here.database.writing() as session:
        session.execute(changed.where(EntryRow.source == "case-8").values(role="buyer"))
    only = here.addition(NEW, role="unknown")
    assert effects(here, only) == {"+12025550143": Effect.TAKES_OFF}


def test_places_are_fewer_where_there_was_none_named(here: Desk) -> None:
    here.in_force(LISTED)
    narrower = here.addition(LISTED, jurisdictions="DE")
    assert effects(here, narrower) == {"+12025550142": Effect.LOWERS}


def test_who_is_answered_with_no_anyhow_is_taken_off_by_nothing(here: Desk) -> None:
    here.in_force(LISTED)
    here.in_force(NEW)
    here.retracted(LISTED)
    tell(here, rule(match=Match.EXACT, value="+12025550143"))
    found = effects(here, *(here.addition(one, role="victim") for one in (LISTED, NEW)))
    assert set(found.values()) == {Effect.PROTECTS}


def test_a_retraction_takes_off_and_what_is_retracted_alone_is_named_by_nobody(here: Desk) -> None:
    here.in_force(LISTED)
    here.in_force(NEW)
    change_id = here.changes.draft(here.cora.who, *map(here.retraction, (LISTED, NEW)))
    shown = here.reading.one(here.cora.who, change_id)
    assert shown.lessened == {Effect.TAKES_OFF: 2}
    here.changes.submit(here.cora.who, change_id, PASSWORD)
    assert here.row(change_id).state == "approved"


def test_who_is_approved_to_be_listed_and_waits_is_taken_off_as_well(here: Desk) -> None:
    here.in_force(NEW)
    here.exchange.take_turn()
    here.approved(LISTED)
    unknown = here.addition(LISTED, role="unknown")
    change_id = submitted(here, *map(here.addition, FEW), unknown)
    shown = here.reading.one(here.abel.who, change_id)
    assert shown.lessened == {Effect.TAKES_OFF: 1}
    with pytest.raises(FormRefused, match="1 of its 5 operations takes somebody off"):
        here.changes.approve(here.abel.who, change_id, PASSWORD)
    here.changes.approve(here.abel.who, change_id, PASSWORD, lessened=1)
    assert here.reading.one(here.abel.who, change_id).lessened == {Effect.TAKES_OFF: 1}


def test_who_waits_to_be_taken_off_is_taken_off_by_nothing_else(here: Desk) -> None:
    here.in_force(LISTED)
    here.changes.approve(
        here.abel.who, submitted(here, here.addition(LISTED, role="unknown")), PASSWORD
    )
    found = effects(here, here.addition(LISTED, role="disputed"))
    assert found == {"+12025550142": None}


def test_what_takes_somebody_off_is_on_the_first_page_of_its_queue(here: Desk) -> None:
    here.in_force(LISTED)
    for _ in range(SHOWN_AT_MOST):
        here.changes.draft(here.cora.who, here.addition(NEW))
    here.clock.move(1)
    gone = here.changes.draft(here.cora.who, here.retraction(LISTED))
    queue = here.reading.drafts(here.cora.who)
    assert queue.pages == 2
    assert queue.changes[0].id == gone


def test_whoever_sees_no_entries_is_told_of_none_by_an_order(here: Desk) -> None:
    here.in_force(LISTED)
    change_id = submitted(here, here.addition(FEW[0]), here.addition(LISTED, role="disputed"))
    auditor = here.services.colleague(here.ada, "olga", Role.AUDITOR)
    shown = here.reading.one(auditor.who, change_id)
    assert (shown.lessened, list(shown.excess), len(shown.operations)) == ({}, [], 2)


def test_a_version_is_shown_page_by_page_what_has_ended_first(here: Desk) -> None:
    here.in_force("boss@ring.example")
    adds = [here.addition(f"x{one}@ring.example") for one in range(SHOWN_AT_MOST)]
    others = [here.addition("y@ring.example", role="victim")]
    ends = here.addition("boss@ring.example", role="disputed")
    change_id = submitted(here, *adds, *others, ends)
    here.changes.approve(here.abel.who, change_id, PASSWORD, lessened=1)
    here.exchange.take_turn()
    here.indexer.apply(2)
    here.exchange.take_turn()
    first, second = (here.versions.compared(here.abel.who, 2, page=page) for page in (1, 2))
    assert [one["role"] for one in first.shown_ended] == ["trafficker"]
    assert {one["role"] for one in first.shown_begun[:2]} == {"victim", "disputed"}
    assert (len(first.shown_begun), list(second.shown_ended)) == (SHOWN_AT_MOST - 1, [])
    assert (second.page, second.pages, len(second.shown_begun)) == (2, 2, 3)
    seen = {one["canonical"] for page in (first, second) for one in page.shown_begun}
    assert (first.begun, first.ended) == (SHOWN_AT_MOST + 2, 1)
    assert seen
    auditor = here.services.colleague(here.ada, "olga", Role.AUDITOR)
    assert here.versions.compared(auditor.who, 2, page=9).pages == 1


def test_what_is_in_force_is_shown_page_by_page_as_well(here: Desk) -> None:
    adds = [here.addition(f"x{one}@ring.example") for one in range(SHOWN_AT_MOST + 1)]
    change_id = submitted(here, *adds)
    here.changes.approve(here.abel.who, change_id, PASSWORD)
    here.exchange.take_turn()
    assert [len(one.operations) for one in pages(here, change_id)] == [SHOWN_AT_MOST, 1]
