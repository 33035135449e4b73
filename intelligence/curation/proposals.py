"""What a curator fills in -> an operation that can be signed, or a sentence of what to do."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, TypeVar, cast, get_args

import msgspec

from intelligence.curation.purposes import reason_typed, refuse_contact
from intelligence.days import ONE_DAY, parse_day
from intelligence.errors import FormRefused
from screening.spools.changes import Add, Change, ChangedRole, Lift, Retract
from screening.vocabulary.normalise import is_region
from screening.vocabulary.selector import Canonical, SelectorKind

ROLES: Final[tuple[str, ...]] = get_args(ChangedRole)
DEFAULT_LIST: Final = "default"
LIFETIME_DAYS: Final[Mapping[SelectorKind, int]] = {
    SelectorKind.PHONE: 180,
    SelectorKind.CARD: 3 * 365,
    SelectorKind.EMAIL: 2 * 365,
}
"""What the form suggests: as long as the indexer lists a kind by itself (docs/lists.md)."""

_LIST_NAME: Final = re.compile(r"(?!(?:.*[0-9]){6})[a-z][a-z0-9 ._-]{0,31}")
_BETWEEN_COUNTRIES: Final = re.compile(r"[\s,;/]+")
Operation = TypeVar("Operation", bound=Change)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The fields of an addition as they were typed, None where nothing was."""

    role: str | None
    source: str | None
    reason: str | None
    list: str | None
    confidence: str | None
    jurisdictions: str | None
    first_seen: str | None
    last_seen: str | None
    review_by: str | None
    last_day: str | None

    def __repr__(self) -> str:
        return "Typed(...)"


def addition(canonical: Canonical, typed: Typed, today: date) -> Add:
    """Return what is to be said of a selector; raises `FormRefused`."""
    if typed.role not in ROLES:
        raise FormRefused(
            "choose a role: what the person behind the selector is said to be", "role"
        )
    if typed.source is None:
        raise FormRefused("the source is missing: say who says so, such as a case", "source")
    if typed.reason is None:
        raise FormRefused("the reason is missing: say why, for those who come after you", "reason")
    refuse_contact("source", typed.source)
    refuse_contact("reason", typed.reason)
    last_seen = parse_day(typed.last_seen, "last seen", today) or today
    first_seen = parse_day(typed.first_seen, "first seen", today) or last_seen
    last_day = parse_day(typed.last_day, "the last day", today)
    if first_seen > last_seen or last_seen > today:
        raise FormRefused(
            "first seen, last seen, today: the days have to be in this order", "last_seen"
        )
    is_victim = typed.role == "victim"
    if not is_victim and (last_day is None or last_day < today):
        raise FormRefused(
            "give the last day that it is to be listed; it must not be over", "last_day"
        )
    return checked(
        lambda: Add(
            kind=canonical.kind.value,
            canonical=canonical.text,
            list=list_name_of(typed.list),
            source=typed.source or "",
            role=cast("ChangedRole", typed.role),
            reason=typed.reason or "",
            confidence=confidence_of(typed.confidence),
            jurisdictions=_countries(typed.jurisdictions),
            first_seen=first_seen,
            last_seen=last_seen,
            review_by=parse_day(typed.review_by, "review by", today),
            expires_at=None if is_victim or last_day is None else _start(last_day + ONE_DAY),
        )
    )


def retraction(canonical: Canonical, reason: str | None) -> Retract:
    """Return that a selector goes off the list; raises `FormRefused`."""
    why = reason_typed(reason, to_say="say why it goes off the list")
    return checked(lambda: Retract(canonical.kind.value, canonical.text, why))


def lifting(canonical: Canonical, reason: str | None) -> Lift:
    """Return that a selector may be listed again; raises `FormRefused`."""
    why = reason_typed(reason, to_say="say why it may be listed again")
    return checked(lambda: Lift(canonical.kind.value, canonical.text, why))


def checked(make: Callable[[], Operation]) -> Operation:
    """Hold an operation against what its format permits; a struct that is made is not checked."""
    made = make()
    try:
        return msgspec.json.decode(msgspec.json.encode(made), type=type(made))
    except msgspec.ValidationError:
        raise FormRefused(
            "a text is too long, or holds characters that cannot be shown; use up to 2000"
        ) from None


def list_name_of(text: str | None) -> str:
    """Return a list's name, the default one's where nothing was typed; raises `FormRefused`."""
    name = DEFAULT_LIST if text is None else text.lower()
    if not _LIST_NAME.fullmatch(name):
        raise FormRefused(
            "a list's name is a letter, then up to 31 of a-z, 0-9, dot, _ and -", "list"
        )
    return name


def confidence_of(text: str | None) -> int | None:
    """Return a confidence, None where nothing was typed; raises `FormRefused`."""
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= 100):
        raise FormRefused("the confidence is a whole number from 0 to 100", "confidence")
    return int(text)


def _countries(text: str | None) -> list[str]:
    # Held as they are typed: in capitals the German sharp s would be South Sudan.
    names = {name for name in _BETWEEN_COUNTRIES.split(text or "") if name}
    if not all(map(is_region, names)):
        raise FormRefused("countries are two letters each, such as DE, US", "jurisdictions")
    return sorted({name.upper() for name in names})


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
