"""Children who are counted beside their adults, and those of whom a row is."""

import io

import pytest

from screening.importers.free_text import Taken, TextFile
from tests.importers.importing import only_entry, only_rejection, opened

PHONE = "+1 202-555-0134"
HEADINGS = [
    *("Adults,Children", "Adults,Kids", "Erwachsene,Kinder", "Adultes,Enfants", "Adultos,Niños"),
    *("No. of adults,No. of children", "Anzahl Erwachsene,Anzahl Kinder", "Adults,Infants"),
]


def told(content: str) -> list[bool]:
    read = TextFile(io.BytesIO(content.encode()), file="x.csv")
    return [one.told is not None for one in read if isinstance(one, Taken)]


@pytest.mark.parametrize("headings", HEADINGS)
@pytest.mark.parametrize("count", ["0", "1", "2", " 1 ", "1.0", ""])
def test_a_count_of_children_beside_adults_tells_of_nobody(headings: str, count: str) -> None:
    content = f"phone,{headings}\n{PHONE},2,{count}\n"
    only_entry(opened(content))
    assert told(content) == [False]


@pytest.mark.parametrize(
    ("headings", "cells"),
    [
        *(("Adults,Children", cells) for cells in ("2,12", "2,Ida", "2,x", "2,yes", "0,1", ",1")),
        *(("Adult,Child", "1,1"), ("Children", "1"), ("Pax,Children", "2,1")),
        *(("Adults,Children aged", "2,9"), ("Adults,Victims", "2,1"), ("Adults,Girls", "2,1")),
        ("Adults,Victim children", "2,1"),
    ],
)
def test_anything_else_under_such_a_heading_is_of_a_child(headings: str, cells: str) -> None:
    content = f"phone,{headings}\n{PHONE},{cells}\n"
    assert only_rejection(opened(content)).protects
    assert told(content) == [True]


def test_the_phone_of_a_child_is_no_count() -> None:
    assert only_rejection(opened(f"Adults,Children\n2,{PHONE}\n")).protects


@pytest.mark.parametrize("cell", ["35 (2 kids)", "35, 2 children", "35 (2 Kinder)", "41 - 1 niños"])
def test_who_has_children_is_none(cell: str) -> None:
    only_entry(opened(f'phone,Age\n{PHONE},"{cell}"\n'))


@pytest.mark.parametrize(
    "cell", ["15 (2 kids)", "35 (kid)", "2 kids", "35 (minor, 2 kids)", "dítě", "35, child of 2"]
)
def test_whose_age_is_that_of_a_child_is_one(cell: str) -> None:
    assert only_rejection(opened(f'phone,Age\n{PHONE},"{cell}"\n')).protects
