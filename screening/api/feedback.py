"""`POST /v1/feedback`: what a partner says of a match that it was told (docs/decisions/0038)."""

from typing import Final

import msgspec

from screening.api.journal import Journal
from screening.api.metrics import Metrics
from screening.api.own_records import OwnRecords
from screening.api.receipt_routes import ReceiptContract
from screening.registry.reader import Caller
from screening.vocabulary.errors import MatchNotFound, ReceiptNotFound, RowNotNamed
from screening.vocabulary.feedback import OUTCOMES, Feedback, FeedbackRequest, read_feedback
from screening.vocabulary.wire import BULK_MAX_SELECTORS

FEEDBACK_PATH: Final = "/v1/feedback"
_RECEIPT_CHARACTERS: Final = 26
_ANSWER_BYTES: Final = len(
    msgspec.json.encode(
        Feedback(f"{'a' * _RECEIPT_CHARACTERS}.{BULK_MAX_SELECTORS - 1}", max(OUTCOMES, key=len))
    )
)


class FeedbackTaking:
    """Takes feedback on the caller's own matches: on record when it returns."""

    def __init__(self, records: OwnRecords, journal: Journal, metrics: Metrics) -> None:
        self._records = records
        self._journal = journal
        self._metrics = metrics

    async def take(self, caller: Caller, said: FeedbackRequest) -> Feedback:
        """Record what is said, and return it with its row.

        Said again it is recorded again, which changes nothing: of a row the latest record counts.
        Raises `MatchNotFound` for whatever is no match of the caller's own, one sentence for all,
        `RowNotNamed`, and `Unavailable` and `LedgerUnavailable` where it is not on record.
        """
        row = await self._row(caller, said)
        taken = Feedback(f"{said.whole}.{row}", said.outcome)
        await self._journal.record_feedback(caller, taken)
        self._metrics.feedback(caller.partner.mode, taken.outcome)
        return taken

    async def _row(self, caller: Caller, said: FeedbackRequest) -> int:
        try:
            rows = await self._records.matched_rows(said.whole, partner=caller.partner.partner)
        except ReceiptNotFound:
            raise MatchNotFound from None
        if said.row in rows:
            return said.row
        if said.row is not None or not rows:
            raise MatchNotFound
        if len(rows) > 1:
            raise RowNotNamed
        return min(rows)


def feedback_contract(taking: FeedbackTaking) -> ReceiptContract[FeedbackRequest]:
    """Return what the route reads and answers; of one length, whatever was said of which row."""

    async def answer(caller: Caller, said: FeedbackRequest) -> bytes:
        return msgspec.json.encode(await taking.take(caller, said)).ljust(_ANSWER_BYTES)

    return ReceiptContract("feedback", read_feedback, answer)
