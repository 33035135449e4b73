"""Rows below a cell that heads them, in a column that is left empty beside them."""

import io

import pytest

from screening.importers.csv_rows import entry_of
from screening.importers.entry import Entry, Rejection
from screening.importers.free_text import Taken, TextFile
from screening.importers.whom import Whom
from tests.importers.importing import opened

PHONES = ["+1 202-555-0134", "+1 202-555-0135", "+1 202-555-0136", "+1 202-555-0137"]


def taken(header: str, *beside: str) -> list[bool]:
    """Tell of which rows an entry is made, where this stands before their phones."""
    rows = [f"{cell};{phone}" for cell, phone in zip(beside, PHONES, strict=False)]
    read = map(entry_of, opened("\n".join([f"{header};phone", *rows, ""])))
    return [isinstance(one, Entry) for one in read]


@pytest.mark.parametrize("head", ["Victims", "victims (3)", "Opfer", "Witnesses", "Geschädigte"])
def test_what_heads_rows_is_of_each_up_to_the_next_head(head: str) -> None:
    assert taken("Group", head, "", "Suspects", "") == [False, False, True, True]
    assert taken("", "Suspects", "", head, "") == [True, True, False, False]


@pytest.mark.parametrize(
    "header", ["Notes", "Reason", "Comment", "Description", "Source", "List", "Case", "Status"]
)
def test_it_may_stand_in_any_column_left_of_the_selectors(header: str) -> None:
    assert taken(header, "Victims", "", "Suspects", "") == [False, False, True, True]


@pytest.mark.parametrize("head", ["Cleared", "Acquitted", "Freigesprochen"])
def test_who_was_cleared_may_be_headed_so_too(head: str) -> None:
    assert taken("Group", head, "", "Suspects", "") == [False, False, True, True]


def test_rows_of_a_list_are_headed_so_too() -> None:
    rows = f"Victims,phone,{PHONES[0]}\n,phone,{PHONES[1]}\n"
    read = list(map(entry_of, opened(f"group,kind,value\n{rows}")))
    assert [one.protects for one in read if isinstance(one, Rejection)] == [True, True]


def test_the_column_that_heads_is_named() -> None:
    read = list(map(entry_of, opened(f"Group;phone\nVictims;{PHONES[0]}\n;{PHONES[1]}\n")))
    assert [one.column for one in read if isinstance(one, Rejection)] == ["Group", "Group"]


def test_a_column_that_is_empty_at_first_heads_nothing() -> None:
    for header in ("Group", "Notes"):
        assert taken(header, "", "victim", "", "") == [True, False, True, True]


def test_a_remark_or_a_surname_heads_nothing() -> None:
    remark = "called the victim and three of her friends about it"
    for header in ("Group", "Notes"):
        assert taken(header, remark, "") == [False, True]
    assert taken("Name", "Lee Child", "") == [True, True]


def test_a_remark_behind_the_selector_heads_nothing() -> None:
    read = map(entry_of, opened(f"phone;Notes\n{PHONES[0]};victim\n{PHONES[1]};\n"))
    assert [isinstance(one, Entry) for one in read] == [False, True]


def test_a_head_in_a_row_that_is_not_read_is_one_all_the_same() -> None:
    rows = f"Victims;{PHONES[0]};too;many\n;{PHONES[1]}\n"
    read = list(map(entry_of, opened(f"Group;phone\n{rows}")))
    assert [isinstance(one, Entry) for one in read] == [False, False]


SECTIONS = (
    f"Name;Phone\nSuspects;\nA;{PHONES[0]}\nVictims;\nJ;{PHONES[1]}\nK;{PHONES[2]}\n"
    f"Suspects;\nL;{PHONES[3]}\n"
)


def test_a_row_of_one_cell_heads_those_below_it_up_to_one_of_others() -> None:
    read = [
        one for one in map(entry_of, opened(SECTIONS)) if getattr(one, "line", 0) not in (2, 4, 7)
    ]
    assert [isinstance(one, Entry) for one in read] == [True, False, False, True]
    assert [one.protects for one in read if isinstance(one, Rejection)] == [True, True]


@pytest.mark.parametrize("head", ["Witnesses", "Cleared", "Complainants"])
def test_so_does_one_of_bystanders(head: str) -> None:
    read = list(map(entry_of, opened(f"Name;Phone\n{head};\nW;{PHONES[0]}\n")))
    assert [one.code for one in read if isinstance(one, Rejection)] == [
        "nothing_listed",
        "unknown_role",
    ]


def test_extract_hears_rows_of_one_cell_too() -> None:
    stream = io.BytesIO(SECTIONS.encode())
    taken = [one for one in TextFile(stream, file="x.csv") if isinstance(one, Taken)]
    assert [one.told for one in taken] == [None, Whom.VICTIM, Whom.VICTIM, None]


@pytest.mark.parametrize(
    "row", ["Trafficker arrested 3 May", "Suspect fled", "Her trafficker's car."]
)
def test_a_row_about_an_offender_ends_no_rows_of_victims(row: str) -> None:
    content = f"Name;Phone\nVictims;\nJ;{PHONES[0]}\n{row};\nK;{PHONES[1]}\n"
    assert [isinstance(entry_of(one), Entry) for one in opened(content) if one.kind] == [False] * 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # What adds to a line stands right below it.
        ("{0}\n\n(the victim's phone)\n", [None]),
        ("{0}\n(the victim's phone)\n", [Whom.VICTIM]),
        # A line with a number is no heading of others, and a blank line ends no heading.
        ("Victims\n{0} suspects:\n\n{1}\n", [Whom.VICTIM, Whom.VICTIM]),
        ("Victims\n{0}\n\nSuspects:\n{1}\n", [Whom.VICTIM, None]),
    ],
)
def test_what_a_line_of_a_text_is_told_of_by_those_around_it(
    text: str, expected: list[Whom | None]
) -> None:
    stream = io.BytesIO(text.format(*PHONES).encode())
    taken = [one for one in TextFile(stream, file="x.txt") if isinstance(one, Taken)]
    assert [one.told for one in taken] == expected
