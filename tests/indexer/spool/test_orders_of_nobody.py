"""An order for a name that no partner has is told as refused, once, and what follows is done."""

import pytest

from screening.spools.order import Notify, Order, Resume, Rotate, Suspend
from tests.harness.slow import slow_but_first
from tests.harness.spool_console import ANN, BEN, Desk, add
from tests.indexer.running import Running
from tests.indexer.spool.test_orders import PUBLIC, URL

WHY = "it was agreed on"
ROWS = [f"{'a' * 26}.0"]
ORDERS: tuple[Order, ...] = (
    Suspend("gone", WHY),
    Resume("gone", WHY),
    Notify("gone", WHY, rows=ROWS),
    Rotate("gone", WHY, api_url=URL, sealed_to=PUBLIC, overlap_days=7),
)


@pytest.mark.parametrize("was_there", [False, True], ids=["never there", "removed"])
@slow_but_first(2, "order", ORDERS, ids=lambda one: type(one).__name__)
def test_it_is_told_once_and_stops_nothing(
    running: Running, desk: Desk, order: Order, was_there: bool
) -> None:
    if was_there:
        running.add_partner("gone")
        running.run("partner", "remove", "gone")
    before, previous, number = running.stored(), desk.console.previous, desk.console.sequence
    desk.order(order, by=[ANN] if isinstance(order, Suspend | Notify) else [ANN, BEN])
    assert "there is no partner of that name" in running.run("spool", "apply", expect=4).output
    assert "was refused before (not_possible)" in running.run("spool", "apply", expect=4).output
    assert running.stored() == before
    assert desk.outcomes() == [(1, "not_possible")]
    (told,) = desk.told()
    assert getattr(told.of, "batch", None) is not None, "the console sends back that order alone"
    desk.console.previous, desk.console.sequence = previous, number  # and writes its number anew
    desk.approve(add("phone", "+12025550142"))
    running.run("spool", "apply")
    assert desk.outcomes() == [(1, "not_possible"), (1, "applied")]
