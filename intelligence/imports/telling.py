"""What a curator tells of a file that they upload -> what holds of all in it that says nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from intelligence.curation.proposals import ROLES, confidence_of, list_name_of
from intelligence.curation.recognising import require_region
from intelligence.days import parse_day
from intelligence.errors import FormRefused
from intelligence.imports.read_upload import Told
from screening.importers.table_columns import CHOICES


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTelling:
    """The fields of the form as they were typed, None where nothing was.

    `columns` are by their places from 0; an empty choice leaves a column as it was found.
    """

    role: str | None = None
    region: str | None = None
    sheet: str | None = None
    source: str | None = None
    reason: str | None = None
    confidence: str | None = None
    last_day: str | None = None
    list: str | None = None
    columns: Mapping[int, str] | None = None

    def __repr__(self) -> str:
        return "TypedTelling(...)"


def telling(typed: TypedTelling, today: date) -> Told:
    """Return what is told; raises `FormRefused` for what is no role, day, country or column."""
    if typed.role is not None and typed.role not in ROLES:
        raise FormRefused("choose a role of those that are named, or none", "role")
    require_region(typed.region)
    columns = {place: taken for place, taken in (typed.columns or {}).items() if taken}
    if not {*columns.values()} <= {*CHOICES}:
        raise FormRefused("choose what a column holds of what is named there")
    last_day = parse_day(typed.last_day, "the last day", today)
    if last_day is not None and last_day < today:
        raise FormRefused("the last day is over; choose a later one", "last_day")
    confidence = confidence_of(typed.confidence)
    return Told(
        role=typed.role or "",
        region=typed.region or "",
        sheet=typed.sheet or "",
        source=typed.source or "",
        reason=typed.reason or "",
        confidence="" if confidence is None else str(confidence),
        last_day="" if last_day is None else last_day.isoformat(),
        list="" if typed.list is None else list_name_of(typed.list),
        columns=columns,
    )


def require_read_so(read_as: Told, told: Told) -> None:
    """Raise `FormRefused` where rows were read as told otherwise than it is typed now."""
    for name in told.__struct_fields__:
        if getattr(told, name) != getattr(read_as, name):
            raise FormRefused(
                "the rows are not read as is typed here; press Read it so, and look them through, "
                "before you keep them",
                name,
            )
