"""Take a partner, or one of its token keys, away: from Redis, and from our disk."""

from collections.abc import Iterable

import msgspec

from indexer.deployment import Deployment
from indexer.list.file import ListFile
from indexer.partners.issue import put_partners_in_force
from indexer.partners.records import (
    find_record,
    keep_record,
    partner_records,
    removed_records,
)
from screening.registry.record import PartnerRecord
from screening.vocabulary.errors import OperatorError


def remove_partner(deployment: Deployment, name: str) -> None:
    """Remove a partner: nobody is answered in its name, and its index and secrets are gone.

    What shuts it out is kept: an absent record would shut out nobody who remembers the last one.
    May die anywhere, and be run again. Raises `OperatorError` where there is no such partner.
    """
    list_file = deployment.list_file
    record = find_record(list_file, name) or _find_removed(list_file, name)
    if record is None:
        raise OperatorError("there is no partner of that name; see: indexer status")
    deployment.record("partner remove", partner=name, key_ids=record.key_ids)
    with list_file.transaction():
        retire_keys(list_file, name, record.key_ids)
        shut_out = msgspec.structs.replace(record, state="suspended", key_ids=[], api_keys=[])
        keep_record(list_file, shut_out, state="removed")
        list_file.connection.execute("DELETE FROM rotations WHERE partner = ?", (name,))
    release = put_partners_in_force(deployment, "partner remove")
    forget_secrets(deployment)
    deployment.record("partner removed", partner=name, release=release)


def retire_keys(list_file: ListFile, partner: str, key_ids: Iterable[str]) -> None:
    """Note that token keys are live no more; `forget_secrets` then removes them."""
    for key_id in key_ids:
        list_file.connection.execute(
            "INSERT OR IGNORE INTO retired_keys VALUES (?, ?, ?)",
            (key_id, partner, list_file.now()),
        )
        list_file.connection.execute("DELETE FROM policies WHERE key_id = ?", (key_id,))


def forget_secrets(deployment: Deployment) -> None:
    """Remove the secrets of token keys that no partner has from the disk, for good.

    Those that a command made which died before anybody had them are among them.
    """
    records = partner_records(deployment.list_file)
    live = {key_id for record in records for key_id in record.key_ids}
    for key_id in deployment.keyring.token_key_ids():
        if key_id not in live:
            retire_keys(deployment.list_file, "", [key_id])
            deployment.keyring.forget_token_key(key_id)


def _find_removed(list_file: ListFile, name: str) -> PartnerRecord | None:
    return next((one for one in removed_records(list_file) if one.partner == name), None)
