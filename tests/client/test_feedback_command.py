"""`gen-screen feedback` and the SDK's: what is said arrives, and what became of it is told."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

import pytest

from screening.client import AsyncScreeningClient, ScreeningClient
from screening.vocabulary.errors import (
    InvalidRequest,
    MatchNotFound,
    RowNotNamed,
    Unknown,
)
from screening.vocabulary.feedback import OUTCOMES, Feedback, Outcome
from screening.vocabulary.kit import Kit
from tests.client import peer as behave
from tests.client.conftest import GenScreen, List
from tests.client.peer import Exchange, Peer

FEEDBACK_PATH: Final = "/v1/feedback"
RECEIPT: Final = "a2b3c4d5e6f7a2b3c4d5e6f7gh"

Say = Callable[[Kit, str, Any], Feedback]


def say_blocking(kit: Kit, receipt: str, outcome: Outcome) -> Feedback:
    with ScreeningClient(kit, other_timeout_ms=20_000) as client:
        return client.feedback(receipt, outcome)


def say_async(kit: Kit, receipt: str, outcome: Outcome) -> Feedback:
    async def ask() -> Feedback:
        async with AsyncScreeningClient(kit, other_timeout_ms=20_000) as client:
            return await client.feedback(receipt, outcome)

    return asyncio.run(ask())


@pytest.fixture(params=[say_blocking, say_async], ids=["sync", "async"])
def say(request: pytest.FixtureRequest) -> Say:
    return cast("Say", request.param)


@pytest.fixture
def bodies(peer: Peer) -> list[bytes]:
    """What feedback has come with; the peer takes it, of row 3 where none is named."""
    came: list[bytes] = []

    def take(exchange: Exchange) -> None:
        came.append(exchange.body)
        said = json.loads(exchange.body)
        receipt = said["receipt"] if "." in said["receipt"] else said["receipt"] + ".3"
        exchange.send(200, json.dumps(said | {"receipt": receipt}).encode() + b" " * 9)

    peer.always = take
    return came


def told(receipt: str, outcome: str) -> behave.Behaviour:
    return behave.raw(200, json.dumps({"receipt": receipt, "outcome": outcome}).encode())


def test_what_is_said_is_sent_and_what_is_on_record_returned(
    say: Say, kit: Kit, bodies: list[bytes]
) -> None:
    for outcome in OUTCOMES:
        assert say(kit, RECEIPT, outcome) == Feedback(f"{RECEIPT}.3", outcome)
        assert say(kit, f"{RECEIPT}.9999", outcome) == Feedback(f"{RECEIPT}.9999", outcome)
    assert json.loads(bodies[0]) == {"receipt": RECEIPT, "outcome": OUTCOMES[0]}
    assert len({len(body) for body in bodies}) == 1, "whoever sees the length learns nothing"


@pytest.mark.parametrize(
    ("behaviour", "raised"),
    [
        (behave.problem(404, "no_such_match"), MatchNotFound),
        (behave.problem(404, "not_found"), Unknown),  # of an API that has no such path
        (behave.problem(409, "row_not_named"), RowNotNamed),
        (behave.problem(503, "unavailable", "9", reason="audit"), Unknown),
        (behave.raw(404, b"<html>"), Unknown),
        (told(f"{RECEIPT}.1", "false"), Unknown),  # another outcome than was said
        (told(f"{RECEIPT}.x", "unsure"), Unknown),
        (told(f"{'b' * 26}.1", "unsure"), Unknown),
        (told(RECEIPT, "unsure"), Unknown),
        (behave.raw(200, b"{}"), Unknown),
    ],
)
def test_whatever_is_not_certain_to_be_on_record_is_raised(
    peer: Peer, say: Say, kit: Kit, behaviour: behave.Behaviour, raised: type[Exception]
) -> None:
    peer.always = behaviour
    with pytest.raises(raised):
        say(kit, RECEIPT, "unsure")


def test_another_row_than_was_named_is_not_taken_for_it(peer: Peer, say: Say, kit: Kit) -> None:
    peer.always = told(f"{RECEIPT}.1", "unsure")
    with pytest.raises(Unknown):
        say(kit, f"{RECEIPT}.2", "unsure")


@pytest.mark.parametrize(
    ("receipt", "outcome"),
    [
        (RECEIPT[:-1], "false"),
        (RECEIPT + "\n", "false"),
        (f"{RECEIPT}.-1", "false"),
        (RECEIPT, "no"),
    ],
)
def test_what_cannot_be_said_is_not_sent(
    peer: Peer, say: Say, kit: Kit, receipt: str, outcome: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        say(kit, receipt, outcome)
    assert receipt not in str(refused.value)
    assert peer.total(FEEDBACK_PATH) == 0


def test_the_command_says_what_is_on_record(
    gen_screen: GenScreen, kit_path: Path, bodies: list[bytes]
) -> None:
    done = gen_screen("feedback", "--kit", kit_path, f"{RECEIPT}.17", "false")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        f"On record: {RECEIPT}.17 false",
        "The key is a test key, so nobody is told.",
    ]
    assert len(bodies) == 1


def test_the_file_of_a_receipt_stands_for_it(
    peer: Peer, gen_screen: GenScreen, kit_path: Path, tmp_path: Path, list_selectors: List
) -> None:
    listed = ("phone", "+12025550142")
    list_selectors(listed)
    file = tmp_path / "1001.receipt.json"
    gen_screen("check", "--kit", kit_path, "--save-receipt", file, ":".join(listed))
    receipt = json.loads(file.read_text())["receipt"]
    peer.always = told(f"{receipt}.0", "confirmed")
    done = gen_screen("feedback", "--kit", kit_path, file, "confirmed")
    assert (done.code, done.out.splitlines()[0]) == (0, f"On record: {receipt}.0 confirmed")


@pytest.mark.parametrize(
    ("behaviour", "code", "said"),
    [
        (behave.problem(404, "no_such_match"), 2, "no match of yours has this receipt and row"),
        (behave.problem(409, "row_not_named"), 2, "say which one you mean"),
        (behave.problem(401, "unauthenticated"), 77, "API key is not accepted"),
        (behave.problem(429, "quota_exceeded", "7"), 75, "7 s"),
        (behave.problem(503, "unavailable", "9", reason="audit"), 69, "may not be on record"),
        (behave.raw(200, b"{}"), 69, "may not be on record"),
        (behave.reset, 69, "may not be on record"),
    ],
)
def test_the_exit_code_tells_what_became_of_it(
    peer: Peer,
    gen_screen: GenScreen,
    kit_path: Path,
    behaviour: behave.Behaviour,
    code: int,
    said: str,
) -> None:
    peer.always = behaviour
    done = gen_screen("feedback", "--kit", kit_path, RECEIPT, "confirmed")
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("+12025550142", "false"), "that is no receipt, and no such file"),
        ((RECEIPT, "+12025550142"), "for 'OUTCOME': choose one of confirmed, false, unsure; see"),
        ((RECEIPT,), "Missing argument 'OUTCOME'. Choose from: confirmed, false, unsure"),
    ],
)
def test_what_is_not_understood_asks_nobody_and_is_not_repeated(
    peer: Peer, gen_screen: GenScreen, kit_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = gen_screen("feedback", "--kit", kit_path, *arguments)
    assert (done.code, done.out) == (2, "")
    assert said.lower() in done.err.lower()
    assert "2025550142" not in done.err
    assert done.err.count("\n") == 1
    assert peer.total(FEEDBACK_PATH) == 0


def test_a_receipt_in_capitals_is_the_same(
    peer: Peer, gen_screen: GenScreen, kit_path: Path
) -> None:
    peer.always = told(f"{RECEIPT}.0", "confirmed")
    done = gen_screen("feedback", "--kit", kit_path, f" {RECEIPT.upper()}.0", "confirmed")
    assert (done.code, done.out.splitlines()[0]) == (0, f"On record: {RECEIPT}.0 confirmed")


def test_a_damaged_file_asks_nobody(
    peer: Peer, gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    (tmp_path / "kept.json").write_text('{"format": "screening-receipt/1"}')
    assert gen_screen("feedback", "--kit", kit_path, tmp_path / "kept.json", "false").code == 65
    assert peer.total(FEEDBACK_PATH) == 0
