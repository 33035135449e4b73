"""The flip: one transaction that puts a release - heads and partner records - in force.

The order makes it safe to die anywhere: the plan is stored, then Redis changes in one transaction,
then the list file learns of it. `recover` asks Redis which of the two sides of the flip holds.
"""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import msgspec
from redis.client import Pipeline
from redis.exceptions import RedisError, ResponseError

from indexer.deployment import Deployment
from indexer.in_force import (
    Release,
    api_hosts,
    find_current,
    find_unsettled,
    highest_sequence,
    partner_records,
    signed_records,
    stored_documents,
)
from indexer.list_file import REVISIONS_KEPT
from indexer.stretching import Stretching
from screening.generations.manifest import MANIFEST_MAX_BYTES, Head, sha256_hex, sign_head
from screening.generations.writer import Artefacts, put_in_force, sweep, upload, withdraw
from screening.registry.record import PartnerRecord, sign_record
from screening.registry.writer import put_records, remove_records
from screening.store import keys
from screening.store.bounded_reads import read_strings
from screening.store.connection import store_errors
from screening.vocabulary.errors import StoreUnavailable, Untrusted

NO_REVISION = 0
"""Stands where nothing was published yet; test keys have an index then already."""


@dataclass(frozen=True, slots=True)
class BuiltGeneration:
    """A generation that lies in Redis, whether in force or not."""

    key_id: str
    revision: int
    generation: str
    manifest_sha256: str
    count: int


