"""What a partner manager fills in -> an order that can be signed, or a sentence of what to do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast, get_args

from intelligence.curation.ordering import checked
from intelligence.curation.purposes import reason_typed
from intelligence.errors import FormRefused
from screening.spools.changes import Kind
from screening.spools.order import (
    Admit,
    Entitlement,
    ListedRole,
    Order,
    Resume,
    Rotate,
    Scope,
    Suspend,
)
from screening.vocabulary.endpoint import parse_endpoint
from screening.vocabulary.errors import KitRefused
from screening.vocabulary.kit import PARTNER_PATTERN
from screening.vocabulary.normalise import is_region

KINDS: Final[tuple[str, ...]] = get_args(Kind)
ROLES: Final[tuple[str, ...]] = get_args(ListedRole)
OVERLAP_DAYS: Final = 30
"""What the form suggests."""
_MOST_DAYS: Final = 365
_BETWEEN: Final = re.compile(r"[\s,;]+")
_NOT_LIMITED: Final = (
    "a test partner reads the permanent test list, which nothing limits; choose all kinds and "
    "roles, and leave confidence, lists and countries empty"
)
_NOT_YET: Final = bytes(32)
"""In the place of the key that the kit is sealed to, until somebody signs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedPartner:
    """The fields of a new partner as they were typed or chosen."""

    name: str | None
    reason: str | None
    api_url: str | None
    is_test: bool
    has_bulk: bool
    kinds: Sequence[str]
    roles: Sequence[str]
    min_confidence: int | None
    lists: str | None
    jurisdictions: str | None


def state_order(kind: type[Suspend | Resume], name: str, reason: str | None) -> Order:
    """Return that a partner is answered no more, or again; raises `FormRefused`."""
    return checked(kind(name, reason_typed(reason)))


def rotation(name: str, reason: str | None, api_url: str | None, overlap_days: int | None) -> Order:
    """Return that a partner gets new keys; raises `FormRefused`."""
    if overlap_days is None or overlap_days > _MOST_DAYS:
        raise FormRefused(
            "say for how many days the old keys stay valid, from 0 to 365", "overlap_days"
        )
    return checked(
        Rotate(
            name,
            reason_typed(reason),
            api_url=_api_url(api_url),
            sealed_to=_NOT_YET,
            overlap_days=overlap_days,
        )
    )


def new_partner(typed: TypedPartner) -> Order:
    """Return that there is a new partner; raises `FormRefused`."""
    if typed.name is None or not re.fullmatch(PARTNER_PATTERN, typed.name):
        raise FormRefused(
            "a partner's name has 1 to 24 of a-z, 0-9 and - inside; choose another", "name"
        )
    kinds = [cast("Kind", one) for one in KINDS if one in typed.kinds]
    roles = [cast("ListedRole", one) for one in ROLES if one in typed.roles]
    if not kinds or not roles:
        raise FormRefused(
            "choose a kind and a role at the least: of nothing it is never answered", "kinds"
        )
    if typed.min_confidence is not None and typed.min_confidence > 100:
        raise FormRefused("the confidence is a whole number from 0 to 100", "min_confidence")
    lists, jurisdictions = _lists(typed.lists), _countries(typed.jurisdictions)
    is_whole = len(kinds) == len(KINDS) and len(roles) == len(ROLES) and not typed.min_confidence
    if typed.is_test and not (is_whole and lists is None and jurisdictions is None):
        raise FormRefused(_NOT_LIMITED)
    scopes = ["check", "bulk"] if typed.has_bulk else ["check"]
    entitlement = Entitlement(
        kinds=kinds,
        roles=roles,
        min_confidence=typed.min_confidence or 0,
        lists=lists,
        jurisdictions=jurisdictions,
    )
    return checked(
        Admit(
            typed.name,
            reason_typed(typed.reason),
            api_url=_api_url(typed.api_url),
            sealed_to=_NOT_YET,
            mode="test" if typed.is_test else "live",
            scopes=[cast("Scope", one) for one in scopes],
            entitlement=entitlement,
        )
    )


def described(entitlement: Entitlement) -> str:
    """Return in words which part of the list it is."""
    whole = entitlement.kinds == list(KINDS) and entitlement.roles == list(ROLES)
    parts = [
        "all kinds and roles"
        if whole
        else f"{', '.join(entitlement.kinds)} of {', '.join(entitlement.roles)}",
        f"from {entitlement.min_confidence} % confidence" if entitlement.min_confidence else "",
        f"in the lists {', '.join(entitlement.lists)}" if entitlement.lists else "",
        f"in {', '.join(entitlement.jurisdictions)}" if entitlement.jurisdictions else "",
    ]
    return ", ".join(part for part in parts if part)


def _api_url(text: str | None) -> str:
    try:
        parse_endpoint(text or "")
    except KitRefused as refused:  # as every client would refuse it
        raise FormRefused(f"{refused}; check the address", "api_url") from None
    return text or ""


def _lists(text: str | None) -> list[str] | None:
    names = {name.strip().lower() for name in (text or "").split(",")} - {""}
    return sorted(names) or None


def _countries(text: str | None) -> list[str] | None:
    names = {name for name in _BETWEEN.split(text or "") if name}
    if not all(map(is_region, names)):
        raise FormRefused("countries are two letters each, such as DE, US", "jurisdictions")
    return sorted({name.upper() for name in names}) or None
