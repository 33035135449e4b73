"""How many rows of files one person holds against the list in a day has a bound."""

from dataclasses import replace
from pathlib import Path

import pytest

from intelligence.errors import FormRefused, NotThere
from intelligence.imports.read_upload import ReadUpload, Upload
from intelligence.imports.row_budget import RowBudget
from intelligence.imports.uploads import Uploads
from intelligence.journal import Journal
from intelligence.settings import IntelligenceSettings
from screening.vocabulary.errors import LedgerUnavailable
from tests.intelligence.curation.desk import Desk, ReadsHere
from tests.intelligence.curation.test_unread_day import another_file
from tests.intelligence.imports.test_uploads import CSV, TOLD
from tests.intelligence.staff.services import FullLedger
from tests.ledger.log.keeping import fail

DAY_S = 24 * 3600


def uploads(desk: Desk, per_day: int) -> Uploads:
    """Return the uploads of a service that has just begun."""
    journal = desk.changes.journal
    budget = RowBudget(per_day, desk.services.folder, journal, desk.clock)
    return replace(desk.uploads, budget=budget)


def test_a_file_beyond_the_bound_is_refused_and_on_record(desk: Desk) -> None:
    few = uploads(desk, 7)
    upload_id = few.take(desk.cora.who, "case.csv", CSV, TOLD)
    few.tell(desk.cora.who, upload_id, TOLD)
    for again in (
        lambda: few.take(desk.cora.who, "other.csv", CSV, TOLD),
        lambda: few.tell(desk.cora.who, upload_id, TOLD),
    ):
        with pytest.raises(FormRefused, match=r"7 rows .* within 24 hours, and 1 are left"):
            again()
    assert desk.services.records().count('"upload beyond the bound","rows":3,"left":1') == 2
    assert few.one(desk.cora.who, upload_id).waiting.rows, "what was read may be looked through"
    few.take(desk.bo.who, "case.csv", CSV, TOLD)
    desk.clock.move(DAY_S)
    few.take(desk.cora.who, "other.csv", CSV, TOLD)


def test_no_restart_forgets_what_was_read(desk: Desk) -> None:
    uploads(desk, 7).take(desk.cora.who, "case.csv", CSV, TOLD)
    desk.clock.move(DAY_S - 1)
    uploads(desk, 7).take(desk.cora.who, "case.csv", CSV, TOLD)
    with pytest.raises(FormRefused, match="1 are left"):
        uploads(desk, 7).take(desk.cora.who, "case.csv", CSV, TOLD)
    desk.clock.move(1)
    uploads(desk, 7).take(desk.cora.who, "case.csv", CSV, TOLD)


def test_what_cannot_be_read_of_a_file_costs_nothing(desk: Desk) -> None:
    few = uploads(desk, 1)
    few.take(desk.cora.who, "case.csv", b"Phone,Role\n+12025550142,buyer\n+1202,buyer\n", TOLD)


def test_the_bound_is_a_setting() -> None:
    given = {"INTELLIGENCE_UPLOAD_ROWS_PER_DAY": "9"}
    settings = IntelligenceSettings(**given)  # type: ignore[arg-type]  # pydantic checks it
    assert settings.upload_rows_per_day == 9


def test_a_file_that_is_not_kept_costs_nothing(desk: Desk, tmp_path: Path) -> None:
    few = uploads(desk, 3)
    with FullLedger(tmp_path / "full", host="here") as ledger:
        full = replace(few, journal=Journal(ledger, desk.clock))
        with pytest.raises(LedgerUnavailable):
            full.take(desk.cora.who, "case.csv", CSV, TOLD)
    few.take(desk.cora.who, "case.csv", CSV, TOLD)


def test_a_file_that_is_dropped_by_another_meanwhile_costs_nothing(desk: Desk) -> None:
    few = uploads(desk, 7)
    upload_id = few.take(desk.cora.who, "case.csv", CSV, TOLD)

    class Dropping(ReadsHere):
        def read(self, upload: Upload) -> ReadUpload:
            few.drop(desk.cora.who, upload_id)
            return super().read(upload)

    with pytest.raises(NotThere):
        replace(few, reader=Dropping()).tell(desk.cora.who, upload_id, TOLD)
    few.take(desk.cora.who, "case.csv", CSV, TOLD)


@pytest.mark.parametrize("back_s", [2 * DAY_S, 20 * 365 * DAY_S])
def test_a_clock_that_was_wrong_for_a_while_hides_nothing(desk: Desk, back_s: int) -> None:
    uploads(desk, 4).take(desk.cora.who, "case.csv", CSV, TOLD)
    desk.clock.move(-back_s)
    desk.changes.journal.record("console", "something of a host that had the wrong time")
    desk.clock.move(back_s)
    with pytest.raises(FormRefused, match="1 are left"):
        uploads(desk, 4).take(desk.cora.who, "case.csv", CSV, TOLD)


@pytest.mark.parametrize("restarts", [False, True])
def test_of_a_clock_that_was_ahead_it_is_a_day_from_when_it_is_set_back(
    desk: Desk, *, restarts: bool
) -> None:
    few = uploads(desk, 4)
    desk.clock.move(300 * DAY_S)
    few.take(desk.cora.who, "case.csv", CSV, TOLD)
    desk.clock.move(-300 * DAY_S)
    now = uploads(desk, 4) if restarts else few
    with pytest.raises(FormRefused, match="1 are left"):
        now.take(desk.cora.who, "case.csv", CSV, TOLD)
    desk.clock.move(DAY_S)
    now.take(desk.cora.who, "case.csv", CSV, TOLD)


def test_nobody_reads_rows_while_it_is_not_known_how_many_they_did(desk: Desk) -> None:
    few = uploads(desk, 7)
    undo = fail(another_file(desk))
    with pytest.raises(FormRefused, match="nobody knows how many rows were held against the list"):
        few.take(desk.cora.who, "case.csv", CSV, TOLD)
    undo()
    assert "ledger not read" in desk.services.records()
    uploads(desk, 7).take(desk.cora.who, "case.csv", CSV, TOLD)
