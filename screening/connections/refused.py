"""What a connection refuses by itself, and who says how."""

from http import HTTPStatus
from typing import Protocol


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
