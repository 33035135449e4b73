"""The SDK against a peer that does anything else than answer: never a false "no"."""

import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest

from screening.client import ScreeningClient
from screening.client.derivation import SelectorToken
from screening.vocabulary.errors import (
    Forbidden,
    InvalidRequest,
    KitMismatch,
    QuotaExceeded,
    Unauthenticated,
    Unknown,
    UnknownKeyId,
)
from screening.vocabulary.kit import Kit
from screening.vocabulary.selector import SelectorKind, Token
from tests.client import peer as behave
from tests.client.conftest import EMAIL, PHONE, Check, GenScreen, List, check_blocking
from tests.client.misbehaviour import MISBEHAVIOURS, told_once_more
from tests.client.peer import OPENING, RECEIPT, Behaviour, Peer
from tests.harness.slow import slow_but_first


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_no_misbehaviour_is_ever_read_as_an_answer(
    check: Check, kit: Kit, peer: Peer, name: str
) -> None:
    peer.always, reason = MISBEHAVIOURS[name]
    # What is waited for in vain is waited for briefly; all else has time on a busy machine too.
    timeout_ms = 1_000 if reason == "timeout" else 20_000
    with pytest.raises(Unknown) as unknown:
        check(kit, [PHONE, EMAIL], timeout_ms=timeout_ms)
    assert unknown.value.reason == reason
    assert peer.total("/v1/check") == (
        2 if reason in ("timeout", "connection", "overloaded") else 1
    )


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["{url}/v1/check", "//127.0.0.1:{port}/", "http://u:p@{host}/"])
def test_no_request_follows_a_redirect_to_another_host(
    check: Check, kit: Kit, peer: Peer, other_peer: Peer, status: int, place: str
) -> None:
    location = place.format(
        url=other_peer.url, port=other_peer.port, host=f"127.0.0.1:{other_peer.port}"
    )
    headers = {"Location": location, "Refresh": f"0; url={location}"}
    peer.always = behave.raw(status, b"", headers=headers)
    with pytest.raises(Unknown) as unknown:
        check(kit, [PHONE], timeout_ms=20_000)
    assert unknown.value.reason == "protocol"
    assert sum(other_peer.requests.values()) == 0


def test_an_answer_that_was_given_before_is_not_the_answer_to_another_question(
    kit: Kit, peer: Peer, list_selectors: List
) -> None:
    list_selectors(PHONE)
    peer.script.append(told_once_more)
    with ScreeningClient(kit, timeout_ms=20_000) as client:
        assert client.check([EMAIL]).result == "no_match"
        with pytest.raises(Unknown) as unknown:
            client.check([PHONE])
        assert unknown.value.reason == "protocol"
    tokens = [SelectorToken(SelectorKind.PHONE, Token(bytes(32)))] * 2
    peer.always = behave.altered(lambda answer: answer.update(receipt=RECEIPT))
    with ScreeningClient(kit, timeout_ms=20_000) as client:
        client.bulk(tokens)
        with pytest.raises(Unknown):
            client.bulk(tokens)


# What takes half a minute to be given up in bulk, and what is no misbehaviour there.
NOT_IN_BULK = {name for name, (_, reason) in MISBEHAVIOURS.items() if reason == "timeout"}
NOT_IN_BULK |= {"an invalid row"}


