"""What trust teams' spreadsheets really hold: told in words of its own, and never asked about."""

from pathlib import Path

import phonenumbers
import pytest

from screening.client.bulk.outcomes import cause_sentence
from screening.vocabulary.cells import read_cell
from screening.vocabulary.normalise import normalise
from screening.vocabulary.recognition import find_kind
from screening.vocabulary.selector import Canonical, SelectorKind
from tests.client.conftest import ADDED, Document, GenScreen, List, Screen
from tests.client.peer import Peer

SEVERAL = {
    "phone": [
        "+12025550100 / +12025550101",
        "+12025550100, +12025550101",
        "+12025550100; 2025550101",
        "+1 202 555 0100 or +1 202 555 0101",
        "+12025550100\n+12025550101",
        "+12025550100 +12025550101",
        "2025550100; 2025550101",
        "2025550100 2025550101",
        "+442079460958, 02079460959",
        "+12025550100|+12025550101|+12025550102",
        "+12025550100, a@x.example",
        "2025550100\uff1b2025550101",
        "a@x.example - +12025550101",
        "a@x.example: 202 555 0100",
        "2025550100 ext 2025550101",
        "+12025550100\u3001+12025550101",
    ],
    "card": [
        "4242424242424242 5555555555554444",
        "4242 4242 4242 4242 / 5555 5555 5555 4444",
        "4242424242424242;5555555555554444",
    ],
    "email": [
        *("a@x.example; b@x.example", "a@x.example b@x.example", "a@x.example/b@x.example"),
        *("2025550100/a@x.example", "+12025550100|a@x.example", "+1 202 555 0100 a@x.example"),
        *("+12025550100-a@x.example", "a@x.example - +12025550101"),
    ],
}
CHANGED = {
    "phone": [
        *("1.20256E+10", "1,20256E+10", "4.4e+11", "12025550100.0", "+442079460958.0", "2E10"),
        *("+4930123456.00", "+62812345678.0", "+4915112345678,00"),
    ],
    "card": ["4.24242E+15", "4242424242424242.0", "4242424242424240"],
}


@pytest.mark.parametrize("region", [None, "US", "GB", "DE"])
@pytest.mark.parametrize(
    ("kind", "value", "trouble"),
    [
        (kind, value, trouble)
        for trouble, kinds in (("several_values", SEVERAL), ("changed_number", CHANGED))
        for kind, values in kinds.items()
        for value in values
    ],
)
def test_more_than_one_value_and_changed_numbers_have_reasons_of_their_own(
    kind: str, value: str, trouble: str, region: str | None
) -> None:
    assert read_cell(SelectorKind(kind), value, region) == trouble


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
    "value",
    [
        *("12025550142", "1 (202) 555-0142", "1-202-555-0142", "4915112345678", "49 1512 3456789"),
        "378282246310005",
    ],
)
def test_bare_digits_that_are_of_another_country_or_a_card_are_no_phone(value: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, "DE") == "not_a_phone"


@pytest.mark.parametrize(
    ("value", "region"),
    [
        *(("612345678", "IT"), ("612345678", "VA"), ("(6) 1234 5678", "IT"), ("612345678", "it")),
        *(("1441234", "GA"), ("549886377", "SM")),
    ],
)
def test_a_number_that_has_lost_the_zero_which_is_part_of_it_is_changed(
    value: str, region: str
) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == "changed_number"
    whole = f"0{value}"
    assert read_cell(SelectorKind.PHONE, whole, region) == normalise("phone", whole, region=region)


