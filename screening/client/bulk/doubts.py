"""Columns of numbers that may be phones, though neither their names nor their values say so."""

from typing import Final

from screening.client.bulk.table import Table
from screening.vocabulary.cells import is_shortened
from screening.vocabulary.contact_columns import hints_at_contact
from screening.vocabulary.measures import is_bare_date
from screening.vocabulary.other_columns import names_other
from screening.vocabulary.recognition import may_be_phone

_LEAST_SHARE: Final = 0.5
"""Of ids, amounts and versions few are numbers of the plan of a country."""


def is_doubtful(name: str, *, beside_phones: bool) -> bool:
    """Tell whether numbers in a column of that name may be phones, if they are like some.

    Beside a column of phones they are somebody's ids, unless the name speaks of a contact.
    """
    return not names_other(name) and (not beside_phones or hints_at_contact(name))


def may_hold_phones(table: Table, index: int) -> bool:
    """Tell whether half of the numbers of a column may be phones."""
    numbers = table.numbers.get(index, [])
    if not numbers or all(is_bare_date(value) for value, _ in numbers):
        return False
    likely = sum(is_shortened(value) or may_be_phone(value, of) for value, of in numbers)
    return likely >= _LEAST_SHARE * len(numbers)


def holds_grouped_phones(table: Table, index: int) -> bool:
    """Tell whether a column has numbers in groups that are phones of their country.

    `612 345 678` may be an amount, and `02.555.12.12` a version, where the name says so. Digits
    alone do not count: ids have no groups.
    """
    if names_other(table.header[index]) or not may_hold_phones(table, index):
        return False
    return any(
        region and not value.strip().isdecimal() and may_be_phone(value, region)
        for value, region in table.numbers[index]
    )
