"""Who there is, and of what: roles, record types with their fields, and what is done with them.

Another room adds its record types to `FIELDS`, and who reaches them to `grants.py`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


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


ROLE_TASKS: Final[Mapping[Role, str]] = {
    Role.CURATOR: (
        "Checks a selector, writes what a source says of it, signs and submits that, takes somebody"
        " off the list, orders a rule of the safety lists."
    ),
    Role.APPROVER: (
        "Looks at what a colleague has submitted, signs or refuses it, takes somebody off the list;"
        " confirms who is let in where there is no second administrator."
    ),
    Role.ANALYST: "Resolves receipts, exports many of them, approves those of colleagues.",
    Role.PARTNER_MANAGER: "Keeps the partners: orders, suspends, resumes; records challenges.",
    Role.AUDITOR: "Looks at what everybody did and saw, and changes nothing; has no other role.",
    Role.ADMINISTRATOR: "Adds people, changes their roles and access; sees nothing of the list.",
    Role.AUTHORISED_USER: (
        "Resolves receipts for an authority, from outside, until a last day; has no other role."
    ),
}
"""What holders of a role do here: the form that gives it says so, and docs/curation.md."""


UNREADABLE_ROLE: Final = "unreadable"
"""What stands for a role that there is not: somebody has written it in the database."""


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
    LEDGER = "ledger"
    DISCLOSURE = "disclosure"
    SIGHTING = "sighting"
    FOLLOW = "follow"
    FEEDBACK = "feedback"
    NOTICE = "notice"
    PARTNER = "partner"
    PARTNER_ORDER = "partner_order"
    BULK_EXPORT = "bulk_export"
    SAFETY_RULE = "safety_rule"
    SAFETY_ORDER = "safety_order"
    CHALLENGE = "challenge"


class Verb(StrEnum):
    """What a privilege permits: to see a field, to change it, to fill it in for a new record.

    A selector that one may read is masked; to reveal it is to see it whole, for a purpose.
    """

    READ = "read"
    REVEAL = "reveal"
    CHANGE = "change"
    ADD = "add"


ENTRY_FIELDS: Final = (
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
"""In the order in which they are read."""
OF_ENTRY: Final = frozenset(ENTRY_FIELDS)
OF_CHANGE: Final = frozenset(("state", "author", "decided_by", "reviewed_by", "outcome"))
_OF_MATCH: Final = frozenset(("receipt", "matched_at", "partner", "booking_region"))
OF_ORDER: Final = frozenset(
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
OF_RECORDED: Final = frozenset(("reference", "recorded_at", "due_at", "state", "closing"))
"""Of a challenge, what whoever has recorded it is shown again."""
OF_RULE: Final = frozenset(("kind", "match", "value", "category", "note", "source"))
OF_RULE_ORDER: Final = OF_RULE | {"operation", "reason", "is_wide"}
OF_FEEDBACK: Final = frozenset(("at", "partner", "receipt", "outcome"))
ASKED: Final = frozenset(("receipt", "purpose", "case_number"))
OF_BULK: Final = frozenset(("asked_by", "organisation", "asked", "state", "expires_at"))
DESCRIBING: Final = frozenset(
    ("name", "display_name", "roles", "organisation", "legal_basis", "expires_at")
)
OF_REQUEST: Final = DESCRIBING | {"wish", "new_name", "requested_by"}
NAMES_SOMEBODY: Final = frozenset(("canonical", "reason"))

FIELDS: Final[Mapping[RecordType, frozenset[str]]] = {
    RecordType.STAFF: DESCRIBING
    | {"state", "is_changed", "second_factor", "created_at", "last_log_in_at", "invitation"},
    RecordType.STAFF_REQUEST: OF_REQUEST | {"decision"},
    RecordType.OWN_ACCOUNT: DESCRIBING | {"last_log_in_at", "recovery_codes", "password"},
    RecordType.SIGNING_KEY: frozenset(("id", "public", "private")),
    RecordType.ENTRY: OF_ENTRY,
    RecordType.CHANGE: OF_ENTRY | OF_CHANGE | {"submission", "approval", "review", "note"},
    RecordType.UPLOAD: frozenset(("file", "format", "columns", "rows")),
    RecordType.RETRACTION: frozenset(("kind", "canonical", "reason")),
    RecordType.JOURNAL: frozenset(("at", "actor", "event", "facts")),
    RecordType.LEDGER: frozenset(("missing",)),
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
    RecordType.DISCLOSURE: OF_ENTRY | _OF_MATCH | ASKED,
    RecordType.SIGHTING: frozenset(
        ("at", "partner", "kind", "receipt", "booking_region", "far_apart")
    ),
    RecordType.FOLLOW: frozenset(("receipt", "case_number", "new_sightings", "far_apart")),
    RecordType.FEEDBACK: OF_FEEDBACK | {"kind", "canonical", "note"},
    RecordType.NOTICE: frozenset(("partner", "matches", "reason")),
    RecordType.PARTNER: frozenset(
        (
            *("name", "state", "mode", "trouble", "suspected", "token_keys", "api_keys"),
            *("limits", "matches", "usage"),
        )
    ),
    RecordType.PARTNER_ORDER: OF_ORDER
    | OF_CHANGE
    | {"submission", "approval", "review", "note", "kit", "notice_reason"},
    RecordType.SAFETY_RULE: OF_RULE | {"added_at", "keeps_off"},
    RecordType.SAFETY_ORDER: OF_RULE_ORDER | OF_CHANGE | {"submission", "approval", "note"},
    RecordType.CHALLENGE: OF_RECORDED
    | {
        "recorded_by",
        "canonical",
        "ground",
        "listing",
        "conclusion",
        "reason",
        "answer",
    },
    RecordType.BULK_EXPORT: OF_BULK | {"receipts", "purpose", "case_number", "decision", "file"},
}
