"""The time in which a partner's old and new keys are valid together, and its end.

It ends, by `end_rotations`, when it is over and every API host answers for the new token key; until
then the partner may use either kit. It never takes the last live API key: where the new one was
revoked, the old keys stay until the partner has another or a person revokes the old one, too.
"""

from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from indexer.deployment import Deployment
from indexer.in_force import api_hosts
from indexer.list.file import ListFile
from indexer.list.partners import keep_record, require_record, retire_keys
from indexer.partners.issue import put_partners_in_force
from indexer.releases import Releases
from screening.registry.record import ApiKeyRecord, PartnerRecord


class Rotation(NamedTuple):
    """A partner whose old keys are still valid; `retire_at` is in Unix seconds.

    Keys that it is given meanwhile are no old ones: only `old_api_key` goes with the rotation.
    """

    partner: str
    key_id: str
    api_key: str
    retire_at: int
    is_given: int
    old_api_key: str | None


def rotations(list_file: ListFile) -> list[Rotation]:
    """Return the partners whose old keys are still valid."""
    rows = list_file.connection.execute(
        "SELECT partner, key_id, api_key, retire_at, is_given, old_api_key FROM rotations "
        "ORDER BY partner"
    )
    return [Rotation(*row) for row in rows]


def find_rotation(list_file: ListFile, partner: str) -> Rotation | None:
    """Return the rotation of a partner, None where it has no old keys."""
    return next((one for one in rotations(list_file) if one.partner == partner), None)


def forget_rotation(list_file: ListFile, partner: str) -> None:
    """Forget that a partner has old keys: they are retired, or the new ones are."""
    list_file.connection.execute("DELETE FROM rotations WHERE partner = ?", (partner,))


def without_new_keys(record: PartnerRecord, half: Rotation | None) -> PartnerRecord:
    """Return the record without the keys that a rotation has given."""
    if half is None:
        return record
    return msgspec.structs.replace(
        record,
        key_ids=[key_id for key_id in record.key_ids if key_id != half.key_id],
        api_keys=[key for key in record.api_keys if key.id != half.api_key],
    )


def undo_rotation(deployment: Deployment, kept: PartnerRecord, half: Rotation) -> None:
    """Undo a rotation whose kit was never written, or opens nothing any more."""
    with deployment.list_file.transaction():
        retire_keys(deployment.list_file, half.partner, [half.key_id])
        keep_record(deployment.list_file, kept, state="active")
        forget_rotation(deployment.list_file, half.partner)


def take_back_rotation(deployment: Deployment, kept: PartnerRecord, half: Rotation) -> None:
    """Undo a rotation that none takes the place of, and put that in force."""
    command = "partner rotate taken back"
    deployment.record(command, partner=half.partner, key_id=half.key_id)
    undo_rotation(deployment, kept, half)
    put_partners_in_force(deployment, command)


def accepted_no_more(api_key: str) -> str:
    """Return what is to be said where the keys of an earlier rotation are taken back."""
    return (
        f"The API key {api_key} of an earlier rotation is accepted no more, and the kit that it is "
        "in, if any was written, opens nothing"
    )


def is_broken_off(rotation: Rotation | None) -> bool:
    """Tell whether a rotation died before it was noted as given: maybe nobody has its keys.

    The same command again gives them where its kit was written, and takes them back where not.
    """
    return rotation is not None and not rotation.is_given


def find_end(rotation: Rotation | None) -> int | None:
    """Return when old keys are retired, in Unix seconds; None without any, or while it is not set.

    A rotation that was broken off has none: the same command, run again, sets one.
    """
    return None if rotation is None or is_broken_off(rotation) else rotation.retire_at


def held_keys(record: PartnerRecord, rotation: Rotation | None) -> list[ApiKeyRecord]:
    """Return the API keys of a partner but that of a rotation that was broken off."""
    if rotation is None or not is_broken_off(rotation):
        return record.api_keys
    return [key for key in record.api_keys if key.id != rotation.api_key]


def has_key_beside_old(record: PartnerRecord, rotation: Rotation, now: int) -> bool:
    """Tell whether a live API key is left when the old one goes."""
    others = [key for key in record.api_keys if key.id != rotation.old_api_key]
    return any(key.is_live(now) for key in others)


def is_old_key_last(record: PartnerRecord, rotation: Rotation, now: int) -> bool:
    """Tell whether new keys were given, and the old API key is the only one that is accepted."""
    if is_broken_off(rotation):
        return False
    is_any_live = any(key.is_live(now) for key in record.api_keys)
    return is_any_live and not has_key_beside_old(record, rotation, now)


def find_later_end(
    record: PartnerRecord, rotation: Rotation | None, *, now: int, overlap_s: int
) -> int | None:
    """Return when the old keys go where the old API key was the last, and another is given now.

    `record` is without that; None where they go as they would have gone.
    """
    if rotation is None or not is_old_key_last(record, rotation, now):
        return None
    retire_at = now + overlap_s
    return retire_at if retire_at >= rotation.retire_at else None


def keep_end(list_file: ListFile, partner: str, retire_at: int) -> None:
    """Note when the old keys of a partner are retired."""
    list_file.connection.execute(
        "UPDATE rotations SET retire_at = ? WHERE partner = ?", (retire_at, partner)
    )


@dataclass(frozen=True, slots=True)
class Ended:
    """Partners whose old keys were retired, and those for whom that has to wait.

    `waiting` for API hosts that are behind; `kept`, because the old API key is their last.
    """

    retired: list[str]
    waiting: list[str]
    kept: list[str]


def end_rotations(deployment: Deployment) -> Ended:
    """Retire old keys whose overlap is over, where every API host answers for the new ones.

    The next release puts it in force, and removes the secrets.
    """
    list_file, now = deployment.list_file, deployment.now()
    due = [one for one in rotations(list_file) if one.is_given and one.retire_at <= now]
    kept = {
        one.partner
        for one in due
        if is_old_key_last(require_record(list_file, one.partner), one, now)
    }
    ending = [one for one in due if one.partner not in kept]
    names, last = [one.partner for one in ending], sorted(kept)
    hosts = api_hosts(deployment.store, Releases(deployment).current()) if ending else []
    if not all(host.is_up_to_date for host in hosts):
        return Ended([], names, last)
    for rotation in ending:
        _end(deployment, rotation)
    return Ended(names, [], last)


def _end(deployment: Deployment, rotation: Rotation) -> None:
    list_file = deployment.list_file
    record = require_record(list_file, rotation.partner)
    old = [key_id for key_id in record.key_ids if key_id != rotation.key_id]
    deployment.record("retire keys", partner=rotation.partner, key_ids=old)
    left = msgspec.structs.replace(
        record,
        key_ids=[rotation.key_id],
        api_keys=[key for key in record.api_keys if key.id != rotation.old_api_key],
    )
    with list_file.transaction():
        retire_keys(list_file, rotation.partner, old)
        keep_record(list_file, left, state="active")
        forget_rotation(list_file, rotation.partner)
