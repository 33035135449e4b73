"""What a partner has to hear of matches that it was told: signed by the indexer, read by hosts.

With every release the indexer signs a head for each partner, also where there is nothing to hear:
what is absent is not known, and what is older than the release was kept back. All notices of one
partner are one content, which its head names by its hash: none can be held back alone, and what has
not changed need not be fetched again.
"""

import hashlib
from collections.abc import Sequence
from typing import Annotated, Final, Literal, NamedTuple

import msgspec

from screening.store.signed import NOTICES_LABEL, Signer, Verifier
from screening.vocabulary.errors import Untrusted
from screening.vocabulary.kit import PARTNER_PATTERN
from screening.vocabulary.notices import NUMBER_MAX
from screening.vocabulary.proof import ROW_PATTERN
from screening.vocabulary.unreadable import UNREADABLE

MAX_NOTICES: Final = 1_000
"""Of a partner; of more the oldest are not kept. As many as it may be told to match in 30 days."""
_LATEST: Final = 253_402_300_799
"""9999-12-31T23:59:59Z, the last second that RFC 3339 can write."""


class Notice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That the entry behind a match is off the list, since it was false.

    `of` is the `RECEIPT.row` of the match; of what was listed nothing is said. `at` is when that
    was ordered, Unix seconds. `number` grows with each, and is given to no other.
    """

    number: Annotated[int, msgspec.Meta(ge=1, le=NUMBER_MAX)]
    of: Annotated[str, msgspec.Meta(pattern=ROW_PATTERN, max_length=31)]
    what: Literal["retracted"]
    at: Annotated[int, msgspec.Meta(ge=0, le=_LATEST)]


class NoticesHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which notices of a partner are in force: `sha256` of their content, in hex.

    `sequence` is the number of the release, as a partner record's.
    """

    format: Literal["screening-notices/2"]
    partner: Annotated[str, msgspec.Meta(pattern=PARTNER_PATTERN)]
    sequence: int
    issued_at: int
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to hear: that content is kept nowhere."""
        return self.sha256 == _SHA256_OF_NONE


class SignedNotices(NamedTuple):
    """A signed head, and the content that it names; b"" for none."""

    head: bytes
    content: bytes


_head_decoder = msgspec.json.Decoder(NoticesHead)
_decoder: msgspec.json.Decoder[list[Notice]] = msgspec.json.Decoder(
    Annotated[list[Notice], msgspec.Meta(max_length=MAX_NOTICES)]
)
_SHA256_OF_NONE: Final = hashlib.sha256(b"[]").hexdigest()
_LONGEST: Final = Notice(NUMBER_MAX, f"{'a' * 26}.9999", "retracted", _LATEST)
NOTICES_MAX_BYTES: Final = len(msgspec.json.encode([_LONGEST] * MAX_NOTICES))
"""No content is longer: the indexer writes none that a host would refuse."""


def sign_notices(
    partner: str, notices: Sequence[Notice], signer: Signer, *, sequence: int, issued_at: int
) -> SignedNotices:
    """Write notices as their content, under a signed head."""
    content = msgspec.json.encode(list(notices))
    sha256 = hashlib.sha256(content).hexdigest()
    head = NoticesHead("screening-notices/2", partner, sequence, issued_at, sha256)
    signed = signer.sign(NOTICES_LABEL, msgspec.json.encode(head))
    return SignedNotices(signed, b"" if head.is_empty else content)


def open_notices_head(document: bytes, partner: str, verifier: Verifier) -> NoticesHead:
    """Read the signed head of `partner`; raises `Untrusted`."""
    body = verifier.open(NOTICES_LABEL, document)
    try:
        head = _head_decoder.decode(body)
    except UNREADABLE:
        raise Untrusted("notices have a format that this version does not know") from None
    if head.partner != partner:
        raise Untrusted("notices belong to another partner than the one they stand under")
    return head


def parse_notices(content: bytes, head: NoticesHead) -> Sequence[Notice]:
    """Read the content that `head` names, by number; raises `Untrusted`."""
    if head.is_empty:
        return ()
    if hashlib.sha256(content).hexdigest() != head.sha256:
        raise Untrusted("notices are not those that the indexer has signed for")
    try:
        return _decoder.decode(content)
    except UNREADABLE:
        raise Untrusted("notices have a format that this version does not know") from None
