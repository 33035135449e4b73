"""The hot path: token -> digest -> overlay -> Bloom filter -> confirm -> journal -> answer."""

import msgspec

from screening.api.certain import NOTHING_CERTAIN, Certain
from screening.api.journal import Asked, Journal, Receipt
from screening.api.lists import Lists
from screening.api.loaded import Loaded, LoadedList
from screening.api.quotas.allowance import Allowance
from screening.api.rehearsal import rehearse
from screening.api.rows import Rows, look_up
from screening.api.watching.watch import Watch
from screening.generations.records import Minute
from screening.registry.reader import Caller
from screening.vocabulary.errors import (
    LedgerUnavailable,
    QuotaExceeded,
    Unavailable,
    UnavailableReason,
)
from screening.vocabulary.question import Question
from screening.vocabulary.wire import ListState, RowResult


class Answered(msgspec.Struct, frozen=True):
    """A durable answer: one result for each selector, in the order asked.

    `is_slow` where a test key has asked for an answer that takes long.
    """

    results: list[RowResult]
    receipt: Receipt
    list: ListState
    is_slow: bool = False


class Screening:
    """Answers questions; an answer exists only once its journal record is durable."""

    def __init__(self, lists: Lists, allowance: Allowance, journal: Journal, watch: Watch) -> None:
        self._lists = lists
        self._allowance = allowance
        self._journal = journal
        self._watch = watch

    async def answer(self, caller: Caller, loaded: Loaded, question: Question) -> Answered:
        """Answer every selector of `question` from `loaded`, or raise.

        What is not known is `Unavailable`, and on record too: it tells that nothing else matched.
        """
        one = loaded.list_for(caller, question.key_id)
        one.require_agreement(question.key_check)
        day = await self._allowance.spend(caller.partner, len(question.tokens))
        try:
            return await self._answer_from(one, Asked(caller, question, one))
        except LedgerUnavailable:  # the caller is told nothing, and asks again
            self._allowance.give_back(caller.partner, len(question.tokens), day=day)
            raise

    async def _answer_from(self, one: LoadedList, asked: Asked) -> Answered:
        minute = self._lists.minute()
        rows = await look_up(asked.question.tokens, one, minute)
        certain = await self._confirm(one, rows, minute)
        rows.match(certain.matches)
        trouble = certain.trouble
        if trouble is None and rows.have_misses and self._lists.is_stale(one):
            trouble = "stale"
        await self._claim(asked, rows)
        receipt = await self._record(asked, rows, trouble)
        await self._count(asked, rows, receipt)
        if trouble is not None:
            raise _unavailable(trouble, rows, receipt)
        return Answered(rows.results, receipt, one.state, certain.is_slow)

    async def _confirm(self, one: LoadedList, rows: Rows, minute: Minute) -> Certain:
        """Return the hits of the filter that are listed for certain, and why others are not known.

        Raises `QuotaExceeded` or `Unavailable` where a test key asks for one, and nobody else.
        """
        if not rows.hits:
            return NOTHING_CERTAIN
        certain = await one.generation.confirm(list(rows.hits.values()), minute)
        matches = {row: digest for row, digest in rows.hits.items() if certain.get(digest)}
        is_known = all(digest in certain for digest in rows.hits.values())
        told = Certain(matches, None if is_known else "store")
        return rehearse(one.outcomes, told) if one.outcomes else told  # no live key's list has any

    async def _claim(self, asked: Asked, rows: Rows) -> None:
        """Raise where an answer has more matches than may be told.

        That it has tells something, too: it is on record before it is said, and counted.
        """
        try:
            await self._allowance.claim(asked.caller.partner, rows.matched_macs)
        except (QuotaExceeded, Unavailable):
            receipt = await self._journal.record_certain(asked, {})
            await self._count(asked, rows, receipt)
            raise

    async def _count(self, asked: Asked, rows: Rows, receipt: Receipt) -> None:
        """Count what is on record, against the budget and for the watch."""
        await self._allowance.count(asked.caller.partner, rows.macs)
        self._watch.answered(
            asked.caller, asked.list, receipt.id, selectors=rows.asked, matches=rows.matches
        )

    async def _record(self, asked: Asked, rows: Rows, trouble: UnavailableReason | None) -> Receipt:
        """Record what is told: all, or where not all is known the matches that are certain."""
        if trouble is None:
            return await self._journal.record(asked, rows.results, rows.matches)
        # Under the row numbers of the whole question: row i is receipt `RECEIPT.i` here too.
        return await self._journal.record_certain(asked, rows.matches)


def _unavailable(reason: UnavailableReason, rows: Rows, receipt: Receipt) -> Unavailable:
    return Unavailable(
        "an answer is not known; never read this as no_match",
        reason=reason,
        matches=tuple(rows.matches),
        receipt=receipt.id,
        opening=receipt.opening_text,
    )
