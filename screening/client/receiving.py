"""Reads an answer as it comes, and no further than its bound."""

import httpx

from screening.client.replies import Reply, off_contract


async def received(response: httpx.Response, *, max_bytes: int) -> Reply:
    """Return what came, whatever it is; raises `Unknown` where it is longer than `max_bytes`."""
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > max_bytes:
            raise off_contract()
    return Reply(
        response.status_code,
        response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        response.headers.get("Retry-After", "").strip(),
        response.headers.get("RateLimit", ""),
        bytes(body),
    )
