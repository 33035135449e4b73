"""The SDK against a peer that answers, and one that does anything else: never a false "no"."""

import asyncio
import gzip
import logging
import os
import pickle
import time
import traceback
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from screening.client import (
    AsyncScreeningClient,
    CheckAnswer,
    PhoneMetadataDiffers,
    ScreeningClient,
)
from screening.vocabulary.errors import (
    Forbidden,
    InvalidRequest,
    KitMismatch,
    NotCanonical,
    QuotaExceeded,
    Unauthenticated,
    Unknown,
    UnknownKeyId,
)
from screening.vocabulary.kit import Kit
from tests.client import peer as behave
from tests.client.conftest import Document, List
from tests.client.peer import OPENING, Behaviour, Exchange, Peer

PHONE = ("phone", "+1 (202) 555-0100")
EMAIL = ("email", "Jane.Doe@Booking.example")

Check = Callable[..., CheckAnswer]


def check_blocking(kit: Kit, selectors: list[tuple[str, str]], **options: Any) -> CheckAnswer:
    with ScreeningClient(kit, **options) as client:
        return client.check(selectors)


def check_async(kit: Kit, selectors: list[tuple[str, str]], **options: Any) -> CheckAnswer:
    async def ask() -> CheckAnswer:
        async with AsyncScreeningClient(kit, **options) as client:
            return await client.check(selectors)

    return asyncio.run(ask())


@pytest.fixture(params=[check_blocking, check_async], ids=["sync", "async"])
def check(request: pytest.FixtureRequest) -> Check:
    asker: Check = request.param
    return asker


