"""What a person says of a column stands, and its heading is heard all the same."""

import pytest

from screening.importers.entry import Role
from screening.importers.foreign_rows import Defaults
from screening.vocabulary.errors import OperatorError
from tests.importers.importing import only_entry, opened, outcomes

TABLE = "Handy,Was,Sure,Ref\n+12025550142,driver,60,K 7\n"


def told(**columns: str) -> Defaults:
    return Defaults(Role.BUYER, {int(place[1:]): taken for place, taken in columns.items()})


def test_a_column_is_what_it_is_told_to_be() -> None:
    defaults = told(_1="reason", _2="confidence", _3="source")
    entry = only_entry(opened(TABLE, file="t.csv", defaults=defaults))
    assert (entry.reason, entry.confidence, entry.source) == ("driver", 60, "K 7")


def test_the_preview_says_what_was_told() -> None:
    columns = opened(TABLE, file="t.csv", defaults=told(_1="reason", _2="ignored")).columns
    assert [one.taken_as for one in columns] == ["phone", "reason", "ignored", "ignored"]


def test_a_name_that_another_column_was_told_to_be_is_not_taken_twice() -> None:
    table = "Phone,Notes,Case\n+12025550142,blue car,K 7\n"
    entry = only_entry(opened(table, file="t.csv", defaults=told(_2="reason")))
    assert entry.reason == "K 7"


def test_kind_and_value_are_told_together() -> None:
    table = "Art,Wert\nphone,+12025550142\nemail,a@b.example\n"
    defaults = told(_0="kind", _1="value")
    found = opened(table, file="t.csv", defaults=defaults)
    assert outcomes(found) == [(2, "+12025550142"), (3, "a@b.example")]


def test_no_choice_makes_a_victim_s_phone_another_s() -> None:
    table = "Phone,Victim phone\n+12025550142,+12025550143\n"
    found = opened(table, file="t.csv", defaults=told(_1="phone"))
    assert outcomes(found) == [(2, "+12025550142"), (2, "unknown_role")]


@pytest.mark.parametrize("taken", ["confidence", "source", "reason", "list", "ignored"])
@pytest.mark.parametrize(("name", "cell"), [("Age", "15"), ("Remarks", "she is a witness")])
def test_what_is_heard_of_a_column_is_heard_whatever_it_is_told_to_be(
    taken: str, name: str, cell: str
) -> None:
    table = f"Phone,{name}\n+12025550142,{cell}\n"
    assert outcomes(opened(table, file="t.csv", defaults=told(_1=taken))) == [(2, "unknown_role")]


def test_a_selector_in_a_column_that_is_ignored_does_not_vanish() -> None:
    table = "Phone,Other phone\n+12025550142,+12025550143\n"
    found = opened(table, file="t.csv", defaults=told(_1="ignored"))
    assert outcomes(found) == [(2, "+12025550142"), (2, "column_not_read")]


def test_a_country_is_not_told_otherwise() -> None:
    table = "Phone,Country\n020 7946 0018,GB\n"
    (row,) = opened(table, file="t.csv", defaults=told(_1="reason"))
    assert outcomes([row]) == [(2, "+442079460018")]


@pytest.mark.parametrize(
    "columns",
    [{1: "reason", 2: "reason"}, {0: "kind"}, {0: "value"}, {9: "phone"}, {0: "nothing known"}],
)
def test_what_cannot_be_is_refused(columns: dict[int, str]) -> None:
    with pytest.raises(OperatorError, match=r"choose|leave"):
        opened(TABLE, file="t.csv", defaults=Defaults(Role.BUYER, columns))
