"""A deployment for tests that tamper: partners with lists of their own, and a hand in Redis."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from screening.generations.manifest import Head, open_head
from screening.store import keys
from screening.store.signed import Verifier
from tests.harness import plain_http
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.metrics import metric
from tests.harness.processes import eventually
from tests.harness.template import Template
from tests.harness.valkey import Valkey

LISTED: Final = ("phone", "+12025550142")
UNLISTED: Final = ("phone", "+12025550100")
OLD: Final = ("email", "old@listed.example")
NEW: Final = ("email", "new@listed.example")
TEST_LISTED: Final = ("card", "4000 0000 0000 0002")
NO_STRETCH: Final = ("--stretch", "none", "--allow-unstretched")
ASKED: Final = (LISTED, UNLISTED, OLD, NEW)
OLD_RESULTS: Final = ["match", "no_match", "match", "no_match"]
NEW_RESULTS: Final = ["match", "no_match", "no_match", "match"]

Documents = dict[bytes, bytes]


class World:
    """A deployment with two partners and one for tests, an API, and a hand in Redis."""

    def __init__(self, folder: Path, valkey: Valkey, template: Template) -> None:
        self.valkey = valkey
        self.deployed = Deployed(folder, redis_url=valkey.url, template=template)
        self.deployed.environment |= {
            "SCREENING_POLL_MS": "50",
            "SCREENING_RELOAD_MS": "20",
            "INDEXER_ATTEST_WAIT_S": "0",
        }
        self.deployed.indexer("init")
        self.verifier = Verifier((self.deployed.secrets / "verifying.key").read_bytes())
        self.publish(OLD)
        names = ("acme", "beta", "gamma", "delta", "zeta")
        self.partners = [self.deployed.add_partner(name, *NO_STRETCH) for name in names]
        self._bodies = {p.kit.partner: p.body(*ASKED) for p in self.partners}
        self._http = plain_http.client(timeout=10)
        self.prober = self.deployed.add_partner("prober", "--test")
        self.redis = valkey.client()
        self.api = self.start()

    def start(self, *, workers: int = 1) -> Api:
        self.api = self.deployed.serve(workers=workers)
        return self.api

    def close(self) -> None:
        self._http.close()
        self.redis.close()
        self.deployed.close()

    def publish(self, changing: tuple[str, str], *, anew: bool = False) -> None:
        """Publish a list: as an overlay, or with generations that are built `anew`."""
        path = self.deployed.folder / "list.csv"
        rows = "".join(f"{kind},{value},buyer\n" for kind, value in (LISTED, changing))
        path.write_text("kind,value,role\n" + rows)
        published = self.deployed.forked("publish", str(path))
        assert published.code == 0, published.output
        if anew:
            compacted = self.deployed.forked("compact", "--all")
            assert compacted.code == 0, compacted.output

    def in_force(self, changing: tuple[str, str]) -> None:
        """Publish and wait until everybody is answered from that list, test keys from theirs."""
        self.publish(changing)
        self.wait_for(OLD_RESULTS if changing == OLD else NEW_RESULTS)

    def wait_for(self, results: list[str]) -> None:
        everybody = [results] * len(self.partners)
        eventually(lambda: self.everybody() == everybody, what="the list")
        eventually(lambda: self.told(self.prober) == ["no_match"] * 4, what="the test list")
        assert self.prober.results(self.api, TEST_LISTED) == ["match"]

    def told(self, partner: Partner) -> list[str]:
        """Return the results, or why there are none."""
        body = self._bodies.get(partner.kit.partner) or partner.body(*ASKED)
        url = f"{self.api.url}/v1/check"
        answer = self._http.post(url, json=body, headers=partner.headers).json()
        return list(answer["results"]) if "results" in answer else [answer["code"]]

    def everybody(self) -> list[list[str]]:
        return [self.told(partner) for partner in self.partners]

    def documents(self, name: str) -> Documents:
        found: Documents = self.redis.hgetall(name)  # type: ignore[assignment]  # bytes they are
        return found

    def put_back(self, name: str, documents: Documents) -> None:
        self.redis.hset(name, mapping=documents)  # type: ignore[arg-type]  # its hints know no bytes

    def head(self, partner: Partner) -> Head:
        key_id = partner.kit.token_key.key_id
        return open_head(self.documents(keys.HEADS)[key_id.encode()], key_id, self.verifier)

    def overlay(self, partner: Partner) -> bytes | None:
        """Return the overlay in force, as it lies in Redis."""
        head = self.head(partner)
        found = self.redis.get(keys.overlay(head.key_id, head.generation, head.overlay.sha256))
        return found if isinstance(found, bytes) else None

    @contextmanager
    def alarm(self, what: str) -> Iterator[None]:
        """Expect an alarm for what is done within."""
        before = metric(self.api, "screening_alarms_total", what=what)
        yield
        eventually(
            lambda: metric(self.api, "screening_alarms_total", what=what) > before,
            what=f"an alarm: {what}",
        )

    @contextmanager
    def sync_stopped(self) -> Iterator[None]:
        """Do something before sync of this host sees anything of it."""
        pid = self.api.sync_pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


def stays(world: World, results: list[str]) -> None:
    """What was loaded is still answered from, whatever the next beats of sync bring."""
    for _ in range(5):
        assert world.everybody() == [results] * len(world.partners)


def one_byte_changed(document: bytes, place: int) -> bytes:
    changed = bytearray(document)
    changed[place] ^= 1
    return bytes(changed)
