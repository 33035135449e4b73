"""Files of text: how they are cut into places, and what those tell of a victim."""

import io
from pathlib import Path

import pytest

from screening.importers.csv_rows import CuratedFile
from screening.importers.entry import Rejection, Span
from screening.importers.free_text import Taken, TextFile
from screening.importers.whom import Whom
from tests.importers.importing import left_open

REMARKS = Path(__file__).with_name("contact_remarks.csv")


def test_a_csv_without_a_text_column_is_searched_in_all_cells() -> None:
    content = "desk@a.example,x\nref,two@a.example,more\n"
    results = list(TextFile(io.BytesIO(content.encode()), file="notes.CSV"))
    assert [(r.line, r.span.column if r.span else 0) for r in results] == [(1, 1), (2, 2)]
    assert all(isinstance(result, Taken) for result in results)


def test_a_first_line_of_a_csv_in_which_nothing_is_found_is_its_header() -> None:
    content = b"name,contact\nA,a@x.example\nB,nobody\n"
    found = [
        (one.line, "taken" if isinstance(one, Taken) else one.code)
        for one in TextFile(io.BytesIO(content), file="export.csv")
    ]
    assert found == [(2, "taken"), (3, "nothing_found")]


def test_any_other_file_is_searched_line_by_line() -> None:
    content = '\ufeffdesk@a.example, "two@a.example\r\n\r\n  \rnothing here'
    results = list(TextFile(io.BytesIO(content.encode()), file="notes.txt"))
    assert [r.line for r in results] == [1, 1, 4]
    assert isinstance(results[0], Taken)
    assert results[0].span == Span(1, 1, 14)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"text\ncaf\xe9\nok", [(2, "bad_utf8"), (3, "nothing_found")]),
        (b"text\na\0b\nok", [(2, "control_character"), (3, "nothing_found")]),
        (b"text\n" + b"x" * 140_000 + b"\nok", [(2, "row_too_long"), (3, "nothing_found")]),
        (b"source,text\na,b,c\na,ok", [(2, "wrong_column_count"), (3, "nothing_found")]),
        (b'source,text\na,"b\na,ok', [(2, "bad_quotes"), (3, "nothing_found")]),
        (b"text\na\x0cb", [(2, "nothing_found")]),
    ],
)
def test_a_row_that_cannot_be_read_is_reported(
    content: bytes, expected: list[tuple[int, str]]
) -> None:
    results = list(TextFile(io.BytesIO(content), file="notes.csv"))
    assert [(r.line, None if isinstance(r, Taken) else r.code) for r in results] == expected


@pytest.mark.parametrize("mark", [";", "\t", "|"])
@pytest.mark.parametrize("told", [False, True])
def test_a_csv_is_parted_by_what_its_header_or_a_first_line_tells(mark: str, told: bool) -> None:
    first = [f"sep={mark}"] if told else []
    rows = [
        ["name, given or other", "phone", "phone of victim"],
        ['"Case 7: ""two, or three"""', "+12025550142", "+12025550143"],
        ["Case 8", "nothing, here", ""],
    ]
    content = "\n".join([*first, *map(mark.join, rows), ""]).encode()
    results = list(TextFile(io.BytesIO(content), file="export.csv"))
    of_one, of_victim, nothing = results
    assert isinstance(of_one, Taken)
    assert isinstance(of_victim, Taken)
    assert (of_one.span.column, of_one.told) == (2, None)
    assert (of_victim.span.column, of_victim.told) == (3, Whom.VICTIM)
    assert not isinstance(nothing, Taken)
    assert (nothing.line, nothing.code) == (3 + told, "nothing_found")


def test_a_text_column_is_found_whatever_parts_a_header_into_more_cells() -> None:
    content = b"text,place; time; weather; day\n+12025550142,x; y; z\n"
    (found,) = TextFile(io.BytesIO(content), file="export.csv")
    assert isinstance(found, Taken)
    assert found.span.column == 1


def test_the_mark_that_leaves_a_column_of_texts_decides() -> None:
    content = b"place,day;text\n+12025550143,2;call +12025550142\n"
    (found,) = TextFile(io.BytesIO(content), file="export.csv")
    assert isinstance(found, Taken)
    assert (found.canonical.text, found.span.column) == ("+12025550142", 2)


def test_a_first_line_that_cannot_be_read_names_no_column() -> None:
    content = b"caf\xe9,text\ndesk@a.example,b@x.example\n"
    fault, *found = TextFile(io.BytesIO(content), file="export.csv")
    assert isinstance(fault, Rejection)
    assert (fault.line, fault.code) == (1, "bad_utf8")
    assert [one.span.column for one in found if isinstance(one, Taken)] == [1, 2]


def test_a_row_of_empty_cells_says_nothing() -> None:
    content = b"text;source\n;\n +12025550142;\n ; \n"
    assert [one.line for one in TextFile(io.BytesIO(content), file="export.csv")] == [3]


