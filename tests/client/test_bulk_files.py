"""Files as they come: what is kept, what is refused, what a row amounts to. Nobody is asked here
but the scripted peer."""

import csv
import io
import json
import random
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.client.bulk.formula import guarded
from tests.client.conftest import GenScreen, List
from tests.client.peer import Peer

ADDED = ["result", "reason", "receipt"]
Screen = Callable[..., list[list[str]]]


@pytest.fixture
def screen(gen_screen: GenScreen, kit_path: Path, tmp_path: Path) -> Screen:
    """Screen a file of these bytes; return the records of the output, its header first."""

    def run(content: bytes, *options: str, delimiter: str = ",") -> list[list[str]]:
        source, out = tmp_path / "in.csv", tmp_path / "out.csv"
        source.write_bytes(content)
        done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, "--overwrite", *options)
        assert done.code == 0, done.err
        return parsed(out.read_bytes(), delimiter)

    return run


def parsed(content: bytes, delimiter: str = ",") -> list[list[str]]:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.reader(text, delimiter=delimiter, strict=True))


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
        "phone: region_required; email: not_an_email",
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
    assert second[2:4] == ["not_screened", "phone: region_required"]


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


def test_columns_are_found_by_name_or_content(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(
        "id,Mobile No,Contact,PaymentCard,phone verified,card_expiry,Téléphone,E-Mail\n"
        "1000000000000000,+12025550100,a@x.example,4242424242424242,yes,12/27,,\n"
        "1000000000000001,2025550111,b@x.example,378282246310005,no,01/28,,\n"
    )
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert done.code == 0
    assert (
        "by: Mobile No (phone), Contact (email), PaymentCard (card), Téléphone (phone), "
        "E-Mail (email)." in done.err
    )
    assert "Not screened, for their values do not look like it: phone verified, card_expiry" in (
        done.err
    )


def test_columns_can_be_told(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, list_selectors: List
) -> None:
    list_selectors(("email", "a@x.example"))
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("phone,who=what\n+12025550100,a@x.example\n")
    done = gen_screen("bulk", "--kit", kit_path, "--column", "who=what=email", source, "-o", out)
    assert "by: who=what (email)." in done.err
    assert parsed(out.read_bytes())[1][2:4] == ["match", "who=what"]


REFUSED: dict[str, tuple[bytes, list[str], str]] = {
    "empty": (b"", [], "no header"),
    "only a BOM": (b"\xef\xbb\xbf", [], "no header"),
    "blank": (b"\n\n\n", [], "no header"),
    "no header": (b"+12025550100,a@x.example\n", [], "put a header above"),
    "no column": (b"name\nJane\n", [], "--column"),
    "latin-1": (b"phone,name\n1,a\n2,b\n+12025550100,J\xfcrgen\n", [], "not UTF-8 at line 4"),
    "utf-16": ("phone\n+12025550100\n".encode("utf-16"), [], "not UTF-8 at line 1"),
    "open quotation mark": (b'phone,name\n1,"a\n2,b\n', [], "not CSV at line 3"),
    "stray quotation mark": (b'phone,name\n1,"a"b\n2,b\n', [], "not CSV at line 2"),
    "huge cell": (b"phone,name\n1," + b"x" * 200_000 + b"\n", [], "not CSV at line 2"),
    "unknown column": (b"phone\n1\n", ["--column", "tel=phone"], "no column"),
    "double column": (b"phone,phone\n1,2\n", ["--column", "phone=phone"], "more than one column"),
    "unknown kind": (b"phone\n1\n", ["--column", "phone=passport"], "NAME=KIND"),
    "no kind": (b"phone\n1\n", ["--column", "phone"], "NAME=KIND"),
    "twice": (b"p\n1\n", ["--column", "p=phone", "--column", "p=card"], "twice"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_screened_is_refused_before_anything_is_asked(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, peer: Peer, name: str
) -> None:
    content, options, sentence = REFUSED[name]
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(content)
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, *options)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert done.err.splitlines()[-1].startswith("gen-screen: ")
    assert sum(peer.requests.values()) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["acme.kit.json", "in.csv"]


def test_duplicate_header_names_are_kept_and_both_screened(
    screen: Screen, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"))
    header, row = screen(b"phone,phone\n+12025550111,+12025550100\n")
    assert header == ["phone", "phone", *ADDED]
    assert row[2:4] == ["match", "phone"]


def test_paths_that_cannot_work_are_refused(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("phone\n+12025550100\n")
    (tmp_path / "taken.csv").write_text("x")
    (tmp_path / "old.csv.receipts").write_text("x")
    (tmp_path / "link.csv").symlink_to(source)
    for given_source, out in (
        ("-", tmp_path / "out.csv"),
        (tmp_path / "none.csv", tmp_path / "out.csv"),
        (tmp_path, tmp_path / "out.csv"),
        (source, source),
        (source, tmp_path / "link.csv"),
        (source, tmp_path),
        (source, tmp_path / "nowhere" / "out.csv"),
        (source, tmp_path / "taken.csv"),
        (source, tmp_path / "old.csv"),
    ):
        done = gen_screen("bulk", "--kit", kit_path, given_source, "-o", out)
        assert (done.code, done.out) == (2, "")
    assert source.read_text() == "phone\n+12025550100\n"
    assert (tmp_path / "taken.csv").read_text() == "x"
    assert not (tmp_path / "out.csv.resume").exists()


def test_an_existing_file_is_replaced_only_when_told(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("phone\n+12025550100\n")
    out.write_text("x")
    assert gen_screen("bulk", "--kit", kit_path, source, "-o", out).code == 2
    assert out.read_text() == "x"
    assert gen_screen("bulk", "--kit", kit_path, source, "-o", out, "--overwrite").code == 0
    assert out.read_text() != "x"


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


def test_the_summary_counts_rows_and_reasons(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"))
    source = tmp_path / "in.csv"
    source.write_text("phone\n+12025550100\n" + "+12025550111\n" * 3 + "5550100\n" * 2)
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0][:2] == ["6", "rows"]
    assert lines[1:5] == [
        ["match", "1"],
        ["no", "match", "3"],
        ["not", "screened", "2"],
        ["2", "phone:", "region_required"],
    ]
    assert "lead for human review" in done.out


def test_batches_in_any_size_give_the_same_file(
    screen: Screen, tmp_path: Path, peer: Peer, list_selectors: List
) -> None:
    list_selectors(*(("phone", f"+1202555{number:04}") for number in range(0, 300, 7)))
    content = "".join(
        f"{n},+1202555{n:04},{'' if n % 3 else f'u{n}@x.example'}\n" for n in range(300)
    )
    files = []
    for batch, in_flight in ((1, 1), (7, 16), (600, 4), (10_000, 1)):
        rows = screen(
            f"id,phone,email\n{content}".encode(),
            "--batch", str(batch), "--in-flight", str(in_flight),
        )  # fmt: skip
        files.append([row[:-1] for row in rows])
        receipts = [row[-1] for row in rows[1:]]
        assert len(set(receipts)) == 300
        (tmp_path / "out.csv.receipts").unlink()
    assert files[0] == files[1] == files[2] == files[3]
    assert [row[3] for row in files[0][1:]] == [
        "no_match" if number % 7 else "match" for number in range(300)
    ]
    assert set(peer.asked.values()) == {4}


# Formulas


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\u00a0=1",
        "\uff1d1",
        "+cmd",
        "-cmd|x",
        "+1 202 555 0100 ext 7",
        "-1+cmd()",
        "+A1",
        "-(A1)",
        "\uff0b1",
    ],
)
def test_what_a_spreadsheet_could_run_gets_an_apostrophe(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "Jane",
        "'=1",
        "1=1",
        "+1 (202) 555-0100",
        "+1.202.555.0100",
        "+1\u2011202\u2011555\u20110100",
        "-12.5",
        "-1,234.50",
        "+1e5",
        "-",
        "--",
        "a@x.example",
        "4242 4242 4242 4242",
    ],
)
def test_numbers_phones_and_text_stay_as_they_are(cell: str) -> None:
    assert guarded(cell) == cell


@given(st.text())
def test_a_guarded_cell_never_begins_as_a_formula_and_loses_nothing(cell: str) -> None:
    result = guarded(cell)
    assert result in (cell, f"'{cell}")
    visible = result.lstrip(" \u00a0")
    assert not visible.startswith(("=", "@", "\t", "\r", "\n"))
    if visible.startswith(("+", "-")):
        assert not any(
            character.isalpha() for character in visible.replace("e", "").replace("E", "")
        )


def test_the_guard_takes_linear_time() -> None:
    assert guarded("+" + "1" * 1_000_000 + "x").startswith("'")


def test_formulas_in_headers_and_cells_are_guarded_in_the_file(screen: Screen) -> None:
    header, row = screen(b'phone,=name\n+1 (202) 555-0100,=HYPERLINK("x")\n')
    assert header[1] == "'=name"
    assert row[:2] == ["+1 (202) 555-0100", '\'=HYPERLINK("x")']


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=6),
    delimiter=st.sampled_from(",;\t"),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_original_cells_come_back_as_they_were(
    screen: Screen, rows: list[tuple[str, str]], delimiter: str, line_end: str
) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(
        written, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL
    )
    writer.writerows([["phone", "a", "b"], *(["+12025550100", *row] for row in rows)])
    header, *screened = screen(
        written.getvalue().encode(), "--column", "phone=phone", delimiter=delimiter
    )
    assert header == ["phone", "a", "b", *ADDED]
    assert [row[1:3] for row in screened] == [[guarded(cell) for cell in row] for row in rows]
    assert all(row[3] == "no_match" for row in screened)


def test_any_bytes_end_in_a_file_or_in_one_sentence(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    chance = random.Random(5)  # noqa: S311 - test data
    alphabet = [
        b"phone",
        b",",
        b";",
        b"\t",
        b'"',
        b"\n",
        b"\r",
        b"\0",
        b"+12025550100",
        b"\xff",
        b" ",
    ]
    for _ in range(80):
        source.write_bytes(b"phone" + b"".join(chance.choices(alphabet, k=25)))
        done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, "--overwrite")
        assert done.code in (0, 2), done.err
        assert "Traceback" not in done.err
