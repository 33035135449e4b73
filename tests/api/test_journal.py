"""A journal's records: receipts that tell nothing of each other, commitments that bind each row."""

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable
from itertools import cycle, islice

import msgspec
import pytest

from screening.api.journal import Asked, CheckRecord, Journal, Receipt
from screening.disclosure.opening import PrivateHalf
from screening.disclosure.sealing import MatchSealer
from screening.ledger.lines import require_payload
from screening.registry.reader import Caller
from screening.vocabulary.question import Question
from screening.vocabulary.selector import IndexDigest, SelectorKind, Token
from screening.vocabulary.wire import RowResult
from tests.api.journal_records import opened
from tests.api.worker_lists import WorkerLists
from tests.harness.reading import commitment

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
RESULTS: tuple[RowResult, ...] = ("no_match", "match", "no_match")
HALF = PrivateHalf.generate()
# More rows than are bound at a time, and as many as are.
SIZES = (1, 255, 256, 257, 512, 513, 10_000)


class Noted:
    """A ledger that keeps what it is given."""

    def __init__(self) -> None:
        self.payloads: list[bytes] = []

    async def append(self, payload: bytes) -> None:
        require_payload(payload)  # the largest record fits a line
        self.payloads.append(payload)

    def last(self) -> CheckRecord:
        return msgspec.json.decode(self.payloads[-1], type=CheckRecord)


def asked_in(cached: WorkerLists, rows: int) -> Asked:
    """Return a question of so many rows, about the one list that is loaded."""
    loaded = cached.lists.loaded
    (partner,) = loaded.partners.values()
    kinds = list(islice(cycle(kind.value for kind in SelectorKind), rows))
    tokens: list[Token | None] = [Token(os.urandom(32)) for _ in range(rows)]
    question = Question(cached.key_id, bytes(8), kinds, tokens)
    return Asked(Caller(partner, partner.api_keys[0]), question, loaded.lists[cached.key_id])


def results_of(rows: int) -> list[RowResult]:
    return list(islice(cycle(RESULTS), rows))


def rows_of(
    asked: Asked, rows: list[int], results: list[RowResult]
) -> list[tuple[str, bytes, str]]:
    """Return (kind, token, result) of some rows of a question."""
    question = asked.question
    return [
        (question.kinds[row], question.tokens[row] or b"", result)
        for row, result in zip(rows, results, strict=True)
    ]


def run(cached: WorkerLists, scenario: Callable[[Journal, Noted], Awaitable[None]]) -> None:
    noted = Noted()

    async def whole() -> None:
        await cached.lists.refresh()
        sealer = MatchSealer(lambda: HALF.key)
        await scenario(Journal(noted, sealer), noted)  # type: ignore[arg-type]  # all that it asks

    asyncio.run(whole())


def spelled(content: bytes) -> str:
    """Return what a receipt of these random bytes would be."""
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in content)


def parts_of(text: str) -> set[str]:
    """Return every eight characters in a row: none is found in two texts by chance."""
    return {text[at : at + 8] for at in range(len(text) - 7)}


def test_no_receipt_tells_anything_of_an_opening_nor_of_another_receipt(
    cached: WorkerLists,
) -> None:
    receipts: list[Receipt] = []

    async def scenario(journal: Journal, _: Noted) -> None:
        asked = asked_in(cached, 1)
        # Random bytes are drawn for 64 receipts at a time.
        receipts.extend([await journal.record(asked, ["no_match"], {}) for _ in range(200)])

    run(cached, scenario)
    seen: set[str] = set()
    for receipt in receipts:
        assert len(receipt.opening) == 32
        as_base32 = base64.b32encode(receipt.opening).decode().lower().rstrip("=")
        parts = parts_of(receipt.id) | parts_of(spelled(receipt.opening)) | parts_of(as_base32)
        assert not parts & seen
        assert not parts_of(receipt.id) & parts_of(spelled(receipt.opening))
        seen |= parts


@pytest.mark.parametrize("rows", SIZES)
def test_a_commitment_binds_every_row(cached: WorkerLists, rows: int) -> None:
    async def scenario(journal: Journal, noted: Noted) -> None:
        asked, results = asked_in(cached, rows), results_of(rows)
        receipt = await journal.record(asked, results, {})
        told = rows_of(asked, list(range(rows)), results)
        assert noted.last().commitment == commitment(receipt.opening, told)
        kind, token, result = told[-1]
        other = "match" if result == "no_match" else "no_match"
        assert noted.last().commitment != commitment(
            receipt.opening, [*told[:-1], (kind, token, other)]
        )

    run(cached, scenario)


@pytest.mark.parametrize("matches", [0, *SIZES])
def test_the_commitment_of_certain_matches_binds_every_match(
    cached: WorkerLists, matches: int
) -> None:
    async def scenario(journal: Journal, noted: Noted) -> None:
        asked = asked_in(cached, 10_000)
        rows = list(range(10_000 - matches, 10_000))
        digests = {row: IndexDigest(row.to_bytes(16)) for row in rows}
        receipt = await journal.record_certain(asked, digests)
        told = rows_of(asked, rows, ["match"] * matches)
        assert noted.last().commitment == commitment(receipt.opening, told)
        asserted = {
            row: match and (match.digest, match.kind)
            for row, match in opened(noted.last(), HALF).items()
        }
        kinds = asked.question.kinds
        assert asserted == {str(row): (digests[row], kinds[row]) for row in rows}

    run(cached, scenario)
