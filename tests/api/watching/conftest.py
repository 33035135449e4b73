"""A list in which `CANARY` is marked."""

import asyncio

import pytest

from screening.api.loaded import LoadedList
from tests.api.watching.watched import CANARY
from tests.api.worker_lists import WorkerLists, load


@pytest.fixture
def marked(cached: WorkerLists) -> LoadedList:
    asyncio.run(load(cached))
    one = cached.lists.loaded.lists[cached.key_id]
    one.canaries = frozenset({CANARY})
    return one
