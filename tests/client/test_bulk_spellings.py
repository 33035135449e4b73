"""One selector in all the ways that people and programs write it."""

import phonenumbers
import pytest

from screening.vocabulary.cells import read_cell
from screening.vocabulary.normalise import normalise
from screening.vocabulary.recognition import find_kind
from screening.vocabulary.selector import Canonical, SelectorKind
from tests.client.conftest import List, Screen


@pytest.mark.parametrize(
    ("value", "region"),
    [
        ("+1 (202) 555-0100, ext. 7", None),
        ("202-555-0100 x 1234", "US"),
        ("+49 (0) 8151 / 1234567", None),
        ("030 / 1234567", "DE"),
        ("12.025.550.142", "US"),
        ("+442079460950", None),
    ],
)
def test_one_number_in_parts_is_still_one_number(value: str, region: str | None) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == normalise("phone", value, region=region)


@pytest.mark.parametrize(
    "value",
    ["a&b^d@x.example", "o'b{r}ien+x@x.example", "_x@x.example", "+12025550100@x.example"],
)
def test_an_address_with_odd_marks_is_still_one_address(value: str) -> None:
    assert read_cell(SelectorKind.EMAIL, value, None) == normalise("email", value)


STYLES = (
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
)


REMARKS = [
    *("030 23125-099/098", "030 23125099 (Handy)", "030 23125099 mobil", "030 23125099 Oma"),
    *("1) 030 23125099", "0171 2345678 (2)", "+43 1 2345678-11/12", "+39 06 1234567/8"),
    "+43 664 1234567 ab 18",
    *("030 23125098 (2019)", "+49 30 23125098 (9-17)", "030 23125098 (24/7)", "030 23125098 [2]"),
    *("030 23125098/-99", "030/23125098-98/-99", "030 23125098 - 2", "030 23125098 2"),
    *("030 23125098 2024", "030 23125098 9-17", "24/7 030 23125098", "1 - 030 23125098"),
    *("(2) 030 23125098", "+49 30 23125098 DW 12", "0221 471012/471013", "06131 12345 / 12346"),
]


@pytest.mark.parametrize(
    "value",
    [
        *("privat/j.doe@x.example", "*j.doe@x.example", "→j.doe@x.example"),
        *("邮箱j.doe@x.example", "email=j.doe@x.example", "|j.doe@x.example"),
    ],
)
def test_what_stands_beside_an_address_is_no_part_of_it(value: str) -> None:
    assert read_cell(SelectorKind.EMAIL, value, None) == "remark_in_cell"


def test_every_number_of_every_plan_is_read_as_it_is_ordinarily_written() -> None:
    written = [
        (phonenumbers.format_number(number, style), region, number)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
        if (number := phonenumbers.example_number_for_type(region, kind)) is not None
        for style in STYLES
    ]
    assert len(written) > 1_000
    for text, region, number in written:
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert read_cell(SelectorKind.PHONE, text, region) == Canonical(SelectorKind.PHONE, e164)


@pytest.mark.parametrize(
    ("value", "region"),
    [("0044 20 7946 0958", "JP"), ("0012025550143", "KR"), ("0049 30 23125099", "SG")],
)
def test_two_zeros_are_no_plus_where_the_country_dials_otherwise(value: str, region: str) -> None:
    assert not isinstance(read_cell(SelectorKind.PHONE, value, region), Canonical)


def test_what_an_export_writes_around_a_number_is_no_part_of_it() -> None:
    for kind, value, is_written in (
        (SelectorKind.PHONE, "03023125099", '="03023125099"'),
        (SelectorKind.EMAIL, "a@x.example", '="a@x.example"'),
        (
            SelectorKind.PHONE,
            "090-1234-5678",
            "090\u30fc1234\u30fc5678",
        ),
    ):
        region = "JP" if value.startswith("090") else "DE"
        assert read_cell(kind, is_written, region) == normalise(kind, value, region=region)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "\u4f50\u3005\u6728@x.example",
            "\u30e1\u30fc\u30eb@x.example",
            "\u5c71\u7530\u305f\u308d\u3046@x.example",
        ),
        "bounce+jane=booking.example@x.example",
    ],
)
def test_an_address_of_one_people_is_one_address(value: str) -> None:
    assert isinstance(read_cell(SelectorKind.EMAIL, value, None), Canonical)


