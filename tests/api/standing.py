"""One deployment for the whole folder: a published list, partners of every sort, an API of two."""

import base64
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from tests.harness import plain_http
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import eventually
from tests.harness.template import Template
from tests.harness.valkey import Valkey

LISTED: Final = (
    ("phone", "+1 202 555 0101"),
    ("phone", "+1 202 555 0102"),
    ("card", "4242 4242 4242 4242"),
    ("email", "listed@booking.example"),
)
UNLISTED: Final = (
    ("phone", "+1 202 555 0177"),
    ("card", "3782 822463 10005"),
    ("email", "traveller@booking.example"),
)
TEST_LISTED: Final = (
    ("phone", "+1 202 555 0199"),
    ("card", "4000 0000 0000 0002"),
    ("email", "listed@screening.example"),
)
"""The permanent list that test keys read."""

WORKERS: Final = 2


class Standing:
    """What the tests of this folder share; they only ask, and change nothing that others see.

    `checker` may only check, `bulker` may bulk too and hardly knows a limit, `tester` has test keys
    and no slow hash; `hurried` may ask one selector a second, `capped` five a day.
    """

    def __init__(self, folder: Path, valkey: Valkey, template: Template) -> None:
        self.valkey = valkey
        self.deployment = Deployed(folder, redis_url=valkey.url, template=template)
        self.deployment.indexer("init")
        self.deployment.publish([(kind, value, "trafficker") for kind, value in LISTED])
        add = self.deployment.add_partner
        self.checker = add("checker", "--stretch", "light")
        with _environment(self.deployment, INDEXER_SELECTORS_PER_SECOND="100000000"):
            self.bulker = add("bulker", "--scopes", "check,bulk")
            self.tester = add("tester", "--test", "--stretch", "none", "--scopes", "check,bulk")
        with _environment(self.deployment, INDEXER_SELECTORS_PER_SECOND="1"):
            self.hurried = add("hurried", "--test", "--stretch", "none", "--scopes", "check,bulk")
        with _environment(self.deployment, INDEXER_DAILY_SELECTORS="5"):
            self.capped = add("capped", "--test", "--stretch", "none", "--scopes", "check,bulk")
        self.api: Api = self.deployment.serve(workers=WORKERS)
        # Ready is a worker that has one list; here all of them must have all.
        eventually(self._is_complete, what="all lists in all workers")
        self.client = plain_http.client(base_url=self.api.url, timeout=10)

    @property
    def journal(self) -> Path:
        """The folder of the journal's segments."""
        return self.deployment.home / "journal"

    def _is_complete(self) -> bool:
        return "up to date" in self.deployment.indexer("status").stdout

    def close(self) -> None:
        self.client.close()
        self.deployment.close()

    def post(
        self,
        route: str,
        body: bytes | dict[str, Any],
        partner: Partner | None,
        **headers: str,
    ) -> httpx.Response:
        """Send one question; headers are named with underscores."""
        sent = {"content-type": "application/json", **(partner.headers if partner else {})}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else encode(body)
        return self.client.post(f"/v1/{route}", content=content, headers=sent)


def encode(body: Mapping[str, Any]) -> bytes:
    """Write a question as JSON."""
    return httpx.Request("POST", "http://api.example", json=body).read()


def random_tokens(count: int) -> list[str]:
    """Return well-formed tokens that no list holds."""
    return [base64.b64encode(os.urandom(32)).decode() for _ in range(count)]


@contextmanager
def _environment(deployment: Deployed, **variables: str) -> Iterator[None]:
    before = dict(deployment.environment)
    deployment.environment.update(variables)
    try:
        yield
    finally:
        deployment.environment.clear()
        deployment.environment.update(before)
