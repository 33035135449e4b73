"""What is wrong with a pasted value is said as the import says it, and repeats nothing of it."""

import pytest

from intelligence.curation.recognising import recognise
from intelligence.errors import FormRefused
from intelligence.exclusions.proposals import TypedRule, new_rule
from intelligence.imports.telling import TypedTelling, telling
from tests.intelligence.test_days import TODAY

RULE = TypedRule(
    kind="phone",
    match="exact",
    value="020 7946 0958",
    region="UK",
    category="other",
    note="a desk of ours",
    source=None,
    reason="asked for",
    is_wide=False,
)
MISTYPED = "4242 4242 4242 4241"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (MISTYPED, "check digit is wrong"),
        ("+1 202 555 0142 and +1 202 555 0143", "more than one selector"),
        ("ann@desk.example, bob@desk.example", "more than one selector"),
        ("1.20256E+10", "a spreadsheet has changed"),
        ("room 12", "no phone, card or e-mail address that can be told"),
        ("ann@desk", "no phone, card or e-mail address that can be told"),
    ],
)
def test_what_is_certain_of_a_value_that_is_no_selector_is_said(value: str, said: str) -> None:
    with pytest.raises(FormRefused, match=said) as refused:
        recognise(value)
    assert refused.value.field == "value"
    assert value not in str(refused.value)


def test_a_code_that_no_country_has_is_said_to_be_none_wherever_one_is_typed() -> None:
    for typed in (
        lambda: recognise("020 7946 0958", region="UK"),
        lambda: telling(TypedTelling(region="uk"), TODAY),
        lambda: new_rule(RULE),
    ):
        with pytest.raises(
            FormRefused, match="no country has this code; use two letters, such as GB"
        ):
            typed()
