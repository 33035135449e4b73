"""A list as a plain model: who is told what, after whatever a curator has said of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hypothesis import strategies as st

from indexer.list.policy import EVERYTHING, Policy
from screening.exclusions.matcher import Exclusions
from screening.exclusions.rules import parse_rule
from screening.importers.entry import Entry, Role
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical, SelectorKind
from tests.indexer.listed import NOW, entry, phone

SELECTORS = [*map(phone, range(3)), normalise("email", "a@hotel.example")]


ENTRIES = st.builds(
    entry,
    st.sampled_from(SELECTORS),
    st.sampled_from([Role.TRAFFICKER, Role.BUYER, Role.BUSINESS, Role.VICTIM, Role.UNKNOWN]),
    expires_at=st.sampled_from([None, None, NOW - 5, NOW + 5, NOW + 20]),
    reason=st.sampled_from(["", "seen"]),
    confidence=st.sampled_from([None, 40, 60]),
    jurisdictions=st.sampled_from([(), ("DE", "US"), ("FR",)]),
    list_=st.sampled_from(["default", "border"]),
)


LISTS = st.lists(ENTRIES, max_size=6)


POLICIES = [
    EVERYTHING,
    Policy(roles=(Role.BUYER,)),
    Policy(min_confidence=50, lists=("border",)),
    Policy(kinds=(SelectorKind.EMAIL,)),
    Policy(jurisdictions=("DE",)),
]


Listed = dict[Canonical, int | None]
"""Until when a selector is listed (Unix seconds); None without end."""


class Statement(NamedTuple):
    """What somebody has said, as far as it decides what is listed."""

    canonical: Canonical
    role: Role
    expires_at: int | None
    reason: str
    confidence: int | None
    jurisdictions: tuple[str, ...]
    list: str


@dataclass(frozen=True)
class State:
    """What the list is after one change, as somebody would keep it on paper."""

    statements: frozenset[Statement] = frozenset()
    retracted: frozenset[Canonical] = frozenset()
    excluded: frozenset[Canonical] = frozenset()
    content: int = 0
    adds: bool = False

    def listed(self, policy: Policy) -> Listed:
        ends: dict[Canonical, list[int | None]] = {}
        victims = {one.canonical for one in self.statements if one.role is Role.VICTIM}
        kept_off = victims | self.retracted | self.excluded
        for one in self.statements:
            if one.canonical not in kept_off and is_entitled(policy, one):
                ends.setdefault(one.canonical, []).append(one.expires_at)
        return {
            canonical: None if None in several else max(end for end in several if end is not None)
            for canonical, several in ends.items()
        }


def is_entitled(policy: Policy, one: Statement) -> bool:
    return (
        one.canonical.kind in policy.kinds
        and one.role in policy.roles
        and (not policy.min_confidence or (one.confidence or 0) >= policy.min_confidence)
        and (policy.lists is None or one.list in policy.lists)
        and (
            policy.jurisdictions is None
            or not one.jurisdictions
            or not set(one.jurisdictions).isdisjoint(policy.jurisdictions)
        )
    )


def exact(selectors: Iterable[Canonical]) -> Exclusions:
    return Exclusions(
        [parse_rule(one.kind, "exact", one.text, category="other") for one in selectors]
    )


def stated(entries: Sequence[Entry]) -> frozenset[Statement]:
    return frozenset(
        Statement(
            one.canonical,
            one.role,
            None if one.expires_at is None else int(one.expires_at.timestamp()),
            one.reason,
            one.confidence,
            one.jurisdictions,
            one.list,
        )
        for one in entries
    )


def is_in_force(listed: dict[bytes, int | None], value: bytes, at: int) -> bool:
    expires_at = listed.get(value, 0)
    return expires_at is None or expires_at >= at
