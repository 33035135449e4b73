"""A host whose sync goes beat by beat, over a Redis and a directory of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import redis
from redis.client import Pipeline

from screening.api.cache import AnswersFrom, Cache
from screening.api.sync import Sync
from screening.generations.attestation import HostAttestation
from screening.generations.manifest import Head, open_head, sign_head
from screening.generations.overlay import describe_overlay
from screening.generations.writer import upload, upload_overlay
from screening.registry.notices import sign_notices
from screening.registry.record import PartnerRecord, sign_record
from screening.store import keys
from screening.store.signed import Signer
from tests.generations.conftest import Published, build, invented_digests
from tests.harness.valkey import Valkey

ACME: Final = "acme-2026a"
BETA: Final = "beta-2026a"
SIGNER: Final = Signer(bytes(range(32)))
FIRST: Final = "00000001-9f86d081"
SECOND: Final = "00000002-9f86d081"


class Clocks:
    """A wall clock and one that counts the seconds of a boot, both moved by hand."""

    def __init__(self) -> None:
        self.wall = 1_795_000_000.0
        self.boot = 1_000.0

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.boot += seconds


class Raised:
    """Remembers alarms."""

    def __init__(self) -> None:
        self.alarms: list[tuple[str, str]] = []

    def raised(self, what: str, name: str, *, since: int = 0) -> None:
        self.alarms.append((what, name))


class Host:
    """A cache, a Redis with two partners in it, and a sync that is told when to look."""

    def __init__(self, home: Path, store: redis.Redis) -> None:
        self.cache = Cache(home)
        self.store = store
        self.clocks = Clocks()
        self.told = Raised()
        self.sync = self.start()

    def start(self, *, boottime_passes_s: float = 0.0) -> Sync:
        """Start sync anew; each look at the clock may take time."""

        def boottime() -> float:
            self.clocks.boot += boottime_passes_s
            return self.clocks.boot

        self.sync = Sync(
            store=self.store,
            cache=self.cache,
            verifier=SIGNER.verifier(),
            host="host",
            max_records_bytes=1 << 30,
            alarms=self.told,
            clock=lambda: self.clocks.wall,
            boottime=boottime,
        )
        return self.sync

    def attested(self) -> AnswersFrom:
        """Let the host attest; return what it says that it answers from."""
        self.sync.attest([])
        document = self.store.get(keys.host("host"))
        assert isinstance(document, bytes)
        said = msgspec.json.decode(document, type=HostAttestation)
        return AnswersFrom(said.release, said.versions)

    def put_partner(self, key_id: str, sequence: int, **members: object) -> None:
        name = key_id.partition("-")[0]
        record = PartnerRecord(
            format="screening-partner/1",
            partner=name,
            sequence=sequence,
            issued_at=1_795_000_000,
            state="active",
            mode="live",
            server_key_id="0123456789abcdef",
            key_ids=[key_id],
            api_keys=[],
            selectors_per_second=1,
            daily_selectors=1,
        )
        document = sign_record(msgspec.structs.replace(record, **members), SIGNER)
        self.store.hset(keys.PARTNERS, name, document)
        nothing = sign_notices(name, (), SIGNER, sequence=sequence, issued_at=1_795_000_000)
        self.store.hset(keys.NOTICES, name, nothing.head)

    def put_head(self, key_id: str, generation: str, sequence: int) -> Published:
        published = build(invented_digests(50, label=key_id), key_id=key_id, generation=generation)
        upload(self.store, published.artefacts)
        head = msgspec.structs.replace(published.head, sequence=sequence, release=sequence)
        self.store.hset(keys.HEADS, key_id, sign_head(head, SIGNER))
        return published

    def put_overlay(self, key_id: str, document: bytes) -> None:
        """Lay changes over the generation that is in force for a token key."""
        signed = self.store.hget(keys.HEADS, key_id)
        assert isinstance(signed, bytes)
        head = open_head(signed, key_id, SIGNER.verifier())
        upload_overlay(self.store, key_id, head.generation, document)
        overlaid = msgspec.structs.replace(head, overlay=describe_overlay(document))
        self.store.hset(keys.HEADS, key_id, sign_head(overlaid, SIGNER))

    def release(self, generation: str, sequence: int, *key_ids: str) -> None:
        for key_id in key_ids or (ACME, BETA):
            self.put_head(key_id, generation, sequence)
            self.put_partner(key_id, sequence)

    def spoil(self, name: str) -> None:
        """Put another type under a key."""
        self.store.delete(name)
        self.store.rpush(name, "x")

    def confirmed(self) -> dict[str, tuple[int, float, float]]:
        return self.cache.read_confirmed().heads

    def heads(self) -> dict[str, Head]:
        documents = self.cache.read_documents().heads
        return {name: open_head(one, name, SIGNER.verifier()) for name, one in documents.items()}

    def sequences(self) -> dict[str, int]:
        """Return the sequences of the heads that are laid down."""
        return {key_id: head.sequence for key_id, head in self.heads().items()}

    def confirmed_now(self) -> set[str]:
        return {one for one, (_, at, _) in self.confirmed().items() if at == self.clocks.wall}


class Watched(redis.Redis):
    """Tells of each key of a generation before it is asked for."""

    def __init__(self, valkey: Valkey, asked: Callable[[str], None]) -> None:
        super().__init__(unix_socket_path=str(valkey.socket))
        self._asked = asked

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        made = super().pipeline(transaction, shard_hint)
        getrange = made.getrange

        def ask(key: str, start: int, end: int) -> object:
            self._asked(key)
            return getrange(key, start, end)

        made.getrange = ask  # type: ignore[method-assign,assignment]  # ours asks for names only
        return made
