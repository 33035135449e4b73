"""The hot path: token -> digest -> overlay -> Bloom filter -> confirm -> journal -> answer."""

import asyncio
from typing import Final

import msgspec

from screening.api.certain import NOTHING_CERTAIN, Certain
from screening.api.journal import Asked, Journal, Receipt
from screening.api.lists import Lists, Loaded, LoadedList
from screening.api.quotas.allowance import Allowance
from screening.api.rehearsal import rehearse
from screening.api.watching.watch import Watch
from screening.generations.records import Minute, is_listed_at
from screening.registry.reader import Caller
from screening.vocabulary.errors import (
    LedgerUnavailable,
    QuotaExceeded,
    Unavailable,
    UnavailableReason,
)
from screening.vocabulary.question import Question
from screening.vocabulary.selector import IndexDigest
from screening.vocabulary.tokens import DIGEST_BYTES
from screening.vocabulary.wire import ListState, RowResult

_ROWS_AT_A_TIME: Final = 64
"""A bulk request lets others in after so many rows: a few tenths of a millisecond."""


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
            return await self._answer_from(one, caller, question)
        except LedgerUnavailable:  # the caller is told nothing, and asks again
            self._allowance.give_back(caller.partner, len(question.tokens), day=day)
            raise

    async def _answer_from(self, one: LoadedList, caller: Caller, question: Question) -> Answered:
        results: list[RowResult] = []
        matches: dict[int, IndexDigest] = {}
        hits: list[tuple[int, IndexDigest]] = []
        macs: list[bytes] = []
        minute = self._lists.minute()
        mac, changed = one.digester.mac, one.overlay.get
        might_contain = one.generation.might_contain
        for row, token in enumerate(question.tokens):
            if row % _ROWS_AT_A_TIME == _ROWS_AT_A_TIME - 1:
                await asyncio.sleep(0)
            if token is None:
                results.append("invalid")
                macs.append(b"")
                continue
            results.append("no_match")
            macs.append(mac(token))
            key = IndexDigest(macs[-1][:DIGEST_BYTES])
            if (listed_until := changed(key)) is not None:  # final: the generation is older
                if is_listed_at(minute, listed_until):
                    matches[row] = key
            elif might_contain(key):
                hits.append((row, key))

        confirmed, trouble, is_slow = await self._confirm(one, hits, minute)
        matches = dict(sorted({**matches, **confirmed}.items()))
        for row in matches:
            results[row] = "match"
        if trouble is None and "no_match" in results and self._lists.is_stale(one):
            trouble = "stale"
        this = Asked(caller, question, one)
        await self._count(this, macs, matches)
        told = await self._tell(trouble, this, results, matches)
        receipt = (told.receipt or "") if isinstance(told, Unavailable) else told.id
        asked = len(macs) - results.count("invalid")
        self._watch.answered(caller, one, receipt, selectors=asked, matches=matches)
        if isinstance(told, Unavailable):
            raise told
        return Answered(results, told, one.state, is_slow)

    async def _confirm(
        self, one: LoadedList, hits: list[tuple[int, IndexDigest]], minute: Minute
    ) -> Certain:
        """Return the hits that are listed for certain, and why others could not be told.

        Raises `QuotaExceeded` or `Unavailable` where a test key asks for one, and nobody else.
        """
        if not hits:
            return NOTHING_CERTAIN
        certain = await one.generation.confirm([digest for _, digest in hits], minute)
        matches = {row: digest for row, digest in hits if certain.get(digest)}
        is_known = all(digest in certain for _, digest in hits)
        told = Certain(matches, None if is_known else "store")
        return rehearse(one.outcomes, told) if one.outcomes else told  # no live key's list has any

    async def _count(
        self, asked: Asked, macs: list[bytes], matches: dict[int, IndexDigest]
    ) -> None:
        """Count an answer, or raise where it has more matches than may be told.

        That it has tells something, too: it is on record before it is said.
        """
        try:
            matched = [macs[row] for row in matches]
            await self._allowance.count(asked.caller.partner, macs, matched=matched)
        except (QuotaExceeded, Unavailable):
            await self._journal.record_certain(asked, {})
            raise

    async def _tell(
        self,
        trouble: UnavailableReason | None,
        asked: Asked,
        results: list[RowResult],
        matches: dict[int, IndexDigest],
    ) -> Receipt | Unavailable:
        """Record what is told: all, or where not all is known the matches that are certain."""
        if trouble is None:
            return await self._journal.record(asked, results, matches)
        # Under the row numbers of the whole question: row i is receipt `RECEIPT.i` here too.
        receipt = await self._journal.record_certain(asked, matches)
        return Unavailable(
            "an answer is not known; never read this as no_match",
            reason=trouble,
            matches=tuple(matches),
            receipt=receipt.id,
            opening=receipt.opening_text,
        )
