"""What stands in place of a list's header, and the one sentence that a curator reads about it."""

import io

import pytest

from screening.importers.csv_rows import CuratedFile, entry_of
from screening.importers.entry import Entry, Rejection
from screening.vocabulary.errors import OperatorError

HEADER = "kind,value,role"
PHONE = "phone,+1 202-555-0134,trafficker"


def read(content: bytes) -> list[Entry | Rejection]:
    return list(map(entry_of, CuratedFile(io.BytesIO(content), file="list.csv")))


def refusal(content: bytes) -> str:
    with pytest.raises(OperatorError) as refused:
        CuratedFile(io.BytesIO(content), file="list.csv")
    return str(refused.value)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("", "is empty"),
        (",,\n \n", "is empty"),
        ("+1 202-555-0134,x,y", "has no header"),
        (PHONE, "has no header"),
        ("colour,shape", "has no header"),
        ("sep=,\nkind,value,role", "in a line above its columns: remove that line;"),
        ('kind,value,"role', "quotation mark"),
        ("kind,value", "lacks the column role;"),
        ("role,source", "lacks the column kind, value;"),
        ("kind,value,roll", "lacks the column role and has another name in column 3;"),
        ("kind,value,role,colour,list,shape", "has another name in column 4, 6;"),
        ("kind,value,role,", "has another name in column 4;"),
        ("kind,value,role, ROLE ", "names more than once: role;"),
        ("kind,list,list,role", "names more than once: list and lacks the column value;"),
        ("kind;value;role", "by semicolons, not commas"),
        ('"kind";"value";"role"', "by semicolons, not commas"),
        ("Kind\tValue\tRole", "by tabs, not commas"),
        ("kind | value | role", "by vertical bars, not commas"),
    ],
)
def test_a_header_that_is_none_is_refused_at_once_with_what_is_wrong(
    header: str, said: str
) -> None:
    rows = f"\n{PHONE}\n" if header.strip(", \n") else ""
    sentence = refusal(f"{header}{rows}".encode())
    assert said in sentence
    assert "list.csv" in sentence
    assert "kind,value,role and" in sentence
    for theirs in ("colour", "shape", "roll", "555", "sep="):
        assert theirs not in sentence


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_what_excel_calls_unicode_text_is_refused_with_what_to_save_instead(encoding: str) -> None:
    for separator in (",", "\t"):
        text = f"{HEADER}\r\n{PHONE}\r\n".replace(",", separator)
        assert "save the file as CSV UTF-8" in refusal(text.encode(encoding))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04\x14\0\x06\0\xff\xfe\n", "is a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a workbook"),
        (b'{"type": "bundle", "objects": []}', "is JSON"),
        (b'\xef\xbb\xbf\n [{"Event": {}}]', "is JSON"),
        (b'{"Event": "' + b"x" * 40_000, "is JSON"),
        (b"kind;value;role\n", "by semicolons"),
        (b"Name;Mobile\nA;+1 202-555-0134\n", "has no header"),
    ],
)
def test_what_is_taken_in_by_import_is_refused_with_its_name(content: bytes, said: str) -> None:
    sentence = refusal(content)
    assert said in sentence
    assert "indexer import" in sentence
    assert "555" not in sentence


def test_a_first_line_without_an_end_is_said_to_be_too_long() -> None:
    assert "look for a missing line end" in refusal((HEADER + "," + "x" * 40_000).encode())


def test_of_a_latin_1_file_the_rows_in_ascii_are_taken_and_the_others_reported() -> None:
    rows = ["phone,+1 202-555-0134,buyer,seen", "phone,+1 202-555-0135,buyer,caf\u00e9"]
    content = "\r\n".join([f"{HEADER},reason", *rows]).encode("cp1252")
    taken, refused = read(content)
    assert isinstance(taken, Entry)
    assert isinstance(refused, Rejection)
    assert (refused.line, refused.code) == (3, "bad_utf8")


@pytest.mark.parametrize(
    "header",
    [
        "\ufeffkind,value,role",
        "KIND, Value ,role",
        '"kind","value","role"',
        "\n,,\nkind,value,role",
    ],
)
def test_a_mark_case_spaces_quotes_and_blank_lines_do_no_harm(header: str) -> None:
    (entry,) = read(f"{header}\n{PHONE}\n".encode())
    assert isinstance(entry, Entry)
