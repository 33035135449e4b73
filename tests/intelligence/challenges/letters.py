"""Challenges of a test: recorded, and concluded."""

from uuid import UUID

from intelligence.challenges.recording import Recorded
from intelligence.challenges.reviewing import Finding
from intelligence.challenges.shown import Challenged
from intelligence.challenges.tables import Conclusion
from intelligence.curation.recognising import recognise
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD, Person

LISTED, UNLISTED = "+1 202 555 0142", "+1 202 555 0177"


def recorded(desk: Desk, by: Person, *values: str) -> UUID:
    selectors = [recognise(one) for one in values]
    return desk.challenges.record(by.who, selectors, "L 7/26", "it is their own shop's number")


def selectors_of(desk: Desk, challenge_id: UUID, by: Person | None = None) -> dict[str, Challenged]:
    """Return the selectors of a challenge, by how they are spelled when they are masked."""
    shown = desk.reviewing.one((by or desk.abel).who, challenge_id)
    return {str(one.record["canonical"]): one for one in shown.selectors}


def conclude(
    desk: Desk, challenge_id: UUID, conclusion: Conclusion, *, by: Person | None = None
) -> None:
    reviewer = by or desk.bo  # who has listed nothing here
    for one in selectors_of(desk, challenge_id, reviewer).values():
        finding = Finding(one.id, conclusion, "what we found")
        desk.reviewing.conclude(reviewer.who, challenge_id, finding, PASSWORD)


def told(desk: Desk, who: Person) -> list[Recorded]:
    return desk.challenges.own(who.who)


def find(desk: Desk, challenge_id: UUID, by: Person, conclusion: Conclusion) -> None:
    """Conclude of the only selector of a challenge."""
    ((_, one),) = selectors_of(desk, challenge_id, by).items()
    desk.reviewing.conclude(by.who, challenge_id, Finding(one.id, conclusion, "as found"), PASSWORD)
