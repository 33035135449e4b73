"""Every line of the rules that come with the indexer holds what the page for curators says."""

import csv
from collections import Counter
from datetime import UTC, datetime
from importlib import resources
from urllib.parse import urlsplit

import pytest

from screening.exclusions import breadth
from screening.exclusions.defaults import (
    DEFAULT_CATEGORIES,
    default_lines,
    default_rules,
    parse_defaults,
)
from screening.exclusions.matcher import Exclusions
from screening.exclusions.rules import RULE_COLUMNS, Category, Match, Rule
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.normalise import normalise

LINES = default_lines()
RULES = [line.rule for line in LINES]
HEADER = ",".join([*RULE_COLUMNS, "checked_on"])


def test_the_file_is_small() -> None:
    assert 60 <= len(RULES) <= 150


def test_every_value_stands_in_the_file_as_it_is_stored() -> None:
    text = resources.files("screening.exclusions").joinpath("defaults.csv").read_text("utf-8")
    header, *rows = csv.reader(text.splitlines())
    assert header == HEADER.split(",")
    assert [tuple(row[:-1]) for row in rows] == [rule.row() for rule in RULES]


def test_every_rule_has_a_note_and_the_page_it_was_taken_from() -> None:
    today = datetime.now(UTC).date()
    for rule, checked_on in LINES:
        source = urlsplit(rule.source)
        assert (source.scheme, bool(source.hostname), bool(rule.note)) == ("https", True, True)
        assert checked_on.year >= 2026
        assert checked_on <= today


def test_no_two_rules_are_the_same() -> None:
    assert Counter(rule.identity() for rule in RULES).most_common(1)[0][1] == 1


def test_no_rule_is_swallowed_by_another() -> None:
    for rule in RULES:
        others = Exclusions(one for one in RULES if one is not rule)
        for text in examples(rule):
            assert others.find(normalise(rule.kind, text)) is None, rule


def test_every_rule_finds_what_it_is_about() -> None:
    exclusions = Exclusions(RULES)
    for rule in RULES:
        for text in examples(rule):
            assert exclusions.find(normalise(rule.kind, text)) is rule


def examples(rule: Rule) -> list[str]:
    """Return selectors that a rule is there for: for a range its ends."""
    match rule.match:
        case Match.EXACT:
            return [rule.value]
        case Match.RANGE:
            return [end.replace("x", "2") for end in rule.value.split("..")]
        case Match.DOMAIN:
            return [f"jo@{rule.value}" if "." in rule.value else f"jo@agency.{rule.value}"]
        case Match.MAILBOX:
            return [f"{rule.value}@agency.zz"]  # no domain of the file, and nobody's


def test_no_default_domain_is_one_where_anyone_has_a_mailbox_or_a_name() -> None:
    domains = [rule.value for rule in RULES if rule.match is Match.DOMAIN]
    assert len(domains) > 30
    for domain in domains:
        assert not breadth.is_mail_provider(domain)
        assert not breadth.is_shared_domain(domain)


@pytest.mark.parametrize(
    "domain",
    [
        *("gmail.com", "hotmail.co.th", "web.de", "docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp"),
        *("foxmail.com", "yeah.net", "tutamail.com", "duck.com", "mozmail.com", "yopmail.com"),
        *("privaterelay.appleid.com", "posteo.de", "mailbox.org", "bluewin.ch", "telenet.be"),
        *("ziggo.nl", "arcor.de"),
    ],
)
def test_a_domain_where_anyone_can_have_a_mailbox_is_known_as_one(domain: str) -> None:
    assert breadth.is_mail_provider(domain)
    assert not breadth.is_mail_provider(f"agency-{domain}")


def test_every_category_has_rules() -> None:
    assert {rule.category for rule in RULES} == set(Category)


def test_test_material_is_left_out_unless_asked_for() -> None:
    assert set(Category) - {Category.TEST} == DEFAULT_CATEGORIES
    assert Category.TEST not in {rule.category for rule in default_rules()}
    only = default_rules([Category.TEST])
    assert {rule.category for rule in only} == {Category.TEST}
    assert len(default_rules()) + len(only) == len(RULES)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("phone", "+1 202 555 0142"),
        ("phone", "+44 20 7946 0958"),
        ("card", "4242 4242 4242 4242"),
        ("card", "3782-822463-10005"),
        ("email", "jo@travel.test"),
    ],
)
def test_the_sample_list_of_this_project_meets_no_default_but_that_of_test_material(
    kind: str, raw: str
) -> None:
    canonical = normalise(kind, raw)
    assert Exclusions(default_rules()).find(canonical) is None
    found = Exclusions(default_rules(set(Category))).find(canonical)
    assert found is not None
    assert found.category is Category.TEST


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "another header"),
        ("kind,match,value\n", "another header"),
        (f"{HEADER}\nemail,mailbox,abuse,other,note,source\n", "damaged line"),
        (f"{HEADER}\nemail,mailbox,abuse,other,note,source,yesterday\n", "damaged line"),
        (f"{HEADER}\nemail,domain,gmail.com,other,note,source,2026-11-26\n", "anyone can have"),
    ],
)
def test_a_damaged_copy_is_named_as_such(text: str, said: str) -> None:
    with pytest.raises(OperatorError, match=said):
        parse_defaults(text)
