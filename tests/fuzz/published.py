"""What an indexer has published, as it lies in Redis and in the cache of an API host."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from screening.generations.buckets import BucketTable
from screening.generations.fetch import fetch_generation, fetch_overlay
from screening.generations.manifest import Head, open_head, open_manifest
from screening.generations.mapped import TABLE_FILE
from screening.generations.reader import MANIFEST_FILE, load_generation, load_overlay
from screening.registry.record import open_record
from screening.store import keys
from screening.store.signed import Verifier
from tests.generations.laid_down import confirming_client
from tests.harness.deployment import Deployed
from tests.harness.template import Template
from tests.harness.valkey import Valkey

NUMBERS: Final = 100  # +1 202 555 0100 and the 99 after it are reserved for fiction
MAILBOXES: Final = 900
ALL_LOCAL: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Artefact:
    """Something published: its bytes, and what an API host does to read it with other bytes."""

    name: str
    content: bytes
    read: Callable[[bytes], object]
    """Raises `Untrusted`, unless what it is given is to be answered from."""


class Published:
    """One list of 1,000 for one partner, two selectors of which were retracted since."""

    def __init__(self, folder: Path, valkey: Valkey, template: Template) -> None:
        self._cache = folder / "cache"
        self._store = valkey.client()
        self._client = confirming_client(valkey.url)
        deployed = Deployed(folder, redis_url=valkey.url, template=template)
        deployed.environment["INDEXER_ATTEST_WAIT_S"] = "0"
        deployed.indexer("init")
        rows = [("phone", f"+120255501{number:02}", "buyer") for number in range(NUMBERS)]
        rows += [("email", f"box{number}@listed.example", "buyer") for number in range(MAILBOXES)]
        deployed.publish(rows)
        deployed.add_partner("acme", "--stretch", "none", "--allow-unstretched")
        for number in ("00", "99"):
            deployed.indexer("retract", f"phone:+120255501{number}", "--reason", "a mistake")
        self._verifier = Verifier((deployed.secrets / "verifying.key").read_bytes())
        ((field, head),) = self._store.hgetall(keys.HEADS).items()
        assert isinstance(field, bytes)
        assert isinstance(head, bytes)
        self._head_document = head
        self.key_id = keys.name_of(field)
        self.head: Head = open_head(self._head_document, self.key_id, self._verifier)
        self._cache.mkdir(mode=0o700)
        self._fetched = self._fetch()
        fetch_overlay(self._store, self.head, self._fetched)

    def close(self) -> None:
        self._store.close()

    def artefacts(self) -> list[Artefact]:
        """Return all of it: documents, and each file twice, as Redis and as the disk has it."""
        (record,) = self._store.hvals(keys.PARTNERS)
        assert isinstance(record, bytes)
        found = [
            Artefact("head", self._head_document, self._open_head),
            Artefact("partner record", record, self._open_record),
            *(self._in_redis(name) for name in self._names()),
            *self._confirmed(),
            *(self._on_disk(path) for path in sorted(self._fetched.iterdir())),
        ]
        for artefact in found:
            artefact.read(artefact.content)  # as it was published, it is taken
        return found

    def _open_head(self, document: bytes) -> object:
        return open_head(document, self.key_id, self._verifier)

    def _open_record(self, document: bytes) -> object:
        return open_record(document, "acme", self._verifier)

    def _names(self) -> list[str]:
        key_id, generation = self.head.key_id, self.head.generation
        document = self._store.get(keys.manifest(key_id, generation))
        assert isinstance(document, bytes)
        files = open_manifest(document, self.head).files
        return [
            keys.manifest(key_id, generation),
            keys.table(key_id, generation),
            keys.filter_piece(key_id, generation, 0),
            *(keys.bucket(key_id, generation, one) for one in range(1 << files.bucket_bits)),
            keys.overlay(key_id, generation, self.head.overlay.sha256),
        ]

    def _in_redis(self, name: str) -> Artefact:
        published = self._store.get(name)
        assert isinstance(published, bytes)

        def read(content: bytes) -> object:
            self._store.set(name, content)
            try:
                folder = self._fetched
                if not keys.is_overlay(name.encode()):
                    folder = self._fetch()
                fetch_overlay(self._store, self.head, folder)
                return folder
            finally:
                self._store.set(name, published)

        return Artefact(f"{name} in Redis", published, read)

    def _confirmed(self) -> list[Artefact]:
        """Return the buckets as a worker has them that asks Redis about each hit."""
        manifest = open_manifest((self._fetched / MANIFEST_FILE).read_bytes(), self.head)
        bits = manifest.files.bucket_bits
        content = (self._fetched / TABLE_FILE).read_bytes()
        table = BucketTable(content, bucket_bits=bits, count=manifest.files.count)
        found = []
        for number in range(1 << bits):
            bucket = self._store.get(keys.bucket(self.key_id, manifest.generation, number))
            assert isinstance(bucket, bytes)
            read = functools.partial(table.verify, number)
            found.append(Artefact(f"bucket {number} of a hit", bucket, read))
        return found

    def _on_disk(self, path: Path) -> Artefact:
        published = path.read_bytes()

        def read(content: bytes) -> object:
            path.write_bytes(content)
            try:
                load_overlay(self._fetched, self.head)
                return load_generation(self._fetched, self.head, self._client)
            finally:
                path.write_bytes(published)

        return Artefact(f"{path.name.partition('.')[0]} on disk", published, read)

    def _fetch(self) -> Path:
        return fetch_generation(self._store, self.head, self._cache, max_records_bytes=ALL_LOCAL)
