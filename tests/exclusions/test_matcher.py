"""Which rule is found, case by case."""

import pytest

from screening.exclusions.matcher import Exclusions
from screening.exclusions.rules import Rule, parse_rule
from screening.vocabulary.normalise import normalise


def rule(kind: str, match: str, value: str, *, note: str = "") -> Rule:
    return parse_rule(kind, match, value, category="other", note=note, wide=True)


def is_found(one: Rule, kind: str, raw: str) -> bool:
    return Exclusions([one]).find(normalise(kind, raw)) is one


@pytest.mark.parametrize(
    ("domain", "address", "expected"),
    [
        ("agency.example", "jo@agency.example", True),
        ("agency.example", "jo@mail.eu.agency.example", True),
        ("agency.example", "jo@travelagency.example", False),
        ("agency.example", "jo@agency.example.test", False),
        ("mail.agency.example", "jo@agency.example", False),
        ("example", "jo@agency.example", True),
        ("b\u00fcro.example", "jo@mail.xn--bro-hoa.example", True),
        ("googlemail.com", "jo@gmail.com", True),
    ],
)
def test_a_domain_covers_itself_and_all_below_it(domain: str, address: str, expected: bool) -> None:
    assert is_found(rule("email", "domain", domain), "email", address) == expected


@pytest.mark.parametrize(
    ("mailbox", "address", "expected"),
    [
        ("abuse", "abuse@agency.example", True),
        ("abuse", "Abuse+2027@agency.example", True),
        ("abuse", "no+abuse@agency.example", False),
        ("abuse", "abuser@agency.example", False),
        ("no-reply", "no-reply@agency.example", True),
        ("no-reply", "noreply@agency.example", False),
        ("no-reply", "no-reply@pm.me", True),  # stored there as noreply@proton.me
        ("no.reply", "no.reply+x@googlemail.com", True),
    ],
)
def test_a_mailbox_is_covered_at_every_domain_and_with_every_tag(
    mailbox: str, address: str, expected: bool
) -> None:
    assert is_found(rule("email", "mailbox", mailbox), "email", address) == expected


@pytest.mark.parametrize(
    ("numbers", "raw", "expected"),
    [
        ("+1 202 555 01xx", "+1 202 555 0100", True),
        ("+1 202 555 01xx", "+1 202 555 0199", True),
        ("+1 202 555 01xx", "+1 202 555 0200", False),
        ("+1xxx5550100..+1xxx5550149", "+1 415 555 0149", True),
        ("+1xxx5550100..+1xxx5550149", "+1 415 555 0150", False),
        ("+1xxx5550100..+1xxx5550149", "+1 415 556 0149", False),
        ("+44 7700 900000..+44 7700 900999", "+44 7700 900461", True),
        ("+44 7700 900000..+44 7700 900999", "+47 7009 0046", False),
    ],
)
def test_a_range_of_phones_covers_numbers_of_its_length_only(
    numbers: str, raw: str, expected: bool
) -> None:
    assert is_found(rule("phone", "range", numbers), "phone", raw) == expected


def test_a_range_of_cards_needs_no_check_digits() -> None:
    issuer = rule("card", "range", "4111 1111 xxxx xxxx")
    assert issuer.value == "4111111100000000..4111111199999999"
    assert is_found(issuer, "card", "4111 1111 1111 1111")
    assert not is_found(issuer, "card", "4242 4242 4242 4242")


def test_digits_of_a_card_are_no_phone() -> None:
    cards = rule("card", "range", "120255501xxxx..120255501xxxx")
    assert Exclusions([cards]).find(normalise("phone", "+1 202 555 0100")) is None


def test_the_most_specific_of_several_rules_is_found() -> None:
    rules = [
        rule("email", "mailbox", "info"),
        rule("email", "domain", "example"),
        rule("email", "domain", "agency.example"),
        rule("email", "exact", "info@agency.example"),
    ]
    address = normalise("email", "info@agency.example")
    for count in range(1, len(rules) + 1):
        assert Exclusions(rules[:count]).find(address) is rules[count - 1]


def test_of_nested_ranges_the_narrowest_is_found_and_the_wider_around_it() -> None:
    wide, narrow = rule("phone", "range", "+1202555xxxx"), rule("phone", "range", "+120255501xx")
    exclusions = Exclusions([wide, narrow])
    assert exclusions.find(normalise("phone", "+12025550099")) is wide
    assert exclusions.find(normalise("phone", "+12025550100")) is narrow
    assert exclusions.find(normalise("phone", "+12025550200")) is wide


def test_a_range_with_any_digit_is_as_wide_as_all_its_numbers_together() -> None:
    everywhere = rule("phone", "range", "+1xxx5550100..+1xxx5550101")
    here = rule("phone", "range", "+12025550100..+12025550109")
    for both in ([everywhere, here], [here, everywhere]):
        assert Exclusions(both).find(normalise("phone", "+12025550100")) is here


def test_of_two_rules_about_the_same_the_first_holds() -> None:
    first, second = (rule("email", "domain", "agency.example", note=note) for note in "12")
    exclusions = Exclusions([first, second])
    assert list(exclusions) == [first]
    assert len(exclusions) == 1


def test_the_digest_is_32_bytes_and_minds_no_remark() -> None:
    plain = Exclusions([rule("email", "mailbox", "abuse")])
    noted = Exclusions([rule("email", "mailbox", "abuse", note="RFC 2142")])
    assert plain.digest() == noted.digest()
    assert len(plain.digest()) == 32
    assert plain.digest() != Exclusions([]).digest()
