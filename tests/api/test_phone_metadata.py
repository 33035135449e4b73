"""A client is told the phone metadata that its list was built with, whatever this host has."""

import httpx
import msgspec
import pytest

from screening.generations.hashes import sha256_hex
from screening.generations.manifest import (
    encode_manifest,
    open_head,
    open_manifest,
    sign_head,
)
from screening.registry.record import open_record, sign_record
from screening.store import keys
from screening.store.signed import Signer
from screening.vocabulary.normalise import PHONE_METADATA_VERSION
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import eventually
from tests.harness.valkey import Valkey

LISTED = ("phone", "+1 202 555 0142")
OTHER_VERSION = "phonenumbers 9.0.1"


@pytest.fixture
def acme(deployed: Deployed) -> Partner:
    deployed.publish([(*LISTED, "trafficker")])
    return deployed.add_partner("acme", "--stretch", "light")


def told(api: Api, partner: Partner) -> str:
    parameters = httpx.get(f"{api.url}/v1/parameters", headers=partner.headers).json()
    version: str = parameters["phone_metadata"]
    return version


def put_in_force_what_another_indexer_built(
    deployed: Deployed, valkey: Valkey, partner: Partner
) -> None:
    """Put the same list in force as of an indexer with other phone metadata.

    The partner gets another live token key before its own, which has no list.
    """
    signer = Signer((deployed.indexer_home / "keyring" / "signing.key").read_bytes())
    verifier, name, key_id = signer.verifier(), partner.kit.partner, partner.kit.token_key.key_id
    with valkey.client() as redis:
        head = open_head(_bytes(redis.hget(keys.HEADS, key_id)), key_id, verifier)
        record = open_record(_bytes(redis.hget(keys.PARTNERS, name)), name, verifier)
        document = _bytes(redis.get(keys.manifest(key_id, head.generation)))
        generation = f"{int(head.generation[:8]) + 1:08d}-00000000"
        for key in redis.scan_iter(keys.every_key_of(key_id, head.generation)):
            redis.copy(key, key.replace(head.generation.encode(), generation.encode()))
        manifest = encode_manifest(
            msgspec.structs.replace(
                open_manifest(document, head), generation=generation, phone_metadata=OTHER_VERSION
            )
        )
        redis.set(keys.manifest(key_id, generation), manifest)
        sequence = head.sequence + 1
        head = msgspec.structs.replace(
            head, sequence=sequence, generation=generation, manifest_sha256=sha256_hex(manifest)
        )
        record = msgspec.structs.replace(
            record, sequence=sequence, key_ids=["acme-2020a", *record.key_ids]
        )
        with redis.pipeline(transaction=True) as pipeline:
            pipeline.hset(keys.HEADS, key_id, sign_head(head, signer))
            pipeline.hset(keys.PARTNERS, name, sign_record(record, signer))
            pipeline.execute()


def _bytes(stored: object) -> bytes:
    assert isinstance(stored, bytes)
    return stored


def test_the_version_told_is_that_of_the_first_list_that_is_loaded(
    deployed: Deployed, valkey: Valkey, acme: Partner
) -> None:
    api = deployed.serve()
    deployed.wait_ready(api)
    assert told(api, acme) == PHONE_METADATA_VERSION
    put_in_force_what_another_indexer_built(deployed, valkey, acme)
    eventually(lambda: told(api, acme) == OTHER_VERSION, what="the version of the new list")
    assert acme.results(api, LISTED) == ["match"]
