"""Partner records: what the indexer signed, and nothing else."""

import msgspec
import pytest

from screening.registry.record import (
    ApiKeyRecord,
    ApiKeyVerifiers,
    PartnerRecord,
    open_record,
    sign_record,
)
from screening.registry.writer import put_records
from screening.store import keys
from screening.store.signed import HEAD_LABEL, PARTNER_LABEL, Signer
from screening.vocabulary.api_key import new_api_key
from screening.vocabulary.errors import Untrusted
from tests.harness.valkey import Valkey

SIGNER = Signer(bytes(range(32)))


@pytest.fixture
def record() -> PartnerRecord:
    key = new_api_key("live")
    verifier = ApiKeyVerifiers(bytes(32)).of(key.text.encode())
    return PartnerRecord(
        format="screening-partner/1",
        partner="acme",
        sequence=7,
        issued_at=1_795_000_000,
        state="active",
        mode="live",
        server_key_id="0123456789abcdef",
        key_ids=["acme-2026a"],
        api_keys=[ApiKeyRecord(id=key.id, verifier=verifier, scopes=["check", "bulk"])],
        selectors_per_second=100,
        daily_selectors=1_000,
    )


def test_a_record_is_read_as_it_was_signed(record: PartnerRecord) -> None:
    assert open_record(sign_record(record, SIGNER), "acme", SIGNER.verifier()) == record


def test_every_altered_byte_is_refused(record: PartnerRecord) -> None:
    document = sign_record(record, SIGNER)
    for position in range(len(document)):
        altered = bytearray(document)
        altered[position] ^= 1 << position % 8
        with pytest.raises(Untrusted):
            open_record(bytes(altered), "acme", SIGNER.verifier())


def test_a_record_under_another_partners_name_is_refused(record: PartnerRecord) -> None:
    with pytest.raises(Untrusted):
        open_record(sign_record(record, SIGNER), "acm", SIGNER.verifier())


def test_a_record_of_another_signer_or_kind_is_refused(record: PartnerRecord) -> None:
    for document in (
        sign_record(record, Signer(bytes(32))),
        SIGNER.sign(HEAD_LABEL, msgspec.json.encode(record)),
        msgspec.json.encode(record),
        b"",
    ):
        with pytest.raises(Untrusted):
            open_record(document, "acme", SIGNER.verifier())


@pytest.mark.parametrize(
    "member",
    [
        {"format": "screening-partner/2"},
        {"partner": "Acme"},
        {"state": "paused"},
        {"mode": "both"},
        {"key_ids": ["Acme_1"]},
        {"api_keys": [{"id": "a", "verifier": "AAAA", "scopes": ["check"]}]},
        {"api_keys": [{}, {}, {}]},
        *(
            {"api_keys": [{"id": "a", "verifier": "A" * 43 + "=", "scopes": ["check"], **terms}]}
            for terms in (
                {"networks": ["192.0.2.1/24"]},
                {"networks": ["example"]},
                {"networks": ["192.0.2.1"] * 65},
                {"purpose": "x" * 201},
                {"selectors_per_second": 0},
                {"certificate_sha256": "AAAA"},
            )
        ),
        {"scopes": ["check"]},
        {"sequence": "7"},
    ],
    ids=str,
)
def test_a_signed_record_of_another_format_is_refused(
    record: PartnerRecord, member: dict[str, object]
) -> None:
    body = msgspec.json.encode({**msgspec.to_builtins(record), **member})
    with pytest.raises(Untrusted):
        open_record(SIGNER.sign(PARTNER_LABEL, body), "acme", SIGNER.verifier())


def test_a_record_of_an_earlier_version_is_read_with_nothing_limited(
    record: PartnerRecord,
) -> None:
    members = msgspec.to_builtins(record)
    (key,) = members["api_keys"]
    members["api_keys"] = [{**key, "expires_at": None}]  # as those versions wrote it
    for later in ("burst_selectors", "matches_per_30_days", "matches_counted_from"):
        del members[later]
    document = SIGNER.sign(PARTNER_LABEL, msgspec.json.encode(members))
    (read,) = open_record(document, "acme", SIGNER.verifier()).api_keys
    assert read == record.api_keys[0]
    assert (read.purpose, read.networks, read.selectors_per_second) == ("", [], None)


def test_terms_that_are_not_given_are_not_written_so_that_earlier_versions_read_it(
    record: PartnerRecord,
) -> None:
    (key,) = msgspec.json.decode(msgspec.json.encode(record))["api_keys"]
    assert key.keys() == {"id", "verifier", "scopes"}


def test_a_record_holds_no_api_key(record: PartnerRecord) -> None:
    key = new_api_key("live")
    verifier = ApiKeyVerifiers(bytes(32)).of(key.text.encode())
    holding = msgspec.structs.replace(
        record, api_keys=[ApiKeyRecord(id=key.id, verifier=verifier, scopes=["check"])]
    )
    assert key.text.split("_")[3].encode() not in sign_record(holding, SIGNER)


def test_records_change_all_together(valkey: Valkey, record: PartnerRecord) -> None:
    documents = {"acme": sign_record(record, SIGNER), "other": b"document"}
    with valkey.client() as store:
        pipeline = store.pipeline(transaction=True)
        put_records(pipeline, documents)
        assert store.hgetall(keys.PARTNERS) == {}
        pipeline.execute()
        assert store.hgetall(keys.PARTNERS) == {
            name.encode(): document for name, document in documents.items()
        }
        put_records(pipeline, {})
        assert pipeline.execute() == []
