"""Cells that are not kept are read as their headings have them read."""

import io

import pytest

from screening.importers.csv_rows import entry_of
from screening.importers.entry import Rejection
from screening.importers.free_text import Taken, TextFile
from tests.importers.importing import opened, outcomes

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"


def is_listed(heading: str, cell: str) -> bool:
    """Tell whether a phone beside a cell is listed; if not it must be told as a victim's."""
    (row,) = opened(f'phone,"{heading}"\n{PHONE},"{cell}"\n')
    assert not isinstance(row, Rejection) or (row.code, row.protects) == ("unknown_role", True)
    return not isinstance(row, Rejection)


@pytest.mark.parametrize(
    "heading",
    [
        "status", "Type", "Person type", "Category", "Classification", "Einstufung", "V/S", "Party",
        "Involvement", "qualité", "Condición", "Function", "Job function", "Función", "",
    ],
)  # fmt: skip
@pytest.mark.parametrize("cell", ["V", "v.", "Vic", "VIC 2", "VCTM", "V1", "(V)"])
def test_among_roles_a_victim_may_be_abbreviated(heading: str, cell: str) -> None:
    assert not is_listed(heading, cell)


def test_in_a_column_in_which_roles_stand_a_victim_may_be_abbreviated() -> None:
    content = f"phone,x\n{PHONE},buyer\n{PHONE},V\n"
    assert outcomes(opened(content)) == [(2, CANONICAL), (3, "unknown_role")]


def test_an_abbreviated_victim_is_not_listed_under_a_role_of_the_row_s_own() -> None:
    content = f"phone,role,status\n{PHONE},buyer,V\n"
    assert outcomes(opened(content)) == [(2, "unknown_role")]


@pytest.mark.parametrize("cell", ["V", "Vic", "vctm", "Vict"])
def test_in_the_column_of_the_role_itself_it_is_told_as_a_victim_s(cell: str) -> None:
    content = f"phone,role\n{PHONE},{cell}\n"
    (row,) = map(entry_of, opened(content))
    assert isinstance(row, Rejection)
    assert (row.code, row.protects) == ("unknown_role", True)


@pytest.mark.parametrize(
    ("heading", "cell"),
    [("Name", "Vic Stone"), ("Initial", "V"), ("State", "VIC"), ("Town", "Vic")],
)
def test_elsewhere_it_is_a_name_or_a_place(heading: str, cell: str) -> None:
    assert is_listed(heading, cell)


@pytest.mark.parametrize("heading", ["Name", "Surname", "Nachname", "Nombre", "Owner", "Inhaber"])
@pytest.mark.parametrize(
    "name",
    [
        *("Rosa Minor", "Minor, Rosa", "Okafor, Innocent", "Lee (Kid) Child"),
        *("Minor, Rosa, 35", "Lee Child", "ROSA MINOR", "R. J. Minor-Smith"),
    ],
)
def test_a_surname_in_a_column_of_names_keeps_nobody_from_the_list(heading: str, name: str) -> None:
    assert is_listed(heading, name)


def test_who_is_called_innocent_is_not_cleared_by_it() -> None:
    assert is_listed("Name", "Innocent Okafor")


@pytest.mark.parametrize(
    "cell",
    [
        "minor", "Minor 2", "Minor A", "Unknown Minor", "Minor Female", "minor female, blonde",
        "Child One", "Rosa Minor (victim)", "Rosa (Minor)", "Rosa, Minor", "Rosa Minor, 15",
        "Lee [Child]", "Rosa Minor (15)", "Rosa - Minor", "Minor / Rosa", "Rosa (Poss. Minor)",
        "Minor Daughter Of Anna", "Rosa Minor 15y", "Opfer 3", "Rosa M., aged 14", "Girl",
        "Rosa Minor was rescued with her",
    ],
)  # fmt: skip
def test_a_victim_in_a_column_of_names_is_none_the_less_one(cell: str) -> None:
    assert not is_listed("Name", cell)


def test_outside_a_column_of_names_such_a_name_is_left_to_a_person() -> None:
    assert not is_listed("Remark", "Rosa Minor")


