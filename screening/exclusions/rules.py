"""One rule of what is never listed, and how it is made out of what a person has written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar, assert_never

from screening.exclusions.breadth import is_mail_provider, is_shared_domain, is_wide_range
from screening.exclusions.digit_range import parse_digit_range
from screening.importers.entry import IMPORT_SENTENCES
from screening.importers.named_selector import read_named
from screening.vocabulary.errors import NotCanonical, OperatorError
from screening.vocabulary.mail_providers import MAIL_PROVIDERS
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical, SelectorKind

RULE_COLUMNS: Final = ("kind", "match", "value", "category", "note", "source")
"""What the members of `Rule.row` are called, as the header of a file of rules."""

MAX_NOTE_CHARACTERS: Final = 300
MAX_SOURCE_CHARACTERS: Final = 500

_Member = TypeVar("_Member", bound=StrEnum)

_ANYWHERE: Final = "anywhere.example"
_ANYONE: Final = "anyone"
_BEFORE_DOMAIN: Final = re.compile(r"^(?:@|\*?\.)")


class Match(StrEnum):
    """How a rule's value covers selectors."""

    EXACT = "exact"
    RANGE = "range"
    DOMAIN = "domain"
    MAILBOX = "mailbox"


class Category(StrEnum):
    """Whom or what a rule keeps off the list; it decides nothing but which defaults are loaded."""

    HOTLINE = "hotline"
    SHELTER = "shelter"
    AIRLINE = "airline"
    BANK = "bank"
    EMERGENCY = "emergency"
    TEST = "test"
    ROLE_MAILBOX = "role_mailbox"
    OTHER = "other"


_MATCHES: Final = {
    SelectorKind.PHONE: (Match.EXACT, Match.RANGE),
    SelectorKind.CARD: (Match.EXACT, Match.RANGE),
    SelectorKind.EMAIL: (Match.EXACT, Match.DOMAIN, Match.MAILBOX),
}


@dataclass(frozen=True, slots=True, repr=False)
class Rule:
    """Selectors that are never listed, and why; only `parse_rule` makes one.

    `value` has one spelling for each meaning: a canonical form; `FROM..TO`; a domain in A-labels,
    for itself and all below it; a local part without its tag, for that mailbox at every domain.
    """

    kind: SelectorKind
    match: Match
    value: str
    category: Category
    note: str
    source: str

    def __repr__(self) -> str:
        return f"Rule({self.kind.value} {self.match.value}, {self.category.value})"

    def row(self) -> tuple[str, ...]:
        """Return all of it in the order of `RULE_COLUMNS`: one line of a CSV file."""
        kind, match, category = self.kind.value, self.match.value, self.category.value
        return (kind, match, self.value, category, self.note, self.source)

    def identity(self) -> bytes:
        """Return what tells it from every other rule: which selectors it covers, and no more.

        The value can be read in it. Store a keyed tag of it (`Sealer.tag`), never itself.
        """
        return f"exclusion\0{self.kind.value}\0{self.match.value}\0{self.value}".encode()


def parse_rule(
    kind: str,
    match: str,
    value: str,
    *,
    category: str,
    note: str = "",
    source: str = "",
    region: str | None = None,
    wide: bool = False,
) -> Rule:
    """Return the rule that a person has written.

    `region` completes phones without a country code. `wide` takes rules that cover far more than
    is usually meant. Raises `OperatorError` with a sentence that never repeats the value.
    """
    parsed_kind = _member(SelectorKind, kind, "kind")
    parsed_match = _member(Match, match, "match")
    if parsed_match not in _MATCHES[parsed_kind]:
        choice = _choice(_MATCHES[parsed_kind])
        raise OperatorError(f"a rule for kind {parsed_kind.value} has match {choice}; use that")
    return Rule(
        kind=parsed_kind,
        match=parsed_match,
        value=_value(parsed_kind, parsed_match, value, region=region, wide=wide),
        category=_member(Category, category, "category"),
        note=_remark(note, "note", MAX_NOTE_CHARACTERS),
        source=_remark(source, "source", MAX_SOURCE_CHARACTERS),
    )


