"""Partners who ask without a pause while something happens to the service."""

import base64
import os
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import httpx

from tests.harness import plain_http
from tests.harness.block_threads import BlockThreads
from tests.harness.deployment import Api, Partner

PATIENT_WITH_REDIS: Final = {"SCREENING_STORE_TIMEOUT_MS": "1000"}
"""For who holds that all is answered: tens of milliseconds others may have the processor, and then
Redis counts as away, without which a part of each budget passes and no more."""


class Asking(BlockThreads):
    """Threads that ask the same question again and again, and keep every answer; a context manager.

    Each of `partners` asks for `selectors` by `clients` threads; where `anew`, for as many others
    each time, that nobody has asked for or listed.
    """

    def __init__(
        self,
        api: Api,
        partners: Sequence[Partner],
        *selectors: tuple[str, str],
        clients: int = 1,
        pause_s: float = 0.0,
        anew: bool = False,
    ) -> None:
        super().__init__(
            *(
                partial(self._ask, partner.body(*selectors), partner.headers)
                for partner in partners
                for _ in range(clients)
            )
        )
        self.answers: list[httpx.Response] = []
        self.broken = 0
        """Requests whose connection broke before an answer came."""
        self._url = f"{api.url}/v1/check"
        self._pause_s = pause_s
        self._anew = anew

    @property
    def statuses(self) -> set[int]:
        return {answer.status_code for answer in list(self.answers)}

    @property
    def unknown(self) -> set[str]:
        """Return the reasons of all answers with 503."""
        return {
            answer.json()["reason"] for answer in list(self.answers) if answer.status_code == 503
        }

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

    def _ask(self, body: dict[str, Any], headers: dict[str, str]) -> None:
        with plain_http.client(headers=headers, timeout=10) as client:
            while not self.ending.is_set():
                for selector in body["selectors"] if self._anew else ():
                    selector["token"] = base64.b64encode(os.urandom(32)).decode()
                try:
                    self.answers.append(client.post(self._url, json=body))
                except httpx.HTTPError:
                    self.broken += 1
                self.ending.wait(self._pause_s)
