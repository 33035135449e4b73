"""What is recorded of a check, and that it is durable before the answer leaves (design.md §8).

The record names the caller, the list and the counts, and for each match its index digest. All else
that was asked is in the commitment, whose opening goes to the caller and is never stored: nobody
can search the journal for people who did not match.
"""

import base64
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from screening.api.lists import LoadedList
from screening.ledger.group_commit import GroupCommit
from screening.registry.reader import Caller
from screening.vocabulary.selector import IndexDigest
from screening.vocabulary.tokens import commitment
from screening.vocabulary.wire import Question, RowResult

_RECEIPT_BYTES: Final = 16
_OPENING_BYTES: Final = 32
_ZERO_TOKEN: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Names a journal record; `opening` (32 bytes) proves its content. Both go to the caller."""

    id: str
    opening: bytes

    def __repr__(self) -> str:
        return f"Receipt({self.id})"


class CheckRecord(msgspec.Struct, frozen=True):
    """One journal record; the only form in which a check is ever stored."""

    type: Literal["check"]
    at: datetime
    receipt: str
    partner: str
    api_key: str
    key_id: str
    generation: str
    seq: int
    kinds: dict[str, int]
    outcomes: dict[str, int]
    matches: dict[str, str]
    """Row number -> index digest, in hex."""
    commitment: bytes


class Journal:
    """Writes one durable record for each answer."""

    def __init__(
        self, commit: GroupCommit, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._commit = commit
        self._now = now
        self._encode = msgspec.json.Encoder().encode

    async def record(
        self,
        caller: Caller,
        question: Question,
        loaded: LoadedList,
        results: Sequence[RowResult],
        matches: Mapping[int, IndexDigest],
    ) -> Receipt:
        """Return when the record is durable; raises `LedgerUnavailable` or `LedgerFull`."""
        random = os.urandom(_RECEIPT_BYTES + _OPENING_BYTES)
        receipt = Receipt(
            base64.b32encode(random[:_RECEIPT_BYTES]).decode().rstrip("=").lower(),
            random[_RECEIPT_BYTES:],
        )
        rows = (
            (kind, token or _ZERO_TOKEN, result)
            for kind, token, result in zip(question.kinds, question.tokens, results, strict=True)
        )
        record = CheckRecord(
            type="check",
            at=self._now(),
            receipt=receipt.id,
            partner=caller.partner.partner,
            api_key=caller.api_key.id,
            key_id=question.key_id,
            generation=loaded.head.generation,
            seq=loaded.head.seq,
            kinds=_kinds(question),
            outcomes=Counter(results),
            matches={str(row): digest.hex() for row, digest in matches.items()},
            commitment=commitment(receipt.opening, rows),
        )
        await self._commit.append(self._encode(record))
        return receipt


def _kinds(question: Question) -> dict[str, int]:
    # A row that is invalid may name any kind at all: such a name is input, and is not recorded.
    return Counter(
        kind
        for kind, token in zip(question.kinds, question.tokens, strict=True)
        if token is not None
    )
