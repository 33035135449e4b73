"""`indexer due`: what a curator should look at again, as a list that can be added again."""

import csv
from datetime import UTC, datetime, timedelta

import pytest

from screening.vocabulary.formula import guarded
from tests.harness.slow import slow_but_first
from tests.indexer.running import NO_STRETCH, Running

HEADER = "kind,value,role,source,reason,last_seen,review_by,expires_at,list\n"


def day(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def publish(running: Running, *rows: str) -> None:
    path = running.folder / "list.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    running.run("publish", str(path))


def test_what_expires_or_is_to_be_reviewed_soon_is_counted_by_list(running: Running) -> None:
    assert "no list" in running.run("due").output
    publish(
        running,
        f"phone,+12025550140,buyer,,,,,{day(3)},",
        f"phone,+12025550141,buyer,,,,{day(-2)},{day(90)},",
        f"phone,+12025550142,buyer,,,{day(-160)},,,border",
        f"phone,+12025550143,buyer,,,,,{day(60)},border",
        f"phone,+12025550144,victim,,,,{day(1)},{day(3)},border",
        f"phone,+12025550145,buyer,,,,,{day(-1)},",
    )
    assert running.run("due").output.splitlines() == [
        f"border: 1 expires (1 by lifetime), the first on {day(20)}",
        f"default: 1 to review, the first by {day(-2)}; 1 expires, the first on {day(3)}",
    ]
    assert running.run("due", "--within", "1").output.splitlines() == [
        f"default: 1 to review, the first by {day(-2)}"
    ]
    running.run("retract", "phone:+12025550141", "--reason", "it is somebody else's")
    assert "nothing is due within 1 days" in running.run("due", "--within", "1").output


def test_that_selectors_were_written_down_is_on_record(running: Running) -> None:
    publish(running, f"phone,+12025550140,buyer,,,,,{day(3)},")
    before = running.ledger()
    running.run("due")
    assert running.ledger() == before  # counts are none
    running.run("due", "--within", "9", "-o", str(running.folder / "due.csv"))
    (record,) = running.ledger()[len(before) :]
    assert (record["command"], record["within_days"], bool(record["actor"])) == ("due", 9, True)


def test_what_is_not_listed_is_not_due(running: Running) -> None:
    publish(
        running,
        f"phone,+12025550140,buyer,,,,,{day(3)},",
        f"phone,+12025550141,disputed,,,,,{day(3)},",
        f"phone,+12025550142,buyer,,,,{day(3)},{day(-1)},",
        f"phone,+12025550143,buyer,,,,{day(3)},{day(3)},",
        "phone,+12025550143,victim,,,,,,",
    )
    assert "1 expires" in running.run("due").output
    running.run("exclusions", "add", "phone", "exact", "+12025550140", "--category", "shelter")
    assert "nothing is due" in running.run("due").output


def test_what_is_disputed_may_be_up_for_review(running: Running) -> None:
    publish(
        running,
        f"phone,+12025550140,buyer,,,,,{day(90)},",
        f"phone,+12025550141,disputed,,,,{day(3)},{day(3)},",
    )
    assert running.run("due").output == f"default: 1 to review, the first by {day(3)}\n"


def test_a_due_list_says_when_and_why(running: Running) -> None:
    path = running.folder / "due.csv"
    publish(
        running,
        f"phone,+12025550140,buyer,,,,,{day(3)},",
        f"phone,+12025550141,buyer,,,,{day(2)},{day(4)},",
        f"phone,+12025550142,buyer,,,{day(-175)},,,",
        f"phone,+12025550143,buyer,,,,,{day(9)},",
        f"phone,+12025550143,facilitator,,,,,{day(90)},",
    )
    running.run("due", "-o", str(path))
    with path.open(newline="") as file:
        said = [
            (row["value"][-2:], row["due_on"][:10], row["due_for"]) for row in csv.DictReader(file)
        ]
    assert said[:3] == [
        ("41", day(2), "review expires_at"),
        ("40", day(3), "expires_at"),
        ("42", day(5), "lifetime"),
    ]
    assert sorted(said[3:]) == [("43", "", ""), ("43", day(9), "expires_at")]
    added = running.run("publish", "--changes", str(path)).output
    assert "5 entries added or there before" in added


def test_what_is_due_is_written_as_a_list_that_is_added_again(running: Running) -> None:
    partner = running.add_partner("acme")
    publish(
        running,
        f"phone,+12025550140,buyer,case 7,=1+1,{day(-170)},,,border",
        f"email,desk@harbour.example,buyer,,,,,{day(60)},",
    )
    path = running.folder / "due.csv"
    running.run("due", "-o", str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(newline="") as file:
        (entry,) = csv.DictReader(file)
    assert (entry["value"], entry["source"], entry["list"]) == ("+12025550140", "case 7", "border")
    assert entry["reason"] == "'=1+1"
    assert "is there already" in running.run("due", "-o", str(path), expect=2).output
    path.write_text(path.read_text().replace(f"{day(-170)}T00:00:00Z,,", f"{day(-1)},,"))
    running.run("publish", "--changes", str(path))
    assert "nothing is due" in running.run("due").output
    assert running.listed(partner, ("phone", "+12025550140")) == [True]
    (count,) = running.rows("SELECT count(*) FROM entries WHERE until > 1e18")
    assert count == (2,)


@pytest.mark.slow
def test_what_was_seen_before_it_was_first_listed_is_written_so_that_it_can_be_added_again(
    running: Running,
) -> None:
    path = running.folder / "due.csv"
    publish(running, "phone,+12025550140,buyer,case 7,,,,,")  # seen today
    publish(running, f"phone,+12025550140,buyer,case 7,,{day(-170)},,,")
    assert f"seen {day(-170)} to {day(-170)}" in running.run("show", "phone:+12025550140").output
    running.run("due", "-o", str(path))
    added = running.run("publish", "--changes", str(path)).output
    assert "1 entry added or there before" in added


@pytest.mark.slow
def test_a_year_of_a_mistyped_date_is_written_with_all_its_digits(running: Running) -> None:
    path = running.folder / "due.csv"
    publish(running, "phone,+12025550140,buyer,case 7,,,0026-12-01,2040-12-31,")
    assert "to review, the first by 0026-12-01" in running.run("due").output
    assert "review by 0026-12-01" in running.run("show", "phone:+12025550140").output
    running.run("due", "-o", str(path))
    added = running.run("publish", "--changes", str(path)).output
    assert "1 entry added or there before" in added


@pytest.mark.slow
def test_what_is_due_is_added_again_with_all_that_its_source_says_beside_it(
    running: Running,
) -> None:
    traffickers = running.add_partner("acme", *NO_STRETCH, "--roles", "trafficker")
    path = running.folder / "due.csv"
    publish(
        running,
        f"phone,+12025550140,trafficker,case 7,,,,{day(5_000)},",
        f"phone,+12025550140,buyer,case 7,,,,{day(14)},",
        f"phone,+12025550140,buyer,case 8,,,,{day(60)},",
        f"phone,+12025550141,trafficker,case 7,,,,{day(60)},",
    )
    running.run("due", "-o", str(path))
    with path.open(newline="") as file:
        assert sorted((row["role"], row["source"]) for row in csv.DictReader(file)) == [
            ("buyer", "case 7"),
            ("trafficker", "case 7"),
        ]
    running.run("publish", "--changes", str(path))
    assert running.listed(traffickers, ("phone", "+12025550140")) == [True]
    assert running.rows("SELECT count(*) FROM entries WHERE until > 1e18") == [(4,)]


@slow_but_first(1, "source", ["@tips report", "=1+1", "-case", "+case", "'quoted'"])
def test_a_source_that_is_due_is_still_the_same_source(running: Running, source: str) -> None:
    partner = running.add_partner("acme")
    path = running.folder / "due.csv"
    publish(running, f"phone,+12025550140,buyer,{source},,,,{day(14)},")
    running.run("due", "-o", str(path))
    with path.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["source"] == guarded(source)
    path.write_text(path.read_text().replace(",buyer,", ",disputed,"))
    running.run("publish", "--changes", str(path))
    assert running.listed(partner, ("phone", "+12025550140")) == [False]
    assert running.rows("SELECT count(*) FROM entries WHERE until > 1e18") == [(1,)]


def test_only_what_a_former_due_has_written_is_replaced(running: Running) -> None:
    publish(running, f"phone,+12025550140,buyer,,,,,{day(14)},")
    path = running.folder / "due.csv"
    running.run("due", "-o", str(path))
    written = path.read_bytes()
    for older in (b"\xef\xbb\xbf" + written.replace(b"\n", b"\r\n"), b""):  # by a spreadsheet
        path.write_bytes(older)
        running.run("due", "-o", str(path), "--overwrite")
        assert path.read_bytes() == written
    running.add_partner("acme")
    gone = running.folder / "gone"
    gone.symlink_to(running.folder / "nowhere")
    for other in (running.folder / "list.csv", running.kit_path("acme"), running.folder, gone):
        before = other.read_bytes() if other.is_file() else None
        said = running.run("due", "-o", str(other), "--overwrite", expect=2).output
        assert said.splitlines() == [
            f"{other} is there already and is no list of what is due; name another file"
        ]
        assert (other.read_bytes() if other.is_file() else None) == before
    assert gone.is_symlink()
