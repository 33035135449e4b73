"""What is recorded of a check, and that it is durable before the answer leaves (design.md §8).

The record names the caller, the list and the counts, and for each match its index digest. All else
that was asked is in the commitment, whose opening goes to the caller and is never stored: nobody
can search the journal for people who did not match.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from screening.api.lists import LoadedList
from screening.ledger.group_commit import GroupCommit
from screening.registry.reader import Caller
from screening.vocabulary.selector import IndexDigest, SelectorKind
from screening.vocabulary.tokens import commitment
from screening.vocabulary.wire import Question, RowResult

_RECEIPT_CHARACTERS: Final = 26
# Eight byte values a character: 130 bits of randomness, at a tenth of what base32 encoding costs.
_TO_BASE32: Final = b"abcdefghijklmnopqrstuvwxyz234567" * 8
_OPENING_BYTES: Final = 32
_RANDOM_BYTES: Final = _RECEIPT_CHARACTERS + _OPENING_BYTES
_ZERO_TOKEN: Final = bytes(32)
_KINDS: Final = tuple(kind.value for kind in SelectorKind)
_OUTCOMES: Final[tuple[RowResult, ...]] = ("match", "no_match", "invalid")


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
        self._random = b""
        self._drawn = 0

    async def record(
        self,
        caller: Caller,
        question: Question,
        loaded: LoadedList,
        results: Sequence[RowResult],
        matches: Mapping[int, IndexDigest],
    ) -> Receipt:
        """Return when the record is durable; raises `LedgerUnavailable` or `LedgerFull`."""
        receipt = self._new_receipt()
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
            kinds=_counts(question.kinds, _KINDS),
            outcomes=_counts(results, _OUTCOMES),
            matches={str(row): digest.hex() for row, digest in matches.items()},
            commitment=commitment(receipt.opening, rows),
        )
        await self._commit.append(self._encode(record))
        return receipt

    def _new_receipt(self) -> Receipt:
        # Drawn for many receipts at a time: a system call gives up the interpreter lock, which
        # costs more than all else here while another thread waits for it (measured: 20 us).
        if self._drawn + _RANDOM_BYTES > len(self._random):
            self._random, self._drawn = os.urandom(64 * _RANDOM_BYTES), 0
        random = self._random[self._drawn : self._drawn + _RANDOM_BYTES]
        self._drawn += _RANDOM_BYTES
        return Receipt(
            random[:_RECEIPT_CHARACTERS].translate(_TO_BASE32).decode(),
            random[_RECEIPT_CHARACTERS:],
        )


def _counts(values: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    return {name: count for name in names if (count := values.count(name))}
