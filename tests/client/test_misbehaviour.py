"""The SDK against a peer that does anything else than answer: never a false "no"."""

import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest

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
from tests.client import peer as behave
from tests.client.conftest import EMAIL, PHONE, Check, check_blocking
from tests.client.misbehaviour import MISBEHAVIOURS
from tests.client.peer import OPENING, Behaviour, Peer


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_no_misbehaviour_is_ever_read_as_an_answer(
    check: Check, kit: Kit, peer: Peer, name: str
) -> None:
    peer.always, reason = MISBEHAVIOURS[name]
    # What is waited for in vain is waited for briefly; all else has time on a busy machine too.
    timeout_ms = 300 if reason == "timeout" else 20_000
    with pytest.raises(Unknown) as unknown:
        check(kit, [PHONE, EMAIL], timeout_ms=timeout_ms)
    assert unknown.value.reason == reason
    assert peer.total("/v1/check") == (
        2 if reason in ("timeout", "connection", "overloaded") else 1
    )


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
    assert check(kit, [PHONE]).result == "no_match"
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
