"""The flip: one transaction that puts a release - heads and partner records - in force.

The order makes it safe to die anywhere: the plan is stored, then Redis changes in one transaction,
then the list file learns of it. `recover` asks Redis which of the two sides of the flip holds.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

import msgspec
from redis.client import Pipeline
from redis.exceptions import RedisError, ResponseError

from indexer.deployment import Deployment
from indexer.in_force import (
    Release,
    find_current,
    find_unsettled,
    highest_sequence,
    signed_records,
    stored_documents,
)
from indexer.index.generations import Generations, Index
from indexer.list.notices import notices_by_partner
from indexer.list.partners import keep_record, partner_records, removed_records, retired_key_ids
from indexer.list.revisions import NO_REVISION, Revisions
from indexer.stretching import Stretching
from screening.generations.manifest import Head, sign_head
from screening.generations.writer import put_in_force, sweep, withdraw
from screening.registry.notices import SignedNotices, sign_notices
from screening.registry.record import PartnerRecord, sign_record
from screening.registry.writer import (
    may_put_notices,
    put_notices,
    put_records,
    remove_records,
)
from screening.store.connection import UNREADABLE_REPLIES, store_errors
from screening.vocabulary.errors import StoreUnavailable, Untrusted

_RELEASES_KEPT: Final = 100
"""What the list file remembers of them; the ledger forgets none."""


class Releases:
    """The releases of one deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self._d = deployment
        self._sql = deployment.list_file.connection
        self._generations = Generations(deployment)

    def recover(self) -> None:
        """Bring the list file up to what Redis says of a flip that was interrupted."""
        highest = highest_sequence(self._d.store, self._d.keyring.signer.verifier())
        # A list file from a backup has forgotten sequences that hosts have seen: go on behind them.
        if highest > self._d.list_file.number("sequence"):
            self._d.record("recover", sequence=highest)
            self._d.list_file.keep_number("sequence", highest)
        begun = find_unsettled(self._d.list_file)
        if begun is not None:
            release, revision = begun.release, begun.revision
            in_force = highest >= release
            self._d.record("recover", release=release, revision=revision, in_force=in_force)
            if in_force:
                self._landed(release)
            else:
                self._sql.execute("DELETE FROM releases WHERE release = ?", (release,))
        revisions = Revisions(self._d.list_file)
        if revisions.has_drafts():
            self._d.record("recover", drafts="discarded")
            revisions.discard_drafts()

    def current(self) -> Release | None:
        """Return the release in force, None before the first."""
        return find_current(self._d.list_file)

    def last_whole_list(self) -> int | None:
        """Return the revision that the last whole list was put in force as, None if not known."""
        row = self._sql.execute(
            "SELECT revision FROM releases WHERE command = 'publish' AND state != 'flipping' "
            "ORDER BY release DESC LIMIT 1"
        ).fetchone()
        return None if row is None else int(row[0])

    def put_in_force(
        self,
        command: str,
        *,
        revision: int,
        indexes: Mapping[str, Index],
    ) -> int:
        """Flip to `indexes` (by key_id), for all partners at once; return the release's number."""
        stretchings = self._stretchings()
        release = self._d.list_file.next_number("sequence")
        issued_at = self._d.now()
        times = (self._published_at(revision, issued_at), issued_at)
        self._begin(release, revision, times, command=command, indexes=indexes)
        heads = self._signed_heads(release, revision, times, indexes)
        records = self._signed_records(release, issued_at)
        notices = self._signed_notices(release, issued_at, records)
        stored_heads, stored_partners = stored_documents(self._d.store)
        with store_errors():
            pipeline = self._d.store.pipeline(transaction=True)
            put_in_force(pipeline, heads)
            withdraw(pipeline, stored_heads.keys() - heads.keys())
            put_records(pipeline, records)
            # Those of ours that are not known here were signed anew: what is left is forged.
            remove_records(pipeline, stored_partners.keys() - records.keys())
            put_notices(pipeline, notices)
        self._flip(pipeline, release)
        self._landed(release)
        self._retire(stretchings)
        # What opened their index is of no use any more, but to whoever might steal it.
        self._d.keyring.forget_token_keys(retired_key_ids(self._d.list_file))
        return release

    def _signed_heads(
        self, release: int, revision: int, times: tuple[int, int], indexes: Mapping[str, Index]
    ) -> dict[str, bytes]:
        published_at, issued_at = times
        heads = {
            key_id: Head(
                format="screening-head/2",
                key_id=key_id,
                sequence=release,
                release=release,
                generation=index.built.generation,
                manifest_sha256=index.built.manifest_sha256,
                overlay=index.overlay,
                seq=revision,
                published_at=published_at,
                issued_at=issued_at,
            )
            for key_id, index in indexes.items()
        }
        return {key_id: sign_head(head, self._d.keyring.signer) for key_id, head in heads.items()}

    def _signed_records(self, release: int, issued_at: int) -> dict[str, bytes]:
        return {
            record.partner: sign_record(
                msgspec.structs.replace(record, sequence=release, issued_at=issued_at),
                self._d.keyring.signer,
            )
            for record in self._partners()
        }

    def _signed_notices(
        self, release: int, issued_at: int, partners: Iterable[str]
    ) -> dict[str, SignedNotices]:
        notices, signer = notices_by_partner(self._d.list_file), self._d.keyring.signer
        if not notices and not may_put_notices(self._d.store):
            return {}  # a list does not wait for the leave to write that there are none
        return {
            partner: sign_notices(
                partner, notices.get(partner, ()), signer, sequence=release, issued_at=issued_at
            )
            for partner in partners
        }

    def _flip(self, pipeline: Pipeline, release: int) -> None:
        """Execute the transaction; raises `StoreUnavailable` unless it is known to have landed."""
        try:
            pipeline.execute()
        except ResponseError:  # Redis itself has refused it
            with store_errors():
                raise
        # Perhaps only its answer was lost, or it comes later.
        except (RedisError, *UNREADABLE_REPLIES) as error:
            highest = 0
            # On another connection: what this one says next may be the answer to anything.
            self._d.store.connection_pool.disconnect()
            with suppress(StoreUnavailable, Untrusted):
                highest = highest_sequence(self._d.store, self._d.keyring.signer.verifier())
            if highest < release:
                raise StoreUnavailable(
                    f"the store did not answer to the last step ({type(error).__name__}); it is "
                    f"not known whether release {release} is in force: see indexer status"
                ) from None

    def _published_at(self, revision: int, now: int) -> int:
        if revision == NO_REVISION:
            return now
        return Revisions(self._d.list_file).of(revision).published_at

    def _begin(
        self,
        release: int,
        revision: int,
        times: tuple[int, int],
        *,
        command: str,
        indexes: Mapping[str, Index],
    ) -> None:
        with self._d.list_file.transaction():
            self._sql.execute(
                "INSERT INTO releases VALUES (?, ?, ?, ?, ?, ?, 'flipping')",
                (release, revision, *times, command, self._d.actor),
            )
            self._sql.executemany(
                "INSERT INTO indexes VALUES (?, ?, ?, ?, ?)",
                [
                    (
                        release,
                        key_id,
                        index.built.generation,
                        index.overlay.count,
                        index.overlay.sha256,
                    )
                    for key_id, index in indexes.items()
                ],
            )

    def _landed(self, release: int) -> None:
        with self._d.list_file.transaction():
            self._sql.execute("UPDATE releases SET state = 'superseded' WHERE state = 'in_force'")
            self._sql.execute(
                "UPDATE releases SET state = 'in_force' WHERE release = ?", (release,)
            )
            self._sql.execute(
                "UPDATE generations SET last_release = :release WHERE generation IN "
                "(SELECT generation FROM indexes WHERE release = :release)",
                {"release": release},
            )

    def _partners(self) -> list[PartnerRecord]:
        """Return what is said of every partner that anybody may have heard of."""
        list_file = self._d.list_file
        known = [*partner_records(list_file), *removed_records(list_file)]
        for record in self._unknown_partners({record.partner for record in known}):
            # Whatever becomes of the store, they stay shut out by every release from now on.
            keep_record(list_file, record, state="removed")
            known.append(record)
        return known

    def _unknown_partners(self, known: set[str]) -> list[PartnerRecord]:
        """Return what shuts out partners that this list file does not know, as after a restore.

        An absent record would shut out nobody: workers keep what they have seen.
        """
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
        """Keep what is in force and what one may go back to; remove the rest."""
        kept = self._generations.keep(self._live_key_ids())
        with self._d.list_file.transaction():
            self._sql.execute(
                # By rows: a restore leaps over numbers, and forgets no release for that.
                "DELETE FROM releases WHERE state = 'superseded' AND release NOT IN "
                "(SELECT release FROM releases ORDER BY release DESC LIMIT ?)",
                (_RELEASES_KEPT,),
            )
        names = {(built.key_id, built.generation) for built in kept}
        with suppress(StoreUnavailable):  # the release is in force; the next command sweeps again
            sweep(self._d.store, names, overlays=self._generations.recent_overlays())
        bases = [built.revision for built in kept if built.revision != NO_REVISION]
        Revisions(self._d.list_file).forget_before(min(bases, default=None), used=stretchings)
