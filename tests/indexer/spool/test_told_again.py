"""How something stands is told anew in another format, and where somebody asks for it."""

import hashlib

import msgspec
import pytest

from screening.spools.exclusions_told import ExclusionsTold
from screening.spools.partners_told import PartnersTold
from screening.spools.usage_told import UsageTold
from tests.harness.spool_console import Desk
from tests.indexer.running import Running


@pytest.mark.parametrize(
    ("command", "kind"), [("partners", PartnersTold), ("exclusions", ExclusionsTold)]
)
def test_it_is_told_again_where_the_console_has_not_it(
    running: Running, desk: Desk, command: str, kind: type
) -> None:
    running.add_partner("acme")
    running.run("spool", command)
    assert running.run("spool", command).output == "the console knows all of it\n"
    assert "told of" in running.run("spool", command, "--again").output
    first, again = (one for one in desk.told_beside() if isinstance(one, kind))
    assert first.previous != again.previous


def test_how_much_is_asked_is_told_again_also_where_nothing_is(
    running: Running, desk: Desk
) -> None:
    running.run("spool", "partners", "--again")
    (told,) = (one for one in desk.told_beside() if isinstance(one, UsageTold))
    assert told.partners == []


def test_it_is_told_again_in_a_format_of_another_name(running: Running, desk: Desk) -> None:
    running.add_partner("acme")
    running.run("spool", "partners")
    (told,) = (one for one in desk.told_beside() if isinstance(one, PartnersTold))
    # So an indexer has noted it that told the same by the name of before.
    noted = hashlib.sha256(msgspec.json.encode(told.partners)).hexdigest()
    running.change(f"UPDATE told_states SET sha256 = '{noted}' WHERE what = 'partners'")  # noqa: S608 - our own
    assert running.run("spool", "partners").output == "told of 1 partner\n"
