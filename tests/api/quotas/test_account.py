"""What a worker has in hand is its own no longer than its lease, and no more than it needs."""

import pytest

from screening.api.quotas.account import Account
from screening.api.quotas.budgets import given_to
from screening.api.quotas.sketch import REGISTERS
from tests.api.quotas.spending import partner


@pytest.fixture
def account() -> Account:
    """An account with more in hand than a lease, until 10 s."""
    record = partner(daily=100_000, matches=1_000)
    account = Account(record, given_to(record), 20_000, bytes(REGISTERS))
    account.selectors, account.matches, account.leases_end = 500, 90, 10.0
    return account


def test_what_was_leased_and_not_spent_is_had_no_more_once_its_lease_is_over(
    account: Account,
) -> None:
    assert account.unspent(9.9) == (500, 90)
    assert account.unspent(10.0) == (0, 0)


def test_of_what_was_granted_to_a_question_that_is_refused_no_more_than_a_lease_is_kept(
    account: Account,
) -> None:
    account.let_go()
    assert account.unspent(9.9) == (100, 10)
