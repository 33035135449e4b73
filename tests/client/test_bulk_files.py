"""Files as they come: what is kept, and what a row amounts to."""

import csv
import io
import json
import stat
from pathlib import Path

import pytest

from screening.client.bulk.outcomes import cause_sentence
from screening.vocabulary.errors import REJECTION_SENTENCES
from tests.client.conftest import ADDED, GenScreen, List, Screen, parsed
from tests.client.peer import Peer


def test_every_row_comes_back_with_result_reason_and_receipt(
    screen: Screen, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"), ("email", "jane.doe@booking.example"))
    header, *rows = screen(
        b"id,phone,email\n"
        b"1,+1 (202) 555-0100,nobody@booking.example\n"
        b"2,+12025550111,\n"
        b"3,202 555 0100,nobody@booking.example\n"
        b"4,,JANE.DOE@booking.example\n"
        b"5,+12025550100,Jane.Doe@booking.example\n"
        b"6,,\n"
        b"7,abc,jane.doe@@\n"
        b"8,202 555 0100,jane.doe@booking.example\n"
    )
    assert header == ["id", "phone", "email", *ADDED]
    assert [row[:4] for row in rows] == [
        ["1", "+1 (202) 555-0100", "nobody@booking.example", "match"],
        ["2", "+12025550111", "", "no_match"],
        ["3", "202 555 0100", "nobody@booking.example", "not_screened"],
        ["4", "", "JANE.DOE@booking.example", "match"],
        ["5", "+12025550100", "Jane.Doe@booking.example", "match"],
        ["6", "", "", "not_screened"],
        ["7", "abc", "jane.doe@@", "not_screened"],
        ["8", "202 555 0100", "jane.doe@booking.example", "match"],
    ]
    assert [row[4] for row in rows] == [
        "phone",
        "",
        "phone: region_required",
        "email",
        "phone, email",
        "empty",
        "phone: not_a_phone; email: not_an_email",
        "email",
    ]
    receipt = rows[0][5].partition(".")[0]
    places = [row[5].removeprefix(receipt) for row in rows]
    assert places == [".0", ".2", ".3", ".4", ".5", "", "", ".7"]


def test_a_region_completes_national_numbers(screen: Screen, list_selectors: List) -> None:
    list_selectors(("phone", "+12025550100"))
    _, row = screen(b"phone\n202 555 0100\n", "--region", "US")
    assert row[1] == "match"


@pytest.mark.parametrize(("delimiter", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
def test_delimiters_are_found_and_kept(screen: Screen, delimiter: str, name: str) -> None:
    lines = [["name", "e-mail", "note"], [name, "a@x.example", "1.5"], ["b", "b@x.example", ""]]
    content = "".join(f"{delimiter.join(line)}\n" for line in lines)
    header, *rows = screen(content.encode(), delimiter=delimiter)
    assert header == [*lines[0], *ADDED]
    assert [row[:3] for row in rows] == lines[1:]


def test_semicolons_with_decimal_commas_are_semicolons(screen: Screen) -> None:
    _, row = screen(b"price;mail\n1,50;a@x.example\n", delimiter=";")
    assert row[:3] == ["1,50", "a@x.example", "no_match"]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_byte_order_mark_and_line_ends_are_kept(
    screen: Screen, tmp_path: Path, line_end: bytes, bom: bytes
) -> None:
    screen(bom + line_end.join([b"phone,name", b"+12025550100,J\xc3\xbcrgen", b""]))
    content = (tmp_path / "out.csv").read_bytes()
    assert content.startswith(bom + b"phone,name,result")
    assert content.count(b"\r\n") == (2 if line_end == b"\r\n" else 0)
    assert "Jürgen".encode() in content


def test_lines_that_end_in_a_carriage_return_alone_are_rows(
    screen: Screen, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550101"))
    header, *rows = screen(b"phone,name\r+12025550100,a\r+12025550101,b\r\r+12025550102,c")
    assert header == ["phone", "name", *ADDED]
    assert [row[:3] for row in rows] == [
        ["+12025550100", "a", "no_match"],
        ["+12025550101", "b", "match"],
        ["", "", "not_screened"],
        ["+12025550102", "c", "no_match"],
    ]


def test_quotation_marks_line_breaks_and_delimiters_in_cells_survive(screen: Screen) -> None:
    cells = ['say "hi", please', "two\nlines", "two\r\nlines", "return\rhere", "semi;colon", " a "]
    written = io.StringIO(newline="")
    csv.writer(written).writerows([["phone", *"abcdef"], ["+12025550100", *cells]])
    _, row = screen(written.getvalue().encode())
    assert row[1:7] == cells
    assert row[7] == "no_match"


def test_a_cell_that_holds_another_delimiter_is_quoted(screen: Screen, tmp_path: Path) -> None:
    screen(b"phone,name\n+12025550100,x;=cmd\n")
    assert b'"x;=cmd"' in (tmp_path / "out.csv").read_bytes()


def test_null_bytes_pass_through(screen: Screen) -> None:
    _, first, second = screen(b"phone,n\n+12025550100,a\0b\n\0,c\n")
    assert first[1:3] == ["a\0b", "no_match"]
    assert second[2:4] == ["not_screened", "phone: not_a_phone"]


def test_short_rows_are_filled_and_long_rows_are_not_screened(screen: Screen) -> None:
    _, *rows = screen(b"name,phone\nJane\nJane,+12025550100,\nDoe, Jane,+12025550100\n\n")
    assert rows[0] == ["Jane", "", "not_screened", "empty", ""]
    assert rows[1][:3] == ["Jane", "+12025550100", "no_match"]
    assert rows[1][5:] == [""]
    assert rows[2] == ["Doe", " Jane", "not_screened", "ragged_row", "", "+12025550100"]
    assert rows[3] == ["", "", "not_screened", "empty", ""]


def test_a_file_of_a_header_only_comes_back_with_the_header(screen: Screen, peer: Peer) -> None:
    assert screen(b"phone,name\n") == [["phone", "name", *ADDED]]
    assert peer.total("/v1/bulk") == 0


def test_taken_column_names_get_one_number_for_all(screen: Screen) -> None:
    once = screen(b"phone,Result\n+12025550100,x\n")
    assert once[0] == ["phone", "Result", "result_2", "reason_2", "receipt_2"]
    again = screen(b"phone,result,reason_2\n+12025550100,x,y\n")
    assert again[0][3:] == ["result_3", "reason_3", "receipt_3"]


NOTES = [
    "2024-01-15, called, no answer",
    "Springfield, 62704-1234",
    "stayed, 2019-2026",
    "total, 1.250.000",
    "jane@x.example, asked for a cot",
    "Jane, +12025550100",
]


@pytest.mark.parametrize("note", NOTES)
def test_a_note_of_several_lines_is_a_note(screen: Screen, note: str) -> None:
    _, row = screen(f'id,phone,note\n1,+12025550100,"arrived late\n{note}\ntwo beds"\n'.encode())
    assert row[3] == "no_match"


def test_two_stray_marks_do_not_make_two_rows_one(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    source.write_text('id,name,phone\n1,"O\'Brien,+12025550142\n2,Smith",+12025550100\n')
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert done.code == 2
    assert "in which rows seem to stand" in done.err


def test_bars_separate_columns(screen: Screen, list_selectors: List) -> None:
    list_selectors(("phone", "+12025550100"))
    _, row = screen(b"id|phone|email\n1|+12025550100|a@x.example\n", delimiter="|")
    assert row[3:5] == ["match", "phone"]


@pytest.mark.parametrize("mark", ["^", "~", ":"])
def test_columns_separated_in_another_way_are_not_read_as_one(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, peer: Peer, mark: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"id{mark}email\n1{mark}a@x.example\n")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert done.code == 2
    assert f"seems to separate its columns by {mark}; export it again" in done.err
    assert peer.total("/v1/bulk") == 0


def test_files_are_private_and_the_receipts_hold_neither_value_nor_token(
    screen: Screen, tmp_path: Path, peer: Peer
) -> None:
    screen(b"phone,name\n+12025550100,Jane\n")
    out, receipts = tmp_path / "out.csv", tmp_path / "out.csv.receipts"
    for path in (out, receipts):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not (tmp_path / "out.csv.resume").exists()
    header, batch = map(json.loads, receipts.read_text().splitlines())
    assert (batch["cells"], batch["first_row"], len(batch["opening"])) == ("n", 0, 44)
    text = receipts.read_bytes()
    (token,) = peer.asked
    for absent in (b"5550100", b"Jane", token, token.hex().encode()):
        assert absent not in text
    assert header["key_id"] == "acme-2026a"
    assert {path.name for path in tmp_path.iterdir()} == {
        "acme.kit.json", "in.csv", "out.csv", "out.csv.receipts"
    }  # fmt: skip


def test_the_summary_counts_rows_and_says_what_to_do_about_each_reason(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"))
    source = tmp_path / "in.csv"
    source.write_text(
        "phone,mobile,email\n"
        "+12025550100,5550100,\n"  # a match: what else is in the row is no reason
        "+12025550111,,\n"
        "5550100,5550111,\n"  # one row, though two of its cells lack a country code
        "5550100,,jane@@\n"
        ",,jane@@x\n"
        ",,\n"
        ",+12025550111,,more\n"
    )
    options = [f"--column={name}" for name in ("phone=phone", "mobile=phone", "email=email")]
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv", *options)
    lines = [line.strip() for line in done.out.splitlines()]
    assert [line.split() for line in lines[:4]] == [
        ["7", "rows", "in", str(tmp_path / "out.csv")],
        ["match", "1"],
        ["no", "match", "1"],
        ["not", "screened", "5"],
    ]
    assert lines[4:8] == [
        f"2  region_required: {cause_sentence('region_required')}",
        f"2  not_an_email: {REJECTION_SENTENCES['not_an_email']}",
        f"1  empty: {cause_sentence('empty')}",
        f"1  ragged_row: {cause_sentence('ragged_row')}",
    ]
    assert "lead for human review" in done.out


@pytest.mark.parametrize("rows", [1, 2])
def test_a_file_of_which_nothing_could_be_screened_is_written_and_is_no_success(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, peer: Peer, rows: int
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("phone\n" + "202 555 0100\n" * rows)
    command = ["bulk", "--kit", kit_path, source, "-o", out]
    done = gen_screen(*command)
    assert done.code == 2
    assert done.out.startswith(f"1 row in {out}\n" if rows == 1 else f"2 rows in {out}\n")
    assert done.err.splitlines()[0].startswith(f"Screening {rows} row{'s' * (rows > 1)} by: ")
    assert done.err.splitlines()[-1].startswith("gen-screen: not one row could be screened; ")
    assert [row[1] for row in parsed(out.read_bytes())[1:]] == ["not_screened"] * rows
    assert (tmp_path / "out.csv.receipts").exists()
    assert gen_screen(*command, "--overwrite", "--region", "US").code == 0


def test_batches_in_any_size_give_the_same_file(
    screen: Screen, tmp_path: Path, peer: Peer, list_selectors: List
) -> None:
    list_selectors(*(("phone", f"+1202555{number:04}") for number in range(0, 24, 7)))
    content = "".join(
        f"{n},+1202555{n:04},{'' if n % 3 else f'u{n}@x.example'}\n" for n in range(24)
    )
    files = []
    for batch, in_flight in ((1, 1), (7, 16), (48, 4), (10_000, 1)):
        rows = screen(
            f"id,phone,email\n{content}".encode(),
            "--batch", str(batch), "--in-flight", str(in_flight),
        )  # fmt: skip
        assert peer.largest <= max(batch, 2)
        peer.largest = 0
        files.append([row[:-1] for row in rows])
        receipts = [row[-1] for row in rows[1:]]
        assert len(set(receipts)) == 24
        (tmp_path / "out.csv.receipts").unlink()
    assert files[0] == files[1] == files[2] == files[3]
    assert [row[3] for row in files[0][1:]] == [
        "no_match" if number % 7 else "match" for number in range(24)
    ]
    assert set(peer.asked.values()) == {4}


def test_what_a_database_writes_for_nothing_is_nothing(
    screen: Screen, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"))
    nothing = ["NULL", "\\N", "N/A", "n/a", "-", "NaN", "None", ""]
    lines = [f"+12025550101,{cell}" for cell in nothing] + [
        f"{cell},a@x.example" for cell in nothing
    ]
    _, *rows = screen("\n".join(["phone,email", *lines, "+12025550100,NULL", ""]).encode())
    assert [row[2] for row in rows] == ["no_match"] * 2 * len(nothing) + ["match"]
