"""Add a partner: token key, API key, index, record, kit - in an order that may die anywhere."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from indexer.deployment import Deployment
from indexer.keyring import KeptTokenKey
from indexer.list.entitlements import find_policy, keep_policy
from indexer.list.partners import find_record, keep_record, retire_keys
from indexer.list.policy import EVERYTHING, Policy
from indexer.partners.issue import (
    NOT_LIMITED,
    new_token_key,
    put_partners_in_force,
    refuse_kit,
    verifiers_of,
    write_kit,
)
from indexer.releases import Releases
from screening.private_files import read_private
from screening.registry.record import ApiKeyRecord, PartnerRecord, Scope
from screening.vocabulary.api_key import ApiKey, Mode, new_api_key
from screening.vocabulary.errors import KitRefused, NotPossible, OperatorError
from screening.vocabulary.kit import PARTNER_PATTERN, parse_kit
from screening.vocabulary.tokens import STRETCH_PROFILES


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
    current = Releases(deployment).current()
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
    earlier = deployment.keyring.key_ids_of(new.name)
    token_key = new_token_key(deployment, new.name, STRETCH_PROFILES[new.profile])
    keep_policy(deployment.list_file, token_key.key_id, new.policy)
    api_key = new_api_key(new.mode)
    record = _record(deployment, new, token_key, api_key)
    with deployment.list_file.transaction():
        retire_keys(deployment.list_file, new.name, earlier)
        keep_record(deployment.list_file, record, state="adding")
    release = put_partners_in_force(deployment, "partner add")
    write_kit(new.kit, partner=new.name, api_url=new.api_url, token_key=token_key, api_key=api_key)
    _complete(deployment, new, release)


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
    record = find_record(deployment.list_file, new.name)
    try:
        kit = parse_kit(read_private(new.kit))
    except (KitRefused, OperatorError):
        return False
    verifier = verifiers_of(deployment).of(kit.api_key.encode())
    return record is not None and (
        [(key.verifier, key.scopes) for key in record.api_keys] == [(verifier, list(new.scopes))]
        and record.key_ids == [kit.token_key.key_id]
        and kit.token_key.stretch == STRETCH_PROFILES[new.profile]
        and (kit.api_url, record.mode) == (new.api_url, new.mode)
        and find_policy(deployment.list_file, kit.token_key.key_id) == new.policy
    )


def _refuse(deployment: Deployment, new: NewPartner) -> None:
    if not re.fullmatch(PARTNER_PATTERN, new.name):
        raise NotPossible("a partner's name has 1 to 24 of a-z, 0-9 and - inside; choose another")
    if deployment.list_file.partner_state(new.name) == "active":
        raise NotPossible(f"the partner {new.name} is there already; choose another name")
    if new.mode == "test" and new.policy != EVERYTHING:
        raise NotPossible(NOT_LIMITED)
    if new.profile == "none" and new.mode == "live" and not new.allow_unstretched:
        raise NotPossible(
            "a live key without stretching makes a stolen index cheap to guess at; "
            "use light or strong, or pass --allow-unstretched, which is recorded"
        )
    refuse_kit(new.kit, api_url=new.api_url)


def _record(
    deployment: Deployment, new: NewPartner, token_key: KeptTokenKey, api_key: ApiKey
) -> PartnerRecord:
    verifiers = verifiers_of(deployment)
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
        matches_per_30_days=deployment.settings.matches_per_30_days,
        matches_counted_from=deployment.now(),
    )
