"""What undoes a decision of a console's, of moments that a test gives, and what becomes of it."""

from collections.abc import Callable
from datetime import datetime

from screening.exclusions.rules import Category, Match
from screening.spools.acknowledgement import Refused
from screening.spools.exclusion_order import Exclude, Unexclude
from screening.spools.order import Resume, Suspend
from tests.harness.deployment import Partner
from tests.harness.spool_console import DAY, TODAY, Desk, add, lift
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")
SUSPEND = Suspend("acme", "its kit was seen in a public place")
RESUME = Resume("acme", "it has a new kit")
NUMBERS = "+12025550140..+12025550149"
EXCLUDE = Exclude("phone", Match.RANGE, NUMBERS, "a shelter's", Category.SHELTER, "", "", False)
UNEXCLUDE = Unexclude("phone", Match.RANGE, NUMBERS, "the shelter has moved")
HOUR = DAY / 24
FIRST, SECOND, THIRD = (TODAY - hours * HOUR for hours in (3, 2, 1))


def partner_of_first_file(running: Running, desk: Desk) -> Partner:
    """Have a selector be listed by the console's first file, for a partner."""
    partner = running.add_partner("acme")
    desk.approve(add(*PHONE), at=FIRST)
    running.run("spool", "apply")
    return partner


def applied(running: Running, desk: Desk) -> None:
    """Have what the console wrote last be applied."""
    running.run("spool", "apply")
    assert desk.outcomes()[-1] == (desk.console.sequence, "applied")


def refused(running: Running, desk: Desk) -> str:
    """Have what the console wrote last be refused; return why."""
    running.run("spool", "apply", expect=4)
    assert desk.outcomes()[-1] == (desk.console.sequence, "not_possible")
    told = desk.told()[-1].of
    assert isinstance(told, Refused)
    assert told.batch is not None, "so the console sends it back, and writes the others anew"
    return told.sentence


def written_anew(desk: Desk, write: Callable[[], bytes]) -> None:
    """Have another file in the place of what was refused, as the console does."""
    sequence = desk.console.sequence - 1
    desk.console.sequence, desk.console.previous = sequence, _previous(desk, sequence)
    write()


def _previous(desk: Desk, sequence: int) -> str:
    *_, found = (one.of.sha256 for one in desk.told() if one.of.sequence == sequence)
    assert found is not None
    return found


def again(desk: Desk, at: datetime) -> bytes:
    return desk.approve(lift(*PHONE), add(*PHONE), at=at)
