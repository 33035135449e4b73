"""Titles above tables: told to remove one, nobody may lose of whom it says that the table is."""

import io

import pytest

from screening.importers.csv_rows import entry_of
from screening.importers.entry import Entry, Role
from screening.importers.foreign_rows import Defaults
from screening.importers.free_text import Taken, TextFile
from screening.importers.title_rows import told_by_title
from screening.vocabulary.errors import OperatorError
from tests.importers.importing import BUYERS, opened
from tests.importers.written_workbook import Cell, xlsx
from tests.vocabulary.heads import IS_TITLE

PHONE = "+1 202-555-0134"
TITLES = ["List of victims", "Opferliste", "Victims 2025", "VOTs, May", "Vicitms", "Girls"]
TABLES = [
    "{}\nName;Phone\nA;{}\n",
    "{};;\nName;Phone;Reason\nA;{};x\n",
    "Unit 5;;\n{};May;\nName;Phone;Reason\nA;{};x\n",
    "Unit 5\n{}\nName;Phone\nA;{}\n",
    "Unit 5;;\n\n{};;\nName;Phone;Reason\nA;{};x\n",
]
IS_OF_VICTIMS = "has a title of victims, or those under age"


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("defaults", [BUYERS, None])
def test_a_title_of_victims_is_told_by_import(
    table: str, title: str, defaults: Defaults | None
) -> None:
    with pytest.raises(OperatorError, match=IS_OF_VICTIMS) as caught:
        opened(table.format(title, PHONE), file="in.csv", defaults=defaults)
    assert title not in str(caught.value)
    assert "--role victim" in str(caught.value)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("table", TABLES)
def test_a_title_of_victims_is_told_by_extract(table: str, title: str) -> None:
    content = table.format(title, PHONE).encode()
    with pytest.raises(OperatorError, match=IS_OF_VICTIMS):
        TextFile(io.BytesIO(content), file="in.csv", role=Role.BUYER)
    (taken,) = (
        one for one in TextFile(io.BytesIO(content), file="in.txt") if isinstance(one, Taken)
    )
    assert taken.told is not None


@pytest.mark.parametrize("title", ["VOTs;May", "May;Victims", "Girls;Berlin"])
@pytest.mark.parametrize("names", ["Name;Phone", "Phone;Name"])
@pytest.mark.parametrize("rows", [1, 12])
def test_a_title_of_victims_as_wide_as_the_names_is_told(title: str, names: str, rows: int) -> None:
    row = ";{}" if names.endswith("Phone") else "{};"
    phones = [f"+1 202-555-01{number}" for number in range(20, 20 + rows)]
    content = "\n".join([title, names, *map(row.format, phones)])
    with pytest.raises(OperatorError, match=IS_OF_VICTIMS):
        opened(content, file="in.csv")
    with pytest.raises(OperatorError, match=IS_OF_VICTIMS):
        TextFile(io.BytesIO(content.encode()), file="in.csv", role=Role.BUYER)


def test_a_title_of_victims_above_a_sheet_is_told() -> None:
    rows: list[list[Cell]] = [["List of victims", ""], ["Name", "Phone"], ["A", PHONE]]
    with pytest.raises(OperatorError, match=IS_OF_VICTIMS):
        opened(xlsx(rows))


@pytest.mark.parametrize("table", TABLES)
def test_any_other_title_or_one_that_the_role_says_too_is_only_to_be_removed(table: str) -> None:
    for title, role in (("List of suspects", Role.BUYER), ("List of victims", Role.VICTIM)):
        content = table.format(title, PHONE)
        with pytest.raises(OperatorError) as caught:
            opened(content, file="in.csv", defaults=Defaults(role=role))
        assert IS_TITLE in str(caught.value)
        with pytest.raises(OperatorError) as caught:
            TextFile(io.BytesIO(content.encode()), file="in.csv", role=role)
        assert IS_TITLE in str(caught.value)


def test_a_title_above_rows_without_names_is_of_all_of_them() -> None:
    table = f"List of victims;;\nA;{PHONE};x\n;+12025550135;\n"
    assert not any(isinstance(entry_of(row), Entry) for row in opened(table, file="in.csv"))
    read = TextFile(io.BytesIO(table.encode()), file="in.csv", role=Role.BUYER)
    told = [one.told is not None for one in read if isinstance(one, Taken)]
    assert told == [True, True]


def test_the_only_column_is_called_by_its_name_and_has_no_title() -> None:
    assert told_by_title(["Victim phone"]) == ()
    assert told_by_title(["Victims", ""]) == ("victim",)


def test_the_name_of_one_column_is_of_no_others() -> None:
    table = f"Victim;Phone\n;{PHONE}\n"
    assert [type(entry_of(row)) for row in opened(table, file="in.csv")] == [Entry]
