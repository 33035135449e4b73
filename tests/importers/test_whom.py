"""Whom a text tells of, and that rows hear the same in what is kept of it."""

import pytest

from screening.importers.entry import Role
from screening.importers.foreign_rows import Said
from screening.importers.whom import Whom, whom_told
from tests.importers.importing import TODAY


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("presumed victim", Whom.VICTIM),
        ("aged 14", Whom.VICTIM),
        ("he forced her", Whom.PERHAPS_VICTIM),
        ("girls there", Whom.PERHAPS_VICTIM),
        ("phone of the witness", Whom.WITNESS),
        ("wrong number", Whom.CLEARED),
    ],
)
def test_a_text_tells_of_whoever_is_not_to_be_listed(text: str, whom: Whom) -> None:
    assert whom_told(["books rooms", text], today=TODAY) == {whom}


@pytest.mark.parametrize("whom", Whom)
def test_a_row_hears_in_what_is_kept_of_a_text_what_the_text_told(whom: Whom) -> None:
    # Another role is told by a cell that is its word alone, and by no text.
    assert whom_told([whom], today=TODAY) == {whom} - {Whom.ANOTHER}
    said = Said(told_role=Role.TRAFFICKER, beside=(whom,))
    assert said.leaves_role_open
    assert said.protects is (whom is Whom.VICTIM)
