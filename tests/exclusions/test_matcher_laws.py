"""Whatever the rules: what is found is what a scan finds, and a copy finds the same."""

import pickle
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from screening.exclusions.matcher import Exclusions
from screening.exclusions.rules import Rule, parse_row, parse_rule
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical
from tests.exclusions.linear import LINES, SELECTORS, found_by_scan, phone, rules

LAW = settings(max_examples=200)
PLAIN_LAW = settings(LAW, max_examples=50)
SOME_RULES = st.lists(rules(), max_size=12)
SOME_SELECTORS = st.lists(SELECTORS, min_size=1, max_size=12)


@LAW
@given(SOME_RULES, SOME_SELECTORS)
def test_what_is_found_is_what_a_scan_of_all_rules_finds(
    some: list[Rule], selectors: list[Canonical]
) -> None:
    exclusions = Exclusions(some)
    for canonical in selectors:
        assert exclusions.find(canonical) == found_by_scan(some, canonical)


@LAW
@given(LINES, LINES)
def test_both_ends_of_a_range_are_in_it_and_their_neighbours_are_not(one: int, other: int) -> None:
    first, last = sorted([one, other])
    rule = parse_rule("phone", "range", f"{phone(first)}..{phone(last)}", category="other")
    exclusions = Exclusions([rule])
    for line in (first, last):
        assert exclusions.find(normalise("phone", phone(line))) == rule
    for line in (first - 1, last + 1):
        assert exclusions.find(normalise("phone", phone(line))) is None


@PLAIN_LAW
@given(SOME_RULES, SOME_SELECTORS)
def test_a_copy_in_another_process_finds_the_same(
    some: list[Rule], selectors: list[Canonical]
) -> None:
    exclusions = Exclusions(some)
    copy = pickle.loads(pickle.dumps(exclusions))  # noqa: S301 - made a moment ago, right here
    assert copy.digest() == exclusions.digest()
    assert [copy.find(one) for one in selectors] == [exclusions.find(one) for one in selectors]


@PLAIN_LAW
@given(SOME_RULES, st.randoms(use_true_random=False))
def test_the_digest_is_that_of_the_rules_in_any_order(
    some: list[Rule], shuffling: random.Random
) -> None:
    shuffled = list(some)
    shuffling.shuffle(shuffled)
    assert Exclusions(shuffled).digest() == Exclusions([*some, *some]).digest()


@PLAIN_LAW
@given(SOME_RULES, rules())
def test_the_digest_changes_when_another_selector_is_excluded(
    some: list[Rule], another: Rule
) -> None:
    is_known = another.identity() in {rule.identity() for rule in some}
    is_same = Exclusions([*some, another]).digest() == Exclusions(some).digest()
    assert is_same == is_known


@LAW
@given(rules(), rules())
def test_the_digest_tells_two_rules_apart(one: Rule, other: Rule) -> None:
    is_same = Exclusions([one]).digest() == Exclusions([other]).digest()
    assert is_same == (one.identity() == other.identity())


@LAW
@given(rules())
def test_a_rule_comes_back_out_of_its_row(rule: Rule) -> None:
    assert parse_row(rule.row()) == rule
    assert parse_row(rule.row()).identity() == rule.identity()
