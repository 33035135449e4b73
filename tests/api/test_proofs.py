"""`POST /v1/receipts/proof`: a partner is given the proof of its own answers, and of no other's."""

import base64
import json
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest

from screening.ledger.log.checkpoint import open_checkpoint
from screening.ledger.log.notes import parse_verifier_key
from screening.ledger.log.tree import is_included, leaf_hash
from screening.vocabulary.wire import CHECK_MAX_BODY_BYTES
from tests.harness import plain_http
from tests.harness.asking import PATIENT_WITH_REDIS, Asking
from tests.harness.deployment import Api, Deployed, Partner, deployed_beside_valkey
from tests.harness.processes import eventually
from tests.harness.template import Template

LISTED: Final = ("phone", "+12025550142")
UNLISTED: Final = ("email", "traveller@booking.example")
UNKNOWN: Final = "a" * 26


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Deployed]:
    with deployed_beside_valkey(tmp_path_factory, template, LISTED) as (running, _):
        yield running


@pytest.fixture(scope="module")
def partner(deployed: Deployed) -> Partner:
    return deployed.add_partner("acme", "--stretch", "light", "--scopes", "check,bulk")


@pytest.fixture(scope="module")
def other(deployed: Deployed) -> Partner:
    return deployed.add_partner("beta", "--stretch", "light")


@pytest.fixture(scope="module")
def api(deployed: Deployed, partner: Partner, other: Partner) -> Iterator[Api]:
    running = deployed.serve(workers=2, **PATIENT_WITH_REDIS)
    deployed.wait_ready(running)
    yield running
    running.stop()


def ask_for(api: Api, receipt: str, partner: Partner) -> httpx.Response:
    return plain_http.post(
        f"{api.url}/v1/receipts/proof",
        json={"receipt": receipt},
        headers=partner.headers,
        timeout=10,
    )


def refused(api: Api, receipt: str, partner: Partner) -> httpx.Response:
    """Ask until it is certain: what was signed this moment is taken up in the next."""

    def certain() -> httpx.Response | None:
        reply = ask_for(api, receipt, partner)
        return reply if reply.status_code != 503 else None

    return eventually(certain, what="a refusal")


def answered(api: Api, partner: Partner, *selectors: tuple[str, str]) -> str:
    answer = partner.ask(api, *(selectors or (LISTED,)))
    assert answer.status_code == 200, answer.text
    receipt: str = answer.json()["receipt"]
    return receipt


def proof_of(api: Api, receipt: str, partner: Partner) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        reply = ask_for(api, receipt, partner)
        assert reply.status_code in {200, 503}, reply.text
        return reply.json() if reply.status_code == 200 else None

    return eventually(found, what="a proof")


def test_an_answer_is_proven_by_its_record_in_a_signed_checkpoint(
    deployed: Deployed, api: Api, partner: Partner
) -> None:
    receipt = answered(api, partner, LISTED, UNLISTED)
    proof = proof_of(api, receipt, partner)
    key = parse_verifier_key(deployed.run("screening", "audit", "key").stdout.strip())
    assert parse_verifier_key(proof["log_key"]) == key
    _, checkpoint = open_checkpoint(proof["checkpoint"].encode(), key)
    assert is_included(
        leaf_hash(proof["record"].encode()),
        proof["index"],
        checkpoint.size,
        proof=[base64.b64decode(one) for one in proof["inclusion_proof"]],
        root=checkpoint.root,
    )
    record = json.loads(proof["record"].partition(" ")[2])
    assert (record["receipt"], record["partner"]) == (receipt, "acme")
    assert proof == json.loads(
        deployed.run("screening", "audit", "prove", f" {receipt.upper()} ").stdout
    )


def test_a_record_that_is_not_signed_yet_is_told_apart_from_none(
    api: Api, partner: Partner, other: Partner
) -> None:
    receipt = answered(api, partner)
    early, foreign = ask_for(api, receipt, partner), refused(api, receipt, other)
    if early.status_code != 200:  # it was signed in between, on a machine that is slow
        assert early.status_code == 503
        assert early.headers["retry-after"] == "2"
        assert early.json()["reason"] == "audit"
        assert "signed checkpoint" in early.json()["detail"]
    assert foreign.status_code == 404
    proof_of(api, receipt, partner)