def test_a_name_of_a_column_may_have_line_breaks() -> None:
    content = b'id;"phone\nof victim"\n7;+12025550142\n'
    results = list(TextFile(io.BytesIO(content), file="export.tsv"))
    assert [(one.line, isinstance(one, Taken) and one.told) for one in results] == [
        (3, Whom.VICTIM)
    ]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("file", ["notes.csv", "notes.txt"])
def test_an_empty_file_gives_nothing(content: bytes, file: str) -> None:
    assert list(TextFile(io.BytesIO(content), file=file)) == []


def test_the_list_reader_refuses_a_text_file() -> None:
    with REMARKS.open("rb") as stream, pytest.raises(Exception, match="kind,value,role"):
        CuratedFile(stream, file="contact_remarks.csv")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Victim's phone: +1 202 555 0150\nHis phone: +1 202 555 0151\n", [True, False]),
        ("Handy des Opfers: +1 202 555 0150\n", [True]),
        ("Correo de la víctima: a@harbour.example\n", [True]),
        ("Witness: +1 202 555 0150\n", [True]),
        ("To: +1 202 555 0150\nFrom: +1 202 555 0151\n", [True, False]),
        ("cc: a@harbour.example\n", [True]),
        ("Recipients:\na@harbour.example\nFrom:\nb@harbour.example\n", [True, False]),
        ("he called +1 202 555 0150\nwrote to a@harbour.example\n", [False, False]),
        ("Girl: +1 202 555 0150\nnew girls in town, call +1 202 555 0151\n", [True, True]),
        ("wrong number: +1 202 555 0150\n", [True]),
        ("he forced her to use Tel. +1 202 555 0150\n", [True]),
        ("aged 15, tel. +1 202 555 0150\n", [True]),
        ("Victim:\n\nAna\n+1 202 555 0150\nSuspects:\n+1 202 555 0151\n", [True, False]),
        ("her number (victim) is\n+1 202 555 0150\n+1 202 555 0151\n", [True, True]),
        ("# Victims\n## Ana\n- +1 202 555 0150\n# Cars\n+1 202 555 0151", [True, False]),
        ("VICTIMS\n-----\n1. +1 202 555 0150\n2. +1 202 555 0151\n", [True, True]),
        ("<h2>Victims</h2>\n<p>+1 202 555 0150\n\n<li>+1 202 555 0151\n", [True, True]),
        ("Victim 1: Ana\nlives in Leeds\ntel +1 202 555 0150\n", [True]),
        ("Ana, the victim,\ncan be reached\nat +1 202 555 0150\n", [True]),
        ("+1 202 555 0150\n(the girl's phone)\n+1 202 555 0151\n", [True, True]),
        ("+1 202 555 0150\n(the victim's phone)\nor +1 202 555 0151\n", [True, True]),
        ("+1 202 555 0150\n\nVictims\n+1 202 555 0151\n", [False, True]),
        ("VICTIM\tSUSPECT\n+1 202 555 0150\tx\n+1 202 555 0151\tx\n", [True, True]),
        ("1. VICTIM INFORMATION\nName: Ana\nDOB: x\nPhone: +1 202 555 0150\n", [True]),
        ("Complainant details\nPhone: +1 202 555 0150\nSuspect\n+1 202 555 0151\n", [True, False]),
        ("To: a@harbour.example,\n b@harbour.example\n", [True, True]),
        (" To: a@harbour.example,\n  b@harbour.example\n", [True, True]),
        ("Victims:\nAna:\n+1 202 555 0150\n", [True]),
        ("Victims:\n+1 202 555 0150 met the suspect\n+1 202 555 0151\n", [True, True]),
        ("Tel: +1 202 555 0150\nTeléfono: +1 202 555 0151\nTel. +1 202 555 0152\n", [False] * 3),
    ],
)  # fmt: skip
def test_a_text_that_speaks_of_a_victim_leaves_the_role_open(
    content: str, expected: list[bool]
) -> None:
    assert left_open(content) == expected


@pytest.mark.parametrize(
    "table",
    [
        "name,remarks,victim?,age\nAna,call {},yes,15\n",
        "text,victim?\ncall {},yes\n",
        "text,age\ncall {},15\n",
        "text,DOB\ncall {},2012-03-04\n",
        "text,category\ncall {},V\n",
        "role,remarks\nV,call {}\n",
    ],
)
def test_in_a_table_of_texts_cells_are_read_with_their_headings(table: str) -> None:
    assert left_open(table.format("+1 202 555 0150"), "t.csv") == [True]


def test_a_cell_that_says_no_under_its_heading_leaves_nothing_open() -> None:
    table = "text,victim?,age,DOB\ncall +1 202 555 0150,no,41,1980-01-01\n"
    assert left_open(table, "t.csv") == [False]


