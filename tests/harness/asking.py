"""Partners who ask without a pause while something happens to the service."""

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

import httpx

from tests.harness.deployment import Api, Partner

_JOIN_S: Final = 30.0


class AskingThreads:
    """Threads that go on until `_ending` is set, as it is at the end of the `with` block."""

    _threads: Sequence[threading.Thread]

    def __init__(self) -> None:
        self._ending = threading.Event()

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(_JOIN_S)


class Asking(AskingThreads):
    """Threads that ask the same question again and again, and keep every answer; a context manager.

    Each of `partners` asks for `selectors` by `clients` threads.
    """

    def __init__(
        self,
        api: Api,
        partners: Sequence[Partner],
        *selectors: tuple[str, str],
        clients: int = 1,
        pause_s: float = 0.0,
    ) -> None:
        super().__init__()
        self.answers: list[httpx.Response] = []
        self.broken = 0
        """Requests whose connection broke before an answer came."""
        self._url = f"{api.url}/v1/check"
        self._pause_s = pause_s
        self._threads = [
            threading.Thread(target=self._ask, args=(partner.body(*selectors), partner.headers))
            for partner in partners
            for _ in range(clients)
        ]

    @property
    def statuses(self) -> set[int]:
        return {answer.status_code for answer in list(self.answers)}

    @property
    def results(self) -> set[tuple[str, ...]]:
        """Return the different results of all answers with 200."""
        return {
            tuple(answer.json()["results"])
            for answer in list(self.answers)
            if answer.status_code == 200
        }

    @property
    def receipts(self) -> set[str]:
        return {
            answer.json()["receipt"] for answer in list(self.answers) if answer.status_code == 200
        }

    def _ask(self, body: object, headers: dict[str, str]) -> None:
        with httpx.Client(headers=headers, timeout=10) as client:
            while not self._ending.is_set():
                try:
                    self.answers.append(client.post(self._url, json=body))
                except httpx.HTTPError:
                    self.broken += 1
                self._ending.wait(self._pause_s)
