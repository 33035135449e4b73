"""Columns of places: which words in them are of somebody, and which are names."""

import pytest

from screening.importers.csv_rows import entry_of
from screening.importers.entry import Entry
from tests.importers.importing import opened

PHONE = "+1 202-555-0134"


def is_listed(heading: str, cell: str) -> bool:
    (row,) = map(entry_of, opened(f'phone,{heading}\n{PHONE},"{cell}"\n'))
    return isinstance(row, Entry)


@pytest.mark.parametrize("heading", ["Location", "Address", "Hotel", "Club"])
@pytest.mark.parametrize(
    "cell",
    [
        *("Girl, 15, room 4", "Girl, 15, Bar Harbour", "Boy 15, Harbour Hotel", "Harbour - Girl"),
        *("Minor, 15, Harbour Hotel", "Harbour Hotel (Minor)", "Teen, Club Rosa", "Club Girl 15"),
        *("Harbour Hotel Girl (15)", "Girl-15", "Girl: 15", "Harbour Girl - 15", "Club: Girls"),
        *("Girls - Bar", "Lucky Bar: Girls", "Luna, Girl Ana", "Flat 12 b, Girl Ana"),
        *("Luna, Unknown Girl Ana", "Luna, 1 Girl Ana", "Luna, Young Girl Ana", "Luna, Girl-Ana"),
        *(
            "Luna, Girl 'Ana'",
            "Luna, Girl Ana from Club Rosa",
            "Luna, Girl Ana 15",
            "Luna, Girls Ana",
        ),
        *("Luna, 2 Girls Ana", "Luna, Little Girl Ana", "Luna, with Girl Ana", "Luna, a Girl Ana"),
        *("Luna, Girl at Club Rosa", "Leeds (Girl named Ana)"),
        *("Hotel Luna (Minor Rosa)", "Luna - Boy Ion, room 4", "Room 4 a, Girl Ana"),
        *("Harbour Hotel [Minors]", "Unknown Girl, room 4", "Harbour / Girl 15", "Bar Girl 9 yrs"),
    ],
)
def test_somebody_who_stands_alone_in_a_column_of_places_is_no_name(
    heading: str, cell: str
) -> None:
    assert not is_listed(heading, cell)


@pytest.mark.parametrize(
    "cell",
    [
        *("Minor Hill", "15 Minor Street, Leeds", "Minor Road 15, Leeds", "12 rue des Innocents"),
        *("Lucky Girl Massage, 15 High St", "Boy George Bar, 12 High St", "Child & Co, Leeds"),
        *(
            "Lucky Girl Massage (2nd floor)",
            "Harbour Hotel, Minor Lane",
            "Harbour 4, Lucky Girl Massage",
            "High St 12, Girl Hotel Luna",
            "High St 12 a, Child & Co",
            "Leeds, Minor Way",
            "London, Minor Injuries Unit",
            "Leeds, Infant Jesus Church",
            "Mall of Leeds, Baby World",
            "London, Innocent Drinks Ltd",
            "Leeds, Minor Park",
            "12 High St, Minor Boulevard",
            "Flat 3, Minor Gardens",
            "Springfield, Minor Terrace",
            "CDMX, Ni\u00f1o Perdido 20",
            "Leeds - Kids Corner",
            "London, Girls School",
            "Leeds / Boy George Cafe",
            "Hamburg, Kinder Str. 4",
            "Calle del Niño 20",
            "Rue des Innocents 12",
            "Lucky Girl: 15 High St",
            "Lucky Girl (24 h)",
        ),
    ],
)
def test_a_word_that_is_part_of_a_name_of_a_place_leaves_nothing_open(cell: str) -> None:
    assert is_listed("Address", cell)