class Releases:
    """The releases of one deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self._d = deployment
        self._sql = deployment.list_file.connection

    def recover(self) -> None:
        """Bring the list file up to what Redis says of a flip that was interrupted."""
        highest = highest_sequence(self._d.store, self._d.keyring.signer.verifier())
        # A list file from a backup has forgotten sequences that hosts have seen: go on behind them.
        if highest > self._d.list_file.number("sequence"):
            self._d.record("recover", sequence=highest)
            self._sql.execute("UPDATE meta SET value = ? WHERE name = 'sequence'", (highest,))
        begun = find_unsettled(self._d.list_file)
        if begun is not None:
            release, revision = begun.release, begun.revision
            in_force = highest >= release
            self._d.record("recover", release=release, revision=revision, in_force=in_force)
            if in_force:
                self._landed(release)
            else:
                self._sql.execute("DELETE FROM releases WHERE release = ?", (release,))
        if self._d.list_file.has_drafts():
            self._d.record("recover", drafts="discarded")
            self._d.list_file.discard_drafts()

    def current(self) -> Release | None:
        """Return the release in force, None before the first."""
        return find_current(self._d.list_file)

    def find_previous_revision(self, current: Release) -> int | None:
        """Return the list revision that was in force before the current one first was, if kept.

        Not the one with the next lower number: that may have been rolled back as a mistake.
        """
        row = self._sql.execute(
            "SELECT revision FROM releases WHERE revision != :none AND release < "
            "(SELECT min(release) FROM releases WHERE revision = :current) "
            "ORDER BY release DESC LIMIT 1",
            {"none": NO_REVISION, "current": current.revision},
        ).fetchone()
        return row[0] if row is not None and row[0] in self._kept_revisions() else None

    def first_published_at(self, revision: int) -> int:
        """Return when a revision that was in force became so for the first time (Unix seconds)."""
        row = self._sql.execute(
            "SELECT min(published_at) FROM releases WHERE revision = ?", (revision,)
        ).fetchone()
        return int(row[0])

    def generations(self, revision: int) -> dict[str, BuiltGeneration]:
        """Return what was built for a revision, by key_id."""
        rows = self._sql.execute(
            "SELECT key_id, revision, generation, manifest_sha256, count "
            "FROM generations WHERE revision = ?",
            (revision,),
        )
        return {row[0]: BuiltGeneration(*row) for row in rows}

    def store(self, artefacts: Artefacts, revision: int) -> BuiltGeneration:
        """Upload a generation and remember it; nothing is in force yet."""
        with self._d.progress.stage("writing to the store", None):
            upload(self._d.store, artefacts)
        manifest = artefacts.manifest
        built = BuiltGeneration(
            manifest.key_id,
            revision,
            manifest.generation,
            sha256_hex(artefacts.encoded_manifest()),
            manifest.files.count,
        )
        self._sql.execute("INSERT OR REPLACE INTO generations VALUES (?, ?, ?, ?, ?)", _row(built))
        return built

    def put_in_force(
        self,
        command: str,
        *,
        revision: int,
        generations: Mapping[str, BuiltGeneration],
        published_at: int,
    ) -> int:
        """Flip to `generations`, for all partners at once; return the release's number."""
        self._refuse_lost(generations)
        stretchings = self._stretchings()
        release = self._d.list_file.next_number("sequence")
        issued_at = self._d.now()
        plan = json.dumps({key_id: built.generation for key_id, built in generations.items()})
        self._sql.execute(
            "INSERT INTO releases VALUES (?, ?, ?, ?, ?, ?, 'flipping', ?)",
            (release, revision, published_at, issued_at, command, self._d.actor, plan),
        )
        heads = {
            key_id: self._signed_head(built, release, published_at, issued_at)
            for key_id, built in generations.items()
        }
        records = {
            record.partner: sign_record(
                msgspec.structs.replace(record, sequence=release, issued_at=issued_at),
                self._d.keyring.signer,
            )
            for record in (*partner_records(self._d.list_file), *self._unknown_partners())
        }
        stored_heads, stored_partners = stored_documents(self._d.store)
        with store_errors():
            pipeline = self._d.store.pipeline(transaction=True)
            put_in_force(pipeline, heads)
            withdraw(pipeline, stored_heads.keys() - heads.keys())
            put_records(pipeline, records)
            # Those of ours that are not known here were signed anew: what is left is forged.
            remove_records(pipeline, stored_partners.keys() - records.keys())
        self._flip(pipeline, release)
        self._landed(release)
        self._retire(stretchings)
        return release

    def _flip(self, pipeline: Pipeline, release: int) -> None:
        """Execute the transaction; raises `StoreUnavailable` unless it is known to have landed."""
        try:
            pipeline.execute()
        except ResponseError:  # Redis itself has refused it
            with store_errors():
                raise
        except RedisError as error:  # perhaps only its answer was lost, or it comes later
            highest = 0
            with suppress(StoreUnavailable, Untrusted):
                highest = highest_sequence(self._d.store, self._d.keyring.signer.verifier())
            if highest < release:
                raise StoreUnavailable(
                    f"the store did not answer to the last step ({type(error).__name__}); it is "
                    f"not known whether release {release} is in force: see indexer status"
                ) from None

    def wait_for_hosts(self) -> tuple[int, int]:
        """Wait for every API host that attests to load the release in force; count (those, all).

        Gives up after `attest_wait_s`: a host that is down takes the release when it comes back.
        """
        release = self.current()
        deadline = time.monotonic() + self._d.settings.attest_wait_s
        while True:
            hosts = api_hosts(self._d.store, release)
            ready = sum(host.is_up_to_date for host in hosts)
            if ready == len(hosts) or time.monotonic() > deadline:
                return ready, len(hosts)
            time.sleep(0.1)

    def _signed_head(
        self, built: BuiltGeneration, release: int, published_at: int, issued_at: int
    ) -> bytes:
        head = Head(
            format="screening-head/1",
            key_id=built.key_id,
            sequence=release,
            release=release,
            generation=built.generation,
            manifest_sha256=built.manifest_sha256,
            seq=built.revision,
            published_at=published_at,
            issued_at=issued_at,
        )
        return sign_head(head, self._d.keyring.signer)

    def _refuse_lost(self, generations: Mapping[str, BuiltGeneration]) -> None:
        for built in generations.values():
            name = keys.manifest(built.key_id, built.generation)
            (document,) = read_strings(self._d.store, [(name, MANIFEST_MAX_BYTES)])
            if document is None or sha256_hex(document) != built.manifest_sha256:
                raise Untrusted(
                    f"the store has lost the index of {built.key_id}; publish the list again"
                )

    def _landed(self, release: int) -> None:
        with self._d.list_file.transaction():
            self._sql.execute("UPDATE releases SET state = 'superseded' WHERE state = 'in_force'")
            self._sql.execute(
                "UPDATE releases SET state = 'in_force' WHERE release = ?", (release,)
            )

    def _unknown_partners(self) -> list[PartnerRecord]:
        """Return what shuts out partners that this list file does not know, as after a restore.

        An absent record would shut out nobody: workers keep what they have seen.
        """
        known = {record.partner for record in partner_records(self._d.list_file)}
        return [
            msgspec.structs.replace(record, state="suspended", key_ids=[], api_keys=[])
            for record in signed_records(self._d.store, self._d.keyring.signer.verifier())
            if record.partner not in known
        ]

    def _stretchings(self) -> set[Stretching]:
        """Return what the live token keys stretch with; `OperatorError` where one is damaged."""
        return {Stretching.of(self._d.keyring.token_key(one)) for one in self._live_key_ids()}

    def _live_key_ids(self) -> set[str]:
        return {
            key_id for record in partner_records(self._d.list_file) for key_id in record.key_ids
        }

    def _retire(self, stretchings: set[Stretching]) -> None:
        """Keep the last three revisions and what they were built into; remove the rest."""
        kept = self._kept_revisions()
        live = self._live_key_ids()
        rows = self._sql.execute("SELECT key_id, revision, generation FROM generations").fetchall()
        keep = {
            (key_id, generation)
            for key_id, revision, generation in rows
            if key_id in live and revision in kept
        }
        with self._d.list_file.transaction():
            for key_id, _, generation in rows:
                if (key_id, generation) not in keep:
                    self._sql.execute("DELETE FROM generations WHERE generation = ?", (generation,))
        with suppress(StoreUnavailable):  # the release is in force; the next command sweeps again
            sweep(self._d.store, keep)
        self._d.list_file.forget_before(min(kept), used=stretchings)

    def _kept_revisions(self) -> list[int]:
        rows = self._sql.execute(
            "SELECT revision FROM releases GROUP BY revision ORDER BY max(release) DESC LIMIT ?",
            (REVISIONS_KEPT,),
        )
        return [row[0] for row in rows]


def _row(built: BuiltGeneration) -> tuple[object, ...]:
    return (
        built.key_id,
        built.revision,
        built.generation,
        built.manifest_sha256,
        built.count,
    )
