"""Take a partner away: from Redis, and from our disk."""

from collections.abc import Iterable

import msgspec

from indexer.deployment import Deployment
from indexer.list.file import ListFile
from indexer.list.partners import (
    keep_record,
    partner_records,
    removed_records,
    require_record,
    retire_keys,
)
from indexer.list.suspensions import note_suspended
from indexer.partners.issue import put_partners_in_force
from screening.generations.writer import forget_on_disk
from screening.registry.record import PartnerRecord


def remove_partner(deployment: Deployment, name: str) -> bool:
    """Remove a partner: nobody is answered in its name, and its index and secrets are gone.

    Returns whether they are gone from the store's append-only file, too. What shuts it out is kept:
    an absent record would shut out nobody who remembers the last one. May die anywhere, and be run
    again. Raises `OperatorError` where there is no such partner.
    """
    list_file = deployment.list_file
    record = _find_removed(list_file, name) or require_record(list_file, name)
    key_ids = deployment.keyring.key_ids_of(name)  # those of attempts that died included
    deployment.record("partner remove", partner=name, key_ids=key_ids)
    with list_file.transaction():
        keep_removed(list_file, record, key_ids)
        note_suspended(list_file, name, deployment.now())
    release = put_partners_in_force(deployment, "partner remove")
    is_forgotten = forget_on_disk(deployment.store)
    deployment.record("partner removed", partner=name, release=release, forgotten=is_forgotten)
    return is_forgotten


def keep_removed(list_file: ListFile, record: PartnerRecord, key_ids: Iterable[str]) -> None:
    """Note that a partner is removed, and its token keys with it; in one transaction."""
    retire_keys(list_file, record.partner, key_ids)
    shut_out = msgspec.structs.replace(record, state="suspended", key_ids=[], api_keys=[])
    keep_record(list_file, shut_out, state="removed")
    for table in (
        "rotations",
        "notices",
    ):  # whoever has the name next is told of no match of theirs
        list_file.connection.execute(f"DELETE FROM {table} WHERE partner = ?", (record.partner,))  # noqa: S608 - one of the two


def retire_orphans(deployment: Deployment) -> None:
    """Retire token keys that no partner has: a command died before anybody was given them."""
    records = partner_records(deployment.list_file)
    live = {key_id for record in records for key_id in record.key_ids}
    retire_keys(deployment.list_file, "", sorted(deployment.keyring.key_ids() - live))


def _find_removed(list_file: ListFile, name: str) -> PartnerRecord | None:
    return next((one for one in removed_records(list_file) if one.partner == name), None)
