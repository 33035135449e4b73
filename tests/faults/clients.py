"""Clients that ask about a fleet of known selectors without a pause, and hold each answer."""

import base64
import http.client
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from tests.faults.truth import MOST_KEPT, Tally, Truth, Windows
from tests.harness.block_threads import BlockThreads
from tests.harness.deployment import Partner

_PATIENCE_S: Final = 10.0
_CHECK_ROWS: Final = 16
_BULK_ROWS: Final = 400
_LET_GO: Final = 0.02
"""How often a client comes back by another connection: it may find another worker."""


@dataclass(frozen=True)
class Fleet:
    """Selectors in question, with their rows of a body for one partner, made once."""

    partner: Partner
    selectors: list[tuple[str, str]]
    rows: list[dict[str, str]]

    @classmethod
    def of(cls, partner: Partner, selectors: list[tuple[str, str]]) -> "Fleet":
        rows = [
            {"kind": kind, "token": base64.b64encode(partner.token(kind, value)).decode()}
            for kind, value in selectors
        ]
        return cls(partner, selectors, rows)

    def body(self, numbers: list[int]) -> bytes:
        document = {**self.partner.body(), "selectors": [self.rows[one] for one in numbers]}
        return msgspec.json.encode(document)


@dataclass(frozen=True)
class Held:
    """What answers are held against, and where that is written down; shared by all clients."""

    truth: Truth
    windows: Windows
    tally: Tally


class Clients(BlockThreads):
    """Threads, a context manager: those for each of `routes` ask `fleets` in turn."""

    def __init__(
        self,
        find_url: Callable[[], str],
        fleets: list[Fleet],
        held: Held,
        *,
        routes: tuple[str, ...],
        seed: int,
    ) -> None:
        clients = [
            _Client(find_url, fleets[number % len(fleets)], held, seed + number)
            for number in range(len(routes))
        ]
        super().__init__(
            *(
                lambda client=client, route=route: client.ask_on(route, self.ending)
                for client, route in zip(clients, routes, strict=True)
            )
        )


class _Client:
    def __init__(self, find_url: Callable[[], str], fleet: Fleet, held: Held, seed: int) -> None:
        self._find_url = find_url
        self._fleet = fleet
        self._held = held
        self._draw = random.Random(seed)  # noqa: S311 - the same questions each time
        self._url = ""
        self._connection: http.client.HTTPConnection | None = None

    def ask_on(self, route: str, ending: threading.Event) -> None:
        most = _CHECK_ROWS if route == "check" else _BULK_ROWS
        try:
            while not ending.is_set():
                count = self._draw.randint(1, most)
                numbers = self._draw.sample(range(len(self._fleet.selectors)), count)
                self._ask(route, numbers)
                if self._draw.random() < _LET_GO:
                    self._let_go()
        finally:
            self._let_go()

    def _ask(self, route: str, numbers: list[int]) -> None:
        oldest = self._held.truth.oldest()
        begin = time.monotonic()
        try:
            status, document = self._exchange(route, self._fleet.body(numbers))
        except (OSError, http.client.HTTPException, msgspec.DecodeError):
            self._let_go()
            self._note_refusal("broken", begin)
            # Nobody listens, perhaps, and a partner would not call at once either.
            time.sleep(0.02)
            return
        if status == 200:
            self._note_answer(route, numbers, document, oldest)
        elif status == 503:
            self._note_certain(numbers, document, oldest)
            self._note_refusal(document["reason"], begin)
        else:
            with self._held.tally.lock:
                self._held.tally.odd[status] += 1

    def _note_answer(
        self, route: str, numbers: list[int], document: dict[str, Any], oldest: int
    ) -> None:
        results = document["results"]
        asked = [self._fleet.selectors[one] for one in numbers]
        complete = len(results) == len(asked)
        verdict = self._held.truth.judge(asked, results, oldest) if complete else "torn"
        if (document["result"] == "match") != ("match" in results):
            verdict = "torn"
        told = (results.count("match"), results.count("no_match"))
        tally = self._held.tally
        with tally.lock:
            tally.answers[route] += 1
            tally.rows += len(numbers)
            tally.receipts[document["receipt"]] = told
            self._note_verdict(verdict, f"{route} of {len(numbers)}: {document['list']}")

    def _note_certain(self, numbers: list[int], document: dict[str, Any], oldest: int) -> None:
        """Hold the matches that a refusal calls certain: a false one is a false yes."""
        if "receipt" not in document:
            return
        certain = document["matches"]
        asked = [self._fleet.selectors[numbers[row]] for row in certain]
        verdict = self._held.truth.judge(asked, ["match"] * len(asked), oldest)
        with self._held.tally.lock:
            self._held.tally.receipts[document["receipt"]] = (len(certain), 0)
            self._note_verdict(verdict, f"certain matches beside {document['reason']}")

    def _note_verdict(self, verdict: str, what: str) -> None:
        tally = self._held.tally
        tally.verdicts[verdict] += 1
        if verdict != "right" and len(tally.wrong) < MOST_KEPT:
            tally.wrong.append(f"{verdict}: {what}")

    def _note_refusal(self, reason: str, begin: float) -> None:
        tally, end = self._held.tally, time.monotonic()
        with tally.lock:
            tally.refusals[reason] += 1
            if not self._held.windows.touch(begin, end):
                tally.outside[f"{reason} behind {self._held.windows.last}"] += 1

    def _exchange(self, route: str, body: bytes) -> tuple[int, dict[str, Any]]:
        url = self._find_url()
        if self._connection is None or url != self._url:
            self._let_go()
            parts = urlsplit(url)
            assert parts.hostname
            self._connection = http.client.HTTPConnection(
                parts.hostname, parts.port, timeout=_PATIENCE_S
            )
            self._url = url
        headers = {"content-type": "application/json", **self._fleet.partner.headers}
        self._connection.request("POST", f"/v1/{route}", body, headers)
        with self._connection.getresponse() as response:
            return response.status, msgspec.json.decode(response.read())

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
