"""Every format is read, and each row is taken or says why not, and nothing of what stands there."""

import json
from datetime import date

import msgspec
import pytest

from intelligence.imports.imported_rows import ROW_SENTENCES, SENTENCES
from intelligence.imports.read_upload import (
    MOST_ROWS,
    NO_ROLE,
    Listed,
    NotListed,
    ReadUpload,
    Told,
    Upload,
    read_upload,
)
from screening.importers.entry import ROLES
from screening.vocabulary.errors import OperatorError
from tests.importers.written_workbook import xlsx

TODAY = date(2026, 11, 29)
PHONE, OTHER = "+12025550142", "+12025550143"
BUYER = Told(role="buyer", source="case-9", reason="seen")
IGNORING = Told(role="buyer", columns={1: "ignored"})
CURATED = f"kind,value,role,source,reason\nphone,{PHONE},buyer,case-9,seen\n".encode()
TABLE = f"Handy;Rolle\n{PHONE};buyer\n".encode()
WORKBOOK = xlsx([["Phone", "Role"], [PHONE, "buyer"]])
STIX = json.dumps(
    {
        "type": "bundle",
        "objects": [{"type": "phone-number", "spec_version": "2.1", "value": PHONE}],
    }
).encode()
MISP = json.dumps({"Event": {"Attribute": [{"type": "phone-number", "value": PHONE}]}}).encode()
TEXT = f"Call me at {PHONE} tonight".encode()


def read(content: bytes, told: Told = BUYER, name: str = "a.csv") -> ReadUpload:
    return read_upload(Upload(name, content, told, TODAY))


def outcomes(found: ReadUpload) -> list[tuple[int, str]]:
    return [
        (row.line, row.canonical if isinstance(row, Listed) else row.code) for row in found.rows
    ]


@pytest.mark.parametrize(
    ("content", "name", "called"),
    [
        (CURATED, "list.csv", "curated list (CSV)"),
        (TABLE, "case.csv", "table (CSV)"),
        (WORKBOOK, "case.xlsx", "workbook"),
        (STIX, "bundle.json", "STIX 2.1 bundle"),
        (MISP, "event.json", "MISP events"),
        (TEXT, "notes.txt", "free text"),
        (TEXT, "", "free text"),
    ],
)
def test_every_format_is_told_by_its_content(content: bytes, name: str, called: str) -> None:
    found = read(content, name=name)
    assert found.format == called
    (row,) = found.rows
    assert isinstance(row, Listed)
    assert (row.canonical, row.role, row.source, row.reason) == (PHONE, "buyer", "case-9", "seen")


def test_what_a_row_says_itself_outweighs_what_is_told_of_all() -> None:
    table = (
        f"Phone,Role,Source,Reason,Confidence,Expires,List\n{PHONE},trafficker,a,b,9,2027-01-01,x"
    )
    told = Told("buyer", source="s", reason="r", confidence="70", last_day="2028-01-01", list="y")
    (own,) = read(table.encode(), told).rows
    (other,) = read(f"Phone\n{PHONE}\n".encode(), told).rows
    assert isinstance(own, Listed)
    assert isinstance(other, Listed)
    assert (own.role, own.source, own.reason, own.confidence, own.list) == (
        *("trafficker", "a", "b", 9, "x"),
    )
    assert (other.role, other.source, other.confidence, other.list) == ("buyer", "s", 70, "y")
    assert own.expires_at is not None
    assert other.expires_at is not None
    assert (own.expires_at.year, other.expires_at.year) == (2027, 2028)


