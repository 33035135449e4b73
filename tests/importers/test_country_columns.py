"""Columns of countries: which of several completes a phone, and where none does."""

import pytest

from screening.vocabulary.errors import OperatorError
from tests.importers.importing import opened, outcomes

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"


@pytest.mark.parametrize(
    ("header", "row", "region"),
    [
        ("Phone Country,Country", "US,MX", None),
        ("Country,Phone Country", "MX,US", "GB"),
        ("City,State,Country,Region", "Indianapolis,Indiana,US,Midwest", None),
        ("Country,Region", "US,", None),
        ("Country,ISO2", "United States,US", None),
        ("Land,Country", "US,us", None),
        ("Region", "US", None),
        ("Land,Region", "US,Nordost", None),
        ("País,Región", "US,Oaxaca", None),
        ("Phone country,Region", "US,IN", None),
    ],
)
def test_of_several_columns_of_countries_that_of_the_phones_counts_then_that_of_countries(
    header: str, row: str, region: str | None
) -> None:
    content = f"Phone,{header}\n202 555 0142,{row}\n"
    assert outcomes(opened(content, region=region)) == [(2, "+12025550142")]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("City,State,Country,Region", "Indianapolis,Indiana,US,IN"),
        ("Country,Region", "United States,DE"),
        ("Country,Region", ",CA"),
        ("Country,Land", "US,DE"),
        ("Phone Country,Phone Region", "US,GB"),
    ],
)
def test_columns_that_do_not_agree_on_a_country_complete_no_phone(header: str, row: str) -> None:
    content = f"Phone,{header}\n812 555 0142,{row}\n"
    with pytest.raises(OperatorError, match=r"do not agree .* phone country") as caught:
        opened(content, region="US")
    assert "812" not in str(caught.value)
    content = content.replace("812 555 0142", PHONE)
    assert outcomes(opened(content)) == [(2, CANONICAL)]


def test_columns_that_do_not_agree_further_down_complete_no_phone_either() -> None:
    rows = "202 555 0142,US,\n" * 100 + f"202 555 0142,US,IN\n{PHONE},US,IN\n"
    found = outcomes(opened(f"Phone,Country,Region\n{rows}", region="US"))
    assert found[99:] == [(101, "+12025550142"), (102, "region_required"), (103, CANONICAL)]


def test_in_a_list_its_own_column_of_regions_counts() -> None:
    content = "kind,value,region,country\nphone,202 555 0142,US,MX\n"
    assert outcomes(opened(content)) == [(2, "+12025550142")]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Billing Country", "Germany"),
        ("Country of residence", "Germany"),
        ("dial code", "+49"),
        ("cc", "49"),
        ("net", "+49"),
        ("Vorwahl", "030"),
        ("Calling code", "49"),
        ("Dialling code", "+49 (DE)"),
        ("Based in", "Germany"),
        ("Location", "Berlin / Deutschland"),
        ("LKZ", "D"),
        ("Where", "\U0001f1e9\U0001f1ea"),
    ],
)
def test_what_says_of_which_country_or_area_a_phone_is_is_never_overlooked(
    header: str, row: str
) -> None:
    rows = f"phone,{header}\n23125099,{row}\n"
    with pytest.raises(OperatorError, match=f"column '{header}' of .* looks like"):
        outcomes(opened(rows, region="US"))


@pytest.mark.parametrize(
    "header",
    [
        "Phone,Phone country,Mobile,Mobile country",
        "Phone,Country,Phone 2,Country 2",
        "Phone,Region,Mobile,Region 2",
    ],
)
def test_phones_with_countries_of_their_own_are_not_completed_by_others(header: str) -> None:
    content = header + "\n020 7946 0205,GB,030 23125000,{}\n"
    with pytest.raises(OperatorError, match="a second one that looks like countries") as caught:
        opened(content.format("DE"))
    assert "7946" not in str(caught.value)
    assert outcomes(opened(content.format("uk").replace("030 23125000", "020 7946 0206"))) == [
        (2, "+442079460205"),
        (2, "+442079460206"),
    ]


@pytest.mark.parametrize("header", ["Vorwahl", "Vorw.", "Netz", "col1", "Code", "Tel1"])
@pytest.mark.parametrize(
    ("phone", "region", "country"),
    [("23125099", "DE", None), ("+49 23125099", None, None), ("23125099", None, "DE")],
)
def test_area_codes_apart_from_their_phones_are_never_overlooked(
    header: str, phone: str, region: str | None, country: str | None
) -> None:
    beside = ("Country,", f"{country},") if country else ("", "")
    content = f"id,{beside[0]}{header},Telefon\n" + f"1,{beside[1]}030,{phone}\n" * 3
    with pytest.raises(OperatorError, match=f"column '{header}' of .* looks like codes"):
        opened(content, region=region)


def test_in_a_list_area_codes_beside_the_values_are_refused_too() -> None:
    with pytest.raises(OperatorError, match=r"column 'x' of .* looks like codes"):
        opened("kind,value,x\nphone,+49 23125099,030\n")


def test_what_begins_with_a_zero_beside_whole_phones_is_no_code() -> None:
    content = "PLZ,Nr,Month,Phone\n" + "01067,030,01,+49 30 23125099\n" * 3
    assert [text for _, text in outcomes(opened(content))] == ["+493023125099"] * 3
