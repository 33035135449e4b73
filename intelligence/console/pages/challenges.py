"""Challenges: recorded by one, looked into by another, answered in the same words always."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from intelligence.challenges.recording import (
    ANSWER,
    MOST_SELECTORS,
    challenged,
    ground_of,
    reference_of,
)
from intelligence.challenges.reviewing import Finding
from intelligence.challenges.shown import ShownChallenge
from intelligence.challenges.tables import Conclusion
from intelligence.console.pages.operations import MOST_OF_REASON, purpose_of, require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.curation.purposes import PURPOSES
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.staff.roles import RecordType, Verb

_MOST_OF_SELECTORS: Final = 3_000
_CONCLUSIONS: Final = {
    Conclusion.RETRACT: "Take it off the list now, and keep it off",
    Conclusion.KEEP: "What the list says of it is right",
    Conclusion.NOTHING: "Nothing is to be done",
}


@get("/challenges", sync_to_thread=True)
def challenges_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    show: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Page:
    """List what one is to answer, and what is to be reviewed: of one of these any page."""
    return _all(visit, desk, rendering, at={show: page})


@post("/challenges", sync_to_thread=True)
def record(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Write a challenge down."""
    require(visit, Verb.ADD, RecordType.CHALLENGE)
    form = visit.form

    def do() -> str:
        typed = form.text("selectors", most=_MOST_OF_SELECTORS)
        selectors = challenged(typed, form.line("region"))
        reference = reference_of(form.line("reference"))
        ground = ground_of(form.line("ground", most=MOST_OF_REASON))
        desk.curation.challenges.record(visit.who, selectors, reference, ground)
        return "/challenges"

    return rendering.after(visit, do, lambda problem: _all(visit, desk, rendering, problem=problem))


@get("/challenges/{challenge_id:uuid}", sync_to_thread=True)
def challenge_page(
    challenge_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show one to whoever looks into it."""
    return _masked(challenge_id, visit, desk, rendering)


@post("/challenges/{challenge_id:uuid}/reveal", sync_to_thread=True)
def reveal(
    challenge_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show it with its selectors, this once."""
    require(visit, Verb.REVEAL, RecordType.CHALLENGE, "canonical")
    try:
        why = purpose_of(visit.form)
        shown = desk.curation.reviewing.revealed(visit.who, challenge_id, why)
    except FormRefused as error:
        return _masked(challenge_id, visit, desk, rendering, problem=error)
    return _one(visit, rendering, shown)


@post("/challenges/{challenge_id:uuid}/answer", sync_to_thread=True)
def answered(
    challenge_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Note that the person was answered."""
    require(visit, Verb.CHANGE, RecordType.CHALLENGE, "answer")

    def do() -> str:
        desk.curation.challenges.answered(visit.who, challenge_id)
        return "/challenges"

    return rendering.after(visit, do, lambda problem: _all(visit, desk, rendering, problem=problem))


@post("/challenges/{challenge_id:uuid}/conclusions", sync_to_thread=True)
def conclude(
    challenge_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Write down what was found of one of its selectors."""
    require(visit, Verb.CHANGE, RecordType.CHALLENGE, "conclusion")
    form = visit.form

    def do() -> str:
        try:
            chosen = "".join(form.all("conclusion"))
            conclusion, of = Conclusion(chosen), UUID(form.text("selector"))
        except ValueError:
            raise FormRefused("choose what is to become of it") from None
        finding = Finding(of, conclusion, form.line("reason", most=MOST_OF_REASON))
        password = form.text("password")
        desk.curation.reviewing.conclude(visit.who, challenge_id, finding, password)
        return f"/challenges/{challenge_id}"

    again = partial(_refused, challenge_id, visit, desk, rendering=rendering)
    return rendering.after(visit, do, again)


@post("/challenges/{challenge_id:uuid}/closing", sync_to_thread=True)
def close(
    challenge_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Close one that was changed outside of the console, as it is recorded anew."""
    require(visit, Verb.CHANGE, RecordType.CHALLENGE, "closing")
    form = visit.form

    def do() -> str:
        reason = form.line("reason", most=MOST_OF_REASON)
        desk.curation.reviewing.close(visit.who, challenge_id, reason, form.text("password"))
        return f"/challenges/{challenge_id}"

    again = partial(_refused, challenge_id, visit, desk, rendering=rendering)
    return rendering.after(visit, do, again)


def _refused(
    challenge_id: UUID, visit: Visit, desk: Desk, problem: FormRefused, *, rendering: Rendering
) -> Page:
    return _masked(challenge_id, visit, desk, rendering, problem=problem)


def _masked(
    challenge_id: UUID,
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    problem: FormRefused | None = None,
) -> Page:
    try:
        shown = desk.curation.reviewing.one(visit.who, challenge_id)
    except FormRefused as error:
        return _all(visit, desk, rendering, problem=problem or error)
    return _one(visit, rendering, shown, problem=problem)


def _one(
    visit: Visit, rendering: Rendering, shown: ShownChallenge, *, problem: FormRefused | None = None
) -> Page:
    return rendering.page(
        visit,
        "challenge.html",
        problem=problem,
        challenge=shown,
        conclusions={one.value: words for one, words in _CONCLUSIONS.items()},
        purposes=PURPOSES,
    )


def _all(
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    at: Mapping[str, int] = MappingProxyType({}),
    problem: FormRefused | None = None,
) -> Page:
    """Show the lists, each `at` a page, the first where none is given."""
    who, challenges, reviewing = visit.who, desk.curation.challenges, desk.curation.reviewing
    may_record = visit.privileges.may(Verb.ADD, RecordType.CHALLENGE)
    may_see = visit.privileges.may(Verb.READ, RecordType.CHALLENGE, "recorded_by")
    if not may_record:
        require(visit, Verb.READ, RecordType.CHALLENGE)
    return rendering.page(
        visit,
        "challenges.html",
        problem=problem,
        own=challenges.own(who, page=at.get("own", 1)) if may_record else [],
        waiting=reviewing.open(who, page=at.get("waiting", 1)) if may_see else [],
        own_waiting=reviewing.open(who, own=True, page=at.get("own_waiting", 1)) if may_see else [],
        answer=ANSWER,
        most=MOST_SELECTORS,
    )


HANDLERS = (challenges_page, record, challenge_page, reveal, answered, conclude, close)
