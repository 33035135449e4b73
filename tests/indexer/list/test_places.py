"""Where rows stand, as a message names them."""

from indexer.list.sources import Place, named_places


def test_a_row_is_named_once_however_many_selectors_it_has() -> None:
    rows = [Place("a.csv", 4, "Notes"), Place("a.csv", 4, "Notes"), Place("a.csv", 5)]
    assert named_places(rows) == "a.csv line 4 (column 'Notes'), a.csv line 5"


def test_of_many_rows_the_first_are_named_and_the_others_counted() -> None:
    rows = [Place("a.csv", line) for line in range(2, 12) for _ in range(2)]
    named, _, more = named_places(rows).partition(" and ")
    assert more == f"{10 - named.count('line')} more"
