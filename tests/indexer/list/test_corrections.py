"""An old file, added again, undoes no correction, however that was made."""

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.list.drafts import stage
from indexer.list.file import ListFile
from indexer.list.revisions import Revisions
from screening.importers.entry import Entry, Role
from tests.harness.slow import slow_but_first
from tests.indexer.listed import (
    NO_LIFETIMES,
    NOW,
    Clock,
    drafted,
    entry,
    open_list,
    phone,
    publish,
    put_in_force,
    staged,
)
from tests.indexer.running import Running

HEADER = "kind,value,role,source,confidence\n"
PHONE = ("phone", "+12025550142")
OTHER = "phone,+12025550143,buyer,case 1,\n"
OLD = f"{HEADER}phone,+12025550142,trafficker,case 1,\n{OTHER}"
CORRECTED = OLD.replace("trafficker", "disputed")
WITHOUT = HEADER + OTHER
SELECTOR = "phone:+12025550142"


def write(running: Running, text: str) -> str:
    path = running.folder / "list.csv"
    path.write_text(text)
    return str(path)


def by_a_whole_list(running: Running) -> None:
    running.run("publish", write(running, CORRECTED), "--allow-shrink")


def by_an_addition(running: Running) -> None:
    running.run("publish", "--changes", write(running, CORRECTED))


def by_a_list_without_it_and_an_addition(running: Running) -> None:
    running.run("publish", write(running, WITHOUT), "--allow-shrink")
    running.run("add", SELECTOR, "--role", "disputed", "--source", "case 1")


def by_a_retraction(running: Running) -> None:
    running.run("retract", SELECTOR, "--reason", "it is somebody else's")
    running.run("lift", SELECTOR)
    running.run("add", SELECTOR, "--role", "disputed", "--source", "case 1")


@pytest.mark.parametrize(
    "correct",
    [
        by_a_whole_list,
        by_an_addition,
        by_a_list_without_it_and_an_addition,
        by_a_retraction,
    ],
)
@slow_but_first(1, "again", [("publish", "--changes"), ("import",)])
def test_an_old_file_undoes_no_correction(
    running: Running, correct: object, again: tuple[str, ...]
) -> None:
    partner = running.add_partner("acme")
    running.run("publish", write(running, OLD))
    assert running.listed(partner, PHONE) == [True]
    assert callable(correct)
    correct(running)
    assert running.listed(partner, PHONE) == [False]
    said = running.run(*again, write(running, OLD)).output
    assert "1 was corrected since" in said
    assert running.listed(partner, PHONE) == [False]


def test_what_nobody_says_any_more_is_said_again_by_an_old_file(running: Running) -> None:
    partner = running.add_partner("acme")
    running.run("publish", write(running, OLD))
    running.run("publish", write(running, WITHOUT), "--allow-shrink")
    running.run("publish", "--changes", write(running, OLD))
    assert running.listed(partner, PHONE) == [True]


def test_an_old_statement_can_be_said_again_on_purpose(running: Running) -> None:
    partner = running.add_partner("acme")
    running.run("publish", write(running, OLD))
    by_a_whole_list(running)
    running.run("publish", write(running, OLD))
    assert running.listed(partner, PHONE) == [True]
    running.run("publish", "--changes", write(running, OLD))
    assert running.listed(partner, PHONE) == [True]
    by_a_whole_list(running)
    running.run("add", SELECTOR, "--role", "trafficker", "--source", "case 1")
    assert running.listed(partner, PHONE) == [True]


def test_what_a_rollback_has_undone_may_be_added_again(running: Running) -> None:
    partner = running.add_partner("acme")
    running.run("publish", write(running, OLD))
    by_an_addition(running)
    running.run("rollback")
    assert running.listed(partner, PHONE) == [True]
    by_an_addition(running)
    assert running.listed(partner, PHONE) == [False]


@pytest.mark.slow
def test_what_a_mistake_had_replaced_may_be_added_again_once_both_are_undone(
    running: Running,
) -> None:
    partner = running.add_partner("acme")
    running.run("publish", write(running, OLD))
    by_an_addition(running)
    running.run("publish", "--changes", write(running, OLD.replace("case 1,", "case 1,50")))
    running.run("rollback", "--to", "1")
    assert running.listed(partner, PHONE) == [True]
    by_an_addition(running)
    assert running.listed(partner, PHONE) == [False]


def test_what_was_known_to_be_outdated_before_a_rollback_is_so_after_it(tmp_path: Path) -> None:
    file = open_list(tmp_path)
    old, later = (entry(phone(42), last_seen=NOW - ago) for ago in (9, 4))
    disputed = entry(phone(42), role=Role.DISPUTED, last_seen=NOW - 8)
    publish(file, [old])
    for one in (disputed, later, replace(disputed, last_seen=later.last_seen)):
        put_in_force(file, Revisions(file).take_additions(staged(file, [one]), "add"))
    before = noted(file)
    Revisions(file).restore(2)
    assert outdated(file, old) == 1
    assert outdated(file, later) == 0
    Revisions(file).discard_drafts()
    assert noted(file) == before
    put_in_force(file, Revisions(file).restore(2))
    assert outdated(file, old) == 1
    file.close()


