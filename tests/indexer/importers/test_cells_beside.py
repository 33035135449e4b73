"""Cells that are not kept are read as their headings have them read."""

import pytest

from indexer.importers.csv_rows import entry_of
from indexer.importers.entry import Rejection
from tests.indexer.importers.importing import opened, outcomes

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"


def is_listed(heading: str, cell: str) -> bool:
    """Tell whether a phone beside a cell is listed; if not it must be told as a victim's."""
    (row,) = opened(f'phone,"{heading}"\n{PHONE},"{cell}"\n')
    assert not isinstance(row, Rejection) or (row.code, row.protects) == ("unknown_role", True)
    return not isinstance(row, Rejection)


@pytest.mark.parametrize(
    "heading",
    [
        "status", "Type", "Person type", "Category", "Classification", "Einstufung", "V/S", "Party",
        "Involvement", "qualité", "Condición", "",
    ],
)  # fmt: skip
@pytest.mark.parametrize("cell", ["V", "v.", "Vic", "VIC 2", "VCTM", "V1", "(V)"])
def test_among_roles_a_victim_may_be_abbreviated(heading: str, cell: str) -> None:
    assert not is_listed(heading, cell)


def test_in_a_column_in_which_roles_stand_a_victim_may_be_abbreviated() -> None:
    content = f"phone,x\n{PHONE},buyer\n{PHONE},V\n"
    assert outcomes(opened(content)) == [(2, CANONICAL), (3, "unknown_role")]


def test_an_abbreviated_victim_is_not_listed_under_a_role_of_the_row_s_own() -> None:
    content = f"phone,role,status\n{PHONE},buyer,V\n"
    assert outcomes(opened(content)) == [(2, "unknown_role")]


@pytest.mark.parametrize("cell", ["V", "Vic", "vctm", "Vict"])
def test_in_the_column_of_the_role_itself_it_is_told_as_a_victim_s(cell: str) -> None:
    content = f"phone,role\n{PHONE},{cell}\n"
    (row,) = map(entry_of, opened(content))
    assert isinstance(row, Rejection)
    assert (row.code, row.protects) == ("unknown_role", True)


@pytest.mark.parametrize(
    ("heading", "cell"),
    [("Name", "Vic Stone"), ("Initial", "V"), ("State", "VIC"), ("Town", "Vic")],
)
def test_elsewhere_it_is_a_name_or_a_place(heading: str, cell: str) -> None:
    assert is_listed(heading, cell)


@pytest.mark.parametrize("heading", ["Name", "Surname", "Nachname", "Nombre", "Owner", "Inhaber"])
@pytest.mark.parametrize(
    "name", ["Rosa Minor", "Minor, Rosa", "Lee Child", "ROSA MINOR", "R. J. Minor-Smith"]
)
def test_a_surname_in_a_column_of_names_keeps_nobody_from_the_list(heading: str, name: str) -> None:
    assert is_listed(heading, name)


def test_who_is_called_innocent_is_not_cleared_by_it() -> None:
    assert is_listed("Name", "Innocent Okafor")


@pytest.mark.parametrize(
    "cell",
    [
        "minor", "Minor 2", "Minor A", "Unknown Minor", "Minor Female", "minor female, blonde",
        "Child One", "Rosa Minor (victim)", "Opfer 3", "Rosa M., aged 14", "Girl",
        "Rosa Minor was rescued with her",
    ],
)  # fmt: skip
def test_a_victim_in_a_column_of_names_is_none_the_less_one(cell: str) -> None:
    assert not is_listed("Name", cell)


def test_outside_a_column_of_names_such_a_name_is_left_to_a_person() -> None:
    assert not is_listed("Remark", "Rosa Minor")


@pytest.mark.parametrize(
    "heading", ["Age", "Alter", "Âge", "edad", "Возраст", "年齢", "Age (years)"]
)
def test_who_is_below_eighteen_in_a_column_of_ages_is_a_victim(heading: str) -> None:
    assert not is_listed(heading, "14")
    assert not is_listed(heading, "17.0")
    assert is_listed(heading, "18")
    assert is_listed(heading, "")


@pytest.mark.parametrize(
    "heading", ["Girl's number", "Girl phone", "Mädchen Telefon", "Phone of boy"]
)
def test_what_stands_under_a_heading_of_a_girl_or_a_boy_is_a_victim_s(heading: str) -> None:
    rows = list(opened(f"phone,{heading}\n{PHONE},+1 202-555-0135\n"))
    assert outcomes(rows) == [(2, CANONICAL), (2, "unknown_role")]
    assert [row.protects for row in rows if isinstance(row, Rejection)] == [True]


@pytest.mark.parametrize(
    "remark",
    [
        "he forced her", "girls there", "lives in a shelter", "niña", "девочка", "safe house",
        "exploitée",
    ],
)  # fmt: skip
def test_what_may_be_said_of_a_victim_or_of_a_trafficker_is_left_to_a_person(remark: str) -> None:
    assert outcomes(opened(f"phone,notes\n{PHONE},{remark}\n")) == [(2, "unknown_role")]
    stated = opened(f"phone,notes,role\n{PHONE},{remark},buyer\n")
    assert outcomes(stated) == [(2, CANONICAL)]


@pytest.mark.parametrize(
    ("heading", "cell", "listed"),
    [
        ("Cleared?", "yes", False),
        ("cleared on", "2026-01-02", False),
        ("False positive", "x", False),
        ("Cleared?", "no", True),
        ("false_positive", "0", True),
        ("Cleared?", "", True),
        ("Is witness", "1", False),
        ("Zeuge", "ja", False),
        ("Is witness", "0", True),
        ("Witness", "A. Miller", True),
    ],
)
def test_a_flag_of_the_cleared_and_of_witnesses_counts_where_it_is_set(
    heading: str, cell: str, listed: bool
) -> None:
    outcome = CANONICAL if listed else "unknown_role"
    assert outcomes(opened(f"phone,{heading}\n{PHONE},{cell}\n")) == [(2, outcome)]
