"""Members are heard with their names, and however many names are above one it is read once."""

import pytest

from screening.importers.members_beside import said_by_member
from tests.importers.importing import TODAY

LEVELS = 60


class Counted(str):
    """A text that counts how often it is read."""

    __slots__ = ("times",)

    def __str__(self) -> str:
        self.times = getattr(self, "times", 0) + 1
        return super().__str__()


def nested(value: object, name: str) -> object:
    for _ in range(LEVELS):
        value = {name: value}
    return value


@pytest.mark.parametrize("last", ["no", "yes"])
def test_a_member_is_read_once_for_all_names_above_it(last: str) -> None:
    text = Counted("no")
    said = list(said_by_member("x_a", nested([text, last], "is_victim"), today=TODAY))
    assert text.times == 2  # as a denial, and with its name
    assert said.count("is victim") == (LEVELS if last == "yes" else 0)


@pytest.mark.parametrize(
    ("value", "is_said"),
    [
        *[([], False), ({}, False), ([None, {"a": "no"}, [False]], False)],
        *[([None, {"a": "no"}, [True]], True), ({"a": {"b": "no", "c": "Anna"}}, True)],
    ],
)
def test_a_name_is_said_unless_all_below_it_denies(value: object, *, is_said: bool) -> None:
    assert ("is victim" in said_by_member("is_victim", value, today=TODAY)) is is_said
