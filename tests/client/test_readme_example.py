"""The Python example of the README, where the answer is another than on the page."""

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from screening.client.commands import exits
from screening.vocabulary.errors import UnknownReason
from screening.vocabulary.wire import CHECK_MAX_SELECTORS
from tests.client import peer as behave
from tests.client.peer import OPENING, Peer
from tests.docs.session import ROOT, blocks_of, cells_of_table
from tests.harness.processes import eventually

README = ROOT / "README.md"
(EXAMPLE,) = (one.text for one in blocks_of(README) if "ScreeningClient" in one.text)
RECEIPT = "a" * 26


def run(folder: Path, example: str = EXAMPLE) -> str:
    """Run the example; again where a busy machine took longer than a checkout waits."""

    def said() -> str | None:
        done = subprocess.run(
            [sys.executable, "-c", example], cwd=folder, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return None if done.stdout == "not known: timeout\n" else done.stdout

    return eventually(said, what="an answer in time")


@pytest.mark.usefixtures("kit_path")
def test_a_certain_match_is_printed_with_its_receipt_before_what_is_not_known(
    peer: Peer, tmp_path: Path
) -> None:
    peer.always = behave.problem(
        503, "unavailable", "5", reason="stale", matches=[0], receipt=RECEIPT, opening=OPENING
    )
    assert run(tmp_path) == f"match (0,) {RECEIPT} {OPENING}\nnot known: stale\n"


@pytest.mark.usefixtures("kit_path")
def test_what_is_not_known_is_no_match_and_no_no(peer: Peer, tmp_path: Path) -> None:
    peer.always = behave.problem(503, "unavailable", "5", reason="index")
    assert run(tmp_path) == "not known: index\n"


@pytest.mark.usefixtures("kit_path")
@pytest.mark.parametrize("value", ['"jane@"', "12025550142", '"jane@x.example, joe@x.example"'])
def test_a_field_that_cannot_be_asked_is_named_by_its_place(tmp_path: Path, value: str) -> None:
    changed = EXAMPLE.replace('"jane@booking.test"', value)
    assert changed != EXAMPLE
    assert run(tmp_path, changed).startswith("not asked: 1 ")


def test_a_missing_kit_is_told(tmp_path: Path) -> None:
    assert run(tmp_path).startswith("cannot ask: ")


def test_the_page_names_every_reason_and_every_exit_code() -> None:
    page = README.read_text()
    assert [one for one in get_args(UnknownReason) if f"`{one}`" not in page] == []
    named = {
        int(code) for row in cells_of_table(README, "exit code") for code in row[0].split(", ")
    }
    ours = {exits.NO_MATCH, exits.MATCH, exits.BAD_INPUT, exits.NOT_KNOWN}
    assert named == ours | {65, 75, 77, 78, 130, 141, 143}
    assert f"Up to {CHECK_MAX_SELECTORS} selectors" in page
