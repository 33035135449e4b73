"""The end of an API key, before its time: it is accepted no more, on every host and for good."""

from typing import NamedTuple

import msgspec

from indexer.deployment import Deployment
from indexer.in_force import find_record_in_force, last_release
from indexer.list.partners import require_added_record
from indexer.partners.api_keys import find_key, put_keys_in_force, require_key
from indexer.partners.overlaps import find_rotation, held_keys, is_broken_off, is_old_key_last
from screening.registry.record import PartnerRecord


class Revoked(NamedTuple):
    """What a partner has left: so many live keys, and whether the last is one that was renewed.

    `is_broken_off`: it has new keys that are not among these, from a rotation that was broken off.
    `is_known` tells that the key was among those that are noted, or that Redis had.
    """

    left: int
    is_old_last: bool
    is_broken_off: bool
    is_known: bool


def revoke_key(deployment: Deployment, partner: str, key_id: str) -> Revoked:
    """Accept a key no more; returns what the partner has left.

    Raises `OperatorError` where it has no such key, and Redis holds just what is noted. Else hosts
    may accept it: this command has died, or the store took no writes, or was emptied since.
    """
    record = require_added_record(deployment.list_file, partner)
    verifier = deployment.keyring.signer.verifier()
    stored = find_record_in_force(deployment.store, verifier, partner)
    if _is_newest(deployment, record, stored):
        require_key(record, key_id)
    left = [key for key in record.api_keys if key.id != key_id]
    deployment.record("partner key revoke", partner=partner, api_key=key_id)
    put_keys_in_force(deployment, record, left, "partner key revoke")
    now, rotation = deployment.now(), find_rotation(deployment.list_file, partner)
    known = [one for one in (record, stored) if one is not None]
    record = msgspec.structs.replace(record, api_keys=left)
    return Revoked(
        sum(key.is_live(now) for key in held_keys(record, rotation)),
        is_old_last=rotation is not None and is_old_key_last(record, rotation, now),
        is_broken_off=is_broken_off(rotation),
        is_known=any(find_key(one, key_id) is not None for one in known),
    )


def _is_newest(deployment: Deployment, noted: PartnerRecord, stored: PartnerRecord | None) -> bool:
    """Tell whether Redis holds the keys that are noted, as the last release has signed them."""
    return (
        stored is not None
        and stored.api_keys == noted.api_keys
        and stored.sequence == last_release(deployment.list_file)
    )
