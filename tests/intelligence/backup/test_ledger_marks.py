"""A ledger that was cut, put back to an older copy or taken away is found, by all that look."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from intelligence.commands.renewing import rotate
from intelligence.commands.setting_up import initialise
from intelligence.ledger_marks import LedgerMark
from intelligence.opening import open_database
from screening.ledger.segment import OPEN, SEALED
from screening.ledger.verify import verify_ledger
from tests.harness.slow import slow_but_first
from tests.intelligence.backup.homes import events_of, settings_for
from tests.intelligence.console.inside import Inside, open_desk_inside

ADA = "ada@gen.example"
MISSING = "and has not now: it was cut, changed, taken away, or put back to an older copy"


class Console:
    """A console with one administrator, who comes back as often as a test wants."""

    def __init__(self, folder: Path) -> None:
        self.settings = settings_for(folder)
        token = initialise(self.settings)
        assert token is not None
        with open_desk_inside(self.settings) as desk:
            browser = Inside(desk)
            browser.set_up(token, ADA)
            self.codes = browser.codes
        self.early = shutil.copytree(self.ledger, folder / "early")
        initialise(self.settings)

    @property
    def ledger(self) -> Path:
        return self.settings.ledger

    def start_page(self) -> str:
        """Serve, and return the start page that the administrator sees."""
        with open_desk_inside(self.settings) as desk:
            browser = Inside(desk)
            browser.codes = self.codes
            browser.log_in(ADA)
            return browser.visit("/").text


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path)


def _put_back(console: Console) -> None:
    shutil.rmtree(console.ledger)
    shutil.copytree(console.early, console.ledger)


def _taken_away(console: Console) -> None:
    shutil.rmtree(console.ledger)


def _cut(console: Console) -> None:
    """Take the last record away, with the seal behind it and the line that announces that."""
    seals = console.ledger / "seals"
    seals.write_bytes(b"".join(seals.read_bytes().splitlines(keepends=True)[:-1]))
    last = max(console.ledger.glob(f"*{SEALED}"))
    last.write_bytes(b"".join(last.read_bytes().splitlines(keepends=True)[:-2]))
    last.rename(last.with_suffix(OPEN))


@slow_but_first(1, "attack", [_put_back, _taken_away, _cut])
def test_commands_say_so_again_and_again_and_it_is_on_record_once(
    console: Console, attack: Callable[[Console], None], capfd: pytest.CaptureFixture[str]
) -> None:
    whole = shutil.copytree(console.ledger, console.ledger.with_name("whole"))
    attack(console)
    for _ in range(2):
        initialise(console.settings)
        assert MISSING in capfd.readouterr().err
    verify_ledger(console.ledger)  # what is left follows from itself
    assert events_of(console.settings).count("records missing") == 1

    shutil.rmtree(console.ledger)
    shutil.copytree(whole, console.ledger)
    initialise(console.settings)
    assert MISSING in capfd.readouterr().err, "what was recorded since is missing now"


@pytest.mark.slow
def test_the_start_page_says_so(console: Console) -> None:
    _put_back(console)
    assert MISSING in console.start_page()


def _changed(console: Console) -> None:
    last = max(console.ledger.glob(f"*{SEALED}"))
    last.write_bytes(last.read_bytes().replace(b'"initialised"', b'"initialized"'))


def _named_twice(console: Console) -> None:
    last = max(console.ledger.glob(f"*{SEALED}"))
    shutil.copy(last, last.with_suffix(OPEN))


def _open_to_others(console: Console) -> None:
    max(console.ledger.glob(f"*{SEALED}")).chmod(0o644)


@slow_but_first(1, "damage", [_changed, _named_twice, _open_to_others])
def test_what_cannot_be_read_is_missing_and_keeps_nobody_from_the_console(
    console: Console, damage: Callable[[Console], None], capfd: pytest.CaptureFixture[str]
) -> None:
    damage(console)
    assert MISSING in console.start_page()
    assert MISSING in capfd.readouterr().err


@pytest.mark.slow
def test_nothing_is_missing_of_one_that_goes_on(
    console: Console, capfd: pytest.CaptureFixture[str]
) -> None:
    rotate(console.settings)
    initialise(console.settings)
    assert "is not whole" not in console.start_page()
    assert capfd.readouterr().err == ""


@pytest.mark.slow
def test_what_is_back_is_missing_no_more(
    console: Console, capfd: pytest.CaptureFixture[str]
) -> None:
    away = console.ledger.rename(console.ledger.with_name("away"))
    initialise(console.settings)
    assert MISSING in capfd.readouterr().err
    for path in away.iterdir():
        if path.suffix == SEALED:
            shutil.copy(path, console.ledger)
    initialise(console.settings)
    assert capfd.readouterr().err == ""


def test_a_mark_that_was_changed_in_the_database_is_said_to_be(
    console: Console, capfd: pytest.CaptureFixture[str]
) -> None:
    with open_database(console.settings) as database, database.writing() as session:
        for mark in session.query(LedgerMark):
            mark.position = b"\0" * 60
    initialise(console.settings)
    assert "was changed in the database" in capfd.readouterr().err
