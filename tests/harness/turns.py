"""How often others come to their turn on an event loop while something is awaited."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


async def turns_during(awaited: Coroutine[Any, Any, ResultT]) -> tuple[ResultT, int]:
    """Return the result of `awaited`, and how many turns somebody beside it had meanwhile."""
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(take_turns())
    try:
        return await awaited, turns
    finally:
        other.cancel()
