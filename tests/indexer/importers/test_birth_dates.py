"""Who may have been under 18, by a birth in whatever form."""

import pytest

from indexer.importers.birth_dates import is_of_births, tells_minor


@pytest.mark.parametrize(
    "heading", ["date-of-birth", "DOB", "Year of birth", "Geburtsdatum", "Fecha de nacimiento"]
)
def test_births_are_known_by_their_heading(heading: str) -> None:
    assert is_of_births(heading)
    assert not is_of_births("first-seen")


@pytest.mark.parametrize(
    "birth", ["2012-03-04", "04.03.2012", "3/4/2012", "20120304", "2012", "2008-12-31"]
)
def test_who_may_have_been_under_18_is_a_minor(birth: str) -> None:
    assert tells_minor(birth, year=2026)


@pytest.mark.parametrize("birth", ["2007-01-01", "1980", "", "unknown", "+1 202-555-0134"])
def test_who_was_of_age_all_year_or_has_no_birth_date_is_none(birth: str) -> None:
    assert not tells_minor(birth, year=2026)
