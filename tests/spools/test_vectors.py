"""Both sides, and the protocol alone, write and read what `tests/vectors/spools.json` says."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from screening.disclosure.opening import Opener, PrivateHalf
from screening.ledger.accesses import parse_access
from screening.spools.acknowledgement import Acknowledgement, Applied, parse_acknowledgement
from screening.spools.batch import ApproverKey, parse_batch, refuse_half_signed
from screening.spools.changes import Add
from screening.spools.exclusions_told import ExclusionsTold
from screening.spools.export import parse_export
from screening.spools.index_map import MapPart
from screening.spools.issued_kit import IssuedKit, open_kit, seal_kit
from screening.spools.keys import SpoolKey, SpoolSecrets, deployment_of, parse_key, spell_key
from screening.spools.match_records import MatchRecords
from screening.spools.order import AnyOrder, parse_signed
from screening.spools.partners_told import PartnersTold, ToldPartner, parse_partners_told
from screening.spools.sealed_file import Place, open_file, seal_file
from screening.spools.spelling import spell
from screening.spools.statements import PRIME, StatementSet
from screening.spools.up_file import parse_up_content
from screening.spools.usage_told import UsageTold
from screening.spools.whole_list import ListPart
from screening.vocabulary.errors import SpoolRefused
from tests.disclosure.reference import open_hpke, public_of, seal_hpke
from tests.harness.spool_console import statement
from tests.spools import reference

VECTORS: Final = json.loads((Path(__file__).parents[1] / "vectors/spools.json").read_text())
DEPLOYMENT: Final = VECTORS["deployment"]
BATCH: Final = VECTORS["batch"].encode()
EXPORT: Final = VECTORS["export"].encode()
ORDER: Final = VECTORS["orders"][0]["content"].encode()
ACKNOWLEDGEMENT: Final = VECTORS["acknowledgement"].encode()


def halves(side: str) -> tuple[bytes, bytes]:
    keys = VECTORS["keys"][side]
    return bytes.fromhex(keys["opening"]), bytes.fromhex(keys["signing"])


def secrets_of(side: str) -> SpoolSecrets:
    return SpoolSecrets(*halves(side))


def key_of(side: str) -> SpoolKey:
    return parse_key(VECTORS["keys"][side]["file"].encode(), side)  # type: ignore[arg-type]  # one of two


def test_the_prime_is_that_of_rfc_3526() -> None:
    assert int(VECTORS["prime"], 16) == PRIME
    assert PRIME.bit_length() == 2048
    assert PRIME % (1 << 64) == (1 << 64) - 1


def test_a_deployment_is_named_by_the_key_that_verifies_its_releases() -> None:
    verifying = base64.b64decode(VECTORS["release_verifying_key"])
    assert deployment_of(verifying) == reference.named("deployment", verifying) == DEPLOYMENT


@pytest.mark.parametrize("side", ["console", "indexer"])
def test_a_side_has_this_key_file(side: str) -> None:
    file = VECTORS["keys"][side]["file"].encode()
    assert reference.key_file(side, DEPLOYMENT, *halves(side)) == file
    public = secrets_of(side).public(side, DEPLOYMENT)  # type: ignore[arg-type]  # one of two
    assert spell_key(public) == file
    assert key_of(side) == public


@pytest.mark.parametrize("name", ["ann", "ben"])
def test_an_approver_has_this_name_and_this_signature(name: str) -> None:
    known = VECTORS["approvers"][name]
    private, public = bytes.fromhex(known["private"]), base64.b64decode(known["public"])
    assert public == reference.verifying(private)
    assert ApproverKey(public).id == known["id"] == reference.named("approver-id", public)
    shown = ApproverKey(public).fingerprint
    assert [len(four) for four in shown.split(" ")] == [4] * 8
    assert shown.replace(" ", "").startswith(known["id"])
    (told,) = [one for one in VECTORS["signatures"] if one["by"] == known["id"]]
    signature = base64.b64decode(told["signature"])
    assert signature == reference.signed("batch", BATCH, private)
    assert ApproverKey(public).has_signed(BATCH, signature)
    assert not ApproverKey(public).has_signed(BATCH + b" ", signature)


@pytest.mark.parametrize("case", VECTORS["statements"], ids=lambda case: case["line"][:8])
def test_a_statement_stands_for_this_number(case: dict[str, Any]) -> None:
    line = case["line"].encode()
    hashed = reference.statement_hash(line, PRIME)
    assert f"{hashed:0512x}" == case["hash"]
    assert StatementSet().changed(begun=[line]) == StatementSet(1, hashed)


@pytest.mark.parametrize("case", VECTORS["results"], ids=lambda case: str(case["of"]))
def test_a_list_has_this_digest(case: dict[str, Any]) -> None:
    lines = [one["line"].encode() for one in VECTORS["statements"][: case["of"]]]
    result = StatementSet().changed(begun=lines).result()
    assert (result.statements, result.digest) == (case["of"], case["digest"])
    assert reference.list_digest(map(json.loads, lines), PRIME) == case["digest"]


def test_a_batch_is_read_and_spelled_as_these_bytes() -> None:
    batch = parse_batch(BATCH)
    assert spell(batch) == BATCH == reference.spelled(json.loads(BATCH))
    lines = [statement(one).line().decode() for one in batch.changes if isinstance(one, Add)]
    assert lines == [one["line"] for one in VECTORS["statements"]]


def test_an_export_is_read_from_its_file() -> None:
    document, place = base64.b64decode(VECTORS["down"]), Place(DEPLOYMENT, "down", 1)
    content = open_file(document, place, by=key_of("console"), to=secrets_of("indexer"))
    assert content == EXPORT == reference.spelled(json.loads(EXPORT))
    export = parse_export(content)
    assert spell(export) == EXPORT
    assert [one.batch for one in export.batches] == [BATCH]
    keys = (halves("console")[1], public_of(halves("indexer")[0]))
    ephemeral = bytes.fromhex(VECTORS["down_ephemeral"])
    header = (DEPLOYMENT, 1)
    assert document == reference.sealed_file("down", EXPORT, header=header, keys=(*keys, ephemeral))


def test_an_acknowledgement_is_read_from_its_file() -> None:
    document, place = base64.b64decode(VECTORS["up"]), Place(DEPLOYMENT, "up", 1)
    content = open_file(document, place, by=key_of("indexer"), to=secrets_of("console"))
    assert content == ACKNOWLEDGEMENT == reference.spelled(json.loads(ACKNOWLEDGEMENT))
    told = parse_acknowledgement(content).of
    assert isinstance(told, Applied)
    assert told.sha256 == hashlib.sha256(base64.b64decode(VECTORS["down"])).hexdigest()
    keys = (halves("indexer")[1], public_of(halves("console")[0]))
    ephemeral = bytes.fromhex(VECTORS["up_ephemeral"])
    header = (DEPLOYMENT, 1)
    assert document == reference.sealed_file(
        "up", ACKNOWLEDGEMENT, header=header, keys=(*keys, ephemeral)
    )


def test_what_we_seal_whoever_reads_the_standard_opens() -> None:
    place = Place(DEPLOYMENT, "down", 1)
    document = seal_file(EXPORT, place, to=key_of("indexer"), by=secrets_of("console"))
    sealed = document.removeprefix(b"screening-spool/1 down 1\n")
    inside = json.loads(open_hpke(sealed, place.info, secret=halves("indexer")[0]))
    assert base64.b64decode(inside["content"]) == EXPORT
    signature = reference.signed("export", EXPORT, halves("console")[1])
    assert base64.b64decode(inside["signature"]) == signature


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["why"])
def test_what_is_no_first_file_of_this_spool_is_refused(case: dict[str, Any]) -> None:
    document, place = base64.b64decode(case["file"]), Place(DEPLOYMENT, "down", 1)
    with pytest.raises(SpoolRefused) as refused:
        content = open_file(document, place, by=key_of("console"), to=secrets_of("indexer"))
        for one in parse_export(content).batches:
            refuse_half_signed(parse_batch(one.batch), one.signatures)
    assert refused.value.code == case["code"]


@pytest.mark.parametrize("case", VECTORS["told"], ids=lambda case: case["sequence"])
def test_what_else_is_told_is_read_from_its_file(case: dict[str, Any]) -> None:
    content, sequence = case["content"].encode(), case["sequence"]
    document, place = base64.b64decode(case["file"]), Place(DEPLOYMENT, "up", sequence)
    assert open_file(document, place, by=key_of("indexer"), to=secrets_of("console")) == content
    told = parse_up_content(content)
    assert spell(told) == content == reference.spelled(json.loads(content))
    before = VECTORS["up"] if sequence == 2 else VECTORS["told"][sequence - 3]["file"]
    assert told.previous == hashlib.sha256(base64.b64decode(before)).hexdigest()
    keys = (halves("indexer")[1], public_of(halves("console")[0]))
    ephemeral = bytes.fromhex(case["ephemeral"])
    assert document == reference.sealed_file(
        "up", content, header=(DEPLOYMENT, sequence), keys=(*keys, ephemeral)
    )


@pytest.mark.parametrize("case", VECTORS["told_before"], ids=lambda case: case["what"])
def test_partners_as_indexers_of_before_told_them_are_read_and_what_is_missing_is_not_known(
    case: dict[str, Any],
) -> None:
    content = case["content"].encode()
    assert content == reference.spelled(json.loads(content))
    told = parse_up_content(content)
    assert isinstance(told, PartnersTold)
    (now,) = parse_partners_told(VECTORS["told"][3]["content"].encode()).partners
    (known,), (said,) = told.partners, json.loads(content)["partners"]
    for name in ToldPartner.__struct_fields__:
        assert getattr(known, name) == (getattr(now, name) if name in said else None)


@pytest.mark.parametrize("case", VECTORS["told_by_hand"], ids=lambda case: case["what"])
def test_whom_hands_have_taken_off_is_told_with_the_safety_lists(case: dict[str, Any]) -> None:
    content = case["content"].encode()
    told = parse_up_content(content)
    assert isinstance(told, ExclusionsTold)
    assert spell(told) == content == reference.spelled(json.loads(content))
    said = json.loads(content).get("taken_off", [])
    assert [(one.kind, one.canonical) for one in told.taken_off] == [
        (one["kind"], one["canonical"]) for one in said
    ]
    assert told.left_out == json.loads(content).get("left_out", 0)
    assert not any(one["canonical"] in repr(told) + repr(told.taken_off) for one in said)


def test_each_content_of_an_up_file_is_read_as_what_it_is() -> None:
    told = [parse_up_content(one["content"].encode()) for one in VECTORS["told"]]
    beside = [MapPart, MapPart, MatchRecords, PartnersTold, UsageTold, IssuedKit]
    kinds = [*beside, ExclusionsTold, ListPart]
    assert [type(one) for one in told] == kinds
    assert isinstance(parse_up_content(ACKNOWLEDGEMENT), Acknowledgement)


def test_records_are_opened_with_the_private_half_of_sealed_matches() -> None:
    sealed = json.loads((Path(__file__).parents[1] / "vectors/sealed_matches.json").read_text())
    (told,) = (parse_up_content(one["content"].encode()) for one in VECTORS["told"][2:3])
    assert isinstance(told, MatchRecords)
    (access,) = map(parse_access, told.records)
    assert access is not None
    assert access.sealed is not None
    opener = Opener([PrivateHalf(bytes.fromhex(sealed["private_half"]))])
    states = (access.key_id, access.generation)
    ((row, box),) = access.matches.items()
    match = opener.open_row(access.sealed, access.receipt, (row, box), states)
    assert match is not None
    assert match.digest.hex() == json.loads(VECTORS["told"][0]["content"])["entries"][0]["digest"]
    other = (access.key_id, "20261128-9999ffff")
    assert opener.open_row(access.sealed, access.receipt, (row, box), other) is None


@pytest.mark.parametrize("case", VECTORS["refused_up"], ids=lambda case: case["why"])
def test_what_is_no_content_of_an_up_file_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(SpoolRefused) as refused:
        parse_up_content(case["content"].encode())
    assert refused.value.code == case["code"]


@pytest.mark.parametrize("case", VECTORS["orders"], ids=lambda case: case["content"][200:240])
def test_an_order_is_read_and_spelled_as_these_bytes(case: dict[str, Any]) -> None:
    content = case["content"].encode()
    order = parse_signed(content)
    assert isinstance(order, AnyOrder)
    assert spell(order) == content == reference.spelled(json.loads(content))
    assert order.signatures_needed == case["signatures_needed"]
    ann = VECTORS["approvers"]["ann"]
    signature = base64.b64decode(case["signature"])
    assert signature == reference.signed("batch", content, bytes.fromhex(ann["private"]))
    assert ApproverKey(base64.b64decode(ann["public"])).has_signed(content, signature)


@pytest.mark.parametrize("case", VECTORS["refused_orders"], ids=lambda case: case["why"])
def test_what_is_no_order_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(SpoolRefused) as refused:
        parse_signed(case["content"].encode())
    assert refused.value.code == case["code"]


@pytest.mark.parametrize(
    ("parse", "known"),
    [(parse_signed, BATCH), (parse_export, EXPORT), (parse_signed, ORDER)],
    ids=["batch", "export", "order"],
)
def test_a_down_file_of_a_newer_console_says_to_bring_the_indexer_to_its_version(
    parse: Callable[[bytes], object], known: bytes
) -> None:
    parse(known)
    newer = re.sub(rb'^{"format":"([a-z-]+)/1"', rb'{"format":"\1/2"', known)
    with pytest.raises(SpoolRefused, match="bring the indexer to the console's version") as refused:
        parse(newer)
    assert refused.value.code == "malformed", "it may be applied once it is"


def test_a_kit_is_opened_by_the_one_who_has_ordered_it() -> None:
    told = parse_up_content(VECTORS["told"][5]["content"].encode())
    assert isinstance(told, IssuedKit)
    known = VECTORS["kit"]
    kit, opening = known["content"].encode(), bytes.fromhex(known["opening"])
    names = {"deployment": told.deployment, "batch": told.batch}
    private = X25519PrivateKey.from_private_bytes(opening)
    assert open_kit(told.sealed, private, **names) == kit
    assert open_kit(told.sealed, private, deployment=told.deployment, batch="a" * 26) is None
    info = f"screening/v1/kit\0{told.deployment} {told.batch}".encode()
    public, ephemeral = public_of(opening), bytes.fromhex(known["ephemeral"])
    assert told.sealed == seal_hpke(kit, info, public=public, ephemeral=ephemeral)
    assert open_hpke(seal_kit(kit, public, **names), info, secret=opening) == kit