def test_a_listed_selector_matches_however_it_is_spelled(
    check: Check, kit: Kit, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"))
    answer = check(kit, [EMAIL, PHONE])
    assert answer.result == "match"
    assert answer.results == ("no_match", "match")
    assert answer.opening == OPENING
    assert answer.list.seq == 1041
    assert len(answer.receipt) == 26


def test_what_is_not_listed_does_not_match(check: Check, kit: Kit) -> None:
    answer = check(kit, [EMAIL, PHONE])
    assert (answer.result, answer.results) == ("no_match", ("no_match", "no_match"))


def test_an_answer_is_no_truth_value(kit: Kit) -> None:
    answer = check_blocking(kit, [PHONE])
    with pytest.raises(TypeError, match="compare"):
        bool(answer)
    assert OPENING not in repr(answer)


def test_nothing_is_asked_when_a_selector_has_no_canonical_form(
    check: Check, kit: Kit, peer: Peer
) -> None:
    with pytest.raises(NotCanonical) as refused:
        check(kit, [PHONE, ("card", "4242 4242 4242 4241")])
    assert refused.value.code == "bad_checksum"
    assert refused.value.__notes__ == ["selector 2 of the call"]
    assert peer.total("/v1/check") == 0


@pytest.mark.parametrize("count", [0, 17])
def test_a_check_takes_one_to_sixteen_selectors(kit: Kit, peer: Peer, count: int) -> None:
    with pytest.raises(InvalidRequest):
        check_blocking(kit, [PHONE] * count)
    assert peer.total("/v1/check") == 0


def test_a_region_completes_national_numbers(kit: Kit, list_selectors: List) -> None:
    list_selectors(("phone", "+12025550100"))
    with ScreeningClient(kit) as client:
        assert client.check([("phone", "202 555 0100")], region="US").result == "match"


def _without(name: str) -> Behaviour:
    return behave.altered(lambda answer: answer.pop(name))


def _with(**members: object) -> Behaviour:
    return behave.altered(lambda answer: answer.update(members))


MISBEHAVIOURS: dict[str, tuple[Behaviour, str]] = {
    "stall": (behave.stall, "timeout"),
    "drip": (behave.drip, "timeout"),
    "reset": (behave.reset, "connection"),
    "cut": (behave.cut, "connection"),
    "garbage": (behave.garbage, "connection"),
    "gateway page": (behave.raw(502, b"<html>", "text/html"), "connection"),
    "gateway time-out": (behave.raw(504, b"", "text/plain"), "connection"),
    "server error": (behave.raw(500, b"oops", "text/plain"), "protocol"),
    "no such route": (behave.problem(404, "not_found"), "protocol"),
    "redirect": (behave.raw(307, b"", headers={"Location": "/v1/check"}), "protocol"),
    "no content": (behave.raw(204, b""), "protocol"),
    "unknown conflict": (behave.problem(409, "other"), "protocol"),
    "no index": (behave.problem(503, "unavailable", "5", reason="index"), "index"),
    "stale": (behave.problem(503, "unavailable", "5", reason="stale"), "stale"),
    "audit": (behave.problem(503, "unavailable", "5", reason="audit"), "audit"),
    "store": (behave.problem(503, "unavailable", "5", reason="store"), "store"),
    "overloaded": (behave.problem(503, "unavailable", "5", reason="overloaded"), "overloaded"),
    "unknown reason": (behave.problem(503, "unavailable", reason="tired"), "protocol"),
    "no reason": (behave.problem(503, "unavailable"), "protocol"),
    "matches without a receipt": (
        behave.problem(503, "unavailable", reason="store", matches=[0]),
        "protocol",
    ),
    "matches out of range": (
        behave.problem(503, "unavailable", reason="store", matches=[9], receipt="a" * 26),
        "protocol",
    ),
    "not JSON": (behave.raw(200, b"no_match"), "protocol"),
    "not UTF-8": (behave.raw(200, b'{"result": "\xff"}'), "protocol"),
    "nested deeply": (behave.raw(200, b'{"x":' * 9_000), "protocol"),
    "empty": (behave.raw(200, b""), "protocol"),
    "null": (behave.raw(200, b"null"), "protocol"),
    "a list": (behave.raw(200, b"[]"), "protocol"),
    "another content type": (behave.encoded(content_type="text/html"), "protocol"),
    "huge": (behave.encoded(lambda answer: answer + b" " * 1_000_000), "protocol"),
    "gzip": (behave.encoded(gzip.compress, encoding="gzip"), "protocol"),
    "another status": (behave.encoded(status=203), "protocol"),
    "result missing": (_without("result"), "protocol"),
    "results missing": (_without("results"), "protocol"),
    "receipt missing": (_without("receipt"), "protocol"),
    "opening missing": (_without("opening"), "protocol"),
    "list missing": (_without("list"), "protocol"),
    "a boolean result": (_with(result=False), "protocol"),
    "an unknown result": (_with(result="maybe"), "protocol"),
    "an unknown row": (_with(results=["no_match", "maybe"]), "protocol"),
    "an invalid row": (_with(results=["no_match", "invalid"]), "protocol"),
    "too few rows": (_with(results=["no_match"]), "protocol"),
    "too many rows": (_with(results=["no_match"] * 3), "protocol"),
    "no rows": (_with(results=[]), "protocol"),
    "match without a row": (_with(result="match"), "protocol"),
    "a row without match": (_with(results=["match", "no_match"]), "protocol"),
    "a malformed receipt": (_with(receipt="A" * 26), "protocol"),
    "a malformed opening": (_with(opening="x"), "protocol"),
}


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_no_misbehaviour_is_ever_read_as_an_answer(
    check: Check, kit: Kit, peer: Peer, name: str
) -> None:
    peer.always, reason = MISBEHAVIOURS[name]
    with pytest.raises(Unknown) as unknown:
        check(kit, [PHONE, EMAIL], timeout_ms=300)
    assert unknown.value.reason == reason
    assert peer.total("/v1/check") == (2 if reason in ("timeout", "connection") else 1)


REFUSALS: dict[str, tuple[Behaviour, type[Exception]]] = {
    "400": (behave.problem(400, "invalid_request"), InvalidRequest),
    "413": (behave.problem(413, "too_large"), InvalidRequest),
    "401": (behave.problem(401, "unauthenticated"), Unauthenticated),
    "403": (behave.problem(403, "forbidden"), Forbidden),
    "unknown_key_id": (behave.problem(409, "unknown_key_id"), UnknownKeyId),
    "kit_mismatch": (behave.problem(409, "kit_mismatch"), KitMismatch),
    "429": (behave.problem(429, "quota_exceeded", "7"), QuotaExceeded),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_each_refusal_is_its_error_and_is_not_asked_twice(
    check: Check, kit: Kit, peer: Peer, name: str
) -> None:
    peer.always, error = REFUSALS[name]
    with pytest.raises(error):
        check(kit, [PHONE])
    assert peer.total("/v1/check") == 1


@pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("", 60), ("soon", 60), ("-1", 60)])
def test_a_quota_says_when_to_ask_again(kit: Kit, peer: Peer, header: str, seconds: int) -> None:
    peer.always = behave.problem(429, "quota_exceeded", header)
    with pytest.raises(QuotaExceeded) as refused:
        check_blocking(kit, [PHONE])
    assert refused.value.retry_after_s == seconds


