"""Why something is ordered of a partner names nobody: more read it than may see a selector."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from intelligence.errors import FormRefused
from intelligence.partners.proposals import TypedPartner, new_partner, rotation, state_order
from screening.spools.order import Order, Resume, Suspend

URL = "https://screening.example"
NEW = TypedPartner(
    name="newly",
    reason=None,
    api_url=URL,
    is_test=False,
    has_bulk=False,
    kinds=["phone"],
    roles=["trafficker"],
    min_confidence=None,
    lists=None,
    jurisdictions=None,
)
BY_REASON: dict[str, Callable[[str | None], Order]] = {
    "suspension": lambda reason: state_order(Suspend, "acme", reason),
    "resumption": lambda reason: state_order(Resume, "acme", reason),
    "rotation": lambda reason: rotation("acme", reason, URL, 30),
    "new partner": lambda reason: new_partner(replace(NEW, reason=reason)),
}


@pytest.mark.parametrize("kind", BY_REASON)
def test_the_reason_of_an_order_is_there_and_holds_no_selector(kind: str) -> None:
    order = BY_REASON[kind]
    with pytest.raises(FormRefused, match="the reason is missing"):
        order(None)
    for reason in ("+12025550142 was never theirs", "ask jane.doe@lodge.example first"):
        with pytest.raises(FormRefused, match="looks like a phone") as refused:
            order(reason)
        assert refused.value.field == "reason"
    assert order("agreed on, case 2026-117").reason == "agreed on, case 2026-117"
