import io
import pickle
import re
from datetime import UTC, datetime

import pytest

from screening.importers.csv_rows import CuratedFile, entry_of
from screening.importers.entry import Entry, Rejection, Role
from tests.importers.csv_reading import FULL_HEADER, HEADER, PHONE, codes, read


def only_entry(content: str | bytes, *, region: str | None = None) -> Entry:
    (entry,) = read(content, region=region)
    assert isinstance(entry, Entry)
    return entry


def code_of(row: str, *, header: str = FULL_HEADER) -> str:
    (rejection,) = read(f"{header}\n{row}\n")
    assert isinstance(rejection, Rejection)
    return rejection.code


def test_a_row_gives_all_that_it_says() -> None:
    entry = only_entry(
        f"{FULL_HEADER}\nphone,020 7946 0958,buyer,gb,case 7,seen twice,85,2027-12-31,uk\n"
    )
    assert entry.canonical.text == "+442079460958"
    assert entry.role is Role.BUYER
    assert (entry.source, entry.reason, entry.confidence) == ("case 7", "seen twice", 85)
    assert entry.expires_at == datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert (entry.list, entry.file, entry.line) == ("uk", "list.csv", 2)


def test_optional_columns_may_be_absent_or_empty() -> None:
    assert only_entry(f"{HEADER}\n{PHONE}\n").confidence is None
    full = only_entry(f"{FULL_HEADER}\n{PHONE},,,,,,\n")
    assert (full.confidence, full.expires_at, full.source, full.list) == (None, None, "", "default")


def test_columns_may_stand_in_any_order_and_case() -> None:
    entry = only_entry("\ufeffRole, VALUE ,Kind\nVictim,Desk@Harbour.example, EMAIL \n")
    assert entry.canonical.text == "desk@harbour.example"
    assert entry.role is Role.VICTIM


def test_the_region_of_a_row_overrides_the_default() -> None:
    content = f"{HEADER},region\nphone,020 7946 0958,buyer,GB\nphone,(202) 555-0134,buyer,\n"
    first, second = read(content, region="US")
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    assert first.canonical.text == "+442079460958"
    assert second.canonical.text == "+12025550134"


def test_an_unknown_region_of_a_row_is_no_other_and_matters_where_one_is_needed() -> None:
    content = (
        f"{HEADER},region\nphone,020 7946 0958,buyer,UK\nphone,+44 20 7946 0958,buyer,UK\n"
        "email,desk@harbour.example,buyer,UK\nphone,020 7946 0958,buyer,\u00df\n"
    )
    assert codes(read(content, region="GB")) == [
        (2, "region_required"),
        (3, "taken"),
        (4, "taken"),
        (5, "region_required"),
    ]


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("phone", "+4930123456.0", "changed_number"),
        ("phone", "+62812345678.00", "changed_number"),
        ("phone", "4.93012E+11", "changed_number"),
        ("card", "4242424242424242.00", "changed_number"),
        ("phone", "202-555-0134; 202-555-0135", "several_values"),
        ("email", "a@harbour.example / b@harbour.example", "several_values"),
    ],
)
def test_what_a_spreadsheet_has_changed_and_several_values_list_nobody_else(
    kind: str, value: str, code: str
) -> None:
    (rejection,) = read(f"{HEADER}\n{kind},{value},buyer\n", region="US")
    assert isinstance(rejection, Rejection)
    assert rejection.code == code


