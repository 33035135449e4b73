"""The SDK: what it asks, what it returns, and what it keeps to itself."""

import asyncio
import logging
import os
import pickle
import traceback
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from screening.client import (
    AsyncScreeningClient,
    ClientClosed,
    PhoneMetadataDiffers,
    ScreeningClient,
)
from screening.vocabulary.errors import (
    InvalidRequest,
    NotCanonical,
    Unknown,
)
from screening.vocabulary.kit import Kit
from tests.client import peer as behave
from tests.client.booking_regions import booking_regions_of
from tests.client.conftest import EMAIL, PHONE, Check, Document, List, check_blocking
from tests.client.peer import OPENING, Exchange, Peer


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
    assert refused.value.position == 1
    assert refused.value.__notes__ == ["selector 2"]
    assert peer.total("/v1/check") == 0


def test_two_selectors_in_one_are_not_answered_for_the_first_alone(
    check: Check, kit: Kit, peer: Peer
) -> None:
    for value in ("+12025550100 ext 2025550101", "+12025550100 ext 20255501"):
        with pytest.raises(InvalidRequest, match="a second value or a remark") as refused:
            check(kit, [("email", "b@x.example"), ("phone", value)])
        assert refused.value.position == 1
        assert refused.value.__notes__ == ["selector 2"]
    assert peer.total("/v1/check") == 0


def test_an_empty_form_field_is_refused_as_empty(check: Check, kit: Kit, peer: Peer) -> None:
    with pytest.raises(NotCanonical) as refused:
        check(kit, [PHONE, ("card", None)])
    assert refused.value.code == "empty"
    assert peer.total("/v1/check") == 0


@pytest.mark.parametrize("count", [0, 17])
def test_a_check_takes_one_to_sixteen_selectors(kit: Kit, peer: Peer, count: int) -> None:
    with pytest.raises(InvalidRequest):
        check_blocking(kit, [PHONE] * count)
    assert peer.total("/v1/check") == 0


def test_a_region_completes_national_numbers(kit: Kit, list_selectors: List) -> None:
    list_selectors(("phone", "+12025550100"))
    with ScreeningClient(kit, timeout_ms=20_000) as client:
        assert client.check([("phone", "202 555 0100")], region="US").result == "match"


def test_where_a_booking_is_made_is_sent_and_where_phones_are_of_is_not(
    kit: Kit, peer: Peer
) -> None:
    told = booking_regions_of(peer)
    with ScreeningClient(kit, timeout_ms=20_000) as client:
        tokens = client.tokens([PHONE])
        client.check([("phone", "202 555 0100")], region="US")
        client.check([("phone", "202 555 0100")], region="US", booking_region="DE")
        client.check_tokens(tokens, booking_region="TH")
        client.bulk(tokens, booking_region="ZW")
        with pytest.raises(InvalidRequest, match="leave it out"):
            client.check([PHONE], booking_region="Atlantis")
    assert told == [None, "DE", "TH", "ZW"]


def test_bulk_is_asked_once_and_answers_row_by_row(
    kit: Kit, peer: Peer, list_selectors: List
) -> None:
    list_selectors(EMAIL)
    with ScreeningClient(kit, timeout_ms=20_000) as client:
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
    with ScreeningClient(kit, timeout_ms=20_000) as client:
        (token,) = client.tokens([PHONE])
        assert len(client.bulk([token] * 10_000).results) == 10_000
        with pytest.raises(InvalidRequest):
            client.bulk([token] * 10_001)
    assert sizes[0] < 2 * 1024 * 1024


def test_parameters_warn_once_of_other_phone_metadata(kit: Kit, peer: Peer) -> None:
    with ScreeningClient(kit, timeout_ms=20_000) as client:
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
    with ScreeningClient(kit, timeout_ms=20_000) as client, pytest.raises(Unknown):
        client.parameters()


def test_phone_metadata_that_would_act_on_a_terminal_are_unknown(kit: Kit, peer: Peer) -> None:
    peer.phone_metadata = "phonenumbers\x1b[2J"
    with ScreeningClient(kit, timeout_ms=20_000) as client, pytest.raises(Unknown):
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


CALLS_ON_A_CLOSED_ONE: list[Callable[[ScreeningClient], object]] = [
    lambda client: client.check([PHONE]),
    lambda client: client.tokens([PHONE]),
    lambda client: client.notices(),
]


def test_a_closed_client_says_so(kit: Kit) -> None:
    client = ScreeningClient(kit, timeout_ms=20_000)
    client.close()
    client.close()
    for call in CALLS_ON_A_CLOSED_ONE:
        with pytest.raises(ClientClosed, match="make one for each process"):
            call(client)


def test_so_does_a_closed_one_for_asyncio(kit: Kit) -> None:
    async def ask() -> None:
        async with AsyncScreeningClient(kit, timeout_ms=20_000) as client:
            tokens = await client.tokens([PHONE])
        for call in (client.check([PHONE]), client.check_tokens(tokens), client.parameters()):
            with pytest.raises(ClientClosed):
                await call

    asyncio.run(ask())


def test_closing_ends_the_calls_of_other_threads(
    kit: Kit, peer: Peer, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    peer.always = behave.stall
    client = ScreeningClient(kit, timeout_ms=60_000)
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(client.check, [PHONE])
        wait_until(lambda: peer.total("/v1/check") == 1)
        client.close()
        assert isinstance(call.exception(timeout=10), ClientClosed)


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
    with ScreeningClient(kit, timeout_ms=20_000) as client:
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


@pytest.mark.parametrize(
    "options", [{"timeout_ms": 0}, {"bulk_timeout_ms": -1}, {"other_timeout_ms": 0}]
)
def test_a_time_out_must_be_positive(kit: Kit, options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="positive"):
        AsyncScreeningClient(kit, **options)


def test_from_kit_reads_a_kit_file(kit_path: Path) -> None:
    with ScreeningClient.from_kit(kit_path) as client:
        assert client.check([PHONE]).result == "no_match"
