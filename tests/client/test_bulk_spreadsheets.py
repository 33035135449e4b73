"""What trust teams' spreadsheets really hold: told in words of its own, and never asked about."""

from pathlib import Path

import pytest

from screening.client.bulk.outcomes import cause_sentence
from screening.vocabulary.cells import read_cell
from screening.vocabulary.selector import SelectorKind
from tests.client.conftest import ADDED, GenScreen, List, Screen
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


@pytest.mark.parametrize(("cell", "is_told"), [("1202561E4", False), ("1.20256E+10", True)])
def test_a_column_is_named_for_what_a_spreadsheet_has_shortened_and_not_for_an_id(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, cell: str, *, is_told: bool
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("Ref,email\n" + "see above,a@x.example\n" * 3 + f"{cell},b@x.example\n")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert ("numbers or addresses stand in them: Ref" in done.err) is is_told