@slow_but_first(20, "name", [name for name in MISBEHAVIOURS if name not in NOT_IN_BULK])
def test_no_misbehaviour_becomes_a_row_of_a_file(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, peer: Peer, name: str
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"phone,email\n{PHONE[1]},{EMAIL[1]}\n")
    peer.script.append(behave.honest)  # about the parameters
    peer.always, _ = MISBEHAVIOURS[name]
    done = gen_screen("bulk", "--kit", kit_path, "--patience", "0", source, "-o", out)
    assert (done.code, done.out) == (69, "")
    assert done.err.splitlines()[-1].startswith("gen-screen: the answer is not known")
    assert not out.exists()
    assert (tmp_path / "out.csv.resume").read_bytes().count(b"\n") == 1
    assert peer.total("/v1/bulk") == 1


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
        check(kit, [PHONE], timeout_ms=20_000)
    assert peer.total("/v1/check") == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("", 60),
        ("soon", 60),
        ("-1", 60),
        ("0", 60),
        ("1e9", 60),
        ("1.5", 60),
        ("9" * 4_000, 60),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 60),
        ("Fri, 31 Dec 2999 23:59:59 GMT", 60),
    ],
)
def test_a_quota_says_when_to_ask_again(kit: Kit, peer: Peer, header: str, seconds: int) -> None:
    peer.always = behave.problem(429, "quota_exceeded", header)
    with pytest.raises(QuotaExceeded) as refused:
        check_blocking(kit, [PHONE], timeout_ms=20_000)
    assert refused.value.retry_after_s == seconds


@pytest.mark.parametrize(
    ("sent", "kept"), [(OPENING, OPENING), (None, None), ("x", None), (OPENING[:43], None)]
)
def test_matches_that_are_certain_survive_a_503_with_their_proof(
    check: Check, kit: Kit, peer: Peer, sent: str | None, kept: str | None
) -> None:
    peer.always = behave.problem(
        503, "unavailable", reason="overloaded", matches=[1], receipt="a" * 26, opening=sent
    )
    with pytest.raises(Unknown) as unknown:
        check(kit, [PHONE, EMAIL])
    told = unknown.value
    assert (told.matches, told.receipt, told.opening) == ((1,), "a" * 26, kept)
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
    # Half of it is for the second try, which a busy machine is to be in time for.
    assert check(kit, [PHONE], timeout_ms=2_000).result == "no_match"
    assert peer.total("/v1/check") == 2


HOST_PROGRAM = """
import sys
from screening.client import ScreeningClient

with ScreeningClient.from_kit(sys.argv[1], timeout_ms=20_000) as client:
    print(client.check([("phone", "+12025550100")]).result)
"""


def test_a_retry_prints_nothing_in_a_program_that_set_up_no_logging(
    kit_path: Path, peer: Peer
) -> None:
    peer.script.append(behave.reset)
    done = subprocess.run(
        [sys.executable, "-c", HOST_PROGRAM, kit_path],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("no_match\n", "")
    assert peer.total("/v1/check") == 2


def test_a_retry_reaches_no_handler_of_the_host_program(
    check: Check, kit: Kit, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    peer.script.append(behave.reset)
    check(kit, [PHONE])
    assert peer.total("/v1/check") == 2
    # Those two log their requests wherever a program uses them, and know no body.
    loggers = {record.name.partition(".")[0] for record in caplog.records}
    assert loggers - {"asyncio"} == {"httpx", "httpcore"}


@pytest.mark.parametrize(
    "header",
    ["1e9", "-1", "999999999", "9" * 4_000, "Fri, 31 Dec 2999 23:59:59 GMT", "\u0662", "inf"],
)
def test_no_time_to_ask_again_makes_a_check_longer(kit: Kit, peer: Peer, header: str) -> None:
    peer.always = behave.problem(
        503, "unavailable", header.encode().decode("latin-1"), reason="overloaded"
    )
    with pytest.raises(Unknown) as unknown:
        check_blocking(kit, [PHONE], timeout_ms=20_000)
    assert unknown.value.reason == "overloaded"
    assert peer.total("/v1/check") == (1 if header == "999999999" else 2)


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
    # Half a second is the promise, and the peer says nothing for ever.
    assert 0.4 < time.monotonic() - started < 20
    assert peer.total("/v1/check") <= 2


def test_nobody_listening_is_unknown(check: Check, kit: Kit, peer: Peer) -> None:
    peer.close()
    with pytest.raises(Unknown) as unknown:
        check(kit, [PHONE])
    assert unknown.value.reason == "connection"