def parse_row(row: Sequence[str]) -> Rule:
    """Return the rule whose `row` this is; whether it is too wide was decided when it was made."""
    if len(row) != len(RULE_COLUMNS):
        raise OperatorError(f"a rule has {len(RULE_COLUMNS)} columns; restore it from its source")
    kind, match, value, category, note, source = row
    return parse_rule(kind, match, value, category=category, note=note, source=source, wide=True)


def _value(
    kind: SelectorKind, match: Match, written: str, *, region: str | None, wide: bool
) -> str:
    match match:
        case Match.EXACT:
            return _exact(kind, written, region)
        case Match.RANGE:
            return _range(kind, written, region=region, wide=wide)
        case Match.DOMAIN:
            return _domain(written, wide=wide)
        case Match.MAILBOX:
            return _mailbox(written)
        case _:
            assert_never(match)


def _range(kind: SelectorKind, written: str, *, region: str | None, wide: bool) -> str:
    numbers = parse_digit_range(kind, written, region=region)
    if is_wide_range(kind, numbers) and not wide:
        raise OperatorError(
            "the range is wider than one exchange or one card issuer; "
            "give more of its first digits, or say that all of it is meant with --wide"
        )
    return numbers.text


def _domain(written: str, *, wide: bool) -> str:
    name = _BEFORE_DOMAIN.sub("", written.strip(), count=1)
    if name.lower().startswith("www."):
        raise OperatorError("www. is a web address, not where mail goes; give what follows it")
    # A name below it is read in its place: the normaliser takes no address at a top-level domain.
    below = _canonical_or_none(f"{_ANYONE}@{_ANYONE}.{name}")
    if below is None or "@" in name:
        raise OperatorError("this is no domain that mail can go to; write it like lodge.example")
    domain = below.partition("@")[2].removeprefix(f"{_ANYONE}.")
    provider = MAIL_PROVIDERS.get(domain)
    if provider is not None and provider.domain is not None:
        domain = provider.domain  # its canonical addresses have no other
    if not wide and is_shared_domain(domain):
        raise OperatorError(
            "strangers register names below this domain; "
            "give the name in front of it too, or say that all of it is meant with --wide"
        )
    if not wide and is_mail_provider(domain):
        raise OperatorError(
            "anyone can have a mailbox at this domain; "
            "give one address with match exact, or say that all of it is meant with --wide"
        )
    return domain


def _mailbox(written: str) -> str:
    name = written.strip().removesuffix("@")
    if "+" in name:
        raise OperatorError("a mailbox is covered with every +tag; give it without one")
    address = _canonical_or_none(f"{name}@{_ANYWHERE}")
    if address is None or "@" in name:
        raise OperatorError("this is no name of a mailbox; write what stands before the @")
    return address.partition("@")[0]


def _canonical_or_none(address: str) -> str | None:
    try:
        return normalise(SelectorKind.EMAIL, address).text
    except NotCanonical:
        return None


def _exact(kind: SelectorKind, written: str, region: str | None) -> str:
    read = read_named(kind, written, region)
    if not isinstance(read, Canonical):
        raise OperatorError(f"the value is not taken: {IMPORT_SENTENCES[read]}")
    return read.text


def _member(members: type[_Member], written: str, what: str) -> _Member:
    try:
        return members(written.strip().lower())
    except ValueError:
        raise OperatorError(f"the {what} must be {_choice(members)}; choose one") from None


def _choice(members: "Sequence[StrEnum] | type[StrEnum]") -> str:
    *names, last = (member.value for member in members)
    return f"{', '.join(names)} or {last}"


def _remark(written: str, what: str, max_characters: int) -> str:
    text = written.strip()
    if len(text) > max_characters or not text.isprintable():
        raise OperatorError(
            f"the {what} must be one line of at most {max_characters} characters; shorten it"
        )
    return text
