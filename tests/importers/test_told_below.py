"""Of whom a selector is by what stands below it in its paragraph."""

import io
from collections.abc import Iterator
from itertools import count

import pytest

from screening.importers.csv_rows import entry_of
from screening.importers.entry import Rejection
from screening.importers.free_text import Taken, TextFile
from screening.importers.spoken import Line
from screening.importers.told_below import told_below
from screening.importers.whom import Whom
from tests.importers.importing import TODAY, left_open, opened

PHONE = "Phone: +1 202-555-0150"
OTHER = "Phone: +1 202-555-0151"
EMAIL = "Email: a@harbour.example"
VICTIMS = (
    *("Name: Anna\nAge: 15\nStatus: victim", "Victim of trafficking", "Victim.", "Victim: Anna"),
    *("Minor, rescued", "DOB: 3.4.2012", "DOB: 03.04.2012", "  Victim of trafficking"),
    *("She is 15.", "Kind: Anna", "Vic: Anna", "Victim:\nAnna", "Suspect: unknown\nVictim: Anna"),
    *("Name: Anna\nCase 20255501\nMinor", "Name: Anna\nPassport 123456789\nMinor", "Victim:"),
)


@pytest.mark.parametrize("below", [*VICTIMS, "Witness", "Status: cleared", "wrong number"])
def test_what_stands_below_a_number_in_its_paragraph_leaves_the_role_open(below: str) -> None:
    assert left_open(f"{PHONE}\n{below}\n") == [True]


@pytest.mark.parametrize("below", VICTIMS)
def test_reports_of_bundles_and_events_are_heard_below_a_number_too(below: str) -> None:
    content = f"{PHONE}\n{below}"
    phone = {"type": "phone-number", "id": "phone-number--1", "value": "+12025550150"}
    report = {"type": "report", "id": "report--9", "name": "C-1", "description": content}
    bundle = {"type": "bundle", "id": "bundle--1", "objects": [report, phone]}
    attribute = {"type": "phone-number", "value": "+12025550150"}
    event = {"Attribute": [attribute], "EventReport": [{"name": "C-1", "content": content}]}
    for document in (bundle, {"Event": event}):
        (row,) = map(entry_of, opened(document))
        assert isinstance(row, Rejection)
        assert (row.code, row.protects) == ("unknown_role", True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{PHONE}\nVictim, 15\n\n{OTHER}\nSuspect", [True, True]),
        (f"{PHONE}\nName: Bob\nRole: suspect\n{OTHER}\nName: Ana\nAge: 15", [False, True]),
        (f"{PHONE}\n{EMAIL}\nStatus: victim", [True, True]),
        (f"{PHONE}\nName: Anna\n{EMAIL}\nStatus: victim", [True, True]),
        (f"{PHONE}\n{OTHER}\nStatus: victim", [True, True]),
        (f"{PHONE}\nSuspect\nVictims:\n{OTHER}", [False, True]),
        (f"{PHONE}\nDriver\n# Victims\n{OTHER}", [False, True]),
        (f"{PHONE}\nDriver\n\nVictim", [False]),
    ],
)
def test_what_stands_below_is_heard_up_to_the_next_selector_or_heading(
    text: str, expected: list[bool]
) -> None:
    assert left_open(text) == expected


@pytest.mark.parametrize(
    "below",
    [
        "Name: Bob\nRole: suspect",
        "Reported by: J. Stone",
        "Officer: Stone",
        "Mother: Ana",
        "Age: 34",
    ],
)
def test_who_works_on_a_case_has_a_line_of_their_own_below_a_number(below: str) -> None:
    form = f"{PHONE}\n{below}\n{OTHER}\n{below}"
    assert left_open(form)[0] is False


def test_a_list_of_suspects_stays_a_list() -> None:
    phones = [f"Phone: +1 202-555-01{digits:02}\nName: Bob\nRole: suspect" for digits in range(50)]
    assert left_open("\n".join(phones)) == [False] * 50
    assert left_open("\n\n".join(phones)) == [False] * 50


def test_a_line_that_cannot_be_read_ends_no_paragraph() -> None:
    for form in (f"{PHONE}\nName: \xebva\nMinor", f"Minor\nName: \xebva\n{PHONE}"):
        taken = [one for one in TextFile(io.BytesIO(form.encode("latin-1")), file="n.txt")
                 if isinstance(one, Taken)]  # fmt: skip
        assert [one.told for one in taken] == [Whom.VICTIM]


def test_above_a_number_digits_that_are_no_phone_take_nothing_from_a_line() -> None:
    assert left_open(f"Victim, passport 123456789\n{PHONE}\n") == [True]


def test_of_an_endless_paragraph_a_part_only_is_held() -> None:
    read: list[int] = []

    def lines() -> Iterator[Line]:
        for number in count(1):
            read.append(number)
            kinds = frozenset({"phone"} if number == 1 else ())
            text = "Victim" if number == 900 else "x"
            yield Line(number, text, kinds, is_empty=not kinds, beside=text)

    assert next(told_below(lines(), TODAY)) is Whom.VICTIM
    assert len(read) < 2_000


def test_no_repr_shows_a_line() -> None:
    assert PHONE not in repr(Line(1, PHONE, frozenset(), is_empty=True, beside=PHONE))
