"""Which lines end a section about victims, because what follows is about offenders."""

import pytest

from tests.importers.importing import left_open

HEADINGS = [
    *("Suspects (3)", "Suspects (3):", "Suspect #1", "Suspect no. 2", "SUSPECTS (PHONES)"),
    *("Accused persons", "Beschuldigte Personen", "T\u00e4ter / Verd\u00e4chtige"),
    "Known suspects",
    *("Offenders / perpetrators", "Suspect information", "Suspect mobile numbers"),
    *("Suspects & associates", "II. Suspects", "B. Suspects", "Facilitators", "Buyers"),
]


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_of_offenders_ends_a_section_of_victims(heading: str) -> None:
    text = f"Victims\n\nAnna\n\n{heading}\n\nBob\n+1 202 555 0150\n"
    assert left_open(text) == [False]


@pytest.mark.parametrize(
    "form",
    [
        "Victim: Ana B.\nSuspect: unknown\nPhone: +1 202 555 0150\n",
        "Opfer: Ana B.\nBeschuldigter: unbekannt\nTelefon: +1 202 555 0150\n",
        "Victim: Lena\n\nSuspect known: no\n\nPhone: +1 202 555 0150\n",
        "Victim: Lena\nCity: Leeds\nBuyer:\nPhone: +1 202 555 0150\n",
        "Victim: Lena\n\nNumber of buyers: 4\n\nPhone: +1 202 555 0150\n",
        "Victim: Lena\n\nNumber of suspects: 2\n\nPhone: +1 202 555 0150\n",
        "Victim: Lena\n\nSuspect information: none\n\nPhone: +1 202 555 0150\n",
        "Victim name: Ana\nVictim age: 15\nName of suspect: Ivan\nNumber: +1 202 555 0150\n",
    ],
)
def test_a_suspect_named_in_a_form_about_a_victim_takes_no_phone_from_it(form: str) -> None:
    assert left_open(form) == [True]


def test_behind_a_blank_line_a_form_is_about_whom_it_names() -> None:
    text = "Victim: Ana B.\n\nSuspect: Ivan\nPhone: +1 202 555 0150\n"
    assert left_open(text) == [False]
