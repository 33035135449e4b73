"""Laws of all imports: no bytes give a traceback, no row is lost, twice is the same."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.importers.csv_rows import ListRow, entry_of
from screening.importers.entry import Entry, Rejection, Role
from screening.vocabulary.errors import OperatorError
from tests.importers.importing import opened
from tests.importers.written_workbook import Date, Error, xlsx, zipped

STARTS = st.sampled_from(
    [
        b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xef\xbb\xbf", b"\xff\xfe",
        b'{"type":"bundle","objects":[', b'{"Event":{"Attribute":[', b"phone;email;card\n",
        b"kind,value,x\n", b"kind,value,role\n", b"sep=;\n", xlsx([["phone"], ["1"]])[:-40],
    ]
)  # fmt: skip
PIECES = st.sampled_from(
    [
        b'"', b",", b";", b"\n", b"\t", b"\0", b"\xff", b"+12025550134", b"a@b.example", b"victim",
        b"4111111111111111", b"{", b"}", b"]", b'"value":', b'"type":"email"', b"phone", b"role",
    ]
)  # fmt: skip
CONTENT = st.builds(
    bytes.__add__,
    STARTS,
    st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=30).map(b"".join)),
)
NAMES = st.sampled_from(["f", "f.csv", "f.xlsx", "f.json"])


def results(content: bytes, name: str) -> list[Entry | Rejection] | str:
    try:
        file = opened(content, file=name, region="US")
    except OperatorError as error:
        return str(error)
    assert isinstance(file.warnings, tuple)
    return list(map(entry_of, file))


@given(CONTENT, NAMES)
def test_no_bytes_give_anything_but_rows_or_a_sentence_and_always_the_same(
    content: bytes, name: str
) -> None:
    found = results(content, name)
    assert found == results(content, name)
    if isinstance(found, str):
        assert found
        assert "\n" not in found
    else:
        assert all(isinstance(one, (Entry, Rejection)) for one in found)


WHOLE = xlsx([["phone", "notes"], ["+12025550134", "x"], [5.0, Error("#N/A")]])


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=4))
def test_no_damage_to_a_workbook_gives_a_traceback(place: int, bytes_there: bytes) -> None:
    results(WHOLE[:place] + bytes_there + WHOLE[place + len(bytes_there) :], "f")


XML = st.lists(
    st.sampled_from(
        ["<row>", "</row>", '<row r="2">', '<c r="A2">', "<c>", "</c>", "<v>", "</v>", "7", "&x;",
         '<c r="C1" t="e">', '<c t="s">', '<c t="inlineStr">', "<is><t>phone</t></is>", "<!--"]
    ),
    max_size=20,
).map("".join)  # fmt: skip


@given(XML, st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "_rels/.rels"]))
def test_no_xml_in_a_workbook_gives_a_traceback(xml: str, part: str) -> None:
    results(xlsx([["phone"]], parts={part: f"<a><sheetData>{xml}</sheetData></a>"}), "f")


@given(st.dictionaries(st.sampled_from(["mimetype", "xl/a", "content.xml"]), st.text(max_size=60)))
def test_no_archive_gives_a_traceback(parts: dict[str, str]) -> None:
    if parts:
        results(zipped(parts), "f")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["email", "email-addr", "indicator", "a@b.example", "victim", "identity"])
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "value", "pattern", "labels", "object_refs", "id", "revoked", "Tag",
                 "Attribute", "Object", "name", "timestamp", "deleted", "contact_information"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)  # fmt: skip


@given(JSON, st.sampled_from(["objects", "Event", "response", "Attribute"]))
def test_no_json_gives_a_traceback(value: object, member: str) -> None:
    content = json.dumps({member: value}).encode()
    assert results(content, "f") == results(content, "f")


CELLS = st.one_of(
    st.sampled_from(
        ["+1 202-555-0134", "a@b.example", "4111111111111111", "x", "1.2E+10", "victim"]
    ),
    st.sampled_from(["", "victim"]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 10**19).map(float),
    st.booleans(),
    st.floats(0, 60_000).map(Date),
    st.just(Error("#N/A")),
)


@given(st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=8))
def test_every_row_of_a_sheet_that_says_something_gives_a_result(
    rows: list[list[str | float | bool | Date | Error]],
) -> None:
    header = ["phone", "email", "card", "notes"]
    found = results(xlsx([header, *rows]), "f")
    assert not isinstance(found, str)
    filled = {n for n, row in enumerate(rows, 2) if any(cell != "" for cell in row)}
    assert {one.line for one in found} == filled


TEXT = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"], exclude_characters=["\ufffe", "\uffff", "_", "\u2028"]
    ),
    max_size=12,
).map(str.strip)


@given(
    st.lists(
        st.tuples(
            st.integers(100, 199).map(lambda n: f"+1 202-555-{n:04}"),
            st.sampled_from([*Role, ""]),
            st.sampled_from(["", "85", "x"]),
            TEXT,
        ),
        max_size=6,
    )
)
def test_a_workbook_of_a_list_s_texts_gives_the_entries_of_the_list(
    rows: list[tuple[str, str, str, str]],
) -> None:
    table: list[Sequence[str]] = [("kind", "value", "role", "confidence", "reason")]
    table += [("phone", *map(str, row)) for row in rows]
    content = io.StringIO(newline="")
    csv.writer(content).writerows(table)
    from_csv = list(map(entry_of, opened(content.getvalue(), defaults=None, file="f")))
    from_sheet = map(entry_of, opened(xlsx(table), defaults=None, file="f"))
    # Of a list's own columns it is known what they are: the one that tells is not named.
    without = [replace(one, column="") if isinstance(one, Rejection) else one for one in from_sheet]
    assert from_csv == without


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@given(st.lists(st.lists(st.sampled_from(["+12025550134", "a@b.example", "x", "", '"']),
                         min_size=3, max_size=3), max_size=8))  # fmt: skip
def test_every_row_of_a_table_that_says_something_gives_a_result(
    mark: str, rows: list[list[str]]
) -> None:
    content = io.StringIO(newline="")
    csv.writer(content, delimiter=mark).writerows([["phone", "email", "notes"], *rows])
    file = list(opened(content.getvalue()))
    assert all(isinstance(one, (ListRow, Rejection)) for one in file)
    assert {one.line for one in file} == {n for n, row in enumerate(rows, 2) if any(row)}
