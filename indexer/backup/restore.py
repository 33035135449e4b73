"""A home out of a backup: verified first, whole or not there, and ahead of all that was signed."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from indexer.backup.archive import LIST, Description, unpack
from indexer.backup.backup import require_token_keys
from indexer.backup.partners_since import Since, keep_shut, keep_used
from indexer.deployment import (
    STORE_TIMEOUT_MS,
    append_record,
    disclosure_pairs,
    open_ledger,
    open_list,
)
from indexer.in_force import (
    Release,
    attestations,
    find_current,
    signed_heads,
    signed_records,
)
from indexer.keyring import KEYRING, Keyring, Keys, create_keyring, refuse_one_within_the_other
from indexer.list.database import is_sound
from indexer.list.file import ListFile
from indexer.list.partners import partner_records, removed_records
from indexer.list.resolved import resolve
from indexer.list.revisions import Revisions
from indexer.list.told_states import forget_told_states
from indexer.progress import Progress
from indexer.settings import IndexerSettings
from screening.account import actor
from screening.generations.manifest import Head
from screening.ledger.verify import verify_ledger
from screening.private_files import create_private, ensure_private_directory
from screening.registry.record import PartnerRecord
from screening.sealed_stream import OpeningReader
from screening.staging import put_in_place, refuse_taken_home, staging_folder, staging_of
from screening.store.connection import open_store
from screening.store.settings import StoreSettings
from screening.store.signed import Verifier
from screening.vocabulary.errors import LedgerDamaged, OperatorError, StoreUnavailable, Untrusted
from screening.vocabulary.tokens import is_key_id


@dataclass(frozen=True, slots=True)
class InStore:
    """What the signed documents in Redis say is in force; all 0 where there are none."""

    release: int = 0
    revision: int = 0
    issued_at: int = 0
    records: Mapping[str, PartnerRecord] = field(default_factory=dict)
    indexed: frozenset[str] = frozenset()
    """Token keys that have an index."""
    attested_only: frozenset[str] = frozenset()
    """Token keys that API hosts say they answer for, and no partner's record there names."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a backup holds."""

    description: Description
    release: Release | None
    selectors: int
    partners: frozenset[str]
    removed: frozenset[str]
    """Partners who were removed before it was made."""
    key_ids: frozenset[str]
    ledger_damage: str | None
    """The sentence about it, where the ledger was damaged already when the backup was made."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and what the store knows besides."""

    held: Held
    in_store: InStore | None
    """None where the store does not say."""
    sequence: int
    """The next release has a higher number."""
    since: Since


