"""Laws of list files: whatever the bytes are, every line is accounted for exactly once."""

import csv
import io
import re
from collections.abc import Iterator

from hypothesis import example, given
from hypothesis import strategies as st

from screening.importers.csv_records import CsvRecords, Fault, Limits, Record
from screening.importers.csv_rows import CuratedFile, entry_of
from screening.importers.entry import Entry, Rejection, Role
from screening.importers.physical_lines import physical_lines
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.formula import unguarded

HEADER = b"kind,value,role,reason,source\n"
# Pieces that a damaged list is made of: more quotes, breaks and half rows than chance would bring.
PIECES = st.sampled_from(
    [
        b'"', b'""', b",", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf", b" ", b"\t",
        b"phone", b"+12025550134", b"buyer", b"victim", b"email,a@a.example,buyer,,\n",
        b'phone,+12025550134,buyer,"', b'card,4242424242424242,buyer,"x","y"\n', b"x" * 40,
    ]
)  # fmt: skip
CONTENT = st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=40).map(b"".join))


def non_blank_lines(content: bytes) -> dict[int, bytes]:
    lines = re.split(rb"\r\n|\r|\n", content)
    return {n: line for n, line in enumerate(lines, 1) if line.strip(b" \t,")}


@given(CONTENT)
def test_every_line_is_in_exactly_one_result(content: bytes) -> None:
    results = list(map(entry_of, CuratedFile(io.BytesIO(HEADER + content), file="f")))
    expected = non_blank_lines(HEADER + content)
    del expected[1]
    starts = [result.line for result in results]
    assert starts == sorted(set(starts))
    assert set(starts) <= expected.keys()
    for line in expected.keys() - set(starts):
        # It lies inside a cell of several lines, which that cell's row opened and closed.
        start = max(s for s in starts if s < line)
        end = min((s for s in starts if s > line), default=len(content) + 2)
        assert expected[start].count(b'"') % 2 == 1
        inside = [expected[n] for n in range(start, end) if n in expected]
        assert b"".join(inside).count(b'"') % 2 == 0
        result = results[starts.index(start)]
        assert isinstance(result, Entry) or result.code != "bad_quotes"


@given(st.one_of(CONTENT, CONTENT.map(lambda content: HEADER + content)))
def test_no_bytes_raise_anything_but_a_refused_header(content: bytes) -> None:
    try:
        file = CuratedFile(io.BytesIO(content), file="f", region="US")
    except OperatorError:
        return
    for result in map(entry_of, file):
        assert isinstance(result, (Entry, Rejection))


@given(CONTENT, st.integers(1, 7))
def test_lines_do_not_depend_on_how_they_are_read(content: bytes, size: int) -> None:
    class Trickle(io.BytesIO):
        def read(self, _: int | None = -1, /) -> bytes:
            return super().read(size)

    lines = list(physical_lines(Trickle(content), max_bytes=1_000))
    assert b"".join(line for _, line in lines) == content
    assert lines == list(enumerate(content.splitlines(keepends=True), 1))


@given(CONTENT, st.integers(1, 20))
@example(b"xxxxx\rx", 5)  # the CR is the last byte that is kept
def test_a_long_line_is_cut_but_still_too_long(content: bytes, max_bytes: int) -> None:
    class Trickle(io.BytesIO):
        def read(self, _: int | None = -1, /) -> bytes:
            return super().read(3)

    cut = list(physical_lines(Trickle(content), max_bytes=max_bytes))
    whole = content.splitlines(keepends=True)
    assert len(cut) == len(whole)
    for (_, line), original in zip(cut, whole, strict=True):
        assert line == original or len(line) > max_bytes < len(original)


TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[chr(c) for c in (*range(32), 127)])
)


@given(
    st.lists(
        st.tuples(
            st.integers(100, 199),
            st.sampled_from(Role),
            st.one_of(st.none(), st.integers(0, 100)),
            TEXT,
            st.lists(TEXT, max_size=4).map("\n".join),
        ),
        max_size=8,
    )
)
def test_rows_that_a_spreadsheet_writes_are_read_back(
    rows: list[tuple[int, Role, int | None, str, str]],
) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["kind", "value", "role", "confidence", "source", "reason"])
    for number, role, confidence, source, reason in rows:
        shown = "" if confidence is None else confidence
        writer.writerow(["phone", f"+1202555{number:04}", role.value, shown, source, reason])
    entries = [
        (int(e.canonical.text[-4:]), e.role, e.confidence, e.source, e.reason)
        for e in map(entry_of, CuratedFile(io.BytesIO(file.getvalue().encode()), file="f"))
        if isinstance(e, Entry)
    ]
    # An apostrophe before what a spreadsheet would run is its guard, and no part of the text.
    expected = [
        (n, role, c, unguarded(source.strip()), unguarded(reason.strip()))
        for n, role, c, source, reason in rows
    ]
    assert entries == expected


class AnyShape:
    def is_whole(self, cells: object, joined: object) -> bool:
        return True


@given(CONTENT)
def test_joining_never_passes_the_limits(content: bytes) -> None:
    def numbered() -> Iterator[tuple[int, bytes]]:
        yield from enumerate(content.splitlines(keepends=True), 1)

    for record in CsvRecords(numbered(), AnyShape(), Limits(bytes=60, lines=3)):
        if isinstance(record, Record):
            text = ",".join(record.cells)
            assert len(text.encode()) <= 60
            assert len(re.findall(r"\r\n|\r|\n", text)) < 3
        else:
            assert isinstance(record, Fault)
