"""How long each kind of call may take, and what is said of one that takes long."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from screening.client import ScreeningClient
from screening.client.pauses import FIRST_SHARE
from screening.client.replies import RETRY_AFTER_DEFAULT_S
from screening.client.session import (
    BULK_TIMEOUT_MS_DEFAULT,
    OTHER_TIMEOUT_MS_DEFAULT,
    TIMEOUT_MS_DEFAULT,
)
from screening.vocabulary.errors import Unknown
from screening.vocabulary.kit import Kit
from tests.client import peer as behave
from tests.client.conftest import PHONE, VECTORS, GenScreen
from tests.client.peer import RECEIPT, Peer
from tests.docs.session import ROOT
from tests.harness.slow import slow_but_first

CALLS: Final[dict[str, tuple[str, Callable[[ScreeningClient], object]]]] = {
    "feedback": ("other_timeout_ms", lambda client: client.feedback(RECEIPT, "confirmed")),
    "notices": ("other_timeout_ms", lambda client: client.notices()),
    "proof": ("other_timeout_ms", lambda client: client.proof(RECEIPT)),
    "parameters": ("other_timeout_ms", lambda client: client.parameters()),
    "bulk": ("bulk_timeout_ms", lambda client: client.bulk(client.tokens([PHONE]))),
    "check": ("timeout_ms", lambda client: client.check([PHONE])),
}
LONG_MS: Final = 60_000


@pytest.mark.parametrize("name", CALLS)
def test_each_call_takes_as_long_as_is_given_for_its_kind(kit: Kit, peer: Peer, name: str) -> None:
    option, call = CALLS[name]
    peer.always = behave.stall
    given = {"timeout_ms": LONG_MS, "bulk_timeout_ms": LONG_MS, "other_timeout_ms": LONG_MS}
    with ScreeningClient(kit, **given | {option: 200}) as client:
        began = time.monotonic()
        with pytest.raises(Unknown) as unknown:
            call(client)
    assert unknown.value.reason == "timeout"
    assert time.monotonic() - began < LONG_MS / 2_000


def test_the_page_says_how_long_each_call_may_take() -> None:
    page = " ".join((ROOT / "README.md").read_text().split())
    assert f"A check takes {TIMEOUT_MS_DEFAULT} ms at the most" in page
    assert f"`bulk` {BULK_TIMEOUT_MS_DEFAULT // 1_000} s (`bulk_timeout_ms`)" in page
    others = " ".join(f"`{name}`," for name in CALLS if CALLS[name][0] == "other_timeout_ms")
    assert f"({others.rstrip(',')}) {OTHER_TIMEOUT_MS_DEFAULT // 1_000} s" in page
    assert "(`other_timeout_ms`)" in page


def test_whoever_asks_without_the_sdk_is_told_the_same_times() -> None:
    page = (ROOT / "docs/protocol.md").read_text()
    section = page.partition("## How long to wait, and when to ask again\n")[2].partition("\n## ")[
        0
    ]
    bulk_s, other_s = BULK_TIMEOUT_MS_DEFAULT // 1_000, OTHER_TIMEOUT_MS_DEFAULT // 1_000
    assert f"A check may take {TIMEOUT_MS_DEFAULT} ms in all" in section
    assert f"a bulk question {bulk_s} s, any other {other_s} s" in section
    assert f"no answer by {TIMEOUT_MS_DEFAULT * FIRST_SHARE:.0f} ms" in section
    assert {60: "without one, after a minute"}[RETRY_AFTER_DEFAULT_S] in section


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A receipt that has no proof yet."""
    document = json.loads((VECTORS / "receipt.json").read_text())["file"]
    path = tmp_path / "kept.json"
    path.write_text(json.dumps({k: v for k, v in document.items() if k != "proof"}))
    return path


COMMANDS: Final = {
    "notices": (["notices"], "it is not known which matches were false; ask again: no answer in"),
    "feedback": (["feedback", RECEIPT, "confirmed"], "it may not be on record, so say it again"),
    "receipt key": (["receipt", "key"], "which key the log has is not known; ask again: no answer"),
    "receipt fetch": (["receipt", "fetch"], "there is no proof yet, and the answer stands: no ans"),
}


@slow_but_first(1, "name", COMMANDS)
def test_a_command_that_waits_says_so_after_two_seconds_and_for_how_long(
    gen_screen: GenScreen, kit_path: Path, file: Path, peer: Peer, name: str
) -> None:
    arguments, said = COMMANDS[name]
    peer.always = behave.stall
    rest = [file] if name == "receipt fetch" else []
    done = gen_screen(*arguments, "--kit", kit_path, "--timeout-ms", 2_500, *rest)
    assert (done.code, done.out) == (69, "")
    waiting, ended = done.err.splitlines()
    assert waiting == "gen-screen: waiting for the API to answer, up to 2.5 s in all"
    assert ended.startswith(f"gen-screen: {said}")


def test_what_was_no_question_about_somebody_has_no_answer_that_is_not_known(
    gen_screen: GenScreen, kit_path: Path, peer: Peer
) -> None:
    peer.always = behave.reset
    done = gen_screen("receipt", "key", "--kit", kit_path)
    assert (done.code, done.out) == (69, "")
    assert done.err.startswith("gen-screen: which key the log has is not known; ask again: ")
    assert "match" not in done.err