@pytest.mark.parametrize(
    "heading", ["Age", "Alter", "Âge", "edad", "Возраст", "年齢", "Age (years)"]
)
def test_who_is_below_eighteen_in_a_column_of_ages_is_a_victim(heading: str) -> None:
    assert not is_listed(heading, "14")
    assert not is_listed(heading, "17.0")
    assert is_listed(heading, "18")
    assert is_listed(heading, "")


@pytest.mark.parametrize(
    "heading", ["Girl's number", "Girl phone", "Mädchen Telefon", "Phone of boy"]
)
def test_what_stands_under_a_heading_of_a_girl_or_a_boy_is_a_victim_s(heading: str) -> None:
    rows = list(opened(f"phone,{heading}\n{PHONE},+1 202-555-0135\n"))
    assert outcomes(rows) == [(2, CANONICAL), (2, "unknown_role")]
    assert [row.protects for row in rows if isinstance(row, Rejection)] == [True]


@pytest.mark.parametrize(
    "remark",
    [
        "he forced her", "girls there", "lives in a shelter", "niña", "девочка", "safe house",
        "exploitée", "runaway found by police", "freed by police",
    ],
)  # fmt: skip
def test_what_may_be_said_of_a_victim_or_of_a_trafficker_is_left_to_a_person(remark: str) -> None:
    assert outcomes(opened(f"phone,notes\n{PHONE},{remark}\n")) == [(2, "unknown_role")]
    stated = opened(f"phone,notes,role\n{PHONE},{remark},buyer\n")
    assert outcomes(stated) == [(2, CANONICAL)]


@pytest.mark.parametrize(
    ("heading", "cell", "listed"),
    [
        ("Cleared?", "yes", False),
        ("cleared on", "2026-01-02", False),
        ("False positive", "x", False),
        ("Cleared?", "no", True),
        ("false_positive", "0", True),
        ("Cleared?", "", True),
        ("Is witness", "1", False),
        ("Zeuge", "ja", False),
        ("Is witness", "0", True),
        ("Witness", "A. Miller", True),
    ],
)
def test_a_flag_of_the_cleared_and_of_witnesses_counts_where_it_is_set(
    heading: str, cell: str, listed: bool
) -> None:
    outcome = CANONICAL if listed else "unknown_role"
    assert outcomes(opened(f"phone,{heading}\n{PHONE},{cell}\n")) == [(2, outcome)]


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Date of birth", "2012-04-03"),
        ("DOB", "2008-06-16"),
        ("Geburtsdatum", "03.04.2012"),
        ("Birthday", "07/06/2008"),  # of June or of July
        ("Born", "3 April 2012, 10:15"),
        ("Fecha de nacimiento", "3/4/12"),
        ("Born", "20120403"),
        ("Birth date", "2012-04-03T00:00:00"),
        ("Year of birth", "2012"),
        ("Geburtsjahr", "2008"),
    ],
)
def test_who_was_born_less_than_eighteen_years_ago_is_a_victim(heading: str, cell: str) -> None:
    assert not is_listed(heading, cell)


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Date of birth", "1985-04-03"),
        ("DOB", "2008-06-15"),
        ("Geburtsdatum", "03.04.62"),
        ("Year of birth", "2007"),
        ("Place of birth", "Springfield"),
        ("Birth date", ""),
        ("Seen on", "2012-04-03"),
    ],
)
def test_who_is_of_age_by_the_day_of_birth_is_listed(heading: str, cell: str) -> None:
    assert is_listed(heading, cell)


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Sentence", "12 years"),
        ("Sentence", "guilty, 12 years"),
        ("Strafe", "Urteil vom Mai, 5 Jahre"),
        ("Condena", "8 años"),
        ("Peine", "amende, 8 ans"),
        ("Years active", "12 years"),
        ("Delikt", "Zwangsprostitution"),
        ("Offence", "trafficking of minors"),
        ("Art des Delikts", "Menschenhandel mit Minderjährigen"),
        ("Delito", "trata de menores"),
    ],
)
def test_a_charge_or_a_sentence_is_of_what_somebody_did(heading: str, cell: str) -> None:
    assert is_listed(heading, cell)


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Sentence", "none: 12 years old"),
        ("Sentence", "victim, 12 years"),
        ("Offence", "minor"),
        ("Offence", "none; victim of trafficking"),
        ("Delikt", "Opfer von Zwangsprostitution"),
        ("Delikt", "Zwangsprostituierte"),
        ("Remark", "12 years"),
    ],
)
def test_who_is_a_victim_beside_a_charge_still_is_one(heading: str, cell: str) -> None:
    assert not is_listed(heading, cell)


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Company", "Boy's Bar"),
        ("Bar", "Lucky Girl Massage"),
        ("City", "Minor Hill"),
        ("Adresse", "12 rue des Innocents"),
        ("Nachname", "Zeuge"),
    ],
)
def test_a_place_a_firm_or_a_family_may_be_called_by_such_a_word(heading: str, cell: str) -> None:
    assert is_listed(heading, cell)


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Company", "minor, blonde"),
        ("City", "Minor"),
        ("Bar", "Unknown Minor 2"),
        ("Address", "Opferhilfe, Hauptstr. 1"),
        ("Nachname", "Minor"),
    ],
)
def test_a_victim_in_a_column_of_places_or_surnames_is_none_the_less_one(
    heading: str, cell: str
) -> None:
    assert not is_listed(heading, cell)


