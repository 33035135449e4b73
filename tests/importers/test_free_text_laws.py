"""Laws of extraction: any text can be searched, nothing is counted twice, nothing long is lost."""

import io
import re

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st

from screening.importers.free_text import Taken, TextFile
from screening.importers.selector_finder import find_selectors
from screening.vocabulary.normalise import normalise

# Pieces of remarks: labels, punctuation, whole and broken numbers and addresses.
PIECES = st.sampled_from(
    [
        *" .,;:/-()[]+#@\n\t'\"x", " - ", "00", "+1", "+44", "202", "555", "0134", "20", "79460958",
        "2025550134", "Tel. ", "Fax No. ", "Passport ", " or ", "ext. 5", "desk@a.example", "a@b",
        "12/31/2027", "24/7", "4242 4242 4242 4242", "\u200b", "\u202a", "\uff0b", "\u0662\u0660",
        "\u7535\u8bdd", "https://", "\u00e9",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join))
REGIONS = st.sampled_from([None, "US", "GB", "DE", "IT", "DK", "XX", "us"])


@given(TEXTS, REGIONS)
def test_findings_are_in_order_and_never_overlap(text: str, region: str | None) -> None:
    end = 0
    for finding in find_selectors(text, region):
        assert end <= finding.start < finding.end <= len(text)
        end = finding.end


@given(TEXTS, REGIONS)
def test_what_is_taken_is_canonical(text: str, region: str | None) -> None:
    for finding in find_selectors(text, region):
        if finding.canonical is not None:
            assert finding.kind == finding.canonical.kind.value
            assert normalise(finding.kind, finding.canonical.text) == finding.canonical


@given(TEXTS, REGIONS)
def test_seven_digits_in_a_row_are_never_passed_over(text: str, region: str | None) -> None:
    findings = find_selectors(text, region)
    for digits in re.finditer(r"\d{7,}", text):
        assert any(f.start <= digits.start() and digits.end() <= f.end for f in findings)


@given(TEXTS)
def test_without_a_region_every_phone_is_written_with_a_plus(text: str) -> None:
    for finding in find_selectors(text):
        if finding.kind == "phone" and finding.canonical is not None:
            assert text[finding.start] in "+\uff0b"
            assert not finding.by_region


@given(TEXTS, REGIONS)
def test_a_phone_has_all_the_digits_of_its_place_and_no_others(
    text: str, region: str | None
) -> None:
    for finding in find_selectors(text, region):
        if finding.kind == "phone" and finding.canonical is not None:
            place = re.split("ext|x|#", text[finding.start : finding.end])[0]
            shown = "".join(str(int(c)) for c in place if c.isdecimal())
            # What the canonical form adds is the country code, what it drops a prefix.
            assert shown[-6:] == finding.canonical.text[-6:]


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.txt"]))
def test_any_bytes_can_be_searched(content: bytes, file: str) -> None:
    results = list(TextFile(io.BytesIO(content), file=file))
    lines = [result.line for result in results]
    assert lines == sorted(lines)
    if file == "a.txt":
        said = re.split(rb"\r\n|\r|\n", content.removeprefix(b"\xef\xbb\xbf"))
        heard = {n for n, line in enumerate(said, 1) if line.decode("utf-8", "replace").strip()}
        assert heard == set(lines)


@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
def test_the_usual_spelling_of_any_country_is_taken(region: str) -> None:
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        return
    spelt = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    canonical = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    (taken,) = TextFile(io.BytesIO(f"Call {spelt}, ask for Kim".encode()), file="notes.txt")
    assert isinstance(taken, Taken)
    assert taken.canonical.text == canonical
