"""`gen-screen notices` and the SDK's: what is fetched is what the API told, in order and whole."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, cast

import pytest

from screening.client import AsyncScreeningClient, ScreeningClient
from screening.vocabulary.errors import InvalidRequest, Unauthenticated, Unknown
from screening.vocabulary.kit import Kit
from screening.vocabulary.notices import NUMBER_MAX, Notices
from tests.client import peer as behave
from tests.client.conftest import GenScreen
from tests.client.peer import Peer

RECEIPT: Final = "a2b3c4d5e6f7a2b3c4d5e6f7gh"
AT: Final = "2026-11-22T09:41:07Z"

Fetch = Callable[[Kit, int], Notices]


def fetch_blocking(kit: Kit, after: int) -> Notices:
    with ScreeningClient(kit, other_timeout_ms=20_000) as client:
        return client.notices(after)


def fetch_async(kit: Kit, after: int) -> Notices:
    async def ask() -> Notices:
        async with AsyncScreeningClient(kit, other_timeout_ms=20_000) as client:
            return await client.notices(after)

    return asyncio.run(ask())


@pytest.fixture(params=[fetch_blocking, fetch_async], ids=["sync", "async"])
def fetch(request: pytest.FixtureRequest) -> Fetch:
    return cast("Fetch", request.param)


def told(numbers: Sequence[int], **members: Any) -> behave.Behaviour:
    """Tell of a row for each number; `members` are of the answer."""
    rows = [
        {"number": one, "receipt": f"{RECEIPT}.{one}", "notice": "retracted", "at": AT}
        for one in numbers
    ]
    answer = {"notices": rows, "next": numbers[-1] if numbers else 0, "has_more": False}
    return behave.raw(200, json.dumps(answer | members).encode() + b" " * 99)


def test_what_the_api_tells_is_returned(peer: Peer, fetch: Fetch, kit: Kit) -> None:
    peer.always = told([7, 9])
    notices = fetch(kit, 5)
    assert [(one.number, one.receipt) for one in notices.notices] == [
        (7, f"{RECEIPT}.7"),
        (9, f"{RECEIPT}.9"),
    ]
    assert (notices.next, notices.has_more) == (9, False)
    assert peer.total("/v1/notices?after=5") == 1


@pytest.mark.parametrize(
    "behaviour",
    [
        told([9, 7]),
        told([5]),
        told([7, 7]),
        told([7], next=8),
        told([], next=0),
        told([], next=5, has_more=True),
        told([7], has_more=1),
        behave.raw(200, json.dumps({"notices": [], "next": 5}).encode()),
        behave.raw(404, b"<html>"),
        behave.problem(404, "not_found"),
        behave.problem(503, "unavailable", "1", reason="store"),
    ],
)
def test_what_is_not_the_contract_is_not_known(
    peer: Peer, fetch: Fetch, kit: Kit, behaviour: behave.Behaviour
) -> None:
    peer.always = behaviour
    with pytest.raises(Unknown):
        fetch(kit, 5)


@pytest.mark.parametrize("receipt", [RECEIPT, f"{RECEIPT}.01", f"{RECEIPT}.1\n", "\x1b[2J"])
def test_what_would_act_on_a_terminal_is_no_receipt(
    peer: Peer, fetch: Fetch, kit: Kit, receipt: str
) -> None:
    row = {"number": 7, "receipt": receipt, "notice": "retracted", "at": AT}
    peer.always = told([7], notices=[row])
    with pytest.raises(Unknown):
        fetch(kit, 5)


def test_a_key_that_is_refused_is_said_to_be(peer: Peer, fetch: Fetch, kit: Kit) -> None:
    peer.always = behave.problem(401, "unauthenticated")
    with pytest.raises(Unauthenticated):
        fetch(kit, 0)
    for after in (-1, NUMBER_MAX + 1):
        with pytest.raises(InvalidRequest):
            fetch(kit, after)


def test_the_command_prints_all_that_there_are(
    peer: Peer, gen_screen: GenScreen, kit_path: Path
) -> None:
    peer.script += [told([7, 9], has_more=True), told([12])]
    done = gen_screen("notices", "--kit", kit_path, "--after", 5)
    said = "gen-screen: 3 since 5; what is newer is asked for by --after 12\n"
    assert (done.code, done.err) == (0, said)
    assert done.out.splitlines() == [
        f"{number}  {RECEIPT}.{number}  retracted  {AT}" for number in (7, 9, 12)
    ]
    assert peer.total("/v1/notices?after=9") == 1


@pytest.mark.parametrize("is_kept", [False, True])
def test_a_number_that_no_notice_has_is_said_to_be_so(
    peer: Peer, gen_screen: GenScreen, kit_path: Path, is_kept: bool
) -> None:
    numbers = [9] if is_kept else []
    peer.script += [told([], next=9), told(numbers, next=numbers[-1] if numbers else 8)]
    done = gen_screen("notices", "--kit", kit_path, "--after", 9)
    assert done.code == 0
    assert ("no notice of yours has the number 9" in done.err) == (not is_kept)
    assert done.err.endswith("gen-screen: 0 since 9; what is newer is asked for by --after 9\n")


def test_that_nobody_was_told_of_is_said_in_words(
    peer: Peer, gen_screen: GenScreen, kit_path: Path
) -> None:
    peer.script += [told([])]
    done = gen_screen("notices", "--kit", kit_path)
    said = "nobody has told that a match of yours was false; ask again with --after 0\n"
    assert (done.code, done.err) == (0, f"gen-screen: {said}")


def test_the_command_waits_as_it_is_asked_to_and_goes_on(
    peer: Peer, gen_screen: GenScreen, kit_path: Path
) -> None:
    too_often = behave.problem(429, "quota_exceeded", "1")
    peer.script += [too_often, told([7], has_more=True), too_often, told([12])]
    done = gen_screen("notices", "--kit", kit_path)
    waiting = "gen-screen: waiting 1 s, for the API asks to\n"
    said = "gen-screen: 2 since 0; what is newer is asked for by --after 12\n"
    assert (done.code, done.err) == (0, waiting * 2 + said)
    assert [line.split()[0] for line in done.out.splitlines()] == ["7", "12"]


def test_a_minute_is_waited_for_each_answer_and_no_more(
    peer: Peer, gen_screen: GenScreen, kit_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    of_a_gateway = behave.problem(429, "quota_exceeded", "60")
    peer.script += [of_a_gateway, told([7], has_more=True), of_a_gateway, of_a_gateway]
    done = gen_screen("notices", "--kit", kit_path)
    assert (done.code, [line.split()[0] for line in done.out.splitlines()]) == (75, ["7"])
    assert slept == [60, 60]


FAILURES: Final = [
    (behave.problem(401, "unauthenticated"), 77, "API key is not accepted"),
    (behave.problem(429, "quota_exceeded", "61"), 75, "ask again in 61 s"),
    (behave.problem(503, "unavailable", "1", reason="store"), 69, "reason: store"),
    (behave.reset, 69, "did not answer"),
]


@pytest.mark.parametrize(("behaviour", "code", "said"), FAILURES)
def test_what_came_is_printed_and_where_to_go_on_if_it_is_not_all(
    peer: Peer,
    gen_screen: GenScreen,
    kit_path: Path,
    behaviour: behave.Behaviour,
    code: int,
    said: str,
) -> None:
    peer.script.append(told([7, 9], has_more=True))
    peer.always = behaviour
    done = gen_screen("notices", "--kit", kit_path)
    assert done.code == code
    assert [line.split()[0] for line in done.out.splitlines()] == ["7", "9"]
    assert done.err.startswith("gen-screen: these are not all; go on with --after 9: ")
    assert said in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(("behaviour", "code", "said"), FAILURES)
def test_where_nothing_came_nothing_is_said_to_have(
    peer: Peer,
    gen_screen: GenScreen,
    kit_path: Path,
    behaviour: behave.Behaviour,
    code: int,
    said: str,
) -> None:
    peer.always = behaviour
    done = gen_screen("notices", "--kit", kit_path)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert "--after" not in done.err
    assert done.err.count("\n") == 1
