import io
import re
from pathlib import Path
from typing import get_args

import pytest

from screening.importers.entry import IMPORT_SENTENCES, RowCode, Span, TextCode
from screening.importers.finding import Finding
from screening.importers.free_text import Taken, TextFile
from screening.importers.selector_finder import find_selectors
from screening.vocabulary.cells import CellCode
from screening.vocabulary.errors import REJECTION_SENTENCES

REMARKS = Path(__file__).with_name("contact_remarks.csv")


def outcomes(text: str, region: str | None = None) -> list[str]:
    """Return, for each finding, the canonical form or the code."""
    return [outcome(finding) for finding in find_selectors(text, region)]


def outcome(finding: Finding) -> str:
    return finding.canonical.text if finding.canonical else str(finding.outcome)


def remarks(region: str | None = None) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    with REMARKS.open("rb") as stream:
        for result in TextFile(stream, file="contact_remarks.csv", region=region):
            text = result.canonical.text if isinstance(result, Taken) else result.code
            found.setdefault(result.line, []).append(text)
    return found


def test_without_a_region_only_what_is_certain_is_taken() -> None:
    assert remarks() == {
        2: ["desk@harbour.example"],
        3: ["sales@harbour.example"],
        4: ["region_required", "region_required"],
        5: ["region_required", "region_required"],
        6: ["info@harbour.test", "region_required", "region_required"],
        7: ["region_required", "shortened_number", "region_required", "kb@co.harbour.example"],
        8: ["region_required", "region_required"],
        9: ["+442079460958", "+442079460959", "+12025550134"],
        10: ["+442079460958", "+442079460959"],
        11: ["nothing_found"],
        12: ["not_an_email"],
        13: ["no_phone_label"] * 3,
        14: ["+442079460958", "desk.two@harbour.example"],  # the row has a region of its own
        16: ["3507656950@harbour.example", "2000@911.example"],
        17: ["card_not_taken"],
    }


def test_the_right_region_makes_the_rest_readable() -> None:
    found = remarks("GB")
    both = ["+442079460958", "+442079460959"]
    assert found[4] == found[5] == found[8] == both
    assert found[6][1:] == both
    assert found[7] == [both[0], "shortened_number", both[0], "kb@co.harbour.example"]
    assert found[13] == ["no_phone_label"] * 3


@pytest.mark.parametrize("region", ["US", "DE", "DK", "NO", "IT", "IN", "CA", "LU", "QA"])
def test_a_wrong_region_takes_no_number_of_another_country(region: str) -> None:
    taken = [text for line in (4, 7, 8, 13) for text in remarks(region)[line] if text[0] == "+"]
    assert taken == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(+1) 202 555 0134", "+12025550134"),
        ("+1-202.555.0134", "+12025550134"),
        ("Tel+12025550134", "+12025550134"),
        ("tel:+1-202-555-0134;ext=5", "+12025550134"),
        (
            "\uff0b\uff11\uff12\uff10\uff12\uff15\uff15\uff15\uff10\uff11\uff13\uff14",
            "+12025550134",
        ),
        ("\u202a+1\u00a0202\u2011555\u20110134\u202c", "+12025550134"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("+49 30/23125123", "+493023125123"),
        ("+1 202-555-0134 - 30 min $100", "+12025550134"),
        ("+1 202-555-0134 24/7", "+12025550134"),
        ("+1 202-555-0134 10:30", "+12025550134"),
        ("+1 202-555-0134. 24 hours", "+12025550134"),
    ],
)
def test_an_international_number_is_taken_however_it_is_punctuated(
    text: str, expected: str
) -> None:
    assert outcomes(text) == [expected]


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("Call 2025550134 or 2025550135", "US", ["+12025550134", "+12025550135"]),
        ("T\u00e9l\u00e9phone n\u00ba 020 7946 0958", "GB", ["+442079460958"]),
        ("\u0442\u0435\u043b. 020 7946 0958", "GB", ["+442079460958"]),
        ("\u7535\u8bdd02079460958", "GB", ["+442079460958"]),
        ("Mobile 2: 202 555 0134 (202) 555-0135", "US", ["not_a_phone"]),
        ("Mobile 2: 202 555 0134", "US", ["+12025550134"]),
        ("2025550134 (phone)", "US", ["+12025550134"]),
        ("Tel. 0044 20 7946 0958", "GB", ["+442079460958"]),
        ("Tel. 0044 20 7946 0958", "US", ["impossible_length"]),
        ("Sunny (202) 555-0134 downtown", "US", ["+12025550134"]),
        ("202-555-0134 / 202-555-0135", "US", ["+12025550134", "+12025550135"]),
        ("202-555-0134 - 202-555-0135", "US", ["+12025550134", "+12025550135"]),
        ("Tel. 030/23125123", "DE", ["+493023125123"]),
        ("\u0647\u0627\u062a\u0641 \u0660\u0662\u0660\u0667\u0669\u0664\u0666\u0660\u0669\u0665\u0668", "GB", ["+442079460958"]),  # noqa: E501 - one word of Arabic digits
    ],
)  # fmt: skip
def test_a_national_number_needs_a_region_and_a_sign_that_it_is_a_phone(
    text: str, region: str, expected: list[str]
) -> None:
    assert outcomes(text, region) == expected
    assert not any(finding.canonical for finding in find_selectors(text))