class Restoring:
    """Restores one backup; `clock` is in Unix seconds."""

    def __init__(
        self,
        settings: IndexerSettings,
        store_settings: StoreSettings,
        progress: Progress,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._home = Path(os.path.realpath(settings.home))
        self._staging = staging_of(self._home)
        self._settings = settings
        self._staged = settings.model_copy(update={"home": self._staging})
        self._store_settings = store_settings
        self._progress = progress
        self._clock = clock

    def check(self, file: Path, passphrase: bytes) -> Held:
        """Verify a backup as `restore` does; no key of it comes to the disk, however this ends."""
        with staging_folder(self._staging):
            return self._verify(file, passphrase)[0]

    def restore(self, file: Path, passphrase: bytes) -> Restored:
        """Put a backup in the place of the home, which must be absent or empty.

        The API's share of the keyring is laid in the secrets folder before; one that is there
        already stays where it is the same. Raises `OperatorError` where anything is not as it was
        backed up; then, and wherever this dies, there is no home.
        """
        refuse_one_within_the_other(self._home, self._settings.secrets)
        refuse_taken_home(self._home, "INDEXER_HOME")
        with staging_folder(self._staging) as staying:
            held, keyring = self._verify(file, passphrase)
            self._lay_down(keyring)
            restored = self._go_ahead(held)
            create_keyring(self._staging, self._settings.secrets)
            disclosure_pairs(self._staged).lay_share()
            with open_ledger(self._staged) as ledger:
                facts = {
                    "command": "restore",
                    "made_at": held.description.made_at,
                    "release": held.description.release,
                    "sequence": restored.sequence,
                    "store": restored.in_store.release if restored.in_store else None,
                    "removed": restored.since.removed,
                    "suspended": restored.since.suspended,
                    "ended": restored.since.ended,
                    "retired": restored.since.retired,
                    "changed": restored.since.changed,
                }
                append_record(ledger, actor(), self._clock(), facts)
            put_in_place(self._staging, self._home, "INDEXER_HOME")
            staying.pop_all()
        return restored

    def _lay_down(self, keyring: Mapping[str, bytes]) -> None:
        for name, content in keyring.items():
            path = self._staging / KEYRING / name
            ensure_private_directory(path.parent)
            create_private(path, content)

    def _verify(self, file: Path, passphrase: bytes) -> tuple[Held, Mapping[str, bytes]]:
        """Return what a backup holds, and its keyring; its other files are laid down."""
        with file.open("rb") as sealed:
            reader = OpeningReader(sealed, passphrase)
            unpacked = unpack(reader, self._staging, self._progress)
            reader.drain()
        if not (self._staging / LIST).exists() or not is_sound(self._staging / LIST):
            raise OperatorError("the list file in the backup is damaged; take an older backup")
        keyring = Keys(_reader(unpacked.keyring), "the keyring in the backup")
        with self._open_list(keyring) as list_file:
            require_token_keys(keyring, list_file)
            records = partner_records(list_file)
            current = find_current(list_file)
            held = Held(
                unpacked.description,
                current,
                _size(list_file, current),
                frozenset(record.partner for record in records),
                frozenset(record.partner for record in removed_records(list_file)),
                frozenset(key_id for record in records for key_id in record.key_ids),
                self._ledger_damage(),
            )
        return held, unpacked.keyring

    def _ledger_damage(self) -> str | None:
        try:
            verify_ledger(self._staging / "ledger")
        except LedgerDamaged as damage:
            return str(damage)
        return None

    def _go_ahead(self, held: Held) -> Restored:
        """Leave behind every number that may have been used since, and shut out who was.

        Hosts refuse a sequence lower than one they have seen, and nobody can be relied on to know
        the highest: Redis may be empty, a host down. But no release takes less than a millisecond,
        so that no number ever signed is above the clock then, in milliseconds, where each restore
        goes on from the clock. Revisions, which partners are told, are seconds: they fit 32 bits.
        """
        now = self._clock()
        if now < held.description.made_at:
            raise OperatorError(
                "by the clock of this host the backup was made in the future; set it right first: "
                "the next release is numbered by it"
            )
        keyring = Keyring(self._staging)
        in_store = self._ask_store(keyring.signer.verifier())
        known = in_store or InStore()
        with self._open_list(keyring) as list_file, list_file.transaction():
            sequence = max(list_file.number("sequence"), int(now * 1000), known.release)
            revision = max(list_file.number("revision"), int(now), known.revision)
            list_file.keep_number("sequence", sequence)
            list_file.keep_number("revision", revision)
            list_file.keep_number("restored", sequence)
            list_file.keep_number("up_restored", 1)
            forget_told_states(list_file)
            release = held.release.release if held.release else 0
            since = keep_shut(list_file, keyring, known.records, release=release)
            keep_used(list_file, keyring, known.records, indexed=known.indexed)
        return Restored(held, in_store, sequence, since)

    def _ask_store(self, verifier: Verifier) -> InStore | None:
        try:
            with open_store(self._store_settings, timeout_ms=STORE_TIMEOUT_MS) as store:
                heads = signed_heads(store.client, verifier)
                records = signed_records(store.client, verifier)
                hosts = attestations(store.client)
        except (StoreUnavailable, Untrusted):
            return None
        named = {key_id for record in records for key_id in record.key_ids}
        attested = {key_id for host in hosts for key_id in host.versions if is_key_id(key_id)}
        documents: list[Head | PartnerRecord] = [*heads, *records]
        return InStore(
            release=max((one.sequence for one in documents), default=0),
            revision=max((head.seq for head in heads), default=0),
            issued_at=max((one.issued_at for one in documents), default=0),
            records={record.partner: record for record in records},
            indexed=frozenset(head.key_id for head in heads),
            attested_only=frozenset(attested - named),
        )

    @contextmanager
    def _open_list(self, keyring: Keys) -> Iterator[ListFile]:
        list_file = open_list(self._staged, keyring)
        try:
            yield list_file
        finally:
            list_file.close()


def _reader(files: Mapping[str, bytes]) -> Callable[[str], bytes]:
    def read(name: str) -> bytes:
        try:
            return files[name]
        except KeyError:
            raise OperatorError(
                f"the keyring in the backup lacks {name}; take an older backup"
            ) from None

    return read


def _size(list_file: ListFile, current: Release | None) -> int:
    """Count the selectors of the list in force."""
    if current is None or not current.revision:
        return 0
    as_of = Revisions(list_file).judged_as_of(current.revision, list_file.now())
    return resolve(list_file, current.revision, as_of=as_of).count
