"""What each role reaches, as data: role x record type x verb x fields.

What is not granted here is refused. Pages show and take what it says, and the test of the whole
matrix walks them.
"""

from typing import Final, NamedTuple

from intelligence.staff.roles import (
    ASKED,
    DESCRIBING,
    FIELDS,
    NAMES_SOMEBODY,
    OF_BULK,
    OF_CHANGE,
    OF_ENTRY,
    OF_FEEDBACK,
    OF_ORDER,
    OF_RECORDED,
    OF_REQUEST,
    OF_RULE_ORDER,
    RecordType,
    Role,
    Verb,
)


class Grant(NamedTuple):
    """Holders of the role may do this with these fields of records of this type."""

    role: Role
    record_type: RecordType
    verb: Verb
    fields: frozenset[str]


_COLLEAGUE: Final = frozenset(("name", "display_name", "roles", "is_changed"))
_SHOWN_OF_STAFF: Final = FIELDS[RecordType.STAFF] - {"invitation"}
_SHOWN_OF_OWN: Final = FIELDS[RecordType.OWN_ACCOUNT] - {"password"}

_OF_STAFF: Final = (
    Grant(Role.ADMINISTRATOR, RecordType.STAFF, Verb.READ, _SHOWN_OF_STAFF),
    Grant(Role.ADMINISTRATOR, RecordType.STAFF, Verb.ADD, DESCRIBING),
    Grant(
        Role.ADMINISTRATOR,
        RecordType.STAFF,
        Verb.CHANGE,
        frozenset(("display_name", "roles", "state", "second_factor", "invitation")),
    ),
    Grant(Role.AUDITOR, RecordType.STAFF, Verb.READ, _SHOWN_OF_STAFF),
    *(
        grant
        for role in (Role.ADMINISTRATOR, Role.APPROVER)
        for grant in (
            # Whom a second person lets in, they have to be shown.
            Grant(role, RecordType.STAFF_REQUEST, Verb.READ, OF_REQUEST),
            Grant(role, RecordType.STAFF_REQUEST, Verb.CHANGE, frozenset(("decision",))),
        )
    ),
    Grant(Role.AUDITOR, RecordType.STAFF_REQUEST, Verb.READ, OF_REQUEST),
    # Who works together knows who else is there, and whom to ask for an approval.
    Grant(Role.CURATOR, RecordType.STAFF, Verb.READ, _COLLEAGUE),
    Grant(Role.APPROVER, RecordType.STAFF, Verb.READ, _COLLEAGUE),
)
_OF_OWN_ACCOUNT: Final = tuple(
    grant
    for role in Role
    for grant in (
        Grant(role, RecordType.OWN_ACCOUNT, Verb.READ, _SHOWN_OF_OWN),
        Grant(role, RecordType.OWN_ACCOUNT, Verb.CHANGE, frozenset(("password", "recovery_codes"))),
    )
)

_OF_CURATION: Final = (
    Grant(Role.CURATOR, RecordType.CHANGE, Verb.ADD, OF_ENTRY),
    # One's own alone: nobody has looked through them yet.
    Grant(Role.CURATOR, RecordType.UPLOAD, Verb.ADD, FIELDS[RecordType.UPLOAD]),
    Grant(Role.CURATOR, RecordType.UPLOAD, Verb.READ, FIELDS[RecordType.UPLOAD]),
    Grant(
        Role.CURATOR, RecordType.CHANGE, Verb.CHANGE, frozenset(("submission", "review", "note"))
    ),
    Grant(Role.APPROVER, RecordType.CHANGE, Verb.CHANGE, frozenset(("approval", "review", "note"))),
    *(
        grant
        for role in (Role.CURATOR, Role.APPROVER)
        for grant in (
            Grant(role, RecordType.ENTRY, Verb.READ, OF_ENTRY),
            Grant(role, RecordType.CHANGE, Verb.READ, OF_ENTRY | OF_CHANGE),
            # Who signs has to see what; each look is on record, with its purpose.
            Grant(role, RecordType.ENTRY, Verb.REVEAL, frozenset(("canonical",))),
            Grant(role, RecordType.CHANGE, Verb.REVEAL, frozenset(("canonical",))),
            # One person alone: whoever is listed wrongly is not to wait for a second.
            Grant(role, RecordType.RETRACTION, Verb.ADD, FIELDS[RecordType.RETRACTION]),
            Grant(role, RecordType.VERSION, Verb.READ, FIELDS[RecordType.VERSION]),
            Grant(role, RecordType.SIGNING_KEY, Verb.READ, frozenset(("id", "public"))),
            Grant(role, RecordType.SIGNING_KEY, Verb.CHANGE, frozenset(("private",))),
        )
    ),
    # Who looks at what others do sees when and by whom, and not of whom.
    Grant(Role.AUDITOR, RecordType.CHANGE, Verb.READ, (OF_ENTRY | OF_CHANGE) - NAMES_SOMEBODY),
    Grant(Role.AUDITOR, RecordType.VERSION, Verb.READ, FIELDS[RecordType.VERSION]),
    Grant(Role.AUDITOR, RecordType.JOURNAL, Verb.READ, FIELDS[RecordType.JOURNAL]),
    # As a file: all of it at once, which leaves the console.
    Grant(Role.AUDITOR, RecordType.JOURNAL, Verb.REVEAL, FIELDS[RecordType.JOURNAL]),
)

