"""What an API may state before a file is asked about: nothing it says makes a row a "no"."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.client import peer as behave
from tests.client.conftest import Document, GenScreen
from tests.client.peer import Exchange, Peer

Alter = Callable[[Document], object]

BEARABLE: dict[str, Alter] = {
    "no room in a request": lambda stated: stated["limits"].update(bulk_max_selectors=0),
    "less than no room": lambda stated: stated["limits"].update(bulk_max_selectors=-(10**9)),
    "endless room": lambda stated: stated["limits"].update(bulk_max_selectors=10**15),
    "nothing left": lambda stated: stated["limits"].update(daily_selectors_remaining=-1),
    "other token keys": lambda stated: stated.update(token_keys=[]),
    "a member more": lambda stated: stated.update(more={}),
}
OFF_CONTRACT: dict[str, Alter] = {
    "a part of a selector": lambda stated: stated["limits"].update(bulk_max_selectors=0.5),
    "no limits": lambda stated: stated.pop("limits"),
    "scopes as a text": lambda stated: stated.update(scopes="bulk"),
    "an escape sequence": lambda stated: stated.update(phone_metadata="\x1b[2J"),
}


def stating(alter: Alter) -> behave.Behaviour:
    def state(exchange: Exchange) -> None:
        if exchange.handler.path == "/v1/parameters":
            alter(exchange.answer)
            exchange.send(200, json.dumps(exchange.answer).encode())
        else:
            behave.honest(exchange)

    return state


@pytest.fixture
def command(kit_path: Path, tmp_path: Path) -> list[object]:
    source = tmp_path / "in.csv"
    source.write_text("phone\n+12025550100\n+12025550101\n")
    return ["bulk", "--kit", kit_path, "--patience", "0", source, "-o", tmp_path / "out.csv"]


@pytest.mark.parametrize("name", BEARABLE)
def test_odd_limits_delay_nothing(
    gen_screen: GenScreen, command: list[object], peer: Peer, name: str
) -> None:
    peer.always = stating(BEARABLE[name])
    assert gen_screen(*command).code == 0
    assert len(peer.asked) == 2


@pytest.mark.parametrize("name", OFF_CONTRACT)
def test_what_is_no_statement_is_not_known(
    gen_screen: GenScreen, command: list[object], peer: Peer, name: str
) -> None:
    peer.always = stating(OFF_CONTRACT[name])
    done = gen_screen(*command)
    assert (done.code, done.out) == (69, "")
    assert done.err.splitlines()[-1].startswith("gen-screen: the answer is not known")
    assert peer.total("/v1/bulk") == 0


def test_where_nothing_is_left_for_today_requests_are_as_large_as_they_will_be_tomorrow(
    gen_screen: GenScreen, command: list[object], peer: Peer
) -> None:
    peer.selectors_left = 0
    assert gen_screen(*command).code == 0
    assert (len(peer.asked), peer.total("/v1/bulk")) == (2, 1)


def test_little_that_is_left_for_today_is_asked_in_smaller_requests(
    gen_screen: GenScreen, command: list[object], peer: Peer, tmp_path: Path
) -> None:
    phones = "".join(f"+120255501{number:02}\n" for number in range(10))
    (tmp_path / "in.csv").write_text(f"phone\n{phones}")
    peer.selectors_left = 4
    assert gen_screen(*command).code == 0
    assert peer.total("/v1/bulk") == 3
