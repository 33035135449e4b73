"""An old file, added again, undoes no correction, however that was made."""

import pytest

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
@pytest.mark.parametrize("again", [("publish", "--changes"), ("import",)])
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
    assert "1 were corrected since" in said
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
