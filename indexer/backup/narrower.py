"""Of a partner's record out of a backup and a newer one: what both give, and no more.

A restore may narrow what a backup has, and never widens it. The newer record is signed, but who
writes to Redis chooses which of those signed since the backup lies there; whatever it is, it opens
nothing that the backup has shut. What it gives besides is named, for a person to give again.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Final

import msgspec

from screening.registry.networks import Network, parse_networks
from screening.registry.record import MAX_NETWORKS, SUSPICIONS, ApiKeyRecord, PartnerRecord

_TERMS: Final = (
    (("scopes",), "scopes"),
    (("expires_at",), "end"),
    (("purpose",), "purpose"),
    (("networks",), "networks"),
    (("certificate_sha256",), "certificate"),
    (("selectors_per_second", "burst_selectors"), "rate"),
)
_OF_PARTNER: Final = (
    (
        (
            *("selectors_per_second", "burst_selectors"),
            *("daily_selectors", "matches_per_30_days"),
        ),
        "limits",
    ),
    (("on_suspicion",), "--on-suspicion"),
    (("matches_counted_from",), "lift"),
)
"""The fields of a record, and what a person calls them."""


def narrower(record: PartnerRecord, newer: PartnerRecord) -> PartnerRecord:
    """Return a restored record without the API keys and beyond the limits of the newer one.

    Only the later lift is kept though it opens: a person has looked at what was held until then.
    """
    by_id = {key.id: key for key in newer.api_keys}
    per_second, burst = _narrower_rate(_rate(record), _rate(newer))
    return msgspec.structs.replace(
        record,
        api_keys=[narrower_key(key, by_id[key.id]) for key in record.api_keys if key.id in by_id],
        selectors_per_second=per_second,
        burst_selectors=burst,
        daily_selectors=min(record.daily_selectors, newer.daily_selectors),
        matches_per_30_days=min(record.matches_per_30_days, newer.matches_per_30_days),
        on_suspicion=max(record.on_suspicion, newer.on_suspicion, key=SUSPICIONS.index),
        matches_counted_from=max(record.matches_counted_from, newer.matches_counted_from),
    )


def narrower_key(key: ApiKeyRecord, newer: ApiKeyRecord) -> ApiKeyRecord:
    """Return a key on the narrower of each of its terms.

    Another certificate is the newer one's, and so is a purpose, which limits nothing.
    """
    per_second, burst = _narrower_rate(_rate(key), _rate(newer))
    ends = [one.expires_at for one in (key, newer) if one.expires_at is not None]
    return msgspec.structs.replace(
        key,
        scopes=[scope for scope in key.scopes if scope in newer.scopes],
        expires_at=min(ends, default=None),
        purpose=newer.purpose,
        networks=_narrower_networks(key.networks, newer.networks),
        selectors_per_second=per_second,
        burst_selectors=burst,
        certificate_sha256=newer.certificate_sha256 or key.certificate_sha256,
    )


def differences(one: PartnerRecord, other: PartnerRecord) -> list[str]:
    """Name what limits one record otherwise than another, as a person calls it."""
    others = {key.id: key for key in other.api_keys}
    named = [
        f"{what} of {key.id}"
        for key in one.api_keys
        for what in _differing(key, others.get(key.id, key), _TERMS)
    ]
    return [*named, *_differing(one, other, _OF_PARTNER)]


def _differing(
    one: msgspec.Struct, other: msgspec.Struct, named: Sequence[tuple[tuple[str, ...], str]]
) -> list[str]:
    return [
        what
        for fields, what in named
        if any(getattr(one, field) != getattr(other, field) for field in fields)
    ]


def _rate(one: ApiKeyRecord | PartnerRecord) -> tuple[int | None, int | None]:
    return one.selectors_per_second, one.burst_selectors


def _narrower_rate(
    rate: tuple[int | None, int | None], newer: tuple[int | None, int | None]
) -> tuple[int | None, int | None]:
    """Return selectors a second and burst: one of the two where it is within the other."""
    per_second, burst = _told(rate)
    newer_per_second, newer_burst = _told(newer)
    if newer_per_second is None or newer_burst is None:
        return rate
    if per_second is None or burst is None:
        return newer
    if newer_per_second <= per_second and newer_burst <= burst:
        return newer
    if per_second <= newer_per_second and burst <= newer_burst:
        return rate
    return min(per_second, newer_per_second), min(burst, newer_burst)


def _told(rate: tuple[int | None, int | None]) -> tuple[int | None, int | None]:
    per_second, burst = rate
    return per_second, burst or per_second


def _narrower_networks(texts: list[str], newer: list[str]) -> list[str]:
    """Return the networks that both name; no networks are anywhere.

    Where they have none in common the later place is where the partner is.
    """
    if not newer or not texts:
        return newer or texts
    before = list(zip(parse_networks(texts), texts, strict=True))
    after = list(zip(parse_networks(newer), newer, strict=True))
    if _are_within(after, before):
        return newer
    if _are_within(before, after):
        return texts
    common = [
        text if _is_within(network, other) else other_text
        for network, text in after
        for other, other_text in before
        if network.overlaps(other)
    ]
    return list(dict.fromkeys(common))[:MAX_NETWORKS] or newer


def _are_within(one: Sequence[tuple[Network, str]], other: Sequence[tuple[Network, str]]) -> bool:
    return all(any(_is_within(mine, theirs) for theirs, _ in other) for mine, _ in one)


def _is_within(network: Network, other: Network) -> bool:
    if isinstance(network, IPv4Network):
        return isinstance(other, IPv4Network) and network.subnet_of(other)
    return isinstance(other, IPv6Network) and network.subnet_of(other)
