"""`intelligence spool status`: what whoever stands at the console's host sees of its spools."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from intelligence.commands.spool_status import (
    LastTold,
    LastWritten,
    PassedOver,
    SpoolStatus,
    spool_status,
)
from intelligence.curation.tables import PassedOverRow
from intelligence.settings import IntelligenceSettings
from intelligence.spool.tables import RestoredRow
from intelligence.spool.withdrawal import withdraw
from intelligence.store.key_file import KEY_FILE
from screening.spools.usage_told import UsageTold
from screening.vocabulary.errors import OperatorError
from tests.intelligence.backup.homes import settings_for
from tests.intelligence.curation.desk import DEPLOYMENT, Desk

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"
TOLD_AT = int(datetime(2026, 11, 29, tzinfo=UTC).timestamp())
"""As the indexer of paper has it."""
NOT_AT_WORK = "nothing leaves and nothing is read meanwhile; run: intelligence serve"


def look(desk: Desk) -> SpoolStatus:
    given: dict[str, Any] = {
        "INTELLIGENCE_HOME": desk.spools.parent,
        "INTELLIGENCE_SPOOL": desk.spools,
    }
    if not desk.database.is_sqlite:  # else it is the file of the home
        url = desk.database.engine.url.render_as_string(hide_password=False)
        given["INTELLIGENCE_DATABASE_URL"] = url
    before = desk.services.records()
    status = spool_status(IntelligenceSettings(**given), desk.clock())
    assert desk.services.records() == before
    return status


def others(status: SpoolStatus) -> list[str]:
    """Return what is to do but to serve: nobody does here."""
    assert status.to_do[-1] == NOT_AT_WORK
    return status.to_do[:-1]


def tell_usage(desk: Desk) -> None:
    desk.indexer.write(lambda head: UsageTold("screening-usage/1", *head, []))


def test_what_waits_what_has_left_and_what_was_heard_is_shown(desk: Desk) -> None:
    assert others(look(desk)) == []
    desk.in_force(PHONE)
    in_force = desk.indexer.export(1).result
    desk.retracted(PHONE)
    desk.approved(OTHER)
    desk.exchange.take_turn()
    desk.approved("+1 202 555 0144")
    at = int(desk.clock())
    os.utime(desk.indexer.up.path(1), (at - 60, at - 60))
    status = look(desk)
    console, indexer = desk.exchange.keys.find_public()
    assert console is not None
    assert indexer == desk.indexer.public
    assert (status.deployment, status.console) == (DEPLOYMENT, console.fingerprint)
    assert (status.indexer, status.is_held) == (desk.indexer.public.fingerprint, False)
    assert (status.statements, status.digest) == (in_force.statements, in_force.digest)
    assert status.last_written == LastWritten(2, "waiting", at)
    assert status.last_told == LastTold(1, "applied", TOLD_AT)
    assert (status.up_sequence, status.up_at, status.unread) == (1, at - 60, 0)
    assert (status.passed_over, others(status)) == ([], [])


def test_what_waits_is_counted_with_retractions_among_it(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.approved(OTHER)
    desk.exchange.take_turn()
    desk.retracted(PHONE)
    desk.approved("+1 202 555 0144")
    status = look(desk)
    assert (status.waiting, status.retractions) == (2, 1)


def test_a_file_that_is_not_answered_is_said_after_a_minute(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.retracted(PHONE)
    desk.exchange.take_turn()
    assert others(look(desk)) == []
    desk.services.clock.move(61)
    (said,) = others(look(desk))
    assert "of file 2 the indexer has said nothing for a minute" in said
    assert "with 1 retraction in it and 0 behind it: see whether indexer spool apply" in said


def test_of_a_file_whose_answer_may_lie_here_unread_it_is_not_said_that_none_came(
    desk: Desk,
) -> None:
    desk.in_force(PHONE)
    desk.retracted(PHONE)
    desk.exchange.take_turn()
    desk.services.clock.move(61)
    tell_usage(desk)
    desk.indexer.apply(2)
    (said,) = others(look(desk))
    assert said.startswith("file 2 waits, with 1 retraction in it and 0 behind it; what the")
    assert "may be among the up files that lie here unread (2): see to what else" in said
    desk.indexer.up.path(2).rename(desk.spools / "away")
    lost, said = others(look(desk))
    assert "is missing, and 0000000003.up is there" in lost
    assert "that lie here unread (1)" in said
    (desk.spools / "away").rename(desk.indexer.up.path(2))
    desk.exchange.take_turn()
    status = look(desk)
    assert (others(status), status.last_told) == ([], LastTold(2, "applied", TOLD_AT))


def test_a_file_that_was_taken_back_is_not_said_to_be_what_was_told_last(desk: Desk) -> None:
    desk.approved(PHONE)
    desk.exchange.take_turn()
    desk.indexer.refuse(1)
    desk.exchange.take_turn()
    with desk.database.writing() as session:
        withdraw(session, desk.seals, 1)
    assert look(desk).last_told is None


def test_a_file_that_is_refused_is_said_with_its_code_until_it_is_not(desk: Desk) -> None:
    desk.approved(PHONE)
    desk.exchange.take_turn()
    desk.indexer.refuse(1)
    desk.exchange.take_turn()
    status = look(desk)
    assert status.last_told is not None
    assert status.last_told.outcome == "drifted"
    (said,) = others(status)
    assert said.startswith("the indexer refuses file 1 (drifted)")
    desk.indexer.apply(1)
    desk.exchange.take_turn()
    status = look(desk)
    assert status.last_told is not None
    assert (status.last_told.outcome, others(status)) == ("applied", [])


def test_an_up_file_that_is_lost_or_not_readable_is_said_as_the_service_says_it(desk: Desk) -> None:
    desk.in_force(PHONE)
    tell_usage(desk)
    tell_usage(desk)
    path = desk.indexer.up.path(2)
    path.rename(desk.spools / "away")
    status = look(desk)
    assert status.unread == 1
    (said,) = others(status)
    assert f"{path} is missing, and 0000000003.up is there" in said
    assert said.endswith("nothing is read from there on, and what leaves is not acknowledged")
    path.write_bytes(b"x")
    path.chmod(0o600)
    (said,) = others(look(desk))
    assert f"{path} cannot be used" in said
    path.unlink()
    (desk.spools / "away").rename(path)
    assert others(look(desk)) == []


def test_another_file_in_the_place_of_one_that_is_under_way_is_said(desk: Desk) -> None:
    desk.approved(PHONE)
    desk.exchange.take_turn()
    path = desk.indexer.down.path(1)
    written = path.read_bytes()
    path.unlink()
    assert others(look(desk)) == []
    desk.indexer.down.lay(1, b"x")
    assert others(look(desk)) == [
        f"{path} is not what was written here; find out who has put it there, and move it away"
    ]
    path.write_bytes(written)
    assert others(look(desk)) == []


def test_what_was_passed_over_is_said_with_what_tells_it_anew(desk: Desk) -> None:
    desk.indexer.say("screening-partners/2", {"new": []})
    desk.exchange.take_turn()
    with desk.database.writing() as session:
        session.add(PassedOverRow(kind="weather", sequence=7, at=int(desk.clock())))
    status = look(desk)
    at = int(desk.clock())
    assert status.passed_over == [PassedOver(1, "partners", at), PassedOver(7, "weather", at)]
    assert others(status) == [
        "older here may be partners; on the indexer's host run: indexer spool partners --again",
        "older here may be something that this version does not know; bring this console to the "
        "indexer's version, which says how it is told anew",
    ]


def test_spools_that_stand_still_since_a_restore_are_said_to(desk: Desk) -> None:
    with desk.database.writing() as session:
        session.add(RestoredRow(at=1))
    (said,) = look(desk).to_do  # to serve comes after
    assert "bring the indexer's status, and run: intelligence spool resume" in said


def test_it_needs_no_key_but_those_of_the_spools_and_says_what_a_damaged_one_is(
    desk: Desk,
) -> None:
    (desk.spools.parent / KEY_FILE).unlink()
    assert others(look(desk)) == []
    damaged = desk.spools.parent / "spool-opening.key"
    damaged.write_bytes(b"x")
    (said,) = others(look(desk))
    assert "is damaged; restore it from a backup" in said
    assert look(desk).deployment == DEPLOYMENT
    (desk.spools.parent / "indexer.spool.pub").unlink()
    assert others(look(desk)) == [
        "no indexer is trusted; bring its key, and run: intelligence spool trust"
    ]


@pytest.mark.parametrize("is_there", [False, True])
def test_where_no_console_is_none_is_begun(tmp_path: Path, *, is_there: bool) -> None:
    settings = settings_for(tmp_path)
    if is_there:
        settings.home.mkdir()
    with pytest.raises(OperatorError, match=r"there is no console .*; run: intelligence init"):
        spool_status(settings, 0)
    assert [*tmp_path.rglob("*")] == [settings.home] * is_there


def test_nothing_is_made_where_nothing_is(desk: Desk) -> None:
    away = desk.spools.rename(desk.spools.parent / "away")
    assert (look(desk).up_sequence, desk.spools.exists()) == (0, False)
    away.rename(desk.spools)
