"""Lists of a worker over a cache and clocks that a test moves."""

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path

import redis.asyncio

from screening.api.cache import Cache, LastFound, boot_id
from screening.api.lists import Lists
from screening.api.loaded import LoadedList
from screening.api.settings import ApiSecrets, ApiSettings
from screening.generations.fetch import generation_directory
from screening.generations.manifest import Head, sign_head
from screening.store.signed import Signer
from screening.vocabulary.errors import Unavailable
from tests.harness.deployment import Deployed

KEY_ID = "acme"
PAUSE_S = 3.1
"""Longer than a worker goes without a look."""
BEAT_S = 0.2


class Moments:
    """A wall clock and a steady one."""

    def __init__(self) -> None:
        self.wall = 1_800_000_000.0
        self.steady = 5_000.0


class Alarms:
    def __init__(self) -> None:
        self.seen: list[str] = []

    def raised(self, what: str, name: str, *, since: int = 0) -> None:
        assert name
        self.seen.append(what)


def lists_that_load_until(begun: threading.Event, over: threading.Event) -> type[Lists]:
    """Return a worker's lists of which each load has `begun`, and takes until it is `over`."""

    class Slow(Lists):
        def _load(self):  # type: ignore[no-untyped-def]  # as its base
            begun.set()
            assert over.wait(30)
            return super()._load()

    return Slow


class WorkerLists:
    """The cache of a host that has loaded one list, and a worker's view of it."""

    def __init__(self, deployed: Deployed, signer: Signer) -> None:
        self.moments = Moments()
        self.alarms = Alarms()
        self.folder = deployed.home
        self.secrets = deployed.secrets
        self.cache = Cache(deployed.home)
        self.signer = signer
        self.lay_down()
        self.start()

    def start(self, settings: ApiSettings | None = None) -> None:
        """Begin as a new worker."""
        self.lists = Lists(
            cache=self.cache,
            secrets=ApiSecrets(self.secrets),
            settings=settings or ApiSettings(),
            redis=redis.asyncio.Redis(),
            alarms=self.alarms,
            clock=lambda: self.moments.wall,
            monotonic=lambda: self.moments.steady,
        )

    @property
    def key_id(self) -> str:
        (key_id,) = self.cache.read_documents().heads
        return key_id

    def confirm(self, *, boot: str | None = None) -> None:
        """Write what sync writes when it has found the head in Redis just now."""
        sequence = self.lists.loaded.lists[self.key_id].head.sequence
        times = (sequence, self.moments.wall, self.moments.steady)
        said = self.cache.read_confirmed()
        told = (boot or boot_id(), said.laid_down, said.asked)
        self.cache.write_confirmed(LastFound({self.key_id: times}, *told))

    def lay_down(
        self, *, began_s_ago: float = 0.1, away_s: float = 0.0, boot: str | None = None
    ) -> None:
        """Write what sync writes when all is laid down that it has found by a look.

        Or when Redis has been away since so long before the look began.
        """
        found = self.cache.read_confirmed().heads
        asked = self.moments.steady - began_s_ago
        self.cache.write_confirmed(LastFound(found, boot or boot_id(), asked - away_s, asked))

    def confirm_first(self) -> None:
        """Write what sync writes when it has asked Redis in a boot, and nothing is fetched yet."""
        self.cache.write_confirmed(LastFound(self.cache.read_confirmed().heads, boot_id()))


async def load(cached: WorkerLists) -> None:
    """Have the lists read, and confirmed by a sync that there is not."""
    await cached.lists.refresh()
    cached.confirm()
    await cached.lists.refresh()
    assert cached.key_id in cached.lists.loaded.lists


async def look(cached: WorkerLists, *, after_s: float = BEAT_S) -> None:
    """Let some time pass, and the worker look at both."""
    cached.moments.steady += after_s
    await cached.lists.refresh_partners()
    await cached.lists.refresh()


async def answering(cached: WorkerLists) -> None:
    """Be a worker that answers, some time after sync has looked."""
    await load(cached)
    await look(cached)
    assert is_answering(cached.lists)


def is_answering(lists: Lists) -> bool:
    """Tell whether a worker answers, or has stood still."""
    try:
        assert lists.current() is lists.loaded
    except Unavailable as unavailable:
        assert unavailable.reason == "overloaded"
        return False
    return True


def run(scenario: Coroutine[None, None, None]) -> None:
    """Run a scenario to its end."""
    asyncio.run(scenario)


def held(cached: WorkerLists) -> LoadedList:
    return cached.lists.loaded.lists[cached.key_id]


def folder_of(cached: WorkerLists) -> Path:
    return generation_directory(cached.cache.directory, held(cached).head)


def write_again(cached: WorkerLists, head: Head | None = None) -> None:
    """Lay the documents down once more, perhaps with another head."""
    documents = cached.cache.read_documents()
    if head is not None:
        documents.heads[cached.key_id] = sign_head(head, cached.signer)
    cached.cache.write_documents(documents)


async def refreshed(cached: WorkerLists) -> None:
    """Look until nothing is read beside the looks, and what was found by that is loaded."""
    for _ in range(3):
        await cached.lists.refresh()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
