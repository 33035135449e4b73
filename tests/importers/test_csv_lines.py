"""Lines, quotation marks and what makes one row of them; each fault costs its own row."""

import io

import pytest

from screening.importers.csv_rows import CuratedFile, entry_of
from screening.importers.entry import Entry, Rejection
from tests.importers.csv_reading import FULL_HEADER, HEADER, PHONE, codes, read


def test_a_row_that_is_not_utf8_is_one_rejection() -> None:
    content = f"{HEADER}\n".encode() + b"email,caf\xe9@a.example,buyer\n" + PHONE.encode()
    assert codes(read(content)) == [(2, "bad_utf8"), (3, "taken")]


@pytest.mark.parametrize(
    "line",
    [
        "phone,+12025550142,victim",
        "telephone,+12025550142,victim,,,",
        "phone;+12025550142;victim",
        "phone\t+12025550142\tbuyer",
        "email,agent@travel.test,buyer",
        "tel,2025550144,victims,US,case 9,girl about 5'2",
        "tel,2025550143,facilitator,seen",
        "Phone:,2025550143,victim (minor),US",
    ],
)
def test_a_row_within_an_open_quote_is_not_swallowed(line: str) -> None:
    content = (
        f"{FULL_HEADER}\n"
        f'phone,+12025550100,buyer,,s,"see 5,,,\n{line}\nend of remark",,,\n'
        "phone,+12025550143,buyer,,,,,,\n"
    )
    found = read(content.encode())
    assert [one.code for one in found if isinstance(one, Rejection)][:1] == ["bad_quotes"]
    assert sum(isinstance(one, Rejection) for one in found) >= 2
    if "victim" in line:
        assert any(isinstance(one, Rejection) and one.protects for one in found)


@pytest.mark.parametrize("line", ["contact jane, jane@x.example", "victim, a girl", "a, b, c"])
def test_a_remark_of_several_lines_is_a_remark(line: str) -> None:
    content = f'{FULL_HEADER}\nphone,+12025550100,buyer,,s,"see 5\n{line}\nend",,,\n'
    assert [type(one) for one in read(content.encode())] == [Entry]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_every_line_ending_counts_the_same(ending: str, last: bool) -> None:
    content = ending.join([HEADER, PHONE, "", ",,", PHONE]) + ending * last
    file = CuratedFile(io.BytesIO(content.encode()), file="list.csv")
    assert codes(map(entry_of, file)) == [(2, "taken"), (5, "taken")]


def test_a_crlf_may_be_cut_by_any_read() -> None:
    class OneByteAtATime(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(1)

    content = f"{HEADER}\r\n{PHONE}\r\n\r\n{PHONE}\r{PHONE}".encode()
    assert codes(map(entry_of, CuratedFile(OneByteAtATime(content), file="list.csv"))) == [
        (2, "taken"),
        (4, "taken"),
        (5, "taken"),
    ]


def test_a_remark_may_have_several_lines() -> None:
    content = f'{HEADER},reason\n{PHONE},"one\r\ntwo, ""three""\n"\n{PHONE},four\n'
    first, second = read(content)
    assert isinstance(first, Entry)
    assert first.reason == 'one\r\ntwo, "three"'
    assert (first.line, second.line) == (2, 5)


@pytest.mark.parametrize(
    "following",
    [
        [f"{PHONE},plain", f"{PHONE},plain"],
        [f'{PHONE},"quoted"', f"{PHONE},plain"],
        [f'{PHONE},""', f"{PHONE},plain", f'{PHONE},"x"'],
        [f'{PHONE},", see note"', f"{PHONE},plain"],
        [f'{PHONE},x"', f"{PHONE},plain"],
        [f'{PHONE},"a ""b"" c"', f'{PHONE},"several', 'lines"'],
    ],
)
def test_an_unclosed_quote_costs_its_own_row_and_no_other(following: list[str]) -> None:
    content = "\n".join([f"{HEADER},reason", f'{PHONE},"unclosed', *following])
    results = read(content)
    assert codes(results)[0] == (2, "bad_quotes")
    starts = [number for number, line in enumerate(following, 3) if line.startswith("phone")]
    assert codes(results)[1:] == [(number, "taken") for number in starts]


def test_an_unclosed_value_does_not_swallow_what_follows() -> None:
    content = f'{HEADER}\nphone,"+1 202-555-0134,buyer\nx","buyer"\n{PHONE}\n'
    assert [line for line, _ in codes(read(content))] == [2, 3, 4]


def test_lines_that_make_no_whole_row_together_stay_apart() -> None:
    content = f'{HEADER},reason\n{PHONE},"open\nclosed",more\n{PHONE},plain\n'
    assert codes(read(content)) == [
        (2, "bad_quotes"),
        (3, "wrong_column_count"),
        (4, "taken"),
    ]


def test_a_row_of_several_lines_is_as_bounded_as_one_of_one() -> None:
    content = f'{HEADER},reason\n{PHONE},"{"a" * 20_000}\n{"b" * 20_000}"\n{PHONE},plain\n'
    assert codes(read(content)) == [
        (2, "bad_quotes"),
        (3, "wrong_column_count"),
        (4, "taken"),
    ]


def test_a_closing_quote_far_below_is_not_looked_for() -> None:
    content = f'{HEADER},reason\n{PHONE},"open\n' + "words\n" * 40 + 'end"\n'
    assert codes(read(content)) == [
        (2, "bad_quotes"),
        *((line, "wrong_column_count") for line in range(3, 43)),
        (43, "wrong_column_count"),
    ]


def test_an_endless_line_is_one_rejection_in_bounded_memory() -> None:
    class Endless(io.RawIOBase):
        def __init__(self) -> None:
            self.chunks = iter([f"{HEADER}\n".encode(), *[b"x" * 65_536] * 500, b"\r", b"\n"])

        def read(self, size: int = -1) -> bytes:
            return next(self.chunks, b"")

    file = CuratedFile(Endless(), file="list.csv")  # type: ignore[arg-type] # only read() is used
    assert codes(map(entry_of, file)) == [(2, "row_too_long")]