@pytest.mark.parametrize("text", ["Tel. 030 2312/5123", "+49 30231/2512", "+49 302/2512"])
def test_four_digits_behind_a_slash_are_the_end_of_another_number_and_none_of_this(
    text: str,
) -> None:
    assert not any(finding.canonical for finding in find_selectors(text, "DE"))


@pytest.mark.parametrize(
    "text",
    [
        "2025550134",
        "202 555 0134",  # three prices, for all one knows
        *("Passport No. 202-555-0134", "Passport 2025550134", "ID: 2025550134"),
        *("Mobile ID no. 2025550134", "Telegram 2025550134", "Kundennr. 202-555-0134"),
        "IMO 9187629; MMSI 202555013",
        "Case #202-555-0134",
        *(
            "Ticket 202-555-0134",
            "PNR 202-555-0134",
            "Rechnung 202-555-0134",
            "Kundennr. 202-555-0134",
        ),
        "$202-555-0134",
        "AB2025550134",
        "X-2025550134",
        "2025550134AB",
        "2025-55-0134",
        "18+ 2025550134",
        "18+ 442079460958",
        "+12025550134AB",
        "call+ing 2025550134",
        "https://a.example/202-555-0134",
        "call https://a.example/+12025550134",
        "www.a.example/tel/2025550134",
        "DE89 3704 0044 0532 0130 00",
        "192.168.100.200",
        "Tel. 020 7946 0958",
        "Tel. 202-555-01345",
        "Tel. 120-2555-0134",  # the right digits for a number, in the wrong groups
        "+1 202 555 0134 24 hours",
        "+49 30 23125123 8 Uhr",
        "+49 30 23125 - 123",
        "+49 30 23125/123",
        "+1 555 0134",
        "+999 2025550134",
        "+38.889722 -77.008889",
        "visa 4242 4242 4242 4242",
        "Phone 4242 4242 4242 4242",
        "card +4242424242424242",
    ],
)
def test_near_misses_are_reported_and_not_taken(text: str) -> None:
    findings = find_selectors(text, "US")
    assert findings
    assert not any(finding.canonical for finding in findings)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("20.25.30.35", "DK"),  # a network address, and the digits of a number
        ("Tel. 79460958\n79460959", "DK"),  # the second may be the next row's case number
        ("Tel. 9 03023125123", "DE"),  # its last eleven digits are a number
        ("Tel. 7812-79460958", "LU"),
    ],
)
def test_nothing_is_taken_out_of_digits_that_are_not_all_one_number(text: str, region: str) -> None:
    assert not find_selectors(text, region)[-1].canonical


