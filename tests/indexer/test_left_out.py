"""What a whole list leaves out of the one before: a curator is told before it is missed."""

from tests.indexer.rows import CARD, EMAIL, OTHER, PHONE, rows
from tests.indexer.running import Running
from tests.indexer.vault import FIRST, SECOND, Vault


def left_out(said: str) -> list[str]:
    return [line.strip() for line in said.splitlines() if "ended" in line or "of them" in line]


def test_a_whole_list_says_what_it_ends_and_how_much_of_it_no_list_has_brought(
    running: Running,
) -> None:
    assert left_out(running.publish(rows(PHONE, EMAIL)).output) == []
    running.run("add", f"{OTHER[0]}:{OTHER[1]}", "--role", "buyer")
    running.publish(rows(CARD), "--changes")
    running.run("exclusions", "add", "phone", "exact", "+12025550111", "--category", "shelter")
    running.run("compact")
    said = running.publish(rows(PHONE), "--allow-shrink")
    ended = "3 entries were there before, and have ended: no file named holds them"
    assert left_out(said.output) == [
        ended,
        "2 of them had come since the last whole list, by add, import, publish --changes or "
        "rollback; to keep them: indexer rollback, then publish --changes",
    ]
    assert ended in said.stdout
    assert "2 of them" in said.stderr


def test_what_the_files_say_otherwise_or_hold_again_is_not_counted_as_left_out(
    running: Running,
) -> None:
    running.publish(rows(PHONE, EMAIL))
    running.publish(rows(CARD), "--changes")
    said = running.publish(rows(PHONE, EMAIL, CARD, role="business"))
    assert left_out(said.output) == []


def test_a_list_that_drops_what_the_list_before_held_speaks_of_no_additions(
    running: Running,
) -> None:
    running.publish(rows(PHONE, EMAIL))
    said = running.publish(rows(PHONE), "--allow-shrink").output
    assert left_out(said) == ["1 entry was there before, and has ended: no file named holds it"]


def test_after_a_restore_it_is_known_as_before_what_came_since_the_last_whole_list(
    vault: Vault,
) -> None:
    running = vault.running
    running.run("add", f"{OTHER[0]}:{OTHER[1]}", "--role", "buyer")
    named = told_of_lists(running)
    vault.back_up()
    vault.lose()
    vault.restore()
    running.run("compact")
    assert told_of_lists(running) == named
    said = left_out(running.publish([FIRST, SECOND], "--allow-shrink").output)
    assert said[0] == "1 entry was there before, and has ended: no file named holds it"
    assert said[1].startswith("1 of them had come since the last whole list")


def told_of_lists(running: Running) -> list[str]:
    """Return by whom and when each list was put in force that one may go back to."""
    lines = running.run("rollback", "--list").stdout.splitlines()
    assert len(lines) == 2
    assert all(" by " in line for line in lines)
    return lines


def test_of_releases_the_last_hundred_are_remembered(running: Running) -> None:
    running.publish(rows(PHONE))
    running.change(
        "WITH RECURSIVE older(number) AS "
        "(SELECT -150 UNION ALL SELECT number + 1 FROM older WHERE number < -1) "
        "INSERT INTO releases SELECT number, 0, 0, 0, 'compact', 'ann', 'superseded' FROM older"
    )
    running.run("compact")
    running.run("compact")
    assert running.rows("SELECT count(*) FROM releases") == [(100,)]
