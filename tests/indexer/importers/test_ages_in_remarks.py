"""Ages that words of a remark tell: glued to their years, in other digits, guessed, or said."""

import pytest

from tests.indexer.importers.importing import only_entry, only_rejection, opened
from tests.indexer.importers.test_words_heard import REMARKS, Listed

PHONE = "+1 202-555-0134"


def noted(text: str) -> str:
    return f'phone,Notes\n{PHONE},"{text}"\n'


@pytest.mark.parametrize(
    "text",
    [
        *("age 15yrs", "aged 15yrs", "Age 15y", "Age: 15yr", "Alter: 15J.", "edad 15años"),
        *("âge: 15ans", "wiek 15lat", "возраст 15л\u0435т", "вік 15 років", "age: 9yrs, blonde"),
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
