"""What a partner has to hear of matches that it was told: signed by the indexer, read by hosts.

All of one partner's are one document, so that none of them can be held back alone.
"""

from typing import Annotated, Final, Literal

import msgspec

from screening.store.signed import NOTICES_LABEL, Signer, Verifier
from screening.vocabulary.errors import Untrusted
from screening.vocabulary.kit import PARTNER_PATTERN
from screening.vocabulary.proof import ROW_PATTERN
from screening.vocabulary.unreadable import UNREADABLE

MAX_NOTICES: Final = 1_000
"""Of a partner; of more the oldest are not kept. As many as it may be told to match in 30 days."""


class Notice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That the entry behind a match is off the list, since it was false.

    `of` is the `RECEIPT.row` of the match; of what was listed nothing is said. `at` is when that
    was ordered, Unix seconds. `number` grows with each, and is given to no other.
    """

    number: Annotated[int, msgspec.Meta(ge=1)]
    of: Annotated[str, msgspec.Meta(pattern=ROW_PATTERN, max_length=31)]
    what: Literal["retracted"]
    at: int


class PartnerNotices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All notices of a partner, by number. `sequence` never goes back, as a partner record's."""

    format: Literal["screening-notices/1"]
    partner: Annotated[str, msgspec.Meta(pattern=PARTNER_PATTERN)]
    sequence: int
    issued_at: int
    notices: Annotated[list[Notice], msgspec.Meta(max_length=MAX_NOTICES)]


_decoder = msgspec.json.Decoder(PartnerNotices)


def sign_notices(notices: PartnerNotices, signer: Signer) -> bytes:
    """Write notices as a signed document."""
    return signer.sign(NOTICES_LABEL, msgspec.json.encode(notices))


def open_notices(document: bytes, partner: str, verifier: Verifier) -> PartnerNotices:
    """Read the signed notices of `partner`; raises `Untrusted`."""
    body = verifier.open(NOTICES_LABEL, document)
    try:
        notices = _decoder.decode(body)
    except UNREADABLE:
        raise Untrusted("notices have a format that this version does not know") from None
    if notices.partner != partner:
        raise Untrusted("notices belong to another partner than the one they stand under")
    return notices
