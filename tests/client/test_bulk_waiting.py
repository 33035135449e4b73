"""Troubles on the way of a long run: waited for and shown, or given up with the way to go on."""

import json
import signal
from functools import partial

import pytest

from screening.client.bulk.patience import Patience, pause_before
from screening.vocabulary.errors import Forbidden, QuotaExceeded, Unknown
from screening.vocabulary.kit import parse_kit
from tests.client import peer as behave
from tests.client.bulk_run import BATCH, GEN_SCREEN, Run
from tests.client.conftest import Document, WriteKit
from tests.client.peer import Behaviour, Exchange, Peer
from tests.harness.slow import slow_but_first
from tests.harness.terminal import shown_on_terminal

MENDED: dict[str, Behaviour] = {
    "429": behave.problem(429, "quota_exceeded", "1"),
    "overloaded": behave.problem(503, "unavailable", "1", reason="overloaded"),
    "stale": behave.problem(503, "unavailable", "1", reason="stale"),
    "reset": behave.reset,
    "gateway": behave.raw(502, b"", "text/html"),
}


@slow_but_first(1, "name", MENDED)
def test_troubles_that_pass_are_waited_for_and_shown(run: Run, peer: Peer, name: str) -> None:
    peer.script.extend([behave.honest] * 4 + [MENDED[name]] * 2)
    err = run.complete()
    run.assert_whole()
    assert "Waiting 1 s: " in err
    assert "202555" not in err


@pytest.mark.slow
def test_trouble_at_the_very_start_is_waited_for_too(run: Run, peer: Peer) -> None:
    peer.script.extend([MENDED["overloaded"]] * 2)  # the SDK's own retry mends one of them
    assert "Waiting 1 s: " in run.complete()
    run.assert_whole()


GIVEN_UP: dict[str, tuple[Behaviour, int]] = {
    "a day's quota": (behave.problem(429, "quota_exceeded", "40000"), 75),
    "unavailable for long": (behave.problem(503, "unavailable", "3600", reason="index"), 69),
    "off the contract": (behave.raw(200, b"{}"), 69),
    "one row less": (
        behave.altered(lambda answer: answer.update(results=answer["results"][1:])),
        69,
    ),
    "key revoked": (behave.problem(401, "unauthenticated"), 77),
    "no scope": (behave.problem(403, "forbidden"), 77),
    "retired": (behave.problem(409, "unknown_key_id"), 78),
    "mismatch": (behave.problem(409, "kit_mismatch"), 78),
}


MENDED_BY_HAND = ("off the contract", "one row less", "key revoked", "no scope")


@slow_but_first(1, "name", GIVEN_UP)
def test_what_waiting_does_not_mend_stops_the_run_and_the_next_goes_on(
    run: Run, peer: Peer, name: str
) -> None:
    behaviour, code = GIVEN_UP[name]
    peer.script.extend([behave.honest] * 6)
    peer.always = behaviour
    process = run.start()
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, "")
    helps = name not in ("retired", "mismatch")
    assert (f"this goes on: gen-screen {' '.join(run.arguments)}" in err) == helps
    assert ("once the trouble named below is mended" in err) == (name in MENDED_BY_HAND)
    assert ("with a new kit give --anew, and every row is asked anew" in err) != helps
    assert err.splitlines()[-1].startswith("gen-screen: ")
    assert ("the answer is not known" in err) == (code == 69)
    assert not run.out.exists()
    assert run.recorded() == 5
    peer.always = None
    run.complete()
    run.assert_whole()


@pytest.mark.slow
def test_a_kit_that_got_no_answer_at_all_binds_nobody(
    run: Run, peer: Peer, kit_document: Document, write_kit: WriteKit
) -> None:
    peer.script.append(behave.honest)
    peer.always = behave.problem(409, "unknown_key_id")
    process = run.start()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 78
    assert "Stopped; nothing is answered yet, and this kit gets no answer\n" in err
    kit_document["token_keys"][0]["key_id"] = peer.key_id = "acme-2026b"
    write_kit(kit_document)
    peer.key_check = parse_kit(json.dumps(kit_document).encode()).key_check()
    peer.always = None
    run.complete()
    assert len(run.rows()) == 400


def test_patience_ends(run: Run, peer: Peer) -> None:
    run.arguments += ["--patience", "3"]
    peer.script.extend([behave.honest] * 3)
    peer.always = behave.reset
    process = run.start()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 69
    assert "the answer is not known" in err
    assert run.recorded() == 2


@slow_but_first(1, "answered", [0, 1])
def test_a_run_that_hangs_says_what_it_waits_for_once_before_its_first_time_out(
    run: Run, peer: Peer, answered: int
) -> None:
    run.arguments += ["--patience", "3"]
    peer.script.extend([behave.honest] * answered)  # what it states, and no batch
    peer.always = behave.stall
    process = run.start()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 69
    told = "Waiting for the API to answer, up to 3 s."
    _, first, after, *_ = err.splitlines()
    assert (first, after == told) == (told, False)
    assert "no answer" in err


