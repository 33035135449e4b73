"""Real `indexer` commands against a real Valkey, and a look at what they leave behind."""

import csv
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import redis

from screening.generations.manifest import Head, Manifest, open_head, open_manifest
from screening.generations.overlay import Overlay, open_overlay
from screening.generations.records import NOT_LISTED, Minute, current_minute, unpack_records
from screening.registry.record import PartnerRecord, open_record
from screening.store import keys
from screening.store.signed import Verifier
from screening.vocabulary.tokens import Digester, pepper_id
from tests.harness.deployment import Partner
from tests.harness.template import Ended, Template
from tests.indexer.left_behind import LeftBehind, stored
from tests.ledger.looking import read_records

NO_STRETCH = ("--stretch", "none", "--allow-unstretched")


class Running:
    """One deployment of a test's own; its commands start in milliseconds."""

    def __init__(self, folder: Path, template: Template, redis_url: str) -> None:
        self.folder = folder
        self.home = folder / "indexer"
        self.secrets = folder / "secrets"
        self.disclosure = folder / "disclosure"
        self.redis: redis.Redis = redis.Redis.from_url(redis_url, socket_timeout=5)
        self._template = template
        self.settings = {
            "SCREENING_HOME": str(folder / "screening"),
            "SCREENING_SECRETS": str(self.secrets),
            "INDEXER_HOME": str(self.home),
            "DISCLOSURE_HOME": str(self.disclosure),
            "SCREENING_REDIS_URL": redis_url,
            "INDEXER_ATTEST_WAIT_S": "0",
        }

    def use(self, template: Template) -> None:
        """Take commands from another template, such as one of a later version."""
        self._template = template

    def run(
        self,
        *arguments: str,
        expect: int | None = 0,
        kill_before: int | None = None,
        command: str = "indexer",
        **settings: str,
    ) -> Ended:
        """Run a command; an error is one line, and never a traceback."""
        settings = {**self.settings, **settings}
        ended = self._template.run(
            *arguments, cwd=self.folder, command=command, kill_before=kill_before, **settings
        )
        if expect is not None and not ended.was_killed:
            assert ended.code == expect, ended.output
        assert "Traceback" not in ended.output, ended.output
        return ended

    def write_list(self, rows: Iterable[tuple[str, str, str]], name: str = "list.csv") -> Path:
        path = self.folder / name
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("kind", "value", "role"))
            writer.writerows(rows)
        return path

    def publish(
        self,
        rows: Iterable[tuple[str, str, str]],
        *options: str,
        expect: int | None = 0,
        kill_before: int | None = None,
    ) -> Ended:
        path = str(self.write_list(rows))
        return self.run("publish", path, *options, expect=expect, kill_before=kill_before)

    def kit_path(self, name: str) -> Path:
        return self.folder / f"{name}.kit.json"

    def try_partner(
        self, name: str, *options: str, expect: int | None = 2, kill_before: int | None = None
    ) -> Ended:
        arguments = ["--kit", str(self.kit_path(name)), "--api-url", "https://api.example"]
        return self.run(
            "partner", "add", name, *arguments, *options, expect=expect, kill_before=kill_before
        )

    def add_partner(self, name: str, *options: str) -> Partner:
        self.try_partner(name, *(options or NO_STRETCH), expect=0)
        return Partner(self.kit_path(name))

    def heads(self) -> dict[str, Head]:
        documents = self._documents(keys.HEADS).items()
        return {name: open_head(document, name, self._verifier) for name, document in documents}

    def records(self) -> dict[str, PartnerRecord]:
        documents = self._documents(keys.PARTNERS).items()
        return {name: open_record(document, name, self._verifier) for name, document in documents}

    def manifest(self, partner: Partner) -> Manifest:
        head = self.heads()[partner.kit.token_key.key_id]
        document = self.redis.get(keys.manifest(head.key_id, head.generation))
        assert isinstance(document, bytes)
        return open_manifest(document, head)

    def listed(self, partner: Partner, *selectors: tuple[str, str]) -> list[bool]:
        """Tell which selectors the partner's index in force lists; it is one bucket here."""
        now = current_minute(time.time())
        return [until > now for until in self.listed_until(partner, *selectors)]

    def listed_until(self, partner: Partner, *selectors: tuple[str, str]) -> list[Minute]:
        """Return until when they are listed."""
        manifest = self.manifest(partner)
        assert manifest.files.bucket_bits == 0
        packed = self.redis.get(keys.bucket(manifest.key_id, manifest.generation, 0)) or b""
        assert isinstance(packed, bytes)
        peppers = [path.read_bytes() for path in self.secrets.glob("pepper*.key")]
        (pepper,) = {one for one in peppers if pepper_id(one) == manifest.pepper_id}
        digest = Digester(pepper, manifest.key_id).digest
        listed_until = dict(unpack_records(packed))
        listed_until |= self.overlay(manifest.key_id)
        return [listed_until.get(digest(partner.token(*one)), NOT_LISTED) for one in selectors]

    def overlay(self, key_id: str) -> Overlay:
        head = self.heads()[key_id]
        if not head.overlay.count:
            return {}
        name = keys.overlay(key_id, head.generation, head.overlay.sha256)
        document = self.redis.get(name)
        assert isinstance(document, bytes)
        return open_overlay(document, head.overlay)

    def stored(self) -> dict[bytes, Any]:
        """Return everything in Redis."""
        return stored(self.redis)

    def killed_everywhere(self, *arguments: str, expect: int = 0) -> Iterator[None]:
        """Find all as SIGKILL before each step of a command would leave it, one after the other.

        The command runs once, from this very state, and is stopped before each step: what lies in
        the folder and in Redis then is what its death would leave. What several steps leave alike
        is found once. What is done to it is forgotten: in the end all is as the command left it.
        """
        left = LeftBehind(self.folder, self.redis)
        try:
            steps = left.keep_each(self._stopping(arguments, expect))
            assert steps > 10, "the steps were not seen"
            yield from left.found()
        finally:
            left.forget()

    def _stopping(self, arguments: Sequence[str], expect: int) -> Iterator[None]:
        ended = yield from self._template.stopping(*arguments, cwd=self.folder, **self.settings)
        assert ended.code == expect, ended.output
        assert "Traceback" not in ended.output, ended.output

    def left_of(self, key_id: str) -> list[str]:
        """Return what names a token key, or is one of its secrets: in Redis, and on our disk."""
        in_redis = [key.decode() for key in self.stored() if key_id.encode() in key.split(b":")]
        files = [path.name for path in self.home.rglob(f"*{key_id}*")]
        return in_redis + files + [name for name in self.heads() if name == key_id]

    def rows(self, statement: str) -> list[Any]:
        """Return what a SELECT finds in the list file, without opening it as a command does."""
        with sqlite3.connect(f"file:{self.home / 'list.sqlite'}?mode=ro", uri=True) as connection:
            found = connection.execute(statement).fetchall()
        connection.close()
        return found

    def change(self, statement: str) -> None:
        """Change the list file behind the indexer's back."""
        with sqlite3.connect(self.home / "list.sqlite") as connection:
            connection.execute(statement)
        connection.close()

    def ledger(self) -> list[dict[str, Any]]:
        payloads = (payload for _, _, payload in read_records(self.home / "ledger"))
        return [msgspec.json.decode(payload) for payload in payloads]

    def _documents(self, key: str) -> dict[str, bytes]:
        stored: dict[bytes, bytes] = self.redis.hgetall(key)  # type: ignore[assignment]  # bytes they are
        return {name.decode(): document for name, document in stored.items()}

    @property
    def _verifier(self) -> Verifier:
        return Verifier((self.secrets / "verifying.key").read_bytes())
