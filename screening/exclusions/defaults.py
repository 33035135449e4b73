"""The rules that come with the indexer: a small list, each line with the page it was taken from."""

import csv
from collections.abc import Collection
from datetime import date
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

from screening.exclusions.rules import RULE_COLUMNS, Category, Rule, parse_rule
from screening.vocabulary.errors import OperatorError

DEFAULT_CATEGORIES: Final = frozenset(Category) - {Category.TEST}
"""All but test material: demonstrations, this project's own included, list nothing else."""

_COLUMNS: Final = (*RULE_COLUMNS, "checked_on")


class DefaultRule(NamedTuple):
    """A rule, and when its source was last seen to say so."""

    rule: Rule
    checked_on: date


def default_rules(categories: Collection[Category] = DEFAULT_CATEGORIES) -> list[Rule]:
    """Return the rules of `categories` in the order of the file."""
    return [line.rule for line in default_lines() if line.rule.category in categories]


@cache
def default_lines() -> tuple[DefaultRule, ...]:
    """Return all of the file. Raises `OperatorError` where the installed copy is damaged."""
    text = resources.files("screening.exclusions").joinpath("defaults.csv").read_text("utf-8")
    return tuple(parse_defaults(text))


def parse_defaults(text: str) -> list[DefaultRule]:
    """Return the rules of a file such as `defaults.csv`; `OperatorError` where it is damaged."""
    header, *lines = csv.reader(text.splitlines()) if text else [[]]
    if tuple(header) != _COLUMNS:
        raise OperatorError("the default exclusions have another header; install indexer again")
    return [_parsed(line) for line in lines]


def _parsed(line: list[str]) -> DefaultRule:
    try:
        kind, match, value, category, note, source, checked_on = line
        checked = date.fromisoformat(checked_on)
    except ValueError:  # of the number of cells, too
        raise OperatorError(
            "the default exclusions have a damaged line; install indexer again"
        ) from None
    rule = parse_rule(kind, match, value, category=category, note=note, source=source)
    return DefaultRule(rule, checked)
