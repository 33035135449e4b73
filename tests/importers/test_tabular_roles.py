"""Rows and headings of foreign tables that speak of victims."""

import pytest

from screening.importers.entry import Rejection, Role
from screening.importers.foreign_rows import Defaults
from tests.importers.importing import only_entry, only_rejection, opened, outcomes

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"


def test_a_row_without_a_role_is_rejected_whatever_holds_of_others() -> None:
    assert outcomes(opened(f"phone,role\n{PHONE},\n")) == [(2, "unknown_role")]
    assert outcomes(opened(f"phone\n{PHONE}\n", defaults=None)) == [(2, "unknown_role")]


@pytest.mark.parametrize("role", ["", " ", "driver"])
def test_a_column_of_roles_is_named_where_it_says_none(role: str) -> None:
    rejection = only_rejection(opened(f"phone,Role,notes\n{PHONE},{role},x\n"))
    assert (rejection.code, rejection.column) == ("unknown_role", "Role")
    rejection = only_rejection(opened(f"phone,Role,status\n{PHONE},{role},victim\n"))
    assert (rejection.protects, rejection.column) == (True, "status")


@pytest.mark.parametrize("column", ["first seen", "review by", "jurisdictions", "value"])
def test_a_victim_in_a_row_without_a_known_role_is_heard_in_any_cell(column: str) -> None:
    table = f"phone,role,{column}\n{PHONE},driver,victim's\n"
    if column == "value":
        table = f"kind,role,value\nphone,driver,victim's {PHONE}\n"
    assert only_rejection(opened(table)).protects


def test_the_role_of_all_holds_where_the_table_has_no_column_for_it() -> None:
    assert only_entry(opened(f"phone\n{PHONE}\n")).role is Role.BUYER


@pytest.mark.parametrize(
    "content",
    [
        f"phone,status\n{PHONE},presumed victim\n",
        f"phone,status\n{PHONE},Opfer\n",
        f"phone,notes\n{PHONE},Victim\n",
        f"phone,role\n{PHONE},victum\n",
        f"phone,role,status\n{PHONE},buyer,victim\n",
        f"kind,value,status\nphone,{PHONE},victim\n",
    ],
)
def test_a_row_that_speaks_of_a_victim_is_never_listed_under_another_role(content: str) -> None:
    rejection = only_rejection(opened(content))
    assert (rejection.code, rejection.protects) == ("unknown_role", True)


def test_a_remark_about_a_victim_does_not_keep_an_offender_from_the_list() -> None:
    content = f"phone,notes,role\n{PHONE},the victim named him,buyer\n"
    assert only_entry(opened(content)).role is Role.BUYER


@pytest.mark.parametrize("column", ["notes", "source", "List name", "status"])
@pytest.mark.parametrize(
    "remark",
    ["rescued in May; victim of C-1", "survivor, now in shelter", '"Opfer, 16 Jahre"', "victima"],
)
def test_the_role_of_all_is_not_laid_upon_whoever_a_remark_calls_a_victim(
    column: str, remark: str
) -> None:
    remark = f'"{remark.strip(chr(34))}"'
    rejection = only_rejection(opened(f"phone,{column}\n{PHONE},{remark}\n"))
    assert (rejection.code, rejection.protects) == ("unknown_role", True)


@pytest.mark.parametrize("heading", ["victim", "Victim phone", "Opfer Telefon", "VictimMobile"])
@pytest.mark.parametrize("role", ["", "buyer"])
def test_what_stands_under_a_heading_that_names_a_victim_is_never_in_another_role(
    heading: str, role: str
) -> None:
    table = f"phone,{heading},x\n{PHONE},+1 202-555-0135,\n"
    if role:
        table = f"phone,{heading},role\n{PHONE},+1 202-555-0135,{role}\n"
    assert outcomes(opened(table)) == [(2, CANONICAL), (2, "unknown_role")]
    assert [row.protects for row in opened(table) if isinstance(row, Rejection)] == [True]


@pytest.mark.parametrize("heading", ["is_victim", "Victim?", "minor", "Opfer", "victim phone"])
@pytest.mark.parametrize(
    ("cell", "says_no"),
    [
        ("yes", False),
        ("x", False),
        ("1", False),
        ("?", False),
        ("", True),
        ("no", True),
        ("FALSE", True),
        ("0", True),
        (" - ", True),
        ("Nein", True),
    ],
)
def test_a_flag_under_a_heading_that_names_a_victim_counts_unless_it_says_no(
    heading: str, cell: str, says_no: bool
) -> None:
    # The first rows tell that the column is none of selectors.
    content = f"phone,{heading}\n{PHONE},no\n{PHONE},no\n{PHONE},{cell}\n"
    assert outcomes(opened(content))[2] == (4, CANONICAL if says_no else "unknown_role")
    row = list(opened(content))[2]
    assert says_no or (isinstance(row, Rejection) and row.protects)
    stated = content.replace("\n", ",buyer\n").replace(",buyer", ",role", 1)
    assert outcomes(opened(stated))[2] == (4, CANONICAL)


