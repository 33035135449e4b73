"""A selector is listed until the minute in which its listing ends, and no longer."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from screening.api.check import Screening
from screening.api.journal import Receipt
from screening.api.loaded import Loaded
from screening.api.settings import ApiSettings
from screening.generations.fetch import generation_directory
from screening.generations.mapped import RECORDS_FILE
from screening.generations.overlay import Overlay
from screening.generations.records import Minute, unpack_records
from screening.registry.reader import Caller
from screening.vocabulary.question import Question
from screening.vocabulary.selector import Token
from screening.vocabulary.wire import RowResult
from tests.api.quotas.spending import allowance_without_redis
from tests.api.watching_nothing import watch_of
from tests.api.worker_lists import KEY_ID, WorkerLists
from tests.harness.deployment import Deployed, Partner

EPOCH_S: Final = 1_577_836_800  # 2020-01-01T00:00:00Z, from which minutes count
AROUND_THE_END: Final = pytest.mark.parametrize(
    ("later_s", "result"),
    [
        (-60.0, "match"),
        (-0.001, "match"),
        (0.0, "no_match"),
        (59.9, "no_match"),
        (60.0, "no_match"),
    ],
)


class Unwritten:
    """A journal that records nothing."""

    async def record(self, *_: object) -> Receipt:
        return Receipt("a" * 26, bytes(32))


@pytest.fixture
def ageless(cached: WorkerLists, monkeypatch: pytest.MonkeyPatch) -> WorkerLists:
    """A worker that believes its list for years, whose only entry ends in one."""
    monkeypatch.setenv("SCREENING_MAX_LIST_AGE_S", str(10 * 365 * 86_400))
    cached.start(ApiSettings())
    return cached


@pytest.fixture
def token(filled: Deployed) -> Token:
    """The token of the one selector that is listed."""
    return Token(Partner(filled.folder / f"{KEY_ID}.kit.json").token("phone", "+1 202 555 0142"))


def answered(
    worker: WorkerLists, token: Token, overlay: Mapping[Token, Minute], now: float
) -> list[RowResult]:
    """Ask about one token at a moment; `overlay` is put over the list."""

    async def ask() -> list[RowResult]:
        await worker.lists.refresh()
        worker.moments.wall = now
        worker.confirm()
        await worker.lists.refresh()
        loaded = _with_overlay(worker, overlay)
        (partner,) = loaded.partners.values()
        one = loaded.lists[worker.key_id]
        question = Question(worker.key_id, one.generation.manifest.key_check, ["phone"], [token])
        allowance, watch = allowance_without_redis(worker.folder), watch_of(worker.folder)
        screening = Screening(worker.lists, allowance, Unwritten(), watch)  # type: ignore[arg-type]  # all that is asked of it
        answer = await screening.answer(Caller(partner, partner.api_keys[0]), loaded, question)
        return answer.results

    return asyncio.run(ask())


def _with_overlay(worker: WorkerLists, overlay: Mapping[Token, Minute]) -> Loaded:
    loaded = worker.lists.loaded
    one = loaded.lists[worker.key_id]
    digests: Overlay = {one.digester.digest(token): ends for token, ends in overlay.items()}
    return replace(loaded, lists={worker.key_id: replace(one, overlay=digests)})


def end_of_the_entry(worker: WorkerLists) -> Minute:
    """Return until when the generation lists its only selector."""
    asyncio.run(worker.lists.refresh())
    head = worker.lists.loaded.lists[worker.key_id].head
    folder: Path = generation_directory(worker.cache.directory, head)
    ((_, ends),) = unpack_records((folder / RECORDS_FILE).read_bytes())
    return ends


def begin_of(minute: Minute) -> float:
    return EPOCH_S + 60.0 * minute


@AROUND_THE_END
def test_an_end_in_the_generation_is_the_beginning_of_its_minute(
    ageless: WorkerLists, token: Token, later_s: float, result: str
) -> None:
    ends = end_of_the_entry(ageless)
    assert answered(ageless, token, {}, begin_of(ends) + later_s) == [result]


@AROUND_THE_END
def test_an_end_in_the_overlay_is_the_beginning_of_its_minute(
    ageless: WorkerLists, token: Token, later_s: float, result: str
) -> None:
    sooner = Minute(end_of_the_entry(ageless) - 1_000)
    assert answered(ageless, token, {token: sooner}, begin_of(sooner) + later_s) == [result]
