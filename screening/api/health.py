"""`/livez` and `/readyz`: whether a worker is there, and whether it can answer questions."""

from litestar import get
from litestar.handlers import HTTPRouteHandler

from screening.api.lists import Lists
from screening.api.quotas.allowance import Allowance
from screening.ledger.group_commit import GroupCommit
from screening.vocabulary.errors import Unavailable


def health_routes(
    lists: Lists, commit: GroupCommit, allowance: Allowance
) -> tuple[HTTPRouteHandler, HTTPRouteHandler]:
    """Return both; they need no key."""

    @get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "ok"}

    @get("/readyz")
    async def readyz() -> dict[str, str]:
        if not lists.current().lists:
            raise Unavailable("no list is loaded", reason="index")
        if not commit.is_writable:
            raise Unavailable("the journal is not open yet, or cannot be written", reason="audit")
        if not allowance.is_usable:
            raise Unavailable("the allowance cannot be read or written", reason="audit")
        return {"status": "ok"}

    return livez, readyz
