"""Add a partner: token key, API key, index, record, kit - in an order that may die anywhere."""

import os
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from indexer.deployment import Deployment
from indexer.publish import build_for_all
from indexer.releases import Releases
from screening.private_files import create_private
from screening.registry.record import ApiKeyRecord, PartnerRecord, Scope, api_key_verifier
from screening.vocabulary.api_key import ApiKey, Mode, new_api_key
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.kit import PARTNER_PATTERN, Kit, TokenKey, encode_kit
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


def default_profile(scopes: Sequence[Scope]) -> str:
    """Return the stretch profile that suits `scopes`: bulk cannot afford the strong one."""
    return "light" if "bulk" in scopes else "strong"


def add_partner(deployment: Deployment, new: NewPartner) -> int:
    """Index the current list for a new partner and write its kit; return the release.

    Where an earlier attempt died half-way, this one takes its place and nothing of it stays valid.
    """
    _refuse(deployment, new)
    deployment.record(
        "partner add",
        partner=new.name,
        scopes=list(new.scopes),
        profile=new.profile,
        mode=new.mode,
        allow_unstretched=new.allow_unstretched,
    )
    token_key = _new_token_key(deployment, new)
    api_key = new_api_key(new.mode)
    record = _record(deployment, new, token_key, api_key)
    deployment.list_file.connection.execute(
        "INSERT OR REPLACE INTO partners VALUES (?, 'adding', ?, ?)",
        (new.name, new.profile, msgspec.json.encode(record)),
    )
    releases = Releases(deployment)
    current = releases.current()
    revision = current.revision if current else 0
    release = releases.put_in_force(
        "partner add",
        revision=revision,
        generations=build_for_all(deployment, releases, revision),
        published_at=current.published_at if current else deployment.now(),
    )
    create_private(new.kit, encode_kit(_kit(new, token_key, api_key)))
    deployment.list_file.connection.execute(
        "UPDATE partners SET state = 'active' WHERE name = ?", (new.name,)
    )
    deployment.record("partner added", partner=new.name, key_id=token_key.key_id, release=release)
    return release


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
    url = urlsplit(new.api_url)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise OperatorError("--api-url must be an http(s) address, such as https://api.example")
    if new.kit.exists():
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
    verifier = api_key_verifier(api_key, deployment.keyring.api_keys_key)
    return PartnerRecord(
        format="screening-partner/1",
        partner=new.name,
        sequence=0,
        issued_at=0,
        state="active",
        mode=new.mode,
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
