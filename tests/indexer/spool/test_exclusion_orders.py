"""What two people have ordered of the safety lists is in force after `spool apply`, and told."""

from collections.abc import Callable

import pytest

from indexer.exclusion_changes import require_room, require_room_to_override
from screening.exclusions.matcher import Exclusions
from screening.exclusions.rules import Category, Match, parse_rule
from screening.spools.exclusion_order import Exclude, Unexclude
from screening.spools.exclusions_told import (
    MOST_OVERRIDES,
    MOST_RULES,
    ExclusionsTold,
    ToldOverride,
    ToldRule,
)
from screening.vocabulary.errors import NotPossible, OperatorError
from tests.harness.slow import slow_but_first
from tests.harness.spool_console import ANN, BEN, Desk, add
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550177")
RANGE = "+12025550140..+12025550149"
WHY = "it is a shelter's block of numbers"


def excluded(value: str = RANGE, *, is_wide: bool = False) -> Exclude:
    note, source = "a shelter", "its page"
    return Exclude("phone", Match.RANGE, value, WHY, Category.SHELTER, note, source, is_wide)


UNEXCLUDE = Unexclude("phone", Match.RANGE, RANGE, "the shelter has moved")


@pytest.fixture
def answers(running: Running, desk: Desk) -> Callable[[], list[bool]]:
    """A partner and two listed phones; whether each is answered with yes."""
    acme = running.add_partner("acme")
    desk.approve(add(*PHONE), add(*OTHER))
    running.run("spool", "apply")
    return lambda: running.listed(acme, PHONE, OTHER)


def told_last(running: Running, desk: Desk) -> ExclusionsTold:
    running.run("spool", "exclusions")
    return [one for one in desk.told_beside() if isinstance(one, ExclusionsTold)][-1]


def rule_told(running: Running, desk: Desk) -> ToldRule | None:
    rules = told_last(running, desk).rules
    return next((one for one in rules if one.value == RANGE), None)


def test_two_people_have_a_rule_in_force_and_ended(
    running: Running, desk: Desk, answers: Callable[[], list[bool]]
) -> None:
    assert answers() == [True, True]
    desk.order(excluded())
    assert (
        "file 2, release 3: a rule of the safety lists is in force"
        in running.run("spool", "apply").output
    )
    assert answers() == [False, True]
    told = rule_told(running, desk)
    assert told is not None
    assert (told.category, told.note, told.source) == ("shelter", "a shelter", "its page")
    assert told.keeps_off == 1
    assert told.added_at is not None
    desk.order(UNEXCLUDE)
    assert (
        "file 3, release 4: a rule of the safety lists is in force no"
        in running.run("spool", "apply").output
    )
    assert answers() == [True, True]
    assert rule_told(running, desk) is None
    assert desk.outcomes() == [(1, "applied"), (2, "applied"), (3, "applied")]
    named = [
        (one["batches"][0]["order"], one["batches"][0]["signed_by"])
        for one in running.ledger()
        if one["command"] == "spool" and "order" in str(one)
    ]
    assert named == [("exclude", ["ann", "ben"]), ("unexclude", ["ann", "ben"])]
    # What the list says is the same all along, and the next file of the list follows.
    desk.approve(add("phone", "+12025550178"))
    running.run("spool", "apply")
    assert desk.outcomes()[-1] == (4, "applied")


def test_what_a_rule_covers_is_refused_with_its_batch_from_then_on(
    running: Running, desk: Desk, answers: Callable[[], list[bool]]
) -> None:
    desk.order(excluded())
    running.run("spool", "apply")
    desk.approve(add("phone", "+12025550143"))
    running.run("spool", "apply", expect=4)
    assert desk.outcomes()[-1] == (3, "excluded")


@pytest.mark.parametrize("is_in_force", [False, True])
@pytest.mark.slow
def test_an_end_that_was_killed_before_it_was_noted_is_followed_again(
    running: Running, desk: Desk, answers: Callable[[], list[bool]], is_in_force: bool
) -> None:
    desk.order(excluded())
    running.run("spool", "apply")
    desk.order(UNEXCLUDE)
    # What a kill leaves behind: the rule is gone, and either nothing or all of that in force.
    if is_in_force:
        running.run("exclusions", "remove", "phone", "range", RANGE)
    else:
        running.change("DELETE FROM exclusion_rules")
    running.run("spool", "apply")
    assert answers() == [True, True]
    assert desk.outcomes()[-1] == (3, "applied")


def by_one_who_adds(desk: Desk) -> None:
    desk.order(excluded(), by=[ANN])


def by_one_who_ends(desk: Desk) -> None:
    desk.order(UNEXCLUDE, by=[BEN])


def too_wide(desk: Desk) -> None:
    desk.order(excluded("+12020000000..+12029999999"))


def spelled_otherwise(desk: Desk) -> None:
    desk.order(excluded("+1 202 555 014x"))