_OF_LEDGER: Final = tuple(
    Grant(role, RecordType.LEDGER, Verb.READ, frozenset(("missing",)))
    for role in Role
    if role is not Role.AUTHORISED_USER
)

_OF_DISCLOSURE: Final = (
    Grant(Role.ANALYST, RecordType.DISCLOSURE, Verb.ADD, ASKED),
    Grant(Role.ANALYST, RecordType.DISCLOSURE, Verb.READ, FIELDS[RecordType.DISCLOSURE]),
    Grant(Role.ANALYST, RecordType.SIGHTING, Verb.READ, FIELDS[RecordType.SIGHTING]),
    Grant(Role.AUTHORISED_USER, RecordType.DISCLOSURE, Verb.ADD, ASKED),
    # Who has told of a selector and what they wrote, and which companies have seen it, stays here.
    Grant(
        Role.AUTHORISED_USER,
        RecordType.DISCLOSURE,
        Verb.READ,
        FIELDS[RecordType.DISCLOSURE] - {"list", "source", "reason", "review_by", "partner"},
    ),
    # A country names no company, and tells them which authority to turn to.
    Grant(
        Role.AUTHORISED_USER,
        RecordType.SIGHTING,
        Verb.READ,
        frozenset(("at", "kind", "booking_region", "far_apart")),
    ),
    *(
        grant
        for role in (Role.ANALYST, Role.AUTHORISED_USER)
        for grant in (
            Grant(role, RecordType.FOLLOW, Verb.READ, FIELDS[RecordType.FOLLOW]),
            Grant(role, RecordType.FOLLOW, Verb.ADD, frozenset(("receipt",))),
            Grant(role, RecordType.FOLLOW, Verb.CHANGE, frozenset(("receipt",))),
        )
    ),
)

_READ_OF_ORDERS: Final = OF_ORDER | OF_CHANGE

_OF_PARTNERS: Final = (
    Grant(Role.PARTNER_MANAGER, RecordType.PARTNER_ORDER, Verb.ADD, OF_ORDER),
    # The one's alone who has ordered it: it is sealed to them.
    Grant(Role.PARTNER_MANAGER, RecordType.PARTNER_ORDER, Verb.REVEAL, frozenset(("kit",))),
    Grant(
        Role.PARTNER_MANAGER,
        RecordType.PARTNER_ORDER,
        Verb.CHANGE,
        frozenset(("submission", "approval", "review", "note")),
    ),
    Grant(
        Role.APPROVER,
        RecordType.PARTNER_ORDER,
        Verb.CHANGE,
        frozenset(("approval", "review", "note")),
    ),
    Grant(Role.PARTNER_MANAGER, RecordType.SIGNING_KEY, Verb.READ, frozenset(("id", "public"))),
    Grant(Role.PARTNER_MANAGER, RecordType.SIGNING_KEY, Verb.CHANGE, frozenset(("private",))),
    *(
        grant
        for role in (Role.PARTNER_MANAGER, Role.APPROVER, Role.AUDITOR)
        for grant in (
            Grant(role, RecordType.PARTNER, Verb.READ, FIELDS[RecordType.PARTNER]),
            Grant(role, RecordType.PARTNER_ORDER, Verb.READ, _READ_OF_ORDERS),
        )
    ),
    # Why a partner is told that something was taken off says of whom: beside a challenge that one
    # has recorded, it would tell what became of it.
    Grant(Role.APPROVER, RecordType.PARTNER_ORDER, Verb.READ, frozenset(("notice_reason",))),
)

_SHOWN_OF_BULK: Final = OF_BULK | {"purpose", "case_number"}
_OF_BULK_EXPORT: Final = (
    *(
        grant
        for role in (Role.ANALYST, Role.AUTHORISED_USER)
        for grant in (
            Grant(
                role,
                RecordType.BULK_EXPORT,
                Verb.ADD,
                frozenset(("receipts", "purpose", "case_number")),
            ),
            Grant(role, RecordType.BULK_EXPORT, Verb.READ, _SHOWN_OF_BULK),
            Grant(role, RecordType.BULK_EXPORT, Verb.REVEAL, frozenset(("file",))),
        )
    ),
    # Who decides sees who asks for how much and what for, and nothing of what is in it.
    *(
        grant
        for role in (Role.ANALYST, Role.APPROVER)
        for grant in (
            Grant(role, RecordType.BULK_EXPORT, Verb.CHANGE, frozenset(("decision",))),
            Grant(role, RecordType.BULK_EXPORT, Verb.READ, _SHOWN_OF_BULK),
        )
    ),
)

