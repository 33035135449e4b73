"""Where one goes from any page: the bar above it and the start page lead to the same."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import RecordType, Verb


class Doing(NamedTuple):
    """What one does at a place, for those who may do this with records of this type."""

    verb: Verb
    record_type: RecordType
    what: str


class Place(NamedTuple):
    """A page, for those who may do this with any field of records of this type.

    `what` is what one finds there, which the start page says; `doing` what it says in place of that
    to those who may do more there.
    """

    path: str
    name: str
    verb: Verb
    record_type: RecordType
    what: str
    doing: Doing | None = None


_KEEPING: Final = (
    Place(
        "/check",
        "Check one",
        Verb.READ,
        RecordType.ENTRY,
        "Whether a phone, card or e-mail is on the list; add it, or take it off.",
    ),
    Place(
        "/imports",
        "Import",
        Verb.ADD,
        RecordType.UPLOAD,
        "A table, a workbook, a bundle or a text: look it through, and make a draft of it.",
    ),
    Place(
        "/review",
        "Changes",
        Verb.READ,
        RecordType.CHANGE,
        "What was proposed, approved and taken off, and by whom.",
        Doing(
            Verb.CHANGE,
            RecordType.CHANGE,
            "Your drafts, what waits for approval, retractions to be reviewed.",
        ),
    ),
    Place(
        "/versions",
        "Versions",
        Verb.READ,
        RecordType.VERSION,
        "What each file made of the lists, and the way back.",
    ),
    Place(
        "/safety-lists",
        "Safety lists",
        Verb.READ,
        RecordType.SAFETY_RULE,
        "What is never listed, and why.",
    ),
    Place(
        "/challenges",
        "Challenges",
        Verb.READ,
        RecordType.CHALLENGE,
        "Of people who think that they are listed.",
    ),
)
_BEYOND: Final = (
    Place(
        "/disclosures",
        "Resolve a receipt",
        Verb.ADD,
        RecordType.DISCLOSURE,
        "What lies behind a match that a company was told of.",
    ),
    Place(
        "/exports",
        "Exports",
        Verb.READ,
        RecordType.BULK_EXPORT,
        "What lies behind many receipts, in one file, which takes two people.",
    ),
    Place(
        "/partners",
        "Partners",
        Verb.READ,
        RecordType.PARTNER,
        "How they stand.",
        Doing(
            Verb.ADD,
            RecordType.PARTNER_ORDER,
            "How they stand; suspend one, have one answered again.",
        ),
    ),
    Place(
        "/feedback",
        "Feedback",
        Verb.READ,
        RecordType.FEEDBACK,
        "What partners say of matches.",
    ),
    Place(
        "/notices",
        "Notices",
        Verb.READ,
        RecordType.NOTICE,
        "Which partners matched what was taken off since, and may have to hear of it.",
    ),
)
_PEOPLE: Final = (
    Place(
        "/staff",
        "Staff",
        Verb.READ,
        RecordType.STAFF,
        "Who works here, and with which roles.",
    ),
    Place(
        "/audit",
        "Audit",
        Verb.READ,
        RecordType.JOURNAL,
        "What everybody here did and saw; take it away, verify it.",
    ),
)
_OWN: Final = (
    Place(
        "/signing-key",
        "Your signing key",
        Verb.READ,
        RecordType.SIGNING_KEY,
        "What you sign changes with.",
    ),
    Place(
        "/account",
        "Your account",
        Verb.READ,
        RecordType.OWN_ACCOUNT,
        "Your password and your recovery codes.",
    ),
)
GROUPS: Final = {
    "Keeping the list": _KEEPING,
    "Beyond the list": _BEYOND,
    "People": _PEOPLE,
    "Yours": _OWN,
}


def places_of(privileges: Privileges) -> Iterator[tuple[str, Sequence[Place]]]:
    """Yield the groups that somebody may go to anything of, each with what that is."""
    for name, places in GROUPS.items():
        found = [
            _told(one, privileges) for one in places if privileges.may(one.verb, one.record_type)
        ]
        if found:
            yield name, found


def _told(place: Place, privileges: Privileges) -> Place:
    doing = place.doing
    if doing is None or not privileges.may(doing.verb, doing.record_type):
        return place
    return place._replace(what=doing.what)
