"""Ranges of phones and mail domains, spelled out as the selectors that become canaries."""

import re
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import rich_click as click

from screening.importers.physical_lines import physical_lines, without_bom
from screening.vocabulary.errors import NotCanonical
from screening.vocabulary.normalise import normalise

_MAX_LINE_BYTES: Final = 1_024
_RANGE: Final = re.compile(r"phone:(\+[0-9]{7,15})\.\.(\+[0-9]{7,15})")
_DOMAIN: Final = "domain:"
_MOST_OF_A_RANGE: Final = 10_000
_GIVEN: Final = ("alex", "anna", "ben", "clara", "daniel", "eva", "julia", "maria", "paul", "sara")
_FAMILY: Final = ("baker", "costa", "dias", "fischer", "klein", "lopez", "meyer", "novak", "silva")


def lines_of(path: Path) -> Iterator[str]:
    """Yield the lines of a text file in UTF-8, with a mark or without; raises `UsageError`."""
    with path.open("rb") as file:
        for number, line in without_bom(physical_lines(file, max_bytes=_MAX_LINE_BYTES)):
            try:
                text = line.decode()
            except UnicodeDecodeError:
                text = "\0"
            if "\0" in text:  # as beside each letter of UTF-16
                raise click.UsageError(
                    f"{path} is not UTF-8 at line {number}; save it as text in UTF-8"
                )
            yield text


def parted(named: Sequence[str]) -> tuple[list[str], set[str]]:
    """Part what is named into selectors, and mail domains as canonical forms spell them.

    Raises `click.UsageError` where one of the latter is none.
    """
    domains = set()
    for position, one in enumerate(named, start=1):
        if one.startswith(_DOMAIN):
            try:
                address = normalise("email", f"a@{one.removeprefix(_DOMAIN)}")
            except NotCanonical:
                raise click.UsageError(
                    f"selector {position}: write a mail domain as in domain:travellers.example"
                ) from None
            domains.add(address.text.rpartition("@")[2])
    return [one for one in named if not one.startswith(_DOMAIN)], domains


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
