"""Ages that words of a remark tell: glued to their years, in other digits, guessed, or said."""

import pytest

from tests.importers.importing import only_entry, only_rejection, opened
from tests.importers.test_words_heard import REMARKS, Listed

PHONE = "+1 202-555-0134"


def noted(text: str) -> str:
    return f'phone,Notes\n{PHONE},"{text}"\n'


@pytest.mark.parametrize(
    "text",
    [
        *("age 15yrs", "aged 15yrs", "Age 15y", "Age: 15yr", "Alter: 15J.", "edad 15años"),
        *("âge: 15ans", "wiek 15lat", "возраст 15л\u0435т", "вік 15 років", "age: 9yrs, blonde"),
        *("возраст 3\u0433\u043e\u0434\u0430", "вік 4\u0440\u043e\u043a\u0438"),
        *("15yrs", "15ans", "15л\u0435т", "(15yrs)", "Lena, 15yrs, blonde", "15years", "15 yr"),
    ],
)
def test_years_may_be_glued_to_the_number_of_an_age(text: str) -> None:
    assert only_rejection(opened(noted(text))).protects


@pytest.mark.parametrize(
    "text",
    [
        *("age 35yrs", "Alter: 35J.", "35yrs", "(35yrs)", "age 15k", "Alter 1a", "15th", "15j"),
        *("open 15yrs", "15yrs of experience", "convicted, 15yrs", "15 yr lease"),
    ],
)
def test_what_is_glued_to_another_number_is_no_age_below_18(text: str) -> None:
    only_entry(opened(noted(text)))


@pytest.mark.parametrize("listed", REMARKS)
def test_such_ages_are_heard_wherever_remarks_stand(listed: Listed) -> None:
    told = ("age 15yrs", "15yrs")
    assert [one for one in told if listed(one)] == []


@pytest.mark.parametrize(
    "text",
    [
        *("15 jaar oud", "15 år gammel", "15 år gammal", "15 anni d'età", "15 anni di età"),
        *("15 ans d'âge", "15 ans d\u2019âge", "15 let stará", "15 let starý", "15 let staré"),
        *("vrouw, 15 jaar oud", "kvinna, 15 år gammal", "15 años de edad", "15 anos de idade"),
        *("15 лет от роду", "seen there 15 jaar oud", "15 Jahre alt", "15 J. alt"),
        *("15 years old", "15-year-old", "15 y. old", "15yrs (old)"),
    ],
)
def test_a_word_behind_the_years_says_that_they_are_an_age(text: str) -> None:
    assert only_rejection(opened(noted(text))).protects
    only_entry(opened(noted(text.replace("15", "35"))))


@pytest.mark.parametrize("text", ["15 jaar oud", "15 Jahre alt", "15 anni d'età"])
def test_beside_a_sentence_such_years_are_an_age(text: str) -> None:
    assert only_rejection(opened(noted(f"convicted, {text}"))).protects
    assert only_rejection(opened(f'phone,Sentence\n{PHONE},"{text}"\n')).protects


@pytest.mark.parametrize(
    "text",
    [
        *(
            "عمرها \u0661\u0665",
            "العمر: \u0661\u0666",
            "عمرها \u06f1\u06f5",
            "उम्र \u0967\u096b",
            "female, \u0661\u0665",
            "\u0661\u0665, female",
            "आयु \u0967\u096b",
        ),
        *("she is \u0661\u0665", "ей \u0967\u096b лет", "\u0661\u0665 yrs", "girl of \u06f1\u06f5"),
    ],
)
def test_an_age_in_digits_of_another_script_is_heard(text: str) -> None:
    assert only_rejection(opened(noted(text))).protects


@pytest.mark.parametrize(
    "text", ["F, \u0661\u0665", "w\u06f1\u06f5", "F-\u0967\u096b y", "m/\u0661\u0665"]
)
def test_beside_a_letter_so_it_may_be(text: str) -> None:
    assert only_rejection(opened(noted(text))).code == "unknown_role"


@pytest.mark.parametrize(
    "text",
    [
        "عمرها \u0663\u0665",
        "female, \u0663\u0665",
        "F, \u0663\u0665",
        "convicted, \u0661\u0662 years",
    ],
)
def test_another_number_in_such_digits_is_no_age_below_18(text: str) -> None:
    only_entry(opened(noted(text)))