def of_the_indexers_own(desk: Desk) -> None:
    desk.order(Unexclude("email", Match.MAILBOX, "abuse", WHY))


def beside_a_batch(desk: Desk) -> None:
    console = desk.console
    batch = console.approved(console.batch(add("phone", "+12025550178")), ANN, BEN)
    desk.write(batch, console.approved(console.order(excluded()), ANN, BEN))


REFUSED: dict[Callable[[Desk], None], str] = {
    by_one_who_adds: "half_signed",
    by_one_who_ends: "half_signed",
    too_wide: "not_possible",
    spelled_otherwise: "not_canonical",
    of_the_indexers_own: "not_possible",
    beside_a_batch: "malformed",
}


@slow_but_first(3, "write", REFUSED, ids=lambda write: write.__name__)
def test_an_order_that_is_not_to_be_followed_changes_nothing(
    running: Running,
    desk: Desk,
    answers: Callable[[], list[bool]],
    write: Callable[[Desk], None],
) -> None:
    before = told_last(running, desk)
    write(desk)
    running.run("spool", "apply", expect=4)
    assert answers() == [True, True]
    assert told_last(running, desk) == before
    assert desk.outcomes()[1:] == [(2, REFUSED[write])]


@pytest.mark.parametrize("is_pending", [False, True])
@pytest.mark.slow
def test_what_comes_with_the_indexer_stays_where_it_was_added_too_or_a_change_is_pending(
    running: Running, desk: Desk, answers: Callable[[], list[bool]], is_pending: bool
) -> None:
    desk.order(excluded())
    running.run("spool", "apply")
    if is_pending:
        running.change("DELETE FROM exclusion_rules")
    else:
        running.run("exclusions", "add", "email", "mailbox", "abuse", "--category", "shelter")
    of_the_indexers_own(desk)
    running.run("spool", "apply", expect=4)
    assert desk.outcomes()[-1] == (3, "not_possible")
    if is_pending:
        running.run("exclusions", "remove", "email", "mailbox", "abuse", expect=2)


@pytest.mark.slow
def test_one_rule_more_than_can_be_told_is_refused_and_one_that_is_there_is_none_more() -> None:
    rules = [parse_rule("phone", "exact", f"+1202555{n:04}", category="other") for n in range(3)]
    many = Exclusions(
        parse_rule("email", "exact", f"a{n}@lodge.example", category="other")
        for n in range(MOST_RULES - 2)
    )
    almost, full = Exclusions([*many, rules[0]]), Exclusions([*many, *rules[:2]])
    require_room(almost, rules[2])
    require_room(full, rules[1])
    with pytest.raises(NotPossible, match="no more can be"):
        require_room(full, rules[2])


@pytest.mark.slow
def test_an_override_that_is_there_is_none_more_than_can_be_told() -> None:
    there = frozenset(n.to_bytes(16, "big") for n in range(MOST_OVERRIDES))
    require_room_to_override(there, [min(there)])
    with pytest.raises(OperatorError, match="no more than"):
        require_room_to_override(there, [bytes(15) + b"\xff", bytes([255] * 16)])


@pytest.mark.slow
def test_nothing_that_is_kept_off_is_opened_while_nothing_has_changed(
    running: Running, desk: Desk, answers: Callable[[], list[bool]]
) -> None:
    desk.order(excluded())
    running.run("spool", "apply")
    assert rule_told(running, desk) is not None
    running.change("UPDATE blocks SET sealed = x'00'")
    assert "the console knows all of it" in running.run("spool", "exclusions").output
    desk.approve(add("phone", "+12025550178"))
    running.run("spool", "apply")
    assert "does not open" in running.run("spool", "exclusions", expect=2).output


def test_a_wide_rule_is_taken_where_that_is_signed(
    running: Running, desk: Desk, answers: Callable[[], list[bool]]
) -> None:
    desk.order(excluded("+12020000000..+12029999999", is_wide=True))
    running.run("spool", "apply")
    assert answers() == [False, False]


@pytest.mark.slow
def test_safety_lists_are_told_where_they_have_changed(running: Running, desk: Desk) -> None:
    told = told_last(running, desk)
    assert {one.added_at for one in told.rules} == {None}
    assert "the console knows all of it" in running.run("spool", "exclusions").output
    running.run("exclusions", "add", "phone", "range", RANGE, "--category", "shelter")
    running.run("exclusions", "override", "email:info@agency.example", "--reason", "case 7")
    assert rule_told(running, desk) is not None
    assert told_last(running, desk).overrides == [ToldOverride("email", "info@agency.example")]


@pytest.mark.slow
def test_a_rule_before_the_first_list_is_kept_for_it(running: Running, desk: Desk) -> None:
    desk.order(excluded())
    running.run("spool", "apply")
    desk.approve(add(*PHONE))
    running.run("spool", "apply", expect=4)
    assert desk.outcomes() == [(1, "applied"), (2, "excluded")]
