"""Ranges of phones and mail domains, spelled out as the selectors that become canaries."""

import re
import secrets
from collections.abc import Iterator, Sequence
from typing import Final

import rich_click as click

_RANGE: Final = re.compile(r"phone:(\+[0-9]{7,15})\.\.(\+[0-9]{7,15})")
_DOMAIN: Final = "domain:"
_MOST_OF_A_RANGE: Final = 10_000
_GIVEN: Final = ("alex", "anna", "ben", "clara", "daniel", "eva", "julia", "maria", "paul", "sara")
_FAMILY: Final = ("baker", "costa", "dias", "fischer", "klein", "lopez", "meyer", "novak", "silva")


def spelled_out(named: Sequence[str], addresses: int) -> Iterator[str]:
    """Yield each KIND:VALUE; of a domain so many addresses of the forms that people have.

    Raises `click.UsageError` where a range is none, or too long.
    """
    for position, one in enumerate(named, start=1):
        if one.startswith(_DOMAIN):
            yield from _addresses(one.removeprefix(_DOMAIN), addresses)
        elif one.startswith("phone:") and ".." in one:
            yield from _phones(one, position)
        else:
            yield one


def _phones(one: str, position: int) -> Iterator[str]:
    ends = _RANGE.fullmatch(one)
    if ends is None:
        raise click.UsageError(
            f"selector {position}: write a range with both ends in full, as in "
            "phone:+12025550160..+12025550189"
        )
    first, last = int(ends[1]), int(ends[2])
    if not 0 <= last - first < _MOST_OF_A_RANGE:
        raise click.UsageError(
            f"selector {position}: a range ends after it begins, and has 10,000 phones at most"
        )
    yield from (f"phone:+{number}" for number in range(first, last + 1))


def _addresses(domain: str, count: int) -> Iterator[str]:
    made: set[str] = set()
    while len(made) < count:
        name = f"{secrets.choice(_GIVEN)}.{secrets.choice(_FAMILY)}{secrets.randbelow(10_000)}"
        made.add(f"email:{name}@{domain}")
    yield from sorted(made)
