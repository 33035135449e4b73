"""What trust teams' spreadsheets really hold: told in words of its own, and never asked about."""

from pathlib import Path

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
    "value",
    [
        *("12025550142", "1 (202) 555-0142", "1-202-555-0142"),
        *("tel:442079460958", "tel:12025550142"),
        *("442079460958", "61491570156", "33199001234", "48501234567", "436641234567"),
    ],
)
def test_bare_digits_that_may_be_of_another_country_are_asked_about_as_none(value: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, "DE") == "unclear_country"


@pytest.mark.parametrize(
    ("value", "region"),
    [("12025550142", "AT"), ("33612345678", "IT"), ("33612345678", "ID"), ("34612345678", "AT")],
)
def test_a_plan_that_has_nearly_every_number_makes_none_its_own(value: str, region: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == "unclear_country"


@pytest.mark.parametrize(
    ("value", "region"),
    [
        *(("+2025550142", "US"), ("+20 7946 0958", "GB"), ("+15112345678", "DE")),
        *(("+2025550142", "DE"), ("(+2025550142)", "US"), ("(+20) 7946 0958", "GB")),
        *(("tel:+2025550142", "US"), ("+48 (0)22 123 45 67", None), ("+36 (0)1 234 5678", "HU")),
        *(("+420 (0)2 1234 5678", "DE"), ("+852 (0)2123 2103", None)),
    ],
)
def test_a_plus_before_a_number_of_the_country_itself_is_told(value: str, region: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == "unclear_country"


@pytest.mark.parametrize(
    ("value", "region"),
    [
        *(("15123456789", "DE"), ("3023125123", "DE"), ("5111234567", "DE"), ("84951234567", "RU")),
        *(("15012345678", "CN"), ("11912345678", "BR"), ("+12025550142", "DE")),
        *(("+201001234567", "US"), ("6641234567", "AT")),
    ],
)
def test_a_number_that_is_written_so_in_its_country_is_of_it(value: str, region: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == normalise("phone", value, region=region)


@pytest.mark.parametrize(
    "value", ["4915112345678", "49 151 12345678", "tel:4915112345678", "49 (0)151 12345678"]
)
def test_a_number_with_the_code_of_its_own_country_only_lacks_its_plus(value: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, "DE") == normalise("phone", "+4915112345678")


@pytest.mark.parametrize(
    "value", ["+49 (0)30 23125099", "+39 (0)6 1234 5678", "+44 (0)20 7946 0958"]
)
def test_a_zero_that_the_plan_knows_is_read(value: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, None) == normalise("phone", value)


def test_a_card_among_phones_is_no_phone() -> None:
    assert read_cell(SelectorKind.PHONE, "378282246310005", "DE") == "not_a_phone"


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
