"""Which column a person is sent to, where a row is left to them."""

from screening.importers.entry import Rejection, Role
from screening.importers.foreign_rows import Defaults
from tests.importers.importing import BUYERS, opened
from tests.importers.written_workbook import comment, remarked

PHONE = "+1 202-555-0134"
OTHER = "+1 202-555-0135"
THIRD = "+1 202-555-0136"


def told(content: str | bytes, defaults: Defaults | None = BUYERS) -> list[tuple[str, str]]:
    """Return code and column of each row that is left to a person."""
    rows = opened(content, defaults=defaults)
    return [(one.code, one.column) for one in rows if isinstance(one, Rejection)]


def test_a_column_that_speaks_of_a_victim_is_named_before_one_that_only_speaks_against() -> None:
    content = f"phone,notes,status\n{PHONE},cleared,victim\n{OTHER},cleared,\n"
    assert told(content) == [("unknown_role", "status"), ("unknown_role", "notes")]


def test_the_column_that_speaks_is_named_where_one_before_it_was_chosen() -> None:
    content = f"phone,was,notes\n{PHONE},driver,the victim\n{OTHER},the victim,seen\n"
    chosen = Defaults(role=Role.BUYER, columns={1: "reason"})
    assert told(content, chosen) == [("unknown_role", "notes"), ("unknown_role", "was")]


def test_a_heading_that_names_a_victim_is_not_named_where_the_row_says_no_to_it() -> None:
    content = f"phone,is victim,minor\n{PHONE},no,yes\n"
    assert told(content) == [("unknown_role", "minor")]


def test_a_column_is_not_named_for_a_word_that_is_no_role() -> None:
    content = f"phone,position\n{PHONE},buyer\n{OTHER},clerk\n"
    assert told(content, defaults=None) == [("unknown_role", "position"), ("unknown_role", "")]


def test_a_role_in_a_column_that_is_not_taken_for_it_is_lacking_and_not_another() -> None:
    content = f"phone,who,notes\n{PHONE},buyer,\n{OTHER},victim,\n{THIRD},buyer,a witness\n"
    rows = [one for one in opened(content, defaults=None) if isinstance(one, Rejection)]
    assert [(one.column, one.lacks_role, one.protects) for one in rows] == [
        *(("who", True, False), ("who", True, True), ("who", True, False)),
    ]
    chosen = Defaults(columns={1: "role"})
    assert told(content, chosen) == []
    assert told(content) == [("unknown_role", "who"), ("unknown_role", "notes")]
    headed = f"phone of victim,who\n{PHONE},buyer\n"
    (row,) = opened(headed, defaults=None)
    assert isinstance(row, Rejection)
    assert (row.column, row.lacks_role) == ("phone of victim", False)


def test_of_several_columns_with_other_roles_the_first_is_named() -> None:
    content = f"phone,position,post\n{OTHER},buyer,buyer\n{PHONE},business,business\n"
    assert told(content) == [("unknown_role", "position")]


def test_a_column_of_roles_is_not_named_for_what_a_comment_says() -> None:
    content = remarked([["phone", "role"], [PHONE, "buyer"]], comment("A2", "victim"))
    assert told(content) == [("unknown_role", "")]
