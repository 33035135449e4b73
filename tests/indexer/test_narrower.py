"""Laws of what is restored of a partner: it opens no more than the backup, nor than the store."""

from ipaddress import IPv4Address, ip_address

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from indexer.backup.narrower import differences, narrower, narrower_key
from screening.registry.networks import is_within, parse_networks
from screening.registry.record import MAX_NETWORKS, SUSPICIONS, ApiKeyRecord, PartnerRecord

ADDRESSES = [*map(IPv4Address, ("192.0.2.7", "192.0.2.200", "198.51.100.7")), ip_address("::7")]
NETWORKS = [
    "192.0.2.0/24",
    "192.0.2.0/25",
    "192.0.2.7",
    "::ffff:192.0.2.0/121",
    "0.0.0.0/0",
    "::/8",
]
MOMENTS = (1, 2, 3, 4)
RATES = st.sampled_from([None, 1, 2, 3])

KEYS = st.builds(
    ApiKeyRecord,
    id=st.sampled_from(["aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"]),
    verifier=st.just(bytes(32)),
    scopes=st.lists(st.sampled_from(["check", "bulk"]), unique=True),
    expires_at=st.sampled_from([None, *MOMENTS]),
    purpose=st.sampled_from(["", "nightly"]),
    networks=st.lists(st.sampled_from(NETWORKS), max_size=2, unique=True),
    selectors_per_second=RATES,
    burst_selectors=RATES,
    certificate_sha256=st.sampled_from([None, bytes(32), bytes([1]) * 32]),
)
PARTNERS = st.builds(
    PartnerRecord,
    format=st.just("screening-partner/1"),
    partner=st.just("acme"),
    sequence=st.integers(1, 9),
    issued_at=st.just(0),
    state=st.just("active"),
    mode=st.just("live"),
    server_key_id=st.just("0" * 16),
    key_ids=st.just(["acme-2026a"]),
    api_keys=st.lists(KEYS, max_size=2, unique_by=lambda key: key.id),
    selectors_per_second=st.integers(1, 3),
    daily_selectors=st.integers(1, 3),
    burst_selectors=RATES,
    matches_per_30_days=st.integers(1, 3),
    matches_counted_from=st.integers(1, 3),
    on_suspicion=st.sampled_from(SUSPICIONS),
)


def places(key: ApiKeyRecord) -> set[object]:
    networks = parse_networks(key.networks)
    return {one for one in ADDRESSES if not networks or is_within(one, networks)}


def rate(one: ApiKeyRecord | PartnerRecord) -> tuple[float, float]:
    if one.selectors_per_second is None:
        return float("inf"), float("inf")
    return one.selectors_per_second, one.burst_selectors or one.selectors_per_second


def lives(key: ApiKeyRecord) -> set[int]:
    return {moment for moment in MOMENTS if key.is_live(moment)}


@given(KEYS, KEYS)
def test_a_key_is_on_no_wider_terms_than_either(key: ApiKeyRecord, newer: ApiKeyRecord) -> None:
    kept = narrower_key(key, newer)
    assert (kept.id, kept.verifier) == (key.id, key.verifier)
    for one in (key, newer):
        assert set(kept.scopes) <= set(one.scopes)
        assert lives(kept) <= lives(one)
        assert all(mine <= other for mine, other in zip(rate(kept), rate(one), strict=True))
        assert kept.certificate_sha256 is not None or one.certificate_sha256 is None
    # One that was renewed, or replaced because its private key leaked, opens nothing again.
    assert newer.certificate_sha256 in (None, kept.certificate_sha256)
    # A partner that has moved is where the newer record says.
    assert places(kept) == (places(key) & places(newer) or places(newer))
    assert len(kept.networks) <= MAX_NETWORKS


@given(PARTNERS, PARTNERS)
def test_a_partner_has_no_key_and_no_limit_beyond_either(
    record: PartnerRecord, newer: PartnerRecord
) -> None:
    kept = narrower(record, newer)
    ids = [{key.id for key in one.api_keys} for one in (kept, record, newer)]
    assert ids[0] == ids[1] & ids[2]
    for one in (record, newer):
        assert all(mine <= other for mine, other in zip(rate(kept), rate(one), strict=True))
        assert kept.daily_selectors <= one.daily_selectors
        assert kept.matches_per_30_days <= one.matches_per_30_days
        assert SUSPICIONS.index(kept.on_suspicion) >= SUSPICIONS.index(one.on_suspicion)
        assert kept.matches_counted_from >= one.matches_counted_from
    same = ("key_ids", "state", "sequence", "mode", "server_key_id")
    assert all(getattr(kept, name) == getattr(record, name) for name in same)


@given(PARTNERS, PARTNERS)
def test_what_is_kept_is_what_is_kept_again_and_what_differs_is_named(
    record: PartnerRecord, newer: PartnerRecord
) -> None:
    kept = narrower(record, newer)
    assert narrower(kept, newer) == kept
    left = msgspec.structs.replace(record, api_keys=_of(record, kept))
    assert bool(differences(kept, record)) == (kept != left)


@given(PARTNERS)
def test_a_record_is_narrowed_by_itself_to_itself(record: PartnerRecord) -> None:
    assert narrower(record, record) == record
    assert differences(record, record) == []


def _of(record: PartnerRecord, kept: PartnerRecord) -> list[ApiKeyRecord]:
    ids = {key.id for key in kept.api_keys}
    return [key for key in record.api_keys if key.id in ids]
