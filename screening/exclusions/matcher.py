"""Whether a selector is never listed: asked for every row of a list, so without a scan of rules."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Final

from screening.exclusions.range_table import RangeTable
from screening.exclusions.rules import Match, Rule
from screening.vocabulary.errors import NotCanonical
from screening.vocabulary.mail_providers import MAIL_PROVIDERS
from screening.vocabulary.normalise import normalise
from screening.vocabulary.normaliser_versions import FIRST_VERSION, forms_until
from screening.vocabulary.selector import Canonical, SelectorKind

_PROVIDER_DOMAINS: Final = sorted({p.domain for p in MAIL_PROVIDERS.values() if p.domain})
_LENGTH_BYTES: Final = 4


class Exclusions:
    """Rules in force together; the same rules in any order are the same, and can be pickled.

    Of several that cover a selector the most specific is found: exact, then the narrowest range,
    the longest domain, the mailbox. Of two rules with one identity the first given holds.
    """

    def __init__(self, rules: Iterable[Rule], *, normaliser: int = FIRST_VERSION) -> None:
        """Take `rules`, which may cover each other's selectors.

        What is excluded in any form until version `normaliser`, is excluded.
        """
        self._normaliser = normaliser
        unique: dict[bytes, Rule] = {}
        for rule in rules:
            unique.setdefault(rule.identity(), rule)
        self._rules = {identity: unique[identity] for identity in sorted(unique)}
        # Canonical forms of two kinds are never spelled alike: + begins a phone, @ is in an e-mail.
        self._exact = {form: rule for rule in self._of(Match.EXACT) for form in self._forms(rule)}
        self._phones = RangeTable(self._of(Match.RANGE, SelectorKind.PHONE))
        self._cards = RangeTable(self._of(Match.RANGE, SelectorKind.CARD))
        self._domains = {rule.value: rule for rule in self._of(Match.DOMAIN)}
        self._mailboxes = {rule.value: rule for rule in self._of(Match.MAILBOX)}
        self._respelled = _respelled_by_providers(self._of(Match.MAILBOX))

    def __len__(self) -> int:
        return len(self._rules)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules.values())

    def find(self, canonical: Canonical) -> Rule | None:
        """Return the rule for which `canonical` is never listed, None where it may be."""
        found = map(self._find_form, forms_until(canonical, self._normaliser))
        return next((rule for rule in found if rule is not None), None)

    def _find_form(self, canonical: Canonical) -> Rule | None:
        text = canonical.text
        rule = self._exact.get(text)
        if rule is not None:
            return rule
        if canonical.kind is SelectorKind.EMAIL:
            return self._find_email(text)
        if canonical.kind is SelectorKind.PHONE:
            return self._phones.find(text)
        return self._cards.find(text)

    def digest(self) -> bytes:
        """Return 32 bytes that are the same exactly while the same selectors are excluded.

        Whoever knows all rules but one can try values for it: keep it where the rules are kept.
        """
        hashed = hashlib.sha256(self._normaliser.to_bytes(_LENGTH_BYTES))
        for identity in self._rules:
            hashed.update(len(identity).to_bytes(_LENGTH_BYTES) + identity)
        return hashed.digest()

    def _find_email(self, address: str) -> Rule | None:
        local, _, domain = address.partition("@")
        while domain:
            rule = self._domains.get(domain)
            if rule is not None:
                return rule
            domain = domain.partition(".")[2]
        return self._mailboxes.get(local.partition("+")[0]) or self._respelled.get(address)

    def _forms(self, rule: Rule) -> list[str]:
        """Return the spellings of the selector of an exact rule."""
        return [one.text for one in forms_until(Canonical(rule.kind, rule.value), self._normaliser)]

    def _of(self, match: Match, kind: SelectorKind | None = None) -> list[Rule]:
        """Return the rules of a match in the order of their identities."""
        return [
            rule
            for rule in self._rules.values()
            if rule.match is match and kind in (None, rule.kind)
        ]


def _respelled_by_providers(rules: Iterable[Rule]) -> dict[str, Rule]:
    """Return mailboxes by the addresses of those providers that leave characters of a name out."""
    respelled: dict[str, Rule] = {}
    for rule in rules:
        for address in _addresses_at_providers(rule.value):
            respelled.setdefault(address, rule)
    return respelled


# A command that changes the list makes its rules several times, and most are the default ones.
@lru_cache(maxsize=1024)
def _addresses_at_providers(mailbox: str) -> tuple[str, ...]:
    """Return canonical addresses: `no-reply` at Proton is `noreply@proton.me`."""
    addresses: list[str] = []
    for domain in _PROVIDER_DOMAINS:
        # A name of which nothing is left is nobody's there.
        with suppress(NotCanonical):
            addresses.append(normalise(SelectorKind.EMAIL, f"{mailbox}@{domain}").text)
    return tuple(addresses)