def test_matches_that_are_certain_survive_a_503(check: Check, kit: Kit, peer: Peer) -> None:
    peer.always = behave.problem(
        503, "unavailable", reason="overloaded", matches=[1], receipt="a" * 26
    )
    with pytest.raises(Unknown) as unknown:
        check(kit, [PHONE, EMAIL])
    assert (unknown.value.matches, unknown.value.receipt) == ((1,), "a" * 26)
    assert peer.total("/v1/check") == 1


@pytest.mark.parametrize(
    "trouble",
    [
        behave.reset,
        behave.stall,
        behave.raw(502, b"", "text/html"),
        behave.problem(503, "unavailable", reason="overloaded"),
    ],
    ids=["reset", "stall", "gateway", "overloaded"],
)
def test_one_trouble_on_the_way_is_mended_by_one_retry(
    check: Check, kit: Kit, peer: Peer, trouble: Behaviour
) -> None:
    peer.script.append(trouble)
    assert check(kit, [PHONE]).result == "no_match"
    assert peer.total("/v1/check") == 2


def test_a_retry_that_cannot_be_in_time_is_not_made(kit: Kit, peer: Peer) -> None:
    peer.always = behave.problem(503, "unavailable", "1", reason="overloaded")
    with pytest.raises(Unknown):
        check_blocking(kit, [PHONE])
    assert peer.total("/v1/check") == 1


@pytest.mark.parametrize("behaviour", [behave.stall, behave.drip])
def test_a_check_ends_in_its_time_with_two_requests_at_the_most(
    check: Check, kit: Kit, peer: Peer, behaviour: Behaviour
) -> None:
    peer.always = behaviour
    started = time.monotonic()
    with pytest.raises(Unknown):
        check(kit, [PHONE], timeout_ms=500)
    # Half a second is the promise; the rest is for a busy machine.
    assert 0.4 < time.monotonic() - started < 3
    assert peer.total("/v1/check") <= 2


def test_nobody_listening_is_unknown(check: Check, kit: Kit, peer: Peer) -> None:
    peer.close()
    with pytest.raises(Unknown) as unknown:
        check(kit, [PHONE])
    assert unknown.value.reason == "connection"


def test_bulk_is_asked_once_and_answers_row_by_row(
    kit: Kit, peer: Peer, list_selectors: List
) -> None:
    list_selectors(EMAIL)
    with ScreeningClient(kit) as client:
        tokens = client.tokens([PHONE, EMAIL] * 50)
        answer = client.bulk(tokens)
        assert answer.results == ("no_match", "match") * 50
        peer.always = behave.reset
        with pytest.raises(Unknown):
            client.bulk(tokens)
        with pytest.raises(InvalidRequest):
            client.bulk([])
    assert peer.total("/v1/bulk") == 2


def test_a_full_bulk_request_fits_its_bound(kit: Kit, peer: Peer) -> None:
    sizes = []

    def weigh(exchange: Exchange) -> None:
        sizes.append(int(exchange.handler.headers["Content-Length"]))
        behave.honest(exchange)

    peer.always = weigh
    with ScreeningClient(kit) as client:
        (token,) = client.tokens([PHONE])
        assert len(client.bulk([token] * 10_000).results) == 10_000
        with pytest.raises(InvalidRequest):
            client.bulk([token] * 10_001)
    assert sizes[0] < 2 * 1024 * 1024


