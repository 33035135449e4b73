"""A checkout mix: one to three selectors a booking, few hits; a bulk user beside it.

    SCREENING_LOAD_KIT=acme.kit.json locust -f loadtests/locustfile.py --host http://127.0.0.1:8080

Fails on any answer that is not a 200 with the right number of results. Tokens are derived once at
start, so that the load is the API's and not Argon2's.
"""

import base64
import os
import random
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from locust import FastHttpUser, between, constant_pacing, events, task

from screening.vocabulary.kit import parse_kit
from screening.vocabulary.normalise import normalise
from screening.vocabulary.tokens import stretch

LISTED: Final = ("phone", "+1 202 555 0142")
HIT_RATE: Final = 0.01
BULK_ROWS: Final = 1_000


class Tokens:
    """The tokens of one kit."""

    def __init__(self, path: Path) -> None:
        self.kit = parse_kit(path.read_bytes())
        key = self.kit.token_key
        self._key = key
        self._deriver = key.deriver()
        self.question = {"key_id": key.key_id, "key_check": _text(self.kit.key_check())}
        self.headers = {"authorization": f"Bearer {self.kit.api_key}"}
        self.listed = self._row(*LISTED)
        self.others = [self._row("phone", f"+1 202 555 01{n:02d}") for n in range(100) if n != 42]
        self.others += [self._row("email", f"guest{n}@booking.test") for n in range(100)]

    def _row(self, kind: str, raw: str) -> dict[str, str]:
        stretched = stretch(normalise(kind, raw), salt=self._key.salt, profile=self._key.stretch)
        return {"kind": kind, "token": _text(self._deriver.token(stretched))}

    def booking(self, selectors: int) -> dict[str, Any]:
        """Return the body for one booking."""
        return {**self.question, "selectors": [self._one() for _ in range(selectors)]}

    def _one(self) -> dict[str, str]:
        hit = random.random() < HIT_RATE  # noqa: S311 - load, not secrets
        return self.listed if hit else random.choice(self.others)  # noqa: S311 - the same


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


TOKENS: Final = Tokens(Path(os.environ["SCREENING_LOAD_KIT"]))


class _Asker(FastHttpUser):
    abstract = True

    def ask(self, route: str, body: dict[str, Any]) -> None:
        """Ask, and count anything but a complete answer as a failure."""
        with self.client.post(
            f"/v1/{route}", json=body, headers=TOKENS.headers, catch_response=True
        ) as response:
            if response.status_code != 200:
                response.failure(f"status {response.status_code}")
            elif len(response.json()["results"]) != len(body["selectors"]):
                response.failure("not one result for each selector")


class Checkout(_Asker):
    """A booking every few tens of milliseconds."""

    weight = 10
    wait_time = between(0.01, 0.05)

    @task
    def book(self) -> None:
        """Ask about the selectors of one booking."""
        self.ask("check", TOKENS.booking(random.randint(1, 3)))  # noqa: S311 - load, not secrets


class TrustTeam(_Asker):
    """One bulk request after the other."""

    fixed_count = 1
    wait_time = constant_pacing(0.2)

    @task
    def screen(self) -> None:
        """Ask about a thousand accounts."""
        self.ask("bulk", TOKENS.booking(BULK_ROWS))


@events.init.add_listener  # type: ignore[untyped-decorator]  # locust ships no types for it
def refuse_other_hosts(environment: Any, **_: object) -> None:
    """Send load to this machine only."""
    host = urlsplit(environment.host or "").hostname
    if host not in ("127.0.0.1", "localhost", "::1"):
        raise SystemExit("load goes to loopback only; pass --host http://127.0.0.1:PORT")