def test_a_rollback_forgets_nothing_that_a_retraction_has_noted(tmp_path: Path) -> None:
    file = open_list(tmp_path)
    old = entry(phone(42), last_seen=NOW - 9)
    revisions = Revisions(file)
    publish(file, [old, entry(phone(43))])
    put_in_force(file, revisions.take_additions(staged(file, [entry(phone(44))]), "add"))
    put_in_force(file, revisions.retract({phone(42): "it is somebody else's"}))
    put_in_force(file, revisions.lift([phone(42)]))
    put_in_force(file, revisions.restore(1))
    disputed = entry(phone(42), role=Role.DISPUTED)
    put_in_force(file, revisions.take_additions(staged(file, [disputed]), "add"))
    assert outdated(file, old) == 1
    file.close()


def noted(file: ListFile) -> list[tuple[object, ...]]:
    return file.connection.execute("SELECT * FROM superseded ORDER BY said, since").fetchall()


def outdated(file: ListFile, *entries: Entry) -> int:
    """Count which of these would be left out, were they added from a file."""
    return stage(file, drafted(entries), NO_LIFETIMES, adding=True).counts.outdated


def seen(running: Running, day: int, role: str = "trafficker", *, until: int = 2090) -> str:
    """A daily export: the source has seen the phone again, and says no more than that."""
    row = f"phone,+12025550142,{role},case 1,2025-03-{day:02},{until}-12-31\n"
    return write(running, "kind,value,role,source,last_seen,expires_at\n" + row)


def superseded(running: Running) -> int:
    ((count,),) = running.rows("SELECT count(*) FROM superseded WHERE until > 1000000")
    return int(count)


@pytest.mark.slow
def test_of_what_was_said_day_by_day_only_the_last_day_is_kept_and_undoes_no_correction(
    running: Running,
) -> None:
    partner = running.add_partner("acme")
    running.run("publish", seen(running, 1))
    for day in range(2, 12):
        running.run("publish", "--changes", seen(running, day))
        running.run("compact", "--all")
    assert superseded(running) == 1
    ((kept,),) = running.rows("SELECT count(*) FROM superseded")
    assert kept < 6, "those of earlier days lie there although no revision needs them"
    running.run("publish", "--changes", seen(running, 11, "disputed"))
    assert superseded(running) == 1
    for day in (1, 4, 11):
        said = running.run("publish", "--changes", seen(running, day)).output
        assert "1 was corrected since" in said
        assert running.listed(partner, PHONE) == [False]
    running.run("publish", "--changes", seen(running, 12))
    assert running.listed(partner, PHONE) == [True]


@pytest.mark.slow
def test_what_is_said_otherwise_than_by_its_day_is_news_whatever_its_day(running: Running) -> None:
    partner = running.add_partner("acme")
    running.run("publish", seen(running, 7))
    running.run("publish", "--changes", seen(running, 8, "disputed"))
    running.run("publish", "--changes", seen(running, 2, until=2080))
    assert running.listed(partner, PHONE) == [True]


@pytest.mark.slow
def test_what_a_change_has_noted_that_was_never_in_force_is_forgotten(tmp_path: Path) -> None:
    file = open_list(tmp_path)
    days = (entry(phone(42), last_seen=NOW - ago) for ago in (5, 3, 1))
    publish(file, [next(days)])
    for again in days:
        before = file.connection.execute("SELECT * FROM superseded").fetchall()
        revision = Revisions(file).take_additions(staged(file, [again]), "add")
        noted = file.connection.execute("SELECT * FROM superseded").fetchall()
        Revisions(file).discard_drafts()
        assert file.connection.execute("SELECT * FROM superseded").fetchall() == before != noted
        put_in_force(file, Revisions(file).take_additions(staged(file, [again]), "add"))
        assert file.landed_revision() == revision + 1
    file.close()


@pytest.mark.slow
def test_what_is_said_of_no_day_is_known_again_however_late(tmp_path: Path) -> None:
    clock = Clock()
    file = open_list(tmp_path, clock)
    publish(file, [entry(phone(42))])
    corrected = staged(file, [entry(phone(42), role=Role.DISPUTED)])
    put_in_force(file, Revisions(file).take_additions(corrected, "add"))
    clock.now += 1000 * 86_400
    again = stage(file, drafted([entry(phone(42))]), NO_LIFETIMES, adding=True)
    assert again.counts.outdated == 1
    file.close()
