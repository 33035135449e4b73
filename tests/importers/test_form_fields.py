"""Lines of a form: a label and what stands behind it are a heading and its cell."""

import pytest

from screening.importers.csv_rows import entry_of
from screening.importers.entry import Rejection
from screening.importers.form_fields import denies, read_fields
from tests.importers.importing import TODAY, left_open, opened

PHONE = "+1 202-555-0150"
OF_VICTIMS = (
    *("Rol: menor", "Rolle: Kind", "Age: <18", "Age: U16", "Age: U-18", "Age: 18 (ID says 16)"),
    *("Status: Vic", "Role: V", "**Role:** V", "N\u00e9(e) le: 3/4/2012", "Alter: Kind"),
    *("Status: V.O.T.", "Edad: menor", "Case: 12, age: <18", "Role: V, blonde"),
)
STILL_OF_VICTIMS = (
    *("Name: Rosa (Minor)", "Name: Rosa, Minor", "Name: Minor", "Name: Rosa Minor, 15"),
    *("Name: minor, blonde", "Alias: Baby, 15", "Place: Girl kept upstairs", "Girl: 15"),
    *("Victim: -", "Victim: N.", "Victim: Anna", "Victim: no, Minor: yes", "Victim no: 3"),
    *("Address: Girl, 15, room 4", "Club: Girls", "Found in the hotel that night: Minor Girl"),
    *("Picked up in city: Rosa Minor", "Offence: minor", "Offence: victim of trafficking"),
    *("Victim injured: no", "Victim's email: none", "Name of victim: n/a", "Minor accompanied: no"),
    *("Opfer verletzt: nein", "Victim rescued: no", "Victim 2: no", "Girl has ID: no"),
    *("Girl abducted: no", "Victim raped: no", "Victims children: no", "Witness of victim: no"),
    *("Name: Rosa - 'Minor'", "Name: Rosa ('Minor')", "Name: Rosa, a 'Minor'"),
    *("Name: Rosa 'Minor'", "Name: Rosa \u2022 Minor", "Hotel: Minor at Luna"),
    *("Name: Rosa - Minor", 'Name: Rosa "Minor"', "Name: Rosa <Minor>", "Name: Minor (Rosa)"),
    *("Name: Rosa (Unaccompanied Minor)", "Name: Minor / Rosa", "Name: Rosa Minor 15y"),
    *("Name: Child Of Anna", "Name: Rosa Minor (2012)", "Alter: Kind. Note: seen"),
    *("Crime: 15 y/o", "Strafe: 15 y/o", "Location: Girl-15 at Luna", "Place: Minor Found Here"),
)
OF_SOMEBODY_AT_A_PLACE = (
    *("Man with a Girl", "Man with a Minor", "Suspect with a Minor", "Suspect With The Child"),
    *("GIRL CLOSE TO BAR IN LUNA", "GIRL CLOSE IN CAR", "GIRL WAY TOO YOUNG AT LUNA"),
    *("Girl St Pauli At Luna", "GIRL DRIVE FROM LUNA TO BERLIN", "Girl Ave Upstairs"),
    *("Minor Street, Ana At Luna", "GIRL COURT IN RAID"),
    *("MAN WITH A GIRL", "Suspect with Young Girl", "Minor Girl at Luna", "Girl Ana at Luna"),
    *("Minor Rosa at Luna", "Minor Ana in Luna", "GIRL SEEN AT LUNA", "GIRL SEEN AT BAR"),
    *("Girl Locked At Luna", "Boy Sold at Club", "Girl Aged In Club", "In Room 4 a Girl"),
    *("At Luna Girl", "Mann mit Kind", "Girl Ana on Luna", "Man and a Girl", "Girl Hotel in Luna"),
    *("Room 4 a Girl", "Flat 12 a Girl", "Luna.com Girl Ana", "4 a Girl Ana"),
    *("Flat 12 a, Girl Ana", "Flat 12 b, Girl Ana", "Luna, Girl Ana", "Luna 4 a, Minor Rosa"),
    *("Minor Hill in Leeds with Girl", "Suspect With Girl Street in Leeds", "GIRL FROM LUNA"),
)
OF_NOBODY = (
    *("Victim: no", "Minor: no", "Cleared: no", "Victim: n/a", "Victims: 0", "Witness: none"),
    *("Offence: trafficking of minors", "Offence: pimping, trafficking of minors", "Alias: Baby"),
    *("Name: Rosa Minor", "Name: Minor, Rosa", "Company: Lucky Girl Massage", "Room: 15 F"),
    *("Address: Minor Hill", "Address: 12 Minor Road, Leeds", "Sentence: 12 years"),
    *("Age: 35 (2 kids)", "Age: 35 (12 March 1990)", "Role: suspect, Name: Rosa Minor"),
    *("Status: wanted", "Born: 3/4/1980", "See https://age.example/<18", "Age: 0"),
    *(
        "Is a minor: no",
        "Under 18: no",
        "Victim (y/n): no",
        "Minderj\u00e4hrig: nein",
        "Mineur: non",
    ),
    *("Victim of trafficking: no", "Victim (yes/no): no", "Menor de edad: no", "Under age: no"),
    *("Potential victim: no", "Minor/Child present: no", "Trafficked: no"),
    *("Location: Minor Hill in Leeds", "Location: Girl Street in Leeds", "Name: Lee Child (1954)"),
    *("Address: 12 Minor Road, Stratford on Avon", "Address: Flat 3 near Minor Road"),
    *(
        "Address: Minor Road 12 a",
        "Address: Minor Road 3 a, Leeds",
        "Location: Minor Hill at Leeds",
    ),
    *("Address: MINOR ROAD IN LEEDS", "Address: Minor Close in Leeds", "Address: 3 Minor St"),
    *("Address: 12a Minor Road, Leeds", "Name: Minor O'Neil", "Name: Ana D'Enfant"),
    *("Age: 35 [1]", "Age: 35 [2], Sex: M", "Age: 0. Note: seen", "Name: Okafor, Innocent"),
)


