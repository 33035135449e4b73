"""A table of which no column is recognised waits for a person to choose one, and lists nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from intelligence.errors import FormRefused
from intelligence.imports.read_upload import Told
from tests.intelligence.curation.desk import Desk, enrol_curators
from tests.intelligence.homes import Homes

TABLE = b"Number,Was\n2025550142,driver\n2025550143,driver\n"


@pytest.fixture
def here(tmp_path: Path, homes: Homes) -> Iterator[Desk]:
    """A desk on the database that takes least time."""
    with homes.copied(tmp_path, "sqlite", enrol_curators) as services:
        yield Desk(services, tmp_path)


def told(columns: dict[int, str]) -> Told:
    return Told("facilitator", region="US", source="case-9", reason="seen", columns=columns)


def test_nothing_is_drafted_until_a_column_is_chosen(here: Desk) -> None:
    cora, uploads = here.cora.who, here.uploads
    upload_id = uploads.take(cora, "case.csv", TABLE, told({}))
    for columns in ({}, {1: "reason"}, {0: "ignored"}):
        uploads.tell(cora, upload_id, told(columns))
        (listed,) = uploads.all(cora)
        assert not listed.has_selectors
        assert [one.name for one in uploads.one(cora, upload_id).waiting.read.columns] == [
            *("Number", "Was"),
        ]
        with pytest.raises(FormRefused, match="nothing in this file"):
            uploads.draft(cora, upload_id, unprotected=True)
    uploads.tell(cora, upload_id, told({0: "phone"}))
    assert uploads.all(cora)[0].has_selectors
    shown = uploads.one(cora, upload_id).waiting
    assert [one.canonical for one in shown.additions] == ["+12025550142", "+12025550143"]
    assert len(uploads.draft(cora, upload_id, unprotected=False)) == 1


def test_the_first_row_has_to_name_columns_all_the_same(here: Desk) -> None:
    for table in (b"2025550142,driver\n2025550143,driver\n", b"Cases,\nNumber,Phone\n1,2\n"):
        with pytest.raises(FormRefused, match=r"first row"):
            here.uploads.take(here.cora.who, "case.csv", table, told({}))
