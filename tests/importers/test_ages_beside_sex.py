"""Ages beside a sex, as descriptions of persons have them, and what looks like one."""

import io

import pytest

from screening.importers.free_text import Taken, TextFile
from screening.importers.whom import Whom
from tests.importers.importing import only_entry, only_rejection, opened

PHONE = "+1 202-555-0134"


def noted(text: str) -> str:
    return f'phone,Notes\n{PHONE},"{text}"\n'


@pytest.mark.parametrize(
    "text",
    [
        *("female, 15", "Female 15", "female (15)", "FEMALE, 15 years", "male, 9", "sex: male; 16"),
        *("weiblich, 15", "männlich 17 Jahre", "femme, 15 ans", "mujer, 15", "kobieta, 15"),
        *("15, female", "15 y/o, female, blonde", "vrouw, 15", "женщина, 15", "female-15"),
        *("mujer de 15 años", "fille de 15 ans", "fille russe de 15 ans", "chica de 15 años"),
        *("de 15 ans", "Lena, de 15 ans", "menina de 15 anos", "girl of 15", "femme de 15 ans"),
        *("female, approx. 15", "weiblich, ca. 15 Jahre", "Female - 15 yrs", "15 - female"),
        *("female, 14-15", "female 15-17 years", "female, 15/16", "female, 15 or 16"),
        "female, 15+",
        *("females, 15 and 16", "weibl., 15", "venezolana de 16 años", "female, 9 years"),
        *("donna di 15 anni", "female, 9, blonde"),
        *("female 15 years old", "female, 15 mobile"),
        *("Meisje van 15 jaar", "Frau von 15 Jahren", "ragazza di 15 anni"),
        *("female  15", "blonde,    15, female", "age: 1", "aged 1"),
    ],
)
def test_an_age_below_18_beside_a_sex_is_a_victims(text: str) -> None:
    assert only_rejection(opened(noted(text))).protects


@pytest.mark.parametrize(
    "word",
    [
        *("tel", "phone", "mobil", "mobile", "mob", "cell", "call", "handy", "whatsapp", "e-mail"),
        *("email", "contact", "and", "but", "from", "und", "aus", "et", "y", "e", "de", "i"),
    ],
)
def test_behind_an_age_words_may_go_on(word: str) -> None:
    assert only_rejection(opened(noted(f"female 15 {word} Lena"))).protects


@pytest.mark.parametrize("word", ["and", "but", "when", "now", "und", "et", "y", "e"])
def test_behind_an_age_of_hers_words_may_go_on(word: str) -> None:
    assert only_rejection(opened(noted(f"she is 15 {word} Lena"))).protects


@pytest.mark.parametrize(
    "text", ["room F15 years", "sector F15 y", "in flat 15F yrs", "seat F15yo"]
)
def test_beside_a_room_years_are_an_age(text: str) -> None:
    assert only_rejection(opened(noted(text))).code == "unknown_role"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Lena, F-13 years",
            "F-9 yrs",
            "Lena (w-15 Jahre)",
            "ж-13 лет",
            "Lena F 13",
            "Lena,    F 15",
            "m\u201313 y, blond",
        ),
        *("F (15)", "M (16)", "F - 15", "F,15,UKR", "Lena F 15"),
        *("F, 15", "F 15", "F 15 y", "Lena (F, 15)", "sex: f, 15", "m 15", "15, m", "15 y m"),
        *(
            "w15",
            "w 15",
            "w, 15, blond",
            "Lena, w15",
            "found in room: F, 15",
            "(w15)",
            "15 F",
            "ж, 15",
        ),
    ],
)
def test_an_age_below_18_beside_a_letter_for_a_sex_may_be_a_victims(text: str) -> None:
    assert only_rejection(opened(noted(text))).code == "unknown_role"


@pytest.mark.parametrize("heading", ["Notes", "Address"])
@pytest.mark.parametrize("text", ["12F Nathan Road", "Islamabad, F13", "Islamabad, F 13"])
def test_an_address_that_may_be_an_age_is_left_to_a_person(heading: str, text: str) -> None:
    assert only_rejection(opened(f'phone,{heading}\n{PHONE},"{text}"\n')).code == "unknown_role"


@pytest.mark.parametrize(
    "line",
    [
        *("F 15 {}", "female 15 {}", "w15 {}", "{} F 15", "{} w 15", "{} female 15", "F, 15 - {}"),
        *("female 15 tel {}", "female, 15, call: {}", "* 12.3.2012 {}", "1) Lena, female, 15: {}"),
    ],
)
def test_an_age_may_stand_beside_the_number_itself(line: str) -> None:
    (taken,) = (
        one
        for one in TextFile(io.BytesIO(f"{line.format(PHONE)}\n".encode()), file="x.txt")
        if isinstance(one, Taken)
    )
    assert taken.told in (Whom.VICTIM, Whom.PERHAPS_VICTIM)


@pytest.mark.parametrize(
    "text",
    [
        *("Isle of Man, 15", "3, female", "1, male", "men, 15", "female, 16 kg", "Frau, 15 Uhr"),
        *("female, 35", "F, 35", "F 35 y", "weiblich, 35", "w35", "mujer de 35 años", "35, female"),
        *("male 15:30", "female 15/3/2024", "female, 150 cm", "male 15 rooms", "female, 15 calls"),
        *("female 1", "Male 1 of 3", "F 15 Room", "F, 15 Main St", "M 15 Motorway", "F 15 %"),
        *("w 15 min", "w 15. Stock", "15 m", "15 m away", "London, W14", "Manchester, M15"),
        *("Terminal F 15", "Terminal F, 15", "seat F 15", "Room F 15", "size F, 15", "Row 15 F"),
        *("Gate F15", "Gate 15F", "seats 15F", "gate m/15"),
        *("condamnée de 15 ans", "femme condamnée de 15 ans", "peine de 15 ans"),
        *("hombre con experiencia de 15 años", "depuis plus de 15 ans", "il y a 15 ans"),
        *("Male (1)", "Male, 2 mobile phones", "male: 2, female: 1", "Donna, 9 from the bar"),
        *("hombre, 12 años de prisión", "homme, 10 ans de prison", "condena de 15 años"),
        *(
            "male +15",
            "M-16",
            "F-11, Islamabad",
            "M-16 y AK-47",
            "Islamabad, F-13",
            "Islamabad F 10",
            "Sector F 15",
        ),
        *("male, 38 years old, 2 phones", "35 y/o, 5 ft 11", "38 years old +1 202"),
        *("Suite 12F", "male 1.15"),
        *("guilty, female, 35", "Female", "F", "15"),
    ],
)
def test_what_is_no_age_below_18_is_listed(text: str) -> None:
    only_entry(opened(noted(text)))


@pytest.mark.parametrize("heading", ["Room", "Seat", "Zimmer", "Unit"])
def test_the_number_of_a_room_is_no_age(heading: str) -> None:
    only_entry(opened(f"phone,{heading}\n{PHONE},F 12\n"))
    assert only_rejection(opened(f'phone,{heading}\n{PHONE},"F 12, female, 15"\n')).protects


@pytest.mark.parametrize("heading", ["Roommate", "Room / guest", "Seat / passenger"])
def test_who_shares_a_room_has_an_age(heading: str) -> None:
    assert only_rejection(opened(f"phone,{heading}\n{PHONE},F15\n")).code == "unknown_role"


def test_a_hotel_room_may_have_any_name() -> None:
    only_entry(opened(f"phone,Hotel room\n{PHONE},Lucky Girl Massage\n"))
