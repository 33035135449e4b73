"""Add a partner: token key, API key, index, record, kit - in an order that may die anywhere."""

import os
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from indexer.deployment import Deployment
from indexer.in_force import partner_records
from indexer.indexes import index_for_all
from indexer.list.entitlements import find_policy, keep_policy
from indexer.list.policy import EVERYTHING, Policy
from indexer.releases import NO_REVISION, Releases
from screening.private_files import create_private, read_private
from screening.registry.record import ApiKeyRecord, ApiKeyVerifiers, PartnerRecord, Scope
from screening.vocabulary.api_key import ApiKey, Mode, new_api_key
from screening.vocabulary.endpoint import parse_endpoint
from screening.vocabulary.errors import KitRefused, OperatorError
from screening.vocabulary.kit import PARTNER_PATTERN, Kit, TokenKey, encode_kit, parse_kit
from screening.vocabulary.normalise import NORMALISER_VERSION
from screening.vocabulary.tokens import PROTOCOL, STRETCH_PROFILES


@dataclass(frozen=True, slots=True)
class NewPartner:
    """What `indexer partner add` was asked for."""

    name: str
    kit: Path
    api_url: str
    scopes: Sequence[Scope]
    profile: str
    mode: Mode
    allow_unstretched: bool
    policy: Policy = EVERYTHING


def default_profile(scopes: Sequence[Scope]) -> str:
    """Return the stretch profile that suits `scopes`: bulk cannot afford the strong one."""
    return "light" if "bulk" in scopes else "strong"


def add_partner(deployment: Deployment, new: NewPartner) -> None:
    """Index the current list for a new partner and write its kit.

    Where an earlier attempt died before it had written the kit, this one takes its place and
    nothing of it stays valid; where it died after that, this one only says so.
    """
    releases = Releases(deployment)
    current = releases.current()
    if current is not None and _is_kit_there(deployment, new):
        _complete(deployment, new, current.release)
        return
    _refuse(deployment, new)
    deployment.record(
        "partner add",
        partner=new.name,
        scopes=list(new.scopes),
        profile=new.profile,
        mode=new.mode,
        allow_unstretched=new.allow_unstretched,
        policy=msgspec.to_builtins(new.policy),
    )
    token_key = _new_token_key(deployment, new)
    keep_policy(deployment.list_file, token_key.key_id, new.policy)
    api_key = new_api_key(new.mode)
    record = _record(deployment, new, token_key, api_key)
    deployment.list_file.connection.execute(
        "INSERT OR REPLACE INTO partners VALUES (?, 'adding', ?)",
        (new.name, msgspec.json.encode(record)),
    )
    revision = current.revision if current else NO_REVISION
    release = releases.put_in_force(
        "partner add",
        revision=revision,
        indexes=index_for_all(deployment, releases, revision),
    )
    create_private(new.kit, encode_kit(_kit(new, token_key, api_key)))
    _complete(deployment, new, release)


def set_policy(deployment: Deployment, name: str, policy: Policy) -> None:
    """Give all token keys of a partner another policy, and only them another index.

    Raises `OperatorError` where there is no such partner, or it reads the test list.
    """
    record = next((r for r in partner_records(deployment.list_file) if r.partner == name), None)
    if record is None:
        raise OperatorError("there is no partner of that name; see: indexer status")
    if record.mode == "test":
        raise OperatorError(f"{name} reads the permanent test list, which no policy limits")
    deployment.record("partner policy", partner=name, policy=msgspec.to_builtins(policy))
    with deployment.list_file.transaction():
        for key_id in record.key_ids:
            keep_policy(deployment.list_file, key_id, policy)
    releases = Releases(deployment)
    current = releases.current()
    revision = current.revision if current else NO_REVISION
    indexes = index_for_all(deployment, releases, revision)
    release = releases.put_in_force("partner policy", revision=revision, indexes=indexes)
    deployment.record("partner policy set", partner=name, release=release)


def _complete(deployment: Deployment, new: NewPartner, release: int) -> None:
    deployment.record("partner added", partner=new.name, release=release)
    deployment.list_file.connection.execute(
        "UPDATE partners SET state = 'active' WHERE name = ?", (new.name,)
    )


