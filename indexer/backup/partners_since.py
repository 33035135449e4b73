"""What happened to partners since a backup was made, as their signed records in Redis tell it.

A list file goes back with its backup, and would open again what was shut since: the kit of a
partner that was removed may be in anybody's hands.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import msgspec

from indexer.keyring import Keyring
from indexer.list.file import ListFile
from indexer.list.partners import keep_record, partner_records, retire_keys
from indexer.partners.remove import keep_removed
from screening.registry.record import PartnerRecord


@dataclass(frozen=True, slots=True)
class Since:
    """Partners of the backup who, since it was made, were given less; by name, sorted.

    The first two stay so in what is restored. Of `renewed`, keys of the backup were retired, and
    the next release would answer them again: nothing restored has the new ones.
    """

    removed: list[str]
    suspended: list[str]
    renewed: list[str]


def keep_shut(
    list_file: ListFile, keyring: Keyring, in_store: Mapping[str, PartnerRecord], *, release: int
) -> Since:
    """Shut out in the list file whom a record in Redis that is newer than `release` shuts out.

    Called in a transaction. A record that is not newer says nothing: whoever writes to Redis may
    have put an old one back.
    """
    since = Since([], [], [])
    for record in partner_records(list_file):
        newer = in_store.get(record.partner)
        if newer is None or newer.sequence <= release:
            continue
        if newer.state == "suspended" and not newer.key_ids:
            keep_removed(list_file, record, keyring.key_ids_of(record.partner))
            since.removed.append(record.partner)
            continue
        if newer.state == "suspended" and record.state != "suspended":
            _suspend(list_file, record)
            since.suspended.append(record.partner)
        if _keys(record) - _keys(newer):
            since.renewed.append(record.partner)
    return since


def keep_used(
    list_file: ListFile,
    keyring: Keyring,
    in_store: Mapping[str, PartnerRecord],
    *,
    indexed: Collection[str],
) -> None:
    """Note the token keys that Redis names and nothing restored has: no other gets their `key_id`.

    Called in a transaction. `indexed` are those with an index; old documents were true once, too.
    """
    owners = {key_id: name for name, record in in_store.items() for key_id in record.key_ids}
    for key_id in sorted({*owners, *indexed} - keyring.key_ids()):
        retire_keys(list_file, owners.get(key_id, ""), [key_id])


def _suspend(list_file: ListFile, record: PartnerRecord) -> None:
    is_half = list_file.partner_state(record.partner) == "adding"
    suspended = msgspec.structs.replace(record, state="suspended")
    keep_record(list_file, suspended, state="adding" if is_half else "active")


def _keys(record: PartnerRecord) -> set[str]:
    return {*record.key_ids, *(key.id for key in record.api_keys)}