def test_without_any_region_a_national_number_is_not_guessed_at() -> None:
    assert code_of("phone,(202) 555-0134,buyer", header=HEADER) == "region_required"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("phone,,buyer,,,,,,", "empty"),
        (f"email,{'x' * 400}@a.example,buyer,,,,,,", "too_long"),
        ("phone,2025550134,buyer,,,,,,", "region_required"),
        ("phone,+,buyer,,,,,,", "not_a_phone"),
        ("phone,+1202,buyer,,,,,,", "impossible_length"),
        ("email,desk at harbour,buyer,,,,,,", "not_an_email"),
        ("card,4242x,buyer,,,,,,", "not_a_card"),
        ("card,4242424242424241,buyer,,,,,,", "bad_checksum"),
        ("iban,GB00,buyer,,,,,,", "unknown_kind"),
        (f"{PHONE[:-10]},,,,,,", "unknown_role"),
        (f"{PHONE[:-10]}customer,,,,,,", "unknown_role"),
        (f"{PHONE},,,,101,,", "bad_confidence"),
        (f"{PHONE},,,,85%,,", "bad_confidence"),
        (f"{PHONE},,,,\u0663,,", "bad_confidence"),
        (f"{PHONE},,,,,2027-02-30,", "bad_expires_at"),
        (f"{PHONE},,,,,2027-01-01T00:00:00,", "bad_expires_at"),
        (f"{PHONE},,,,,20270101,", "bad_expires_at"),
        (f"{PHONE},,,,,0001-01-01T00:00:00+23:00,", "bad_expires_at"),
        (f"{PHONE},,,,,31/12/2027,", "bad_expires_at"),
        (f"{PHONE}", "wrong_column_count"),
        (f"{PHONE},,,,,,,", "wrong_column_count"),
        (f"{PHONE},,a\0b,,,,", "control_character"),
        (f'{PHONE},,a,"x" y,,,', "bad_quotes"),
        (f'{PHONE},,"a,,,,', "bad_quotes"),
        (f"{PHONE},,{'a' * 33_000},,,,", "row_too_long"),
        # What Excel makes of a phone is refused as it stands, never repaired.
        ("phone,1.20255E+10,buyer,,,,,,", "changed_number"),
        ("phone,12025550134,buyer,,,,,,", "region_required"),
    ],
)
def test_each_fault_has_its_code(row: str, code: str) -> None:
    assert code_of(row) == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-12-31T10:00:00Z", datetime(2027, 12, 31, 10, tzinfo=UTC)),
        ("2027-12-31t10:00:00.5z", datetime(2027, 12, 31, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2027-12-31T10:00:00+02:00", datetime(2027, 12, 31, 8, tzinfo=UTC)),
        ("9999-12-31", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_an_expiry_is_read_as_utc(text: str, expected: datetime) -> None:
    assert only_entry(f"{HEADER},expires_at\n{PHONE},{text}\n").expires_at == expected


@pytest.mark.parametrize(
    "role",
    ["vic\u200btim", "\uff56\uff49\uff43\uff54\uff49\uff4d", "'victim'", "victim;", "VICTIM."],
)
def test_what_looks_like_victim_is_victim(role: str) -> None:
    assert only_entry(f"{HEADER}\nphone,+1 202-555-0134,{role}\n").role is Role.VICTIM


def test_a_mistyped_date_does_not_undo_the_protection_of_a_victim() -> None:
    entry = only_entry(f"{FULL_HEADER}\nphone,+1 202-555-0134,victim,,,,lots,31/12/2027,\n")
    assert entry.role is Role.VICTIM
    assert (entry.confidence, entry.expires_at) == (None, None)


def test_a_victim_whose_cells_are_shifted_is_told() -> None:
    (rejection,) = read(f"{FULL_HEADER}\nphone,+12025550142,,,victim,,,,\n".encode())
    assert isinstance(rejection, Rejection)
    assert (rejection.code, rejection.protects) == ("unknown_role", True)


@pytest.mark.parametrize(
    "role",
    [
        "VoT",
        "PVoT",
        "minor",
        "VOT (female)",
        "potential VOT",
        "Offer",
        "children",
        "потерпіла",
        "Geschädigte",
        "ضحايا",
    ],
)
def test_a_role_that_says_victim_in_other_words_is_told(role: str) -> None:
    (rejection,) = read(f"{FULL_HEADER}\nphone,+12025550142,{role},,,,,,\n".encode())
    assert isinstance(rejection, Rejection)
    assert (rejection.code, rejection.protects) == ("unknown_role", True)


@pytest.mark.parametrize(
    "cells",
    [
        "phone,+49 30 23125097 (2019),victim",
        "phone,378282246310005,victim,DE",
        "email,*jane@x.example,victim",
    ],
)
def test_a_victims_selector_with_something_beside_it_is_no_other_selector(cells: str) -> None:
    (rejection,) = read(f"kind,value,role,region\n{cells}{',' * (3 - cells.count(','))}\n".encode())
    assert isinstance(rejection, Rejection)
    assert rejection.protects


@pytest.mark.parametrize("cell", ["region", "list"])
def test_a_row_with_victim_in_a_cell_of_something_else_is_not_taken(cell: str) -> None:
    row = {"kind": "phone", "value": "+12025550142", "role": "buyer", cell: "victim"}
    line = ",".join(row.get(name, "") for name in FULL_HEADER.split(","))
    (rejection,) = read(f"{FULL_HEADER}\n{line}\n".encode())
    assert isinstance(rejection, Rejection)
    assert rejection.protects


def test_the_kind_of_a_rejection_is_one_of_ours_or_nothing() -> None:
    results = read(f"{HEADER}\nPhone,x,buyer\nsecret,x,buyer\ncard,x\n")
    assert [r.kind for r in results if isinstance(r, Rejection)] == ["phone", "", "card"]


def test_no_repr_shows_what_a_row_says() -> None:
    file = CuratedFile(
        io.BytesIO(f"{FULL_HEADER}\n{PHONE},,canary,canary,,,canary\n".encode()), file="list.csv"
    )
    (row,) = file
    assert not isinstance(row, Rejection)
    for shown in (repr(row), repr(entry_of(row)), repr(file)):
        assert not re.search(r"202-?555", shown)
        assert "canary" not in shown


def test_rows_can_be_normalised_in_other_processes() -> None:
    file = CuratedFile(io.BytesIO(f"{HEADER}\n{PHONE}\n".encode()), file="list.csv")
    (row,) = file
    assert not isinstance(row, Rejection)
    entry = entry_of(pickle.loads(pickle.dumps(row)))  # noqa: S301 - our own bytes
    assert pickle.loads(pickle.dumps(entry)) == entry_of(row)  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("row", "protects"),
    [
        (b"phone,x,victim\n", True),
        (b"phone,x, Victim \n", True),
        (b"fax,x,victim\n", True),
        (b"phone,x,y,victim\n", True),
        (b"phone,\x00,victim\n", True),
        (b'phone,"x,victim\n', True),
        (b"phone,\xff,victim\n", True),
        (b"phone," + b"1" * 40_000 + b",buyer\n", False),
        (b"phone,x,buyer\n", False),
        (b"phone,x,victm\n", True),
        (b"phone,x,vicitm\n", True),
        (b"phone,x,victum?\n", True),
        (b"phone,x,\n", False),
        ("phone,x,v\u0456ctim\n".encode(), True),
        ("phone,x,\u1d20\u026a\u1d04\u1d1b\u026a\u1d0d\n".encode(), True),
        (b"phone,x,Opfer\n", True),
        (b"phone,x,survivor of it\n", True),
        (b"phone,x,facilitater\n", False),
        (b"phone;+12025550142;victim\n", True),
        (b"phone\t+12025550142\tVICTIM\n", True),
        (b'phone,+12025550142,"vic"tim\n', True),
        (b"phone,+12025550142,Victims\n", True),
        (b"phone,+12025550142,likely victim\n", True),
        ("phone,x,\uff56\uff49\uff43\uff54\uff49\uff4d\n".encode(), True),
        ("phone;x;vic\u200btim\n".encode(), True),
        ("phone,+12025550142,v\u00edctima\n".encode(), True),
        ("phone,+12025550142,v\u0131ct\u0131m likely\n".encode(), True),
    ],
)
def test_a_rejected_row_tells_whether_it_was_to_protect_somebody(
    row: bytes, protects: bool
) -> None:
    (rejection,) = read(b"kind,value,role\n" + row)
    assert isinstance(rejection, Rejection)
    assert rejection.protects is protects


@pytest.mark.parametrize(
    ("cells", "protects"),
    [
        ("phone,+12025550161,,,she is a victim", True),
        ("phone,+12025550161,,victim interview,", True),
        ("phone,+12025550161,,,its text speaks of a victim", True),
        ("phone,+12025550161,traficker,,Opfer; see file", True),
        ("phone,a minor victim,+12025550161,,", True),
        ("phone,+12025550161,,case 7,seen in three advertisements", False),
        ("email,victims.desk@harbour.example,,,", False),
        ("phone,1,buyer,victim interview,the victim named him", False),
        ("phone,1,unknown,,the victim knows more", False),
        ("phone,1,buyer,,victim", True),
    ],
)
def test_without_a_role_any_cell_tells_whose_row_it_is_and_beside_one_only_the_bare_word(
    cells: str, protects: bool
) -> None:
    (rejection,) = read(f"{HEADER},source,reason\n{cells}\n")
    assert isinstance(rejection, Rejection)
    assert rejection.protects is protects
