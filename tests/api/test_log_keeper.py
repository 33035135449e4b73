"""The keeper of the log, in this process: it goes on after whatever went wrong, and ends well."""

import socket
from pathlib import Path

import pytest
import structlog

from screening.api.run_log import Keeper
from screening.ledger.ledger import Ledger
from screening.ledger.log.checkpoint import LOG, read_checkpoint
from screening.ledger.log.keys import LOG_KEY, read_log_key
from screening.ledger.log.merged import MergedLog
from screening.private_files import ensure_private_directory
from tests.ledger.looking import record


class Told(list[tuple[str, str]]):
    def raised(self, what: str, name: str, *, since: int = 0) -> None:
        self.append((what, name))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    ensure_private_directory(tmp_path / "home" / "journal")
    return tmp_path / "home"


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def keeper(home: Path, told: Told) -> Keeper:
    return Keeper(home, told)


def signed_size(home: Path) -> int:
    return read_checkpoint(home / "journal" / LOG, read_log_key(home / LOG_KEY).verifier)[1].size


def test_a_segment_that_is_still_open_is_signed_when_the_keeper_ends(
    home: Path, keeper: Keeper, told: Told
) -> None:
    ledger = Ledger(home / "journal", host="test")
    ledger.append([record(0)])
    keeper.finish()
    assert (signed_size(home), told) == (1, [])
    ledger.append([record(1)])
    with MergedLog(home / "journal", read_log_key(home / LOG_KEY)):  # which it has let go of
        ledger.close()


def test_a_keeper_lets_go_of_a_log_that_it_cannot_go_on_with_and_opens_it_anew(
    home: Path, keeper: Keeper, told: Told
) -> None:
    assert keeper.beat()
    log, away = home / "journal" / LOG, home / "away"
    log.rename(away)
    assert not keeper.beat()
    away.rename(log)
    with MergedLog(home / "journal", read_log_key(home / LOG_KEY)):
        assert not keeper.beat()  # somebody else has it
    assert keeper.beat()
    assert told == [("log_stopped", "journal")] * 2
    keeper.finish()


def test_that_a_log_begins_is_told_once_with_its_key_and_again_of_one_under_another_key(
    home: Path, told: Told
) -> None:
    kept = []
    with structlog.testing.capture_logs() as lines:
        for aside in ("one", "two"):
            for _ in range(2):  # the second goes on with the first one's log
                Keeper(home, told).finish()
            kept.append(read_log_key(home / LOG_KEY).verifier.text)
            (home / LOG_KEY).unlink()
            (home / "journal" / LOG).rename(home / aside)
    assert [(line["event"], line["key"]) for line in lines] == [
        ("a log begins", key) for key in kept
    ]
    assert kept[0] != kept[1]


def test_a_host_of_any_name_signs_under_one_that_a_note_may_have(
    home: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "b\u00fcro 1+a_b.example")
    assert keeper.beat()
    name = read_log_key(home / LOG_KEY).verifier.name
    host_id = (home / "host-id").read_text()
    assert name == f"b-ro-1-a-b.example-{host_id}/journal"
    keeper.finish()
