"""Every command of the README runs, in the order of the page, and says what the page says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.session import ROOT, blocks_of, free_port, run_session, script_of


@pytest.fixture(scope="module")
def transcript(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Run all shell and Python blocks twice as one session; return what was printed, and where.

    Whoever reads a page pastes some of it again.
    """
    folder = tmp_path_factory.mktemp("readme")
    blocks = blocks_of(ROOT / "README.md")
    assert len(blocks) >= 8
    port, metrics_port = free_port(), free_port()
    page = "\n".join(script_of(blocks, folder)).replace("8080", str(port))
    ended = "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT"
    text = "\n".join([ended, page, "echo PASTED AGAIN", page])
    yield run_session(text, folder, SCREENING_METRICS_PORT=str(metrics_port)), folder


@pytest.mark.slow
def test_a_curator_gets_a_list_published_and_the_bad_row_reported(
    transcript: tuple[str, Path],
) -> None:
    printed, folder = transcript
    assert "list 1 published: 4 selectors" in printed
    assert "list.csv,6,phone,not_a_phone" in (folder / "rejected.csv").read_text()


@pytest.mark.slow
def test_a_curator_gets_selectors_out_of_free_text(transcript: tuple[str, Path]) -> None:
    printed, folder = transcript
    assert "2 selectors taken" in printed
    assert "booking.agent@travel.test" in (folder / "extracted.csv").read_text()


@pytest.mark.slow
def test_a_booking_engineer_gets_a_first_match_and_a_first_no_match(
    transcript: tuple[str, Path],
) -> None:
    printed, _ = transcript
    assert "MATCH       phone  +12025550142" in printed
    assert "No match: none of these is on the list." in printed
    assert re.search(r"^no_match [a-z2-7]{26}$", printed, re.MULTILINE)


@pytest.mark.slow
def test_the_page_gives_the_same_answers_when_it_is_pasted_again(
    transcript: tuple[str, Path],
) -> None:
    printed, folder = transcript
    again = printed.partition("PASTED AGAIN")[2]
    assert "list 6 published: 4 selectors" in again
    assert "MATCH       phone  +12025550142" in again
    assert re.search(r"^no_match [a-z2-7]{26}$", again, re.MULTILINE)
    assert '{"result":"match","results":["match"]' in again
    assert "3 rows in screened.csv" in again
    # The API of the first time answers.
    assert "another screening serve uses this home" in (folder / "api.log").read_text()


@pytest.mark.slow
def test_curl_gets_the_same_answer(transcript: tuple[str, Path]) -> None:
    printed, _ = transcript
    assert '{"result":"match","results":["match"]' in printed


@pytest.mark.slow
def test_a_trust_team_gets_its_file_back_with_columns_added(
    transcript: tuple[str, Path],
) -> None:
    _, folder = transcript
    rows = (folder / "screened.csv").read_text().splitlines()
    assert rows[0] == "account,phone,email,result,reason,receipt"
    assert [row.split(",")[3] for row in rows[1:]] == ["match", "no_match", "not_screened"]


@pytest.mark.slow
def test_what_became_of_a_match_is_said_and_is_on_record(transcript: tuple[str, Path]) -> None:
    printed, _ = transcript
    assert re.search(r"^On record: [a-z2-7]{26}\.0 confirmed$", printed, re.MULTILINE)


@pytest.mark.slow
def test_an_operator_verifies_the_journal(transcript: tuple[str, Path]) -> None:
    printed, _ = transcript
    assert re.search(r"^whole: \d+ records", printed, re.MULTILINE)


def test_every_relative_link_leads_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)