def forms(line: str) -> list[str]:
    return [
        f"Phone: {PHONE}\nName: Ioana\n{line}\n",
        f"Phone: {PHONE}\n{line}\nName: Ioana\n",
        f"Name: Ioana\n{line}\nPhone: {PHONE}\n",
    ]


@pytest.mark.parametrize("line", [*OF_VICTIMS, *STILL_OF_VICTIMS])
def test_what_leaves_a_row_open_in_a_table_does_so_in_a_form(line: str) -> None:
    assert [left_open(form) for form in forms(line)] == [[True]] * 3


@pytest.mark.parametrize("line", OF_VICTIMS)
def test_it_does_so_in_the_line_of_the_phone(line: str) -> None:
    lines = [f"{line}, {PHONE}", f"{line} {PHONE}", f"{line} Phone: {PHONE}"]
    lines += [f"Phone: {PHONE}, {line}", f"{PHONE} {line}", f"Phone: {PHONE} - {line}"]
    assert [left_open(one) for one in lines] == [[True]] * 6


@pytest.mark.parametrize("label", ["Location", "Hotel", "City", "Address"])
@pytest.mark.parametrize("value", OF_SOMEBODY_AT_A_PLACE)
def test_somebody_at_a_place_is_no_name_of_one(label: str, value: str) -> None:
    assert left_open(f"Phone: {PHONE}\n{label}: {value}\n") == [True]


@pytest.mark.parametrize("line", OF_NOBODY)
def test_what_says_nothing_in_a_table_says_nothing_in_a_form(line: str) -> None:
    assert [left_open(form) for form in forms(line)] == [[False]] * 3


def test_the_digits_of_a_phone_are_nobody_s_age() -> None:
    assert left_open(f"Age: 35, {PHONE}\nDOB: 1980-03-04, +1 202-555-2012\n") == [False, False]


def test_a_sentence_with_a_colon_in_it_has_no_label() -> None:
    assert left_open(f"{PHONE}\nThe same low rate for people of all ages here: 10 EUR\n") == [False]
    assert not denies("Whether she is one victim or two: no")


def test_reports_are_heard_by_the_same_rule() -> None:
    phone = {"type": "phone-number", "id": "phone-number--1", "value": "+12025550150"}
    for line, is_open in (("Role: V", True), ("Name: Rosa Minor", False)):
        report = {"type": "report", "id": "report--9", "name": "C-1"}
        report["description"] = f"Phone: {PHONE}\nName: Ioana\n{line}"
        (row,) = map(entry_of, opened({"type": "bundle", "id": "b--1", "objects": [report, phone]}))
        assert isinstance(row, Rejection) is is_open


def test_no_repr_shows_what_a_line_says() -> None:
    assert "Ioana" not in repr(read_fields("Name: Ioana", today=TODAY))
