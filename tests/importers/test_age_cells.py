"""Columns of ages: which of the numbers in a cell are somebody's."""

import pytest

from screening.importers.csv_rows import entry_of
from screening.importers.entry import Entry
from tests.importers.importing import opened

PHONE = "+1 202-555-0134"
YOUNG = (
    *("19 (17 when recruited)", "18 (ID says 16)", "18/17", "18 or 17", "20, was 15", "25, 15"),
    *("U-18", "under-16", "19/17/15", "19-17-15", "18, 15 married 2019", "18 16 since 2020"),
    *("20 (9 \u00e9ves)", "18 \u2192 16", "16 ft", "menor", "Kind"),
    *("34 and 15", "18+ (maybe 16)", "25,15", "35 (2 kids), was 15", "18 (17.5 then)", "20 (9)"),
    *(
        "18, F15",
        "18 - 017",
        "21-17",
        "20 (9 years then)",
        "25 +/- 5, later 15",
        "18/17 M",
        "\u0661\u0668 / \u0661\u0666",
    ),
)
GROWN_UP = (
    *("34", "34.5", "34,5", "34.08", "18-25", "25-30", "over 18", "18+", "30s", "ca. 40", "0"),
    *("34 y 2 m", "34 years, 5 months", "34 J. 3 Monate", "45 (2026-03-14)", "40 (DOB 12.3.1986)"),
    *("25 +/- 5", "25 \u00b1 5", "34, 170 cm", "25, 1.70 m", "35 (2 kids)", "35 with 2 kids"),
    *("35 (12 March 1990)", "35 (12 Mar 1990)", "35 (March 12, 1990)", "35 (1. Mai 1990)"),
    *("35 (12-Mar-1990)", "35 (12 de marzo de 1990)", "45 (12/30/85)", "45 (30.12.85)"),
    *("35 2 figli", "35 (2 figli)", "35 [1]", "35 (1)", "45 10%", "35,05", "34;2"),
    *("40 5 ft 8", "40 6 ft", "40 (5 feet)"),
    *("25 (5'4)", "1990", "100", "unknown", "45 (as of 03/2026)", "35 (2 siblings)"),
)


@pytest.mark.parametrize("age", YOUNG)
def test_any_number_that_may_be_an_age_below_18_counts(age: str) -> None:
    (row,) = map(entry_of, opened(f'phone,Age\n{PHONE},"{age}"\n'))
    assert not isinstance(row, Entry)
    assert row.protects


@pytest.mark.parametrize("age", GROWN_UP)
def test_what_else_stands_beside_an_age_is_nobody_s(age: str) -> None:
    (row,) = map(entry_of, opened(f'phone,Age\n{PHONE},"{age}"\n'))
    assert isinstance(row, Entry)


def test_ages_of_bundles_and_events_are_read_alike() -> None:
    phone = {"type": "phone-number", "id": "phone-number--1", "value": PHONE}
    bundle = {"type": "bundle", "id": "b--1", "objects": [{**phone, "x_age": "18 (ID says 16)"}]}
    told = {"object_relation": "age", "type": "text", "value": "18 (ID says 16)"}
    number = {"object_relation": "phone", "type": "phone-number", "value": PHONE}
    event = {"Event": {"Object": [{"name": "person", "Attribute": [number, told]}]}}
    for document in (bundle, event):
        (row,) = map(entry_of, opened(document))
        assert not isinstance(row, Entry)
        assert row.protects
