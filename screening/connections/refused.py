"""What a connection refuses by itself, and who says how."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Protocol

from uvicorn.protocols.http.httptools_impl import STATUS_LINE


class HttpRefused(Exception):
    """HTTP itself says no before anything is asked: `status` is 404, 405, 406, 408, 413 or 415."""

    def __init__(self, status: int, *, allow: str | None = None) -> None:
        super().__init__(HTTPStatus(status).phrase)
        self.status = status
        self.allow = allow


class Answer(Protocol):
    """An answer as it leaves."""

    @property
    def status(self) -> int:
        """Its status code."""
        ...

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """All of them but its length."""
        ...

    @property
    def body(self) -> bytes:
        """What it says."""
        ...


class Refusing(Protocol):
    """An application that says how a request is refused which nobody can read."""

    def refusal(self, error: Exception) -> Answer:
        """Return the answer to an `InvalidRequest`, `Unavailable` or `HttpRefused`."""
        ...


def last_answer(answer: Answer, default_headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return an answer as it is sent on a connection that ends behind it."""
    ending = (b"content-length", b"%d" % len(answer.body)), (b"connection", b"close")
    headers = (*default_headers, *answer.headers, *ending)
    head = b"".join(b"%b: %b\r\n" % header for header in headers)
    return STATUS_LINE[answer.status] + head + b"\r\n" + answer.body
