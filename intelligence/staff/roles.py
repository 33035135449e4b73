"""What each role reaches, as data: role x record type x verb x fields.

What is not granted here is refused. Another room adds its record types to `FIELDS` and their grants
to `GRANTS`; pages then show and take what these say, and the test of the whole matrix walks them.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class Role(StrEnum):
    """What somebody is here for; a person may have several, an authorised user that one alone."""

    CURATOR = "curator"
    APPROVER = "approver"
    ANALYST = "analyst"
    PARTNER_MANAGER = "partner_manager"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    AUTHORISED_USER = "authorised_user"


ROLE_NAMES: Final[Mapping[Role, str]] = {
    Role.CURATOR: "Curator",
    Role.APPROVER: "Approver",
    Role.ANALYST: "Analyst",
    Role.PARTNER_MANAGER: "Partner manager",
    Role.AUDITOR: "Auditor",
    Role.ADMINISTRATOR: "Administrator",
    Role.AUTHORISED_USER: "Authorised user (external)",
}


class RecordType(StrEnum):
    """What a privilege is on."""

    STAFF = "staff"
    STAFF_REQUEST = "staff_request"
    OWN_ACCOUNT = "own_account"
    SIGNING_KEY = "signing_key"
    ENTRY = "entry"
    CHANGE = "change"
    UPLOAD = "upload"
    RETRACTION = "retraction"
    VERSION = "version"
    JOURNAL = "journal"
    DISCLOSURE = "disclosure"
    SIGHTING = "sighting"
    FOLLOW = "follow"
    FEEDBACK = "feedback"
    NOTICE = "notice"
    PARTNER = "partner"
    PARTNER_ORDER = "partner_order"
    BULK_EXPORT = "bulk_export"


class Verb(StrEnum):
    """What a privilege permits: to see a field, to change it, to fill it in for a new record.

    A selector that one may read is masked; to reveal it is to see it whole, for a purpose.
    """

    READ = "read"
    REVEAL = "reveal"
    CHANGE = "change"
    ADD = "add"


_OF_ENTRY: Final = frozenset(
    (
        "kind",
        "canonical",
        "list",
        "source",
        "role",
        "reason",
        "confidence",
        "jurisdictions",
        "first_seen",
        "last_seen",
        "review_by",
        "expires_at",
    )
)
_OF_CHANGE: Final = frozenset(("state", "author", "decided_by", "outcome"))
_OF_MATCH: Final = frozenset(("receipt", "matched_at", "partner"))
_OF_ORDER: Final = frozenset(
    (
        "partner",
        "operation",
        "reason",
        "mode",
        "scopes",
        "api_url",
        "entitlement",
        "overlap_days",
    )
)
_OF_FEEDBACK: Final = frozenset(("at", "partner", "receipt", "outcome"))
_ASKED: Final = frozenset(("receipt", "purpose", "case_number"))
_OF_BULK: Final = frozenset(("asked_by", "organisation", "asked", "state", "expires_at"))
_DESCRIBING: Final = frozenset(
    ("name", "display_name", "roles", "organisation", "legal_basis", "expires_at")
)
_OF_REQUEST: Final = _DESCRIBING | {"wish", "requested_by"}
_NAMES_SOMEBODY: Final = frozenset(("canonical", "reason"))

FIELDS: Final[Mapping[RecordType, frozenset[str]]] = {
    RecordType.STAFF: _DESCRIBING
    | {"state", "second_factor", "created_at", "last_log_in_at", "invitation"},
    RecordType.STAFF_REQUEST: _OF_REQUEST | {"decision"},
    RecordType.OWN_ACCOUNT: _DESCRIBING | {"last_log_in_at", "recovery_codes", "password"},
    RecordType.SIGNING_KEY: frozenset(("id", "public", "private")),
    RecordType.ENTRY: _OF_ENTRY,
    RecordType.CHANGE: _OF_ENTRY | _OF_CHANGE | {"submission", "approval", "review", "note"},
    RecordType.UPLOAD: frozenset(("file", "format", "columns", "rows")),
    RecordType.RETRACTION: frozenset(("kind", "canonical", "reason")),
    RecordType.JOURNAL: frozenset(("at", "actor", "event", "facts")),
    RecordType.VERSION: frozenset(
        (
            "sequence",
            "state",
            "written_at",
            "told_at",
            "release",
            "outcome",
            "statements",
            "people",
            "begun",
            "ended",
        )
    ),
    RecordType.DISCLOSURE: _OF_ENTRY | _OF_MATCH | _ASKED,
    RecordType.SIGHTING: frozenset(("at", "partner", "kind", "receipt")),
    RecordType.FOLLOW: frozenset(("receipt", "case_number", "new_sightings")),
    RecordType.FEEDBACK: _OF_FEEDBACK | {"kind", "canonical", "note"},
    RecordType.NOTICE: frozenset(("partner", "matches", "reason")),
    RecordType.PARTNER: frozenset(
        ("name", "state", "mode", "trouble", "token_keys", "api_keys", "limits", "matches")
    ),
    RecordType.PARTNER_ORDER: _OF_ORDER
    | _OF_CHANGE
    | {"submission", "approval", "review", "note", "kit"},
    RecordType.BULK_EXPORT: _OF_BULK | {"receipts", "purpose", "case_number", "decision", "file"},
}


class Grant(NamedTuple):
    """Holders of the role may do this with these fields of records of this type."""

    role: Role
    record_type: RecordType
    verb: Verb
    fields: frozenset[str]


_COLLEAGUE: Final = frozenset(("name", "display_name", "roles"))
_SHOWN_OF_STAFF: Final = FIELDS[RecordType.STAFF] - {"invitation"}
_SHOWN_OF_OWN: Final = FIELDS[RecordType.OWN_ACCOUNT] - {"password"}

_OF_STAFF: Final = (
    Grant(Role.ADMINISTRATOR, RecordType.STAFF, Verb.READ, _SHOWN_OF_STAFF),
    Grant(Role.ADMINISTRATOR, RecordType.STAFF, Verb.ADD, _DESCRIBING),
    Grant(
        Role.ADMINISTRATOR,
        RecordType.STAFF,
        Verb.CHANGE,
        frozenset(("roles", "state", "second_factor", "invitation")),
    ),
    Grant(Role.AUDITOR, RecordType.STAFF, Verb.READ, _SHOWN_OF_STAFF),
    *(
        grant
        for role in (Role.ADMINISTRATOR, Role.APPROVER)
        for grant in (
            # Whom a second person lets in, they have to be shown.
            Grant(role, RecordType.STAFF_REQUEST, Verb.READ, _OF_REQUEST),
            Grant(role, RecordType.STAFF_REQUEST, Verb.CHANGE, frozenset(("decision",))),
        )
    ),
    Grant(Role.AUDITOR, RecordType.STAFF_REQUEST, Verb.READ, _OF_REQUEST),
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
    Grant(Role.CURATOR, RecordType.CHANGE, Verb.ADD, _OF_ENTRY),
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
            Grant(role, RecordType.ENTRY, Verb.READ, _OF_ENTRY),
            Grant(role, RecordType.CHANGE, Verb.READ, _OF_ENTRY | _OF_CHANGE),
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
    Grant(Role.AUDITOR, RecordType.CHANGE, Verb.READ, (_OF_ENTRY | _OF_CHANGE) - _NAMES_SOMEBODY),
    Grant(Role.AUDITOR, RecordType.VERSION, Verb.READ, FIELDS[RecordType.VERSION]),
    Grant(Role.AUDITOR, RecordType.JOURNAL, Verb.READ, FIELDS[RecordType.JOURNAL]),
)

_OF_DISCLOSURE: Final = (
    Grant(Role.ANALYST, RecordType.DISCLOSURE, Verb.ADD, _ASKED),
    Grant(Role.ANALYST, RecordType.DISCLOSURE, Verb.READ, FIELDS[RecordType.DISCLOSURE]),
    Grant(Role.ANALYST, RecordType.SIGHTING, Verb.READ, FIELDS[RecordType.SIGHTING]),
    Grant(Role.AUTHORISED_USER, RecordType.DISCLOSURE, Verb.ADD, _ASKED),
    # Who has told of a selector and what they wrote, and which companies have seen it, stays here.
    Grant(
        Role.AUTHORISED_USER,
        RecordType.DISCLOSURE,
        Verb.READ,
        FIELDS[RecordType.DISCLOSURE] - {"list", "source", "reason", "review_by", "partner"},
    ),
    Grant(Role.AUTHORISED_USER, RecordType.SIGHTING, Verb.READ, frozenset(("at", "kind"))),
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

_READ_OF_ORDERS: Final = _OF_ORDER | _OF_CHANGE

_OF_PARTNERS: Final = (
    Grant(Role.PARTNER_MANAGER, RecordType.PARTNER_ORDER, Verb.ADD, _OF_ORDER),
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
)

_SHOWN_OF_BULK: Final = _OF_BULK | {"purpose", "case_number"}
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
        Grant(role, RecordType.FEEDBACK, Verb.READ, _OF_FEEDBACK | {"kind", "canonical"}),
        Grant(role, RecordType.FEEDBACK, Verb.CHANGE, frozenset(("note",))),
        # Who takes off a false entry has those told who were told of it.
        Grant(role, RecordType.NOTICE, Verb.READ, frozenset(("partner", "matches"))),
        Grant(role, RecordType.NOTICE, Verb.ADD, FIELDS[RecordType.NOTICE]),
    )
) + tuple(
    # That a partner says so, and not of whom.
    Grant(role, RecordType.FEEDBACK, Verb.READ, _OF_FEEDBACK)
    for role in (Role.PARTNER_MANAGER, Role.AUDITOR)
)

GRANTS: Final = (
    *(*_OF_STAFF, *_OF_OWN_ACCOUNT, *_OF_CURATION),
    *(*_OF_DISCLOSURE, *_OF_BULK_EXPORT, *_OF_PARTNERS, *_OF_FEEDBACK_GIVEN),
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
    )
)
"""What is done by nobody alone who has found a desk or taken a cookie: password and second factor
were given within `accounts.PROOF_S`."""