def test_a_victim_with_nothing_listed_is_told_as_one() -> None:
    assert only_rejection(opened("phone,role\n,victim\n")).protects


@pytest.mark.parametrize(
    "word",
    [
        "Victims:", "Opfer", "survivors", "VICTIM", "rescued girls", "minors", "girl, aged 14",
        f"{PHONE} (rescued girl)", f"{PHONE} V", "victim: 202-555-0136", "sex slave", "Vic. 2",
        "victums", '""rescued girl"" <a.b@agency.example>',
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "table",
    [
        "phone\n{word}\n{phone}\n",
        "phone,city\n{word},\n{phone},X\n",
        "kind,value\nphone,{word}\n",
        "kind,value\n{word},\nphone,{phone}\n",
    ],
)
def test_a_victim_in_the_place_of_a_number_is_heard_whatever_holds_of_all(
    table: str, word: str
) -> None:
    content = table.format(word=f'"{word}"', phone=PHONE)
    rejections = [row for row in opened(content) if isinstance(row, Rejection)]
    assert [row.protects for row in rejections if row.line == 2] == [True]


def test_an_address_may_have_any_name() -> None:
    assert only_entry(opened("email\nvictim.support@agency.example\n")).role is Role.BUYER
    table = "email\na@b.example\nvictim.a@agency.example; victim.b@agency.example\n"
    assert outcomes(opened(table))[1] == (3, "several_values")
    assert not any(isinstance(row, Rejection) and row.protects for row in opened(table))


@pytest.mark.parametrize("word", ["victim", "rescued girls", f"{PHONE} (victim)", "in shelter"])
@pytest.mark.parametrize(
    "table",
    [
        "phone,mobile\n{phone},{word}\n",
        "phone,mobile\n{phone},{word}\n{phone},+1 202-555-0136\n",
        "phone,email\n{phone},{word}\n",
    ],
)
def test_a_word_in_one_column_of_selectors_is_heard_of_all_in_its_row(
    table: str, word: str
) -> None:
    rows = [row for row in opened(table.format(word=word, phone=PHONE)) if row.line == 2]
    assert {row.column for row in rows if isinstance(row, Rejection)} == {
        table.splitlines()[0].split(",")[1]
    }
    assert all(isinstance(row, Rejection) for row in rows)


def test_a_word_in_a_column_of_selectors_does_not_undo_what_its_row_says_unless_it_is_a_role() -> (
    None
):
    table = "phone,mobile,role\n{},{},buyer\n"
    assert only_entry(opened(table.format(PHONE, "ask the victim"))).role is Role.BUYER
    assert only_rejection(opened(table.format(PHONE, "victim"))).code == "unknown_role"


def test_a_word_beside_a_number_does_not_undo_what_its_row_says() -> None:
    table = f"phone,role\n{PHONE} (ask the victim),buyer\n"
    assert not only_rejection(opened(table)).protects


@pytest.mark.parametrize("word", ["Traficker", "boss", "wittness", "driver"])
@pytest.mark.parametrize("role", ["trafficker", "buyer", "victim", "disputed"])
def test_a_word_among_roles_is_not_passed_over_for_the_role_of_all(role: str, word: str) -> None:
    table = f"phone,Who\n+1 202-555-0135,{role}\n{PHONE},{word}\n"
    file = opened(table)
    assert [(c.taken_as, c.seems_roles) for c in file.columns] == [
        ("phone", False),
        ("ignored", True),
    ]
    (row,) = [one for one in file if one.line == 3]
    assert isinstance(row, Rejection)
    assert (row.code, row.column, row.lacks_role) == ("unknown_role", "Who", False)


def test_a_column_that_a_person_has_set_aside_speaks_by_its_roles_alone() -> None:
    table = f"phone,Who\n+1 202-555-0135,trafficker\n{PHONE},boss\n"
    file = opened(table, defaults=Defaults(Role.BUYER, {1: "ignored"}))
    assert not any(one.seems_roles for one in file.columns)
    assert outcomes(file) == [(2, "unknown_role"), (3, CANONICAL)]
    chosen = opened(table, defaults=Defaults(Role.BUYER, {1: "role"}))
    assert outcomes(chosen) == [(2, "+12025550135"), (3, "unknown_role")]


def test_an_empty_cell_beside_roles_names_none() -> None:
    table = f"phone,Who\n+1 202-555-0135,trafficker\n{PHONE}, \n"
    assert outcomes(opened(table)) == [(2, "unknown_role"), (3, CANONICAL)]


@pytest.mark.parametrize("word", ["vicitm", "victum", "Victm", "VITCIM", "viktim"])
def test_a_misspelt_victim_is_one_in_any_cell(word: str) -> None:
    rejection = only_rejection(opened(f"Phone,Status\n{PHONE},{word}\n"))
    assert (rejection.code, rejection.protects) == ("unknown_role", True)
