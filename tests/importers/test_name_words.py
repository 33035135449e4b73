"""Where a word of a minor is set apart from a name, and where it is a part of it."""

import pytest

from screening.importers.csv_rows import entry_of
from screening.importers.entry import Entry
from tests.importers.importing import opened

PHONE = "+1 202-555-0134"


def is_listed(heading: str, cell: str) -> bool:
    (row,) = map(entry_of, opened(f'phone,{heading}\n{PHONE},"{cell}"\n'))
    return isinstance(row, Entry)


@pytest.mark.parametrize("heading", ["name", "suspect name", "nickname", "alias", "owner"])
@pytest.mark.parametrize(
    "cell",
    [
        *("Rosa ('Minor')", "Rosa, 'Minor'", "Rosa - 'Minor'", "Rosa / 'Child'", "Rosa ; 'Enfant'"),
        *("Rosa, a 'Minor'", "Rosa \u2019Minor\u2019", "Rosa ' Minor '", "Rosa `Minor`"),
    ],
)
def test_a_word_in_single_quotes_is_said_of_who_is_named(heading: str, cell: str) -> None:
    assert not is_listed(heading, cell)


@pytest.mark.parametrize(
    "cell", ["Minor O'Neil", "Ana D'Enfant", "L'Enfant, Paul", "D\u2019Enfant Ana"]
)
def test_an_apostrophe_within_a_name_sets_nothing_apart(cell: str) -> None:
    assert is_listed("name", cell)
