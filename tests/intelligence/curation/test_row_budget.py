"""How many rows of files one person holds against the list in a day has a bound."""

from dataclasses import replace

import pytest

from intelligence.curation.row_budget import RowBudget
from intelligence.curation.uploads import Uploads
from intelligence.errors import FormRefused
from intelligence.settings import IntelligenceSettings
from tests.intelligence.curation.desk import Desk
from tests.intelligence.curation.test_uploads import CSV, TOLD

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
