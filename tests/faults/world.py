"""A deployment under a soak: Valkey behind a fault proxy, an indexer, and an API of two workers."""

import contextlib
import http.client
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
import msgspec

from tests.faults.changing import Changing
from tests.faults.clients import Fleet
from tests.harness.deployment import Deployed
from tests.harness.fault_proxy import FaultProxy
from tests.harness.metrics import metric
from tests.harness.processes import eventually
from tests.harness.small_disk import SmallDisk, can_mount
from tests.harness.template import Template
from tests.harness.valkey import Valkey

WORKERS: Final = 2
SETTINGS: Final = {
    "SCREENING_POLL_MS": "200",
    # So short that faults outlast it: then what is no match is stale, and never told.
    "SCREENING_MAX_SYNC_AGE_S": "5",
    # More than tens of milliseconds: others may have the processor for longer than that.
    "SCREENING_STORE_TIMEOUT_MS": "250",
}
_NO_STRETCH: Final = ("--stretch", "none", "--allow-unstretched")
_UNBOUNDED: Final = {
    "INDEXER_SELECTORS_PER_SECOND": "100000000",
    "INDEXER_DAILY_SELECTORS": "100000000000",
    "INDEXER_MATCHES_PER_30_DAYS": "100000000",
}
_IN_A_ROW: Final = 8
"""So many ordinary answers, each on a connection of its own: no worker gives others."""
_FRESH_S: Final = 2.5
_MOST_RECOVERY_S: Final = 60.0
_DISK_KIB: Final = 2 << 20


class _Failed(msgspec.Struct):
    """A line of a server's log, as far as an unforeseen error is told in it."""

    event: str
    route: str = ""
    error: str = ""
    where: str = ""


class World:
    """All that faults are done to; `size` selectors are known, half of them listed.

    Commands are forked from `template`. `with_disk`: what the API keeps lies on a small disk, where
    this machine permits one.
    """

    def __init__(
        self, folder: Path, template: Template, *, size: int, seed: int, with_disk: bool
    ) -> None:
        self.draw = random.Random(seed)  # noqa: S311 - the same faults each time
        self._seed = seed
        self._stack = contextlib.ExitStack()
        try:
            self._begin(folder, template, size, with_disk=with_disk)
        except BaseException:
            self._stack.close()
            raise

    def _begin(self, folder: Path, template: Template, size: int, *, with_disk: bool) -> None:
        self.valkey = Valkey(folder / "v")
        self._stack.callback(self.valkey.kill)
        self.proxy = self._stack.enter_context(FaultProxy(str(self.valkey.socket), seed=self._seed))
        self.deployed = Deployed(_made(folder / "d"), redis_url=self.valkey.url, template=template)
        self.disk: SmallDisk | None = None
        if with_disk and can_mount():
            self.disk = SmallDisk(self.deployed.home, _DISK_KIB)
            self._stack.callback(self.disk.close)
        self._stack.callback(self.deployed.close)
        self.deployed.indexer("init")
        self.deployed.environment |= _UNBOUNDED
        partners = [
            self.deployed.add_partner(name, "--scopes", "check,bulk", *_NO_STRETCH)
            for name in ("acme", "beta")
        ]
        changing = [("phone", f"+120255501{number:02}") for number in range(100)]
        people = [("email", f"person-{number}@fleet.example") for number in range(size - 100)]
        self._listed, self._never = people[::2], people[1::2]
        self.changing = Changing(self.deployed, self._listed, frozenset(changing), self._seed)
        self.changing.begin()
        self.fleets = [Fleet.of(partner, changing + people) for partner in partners]
        self._serve()
        self.wait_until_well()

    @property
    def journal(self) -> Path:
        home = self.disk.seen if self.disk else self.deployed.home
        return home / "journal"

    def url(self) -> str:
        return self.api.url

    def serve_again(self) -> None:
        """Start the API as a service manager does, once no process of the one before is left."""
        self._serve()

    def wait_until_well(self, *, since: float | None = None) -> tuple[float, float]:
        """Wait for ordinary answers, then for all processes and a head confirmed just now.

        Return how many seconds `since` then answers were ordinary, and after how many all was
        whole: until sync has found the head again, the sync age runs on and may still run out.
        """
        begin = time.monotonic() if since is None else since
        ordinary = [begin if since is None else time.monotonic()]

        def is_whole() -> bool:
            as_of = self._oldest_as_of()
            if as_of is None:
                ordinary[0] = time.monotonic()
                return False
            if time.time() - as_of > _FRESH_S or not self._is_confirmed_by_all():
                return False
            return len(self.api.worker_pids()) == WORKERS and bool(self.api.find_sync_pid())

        eventually(is_whole, within_s=_MOST_RECOVERY_S, what="an ordinary state of all")
        return ordinary[0] - begin, time.monotonic() - begin

    def unforeseen(self) -> Counter[str]:
        """Count the errors that servers have logged as no refusal of ours, by kind and place."""
        found = Counter[str]()
        for log in self.deployed.folder.glob("serve-*.log"):
            for line in log.read_text().splitlines():
                with contextlib.suppress(msgspec.DecodeError):
                    told = msgspec.json.decode(line, type=_Failed)
                    if told.event == "failed":
                        found[f"{told.error} at {told.where} ({told.route})"] += 1
        return found

    def close(self) -> None:
        self._stack.close()

    def _serve(self) -> None:
        # Where digests are not mapped a match needs Redis: each start may be of either sort.
        budget = {"SCREENING_LOCAL_DIGESTS_MB": self.draw.choice(("0", "64"))}
        store = {"SCREENING_REDIS_URL": self.proxy.url}
        self.api = self.deployed.serve(
            workers=WORKERS,
            within=self.disk.within if self.disk else (),
            **{**SETTINGS, **budget, **store},
        )

    def _oldest_as_of(self) -> float | None:
        """Ask both workers; return the oldest time of their heads, None where one cannot answer."""
        asked = [self._any_of(self._listed), self._any_of(self._never)]
        partner = self.fleets[0].partner
        body = json.dumps(partner.body(*asked))
        parts = urlsplit(self.api.url)
        assert parts.hostname
        headers = {"content-type": "application/json", **partner.headers}
        found: list[float] = []
        for _ in range(_IN_A_ROW):
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=2)
            try:
                connection.request("POST", "/v1/check", body, headers)
                answer = connection.getresponse()
                if answer.status != 200:
                    return None
                as_of = json.loads(answer.read())["list"]["as_of"]
            except (OSError, http.client.HTTPException):
                return None
            finally:
                connection.close()
            found.append(datetime.fromisoformat(as_of).timestamp())
        return min(found)

    def _is_confirmed_by_all(self) -> bool:
        """Tell whether each worker says of itself that its head is fresh.

        Which of them has answered nobody can tell: eight in a row may be of the same one.
        """
        key_id = self.fleets[0].partner.kit.token_key.key_id
        try:
            age_s = metric(self.api, "screening_sync_age_seconds", key_id=key_id)
        except httpx.HTTPError:
            return False
        return 0 < age_s <= _FRESH_S  # 0: nothing is told yet

    def _any_of(self, some: list[tuple[str, str]]) -> tuple[str, str]:
        # Not of `draw`: how often is asked is a matter of time, and faults are to be the same.
        return some[time.monotonic_ns() % len(some)]


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True)
    return folder


def keys_of(valkey: Valkey) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and serialised value of all that a store holds."""
    with valkey.client() as client:
        for name in client.scan_iter():
            value = client.dump(name)
            if value is not None:
                yield name, value
