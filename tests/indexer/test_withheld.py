"""A curator is told of what was read and lists nobody, by whatever command it came."""

import pytest

from tests.indexer.running import Running

HEADER = "kind,value,role,source,expires_at\n"
LISTED = "phone,+12025550143,buyer,case 1,\n"
VICTIM = "phone,+12025550144,victim,interview 4,\n"
EXPIRED = "phone,+12025550145,buyer,case 1,2019-01-01\n"
DISPUTED = "phone,+12025550146,disputed,case 1,\n"
ACCUSED = "phone,+12025550144,trafficker,case 1,\n"

HAS_EXPIRED = "1 has expired and is withheld"
IS_PROTECTED = "1 selector is a victim's, and is not listed for what else is said of it"
IS_DISPUTED = "1 disputed, or of unknown role: it publishes nobody"
IS_ENDED = "1 selector was listed before, and is not any more"


def write(running: Running, *rows: str) -> str:
    path = running.folder / "list.csv"
    path.write_text(HEADER + "".join(rows))
    return str(path)


def said(running: Running, *arguments: str) -> list[str]:
    """Return what a command says of what is withheld."""
    lines = running.run(*arguments).output.splitlines()
    return [line.strip() for line in lines if line.startswith("  ")]


@pytest.fixture
def lived_in(running: Running) -> Running:
    running.run("publish", write(running, LISTED, VICTIM))
    return running


@pytest.mark.parametrize(
    ("number", "options", "expected"),
    [
        (45, ("buyer", "--expires-at", "2019-01-01"), HAS_EXPIRED),
        (45, ("buyer", "--last-seen", "1900-01-01"), HAS_EXPIRED),
        (44, ("trafficker",), IS_PROTECTED),
        (46, ("disputed",), IS_DISPUTED),
    ],
)
def test_an_addition_by_hand_says_what_lists_nobody(
    lived_in: Running, number: int, options: tuple[str, ...], expected: str
) -> None:
    assert said(lived_in, "add", f"phone:+120255501{number}", "--role", *options) == [expected]


def test_an_addition_that_takes_a_selector_off_says_so(lived_in: Running) -> None:
    add = ("add", "phone:+12025550143", "--role")
    assert IS_ENDED in said(lived_in, *add, "victim", "--source", "i4")
    assert IS_ENDED not in said(lived_in, *add, "victim", "--source", "i5")


def test_what_had_expired_before_is_not_taken_off(running: Running) -> None:
    running.run("publish", write(running, LISTED, EXPIRED))
    assert IS_ENDED not in said(running, "add", "phone:+12025550145", "--role", "victim")


@pytest.mark.parametrize("command", [("publish", "--changes"), ("import",)])
def test_added_files_say_what_lists_nobody_and_what_they_take_off(
    lived_in: Running, command: tuple[str, ...]
) -> None:
    named = LISTED.replace("buyer", "victim")
    path = write(lived_in, EXPIRED, DISPUTED, ACCUSED, named)
    lines = said(lived_in, *command, path)
    assert {HAS_EXPIRED, IS_DISPUTED, IS_PROTECTED, IS_ENDED} <= set(lines)
    assert "1 of role victim: its selector is withheld" in lines


def test_a_whole_list_says_how_many_are_a_victims(running: Running) -> None:
    lines = said(running, "publish", write(running, LISTED, VICTIM, ACCUSED, EXPIRED))
    assert {IS_PROTECTED, HAS_EXPIRED} <= set(lines)


def test_a_list_that_lists_all_says_nothing_of_it(running: Running) -> None:
    assert said(running, "publish", write(running, LISTED)) == []
