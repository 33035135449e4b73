"""Give a partner new keys without a gap: old and new ones are valid together, then the old ones go.

How that ends is in `overlaps.py`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from indexer.deployment import Deployment
from indexer.keyring import KeptTokenKey
from indexer.list.entitlements import find_policy, keep_policy
from indexer.list.file import ListFile
from indexer.list.partners import keep_record, require_added_record, require_record
from indexer.partners.issue import (
    new_token_key,
    put_partners_in_force,
    refuse_kit,
    verifiers_of,
    write_kit,
)
from indexer.partners.overlaps import (
    Rotation,
    accepted_no_more,
    find_rotation,
    has_key_beside_old,
    keep_end,
    take_back_rotation,
    undo_rotation,
    without_new_keys,
)
from indexer.partners.terms import refuse_other_terms
from screening.private_files import read_private
from screening.registry.record import ApiKeyRecord, PartnerRecord, Scope
from screening.vocabulary.api_key import ApiKey, new_api_key
from screening.vocabulary.errors import KitRefused, NotPossible, OperatorError
from screening.vocabulary.kit import parse_kit
from screening.vocabulary.tokens import STRETCH_PROFILES

_NOT_ONE_KEY: Final = {
    True: "{name} has two API keys, and beside new ones only one may be live: end the other first, "
    "by indexer partner key revoke {name} KEY_ID; indexer partner key list {name} shows the ids",
    False: "{name} has no API key whose terms the new one could have: say what that may do, by "
    "--scopes check or --scopes check,bulk",
}
"""By whether there are too many."""


_STILL_VALID: Final = {
    True: "its old ones are",
    False: "of its old ones the token key alone is",
}
"""By whether the old API key is accepted."""


@dataclass(frozen=True, slots=True)
class NewKeys:
    """What `indexer partner rotate` was asked for.

    `profile` and `scopes` are those of the old keys unless set.
    """

    name: str
    kit: Path
    api_url: str
    overlap_s: int
    profile: str | None = None
    scopes: list[Scope] | None = None


class Rotated(NamedTuple):
    """What a call has come to: when the old keys are retired, and whether there is a new kit.

    `api_key` is the id of the new API key, which has no end; `old_end` is that of the old one,
    where it had any. Both times are Unix seconds. `has_old_api_key` tells whether that one is still
    accepted. `taken_back` is the id of the API key of an
    earlier attempt, or one of no use, whose kit opens nothing any more.
    """

    retire_at: int
    has_new_kit: bool
    api_key: str
    old_end: int | None = None
    taken_back: str | None = None
    has_old_api_key: bool = True


def rotate_partner(deployment: Deployment, wanted: NewKeys) -> Rotated:
    """Index the list for a new token key, and write a kit with it and a new API key.

    Where an earlier attempt died before it had written its kit, or the API key that it gave was
    revoked and no other is beside the old one, this one takes its place, and nothing of it stays
    valid; so it is where none can be given. Where a kit was given and the old keys are still valid,
    this makes that time shorter and writes none; raises `OperatorError` where it would not be.
    """
    list_file = deployment.list_file
    record = require_record(list_file, wanted.name)
    ongoing = find_rotation(list_file, wanted.name)
    gone_on = None if ongoing is None else _gone_on_with(deployment, ongoing, wanted, record=record)
    if gone_on is not None:
        return gone_on
    record = _ready_or_taken_back(deployment, record, wanted, ongoing)
    deployment.record("partner rotate", partner=wanted.name, overlap_s=wanted.overlap_s)
    if ongoing is not None:
        undo_rotation(deployment, record, ongoing)
    token_key, api_key = _new_keys(deployment, record, wanted)
    new = _new_record(deployment, record, wanted, api_key)
    rotation = Rotation(
        wanted.name,
        token_key.key_id,
        api_key.id,
        retire_at=deployment.now() + wanted.overlap_s,
        is_given=0,
        old_api_key=record.api_keys[0].id if record.api_keys else None,
    )
    _keep(list_file, _with(record, token_key, new), rotation)
    put_partners_in_force(deployment, "partner rotate")
    write_kit(
        wanted.kit,
        partner=wanted.name,
        api_url=wanted.api_url,
        token_key=token_key,
        api_key=api_key,
    )
    given = _given(deployment, rotation)
    return given if ongoing is None else given._replace(taken_back=ongoing.api_key)


def _ready_or_taken_back(
    deployment: Deployment, record: PartnerRecord, wanted: NewKeys, ongoing: Rotation | None
) -> PartnerRecord:
    """Return the record that the new keys come to; raises `OperatorError` where none can be given.

    Where that is for good (`NotPossible`), nothing of an earlier attempt stays in force.
    """
    kept = without_new_keys(record, ongoing)
    ready = _without_expired(kept, deployment.now())
    try:
        _refuse(deployment, ready, wanted)
    except NotPossible as error:
        if ongoing is None:
            raise
        take_back_rotation(deployment, kept, ongoing)
        raise NotPossible(f"{error}. {accepted_no_more(ongoing.api_key)}") from None
    return ready


def _refuse(deployment: Deployment, record: PartnerRecord, wanted: NewKeys) -> None:
    require_added_record(deployment.list_file, wanted.name)
    if record.state != "active":
        raise NotPossible(
            f"{wanted.name} is suspended, and so would be its new keys: resume it first, or wait"
        )
    is_stated = not record.api_keys and wanted.scopes is not None
    if len(record.api_keys) != 1 and not is_stated:
        raise NotPossible(_NOT_ONE_KEY[len(record.api_keys) > 1].format(name=wanted.name))
    refuse_kit(wanted.kit, api_url=wanted.api_url)


def _new_keys(
    deployment: Deployment, record: PartnerRecord, wanted: NewKeys
) -> tuple[KeptTokenKey, ApiKey]:
    old = deployment.keyring.token_key(record.key_ids[0])
    stretch = STRETCH_PROFILES[wanted.profile] if wanted.profile is not None else old.stretch
    return new_token_key(deployment, wanted.name, stretch), new_api_key(record.mode)


def _new_record(
    deployment: Deployment, record: PartnerRecord, wanted: NewKeys, api_key: ApiKey
) -> ApiKeyRecord:
    """Return what stands for the new API key: what the old one may do, it may, where there is one.

    Until when is said anew, by `indexer partner key`.
    """
    verifier = verifiers_of(deployment).of(api_key.text.encode())
    if not record.api_keys:
        return ApiKeyRecord(api_key.id, verifier, wanted.scopes or [])
    old = record.api_keys[0]
    scopes = wanted.scopes or old.scopes
    return msgspec.structs.replace(
        old, id=api_key.id, verifier=verifier, scopes=scopes, expires_at=None
    )


def _with(record: PartnerRecord, token_key: KeptTokenKey, new: ApiKeyRecord) -> PartnerRecord:
    """Return the record with new keys beside the old ones, the new ones first."""
    return msgspec.structs.replace(
        record,
        key_ids=[token_key.key_id, *record.key_ids],
        api_keys=[new, *record.api_keys],
    )


def _keep(list_file: ListFile, record: PartnerRecord, rotation: Rotation) -> None:
    """Note a record with new keys, whose policy is that of the old, and that they are new."""
    with list_file.transaction():
        keep_policy(list_file, rotation.key_id, find_policy(list_file, record.key_ids[-1]))
        keep_record(list_file, record, state="active")
        list_file.connection.execute(
            "INSERT OR REPLACE INTO rotations VALUES (?, ?, ?, ?, ?, ?)", rotation
        )


def _without_expired(record: PartnerRecord, now: int) -> PartnerRecord:
    """Return the record without API keys that have ended, but for the only one: it has terms."""
    live = [key for key in record.api_keys if key.is_live(now)]
    if not live and len(record.api_keys) == 1:
        return record
    return msgspec.structs.replace(record, api_keys=live)


def _is_kit_of(
    deployment: Deployment, path: Path, rotation: Rotation, record: PartnerRecord
) -> bool:
    """Tell whether an attempt that died right behind that has written the kit of a rotation.

    One whose API key was revoked since is none: it opens nothing.
    """
    if not any(key.id == rotation.api_key for key in record.api_keys):
        return False
    try:
        kit = parse_kit(read_private(path))
    except (KitRefused, OperatorError):
        return False
    token_key = deployment.keyring.token_key(rotation.key_id)
    return kit.token_key == token_key.given() and kit.parsed_api_key().id == rotation.api_key


def _gone_on_with(
    deployment: Deployment, ongoing: Rotation, wanted: NewKeys, *, record: PartnerRecord
) -> Rotated | None:
    """Go on with a rotation, None where its new keys are of no use and others take their place.

    Where it died right behind its kit, that is the kit, and the old keys end as is `wanted` now.
    """
    if not has_key_beside_old(record, ongoing, deployment.now()):
        return None
    is_kit_there = not ongoing.is_given and _is_kit_of(deployment, wanted.kit, ongoing, record)
    if ongoing.is_given or is_kit_there:
        refuse_other_terms(deployment, ongoing, record, wanted)
    if ongoing.is_given:
        return _shortened(deployment, ongoing, wanted, record=record)
    if is_kit_there:
        return _given(deployment, ongoing._replace(retire_at=deployment.now() + wanted.overlap_s))
    return None


def _given(deployment: Deployment, rotation: Rotation) -> Rotated:
    deployment.record(
        "partner rotated",
        partner=rotation.partner,
        key_id=rotation.key_id,
        retire_at=rotation.retire_at,
    )
    deployment.list_file.connection.execute(
        "UPDATE rotations SET is_given = 1, retire_at = ? WHERE partner = ?",
        (rotation.retire_at, rotation.partner),
    )
    keys = require_record(deployment.list_file, rotation.partner).api_keys
    old = next((key for key in keys if key.id == rotation.old_api_key), None)
    return Rotated(
        rotation.retire_at,
        has_new_kit=True,
        api_key=rotation.api_key,
        old_end=None if old is None else old.expires_at,
        has_old_api_key=old is not None and old.is_live(deployment.now()),
    )


def _shortened(
    deployment: Deployment, rotation: Rotation, wanted: NewKeys, *, record: PartnerRecord
) -> Rotated:
    now = deployment.now()
    if rotation.retire_at <= now:
        raise OperatorError(
            f"{wanted.name} was given new keys, and the time of its old ones is over: run indexer "
            "compact, which retires them. Where the new kit was lost, then give another one by "
            "this command"
        )
    is_accepted = any(k.id == rotation.old_api_key and k.is_live(now) for k in record.api_keys)
    retire_at = now + wanted.overlap_s
    if retire_at >= rotation.retire_at:
        raise OperatorError(
            f"{wanted.name} was given new keys, and {_STILL_VALID[is_accepted]} still valid; a "
            "smaller --overlap-days ends that sooner, and indexer compact retires them then. Where "
            "the new kit was lost, do that with --overlap-days 0, then give another one by this "
            "command"
        )
    deployment.record("shorten overlap", partner=wanted.name, overlap_s=wanted.overlap_s)
    keep_end(deployment.list_file, wanted.name, retire_at)
    return Rotated(
        retire_at,
        has_new_kit=False,
        api_key=rotation.api_key,
        has_old_api_key=is_accepted,
    )
