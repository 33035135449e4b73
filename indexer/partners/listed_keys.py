"""A partner's API keys as they are noted, beside those that hosts accept.

They differ where a command has died, or the store took no writes.
"""

from typing import Literal, NamedTuple

from indexer.deployment import Deployment
from indexer.in_force import find_record_in_force
from indexer.partners.api_keys import find_key
from indexer.partners.overlaps import find_rotation, held_keys
from screening.registry.record import ApiKeyRecord, PartnerRecord


class ListedKey(NamedTuple):
    """A key, and what of it is not in force yet.

    `pending` is its "end", where hosts go on to accept it; its "start"; or its "terms". None where
    all of it is in force, as a rule, and where Redis has no record of the partner. One that is not
    `is_given` is of a rotation that was broken off: maybe nobody has it.
    """

    key: ApiKeyRecord
    pending: Literal["end", "start", "terms"] | None
    is_given: bool = True


def listed_keys(deployment: Deployment, record: PartnerRecord) -> list[ListedKey]:
    """Return the keys of a partner, those that are ended and still accepted last."""
    verifier = deployment.keyring.signer.verifier()
    in_force = find_record_in_force(deployment.store, verifier, record.partner)
    given = held_keys(record, find_rotation(deployment.list_file, record.partner))
    if in_force is None:
        return [ListedKey(key, None, key in given) for key in record.api_keys]
    ended = [
        key
        for key in in_force.api_keys
        if find_key(record, key.id) is None and key.is_live(deployment.now())
    ]
    return [
        *(ListedKey(key, _find_pending(key, in_force), key in given) for key in record.api_keys),
        *(ListedKey(key, "end") for key in ended),
    ]


def _find_pending(key: ApiKeyRecord, in_force: PartnerRecord) -> Literal["start", "terms"] | None:
    accepted = find_key(in_force, key.id)
    if accepted is None:
        return "start"
    return None if accepted == key else "terms"
