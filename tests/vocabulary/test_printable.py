"""Others' words, as they may be shown."""

from screening.vocabulary.printable import printable


def test_a_terminal_is_told_nothing() -> None:
    assert printable("case\x1b[2J 7\r") == "case [2J 7 "
