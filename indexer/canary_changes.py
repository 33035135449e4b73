"""Canaries: taken in, given to partners, and taken away; in force with the release that follows."""

from collections.abc import Collection, Sequence
from typing import Final

from indexer.deployment import Deployment
from indexer.index.list_for_test_keys import TEST_SELECTORS
from indexer.list.canaries import CANARIES_EACH, SpokenOf, canaries_at, drop_canaries, keep_canaries
from indexer.partners.issue import put_partners_in_force
from screening.exclusions.breadth import is_mail_provider, is_shared_domain
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import Canonical, SelectorKind

_TEST_SELECTORS: Final = frozenset(one for told in TEST_SELECTORS.values() for one in told)


def add_canaries(
    deployment: Deployment, selectors: Sequence[Canonical], *, each: int | None, note: str
) -> int:
    """Take in canaries, and give each partner `each` of them; return how many are new.

    Raises `OperatorError` where one of them cannot be a canary; nothing is changed then.
    """
    list_file = deployment.list_file
    spoken_of = SpokenOf(list_file, list_file.landed_revision(), deployment.exclusions())
    for position, canonical in enumerate(selectors, start=1):
        why = _find_refusal(canonical) or spoken_of.find(canonical)
        if why is not None:
            raise OperatorError(f"selector {position} {why}; nothing is changed")
    before = list_file.find_number("canaries_each") or CANARIES_EACH
    wanted = before if each is None else each
    deployment.record("canary add", selectors=len(selectors), each=wanted)
    kept = keep_canaries(list_file, selectors, each=wanted, note=note, actor=deployment.actor)
    _put_in_force(deployment, "canary add")
    return kept


def remove_canaries(
    deployment: Deployment, selectors: Sequence[Canonical], domains: Collection[str] = ()
) -> int:
    """Take canaries out of every index, and all at these mail domains; return how many there were.

    Domains are spelled as canonical forms have them.
    """
    deployment.record("canary remove", selectors=len(selectors), domains=len(domains))
    at_domains = canaries_at(deployment.list_file, domains) if domains else []
    dropped = drop_canaries(deployment.list_file, [*selectors, *at_domains])
    _put_in_force(deployment, "canary remove")
    return dropped


def _put_in_force(deployment: Deployment, command: str) -> None:
    release = put_partners_in_force(deployment, command)
    deployment.record(f"{command} done", release=release)


def _find_refusal(canonical: Canonical) -> str | None:
    """Return why a selector cannot be a canary in any list, None where it can."""
    if canonical.kind is SelectorKind.CARD:
        # Whoever issues cards controls a range of them; a test card is everybody's.
        return "is a card, and of a card nobody can say that it will never be a traveller's"
    if canonical in _TEST_SELECTORS:
        return "is a test selector, which partners ask about in their tests"
    domain = canonical.text.rpartition("@")[2] if canonical.kind is SelectorKind.EMAIL else ""
    if domain and (is_mail_provider(domain) or is_shared_domain(domain)):
        return "is an address where anyone can have a mailbox, and may be somebody's"
    return None
