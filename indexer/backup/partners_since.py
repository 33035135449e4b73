"""What happened to partners since a backup was made, as their signed records in Redis tell it.

A list file goes back with its backup, and would open again what was shut since: the kit of a
partner that was removed, and a key that was revoked, may be in anybody's hands.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import msgspec

from indexer.backup.narrower import differences, narrower
from indexer.keyring import Keyring
from indexer.list.file import ListFile
from indexer.list.partners import (
    keep_record,
    partner_records,
    removed_records,
    retire_keys,
)
from indexer.partners.overlaps import forget_rotation, rotations
from indexer.partners.remove import keep_removed
from screening.registry.record import PartnerRecord


@dataclass(slots=True)
class Since:
    """Partners of the backup to whom something was done since it was made; by name, sorted.

    What they were given less stays so in what is restored: `removed`, `suspended`, `ended` API
    keys, `retired` token keys, and terms and limits that were `changed`. What they were given more
    does not: `widened` is as in the backup, and so are `resumed`, who are suspended, and
    `returned`, who are removed; `given` API keys and the new token keys of `renewed` are not there.
    `keyless` are left with no live API key, `overlapping` with old keys beside new ones, until when
    the backup says: no record tells whether that was shortened since. Of `untold` the store has no
    record, or an old one.
    """

    removed: list[str] = field(default_factory=list)
    suspended: list[str] = field(default_factory=list)
    resumed: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    """Removed before the backup was made, and added again since."""
    renewed: list[str] = field(default_factory=list)
    keyless: list[str] = field(default_factory=list)
    overlapping: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    ended: dict[str, list[str]] = field(default_factory=dict)
    """The ids of API keys, by partner."""
    retired: dict[str, list[str]] = field(default_factory=dict)
    """The `key_ids`, by partner."""
    given: dict[str, list[str]] = field(default_factory=dict)
    changed: dict[str, list[str]] = field(default_factory=dict)
    """What a person calls it, by partner."""
    widened: dict[str, list[str]] = field(default_factory=dict)


def keep_shut(
    list_file: ListFile, keyring: Keyring, in_store: Mapping[str, PartnerRecord], *, release: int
) -> Since:
    """Shut out in the list file what a record in Redis that is newer than `release` shuts out.

    Called in a transaction. A record that is not newer says nothing: whoever writes to Redis may
    have put an old one back. Each release signs all records anew, so that one which is behind the
    others is not the last that was signed of its partner.
    """
    since = Since()
    newest = max((one.sequence for one in in_store.values()), default=0)
    for record in partner_records(list_file):
        newer, is_half = in_store.get(record.partner), _is_half(list_file, record)
        if newest and not is_half and (newer is None or newer.sequence < newest):
            since.untold.append(record.partner)
        if newer is None or newer.sequence <= release:
            continue
        if newer.state == "suspended" and not newer.key_ids:
            keep_removed(list_file, record, keyring.key_ids_of(record.partner))
            since.removed.append(record.partner)
            continue
        kept = _kept(record, newer)
        _retire(list_file, record, kept)
        if kept != record:
            keep_record(list_file, kept, state="adding" if is_half else "active")
        _note(since, record, kept, newer)
        if not any(key.is_live(list_file.now()) for key in kept.api_keys) and record.api_keys:
            since.keyless.append(record.partner)
    since.returned = _returned(list_file, in_store, release)
    since.overlapping = [one.partner for one in rotations(list_file) if one.is_given]
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


def _is_half(list_file: ListFile, record: PartnerRecord) -> bool:
    return list_file.partner_state(record.partner) == "adding"


def _returned(
    list_file: ListFile, in_store: Mapping[str, PartnerRecord], release: int
) -> list[str]:
    """Name who was removed by the list file, and has token keys by a newer record."""
    newer = (in_store.get(removed.partner) for removed in removed_records(list_file))
    return [one.partner for one in newer if one and one.key_ids and one.sequence > release]


def _retire(list_file: ListFile, record: PartnerRecord, kept: PartnerRecord) -> None:
    """Retire token keys that are not kept; with one of them an overlap is over, too."""
    gone = [key_id for key_id in record.key_ids if key_id not in kept.key_ids]
    if gone:
        retire_keys(list_file, record.partner, gone)
        forget_rotation(list_file, record.partner)


def _kept(record: PartnerRecord, newer: PartnerRecord) -> PartnerRecord:
    """Return what is restored; a partner that was resumed since is not, which is for a person.

    A token key that the newer record lacks is retired, and never comes back; but where it has none
    of these, they are kept: a partner without any is one that was removed.
    """
    kept = narrower(record, newer)
    live = [key_id for key_id in record.key_ids if key_id in newer.key_ids]
    kept = msgspec.structs.replace(kept, key_ids=live or record.key_ids)
    is_suspended = newer.state == "suspended"
    return msgspec.structs.replace(kept, state="suspended") if is_suspended else kept


def _note(since: Since, record: PartnerRecord, kept: PartnerRecord, newer: PartnerRecord) -> None:
    name = record.partner
    if kept.state != record.state:
        since.suspended.append(name)
    if kept.state != newer.state:
        since.resumed.append(name)
    if set(newer.key_ids) - set(record.key_ids):
        since.renewed.append(name)
    had, has = [key.id for key in record.api_keys], {key.id for key in newer.api_keys}
    for noted, found in (
        (since.retired, [key_id for key_id in record.key_ids if key_id not in kept.key_ids]),
        (since.ended, [key_id for key_id in had if key_id not in has]),
        (since.given, [key.id for key in newer.api_keys if key.id not in had]),
        (since.changed, differences(kept, record)),
        (since.widened, differences(kept, newer)),
    ):
        if found:
            noted[name] = found