@pytest.mark.parametrize("cell", ["Frauenhaus Essen", "Women's shelter"])
def test_a_shelter_in_a_column_of_places_is_left_to_a_person(cell: str) -> None:
    assert outcomes(opened(f"phone,City\n{PHONE},{cell}\n")) == [(2, "unknown_role")]


@pytest.mark.parametrize("cell", ["Zeuge 3", "zeuge", "Zeugin"])
def test_a_witness_in_a_column_of_surnames_is_left_to_a_person(cell: str) -> None:
    assert outcomes(opened(f"phone,Nachname\n{PHONE},{cell}\n")) == [(2, "unknown_role")]


SURNAMES = ("Minor", "Child", "Innocenti", "Kurban", "Kind", "Innocent", "MINOR")
HEADINGS_OF_NAMES = (
    *("Surname,First name", "Name,Vorname", "Nom,Prénom", "Apellidos,Nombre", "Last name,Given"),
    *("LNAME,FNAME", "Lname,Fname", "L Name,F Name"),
    *("Cognome,Nome", "Nazwisko,Imię", "Фамилия,Имя", "LastName,FirstName"),
)


@pytest.mark.parametrize("headings", HEADINGS_OF_NAMES)
@pytest.mark.parametrize("surname", SURNAMES)
def test_a_given_name_may_stand_in_a_column_of_its_own(headings: str, surname: str) -> None:
    content = f"{headings},phone\n{surname},Rosa,{PHONE}\nBerg,Ida,+1 202-555-0135\n"
    assert outcomes(opened(content)) == [(2, CANONICAL), (3, "+12025550135")]
    read = TextFile(io.BytesIO(content.encode()), file="x.csv")
    assert [one.told for one in read if isinstance(one, Taken)] == [None, None]


@pytest.mark.parametrize(
    ("surname", "given"),
    [
        *(("Minor", ""), ("Minor", "Unknown"), ("Minor", "female"), ("Minor", "?")),
        *(("minor", "Rosa"), ("Minor 2", "-"), ("Victim", "Rosa"), ("Child", "One")),
        *(("Berg (minor)", "Ida"), ("Opfer", "Ida")),
    ],
)
def test_beside_what_is_no_given_name_such_a_word_is_no_surname(surname: str, given: str) -> None:
    content = f"Surname,First name,phone\n{surname},{given},{PHONE}\n"
    assert outcomes(opened(content)) == [(2, "unknown_role")]
    read = TextFile(io.BytesIO(content.encode()), file="x.csv")
    assert [one.told is not None for one in read if isinstance(one, Taken)] == [True]


@pytest.mark.parametrize("heading", ["First contact", "Nombre del bar", "Town", "Alias"])
def test_below_any_other_heading_stands_no_given_name(heading: str) -> None:
    content = f"Surname,{heading},phone\nMinor,Berlin,{PHONE}\n"
    assert outcomes(opened(content)) == [(2, "unknown_role")]


def test_a_surname_heads_no_rows_below_it() -> None:
    content = f"Surname,First name,phone\nMinor,Rosa,{PHONE}\n,Ida,{PHONE}\n"
    assert outcomes(opened(content)) == [(2, CANONICAL), (3, CANONICAL)]
