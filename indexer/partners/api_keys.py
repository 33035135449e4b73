"""A partner's API keys: a second one beside the first, and what each may do.

Their end is in `revoke.py`.

A kit is written before its key is noted. Where a command dies in between, the kit opens nothing,
and nothing is taken up from it: it could be that of a key which was revoked. Where it dies after
that, the same command again puts that key in force, and no other.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import msgspec

from indexer.deployment import Deployment
from indexer.list.partners import keep_record, require_added_record
from indexer.partners.issue import put_partners_in_force, refuse_kit, verifiers_of, write_kit
from indexer.partners.overlaps import (
    find_later_end,
    find_rotation,
    is_broken_off,
    keep_end,
)
from screening.private_files import read_private
from screening.registry.networks import parse_networks
from screening.registry.record import (
    MAX_API_KEYS,
    MAX_NETWORKS,
    MAX_PURPOSE_CHARACTERS,
    ApiKeyRecord,
    PartnerRecord,
    Scope,
)
from screening.vocabulary.api_key import ApiKey, new_api_key
from screening.vocabulary.errors import KitRefused, OperatorError
from screening.vocabulary.kit import parse_kit


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """On what terms a key is given; what is None or empty is not limited."""

    scopes: list[Scope] | None = None
    """None for those of the key that is there."""
    expires_at: int | None = None
    purpose: str = ""
    networks: list[str] = field(default_factory=list)
    selectors_per_second: int | None = None
    burst_selectors: int | None = None


@dataclass(frozen=True, slots=True)
class NewKey:
    """What `indexer partner key add` was asked for."""

    partner: str
    kit: Path
    api_url: str
    terms: KeyTerms
    overlap_s: int
    """For how long old keys stay valid beside it, where the old one was the last until now."""


class Given(NamedTuple):
    """A key that was given, and until when the old ones stay beside it (Unix seconds).

    That is None where this key has not changed it.
    """

    key: ApiKeyRecord
    old_until: int | None


def add_key(deployment: Deployment, new: NewKey) -> Given:
    """Give a partner another API key, in a kit with its newest token key.

    Raises `OperatorError` where it has as many as it may have, where its newest token key is one
    that is taken back with a rotation that was broken off, and where the kit cannot be written.
    """
    record = require_added_record(deployment.list_file, new.partner)
    _refuse_broken_off(deployment, new.partner)
    _refuse_terms(deployment, new.terms)
    begun = _find_begun(deployment, new, record)
    if begun is not None:
        others = [key for key in record.api_keys if key != begun]
        kept = msgspec.structs.replace(record, api_keys=others)
        return _add_in_force(deployment, kept, begun, new.overlap_s)
    refuse_kit(new.kit, api_url=new.api_url)
    live = [key for key in record.api_keys if key.is_live(deployment.now())]
    if len(live) >= MAX_API_KEYS:
        raise OperatorError(
            f"{new.partner} has two live API keys, which is the most; revoke one by indexer "
            "partner key revoke, or wait until indexer compact has retired the old one"
        )
    key = new_api_key(record.mode)
    added = _as_record(deployment, key, new.terms, live)
    deployment.record("partner key add", partner=new.partner, **_terms_of(added))
    token_key = deployment.keyring.token_key(record.key_ids[0])
    write_kit(new.kit, partner=new.partner, api_url=new.api_url, token_key=token_key, api_key=key)
    kept = msgspec.structs.replace(record, api_keys=live)
    return _add_in_force(deployment, kept, added, new.overlap_s)


def change_key(
    deployment: Deployment,
    partner: str,
    key_id: str,
    *,
    command: str,
    change: Callable[[ApiKeyRecord], ApiKeyRecord],
) -> ApiKeyRecord:
    """Give a key other terms; raises `OperatorError` where the partner has no such key."""
    record = require_added_record(deployment.list_file, partner)
    changed = change(require_key(record, key_id))
    deployment.record(command, partner=partner, **_terms_of(changed))
    keys = [changed if key.id == key_id else key for key in record.api_keys]
    put_keys_in_force(deployment, record, keys, command)
    return changed


def refuse_networks(networks: list[str]) -> None:
    """Raise `OperatorError` where these are no networks, or too many for a record."""
    try:
        parse_networks(networks)
    except ValueError:
        raise OperatorError(
            "write networks as 192.0.2.0/24 or 2001:db8::/48, with no bits set behind the prefix, "
            "or addresses, with commas between them"
        ) from None
    if len(networks) > MAX_NETWORKS:
        raise OperatorError(f"a key may name {MAX_NETWORKS} networks; name larger ones")


def _refuse_terms(deployment: Deployment, terms: KeyTerms) -> None:
    refuse_networks(terms.networks)
    if terms.expires_at is not None:
        refuse_past(deployment, terms.expires_at)
    if len(terms.purpose) > MAX_PURPOSE_CHARACTERS or not terms.purpose.isprintable():
        raise OperatorError(
            f"a purpose has {MAX_PURPOSE_CHARACTERS} characters at most, in one line; shorten it"
        )
    if terms.burst_selectors is not None and terms.selectors_per_second is None:
        raise OperatorError("a burst is one of a rate; give --per-second, too")


def refuse_past(deployment: Deployment, expires_at: int) -> None:
    """Raise `OperatorError` where that has passed: a key would end that nobody has revoked."""
    if expires_at <= deployment.now():
        raise OperatorError(
            "that has passed already; to end a key now, use indexer partner key revoke"
        )


def _refuse_broken_off(deployment: Deployment, partner: str) -> None:
    if is_broken_off(find_rotation(deployment.list_file, partner)):
        raise OperatorError(
            f"a rotation of {partner} was broken off: run its partner rotate again first"
        )


def find_key(record: PartnerRecord, key_id: str) -> ApiKeyRecord | None:
    """Return an API key of a partner, None where it has none of that id."""
    return next((key for key in record.api_keys if key.id == key_id), None)


def require_key(record: PartnerRecord, key_id: str) -> ApiKeyRecord:
    """Return an API key of a partner; raises `OperatorError` where it has none of that id."""
    key = find_key(record, key_id)
    if key is None:
        raise OperatorError(
            f"{record.partner} has no API key of that id; see: indexer partner key list "
            f"{record.partner}"
        )
    return key


def _find_begun(deployment: Deployment, new: NewKey, record: PartnerRecord) -> ApiKeyRecord | None:
    """Return the key of the kit that is there, where the same command has noted it, and has died.

    Any other kit that is there already is none of this command's, whatever its key may do.
    """
    if not new.kit.exists():
        return None
    try:
        given = parse_kit(read_private(new.kit)).parsed_api_key()
    except (KitRefused, OperatorError):
        return None
    row = deployment.list_file.connection.execute(
        "SELECT 1 FROM begun_keys WHERE (partner, api_key) = (?, ?)", (new.partner, given.id)
    ).fetchone()
    key = find_key(record, given.id)
    if row is None or key is None:
        return None
    others = [one for one in record.api_keys if one != key and one.is_live(deployment.now())]
    return key if _as_record(deployment, given, new.terms, others) == key else None


def _as_record(
    deployment: Deployment, key: ApiKey, terms: KeyTerms, others: list[ApiKeyRecord]
) -> ApiKeyRecord:
    scopes = terms.scopes or (others[0].scopes if others else None)
    if scopes is None:
        raise OperatorError("there is no other key whose scopes it could have; give --scopes")
    return ApiKeyRecord(
        id=key.id,
        verifier=verifiers_of(deployment).of(key.text.encode()),
        scopes=scopes,
        expires_at=terms.expires_at,
        purpose=terms.purpose,
        networks=terms.networks,
        selectors_per_second=terms.selectors_per_second,
        burst_selectors=terms.burst_selectors,
    )


def _terms_of(key: ApiKeyRecord) -> dict[str, object]:
    """Return what a ledger notes of a key: all but what verifies it."""
    terms: dict[str, object] = msgspec.to_builtins(key)
    return {
        "api_key": terms.pop("id"),
        **{name: terms[name] for name in terms if name != "verifier"},
    }


def _add_in_force(
    deployment: Deployment, kept: PartnerRecord, added: ApiKeyRecord, overlap_s: int
) -> Given:
    """Put a key in force beside those that are kept, and old ones that it replaces until later."""
    list_file = deployment.list_file
    old_until = find_later_end(
        kept,
        find_rotation(list_file, kept.partner),
        now=deployment.now(),
        overlap_s=overlap_s,
    )
    if old_until is not None:
        deployment.record("lengthen overlap", partner=kept.partner, overlap_s=overlap_s)
    with list_file.transaction():
        list_file.connection.execute(
            "INSERT OR REPLACE INTO begun_keys VALUES (?, ?)", (kept.partner, added.id)
        )
        record = msgspec.structs.replace(kept, api_keys=[*kept.api_keys, added])
        keep_record(list_file, record, state="active")
        if old_until is not None:
            keep_end(list_file, record.partner, old_until)
    _release(deployment, record, "partner key add")
    list_file.connection.execute("DELETE FROM begun_keys WHERE partner = ?", (record.partner,))
    return Given(added, old_until)


def put_keys_in_force(
    deployment: Deployment, record: PartnerRecord, keys: list[ApiKeyRecord], command: str
) -> None:
    """Note that these are the API keys of a partner, and put that in force."""
    changed = msgspec.structs.replace(record, api_keys=keys)
    keep_record(deployment.list_file, changed, state="active")
    _release(deployment, record, command)


def _release(deployment: Deployment, record: PartnerRecord, command: str) -> None:
    release = put_partners_in_force(deployment, command)
    deployment.record(f"{command} done", partner=record.partner, release=release)