def _is_kit_there(deployment: Deployment, new: NewPartner) -> bool:
    """Tell whether an earlier attempt, the same as this, has died with nothing left to do.

    The kit is written last, when all that it opens is in force.
    """
    if deployment.list_file.partner_state(new.name) != "adding" or not new.kit.exists():
        return False
    record = next(r for r in partner_records(deployment.list_file) if r.partner == new.name)
    try:
        kit = parse_kit(read_private(new.kit))
    except (KitRefused, OperatorError):
        return False
    verifier = ApiKeyVerifiers(deployment.keyring.api_keys_key).of(kit.api_key.encode())
    return (
        [(key.verifier, key.scopes) for key in record.api_keys] == [(verifier, list(new.scopes))]
        and record.key_ids == [kit.token_key.key_id]
        and kit.token_key.stretch == STRETCH_PROFILES[new.profile]
        and (kit.api_url, record.mode) == (new.api_url, new.mode)
        and find_policy(deployment.list_file, kit.token_key.key_id) == new.policy
    )


def _refuse(deployment: Deployment, new: NewPartner) -> None:
    if not re.fullmatch(PARTNER_PATTERN, new.name):
        raise OperatorError("a partner's name has 1 to 24 of a-z, 0-9 and - inside; choose another")
    if deployment.list_file.partner_state(new.name) == "active":
        raise OperatorError(f"the partner {new.name} is there already; choose another name")
    if new.profile == "none" and new.mode == "live" and not new.allow_unstretched:
        raise OperatorError(
            "a live key without stretching makes a stolen index cheap to guess at; "
            "use light or strong, or pass --allow-unstretched, which is recorded"
        )
    try:
        parse_endpoint(new.api_url)
    except KitRefused as refused:  # as every client would refuse it
        raise OperatorError(f"{refused}; give another --api-url") from None
    if os.path.lexists(new.kit):  # a link to nothing too: it would be found only at the end
        raise OperatorError(f"{new.kit} is there already and a kit is never overwritten; move it")
    if not os.access(new.kit.absolute().parent, os.W_OK | os.X_OK):
        raise OperatorError(f"no file can be made in {new.kit.absolute().parent}; choose a folder")


def _new_token_key(deployment: Deployment, new: NewPartner) -> TokenKey:
    year = datetime.fromtimestamp(deployment.now(), UTC).year
    suffixes = [*string.ascii_lowercase, *(a + b for a in "abc" for b in string.ascii_lowercase)]
    names = (f"{new.name}-{year}{suffix}" for suffix in suffixes)
    key_id = next((name for name in names if not deployment.keyring.is_used(name)), None)
    if key_id is None:
        raise OperatorError(f"{new.name} has used up this year's key_ids; choose another name")
    token_key = TokenKey(
        key_id=key_id,
        secret=os.urandom(32),
        salt=deployment.keyring.salt,
        stretch=STRETCH_PROFILES[new.profile],
    )
    deployment.keyring.keep_token_key(token_key)
    return token_key


def _record(
    deployment: Deployment, new: NewPartner, token_key: TokenKey, api_key: ApiKey
) -> PartnerRecord:
    verifiers = ApiKeyVerifiers(deployment.keyring.api_keys_key)
    verifier = verifiers.of(api_key.text.encode())
    return PartnerRecord(
        format="screening-partner/1",
        partner=new.name,
        sequence=0,
        issued_at=0,
        state="active",
        mode=new.mode,
        server_key_id=verifiers.server_key_id,
        key_ids=[token_key.key_id],
        api_keys=[ApiKeyRecord(id=api_key.id, verifier=verifier, scopes=list(new.scopes))],
        selectors_per_second=deployment.settings.selectors_per_second,
        daily_selectors=deployment.settings.daily_selectors,
    )


def _kit(new: NewPartner, token_key: TokenKey, api_key: ApiKey) -> Kit:
    return Kit(
        format="screening-kit/1",
        partner=new.name,
        api_url=new.api_url,
        api_key=api_key.text,
        protocol=PROTOCOL,
        normaliser=NORMALISER_VERSION,
        token_keys=[token_key],
    )
