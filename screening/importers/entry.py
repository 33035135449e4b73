"""What comes out of a file: an `Entry` for each row that is taken, a `Rejection` for each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from screening.vocabulary.cells import CellTrouble
from screening.vocabulary.errors import REJECTION_SENTENCES
from screening.vocabulary.selector import Canonical, SelectorKind


class Role(StrEnum):
    """What the one behind a selector is said to be. There is no default.

    A selector with any entry of role `victim` never reaches an index (docs/lists.md, "Roles"); an
    entry that is `disputed`, or whose role is not known, publishes nothing by itself.
    """

    TRAFFICKER = "trafficker"
    FACILITATOR = "facilitator"
    BUYER = "buyer"
    BUSINESS = "business"
    VICTIM = "victim"
    DISPUTED = "disputed"
    UNKNOWN = "unknown"


ROLES: Final = frozenset(role.value for role in Role)
"""As they are spelled in lists."""
PUBLISHED_ROLES: Final = (Role.TRAFFICKER, Role.FACILITATOR, Role.BUYER, Role.BUSINESS)
"""What an index may hold; entries of all other roles are kept, and publish nobody."""


RowCode = Literal[
    "bad_utf8",
    "control_character",
    "bad_quotes",
    "row_too_long",
    "wrong_column_count",
    "unknown_role",
    "left_open",
    "bad_confidence",
    "bad_expires_at",
    "bad_date",
    "seen_in_future",
    "bad_jurisdictions",
    "bad_list",
    "retracted",
    "excluded",
    "protected",
    "nothing_listed",
    "column_not_read",
    "error_cell",
    "stored_as_number",
    "phone_misplaced",
    "card_misplaced",
    "email_misplaced",
    "revoked",
    "pattern_not_read",
]
"""Why a row of a file is not taken, apart from its selector."""

TextCode = Literal[
    "no_phone_label",
    "invalid_number",
    "unclear_extent",
    "shortened_number",
    "card_not_taken",
    "nothing_found",
]
"""Why something in a free text is not taken, apart from its spelling."""

ImportCode = CellTrouble | RowCode | TextCode

IMPORT_SENTENCES: Final[Mapping[str, str]] = {
    **{str(code): sentence for code, sentence in REJECTION_SENTENCES.items()},
    "several_values": "more than one value in a cell; give each a row of its own",
    "remark_in_cell": "something stands beside the number or address; give it alone",
    "changed_number": "a number that a spreadsheet has changed; take it from its source again",
    "unclear_country": "a + is missing, or one too many, or a 0 stands behind the country's code; "
    "write + and the code before the number",
    "hidden_value": "part of it is masked, cut off, or spelled in words; take it whole from its "
    "source",
    "stored_as_number": "a phone that is stored as a number, so that signs or zeros may be lost; "
    "format the column as text and enter it again",
    "phone_misplaced": "a phone in a column of cards or e-mail addresses; move it to a column "
    "of phones, or, in a file with a column kind, write phone there",
    "card_misplaced": "a card in a column of phones or e-mail addresses; move it to a column of "
    "cards, or, in a file with a column kind, write card there",
    "email_misplaced": "an e-mail address in a column of phones or cards; move it to a column "
    "of e-mail addresses, or, in a file with a column kind, write email there",
    "bad_utf8": "not UTF-8; save the file as CSV UTF-8",
    "control_character": "a NUL or another control character; export the file again",
    "bad_quotes": 'a quotation mark is not closed, or not doubled inside a cell ("")',
    "row_too_long": "longer than any row should be; look for a missing line end",
    "wrong_column_count": "not as many cells as the header; quote cells that hold commas, and "
    "name all columns",
    "unknown_role": "the role's cell is empty, or none of trafficker, facilitator, buyer, "
    "business, victim, disputed and unknown; or there is no role column and no --role; or "
    "something in the row or its headings speaks of a victim, of another role, of a bystander, "
    "such as a witness or whom a message was sent to, or of somebody who was cleared",
    "left_open": "another row names the same selector, and something there speaks of a victim, or "
    "of somebody else who is not to be listed; correct or remove that row first",
    "bad_confidence": "the confidence must be a whole number from 0 to 100, or empty",
    "bad_expires_at": "give 2027-12-31, or 2027-12-31T12:00:00Z with its offset, or nothing",
    "bad_date": "give days such as 2026-12-31, and first_seen not after last_seen, or nothing",
    "seen_in_future": "seen on a day that is still to come; look for a mistyped year",
    "bad_jurisdictions": "give countries as in DE US, two capital letters each, or nothing",
    "bad_list": "a list's name begins with a letter; then up to 31 of a-z, 0-9, space, . _ and -, "
    "with at most five digits",
    "excluded": "is on a safety list, such as a hotline; see: indexer exclusions --help",
    "protected": "a victim's, by an entry that this list has not; add its row of role victim too",
    "retracted": "was taken off the list for good; if that was wrong, see: indexer lift --help",
    "nothing_listed": "its cells of phones, cards and e-mails are empty, or hold something else; "
    "look whether a column was forgotten",
    "column_not_read": "looks like a selector in a column that is not read; name that column "
    "phone, card or email, or list it by hand",
    "error_cell": "a formula of the sheet gave an error or was never calculated; correct it there "
    "and save it again",
    "revoked": "its author has revoked or deleted it; nothing is to be done",
    "pattern_not_read": "more than = and OR, or damaged; list what it stands for by hand",
    "no_phone_label": "digits that nothing marks as a phone; list it by hand if it is one",
    "invalid_number": "no number of its country's plan as written; list it by hand if it is right",
    "unclear_extent": "where it begins or ends is not certain; list it by hand",
    "shortened_number": "only the last digits of a number; list it in full by hand",
    "card_not_taken": "looks like a card; cards are never taken from text, list it by hand",
    "nothing_found": "nothing in this text looks like a phone or an e-mail address",
}
"""One sentence for each `ImportCode`, which says what a curator can do about it."""

KindOrUnknown = Literal["phone", "card", "email", ""]
"""The kind that a report names: never what stood in the file where that is something else."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the curated list; its `repr` shows where it stands and nothing of what it says.

    `confidence` is 0-100; `expires_at` is UTC, the last second in which the entry is in force;
    `first_seen`, `last_seen` and `review_by` are UTC; `jurisdictions` are ISO 3166-1
    alpha-2 codes, sorted, none where it may be used anywhere; `line` counts physical lines from 1,
    and is the one where the row starts.
    """

    canonical: Canonical
    role: Role
    source: str
    reason: str
    confidence: int | None
    first_seen: datetime | None
    last_seen: datetime | None
    review_by: datetime | None
    expires_at: datetime | None
    jurisdictions: tuple[str, ...]
    list: str
    file: str
    line: int

    def __repr__(self) -> str:
        return f"Entry({self.canonical.kind.value}, line {self.line})"


@dataclass(frozen=True, slots=True)
class Span:
    """Where in a row's text something stands; all count from 1, `last` is the last character."""

    column: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Rejection:
    """Something that was not taken, and why; shows nothing of what stood there.

    `protects` tells that it was of role victim: until it is corrected, it protects nobody. `column`
    is the name, as it is shown, of the one that speaks against a row's being listed. `selectors`
    are those of which something said there leaves open whose they are. `lacks_role` tells that it
    names none, and that nothing there speaks of another: it would be taken with a role that is told
    of all, or by its own, were the column of that taken for it.
    """

    file: str
    line: int
    kind: KindOrUnknown
    code: ImportCode
    span: Span | None = None
    protects: bool = False
    column: str = ""
    selectors: tuple[Canonical, ...] = field(default=(), repr=False, compare=False)
    lacks_role: bool = False


_KINDS: Final[Mapping[str, KindOrUnknown]] = {
    SelectorKind.PHONE: "phone",
    SelectorKind.CARD: "card",
    SelectorKind.EMAIL: "email",
}


def reported_kind(text: str) -> KindOrUnknown:
    """Return a kind that may stand in a report: one of the three, or nothing."""
    return _KINDS.get(text, "")