_OF_FEEDBACK_GIVEN: Final = tuple(
    grant
    for role in (Role.CURATOR, Role.APPROVER)
    for grant in (
        Grant(role, RecordType.FEEDBACK, Verb.READ, OF_FEEDBACK | {"kind", "canonical"}),
        Grant(role, RecordType.FEEDBACK, Verb.CHANGE, frozenset(("note",))),
        # Who takes off a false entry has those told who were told of it.
        Grant(role, RecordType.NOTICE, Verb.READ, frozenset(("partner", "matches"))),
        Grant(role, RecordType.NOTICE, Verb.ADD, FIELDS[RecordType.NOTICE]),
    )
) + tuple(
    # That a partner says so, and not of whom.
    Grant(role, RecordType.FEEDBACK, Verb.READ, OF_FEEDBACK)
    for role in (Role.PARTNER_MANAGER, Role.AUDITOR)
)

_TELLS_WHOSE: Final = frozenset(("value", "note", "source", "reason"))
_OF_SAFETY_LISTS: Final = (
    Grant(Role.CURATOR, RecordType.SAFETY_ORDER, Verb.ADD, OF_RULE_ORDER),
    Grant(Role.CURATOR, RecordType.SAFETY_ORDER, Verb.CHANGE, frozenset(("submission", "note"))),
    Grant(Role.APPROVER, RecordType.SAFETY_ORDER, Verb.CHANGE, frozenset(("approval", "note"))),
    *(
        grant
        for role in (Role.CURATOR, Role.APPROVER)
        for grant in (
            Grant(role, RecordType.SAFETY_RULE, Verb.READ, FIELDS[RecordType.SAFETY_RULE]),
            Grant(role, RecordType.SAFETY_ORDER, Verb.READ, OF_RULE_ORDER | OF_CHANGE),
        )
    ),
    # A value may be a shelter's own number: who looks at what others do needs to know of what kind.
    Grant(
        Role.AUDITOR,
        RecordType.SAFETY_RULE,
        Verb.READ,
        FIELDS[RecordType.SAFETY_RULE] - _TELLS_WHOSE,
    ),
    Grant(
        Role.AUDITOR,
        RecordType.SAFETY_ORDER,
        Verb.READ,
        (OF_RULE_ORDER | OF_CHANGE) - _TELLS_WHOSE,
    ),
)

_OF_CHALLENGE: Final = (
    *(
        grant
        for role in (Role.CURATOR, Role.APPROVER, Role.PARTNER_MANAGER)
        for grant in (
            # Whoever takes a letter is told nothing of the list by it, nor by what becomes of it.
            Grant(
                role,
                RecordType.CHALLENGE,
                Verb.ADD,
                frozenset(("canonical", "reference", "ground")),
            ),
            Grant(role, RecordType.CHALLENGE, Verb.READ, OF_RECORDED),
            Grant(role, RecordType.CHALLENGE, Verb.CHANGE, frozenset(("answer",))),
        )
    ),
    *(
        grant
        for role in (Role.CURATOR, Role.APPROVER)
        for grant in (
            Grant(role, RecordType.CHALLENGE, Verb.READ, FIELDS[RecordType.CHALLENGE]),
            Grant(role, RecordType.CHALLENGE, Verb.REVEAL, frozenset(("canonical",))),
            Grant(role, RecordType.CHALLENGE, Verb.CHANGE, frozenset(("conclusion", "closing"))),
        )
    ),
    Grant(
        Role.AUDITOR,
        RecordType.CHALLENGE,
        Verb.READ,
        frozenset(("recorded_by", "recorded_at", "due_at", "state")),
    ),
)

GRANTS: Final = (
    *(*_OF_STAFF, *_OF_OWN_ACCOUNT, *_OF_CURATION, *_OF_LEDGER),
    *(*_OF_DISCLOSURE, *_OF_BULK_EXPORT, *_OF_PARTNERS, *_OF_FEEDBACK_GIVEN),
    *(*_OF_SAFETY_LISTS, *_OF_CHALLENGE),
)

PROVED_ANEW: Final = frozenset(
    (
        (RecordType.STAFF, Verb.ADD),
        (RecordType.STAFF, Verb.CHANGE),
        (RecordType.STAFF_REQUEST, Verb.CHANGE),
        (RecordType.OWN_ACCOUNT, Verb.CHANGE),
        (RecordType.SIGNING_KEY, Verb.CHANGE),
        (RecordType.BULK_EXPORT, Verb.ADD),
        (RecordType.BULK_EXPORT, Verb.CHANGE),
        (RecordType.BULK_EXPORT, Verb.REVEAL),
        (RecordType.JOURNAL, Verb.REVEAL),
    )
)
"""What is done by nobody alone who has found a desk or taken a cookie: password and second factor
were given within `accounts.PROOF_S`."""
