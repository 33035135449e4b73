"""The rows of a question, looked up in memory: what is listed, what is not, what may be."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from screening.api.loaded import LoadedList
from screening.generations.records import Minute, is_listed_at
from screening.vocabulary.selector import IndexDigest, Token
from screening.vocabulary.tokens import DIGEST_BYTES
from screening.vocabulary.wire import RowResult

_ROWS_AT_A_TIME: Final = 64
"""A bulk request lets others in after so many rows: a few tenths of a millisecond."""


class Rows:
    """What is known of each row, in the order asked; `macs` are empty where it has no token.

    `matches` are the rows that are listed for certain, `hits` those that the filter may know.
    """

    def __init__(self) -> None:
        self.results: list[RowResult] = []
        self.macs: list[bytes] = []
        self.matches: dict[int, IndexDigest] = {}
        self.hits: dict[int, IndexDigest] = {}

    def match(self, confirmed: Mapping[int, IndexDigest]) -> None:
        """Take up which of the hits are listed."""
        if not confirmed:
            return
        self.matches = dict(sorted({**self.matches, **confirmed}.items()))
        for row in confirmed:
            self.results[row] = "match"

    @property
    def have_misses(self) -> bool:
        """Whether any row is told to be on no list."""
        return "no_match" in self.results

    @property
    def asked(self) -> int:
        """How many rows have a token."""
        return len(self.results) - self.results.count("invalid")

    @property
    def matched_macs(self) -> list[bytes]:
        """What budgets count of the matches (`Digester.mac`)."""
        return [self.macs[row] for row in self.matches]


async def look_up(tokens: Sequence[Token | None], one: LoadedList, minute: Minute) -> Rows:
    """Look each token up in what is loaded: no disk and no Redis is waited for."""
    rows = Rows()
    mac, changed, might_contain = one.digester.mac, one.overlay.get, one.generation.might_contain
    for row, token in enumerate(tokens):
        if row % _ROWS_AT_A_TIME == _ROWS_AT_A_TIME - 1:
            await asyncio.sleep(0)
        if token is None:
            rows.results.append("invalid")
            rows.macs.append(b"")
            continue
        rows.results.append("no_match")
        rows.macs.append(mac(token))
        key = IndexDigest(rows.macs[-1][:DIGEST_BYTES])
        if (listed_until := changed(key)) is not None:  # final: the generation is older
            if is_listed_at(minute, listed_until):
                rows.matches[row] = key
                rows.results[row] = "match"
        elif might_contain(key):
            rows.hits[row] = key
    return rows
