"""One phone in a column of something else keeps no other row of it from its answer."""

import pytest

from tests.client.conftest import Screen

# fmt: off
REFERENCES = ("BK-2025-044852", "ABC-1234-5678", "R/2026/0012345", "INV0000012345", "BK-0123456789")
REMARKS = (
    "needs invoice 2026-00123", "booking 2026-000197 cancelled", "Rechnung 2026/000123",
    "birthday 12/05/1990", "Ankunft 12.05.26 18:30", "voucher ABC-1234-5678", "2026/27 season",
    "DE44 5001 0517 5407 3249 31", "flight LH1234 10:25", "paid +250.00 on 2026-05-01",
    "3x 2024-2025", "arrival at 10.30",
)
TIMES = (
    "23.07.26 19:30", "06/04/24 10:05 PM", "2026-01-24 21:51:02.971900", "2026-01-24T21:51:02Z",
    "01.05.26, 03.05.26", "a2542149-1077-4449-8bc4-99572f024de9",
    "1646433e-a273-4703-9487-02465214e2dd", "726eacfe-4613-4707-8882-90484015df05",
    "1ce56f0e-f147-4433-9561-70554333390c", "6e0df6992bdd42b38868098577980b28",
)
PHONES = {
    "US": ("Ann202-555-0142", "Ann(202) 555-0142", "whatsapp2025550142", "B-12 202-555-0142"),
    "DE": ("Tel03023125099", "Ankunft 030 23125098 / 030 23125099", "LH1234 030 23125099"),
    "GB": ("Tel-020 7946 0958", "A1 020 7946 0958", "arrival 020 7946 0958", "020 7946 0958 (Ann)"),
    "PL": ("tel. 512 345 678", "Ann 512-345-678", "512345678 / 512345679", "przyjazd: 512 345 678"),
    "IT": ("cell. 312 345 6789", "Ann 312-345-6789", "06 6982 1234 Ann", "Anna 312 3456789"),
}
# fmt: on
OPTIONS = [(), *(("--region", region) for region in ("DE", "GB", "PL", "IT", "SA"))]


def results(screen: Screen, name: str, cells: tuple[str, ...], *options: str) -> dict[str, str]:
    """Screen cells of a column beside one of phones, in which one more cell is a phone."""
    rows = [f'+1202555012{n % 10},"{cell}"\n' for n, cell in enumerate((*cells, "+12025550142"))]
    _, *read = screen(f"phone,{name}\n{''.join(rows)}".encode(), *options)
    return dict(zip(cells, [row[2] for row in read], strict=False))


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Booking reference", REFERENCES),
        ("Reference", REFERENCES),
        ("Voucher", REFERENCES),
        ("Remarks", (*REFERENCES, *REMARKS, *TIMES)),
        ("Contact", TIMES),
        ("Last contact", TIMES),
    ],
)
def test_references_remarks_and_times_beside_one_phone_are_answered(
    screen: Screen, name: str, cells: tuple[str, ...], options: tuple[str, ...]
) -> None:
    assert results(screen, name, cells, *options) == dict.fromkeys(cells, "no_match")


@pytest.mark.parametrize("region", PHONES)
def test_a_phone_within_a_remark_beside_one_phone_is_told(screen: Screen, region: str) -> None:
    cells = PHONES[region]
    told = results(screen, "Remarks", cells, "--region", region)
    assert told == dict.fromkeys(cells, "not_screened")


@pytest.mark.parametrize("name", ["Remarks", "Contact"])
def test_two_numbers_in_a_cell_are_told_though_no_region_is(screen: Screen, name: str) -> None:
    cells = ("2025550142/2025550143", "2025550142, 2025550143")
    assert results(screen, name, cells) == dict.fromkeys(cells, "not_screened")


def test_what_nothing_but_a_phone_looks_like_is_told_among_ids(screen: Screen) -> None:
    cells = ("(202) 555-0143 / (202) 555-0144", "+12025550143 Ann")
    assert results(screen, "Order number", cells) == dict.fromkeys(cells, "not_screened")


@pytest.mark.parametrize("cell", ["02079460958", "Ann 020 7946 0958", "12 020 7946 0958"])
def test_a_phone_among_cards_is_told(screen: Screen, cell: str) -> None:
    cells = ("4242424242424242", cell)
    told = results(screen, "Payout account", cells)
    assert told == dict(zip(cells, ("no_match", "not_screened"), strict=True))


def test_ids_as_long_as_cards_beside_one_that_passes_for_one_are_answered(screen: Screen) -> None:
    cells = ("4242 4242 4242 4242", "4667 0420 5625 4973", "4111-0222-3333-0444")
    told = results(screen, "Order number", cells, "--region", "DE")
    assert told == dict.fromkeys(cells, "no_match")


STAYS = (
    *("bez. 12.05.26 250,00 EUR", "Anreise 04.05.-07.05.26", "vom 03.05.26-07.05.26"),
    *("Zi. 12 04.05.26", "Re.-Nr. 2026/000123", "Pd 250.00 04/05/26", "rm 204 05/12/26"),
    *("ETA 1430 12/05/26", "arr 04/05/26-07/05/26 2 pax", "rates 199.00 209.00 219.00"),
    "split 120.00 120.00 120.00",
)


@pytest.mark.parametrize("options", OPTIONS)
def test_stays_and_amounts_beside_one_phone_are_answered(
    screen: Screen, options: tuple[str, ...]
) -> None:
    assert results(screen, "Bemerkung", STAYS, *options) == dict.fromkeys(STAYS, "no_match")


def test_an_address_as_airlines_write_it_is_told(screen: Screen) -> None:
    cells = ("CTCE BA HK1 ANN//BOOKING.TEST", "window seat")
    told = results(screen, "Contact e-mail", cells)
    assert told == dict(zip(cells, ("not_screened", "no_match"), strict=True))


def test_a_phone_in_notes_on_a_booking_is_told(screen: Screen) -> None:
    cells = ("late arrival", "Room 12 020 7946 0958", "CTCM BA HK1/12025550142")
    told = results(screen, "Booking notes", cells, "--region", "GB")
    assert told == dict(zip(cells, ("no_match", "not_screened", "not_screened"), strict=True))
