"""Columns of ids are long, and a survey looks at every cell: several ids in one take no longer."""

import time

import pytest

from screening.vocabulary.column_names import kinds_named
from screening.vocabulary.measures import without_measures
from screening.vocabulary.recognition import holds_phone, may_hold_selector

ONE = "100234567"
THREE = "100234567 100234568 100234569"


def seconds(cell: str) -> float:
    """Return the time of this process for some cells, the least of five."""
    taken = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(300):
            assert not may_hold_selector(cell, "DE", bare=False)
        taken.append(time.process_time() - begun)
    return min(taken)


def test_several_ids_in_a_cell_take_no_longer_than_words_of_that_length() -> None:
    assert seconds(THREE) < seconds("one guest arrives, one leaves 1234567")


@pytest.mark.parametrize("name", [ONE, THREE, "#", "12 / 13"])
def test_a_name_without_a_word_names_no_kind(name: str) -> None:
    assert kinds_named(name) == ()


@pytest.mark.parametrize("text", ["0" * 32, "12.03.2026", "paid 12.50", "14:30", "2026/000123"])
def test_what_is_no_phone_is_taken_out_of_whatever_it_is_written_with(text: str) -> None:
    assert without_measures(f"{THREE}, {text}").rstrip(", ") in (THREE, f"{THREE}, paid")


def test_a_phone_among_ids_is_found() -> None:
    assert holds_phone(f"{THREE} 02079460958", "GB")
    assert may_hold_selector(f"{THREE} Tel 100234570", None, bare=False)