@pytest.mark.parametrize(
    "text", ["D.O.B. 31.12.1970, 12/31/1970, 1970-12-31 10:30:00", "open 24/7, 18+, UTC+3, A+"]
)
def test_dates_times_and_small_numbers_are_not_even_reported(text: str) -> None:
    assert find_selectors(text, "US") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tel. +44 20 7946 0958/0959", ["+442079460958", "shortened_number"]),
        ("Tel. +44 20 7946 0958/79460959", ["+442079460958", "shortened_number"]),
        ("Tel. +44 20 7946 0958, 79460959", ["+442079460958", "no_phone_label"]),
        ("Tel. +44 20 7946 0958 - 79460959", ["+442079460958", "no_phone_label"]),
        ("Tel. (44)(20)(79460958)/(79460959)", ["impossible_length", "shortened_number"]),
    ],
)
def test_what_follows_a_foreign_number_is_not_read_as_a_local_one(
    text: str, expected: list[str]
) -> None:
    assert outcomes(text, "DK") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<desk@a.example>; 'two@a.example', mailto:three@a.example.", ["desk@a.example", "two@a.example", "three@a.example"]),  # noqa: E501 - one text
        ("one@a.example/two@a.example", ["one@a.example", "two@a.example"]),
        ("- desk@a.example\n-two@a.example", ["desk@a.example", "two@a.example"]),
        ("desk\uff20a.example", ["desk@a.example"]),
        ("de\u200bsk@a.example", ["desk@a.example"]),
        ("Info@Harbour.Example", ["info@harbour.example"]),
        ("jos\u00e9@a.example", ["jos\u00e9@a.example"]),
        ("First.Last+tag@gmail.com", ["firstlast@gmail.com"]),
    ],
)  # fmt: skip
def test_an_address_is_taken_out_of_its_punctuation(text: str, expected: list[str]) -> None:
    assert outcomes(text) == expected


@pytest.mark.parametrize(
    "beside", [" (9-17)", " (2019)", " 9-17 h", " (2)", "-2 persons", " .2 rooms", " 10-12 EUR"]
)
def test_what_stands_behind_a_number_is_never_taken_for_its_end(beside: str) -> None:
    taken = {str(one) for one in outcomes(f"Tel +49 30 23125098{beside}") if str(one)[0] == "+"}
    assert taken <= {"+493023125098"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("'Gh0st@H0st'", "not_an_email"),
        ("a@b@c.example", "not_an_email"),
        ("desk@a_b.example", "not_an_email"),
        ("desk (at) a.example", "not_an_email"),
        ("desk @ a.example", "not_an_email"),
        ("desk [at] a [dot] example", "not_an_email"),
        ("mail=desk@a.example", "unclear_extent"),
        ("+desk@a.example", "unclear_extent"),
        ("https://user:desk@a.example/", "unclear_extent"),
        ("desk@a.example.Phone", "unclear_extent"),
        ("desk@a.exampleTel", "unclear_extent"),
        ("\u90ae\u7bb12025550134@a.example", "unclear_extent"),
        ("\u30e1\u30fc\u30ebdesk@a.example", "unclear_extent"),
        ("desk@a.example\u3067\u3059", "unclear_extent"),
    ],
)
def test_what_is_only_like_an_address_is_reported(text: str, code: str) -> None:
    assert outcomes(text) == [code]


@pytest.mark.parametrize("text", ["meet @ noon", "@handle", "'@handle'", "a.example", "1@ $5"])
def test_other_uses_of_the_at_sign_are_left_alone(text: str) -> None:
    assert find_selectors(text) == []


def test_digits_of_an_address_are_no_phone() -> None:
    assert outcomes("Tel: 2025550134@a.example", "US") == ["2025550134@a.example"]


def test_spans_count_from_one_in_the_cell_as_it_stands() -> None:
    cell = "\u202a+1\u00a0202\u2011555\u20110134\u202c and desk@a.example"
    content = f"source,text\nref-1,{cell}\n"
    phone, email = TextFile(io.BytesIO(content.encode()), file="notes.csv")
    assert isinstance(phone, Taken)
    assert isinstance(email, Taken)
    assert (phone.source, phone.line, phone.region) == ("ref-1", 2, "")
    assert phone.span == Span(column=2, first=2, last=16)
    assert cell[email.span.first - 1 : email.span.last] == "desk@a.example"


def test_no_repr_shows_what_was_found() -> None:
    (taken,) = TextFile(io.BytesIO(b"canary@a.example"), file="notes.txt")
    (finding,) = find_selectors("canary@a.example")
    assert "canary" not in repr(taken) + repr(finding)


def test_every_code_has_a_sentence_of_its_own() -> None:
    codes = {*REJECTION_SENTENCES, *get_args(CellCode), *get_args(RowCode), *get_args(TextCode)}
    assert codes == IMPORT_SENTENCES.keys()
    assert len(set(IMPORT_SENTENCES.values())) == len(codes)


def test_each_code_of_a_text_is_reached_by_a_test_above() -> None:
    source = Path(__file__).read_text()
    for code in get_args(TextCode):
        assert len(re.findall(rf'"{code}"', source)) or code == "invalid_number"
    assert outcomes("+1 200-555-0134") == ["invalid_number"]
