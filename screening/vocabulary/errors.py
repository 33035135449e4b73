"""The whole error tree.

::

    ScreeningError
    ├── InputRefused                 what was given is not acceptable; nothing was asked
    │   ├── NotCanonical             a selector has no canonical form (`code`)
    │   ├── InvalidRequest           a request or an answer is not what the contract says
    │   ├── NotProven                a receipt or its proof does not show what it should
    │   └── KitRefused               a kit file is damaged, readable by others, or not for us
    ├── CallerRefused                the API knows who is asking and says no, or does not know
    │   ├── Unauthenticated          the API key is not accepted
    │   ├── Forbidden                the key lacks the scope
    │   ├── UnknownKeyId             the token key is not the caller's, or retired
    │   ├── KitMismatch              the caller derives other tokens than the index
    │   ├── ReceiptNotFound          no record of the caller's on that host has the receipt
    │   ├── MatchNotFound            no match of the caller's on that host has receipt and row
    │   ├── RowNotNamed              several rows matched, and none is named
    │   └── QuotaExceeded            too much was asked (`retry_after_s`)
    ├── Unknown                      the answer is not known: never read this as "no" (`reason`)
    │   └── Unavailable              as the API says it; the client also knows other reasons
    │       └── NotSignedYet         a record is not in a signed checkpoint: ask again in 2 s
    ├── Untrusted                    a stored artefact is unsigned, altered or older than one seen
    ├── StoreUnavailable             Redis did not answer
    ├── LedgerUnavailable            a record could not be made durable
    │   └── LedgerFull               too many records wait to be made durable
    ├── LedgerDamaged                a ledger does not verify
    ├── SpoolRefused                 a file of a spool is not taken (`code`); nothing has changed
    └── OperatorError                a command cannot go on; the sentence says what to do
        ├── PublishRefused           a list is not published as it stands
        └── NotPossible           a partner cannot become what was asked; none of it was done

Errors are named for what the one who catches them can do. None carries a status code: those are in
`api/problems.py`. No message ever contains a selector, a token, a key or any part of an input.
"""

from typing import Literal

RejectionCode = Literal[
    "empty",
    "too_long",
    "region_required",
    "not_a_phone",
    "impossible_length",
    "not_an_email",
    "not_a_card",
    "bad_checksum",
    "unknown_kind",
]
"""Why a raw value has no canonical form; the whole list (docs/protocol.md, "Canonical forms")."""

REJECTION_SENTENCES: dict[RejectionCode, str] = {
    "empty": "nothing is left after removing white space; give a value",
    "too_long": "longer than 320 characters; give one selector at a time",
    "region_required": "no country code; write it with +, or give a region of two letters (GB)",
    "not_a_phone": "not a phone number; check the digits and the region",
    "impossible_length": "too short or too long; check its digits, and write + for 00 in a phone",
    "not_an_email": "not an e-mail address; give name@domain without a display name",
    "not_a_card": "not a card number; give digits only, spaces and dashes are allowed",
    "bad_checksum": "the check digit is wrong; look for a mistyped digit",
    "unknown_kind": "the kind must be phone, card or email",
}

UnavailableReason = Literal["index", "stale", "audit", "overloaded", "store"]
"""Why the API cannot answer (docs/architecture.md, "Answers")."""
UnknownReason = Literal[UnavailableReason, "timeout", "connection", "protocol"]
"""Why a client holds no answer: what the API said, or what happened on the way to it."""

QuotaPolicy = Literal["second", "key", "day", "matches"]
"""What a quota is on: selectors a second, different ones a day, different ones that matched."""


class ScreeningError(Exception):
    """Anything this project raises on purpose."""


class InputRefused(ScreeningError):
    """What was given is not acceptable; correct it and ask again."""


class NotCanonical(InputRefused):
    """A raw value has no canonical form; `code` says why, the value itself is not repeated.

    `position` is its index, from 0, among the selectors given; None of a value given by itself.
    """

    def __init__(self, code: RejectionCode, sentence: str = "") -> None:
        super().__init__(sentence or REJECTION_SENTENCES[code])
        self.code: RejectionCode = code
        self.position: int | None = None


class InvalidRequest(InputRefused):
    """A message is not what the contract says; `pointer` (RFC 6901) is where, if that is known.

    `position` is the index, from 0, of the one selector that cannot be asked about, if it is one.
    """

    def __init__(self, message: str, *, pointer: str | None = None) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.position: int | None = None


class NotProven(InputRefused):
    """A kept receipt, or its proof, does not show what it should; the sentence says why."""


class KitRefused(InputRefused):
    """A kit cannot be used; the sentence says which rule it breaks."""


class CallerRefused(ScreeningError):
    """The API declines to answer this caller."""