def test_a_sentence_in_such_digits_is_none() -> None:
    only_entry(opened(f"phone,Sentence\n{PHONE},\u0661\u0662 years\n"))


@pytest.mark.parametrize(
    "text",
    [
        *("F/15y", "F/15yrs", "(w/15J.)", "F15y", "F15yrs", "w15J", "15y/F", "15yF", "M/16yrs"),
        *("seen with F15y", "15 yrs/F", "15yrsF", "15 ans / f", "w15 Jahre", "f/9yrs", "ж/15 лет"),
        *(
            "m15y",
            "ж15y",
            "seen with f/15y there",
            "seen with f15yo",
            "15J/w",
            "15yM",
            "Lena, W15J",
            "f/15 y",
            "M-16yrs",
        ),
    ],
)
def test_years_beside_a_letter_for_a_sex_may_be_a_victims(text: str) -> None:
    assert only_rejection(opened(noted(text))).code == "unknown_role"


@pytest.mark.parametrize(
    "text",
    [
        *("F/35y", "w35J", "35y/F", "35yF", "London, W1J", "Toronto, M4Y", "M4Y 1A1", "W1J 5AB"),
        *("w/5yrs experience", "BMW M3 year 2015", "M15 yards", "115yF", "AF15y"),
    ],
)
def test_years_beside_another_letter_are_no_age_below_18(text: str) -> None:
    only_entry(opened(noted(text)))


@pytest.mark.parametrize(
    "text",
    [
        *("she is 15 years", "sie ist 15 Jahre", "zij is 15 jaar", "she is approx. 15"),
        *("sie ist ca. 15", "sie ist erst 15", "she is now 15", "she is 15-16", "he was 15yrs."),
        *("she is only about 15", "tiene unos 15 años", "elle a environ 15 ans", "ik ben pas 15"),
        *("ha circa 15 anni", "ma ok. 15 lat", "ma około 15 lat", "tiene solo 15 años y llora"),
        *("14-15 years", "15 or 16 yrs", "Lena, 14-15 yrs, blonde", "she is 8-9 years"),
        *("tem 15 ou 16 anos", "sie ist nur 15", "edad: unos 15", "age now 15"),
        *("ella tiene 15-16 años", "ma 15-16 lat", "she is fifteen years", "15 років"),
    ],
)
def test_more_words_may_stand_beside_the_age_that_somebody_has(text: str) -> None:
    assert only_rejection(opened(noted(text))).protects


@pytest.mark.parametrize(
    "text",
    [
        *(
            "she is 35 years",
            "she is approx. 35",
            "she is 35-36",
            "tiene unos 35 años",
            "he is 6-2",
        ),
        *("she is 15 years in prison", "er ist 15 Jahre dabei", "she is now 15 km away"),
        *("he is 15 years older", "tiene unos 15 años de experiencia", "5-10 years", "15+ years"),
        *("ma ok. 15 lat pracy", "ha circa 15 anni di esperienza", "convicted, 12-15 years"),
        *("he is 10-15 minutes away", "open 10-15 years", "she is 15 or 20 minutes late"),
    ],
)
def test_years_of_something_else_are_no_age(text: str) -> None:
    only_entry(opened(noted(text)))


@pytest.mark.parametrize("cell", ["10-15 years", "12 or 15 years"])
def test_a_sentence_may_have_a_range(cell: str) -> None:
    only_entry(opened(f"phone,Sentence\n{PHONE},{cell}\n"))


@pytest.mark.parametrize(
    "text",
    [
        *("15 ani", "are 15 ani", "are 15 ani, din Iasi", "15 tuổi", "em ấy 15 tuổi", "15 éves"),
        *("she is still 15", "she is barely 15", "sie ist gerade 15", "er ist noch 15 Jahre alt"),
        *("elle a seulement 15 ans", "tiene apenas 15 años", "lei ha appena 15 anni"),
    ],
)
def test_more_languages_and_more_words_before_the_years_are_heard(text: str) -> None:
    assert only_rejection(opened(noted(text))).protects
    only_entry(opened(noted(text.replace("15", "35"))))


@pytest.mark.parametrize(
    "text", ["there are 15 rooms", "she is still in room 15", "are 15 animals"]
)
def test_such_words_beside_another_number_tell_no_age(text: str) -> None:
    only_entry(opened(noted(text)))
