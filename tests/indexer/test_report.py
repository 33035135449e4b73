import csv
import io
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.report import ExtractedList, Report
from screening.importers.csv_rows import CuratedFile, entry_of
from screening.importers.entry import Entry, Rejection, Role, Span
from screening.importers.file_names import reported_name
from screening.importers.free_text import Taken, TextFile
from screening.importers.whom import Whom
from screening.vocabulary.normalise import normalise

REMARKS = Path(__file__).parents[1] / "importers" / "contact_remarks.csv"
LIST = b"kind,value,role\nphone,+1 202-555-0134,buyer\nphone,x,buyer\nsecret,x,buyer\n"
TAKEN = Taken(
    canonical=normalise("phone", "+12025550134"),
    region="",
    source="=cmd",
    file="+notes.csv",
    line=7,
    span=Span(1, 2, 3),
)


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def write_list_report(path: Path) -> None:
    with Report(path, overwrite=True) as report:
        for result in map(entry_of, CuratedFile(io.BytesIO(LIST), file="=list.csv")):
            if isinstance(result, Rejection):
                report.rejected(result)


def test_a_report_names_each_row_and_repeats_none(tmp_path: Path) -> None:
    write_list_report(tmp_path / "report.csv")
    assert rows(tmp_path / "report.csv") == [
        ["file", "line", "kind", "code"],
        ["'=list.csv", "3", "phone", "not_a_phone"],
        ["'=list.csv", "4", "", "unknown_kind"],
    ]


def test_a_report_of_a_text_says_where_in_the_row(tmp_path: Path) -> None:
    with Report(tmp_path / "report.csv", overwrite=False, finds=True) as report:
        report.taken(TAKEN)
        report.taken(replace(TAKEN, told=Whom.PERHAPS_VICTIM))
        report.rejected(Rejection("notes.csv", 8, "email", "not_an_email", Span(2, 5, 9)))
        report.rejected(Rejection("notes.csv", 9, "", "nothing_found"))
    assert rows(tmp_path / "report.csv") == [
        ["file", "line", "kind", "code", "column", "first", "last", "speaks_of"],
        ["'+notes.csv", "7", "phone", "taken", "1", "2", "3", ""],
        ["'+notes.csv", "7", "phone", "taken", "1", "2", "3", "perhaps_victim"],
        ["notes.csv", "8", "email", "not_an_email", "2", "5", "9", ""],
        ["notes.csv", "9", "", "nothing_found", "", "", "", ""],
    ]


def test_files_are_private_and_replace_older_ones_where_told_to(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("old")
    path.chmod(0o644)
    write_list_report(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert rows(path)[0] == ["file", "line", "kind", "code"]
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_visible_before_the_end_or_after_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("old")
    with Report(path, overwrite=True) as report:
        report.taken(TAKEN)
        assert path.read_text() == "old"
        (temporary,) = set(tmp_path.iterdir()) - {path}
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
    path.write_text("old")
    with pytest.raises(RuntimeError), Report(path, overwrite=True) as report:
        report.taken(TAKEN)
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_came_meanwhile_is_not_replaced_where_none_may_be(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    report = Report(path, overwrite=False)
    with pytest.raises(FileExistsError) as refused, report:
        report.taken(TAKEN)
        path.write_text("edited by hand")
    assert refused.value.filename == str(path)
    assert path.read_text() == "edited by hand"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "report.csv"
    with pytest.raises(OSError, match="No such") as refused, Report(path, overwrite=True):
        pass
    assert refused.value.filename == str(path)


def test_an_extracted_list_can_be_published_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with (
        REMARKS.open("rb") as stream,
        ExtractedList(path, role=Role.FACILITATOR, overwrite=False) as extracted,
    ):
        found = [t for t in TextFile(stream, file="r.csv", region="GB") if isinstance(t, Taken)]
        for taken in found:
            extracted.add(taken)
    with path.open("rb") as stream:
        entries = list(map(entry_of, CuratedFile(stream, file="list.csv", region="US")))
    assert len(entries) == len(found) > 20
    for entry, taken in zip(entries, found, strict=True):
        assert isinstance(entry, Entry)
        assert entry.canonical == taken.canonical
        assert entry.role is Role.FACILITATOR
        assert entry.source == taken.source
        assert entry.reason == f"extracted from r.csv line {taken.line}"
    assert {row[3] for row in rows(path)} == {"region", "", "GB"}


@given(source=st.text(st.characters(exclude_categories=["Cs"]), max_size=600))
def test_no_source_can_spoil_an_extracted_list(
    source: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("extracted") / "list.csv"
    taken = Taken(TAKEN.canonical, "", source, TAKEN.file, 7, TAKEN.span)
    with ExtractedList(path, role=Role.BUYER, overwrite=False) as extracted:
        extracted.add(taken)
    with path.open("rb") as stream:
        (entry,) = map(entry_of, CuratedFile(stream, file="list.csv"))
    assert isinstance(entry, Entry)
    assert entry.canonical == taken.canonical


@pytest.mark.parametrize("role", Role)
def test_a_role_of_all_is_not_laid_upon_whom_the_text_may_call_a_victim(
    role: Role, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    with ExtractedList(path, role=role, overwrite=False) as extracted:
        extracted.add(replace(TAKEN, told=Whom.WITNESS))
        extracted.add(TAKEN)
    assert [row[2] for row in rows(path)[1:]] == ["victim" if role == "victim" else "", role]


@pytest.mark.parametrize("told", Whom)
def test_the_reason_of_an_extracted_row_says_of_whom_its_text_speaks_as_lists_hear_it(
    told: Whom, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    with ExtractedList(path, role=Role.BUYER, overwrite=False) as extracted:
        extracted.add(replace(TAKEN, told=told))
    with path.open("rb") as stream:
        (row,) = map(entry_of, CuratedFile(stream, file="list.csv"))
    assert isinstance(row, Rejection)
    assert row.protects is (told in (Whom.VICTIM, Whom.PERHAPS_VICTIM))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("+12025550134.csv", "+###########.csv"),
        ("12025550134.txt", "###########.txt"),
        ("WhatsApp chat with +1 202-555-0134.txt", "WhatsApp chat with +# ###-###-####.txt"),
        ("4111111111111111.csv", "################.csv"),
        ("+1_202_555_0134.csv", "+#_###_###_####.csv"),
        ("%2B1 202-555-0134.csv", "%#B# ###-###-####.csv"),
        ("1.202.555.0134", "#.###.###.####"),
        ("202-555-0134.1", "###-###-####.#"),  # as copies are numbered
        ("\uff11\uff12025550134.csv", "###########.csv"),
        ("desk@hotel.example.csv", "named-by-an-address.csv"),
        ("desk%40hotel.example.csv", "named-by-an-address.csv"),
        ("list-2026-11-27 (2).csv", "list-2026-11-27 (2).csv"),
        ("export_20261127_101500.csv", "export_20261127_101500.csv"),
        ("20261127101500.csv", "20261127101500.csv"),
    ],
)
def test_the_name_of_a_file_is_reported_without_a_selector_in_it(name: str, shown: str) -> None:
    assert reported_name(Path(name)) == shown