@pytest.mark.slow
def test_a_waiting_run_stops_at_once(run: Run, peer: Peer) -> None:
    peer.script.append(behave.honest)
    peer.always = behave.problem(429, "quota_exceeded", "15")
    process = run.start()
    assert process.stderr is not None
    said = ""
    while "Waiting 15 s" not in said:
        said += process.stderr.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130


def test_what_has_matched_too_much_is_no_matter_of_time(run: Run, peer: Peer) -> None:
    peer.always = behave.raw(
        429,
        b"{}",
        "application/problem+json",
        {"Retry-After": "3600", "RateLimit": '"matches";r=0;t=3600'},
    )
    process = run.start()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 75
    assert "your operator has to look at it first" in err
    assert "nothing is answered yet; once the trouble named below is mended, this begins ag" in err
    assert "ask again in" not in err


def test_a_key_without_the_scope_is_told_before_anything_is_asked(run: Run, peer: Peer) -> None:
    peer.scopes = ["check"]
    process = run.start()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 77
    assert "scope bulk" in err
    assert peer.total("/v1/bulk") == 0


def test_a_certain_match_is_told_even_when_its_batch_is_never_answered(
    run: Run, peer: Peer
) -> None:
    run.arguments += ["--in-flight", "1", "--patience", "0"]
    peer.script.extend([behave.honest] * 2)
    peer.always = behave.problem(
        503, "unavailable", "1", reason="store", matches=[1], receipt="a" * 26
    )
    process = run.start()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 69
    # The second row of the second batch, below a header.
    assert f"Row {BATCH + 1 + 2} is a match (receipt {'a' * 26}.1)" in err


@pytest.mark.slow
def test_other_phone_metadata_and_a_short_quota_are_told(run: Run, peer: Peer) -> None:
    peer.phone_metadata = "phonenumbers 1.2.3"
    peer.selectors_left = 30
    err = run.complete()
    assert "Warning: the list was made with phonenumbers 1.2.3" in err
    assert "Up to 400 selectors to ask, and the quota has 30 left for today" in err


@pytest.mark.slow
def test_no_bar_without_a_terminal_and_one_with(run: Run, peer: Peer) -> None:
    err = run.complete()
    assert "\x1b" not in err
    assert err.splitlines() == ["Screening 400 rows by: phone (phone)."]
    peer.always = behave.slow(0.2)
    shown = shown_on_terminal([GEN_SCREEN, *run.arguments, "--overwrite"])
    assert b"/400" in shown
    assert b"0:00:0" in shown


@pytest.mark.slow
def test_an_invalid_row_is_not_screened(run: Run, peer: Peer) -> None:
    def invalid(exchange: Exchange) -> None:
        if exchange.handler.path == "/v1/bulk":
            results = exchange.answer["results"]
            results[0] = "invalid"
            exchange.answer["result"] = "match" if "match" in results else "no_match"
            exchange.send(200, json.dumps(exchange.answer).encode())
        else:
            behave.honest(exchange)

    peer.always = invalid
    run.complete()
    first = run.rows()[0]
    assert (first["result"], first["reason"]) == ("not_screened", "phone: invalid")


def test_pauses_are_what_the_api_asks_for_else_they_double_to_a_bound() -> None:
    pause = partial(pause_before, left_s=60)
    assert pause(QuotaExceeded("", retry_after_s=7), 3) == 7
    assert pause(Unknown("", reason="index", retry_after_s=9), 3) == 9
    assert pause(Unknown("", reason="overloaded", retry_after_s=0), 0) == 0.05
    assert pause(Unknown("", reason="protocol"), 0) is None
    assert pause(Forbidden(""), 0) is None
    for attempt in range(2_000):
        pause_s = pause(Unknown("", reason="timeout"), attempt)
        assert pause_s is not None
        assert 0.25 <= pause_s <= min(15, 0.5 * 2 ** min(attempt, 10))


def test_patience_counts_from_the_last_answer() -> None:
    now = 0.0
    patience = Patience(10, clock=lambda: now)
    assert patience.left_s() == 10
    now = 8
    assert patience.left_s() == 2
    patience.answered()
    assert patience.left_s() == 10


def test_patience_is_used_to_its_end_where_the_api_names_no_time() -> None:
    silent = Unknown("", reason="connection")
    for attempt in range(20):
        assert pause_before(silent, attempt, left_s=0.2) == 0.2
        assert pause_before(silent, attempt, left_s=0.001) == 0.001
    assert pause_before(silent, 0, left_s=0) is None
    assert pause_before(silent, 9, left_s=-1) is None
    for asked_to_wait in (
        QuotaExceeded("", retry_after_s=7),
        Unknown("", reason="stale", retry_after_s=7),
    ):
        assert pause_before(asked_to_wait, 0, left_s=7) == 7
        assert pause_before(asked_to_wait, 0, left_s=6.9) is None