@pytest.mark.parametrize(
    ("value", "region"),
    [
        *(("3123456789", "IT"), ("1712345678", "DE"), ("612345678", "FR"), ("2079460958", "GB")),
        *(("612345678", "NL"), ("412345678", "AU"), ("5321234567", "TR"), ("2025550142", "US")),
        ("+39612345678", "IT"),
    ],
)
def test_a_number_that_needs_no_zero_is_asked_about_without_it(value: str, region: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == normalise("phone", value, region=region)


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


@pytest.mark.parametrize("value", ["4242424242424242 006", "378282246310005 0000"])
def test_a_card_with_its_security_code_is_not_another_card(value: str) -> None:
    assert read_cell(SelectorKind.CARD, value, None) == "several_values"


def test_an_apostrophe_by_which_a_spreadsheet_marks_a_text_is_not_read() -> None:
    read = read_cell(SelectorKind.EMAIL, "'j.doe@x.example", None)
    assert read == normalise("email", "j.doe@x.example")


@pytest.mark.parametrize("value", ["x" * 100_000, "\u0301" * 100_000, "x " * 50_000, "1 " * 50_000])
@pytest.mark.parametrize("kind", list(SelectorKind))
def test_a_huge_cell_is_too_long_at_once(kind: SelectorKind, value: str) -> None:
    assert read_cell(kind, value, "US") == "too_long"
    assert find_kind(value, "US") is None


@pytest.mark.parametrize("card", ["4242 4242 4242 4241", "4242-4242-4242-4241"])
def test_a_card_in_groups_is_one_value_whatever_is_wrong_with_it(card: str) -> None:
    assert read_cell(SelectorKind.CARD, card, "US") == "bad_checksum"


def test_all_other_values_are_what_the_normaliser_says(canonical_vectors: list[Document]) -> None:
    for case in canonical_vectors:
        if case["kind"] in set(SelectorKind):
            read = read_cell(SelectorKind(case["kind"]), case["raw"], case.get("region"))
            expected = case.get("error")
            assert (read.text if isinstance(read, Canonical) else read) == (
                expected or case["canonical"]
            )


def test_a_cell_of_two_numbers_is_not_answered_for_the_first_alone(
    screen: Screen, list_selectors: List, peer: Peer
) -> None:
    list_selectors(("phone", "+12025550101"))
    _, *rows = screen(
        b'phone,email\n"2025550100; 2025550101",\n1.20256E+10,\n,a@x.example b@x.example\n',
        "--region", "US", "--column", "phone=phone", "--column", "email=email",
    )  # fmt: skip
    assert [row[2:] for row in rows] == [
        ["not_screened", "phone: several_values", ""],
        ["not_screened", "phone: changed_number", ""],
        ["not_screened", "email: several_values", ""],
    ]
    assert peer.total("/v1/bulk") == 0


def test_a_column_that_a_spreadsheet_has_changed_throughout_is_not_taken_for_something_else(
    screen: Screen,
) -> None:
    _, *rows = screen(b"email,mobile\n" + b"a@x.example,1.20256E+10\n" * 3)
    assert [row[2:4] for row in rows] == [["not_screened", "mobile: changed_number"]] * 3


@pytest.mark.parametrize("options", [(), ("--column", "card=card")], ids=["found", "told"])
def test_a_card_of_a_rounded_column_is_not_asked_about_as_the_card_it_has_become(
    screen: Screen, peer: Peer, options: tuple[str, ...]
) -> None:
    # The third has a right check digit, as one rounded number in ten; 15 digits stay as they are.
    rows = screen(
        b"card\n4242424242424240\n5555555555554420\n4000000000000010\n378282246310005\n", *options
    )
    assert [row[1] for row in rows[1:]] == ["not_screened"] * 3 + ["no_match"]
    assert [row[2] for row in rows[1:4]] == ["card: changed_number"] * 3
    rows = screen(b"card\n4000000000000010\n4242424242424242\n4242424242424240\n", *options)
    assert [row[1] for row in rows[1:]] == ["no_match", "no_match", "not_screened"]


def test_a_column_with_one_selector_is_not_left_out_for_the_values_beside_it(
    screen: Screen, list_selectors: List
) -> None:
    card = ("card", "4242424242424242")
    list_selectors(card, ("email", "j.doe@listed.example"), ("phone", "+12025550142"))
    rows = screen(
        b"id,Telefon,Zahlkarte\n1,+12025550100,4242 4242 4242 4242\n2,+12025550101,4.24242E+15\n"
    )
    assert [row[3] for row in rows[1:]] == ["match", "not_screened"]
    rows = screen(
        b"id,phone,contact\n1,+12025550100,j.doe@listed.example\n2,+12025550101,+12025550142\n"
        b"3,+12025550102,ask at the desk\n4,+12025550103,desk@unlisted.example\n"
    )
    # A phone among addresses is asked about as the phone that it is.
    assert [row[3] for row in rows[1:]] == ["match", "match", "no_match", "no_match"]


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
    ],
)
def test_anything_else_around_a_selector_is_told(kind: str, value: str, code: str) -> None:
    assert read_cell(SelectorKind(kind), value, None) == code


def test_the_summary_says_what_to_do_about_them(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("phone\n+12025550100\n1.20256E+10\n+12025550100 +12025550101\n\n")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert done.code == 0
    for cause in ("changed_number", "several_values", "empty"):
        assert f"1  {cause}: {cause_sentence(cause)}" in done.out
    assert "a spreadsheet has changed this number" in done.out
    assert "nothing to screen there" in done.out


@pytest.mark.parametrize("hint", ["sep=;", '"sep=;"'])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_the_separator_that_a_first_line_tells_is_taken_and_the_line_kept(
    screen: Screen, tmp_path: Path, list_selectors: List, hint: str, bom: bytes
) -> None:
    list_selectors(("phone", "+12025550100"))
    line = f"{hint}\r\n".encode()
    _, header, row = screen(
        bom + line + b"a,phone,b;phone\r\n1,2,3;+12025550100\r\n", delimiter=";"
    )
    assert header == ["a,phone,b", "phone", *ADDED]
    assert row[:4] == ["1,2,3", "+12025550100", "match", "phone"]
    assert (tmp_path / "out.csv").read_bytes().startswith(bom + line + b'"a,phone,b";phone;result')


def test_a_bar_between_cells_is_taken_where_the_first_line_tells_it(screen: Screen) -> None:
    content = b"sep=|\nphone|note\n+12025550100|a,b\n"
    _, header, row = screen(content, delimiter="|")
    assert header == ["phone", "note", *ADDED]
    assert row[:3] == ["+12025550100", "a,b", "no_match"]