def test_anothers_receipt_and_one_that_nobody_has_are_one_identical_refusal(
    api: Api, partner: Partner, other: Partner
) -> None:
    receipt = answered(api, partner)
    proof_of(api, receipt, partner)
    refusals = [refused(api, one, other) for one in (receipt, UNKNOWN)]
    assert {reply.status_code for reply in refusals} == {404}
    assert refusals[0].content == refusals[1].content
    assert refusals[0].json()["code"] == "no_such_receipt"
    assert UNKNOWN not in refusals[1].text


def test_a_row_of_a_bulk_answer_is_proven_by_the_whole(api: Api, partner: Partner) -> None:
    answer = partner.ask(api, LISTED, UNLISTED, route="bulk")
    receipt = answer.json()["receipt"]
    record = json.loads(proof_of(api, f"{receipt}.1", partner)["record"].partition(" ")[2])
    assert record["receipt"] == receipt


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"receipt": 1}',
        b'{"receipt": "' + b"A" * 26 + b'"}',
        b'{"receipt": "' + b"a" * 26 + b'\\n"}',
        b'{"receipt": "' + b"a" * 26 + b'.12345"}',
        b'{"receipt": "' + b"a" * 26 + b'", "more": 1}',
        b'{"receipt": "' + b"a" * 26 + b'", "receipt": "' + b"b" * 26 + b'"}',
        b'{"receipt": "\xff"}',
        b"[" * 900,
    ],
)
def test_a_body_off_the_contract_is_refused_without_an_echo(
    api: Api, partner: Partner, body: bytes
) -> None:
    headers = partner.headers | {"content-type": "application/json"}
    reply = plain_http.post(f"{api.url}/v1/receipts/proof", content=body, headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (400, "invalid_request")
    assert "aaaa" not in reply.text.lower()


def test_the_route_refuses_as_every_other_does(api: Api, partner: Partner) -> None:
    url = f"{api.url}/v1/receipts/proof"
    body = {"receipt": UNKNOWN}
    assert plain_http.get(url, headers=partner.headers).status_code == 405
    assert plain_http.post(url, json=body).status_code == 401
    plain = partner.headers | {"content-type": "text/plain"}
    assert plain_http.post(url, content=b"{}", headers=plain).status_code == 415
    xml = partner.headers | {"accept": "text/xml"}
    assert plain_http.post(url, json=body, headers=xml).status_code == 406
    too_large = {"receipt": "a" * CHECK_MAX_BODY_BYTES}
    assert plain_http.post(url, json=too_large, headers=partner.headers).status_code == 413


def test_the_parameters_name_the_key_that_the_proofs_are_signed_by(
    api: Api, partner: Partner
) -> None:
    stated = plain_http.get(f"{api.url}/v1/parameters", headers=partner.headers).json()
    assert stated["log_key"] == proof_of(api, answered(api, partner), partner)["log_key"]


@pytest.mark.slow
def test_looking_for_proofs_counts_against_what_a_partner_may_ask(
    deployed: Deployed, api: Api
) -> None:
    few = deployed.add_partner("few", "--stretch", "none", "--test")
    deployed.indexer("partner", "limits", "few", "--per-second", "1")

    assert refused(api, UNKNOWN, few).status_code == 404
    # A worker may not have heard of the limit at once.
    ended = eventually(
        lambda: reply if (reply := ask_for(api, UNKNOWN, few)).status_code == 429 else None,
        what="a refusal at that rate",
    )
    assert "retry-after" in ended.headers


@pytest.mark.slow
def test_checks_go_on_beside_many_who_ask_for_proofs(api: Api, partner: Partner) -> None:
    receipt = answered(api, partner)
    with Asking(api, [partner], LISTED, clients=2) as asking:
        proof_of(api, receipt, partner)
        for _ in range(200):
            reply = ask_for(api, receipt, partner)
            assert reply.status_code == 200, reply.text
        eventually(lambda: len(asking.answers) > 50, what="checks answered meanwhile")
    assert asking.statuses == {200}, asking.unknown
    assert not asking.broken
    later = sorted(asking.receipts)[:5]
    assert all(proof_of(api, one, partner)["record"].count(one) == 1 for one in later)
