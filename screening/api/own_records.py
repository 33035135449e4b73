"""A partner's own records, found in the journal and log of this host.

Out of the way of all checks: in a thread, one at a time (docs/decisions/0029). Another partner's
record is as one that nobody has.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from screening.api.metrics import Metrics
from screening.ledger.accesses import parse_access
from screening.ledger.lines import CHAIN_CHARACTERS
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.keys import read_verifier_key
from screening.ledger.log.missing_segments import MissingSegments
from screening.ledger.log.notes import VerifierKey
from screening.ledger.log.receipts import find_proof, find_record
from screening.vocabulary.errors import LedgerDamaged, NotSignedYet, OperatorError
from screening.vocabulary.proof import Proof

FoundT = TypeVar("FoundT")


class OwnRecords:
    """Finds records by their receipts, for the partner that was given them."""

    def __init__(self, journal: Path, metrics: Metrics) -> None:
        self._journal = journal
        self._missing = MissingSegments(journal)
        self._metrics = metrics
        self._turn = asyncio.Semaphore(1)

    def log_key(self) -> str | None:
        """Return by which key the log of this host is verified; None until it has begun."""
        key = read_verifier_key(self._journal / LOG)
        return None if key is None else key.text

    async def proof(self, receipt: str, *, partner: str) -> Proof:
        """Return the proof for a partner's record.

        Raises `ReceiptNotFound` and `NotSignedYet`, which is also what a partner is told of
        whatever is wrong here: an alarm says so, and the log line why.
        """
        return await self._in_turn(
            lambda key: find_proof(self._missing, key, receipt, partner=partner)
        )

    async def matched_rows(self, receipt: str, *, partner: str) -> frozenset[int]:
        """Return the rows that a partner was told to match, from 0; raises as `proof`.

        A record need not be signed for that: it was durable before its answer left.
        """

        def rows(key: VerifierKey) -> frozenset[int]:
            found = find_record(self._missing, key, receipt, partner=partner)
            access = parse_access(found.line[CHAIN_CHARACTERS + 1 :])
            if access is None or not all(map(str.isdecimal, access.matches)):
                raise LedgerDamaged("the record of a receipt is none of an answer")
            return frozenset(map(int, access.matches))

        return await self._in_turn(rows)

    async def _in_turn(self, find: Callable[[VerifierKey], FoundT]) -> FoundT:
        async with self._turn:
            try:
                return await asyncio.to_thread(self._found, find)
            except (LedgerDamaged, OperatorError) as error:
                why = str(error)  # our sentence: it holds no input
            except OSError as error:
                why = f"the log cannot be read: {error.strerror}"
            except RuntimeError:  # the system has too many threads
                why = "the log cannot be read: no thread could be started for it"
        self._metrics.raised("proof_failed", "journal")
        raise NotSignedYet(why)

    def _found(self, find: Callable[[VerifierKey], FoundT]) -> FoundT:
        key = read_verifier_key(self._journal / LOG)
        if key is None:
            raise NotSignedYet("the log has not begun yet")
        return find(key)