def test_in_a_table_of_texts_the_row_and_the_heading_tell_of_a_victim() -> None:
    table = "from,to,cc\n+1 202 555 0149,+1 202 555 0150,+1 202 555 0151\n"
    assert left_open(table, "t.csv") == [False, True, True]
    table = "phone,victim phone\n+1 202 555 0150,+1 202 555 0151\n"
    assert left_open(table, "t.csv") == [False, True]
    table = "text,status\n+1 202 555 0150,rescued victim\n+1 202 555 0151,seen\n"
    assert left_open(table, "t.csv") == [True, False]


@pytest.mark.parametrize("header", ["group;phone", "group;text"])
def test_what_heads_rows_is_told_of_each_of_them(header: str) -> None:
    phones = [f"+1 202 555 015{digit}" for digit in range(5)]
    rows = zip(["Victims", "", "too;many", "Suspects", ""], phones, strict=True)
    table = "\n".join([header, *(f"{head};{phone}" for head, phone in rows)])
    stream = io.BytesIO(table.encode())
    told = [one.told for one in TextFile(stream, file="x.csv") if isinstance(one, Taken)]
    assert told[:2] == [Whom.VICTIM] * 2
    assert told[-2:] == [None] * 2


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("Orig,Term\n{},{}\n", [False, True]),
        ("De,A\n{},{}\n", [False, True]),
        ("Timestamp,Email Address,Suspect phone\n1,me@x.example,{}\n", [True, False]),
        ("Phone,Status\n{},disputed\n{},buyer\n{},unknown\n", [True, False, False]),
    ],
)
def test_who_was_called_who_wrote_and_another_role_leave_the_role_open(
    table: str, expected: list[bool]
) -> None:
    phones = [f"+1 202 555 015{digit}" for digit in range(3)]
    assert left_open(table.format(*phones), "t.csv") == expected


@pytest.mark.parametrize(
    "above",
    [
        "Slachtoffers:\nAnna van Dijk",
        "Opfer:\nAnna von Berg",
        "Victims\n\nFrom Ukraine",
        "# Victims\n\n## From Ukraine",
        "Victims\n\nAnna\nTrafficker: unknown",
        "Victims\n\nAnna\nRecruiter: Bob",
        "Victims:\n\n#1 Anna, +1 202 555 0151",
        "# Victims\n#Anna",
        "# Victims\n#",
    ],
)
def test_a_name_or_a_number_below_a_heading_ends_nothing(above: str) -> None:
    assert set(left_open(f"{above}\nPhone +1 202 555 0150\n")) == {True}


@pytest.mark.parametrize(
    "above", ["Victims:\n\nFrom:", "Victim: Anna\n\nSuspect: Bob", "# Victims\n\n# Drivers"]
)
def test_a_heading_of_others_ends_what_one_of_victims_said(above: str) -> None:
    assert left_open(f"{above}\n+1 202 555 0150\n") == [False]


SENTENCES = (
    *("Her trafficker beat her.", "- Suspect was her boyfriend", "Suspect fled the scene."),
    *("Caller said that she is safe", "Accused no longer holds them", "Trafficker arrested 3 May"),
    *("Suspect fled", "Beaten by trafficker", "* Suspect", "Trafficker known.", "Suspect?"),
    *("Suspect at large", "Knows the trafficker", "Suspect gave drugs", "Afraid of trafficker"),
    *("Sospechoso huy\u00f3", "Suspect en fuite", "Podejrzany uciek\u0142", "Suspect's girlfriend"),
    *("She fled from the suspect's house", "Her trafficker called her on:", "Caller said:"),
)
"""What is told of an offender among victims."""


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("heading", ["Victims", "VICTIMS:", "# Victims"])
def test_a_sentence_about_an_offender_ends_no_heading(heading: str, sentence: str) -> None:
    text = f"{heading}\n\nAnna\n\n{sentence}\n\nBea\n+1 202 555 0150\n"
    assert left_open(text) == [True]


@pytest.mark.parametrize(
    "line",
    [
        *("Suspect", "SUSPECTS:", "Tatverd\u00e4chtige:", "List of suspects", "2. Suspect details"),
        *("Numbers of the suspects:", "<h2>Suspects</h2>", "** Suspects **", "Suspect: Bob Stone"),
        *("Beschuldigter", "The traffickers", "Suspect's phones", "# Suspects", "## Suspects"),
    ],
)
def test_a_line_that_is_of_offenders_alone_ends_one(line: str) -> None:
    assert left_open(f"Victim: Anna\n\n{line}\n\n+1 202 555 0150\n") == [False]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        *(("Suspects", True), ("Suspects:", True), ("Suspect: Bob", True), ("From:", True)),
        *(("A witness\n\nSuspects", True), ("### Trafficker known to her", True)),
        *(("## Suspects", False), ("## Cars", False), ("# Cars", False), ("### Suspects", False)),
    ],
)
def test_a_heading_of_a_level_is_ended_by_another_one(line: str, expected: bool) -> None:
    text = f"# Case 12\n## Victims\nAnna\n\n{line}\n\n+1 202 555 0150\n"
    assert left_open(text) == [expected]
