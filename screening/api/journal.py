"""What is recorded of a check, and of feedback on it, durable before the answer leaves.

The record names the caller, the list and the counts. What matched is in boxes that no screening
host opens again (`screening/disclosure`). All else that was asked is in the commitment, whose
opening goes to the caller and is never stored: nobody can search the journal for people who did not
match (docs/threat-model.md, "The audit trail"). Where a booking is made stands in those boxes, and
nowhere else.
"""

import asyncio
import base64
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from screening.api.loaded import LoadedList
from screening.disclosure.boxes import SealedKey
from screening.disclosure.sealing import MatchSealer
from screening.ledger.group_commit import GroupCommit
from screening.registry.reader import Caller
from screening.vocabulary.api_key import Mode
from screening.vocabulary.feedback import Feedback, Outcome
from screening.vocabulary.question import Question
from screening.vocabulary.selector import IndexDigest, SelectorKind, Token
from screening.vocabulary.tokens import Commitment
from screening.vocabulary.wire import ROW_RESULTS, RowResult

_RECEIPT_CHARACTERS: Final = 26
# Eight byte values a character: 130 bits of randomness, at a tenth of what base32 encoding costs.
_TO_BASE32: Final = b"abcdefghijklmnopqrstuvwxyz234567" * 8
_OPENING_BYTES: Final = 32
_RANDOM_BYTES: Final = _RECEIPT_CHARACTERS + _OPENING_BYTES
_ROWS_AT_A_TIME: Final = 256
"""Others are let in after so many rows of a bulk request: a tenth of a millisecond."""
_BOXES_AT_A_TIME: Final = 64
"""The same for matches, each of which is sealed: a fifth of a millisecond."""
_KINDS: Final = tuple(kind.value for kind in SelectorKind)


class Receipt(msgspec.Struct, frozen=True):
    """Names a journal record; `opening` (32 bytes) proves its content. Both go to the caller."""

    id: str
    opening: bytes

    def __repr__(self) -> str:
        return f"Receipt({self.id})"

    @property
    def opening_text(self) -> str:
        """The opening in base64, as it travels."""
        return base64.b64encode(self.opening).decode()


class Asked(msgspec.Struct, frozen=True):
    """Who asked what of which list."""

    caller: Caller
    question: Question
    list: LoadedList


class _Told(msgspec.Struct, frozen=True):
    """What the caller is told, and of which selectors: parallel lists."""

    kinds: Sequence[str]
    tokens: Sequence[Token | None]
    results: Sequence[RowResult]

    async def commitment(self, opening: bytes) -> bytes:
        """Return what binds all rows."""
        binding = Commitment(len(self.results))
        for first in range(0, len(self.results), _ROWS_AT_A_TIME):
            if first:
                await asyncio.sleep(0)
            some = slice(first, first + _ROWS_AT_A_TIME)
            rows = zip(self.kinds[some], self.tokens[some], self.results[some], strict=True)
            binding.add(rows)
        return binding.opened_by(opening)


class CheckRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One journal record; the only form in which a check is ever stored."""

    type: Literal["check"]
    at: datetime
    receipt: str
    partner: str
    api_key: str
    key_id: str
    generation: str
    seq: int
    asked: int
    """Selectors in the request; more than `outcomes` add up to where not all was known."""
    kinds: dict[str, int]
    outcomes: dict[str, int]
    matches: dict[str, bytes]
    """Row number -> a sealed match (docs/protocol.md, "Sealed matches")."""
    commitment: bytes
    sealed: SealedKey | None = None
    """By what the matches are opened; absent where there are none."""
    actor: str | None = None
    """Who asked on the partner's behalf, by an id of its own; absent where that was not told."""
    key_purpose: str = ""
    """What the API key was for when it was used; absent where it has none."""


class FeedbackRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a partner said of a match that it was told; of several on one row the latest counts."""

    type: Literal["feedback"]
    at: datetime
    of: str
    """`RECEIPT.row`. Not `receipt`, by which the record of an answer alone is found."""
    outcome: Outcome
    partner: str
    api_key: str
    mode: Mode
    """Where it is `test`, the match was of nobody, and this reaches nobody."""
    key_purpose: str = ""
    """As in `CheckRecord`."""


class Journal:
    """Writes one durable record for each answer."""

    def __init__(
        self,
        commit: GroupCommit,
        sealer: MatchSealer,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._commit = commit
        self._sealer = sealer
        self._now = now
        self._encode = msgspec.json.Encoder().encode
        self._random = b""
        self._drawn = 0

    async def record(
        self, asked: Asked, results: Sequence[RowResult], matches: Mapping[int, IndexDigest]
    ) -> Receipt:
        """Return when the record of a whole answer is durable; raises `LedgerUnavailable`."""
        question = asked.question
        return await self._record(asked, _Told(question.kinds, question.tokens, results), matches)

    async def record_certain(self, asked: Asked, matches: Mapping[int, IndexDigest]) -> Receipt:
        """Record that only `matches` were told, or nothing, as if only they had been asked."""
        kinds = [asked.question.kinds[row] for row in matches]
        tokens = [asked.question.tokens[row] for row in matches]
        return await self._record(asked, _Told(kinds, tokens, ["match"] * len(kinds)), matches)

    async def record_feedback(self, caller: Caller, said: Feedback) -> None:
        """Return when what was said of a row is durable; raises `LedgerUnavailable`."""
        record = FeedbackRecord(
            type="feedback",
            at=self._now(),
            of=said.receipt,
            outcome=said.outcome,
            partner=caller.partner.partner,
            api_key=caller.api_key.id,
            mode=caller.partner.mode,
            key_purpose=caller.api_key.purpose,
        )
        await self._commit.append(self._encode(record))

    async def _record(
        self, asked: Asked, told: _Told, matches: Mapping[int, IndexDigest]
    ) -> Receipt:
        receipt = self._new_receipt()
        boxes, sealed = await self._seal(receipt, asked, matches)
        record = CheckRecord(
            type="check",
            at=self._now(),
            receipt=receipt.id,
            partner=asked.caller.partner.partner,
            api_key=asked.caller.api_key.id,
            key_id=asked.question.key_id,
            generation=asked.list.head.generation,
            seq=asked.list.head.seq,
            asked=len(asked.question.tokens),
            kinds=_counts(told.kinds, _KINDS),
            outcomes=_counts(told.results, ROW_RESULTS),
            matches=boxes,
            commitment=await told.commitment(receipt.opening),
            sealed=sealed,
            actor=asked.question.actor,
            key_purpose=asked.caller.api_key.purpose,
        )
        await self._commit.append(self._encode(record))
        return receipt

    async def _seal(
        self, receipt: Receipt, asked: Asked, matches: Mapping[int, IndexDigest]
    ) -> tuple[dict[str, bytes], SealedKey | None]:
        """Return a box for each row that matched, and what opens them."""
        if not matches:
            return {}, None
        kinds = asked.question.kinds
        sealer = self._sealer.for_record(
            receipt.id,
            asked.question.key_id,
            asked.list.head.generation,
            booking_region=asked.question.booking_region,
        )
        boxes: dict[str, bytes] = {}
        for row, digest in matches.items():
            if len(boxes) % _BOXES_AT_A_TIME == _BOXES_AT_A_TIME - 1:
                await asyncio.sleep(0)
            boxes[str(row)] = sealer.box(row, digest, kinds[row])
        return boxes, sealer.key

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