class Unauthenticated(CallerRefused):
    """The API key is malformed, unknown, expired or revoked, or suspended: one sentence for all."""

    def __init__(self) -> None:
        super().__init__(
            "the API key is not accepted: check it, or ask your operator for a new kit, or whether "
            "access is suspended"
        )


class Forbidden(CallerRefused):
    """The API key does not carry the scope that the route needs."""


class UnknownKeyId(CallerRefused):
    """The token key does not belong to the caller, or is retired: a new kit is needed."""


class KitMismatch(CallerRefused):
    """The caller's `key_check` differs: its tokens would match nothing, whatever is listed."""


class ReceiptNotFound(CallerRefused):
    """No record has the receipt, or another partner's has; one sentence for both."""

    def __init__(self) -> None:
        super().__init__(
            "no record of yours has this receipt on the host that answered: check the receipt, and "
            "where there are several hosts, ask the one that gave the answer"
        )


class MatchNotFound(CallerRefused):
    """No record has the receipt, another partner's has, or the row is no match: one sentence."""

    def __init__(self) -> None:
        super().__init__(
            "no match of yours has this receipt and row on the host that answered: check both, and "
            "where there are several hosts, ask the one that gave the answer"
        )


class RowNotNamed(CallerRefused):
    """Several rows of an answer matched, and what is said is of one of them."""

    def __init__(self) -> None:
        super().__init__(
            "several rows of this answer matched: say which one you mean, as RECEIPT.i"
        )


class QuotaExceeded(CallerRefused):
    """The caller has asked for more than was agreed, by the `policy` that the API names."""

    def __init__(
        self, message: str, *, retry_after_s: int, policy: QuotaPolicy | None = None
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.policy = policy


class Unknown(ScreeningError):
    """The answer is not known. It is not "no".

    `matches` lists the indices of selectors that do match for certain, with the `receipt` that
    covers them and its `opening` (base64); a selector that is absent from it is simply not known.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: UnknownReason,
        retry_after_s: float | None = None,
        matches: tuple[int, ...] = (),
        receipt: str | None = None,
        opening: str | None = None,
    ) -> None:
        super().__init__(message)
        self.reason: UnknownReason = reason
        self.retry_after_s = retry_after_s
        self.matches = matches
        self.receipt = receipt
        self.opening = opening


class Unavailable(Unknown):
    """The API cannot answer."""

    reason: UnavailableReason

    def __init__(
        self,
        message: str,
        *,
        reason: UnavailableReason,
        matches: tuple[int, ...] = (),
        receipt: str | None = None,
        opening: str | None = None,
    ) -> None:
        super().__init__(message, reason=reason, matches=matches, receipt=receipt, opening=opening)


class NotSignedYet(Unavailable):
    """A record is not in a signed checkpoint yet, or what leads to it is being made anew."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="audit")


class Untrusted(ScreeningError):
    """A stored artefact is not what the indexer signed, or is older than one already seen."""


class StoreUnavailable(ScreeningError):
    """Redis did not answer, or not in time."""


class LedgerUnavailable(ScreeningError):
    """A record could not be made durable, so what it records must not happen."""


class LedgerFull(LedgerUnavailable):
    """Too many records wait to be made durable; try again in a moment."""


class LedgerDamaged(ScreeningError):
    """A ledger does not verify; each of `sentences` names a place, and the first bad record."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("; ".join(dict.fromkeys(sentences)))
        self.sentences = sentences


BatchCode = Literal[
    "batch_seen",
    "unknown_approver",
    "removed_approver",
    "signed_twice",
    "half_signed",
    "not_canonical",
    "retracted",
    "excluded",
    "seen_in_future",
    "not_retracted",
    "no_list",
    "not_possible",
]
SpoolCode = Literal[
    "malformed",
    "not_opened",
    "bad_signature",
    "wrong_deployment",
    "replayed",
    "gap",
    "other_previous",
    "not_yet_due",
    "expired",
    "drifted",
    BatchCode,
]
"""Why a file of a spool is not taken; the whole list (docs/protocol.md, "Spools")."""


class SpoolRefused(ScreeningError):
    """A file of a spool is not taken: why (`code`), and for which `batch`, None for itself."""

    def __init__(self, code: SpoolCode, message: str) -> None:
        super().__init__(message)
        self.code: SpoolCode = code
        self.batch: str | None = None


class OperatorError(ScreeningError):
    """A command cannot go on; the sentence says what to do."""


class PublishRefused(OperatorError):
    """A list, or a partner's part of it, is not published as it stands; what is in force stays."""


class NotPossible(OperatorError):
    """What was asked cannot be done, however often it is asked; none of it was done."""
