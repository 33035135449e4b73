"""Every request of a whole session: what it needs, and what its form is filled in with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from intelligence.staff.roles import RecordType, Verb
from tests.intelligence.console.canaries import ADDED

STAFF, OWN, REQUEST = RecordType.STAFF, RecordType.OWN_ACCOUNT, RecordType.STAFF_REQUEST
PARTNER, ORDER = RecordType.PARTNER, RecordType.PARTNER_ORDER
ENTRY, CHANGE, KEY = RecordType.ENTRY, RecordType.CHANGE, RecordType.SIGNING_KEY
UPLOAD = RecordType.UPLOAD
CHALLENGE = RecordType.CHALLENGE
RULE, RULE_ORDER = RecordType.SAFETY_RULE, RecordType.SAFETY_ORDER
TOLD: Final = ("role", "region", "sheet", "source", "reason", "confidence", "last_day", "list")
REQUESTS: Final = "/staff/requests"


@dataclass(frozen=True)
class Need:
    """What a request needs: any field of it, or the one that is named."""

    verb: Verb
    record_type: RecordType
    field: str | None = None


NEEDS: Final[Mapping[tuple[str, str], Need | None]] = {
    ("GET", "/"): None,
    ("GET", "/staff"): Need(Verb.READ, STAFF),
    ("GET", "/staff/new"): Need(Verb.ADD, STAFF),
    ("POST", "/staff"): Need(Verb.ADD, STAFF, "name"),
    ("GET", "/staff/{account_id:uuid}"): Need(Verb.READ, STAFF),
    ("POST", "/staff/{account_id:uuid}/display-name"): Need(Verb.CHANGE, STAFF, "display_name"),
    ("POST", "/staff/{account_id:uuid}/roles"): Need(Verb.CHANGE, STAFF, "roles"),
    ("POST", "/staff/{account_id:uuid}/state"): Need(Verb.CHANGE, STAFF, "state"),
    ("POST", "/staff/{account_id:uuid}/second-factor"): Need(Verb.CHANGE, STAFF, "second_factor"),
    ("POST", "/staff/{account_id:uuid}/invitation"): Need(Verb.CHANGE, STAFF, "invitation"),
    ("GET", REQUESTS): Need(Verb.READ, REQUEST),
    ("POST", "/staff/requests/{request_id:uuid}/confirmation"): Need(
        Verb.CHANGE, REQUEST, "decision"
    ),
    ("POST", "/staff/requests/{request_id:uuid}/refusal"): Need(Verb.CHANGE, REQUEST, "decision"),
    ("GET", "/account"): Need(Verb.READ, OWN),
    ("POST", "/account/password"): Need(Verb.CHANGE, OWN, "password"),
    ("POST", "/account/recovery-codes"): Need(Verb.CHANGE, OWN, "recovery_codes"),
    ("GET", "/signing-key"): Need(Verb.READ, KEY),
    ("POST", "/signing-key"): Need(Verb.CHANGE, KEY, "private"),
    ("GET", "/check"): Need(Verb.READ, ENTRY),
    ("POST", "/check"): Need(Verb.READ, ENTRY),
    ("GET", "/checks/{look_id:uuid}"): Need(Verb.READ, ENTRY),
    ("POST", "/changes"): Need(Verb.ADD, CHANGE),
    ("POST", "/lifts"): Need(Verb.ADD, CHANGE),
    ("POST", "/retractions"): Need(Verb.ADD, RecordType.RETRACTION),
    ("GET", "/changes/{change_id:uuid}/progress"): Need(Verb.READ, CHANGE, "state"),
    ("GET", "/imports"): Need(Verb.ADD, UPLOAD),
    ("POST", "/imports"): Need(Verb.ADD, UPLOAD),
    ("GET", "/imports/{upload_id:uuid}"): Need(Verb.READ, UPLOAD),
    ("POST", "/imports/{upload_id:uuid}/told"): Need(Verb.ADD, UPLOAD),
    ("POST", "/imports/{upload_id:uuid}/draft"): Need(Verb.ADD, UPLOAD),
    ("POST", "/imports/{upload_id:uuid}/drop"): Need(Verb.ADD, UPLOAD),
    ("GET", "/disclosures"): Need(Verb.ADD, RecordType.DISCLOSURE),
    ("POST", "/disclosures"): Need(Verb.ADD, RecordType.DISCLOSURE),
    ("GET", "/exports"): Need(Verb.READ, RecordType.BULK_EXPORT),
    ("POST", "/exports"): Need(Verb.ADD, RecordType.BULK_EXPORT),
    ("POST", "/exports/{export_id:uuid}/approval"): Need(Verb.CHANGE, RecordType.BULK_EXPORT),
    ("POST", "/exports/{export_id:uuid}/refusal"): Need(Verb.CHANGE, RecordType.BULK_EXPORT),
    ("POST", "/exports/{export_id:uuid}/file"): Need(Verb.REVEAL, RecordType.BULK_EXPORT),
    ("GET", "/proof"): None,
    ("POST", "/proof"): None,
    ("POST", "/follows"): Need(Verb.ADD, RecordType.FOLLOW),
    ("POST", "/follows/{follow_id:uuid}/end"): Need(Verb.CHANGE, RecordType.FOLLOW),
    ("GET", "/review"): Need(Verb.READ, CHANGE),
    ("GET", "/by-hand"): Need(Verb.READ, ENTRY, "canonical"),
    ("GET", "/audit"): Need(Verb.READ, RecordType.JOURNAL),
    ("POST", "/audit/export"): Need(Verb.REVEAL, RecordType.JOURNAL),
    ("POST", "/audit/verification"): Need(Verb.READ, RecordType.JOURNAL),
    ("GET", "/versions"): Need(Verb.READ, RecordType.VERSION),
    ("GET", "/versions/{sequence:int}"): Need(Verb.READ, RecordType.VERSION),
    ("POST", "/versions/{sequence:int}/rollback"): Need(Verb.ADD, CHANGE),
    ("GET", "/changes/{change_id:uuid}"): Need(Verb.READ, CHANGE),
    ("POST", "/changes/{change_id:uuid}/reveal"): Need(Verb.REVEAL, CHANGE, "canonical"),
    ("GET", "/selectors/{selector_id:uuid}"): Need(Verb.READ, ENTRY),
    ("POST", "/selectors/{selector_id:uuid}/reveal"): Need(Verb.REVEAL, ENTRY, "canonical"),
    ("POST", "/selectors/{selector_id:uuid}/retraction"): Need(Verb.ADD, RecordType.RETRACTION),
    ("POST", "/selectors/{selector_id:uuid}/lift"): Need(Verb.ADD, CHANGE),
    ("POST", "/changes/{change_id:uuid}/submission"): Need(Verb.CHANGE, CHANGE, "submission"),
    ("POST", "/changes/{change_id:uuid}/approval"): Need(Verb.CHANGE, CHANGE, "approval"),
    ("POST", "/changes/{change_id:uuid}/refusal"): Need(Verb.CHANGE, CHANGE, "approval"),
    ("POST", "/changes/{change_id:uuid}/withdrawal"): Need(Verb.CHANGE, CHANGE, "submission"),
    ("POST", "/changes/{change_id:uuid}/review"): Need(Verb.CHANGE, CHANGE, "review"),
    ("POST", "/changes/{change_id:uuid}/note"): Need(Verb.CHANGE, CHANGE, "note"),
    ("GET", "/feedback"): Need(Verb.READ, RecordType.FEEDBACK),
    ("POST", "/feedback/{feedback_id:uuid}/note"): Need(Verb.CHANGE, RecordType.FEEDBACK, "note"),
    ("POST", "/feedback/notes"): Need(Verb.CHANGE, RecordType.FEEDBACK, "note"),
    ("GET", "/notices"): Need(Verb.READ, RecordType.NOTICE),
    ("POST", "/notices/{by:str}"): Need(Verb.ADD, RecordType.NOTICE),
    ("POST", "/notices/{by:str}/dismissal"): Need(Verb.ADD, RecordType.NOTICE),
    ("GET", "/partners"): Need(Verb.READ, PARTNER),
    ("GET", "/partners/{name:str}"): Need(Verb.READ, PARTNER),
    ("POST", "/partners/{name:str}/suspension"): Need(Verb.ADD, ORDER),
    ("POST", "/partners/{name:str}/resumption"): Need(Verb.ADD, ORDER),
    ("POST", "/partners/{name:str}/rotation"): Need(Verb.ADD, ORDER),
    ("GET", "/new-partner"): Need(Verb.ADD, ORDER),
    ("POST", "/partners"): Need(Verb.ADD, ORDER),
    ("GET", "/orders/{change_id:uuid}"): Need(Verb.READ, ORDER),
    ("GET", "/orders/{change_id:uuid}/progress"): Need(Verb.READ, ORDER, "state"),
    ("POST", "/orders/{change_id:uuid}/kit"): Need(Verb.REVEAL, ORDER, "kit"),
    ("POST", "/orders/{change_id:uuid}/approval"): Need(Verb.CHANGE, ORDER, "approval"),
    ("POST", "/orders/{change_id:uuid}/refusal"): Need(Verb.CHANGE, ORDER, "approval"),
    ("POST", "/orders/{change_id:uuid}/withdrawal"): Need(Verb.CHANGE, ORDER, "submission"),
    ("POST", "/orders/{change_id:uuid}/review"): Need(Verb.CHANGE, ORDER, "review"),
    ("POST", "/orders/{change_id:uuid}/note"): Need(Verb.CHANGE, ORDER, "note"),
    ("GET", "/challenges"): Need(Verb.READ, CHALLENGE),
    ("POST", "/challenges"): Need(Verb.ADD, CHALLENGE),
    ("GET", "/challenges/{challenge_id:uuid}"): Need(Verb.READ, CHALLENGE, "canonical"),
    ("POST", "/challenges/{challenge_id:uuid}/reveal"): Need(Verb.REVEAL, CHALLENGE, "canonical"),
    ("POST", "/challenges/{challenge_id:uuid}/answer"): Need(Verb.CHANGE, CHALLENGE, "answer"),
    ("POST", "/challenges/{challenge_id:uuid}/conclusions"): Need(
        Verb.CHANGE, CHALLENGE, "conclusion"
    ),
    ("POST", "/challenges/{challenge_id:uuid}/closing"): Need(Verb.CHANGE, CHALLENGE, "closing"),
    ("GET", "/safety-lists"): Need(Verb.READ, RULE),
    ("POST", "/safety-lists"): Need(Verb.ADD, RULE_ORDER),
    ("POST", "/safety-lists/end"): Need(Verb.ADD, RULE_ORDER),
    ("GET", "/safety-orders/{change_id:uuid}"): Need(Verb.READ, RULE_ORDER),
    ("GET", "/safety-orders/{change_id:uuid}/progress"): Need(Verb.READ, RULE_ORDER, "state"),
    ("POST", "/safety-orders/{change_id:uuid}/approval"): Need(Verb.CHANGE, RULE_ORDER, "approval"),
    ("POST", "/safety-orders/{change_id:uuid}/refusal"): Need(Verb.CHANGE, RULE_ORDER, "approval"),
    ("POST", "/safety-orders/{change_id:uuid}/withdrawal"): Need(
        Verb.CHANGE, RULE_ORDER, "submission"
    ),
    ("POST", "/safety-orders/{change_id:uuid}/note"): Need(Verb.CHANGE, RULE_ORDER, "note"),
}
"""Every request that a whole session can make."""

SENT: Final[Mapping[str, dict[str, str | list[str]]]] = {
    "/staff": {
        "name": "dora",
        "display_name": "Dora",
        "roles": ["analyst"],
        "organisation": "",
        "legal_basis": "",
        "last_day": "",
    },
    "/staff/{account_id:uuid}/display-name": {"display_name": ""},
    "/staff/{account_id:uuid}/roles": {"roles": ["authorised_user"]},
    "/staff/{account_id:uuid}/state": {"to": "enable"},
    "/account/password": {"old": "wrong", "password": "", "again": ""},
    "/account/recovery-codes": {"old": "wrong"},
    "/audit/export": {"person": "", "event": "", "day": ""},
    "/audit/verification": {"person": "", "event": "", "day": ""},
    "/signing-key": {"password": "wrong"},
    "/check": {"value": "+12025550142", "kind": "any", "region": ""},
    "/exports": {"receipts": "", "purpose": "", "case_number": ""},
    "/exports/{export_id:uuid}/file": {"format": "csv"},
    "/proof": {"back": "", "password": "wrong", "code": ""},
    "/follows": {"disclosure": "none"},
    "/disclosures": {"receipt": "a" * 26, "purpose": "investigation", "case_number": "K 7/26"},
    "/imports": {"pasted": "", "role": "", "region": "", "sheet": ""},
    "/imports/{upload_id:uuid}/told": dict.fromkeys(TOLD, ""),
    "/imports/{upload_id:uuid}/draft": dict.fromkeys(TOLD, ""),
    "/changes": {"kind": "phone", "canonical": "+12025550142", **dict.fromkeys(ADDED, "")},
    "/lifts": {"kind": "phone", "canonical": "+12025550142", "reason": ""},
    "/retractions": {
        "kind": "phone",
        "canonical": "+12025550142",
        "reason": "",
        "password": "",
    },
    "/changes/{change_id:uuid}/reveal": {"purpose": "review", "case": ""},
    "/selectors/{selector_id:uuid}/reveal": {"purpose": "review", "case": ""},
    "/selectors/{selector_id:uuid}/retraction": {"reason": "", "password": ""},
    "/selectors/{selector_id:uuid}/lift": {"reason": ""},
    "/changes/{change_id:uuid}/submission": {"password": "wrong"},
    "/changes/{change_id:uuid}/approval": {"password": "wrong", "shown": ""},
    "/changes/{change_id:uuid}/refusal": {"reason": ""},
    "/changes/{change_id:uuid}/withdrawal": {"reason": ""},
    "/partners/{name:str}/suspension": {"reason": "", "password": ""},
    "/partners/{name:str}/resumption": {"reason": "", "password": ""},
    "/notices/{by:str}": {"reason": "", "password": ""},
    "/partners/{name:str}/rotation": {
        "reason": "",
        "api_url": "",
        "overlap_days": "",
        "password": "",
    },
    "/partners": {
        "name": "",
        "api_url": "",
        "mode": "live",
        "min_confidence": "",
        "lists": "",
        "jurisdictions": "",
        "reason": "",
        "password": "",
    },
    "/orders/{change_id:uuid}/approval": {"password": "wrong"},
    "/orders/{change_id:uuid}/kit": {"password": "wrong"},
    "/orders/{change_id:uuid}/refusal": {"reason": ""},
    "/orders/{change_id:uuid}/withdrawal": {"reason": ""},
    "/challenges": {"selectors": "", "region": "", "reference": "", "ground": ""},
    "/challenges/{challenge_id:uuid}/reveal": {"purpose": "review", "case": ""},
    "/challenges/{challenge_id:uuid}/closing": {"reason": "it is L 9", "password": "x"},
    "/challenges/{challenge_id:uuid}/conclusions": {
        "selector": "none",
        "conclusion": "keep",
        "reason": "",
        "password": "",
    },
    "/safety-lists": {
        "kind": "phone",
        "match": "exact",
        "value": "",
        "region": "",
        "category": "shelter",
        "note": "",
        "source": "",
        "reason": "",
        "password": "",
    },
    "/safety-lists/end": {"rule": "phone exact +12025550142", "reason": "", "password": ""},
    "/safety-orders/{change_id:uuid}/approval": {"password": "wrong"},
    "/safety-orders/{change_id:uuid}/refusal": {"reason": ""},
    "/safety-orders/{change_id:uuid}/withdrawal": {"reason": ""},
}
"""What forms are filled in with, such that it changes nothing."""
