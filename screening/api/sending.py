"""Answers as they leave."""

from litestar.types import Send

from screening.api.headers import own_headers
from screening.api.logs import REQUEST_ID
from screening.api.problems import ProblemResponse


async def send_problem(send: Send, response: ProblemResponse) -> None:
    """Send a problem."""
    await send_answer(send, response.problem.status, response.headers, response.body)


async def send_answer(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    """Send an answer, with the headers that every one has."""
    headers.append((b"content-length", b"%d" % len(body)))
    headers += own_headers(REQUEST_ID.get())
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
