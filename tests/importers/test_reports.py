"""What reports say of the selectors that they name."""

import pytest

from screening.importers.csv_rows import entry_of
from screening.importers.entry import Entry, Rejection
from tests.importers.importing import opened

PHONE = {"type": "phone-number", "id": "phone-number--1", "value": "+12025550134"}


@pytest.mark.parametrize("number", ["+1 202-555-0134", "(202) 555 0134", "+12025550134."])
@pytest.mark.parametrize("kind", ["report", "grouping", "incident", "note"])
def test_a_line_that_names_a_selector_tells_of_whom_it_is(kind: str, number: str) -> None:
    member = "content" if kind == "note" else "description"
    said = f"Many were seen.\nThe victim can be reached at {number}\nHer uncle at +12025550135"
    report = {
        "type": kind,
        "id": f"{kind}--9",
        "name": "C-1",
        member: said,
    }
    uncle = {**PHONE, "id": "phone-number--2", "value": "+12025550135"}
    victims, uncles = map(
        entry_of, opened({"type": "bundle", "id": "bundle--1", "objects": [report, PHONE, uncle]})
    )
    assert isinstance(victims, Rejection)
    assert (victims.code, victims.protects) == ("unknown_role", True)
    assert isinstance(uncles, Entry)
