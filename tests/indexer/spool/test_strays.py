"""What lies in the up spool and is not the indexer's keeps nothing from being applied."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.deployment import open_deployment
from indexer.spool.applying import Applying
from screening.vocabulary.errors import OperatorError
from tests.harness.deployment import Partner
from tests.harness.slow import slow_but_first
from tests.harness.spool_console import ANN, Desk, add, retract
from tests.harness.when_opened import WhenOpened
from tests.indexer.running import Running
from tests.indexer.silent import Silent
from tests.indexer.vault import settings_of

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")


def up_path(running: Running, number: int) -> Path:
    return running.folder / "spool" / "up" / f"{number:010}.up"


def lay(path: Path, content: bytes = b"x") -> None:
    path.write_bytes(content)
    path.chmod(0o600)


def begun(running: Running, desk: Desk) -> Partner:
    partner = running.add_partner("acme")
    desk.approve(add(*PHONE), add(*OTHER))
    running.run("spool", "apply")
    return partner


@pytest.mark.parametrize("number", [3, 9_999_999_998, 9_999_999_999])
@pytest.mark.parametrize("content", [b"x", b"screening-spool/1 up %d\nx"])
@pytest.mark.slow
def test_a_number_that_has_not_come_is_ignored_and_named(
    running: Running, desk: Desk, number: int, content: bytes
) -> None:
    partner = begun(running, desk)
    stray = up_path(running, number)
    lay(stray, content % number if b"%" in content else content)
    desk.approve(retract(*PHONE), by=[ANN])
    told = running.run("spool", "apply").output
    assert f"{stray} was not written here" in told
    assert running.listed(partner, PHONE, OTHER) == [False, True]
    assert f"stray      {stray} was not written here" in running.run("spool", "status").output
    status = json.loads(running.run("spool", "status", "--json").output)
    assert status["up_sequence"] == 2
    stray.unlink()
    desk.approve(retract(*OTHER), by=[ANN])
    assert "was not written here" not in running.run("spool", "apply").output
    assert running.listed(partner, PHONE, OTHER) == [False, False]
    assert desk.outcomes() == [(1, "applied"), (2, "applied"), (3, "applied")]


def _file(path: Path) -> None:
    lay(path)


def _with_our_head(path: Path) -> None:
    lay(path, b"screening-spool/1 up 2\nx")


def _dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nothing")


@slow_but_first(1, "put", [_file, _with_our_head, Path.mkdir, _dangling])
def test_a_file_in_the_place_of_the_next_is_named_and_stops_no_retraction(
    running: Running, desk: Desk, put: Callable[[Path], None]
) -> None:
    partner = begun(running, desk)
    stray = up_path(running, 2)
    put(stray)
    for selector in (PHONE, OTHER):
        desk.approve(retract(*selector), by=[ANN])
        told = running.run("spool", "apply", expect=2).output
        assert f"{stray} was not written here" in told
        assert "move it away" in told
    assert running.listed(partner, PHONE, OTHER) == [False, False]
    assert f"stray      {stray}" in running.run("spool", "status").output
    stray.rename(running.folder / "stray")
    running.run("spool", "apply")
    assert desk.outcomes() == [(1, "applied"), (2, "applied"), (3, "applied")]


def test_it_is_named_beside_what_is_refused(running: Running, desk: Desk) -> None:
    begun(running, desk)
    lay(up_path(running, 2))
    desk.lay(2, b"no file of this spool")
    told = running.run("spool", "apply", expect=4).output
    assert f"{up_path(running, 2)} was not written here" in told


@pytest.mark.parametrize("leads_to", ["nothing", "0000000002.down", "../open"])
@pytest.mark.slow
def test_a_link_is_neither_followed_nor_taken_for_no_file(
    running: Running, desk: Desk, leads_to: str
) -> None:
    begun(running, desk)
    link = running.folder / "spool" / "down" / "0000000002.down"
    (link.parent.parent / "open").touch(mode=0o644)
    link.symlink_to(link.parent / leads_to)
    told = running.run("spool", "apply", expect=2).output
    assert f"{link} is a link, and no file of a spool" in told
    assert "chmod" not in told


def test_a_link_that_takes_the_place_of_the_file_that_was_found_is_not_followed(
    running: Running, desk: Desk, when_opened: WhenOpened
) -> None:
    begun(running, desk)
    desk.approve(retract(*PHONE), by=[ANN])
    path = running.folder / "spool" / "down" / "0000000002.down"

    def exchange() -> None:
        path.rename(running.folder / "moved")
        path.symlink_to(running.folder / "moved")

    settings, store = settings_of(running)
    settings = settings.model_copy(update={"spool": desk.spools})
    with open_deployment(settings, store, Silent()) as deployment:
        applying = Applying(deployment)
        when_opened(path.name, exchange)
        with pytest.raises(OperatorError, match="is a link, and no file of a spool"):
            applying.apply_next()
    path.unlink()
    (running.folder / "moved").rename(path)
    running.run("spool", "apply")
    assert desk.outcomes() == [(1, "applied"), (2, "applied")]