def test_parameters_warn_once_of_other_phone_metadata(kit: Kit, peer: Peer) -> None:
    with ScreeningClient(kit) as client:
        assert client.parameters().limits.bulk_max_selectors == 10_000
        peer.phone_metadata = "phonenumbers 1.2.3"
        with pytest.warns(PhoneMetadataDiffers, match=r"phonenumbers 1\.2\.3"):
            client.parameters()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            client.parameters()


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"protocol": 1}'])
def test_parameters_off_the_contract_are_unknown(kit: Kit, peer: Peer, body: bytes) -> None:
    peer.always = behave.raw(200, body)
    with ScreeningClient(kit) as client, pytest.raises(Unknown):
        client.parameters()


def test_one_client_serves_many_threads(kit: Kit, list_selectors: List) -> None:
    list_selectors(EMAIL)
    with ScreeningClient(kit, timeout_ms=10_000) as client, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: client.check([EMAIL if n % 2 else PHONE]), range(40)))
    assert [answer.result for answer in answers] == ["no_match", "match"] * 20


def test_a_client_works_on_after_a_fork(kit: Kit) -> None:
    with ScreeningClient(kit, timeout_ms=10_000) as client:
        assert client.check([PHONE]).result == "no_match"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads and fork, on purpose
            child = os.fork()
        if child == 0:
            code = 1
            try:
                code = 0 if client.check([PHONE]).result == "no_match" else 2
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_closed_client_says_so(kit: Kit) -> None:
    client = ScreeningClient(kit)
    client.close()
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.check([PHONE])


def test_closing_ends_the_calls_of_other_threads(
    kit: Kit, peer: Peer, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    peer.always = behave.stall
    client = ScreeningClient(kit, timeout_ms=60_000)
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(client.check, [PHONE])
        wait_until(lambda: peer.total("/v1/check") == 1)
        client.close()
        assert call.exception(timeout=10) is not None


def test_proxies_of_the_environment_do_not_see_loopback(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert check_blocking(kit, [PHONE]).result == "no_match"


def test_nothing_is_compressed_and_tokens_are_in_bodies_only(kit: Kit, peer: Peer) -> None:
    check_blocking(kit, [PHONE])
    (headers,) = peer.headers
    assert headers["Accept-Encoding"] == "identity"
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("screening-client/")
    assert "Cookie" not in headers


def test_no_secret_selector_or_token_is_logged_or_shown(
    kit: Kit, peer: Peer, caplog: pytest.LogCaptureFixture, kit_document: Document
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = []
    peer.script.extend([behave.honest, behave.reset, behave.reset])
    with ScreeningClient(kit) as client:
        answer = client.check([PHONE, EMAIL])
        tokens = client.tokens([PHONE, EMAIL])
        try:
            client.check([PHONE, EMAIL])
        except Unknown as error:
            assert error.__cause__ is None
            assert error.__context__ is None
            shown += traceback.format_exception(error)
            shown.append(repr(pickle.dumps(error.args)))
        shown += [repr(client), repr(answer), repr(tokens), repr(kit), caplog.text]
    text = "\n".join(shown)
    assert "HTTP Request: POST" in text  # httpx's own line is among what was searched
    for secret in (
        kit_document["api_key"],
        kit_document["token_keys"][0]["secret"],
        kit_document["token_keys"][0]["salt"],
        "2025550100",
        "jane.doe",
        *(token.base64() for token in tokens),
        *(repr(bytes(token.token))[2:-1] for token in tokens),
    ):
        assert secret.lower() not in text.lower()


@pytest.mark.parametrize("options", [{"timeout_ms": 0}, {"bulk_timeout_ms": -1}])
def test_a_time_out_must_be_positive(kit: Kit, options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="positive"):
        AsyncScreeningClient(kit, **options)


def test_from_kit_reads_a_kit_file(kit_path: Path) -> None:
    with ScreeningClient.from_kit(kit_path) as client:
        assert client.check([PHONE]).result == "no_match"