@pytest.mark.parametrize(
    ("value", "region"),
    [
        *(("030/23125098", "DE"), ("+49/30/23125098", "DE"), ("+49 (0)30 23125-98", "DE")),
        *(("0049 (0) 30 / 231250", "DE"), ("(202) 555 - 0143", "US"), ("202/555-0143", "US")),
        *(("8 (495) 123 - 45 - 67", "RU"), ("020 7946 2019", "GB"), ("(11) 2345-6789", "BR")),
        *(("8 0152 45-09-11", "BY"), ("612 34 05 67", "ES")),
        *(("38 (050) 123-45-67", "UA"), ("8-029-491-19-11", "BY"), ("02)555-1234", "KR")),
        *(("06-20/123-4567", "HU"), ("06/39/98/12/34", "FR"), ("030 23125 - 0", "DE")),
        *(("1 - 202-555-0143", "US"), ("(030) 23125 - 99", "DE"), ("0470/12.34.56", "BE")),
        *(("+49 171 2345 2024", None), ("12025550143", "US"), ("1712345678", "DE")),
    ],
)
def test_ways_to_write_one_number(value: str, region: str | None) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == normalise("phone", value, region=region)


@pytest.mark.parametrize(
    "value", ["Jo +12025550142", "Tel: +12025550142", "+12025550142 wife", "+12025550142 for Jo"]
)
def test_words_beside_a_number_are_told_whatever_the_number_becomes_with_them(value: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, None) == "remark_in_cell"


@pytest.mark.parametrize("value", REMARKS)
def test_what_stands_beside_a_number_is_no_part_of_it(value: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, "DE") == "remark_in_cell"


@pytest.mark.parametrize("value", ["1-800-FLOWERS", "+1 800 FLOWERS", "tel:+1-202-555-0100;ext=7"])
def test_a_number_in_letters_is_a_number(value: str) -> None:
    read = read_cell(SelectorKind.PHONE, value, "US")
    assert read == normalise("phone", value, region="US")


WRITTEN_AROUND = {
    "+12025550142": [
        *(
            "p:+12025550142",
            "whatsapp:+12025550142",
            "WhatsApp:+1 202 555 0142",
            "sms:+12025550142",
        ),
        *(
            "12025550142@s.whatsapp.net",
            "12025550142@c.us",
            "+12025550142;",
            "callto:+12025550142,",
            "tel:%2B1%20202%20555%200142",
            "TEL:+1%20(202)%20555-0142",
            "tel://%2B12025550142",
            "+1%20202%20555%200142",
        ),
        *("p:202-555-0142", "p:(202) 555-0142"),
    ],
    "a@x.example": [
        *("mailto:a@x.example", "a@x.example;", "MAILTO:a@x.example?subject=Hi", "a@x.example , "),
        "a@x.example\uff1b",
    ],
    "4242424242424242": ["4242 4242 4242 4242;"],
}


@pytest.mark.parametrize("name", ["contact", "value", "phone", "email", "card"])
@pytest.mark.parametrize(
    ("listed", "value"),
    [(one, value) for one, values in WRITTEN_AROUND.items() for value in values],
)
def test_what_programs_write_around_a_selector_is_no_part_of_it(
    screen: Screen, list_selectors: List, name: str, listed: str, value: str
) -> None:
    kind = find_kind(listed)
    assert kind is not None
    list_selectors((kind.value, listed))
    _, row = screen(f'n,{name}\n1,"{value}"\n'.encode(), "--region", "US")
    assert row[2:4] == ["match", name]


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        *(("phone", "p: +12025550142", "remark_in_cell"), ("email", "mailto:", "not_an_email")),
        *(("phone", "Jo:+12025550142", "remark_in_cell"), ("email", "c.us", "not_an_email")),
        ("email", "mailto:a@x.example,b@x.example", "several_values"),
        ("email", "mailto:a@x.example?cc=b%2Bnews@x.example", "several_values"),
        ("email", "mailto:a@x.example?subject=Hi&BCC=b+news@x.example", "several_values"),
        ("email", "mailto:a@x.example?subject=Hi&amp;cc=b@x.example", "several_values"),
        ("email", "mailto:a@x.example?reply-to=b@x.example", "several_values"),
        ("email", "mailto:a@x.example?body=call%20+1 202 555 0142", "several_values"),
        ("email", "jane%2Edoe@x.example", "remark_in_cell"),
        ("card", "0004242424242424242", "not_a_card"),
        *(("phone", "call me", "not_a_phone"), ("phone", "?", "not_a_phone")),
        *(("phone", "--- ---", "not_a_phone"), ("phone", "12345", "region_required")),
        ("phone", "1-800-FLOWERS", "region_required"),
        ("phone", "call 2025550100", "region_required"),
    ],
)
def test_anything_else_around_a_selector_is_told(kind: str, value: str, code: str) -> None:
    assert read_cell(SelectorKind(kind), value, None) == code


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("mailto:jane%2Bnews@booking.example", "jane+news@booking.example"),
        ("mailto:jane%2Edoe@booking.example?subject=x", "jane.doe@booking.example"),
        ("mailto:jane%40booking.example", "jane@booking.example"),
        ("mailto:?to=jane@booking.example&subject=hi", None),
    ],
)
def test_a_mail_link_is_read_as_the_address_that_it_is_of(link: str, address: str | None) -> None:
    read = read_cell(SelectorKind.EMAIL, link, None)
    assert read == ("not_an_email" if address is None else normalise("email", address))
