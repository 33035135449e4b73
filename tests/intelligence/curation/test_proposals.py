"""What a form may say of a selector, beside the selector itself."""

from datetime import date

import pytest

from intelligence.curation.proposals import Typed, addition, lifting, retraction
from intelligence.curation.recognising import recognise
from intelligence.errors import FormRefused

TODAY = date(2026, 11, 29)
SELECTOR = recognise("+1 202 555 0142")
HOLDING = ["call +1 202 555 0199 first", "eve@listed.example", "4000 0000 0000 0002 was used"]


def typed(**said: str) -> Typed:
    given = {"role": "buyer", "source": "case 17", "reason": "seen", "last_day": "2027-01-01"}
    return Typed(**{**dict.fromkeys(Typed.__slots__), **given, **said})


@pytest.mark.parametrize("text", HOLDING)
def test_no_reason_and_no_source_holds_a_selector_which_nothing_masks_there(text: str) -> None:
    for make in (
        lambda: addition(SELECTOR, typed(reason=text), TODAY),
        lambda: addition(SELECTOR, typed(source=text), TODAY),
        lambda: retraction(SELECTOR, text),
        lambda: lifting(SELECTOR, text),
    ):
        with pytest.raises(FormRefused) as refused:
            make()
        assert "looks like a phone, card or e-mail, or holds one" in str(refused.value)
        assert text not in str(refused.value)


def test_dates_and_short_numbers_are_taken() -> None:
    said = "seen on 2026-11-02 and 2026-11-09 in advertisement 48213"
    assert addition(SELECTOR, typed(reason=said), TODAY).reason == said
    assert retraction(SELECTOR, "letter 12345678 of 2026-11-20").reason
