"""A question of 10,000 rows lets those of others be answered meanwhile, at every step of its own.

A worker has one thread for all: what a step does at a stretch is what a check waits for, at most.
"""

import os
import time

import pytest

from screening.api.check import Screening
from screening.api.journal import Asked, Journal, Receipt
from screening.disclosure.opening import PrivateHalf
from screening.disclosure.sealing import MatchSealer
from screening.registry.reader import Caller
from screening.vocabulary.question import Question
from screening.vocabulary.selector import IndexDigest, Token
from screening.vocabulary.wire import BULK_MAX_SELECTORS
from tests.api.quotas.spending import allowance_without_redis
from tests.api.watching_nothing import watch_of
from tests.api.worker_lists import KEY_ID, WorkerLists, load, run
from tests.harness.turns import turns_during

ROWS_AT_A_STRETCH = 300
"""Of any step: some tenths of a millisecond."""
LEAST_TURNS = BULK_MAX_SELECTORS // ROWS_AT_A_STRETCH
KEY = PrivateHalf.generate().key
SEALER = MatchSealer(lambda: KEY)


class AtOnce:
    """Takes records without a disk, which would let others in as well."""

    async def append(self, payload: bytes) -> None:
        assert payload


class Unrecorded:
    """Leaves out what a journal does, so that a turn is one that looking up has given."""

    async def record(self, *_: object) -> Receipt:
        return Receipt("r", bytes(32))


def ask_all(cached: WorkerLists) -> tuple[Caller, Question]:
    record = cached.lists.loaded.partners[KEY_ID]
    one = cached.lists.loaded.lists[cached.key_id]
    tokens: list[Token | None] = [Token(os.urandom(32)) for _ in range(BULK_MAX_SELECTORS)]
    key_check = one.generation.manifest.key_check
    question = Question(cached.key_id, key_check, ["phone"] * len(tokens), tokens)
    return Caller(record, record.api_keys[0]), question


@pytest.mark.slow
def test_looking_up_many_rows_lets_others_in(cached: WorkerLists) -> None:
    async def scenario() -> None:
        cached.moments.wall = time.time()  # or the list would be stale
        await load(cached)
        caller, question = ask_all(cached)
        allowance, watch = allowance_without_redis(cached.folder), watch_of(cached.folder)
        screening = Screening(cached.lists, allowance, Unrecorded(), watch)  # type: ignore[arg-type]  # as asked
        answer, turns = await turns_during(screening.answer(caller, cached.lists.loaded, question))
        assert answer.results == ["no_match"] * BULK_MAX_SELECTORS
        assert turns >= LEAST_TURNS

    run(scenario())


def test_committing_to_many_rows_and_sealing_many_matches_lets_others_in(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await load(cached)
        caller, question = ask_all(cached)
        asked = Asked(caller, question, cached.lists.loaded.lists[cached.key_id])
        journal = Journal(AtOnce(), SEALER)  # type: ignore[arg-type]  # as asked
        results = ["no_match"] * BULK_MAX_SELECTORS
        _, turns = await turns_during(journal.record(asked, results, {}))  # type: ignore[arg-type]  # literals
        assert turns >= LEAST_TURNS
        matches = {row: IndexDigest(bytes(16)) for row in range(BULK_MAX_SELECTORS)}
        _, beside_matches = await turns_during(journal.record(asked, results, matches))  # type: ignore[arg-type]  # literals
        assert beside_matches >= turns + LEAST_TURNS

    run(scenario())
