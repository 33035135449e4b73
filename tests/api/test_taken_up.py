"""What a worker in doubt has taken up counts as of when it began to look at that."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from screening.api.cache import Cache, Documents
from tests.api.worker_lists import PAUSE_S, WorkerLists, answering, is_answering, look, run


class Slow(Cache):
    """Reads the documents, and tells the first who asks only once a test wants that."""

    begun: threading.Event
    told: threading.Event

    def read_documents(self) -> Documents:
        """Return them as they were when this was asked."""
        documents = super().read_documents()
        if not self.begun.is_set():
            self.begun.set()
            assert self.told.wait(30)
        return documents


@pytest.fixture
def slow(cached: WorkerLists) -> Iterator[Slow]:
    slow = Slow(cached.folder)
    slow.begun, slow.told = threading.Event(), threading.Event()
    yield slow
    slow.told.set()


@pytest.mark.parametrize("overtaken", ["partners", "lists"])
def test_a_look_that_sync_has_overtaken_ends_no_doubt(
    cached: WorkerLists, slow: Slow, overtaken: str
) -> None:
    async def scenario() -> None:
        await answering(cached)
        cached.moments.steady += PAUSE_S
        await look(cached)
        looks = [cached.lists.refresh_partners, cached.lists.refresh]
        slow_look, other_look = looks if overtaken == "partners" else looks[::-1]
        cached.lists._cache = slow
        slow.write_documents(cached.cache.read_documents())  # another version of the file
        looking = asyncio.create_task(slow_look())
        assert await asyncio.to_thread(slow.begun.wait, 30)
        cached.lay_down()
        await other_look()
        slow.told.set()
        await looking
        assert not is_answering(cached.lists)
        await look(cached)
        assert is_answering(cached.lists)

    run(scenario())


def test_documents_that_cannot_be_read_end_no_doubt(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await answering(cached)
        documents = cached.cache.read_documents()
        cached.moments.steady += PAUSE_S
        await look(cached)
        (cached.cache.directory / "documents").write_bytes(b"damaged")
        cached.lay_down()
        await look(cached)
        assert not is_answering(cached.lists)
        cached.cache.write_documents(documents)
        await look(cached)
        assert is_answering(cached.lists)

    run(scenario())


def test_a_look_of_syncs_that_lies_ahead_of_the_clock_ends_no_doubt(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await answering(cached)
        cached.moments.steady += PAUSE_S
        cached.lay_down(began_s_ago=-3_600.0)
        await look(cached)
        assert not is_answering(cached.lists)
        cached.start()
        assert not is_answering(cached.lists)

    run(scenario())
