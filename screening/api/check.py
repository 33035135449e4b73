"""The hot path: token -> digest -> Bloom filter -> confirm -> journal -> answer."""

import asyncio
from dataclasses import dataclass
from typing import Final

from screening.api.allowance import Allowance
from screening.api.journal import Journal, Receipt
from screening.api.lists import Lists, LoadedList
from screening.registry.reader import Caller
from screening.vocabulary.errors import StoreUnavailable, Unavailable, UnavailableReason, Untrusted
from screening.vocabulary.selector import IndexDigest
from screening.vocabulary.wire import ListState, Question, RowResult

_ROWS_AT_A_TIME: Final = 64
"""A bulk request lets others in after so many rows: about 0.2 ms."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A durable answer: one result for each selector, in the order asked."""

    results: list[RowResult]
    receipt: Receipt
    list: ListState


class Screening:
    """Answers questions; an answer exists only once its journal record is durable."""

    def __init__(self, lists: Lists, allowance: Allowance, journal: Journal) -> None:
        self._lists = lists
        self._allowance = allowance
        self._journal = journal

    async def answer(self, caller: Caller, question: Question) -> Answered:
        """Answer every selector of `question`, or raise; what is not known is `Unavailable`."""
        loaded = self._lists.of(caller, question.key_id)
        loaded.require_agreement(question.key_check)
        self._allowance.spend(caller.partner, len(question.tokens))

        results: list[RowResult] = []
        hits: list[tuple[int, IndexDigest]] = []
        digest, might_contain = loaded.digester.digest, loaded.generation.might_contain
        for row, token in enumerate(question.tokens):
            if token is None:
                results.append("invalid")
                continue
            results.append("no_match")
            if might_contain(key := digest(token)):
                hits.append((row, key))
            if row % _ROWS_AT_A_TIME == _ROWS_AT_A_TIME - 1:
                await asyncio.sleep(0)

        matches, trouble = await self._confirm(loaded, hits)
        for row in matches:
            results[row] = "match"
        if trouble is None and "no_match" in results and self._lists.is_stale(loaded):
            trouble = "stale"
        if trouble is not None:
            raise await self._unknown(caller, question, loaded, matches, trouble)
        receipt = await self._journal.record(caller, question, loaded, results, matches)
        return Answered(results, receipt, loaded.state)

    async def _confirm(
        self, loaded: LoadedList, hits: list[tuple[int, IndexDigest]]
    ) -> tuple[dict[int, IndexDigest], UnavailableReason | None]:
        """Return the hits that are listed for certain, and why others could not be told."""
        matches: dict[int, IndexDigest] = {}
        trouble: UnavailableReason | None = None
        for row, digest in hits:
            try:
                if await loaded.generation.is_listed(digest):
                    matches[row] = digest
            except Untrusted:
                trouble = "store"
            except StoreUnavailable:
                # The others would each wait as long for the same.
                return matches, "store"
        return matches, trouble

    async def _unknown(
        self,
        caller: Caller,
        question: Question,
        loaded: LoadedList,
        matches: dict[int, IndexDigest],
        trouble: UnavailableReason,
    ) -> Unavailable:
        """Say what is not known; matches that are certain are recorded and told with it."""
        message = "an answer is not known; never read this as no_match"
        if not matches:
            return Unavailable(message, reason=trouble)
        certain = Question(
            question.key_id,
            question.key_check,
            [question.kinds[row] for row in matches],
            [question.tokens[row] for row in matches],
        )
        certain_results: list[RowResult] = ["match"] * len(matches)
        # Under the row numbers of the whole question: row i is receipt `RECEIPT.i` here too.
        receipt = await self._journal.record(caller, certain, loaded, certain_results, matches)
        return Unavailable(message, reason=trouble, matches=tuple(matches), receipt=receipt.id)
