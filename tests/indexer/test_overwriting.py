"""No command takes the place of a file that somebody may still need."""

import os
from pathlib import Path

import pytest

from tests.harness.slow import slow_but_first
from tests.indexer.running import Running

LIST = [("phone", "+12025550142", "trafficker"), ("phone", "not a number", "buyer")]
TEXT = "Call +1 202 555 0177 or booking.agent@travel.test\n"
REPORT_HEADING = "file,line,kind,code\n"


@pytest.fixture
def text(running: Running) -> Path:
    """A text with its other names: `link.txt`, `hard.txt`, and `link/text.txt`."""
    path = running.folder / "text.txt"
    path.write_text(TEXT)
    (running.folder / "link.txt").symlink_to(path)
    (running.folder / "hard.txt").hardlink_to(path)
    (running.folder / "link").symlink_to(running.folder)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()}


def extract(running: Running, output: str, report: str, *options: str, expect: int) -> str:
    names = (str(running.folder / name) for name in ("text.txt", output, report))
    text, output, report = names
    arguments = ("extract", text, "-o", output, "--report", report, *options)
    return running.run(*arguments, expect=expect).output


@pytest.mark.usefixtures("text")
def test_a_list_that_a_curator_has_edited_is_not_extracted_over(running: Running) -> None:
    extract(running, "x.csv", "r.csv", expect=0)
    extracted = (running.folder / "x.csv").read_text()
    (running.folder / "x.csv").write_text(extracted.replace("+12025550177", "+12025550178"))
    before = contents(running.folder)
    for output, report in (("x.csv", "new.csv"), ("new.csv", "r.csv"), ("x.csv", "r.csv")):
        said = extract(running, output, report, expect=2)
        assert len(said.splitlines()) == 1
        assert "--overwrite" in said
        assert contents(running.folder) == before
    extract(running, "x.csv", "r.csv", "--overwrite", expect=0)
    assert "+12025550177" in (running.folder / "x.csv").read_text()


@pytest.mark.usefixtures("text")
def test_an_extracted_list_and_its_report_take_the_place_of_nothing_else(running: Running) -> None:
    running.add_partner("acme")
    running.write_list(LIST)
    extract(running, "x.csv", "r.csv", expect=0)
    before = contents(running.folder)
    for output, report, why in (
        ("list.csv", "r.csv", "is no list of indexer extract"),
        ("acme.kit.json", "r.csv", "is no list of indexer extract"),
        ("r.csv", "new.csv", "is no list of indexer extract"),
        ("x.csv", "acme.kit.json", "is no report"),
        ("new.csv", "x.csv", "is no report"),
    ):
        assert why in extract(running, output, report, "--overwrite", expect=2)
        assert contents(running.folder) == before


@slow_but_first(
    2,
    ("output", "report"),
    [
        ("text.txt", "r.csv"),
        ("x.csv", "text.txt"),
        ("link.txt", "r.csv"),
        ("hard.txt", "r.csv"),
        ("x.csv", "link/text.txt"),
        ("x.csv", "x.csv"),
        ("x.csv", "link/x.csv"),
    ],
)
@pytest.mark.usefixtures("text")
def test_extract_never_overwrites_its_text_nor_its_own_list(
    running: Running, output: str, report: str
) -> None:
    before = contents(running.folder)
    for options in ([], ["--overwrite"]):
        said = extract(running, output, report, *options, expect=2)
        assert "named twice" in said
        assert contents(running.folder) == before


@pytest.mark.parametrize(("output", "report"), [("-", "r.csv"), ("x.csv", "-")])
@pytest.mark.usefixtures("text")
def test_nothing_that_extract_keeps_goes_to_standard_output(
    running: Running, output: str, report: str
) -> None:
    told = [one if one == "-" else str(running.folder / one) for one in (output, report)]
    arguments = ["extract", str(running.folder / "text.txt"), "-o", told[0], "--report", told[1]]
    said = running.run(*arguments, "--overwrite", expect=2).output
    assert said == "what this writes goes to a file; name one in place of -\n"
    assert not {"-", "x.csv", "r.csv"} & set(contents(running.folder))


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_workbook_is_no_text_to_extract_from(running: Running, start: bytes) -> None:
    (running.folder / "text.txt").write_bytes(start + b"+1 202 555 0177")
    said = extract(running, "x.csv", "r.csv", expect=2)
    assert "is a workbook and no text; take it in with: indexer import" in said
    assert set(contents(running.folder)) == {"text.txt"}


@pytest.mark.usefixtures("text")
def test_a_name_that_leads_to_itself_is_taken_like_any_other(running: Running) -> None:
    (running.folder / "loop").symlink_to("loop")
    assert "--overwrite" in extract(running, "loop", "r.csv", expect=2)
    path = str(running.write_list(LIST))
    said = running.run("publish", path, "--report", str(running.folder / "loop"), expect=2).output
    assert "is no report" in said


def test_a_report_never_takes_the_place_of_the_list(running: Running) -> None:
    path, other = running.write_list(LIST), running.write_list(LIST, "other.csv")
    (running.folder / "link.csv").symlink_to(path)
    (running.folder / "hard.csv").hardlink_to(path)
    before, recorded = contents(running.folder), running.ledger()
    for name in ("list.csv", "link.csv", "hard.csv", "./list.csv"):
        report = os.path.join(running.folder, name)  # noqa: PTH118 - a Path would drop the dot
        done = running.run("publish", str(other), str(path), "--report", report, expect=2)
        assert len(done.output.splitlines()) == 1
        assert "overwritten" in done.output
    assert (contents(running.folder), running.ledger()) == (before, recorded)


def test_a_report_takes_the_place_of_an_older_report_and_of_nothing_else(running: Running) -> None:
    path = running.write_list(LIST)
    running.add_partner("acme")
    kept = running.write_list(LIST, "kept.csv")
    pipe = running.folder / "pipe"
    os.mkfifo(pipe)  # opening it for reading would wait for a writer
    before, recorded = contents(running.folder), running.ledger()
    for other, why in (
        (kept, "is no report"),
        (running.kit_path("acme"), "is no report"),
        (pipe, "is no report"),
        (running.home / "list.sqlite", "choose another folder"),
    ):
        done = running.run("publish", str(path), "--report", str(other), expect=2)
        assert why in done.output
    assert (contents(running.folder), running.ledger()) == (before, recorded)

    report = running.folder / "report.csv"
    for older in ("", REPORT_HEADING, "\ufeff" + REPORT_HEADING + "list.csv,9,phone,empty\n"):
        report.write_text(older)
        running.run("publish", str(path), "--report", str(report), expect=3)
        assert report.read_text() == REPORT_HEADING + "list.csv,3,phone,not_a_phone\n"