@pytest.mark.parametrize(
    ("content", "told", "code"),
    [
        (b"Phone\n+1202\n", BUYER, "impossible_length"),
        (b"Phone\n2025550142\n", BUYER, "region_required"),
        (f"Phone\n{PHONE}\n".encode(), Told(), "no_role"),
        (f"Phone\tWho\n{PHONE}\tfacilitator\n".encode(), Told(), "no_role"),
        (f"Phone\tWho\n{PHONE}\tfacilitator\n".encode(), BUYER, "unknown_role"),
        (STIX, Told(), "no_role"),
        (MISP, Told(), "no_role"),
        (TEXT, Told(), "no_role"),
        (f"Phone;Role\n{PHONE};boss\n".encode(), Told(), "unknown_role"),
        (f"Phone;Role\n{PHONE};\n".encode(), Told(), "unknown_role"),
        (f"Phone;Role\n{PHONE};\n".encode(), BUYER, "unknown_role"),
        (f"Phone;Who\n{PHONE};witness\n".encode(), Told(), "unknown_role"),
        (f"the victim's: {PHONE}".encode(), Told(), "unknown_role"),
        (f"Phone,Notes\n{PHONE},victim of the gang\n".encode(), BUYER, "unknown_role"),
        (f"Phone,Expires\n{PHONE},soon\n".encode(), BUYER, "bad_expires_at"),
        (f"Phone,Confidence\n{PHONE},101\n".encode(), BUYER, "bad_confidence"),
        (f"Phone,Name\n{PHONE},a,b\n".encode(), BUYER, "wrong_column_count"),
        (f"Phone,Id\n,{PHONE}\n".encode(), IGNORING, "column_not_read"),
        (f"{PHONE} is the shelter's, where the victim lives".encode(), BUYER, "unknown_role"),
        (xlsx([["Phone"], [12025550142]]), BUYER, "stored_as_number"),
        (b"card 4242 4242 4242 4242", BUYER, "card_not_taken"),
        (b"Phone\njane@booking.example\n", BUYER, "email_misplaced"),
    ],
)
def test_a_row_that_is_not_taken_says_why_and_shows_nothing(
    content: bytes, told: Told, code: str
) -> None:
    name = "a.csv" if b"\n" in content else ""
    (row,) = read(content, told, name).rows[:1]
    assert isinstance(row, NotListed)
    assert row.code == code
    assert code in SENTENCES
    assert not any(c.isdigit() for c in row.column)


def test_of_two_rows_of_one_source_on_a_selector_the_first_is_taken() -> None:
    found = read(f"Phone,Was\n{PHONE},a\n+1 202 555 0142,b\n".encode())
    assert outcomes(found) == [(2, PHONE), (3, "said_before")]


def test_a_selector_that_another_row_leaves_open_is_not_taken() -> None:
    found = read(f"Phone,Notes\n{PHONE},boss\n{PHONE},she is the victim\n".encode())
    assert outcomes(found) == [(2, "left_open"), (3, "unknown_role")]
    assert [row.protects for row in found.rows if isinstance(row, NotListed)] == [False, True]


@pytest.mark.parametrize(
    ("content", "told", "said"),
    [
        (b"Cases of 2026,\nFriends,Phone\nRosa,1\n", BUYER, "is a title"),
        (b'{"a": 1}', BUYER, "neither STIX"),
        (b"PK\x03\x04rubbish", BUYER, "damaged"),
        (WORKBOOK, Told(sheet="Other"), "no sheet of the name"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(content: bytes, told: Told, said: str) -> None:
    with pytest.raises(OperatorError, match=said):
        read(content, told, "a.csv")


def test_a_table_whose_columns_are_not_recognised_has_no_rows_until_one_is_chosen() -> None:
    table = b"Number,Who\n2025550142,buyer\n2025550143,victim\n"
    told = Told(region="US", source="case-9", reason="seen")
    for columns in ({}, {1: "role"}, {0: "ignored"}):
        found = read(table, msgspec.structs.replace(told, columns=columns))
        assert (found.has_selectors, found.rows) == (False, [])
        assert [one.name for one in found.columns] == ["Number", "Who"]
    chosen = read(table, msgspec.structs.replace(told, columns={0: "phone", 1: "role"}))
    assert chosen.has_selectors
    assert outcomes(chosen) == [(2, PHONE), (3, OTHER)]


def test_a_file_called_after_victims_is_given_no_other_role() -> None:
    with pytest.raises(OperatorError, match="called after victims"):
        read(TABLE, name="victims.csv")
    assert read(TABLE, Told(role="victim"), "victims.csv").rows


def test_a_file_has_so_many_rows_and_no_more() -> None:
    rows = [f"email,a{number}@b.example,disputed" for number in range(MOST_ROWS + 1)]
    with pytest.raises(OperatorError, match="several files"):
        read("\n".join(["kind,value,role", *rows]).encode())


def test_why_a_row_s_role_is_not_taken_is_said_in_few_words() -> None:
    assert len(SENTENCES["unknown_role"].split()) <= 25
    assert all(role in SENTENCES["unknown_role"] for role in ROLES)
    assert "in a column of phones" in SENTENCES["email_misplaced"]
    assert "a column kind" in SENTENCES["email_misplaced"]
    assert len(ROW_SENTENCES[NO_ROLE].split()) <= 7


@pytest.mark.parametrize("code", SENTENCES)
def test_no_sentence_sends_a_curator_to_a_command_or_to_a_field_that_is_not_there(
    code: str,
) -> None:
    for words in ("--", "indexer", "by hand", "region"):
        assert words not in SENTENCES[code]


@pytest.mark.parametrize("code", ["said", "over", "nothing_found"])
def test_a_sentence_says_what_to_do(code: str) -> None:
    assert ";" in SENTENCES[code]
