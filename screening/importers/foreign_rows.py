"""What foreign tables, bundles and events say about a selector -> the row of a list, in one place.

A field that a row of the list lacks is left out, so that rows may be given more of them.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

import msgspec

from screening.importers.births import tells_birth_of_minor
from screening.importers.bystander_words import is_recipient, speaks_of_witness
from screening.importers.cells_beside import read_in_place
from screening.importers.clearing_words import clears, is_clearing
from screening.importers.csv_records import LIMITS
from screening.importers.csv_rows import CONTROL, ListRow
from screening.importers.email_finder import find_emails
from screening.importers.entry import ROLES, ImportCode, Rejection, Role, reported_kind
from screening.importers.phone_finder import find_phones
from screening.importers.plight_words import may_tell_plight, tells_of_young
from screening.importers.role_words import is_certain_role
from screening.importers.victim_words import (
    abbreviates_victim,
    heads_victim,
    is_victim,
    means_victim,
    names_victim,
    role_text,
)
from screening.vocabulary.cells import read_cell
from screening.vocabulary.plain_text import plain
from screening.vocabulary.selector import Canonical, SelectorKind

_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9|_\-]{1,40}")
_LONGEST_CHARACTERS: Final = LIMITS.bytes
"""As long as a row of a curated list may be in bytes."""


class Said(msgspec.Struct, frozen=True):
    """What is said of the one behind a selector, as it is written there; shows none of it.

    `told_role` is what the caller says of all in the file, which holds where the file says nothing;
    `beside` are other cells of the row, of which nothing is kept, as their headings have them read:
    they may still tell of a victim, of a bystander, or that somebody was cleared. By a birth that
    one of these texts tells somebody has to be of age `today`, where a day is given.
    `roles_beside` are what stands in columns that seem to be of roles: all of it, a word that is
    none too, until a person has said what such a column is.
    So may `headings`, those of columns in which the row says something, and `own_heading`, the one
    above the selector itself: each only where it names a victim. `bystander` is what tells that the
    selector is of somebody else around the case, such as a witness or whom a message was sent to.
    """

    role: str = ""
    region: str = ""
    source: str = ""
    reason: str = ""
    confidence: str = ""
    expires_at: str = ""
    first_seen: str = ""
    last_seen: str = ""
    review_by: str = ""
    jurisdictions: str = ""
    list: str = ""
    told_role: Role | None = None
    today: date | None = None
    beside: tuple[str, ...] = ()
    roles_beside: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    own_heading: str = ""
    bystander: str = ""

    def __repr__(self) -> str:
        return "Said(...)"

    @property
    def protects(self) -> bool:
        """Tell whether a row of which this is said, and which is not taken, was of a victim."""
        texts = (
            *(self.source, self.reason, self.confidence, self.expires_at, self.region, self.list),
            *(self.jurisdictions, self.first_seen, self.last_seen, self.review_by),
        )
        if self.own_heading or self.headings or any(map(names_victim, self.beside)):
            return True
        return means_victim(self.role, filter(None, texts)) or self._tells_birth_of_minor

    @property
    def leaves_role_open(self) -> bool:
        """Tell whether something speaks against the role that it would be listed under.

        A role that the caller gave to all must not be laid upon a victim among them.
        """
        if role_text(self.role or self.told_role or "") == Role.VICTIM:
            return False
        if self.role:
            # The role is that of the row, and what stands under such a heading is somebody else's.
            return self._is_somebody_else_s or any(
                is_victim(cell) or is_clearing(cell) for cell in self.beside
            )
        return (
            self._is_somebody_else_s
            or self.protects
            or self._tells_of_another
            or any(self._is_another_role(role) for role in self.roles_beside)
            or any(map(self._is_another_role, filter(is_certain_role, (*self.beside, self.reason))))
        )

    @property
    def is_of_another(self) -> bool:
        """Tell whether that is said of whoever has the selector, wherever else it stands.

        Whom somebody has called may call others, and be listed for it.
        """
        return msgspec.structs.replace(self, bystander="").leaves_role_open

    @property
    def _tells_of_another(self) -> bool:
        """Tell whether a text may mean somebody else than the role does.

        A source says who says so: a witness among them does not speak against it.
        """
        remarks = tuple(filter(None, (*self.beside, self.reason, self.list)))
        return any(
            clears(text) or may_tell_plight(text) or tells_of_young(text)
            for text in (*remarks, self.source)
        ) or any(speaks_of_witness(text) or is_recipient(text) for text in remarks)

    @property
    def _tells_birth_of_minor(self) -> bool:
        remarks = (*self.beside, self.reason, self.source)
        return self.today is not None and any(
            tells_birth_of_minor(text, self.today) for text in remarks
        )

    def _is_another_role(self, cell: str) -> bool:
        return role_text(cell.strip()) != self.told_role

    @property
    def _is_somebody_else_s(self) -> bool:
        return bool(self.own_heading or self.bystander)


_KINDS: Final = frozenset(kind.value for kind in SelectorKind)
_ROLE_AND_REGION: Final = frozenset(("role", "region"))
_COPIED: Final = tuple(
    name
    for name in Said.__struct_fields__
    if name in ListRow.__struct_fields__ and name not in _ROLE_AND_REGION
)


class Notice(msgspec.Struct, frozen=True):
    """Something about a file that its reader should be told once, and how often it was met."""

    text: str
    count: int


def left_out(types: Counter[str], what: str) -> Iterator[Notice]:
    """Yield how many things of each type were left out; odd names are not repeated."""
    named: Counter[str] = Counter()
    for name, count in types.items():
        named[name if _PLAIN_NAME.fullmatch(name) else "another type"] += count
    for name, count in sorted(named.items()):
        yield Notice(f"{what} are left out: {name}", count)


class Defaults(msgspec.Struct, frozen=True):
    """What a person tells of a file: the role of all in it that names none, and what columns hold.

    Columns are named by their places from 0, and what they hold as in `table_columns.CHOICES`; of
    all others that is found out. Who `chooses` sees the columns first: a table of which none is of
    selectors is no error then, and gives no rows.
    """

    role: Role | None = None
    columns: dict[int, str] = {}
    chooses: bool = False


class Place(msgspec.Struct, frozen=True):
    """Where something stands: the file, and the row of a sheet or the number of an object."""

    file: str
    line: int


def listed_row(
    place: Place, kind: str, value: str, said: Said, *, region: str | None
) -> ListRow | Rejection:
    """Return the row of a selector, before normalisation, or why there is none.

    `region` is for phones without country code, where nothing else is said.
    """
    region = said.region.strip() or region
    role = said.told_role.value if said.told_role and not said.role else role_text(said.role)
    says_role = bool(said.role) and role in ROLES
    if not says_role and any(map(_speaks_of_victim, map(read_in_place, (kind, value)))):
        # What all are said to be is not said by the row: beside a number, or above others, a word
        # is the only thing that speaks of whom they are.
        open_ = refused(place, kind, "unknown_role", said)
        return replace(open_, protects=True, selectors=_selectors_in(kind, value, region))
    texts = {name: getattr(said, name).strip() for name in _COPIED}
    everything = (kind, value, said.role, said.region, *texts.values())
    if any(map(CONTROL.search, everything)):
        return refused(place, kind, "control_character", said)
    if sum(map(len, everything)) > _LONGEST_CHARACTERS:
        return refused(place, kind, "row_too_long", said)
    if said.leaves_role_open or role not in ROLES:
        found = _selectors_in(kind, value, region) if said.is_of_another else ()
        lacks_role = not (said.leaves_role_open or said.role.strip())
        open_ = refused(place, kind, "unknown_role", said)
        return replace(open_, selectors=found, lacks_role=lacks_role)
    return ListRow(
        file=place.file,
        line=place.line,
        kind=kind,
        value=value.strip(),
        role=role,
        region=region,
        **texts,
    )


def refused(place: Place, kind: str, code: ImportCode, said: Said) -> Rejection:
    """Return the rejection of what stands at a place, weighed by whether it is a victim's."""
    return Rejection(place.file, place.line, reported_kind(kind), code, protects=said.protects)


def _selectors_in(kind: str, value: str, region: str | None) -> tuple[Canonical, ...]:
    """Return the selector that a cell is, or those that stand in it beside something else."""
    if kind in _KINDS and isinstance(
        read := read_cell(SelectorKind(kind), value, region), Canonical
    ):
        return (read,)
    text = plain(value[:_LONGEST_CHARACTERS])
    emails = list(find_emails(text))
    phones = find_phones(text, region, [(email.start, email.end) for email in emails])
    return tuple(one.canonical for one in (*emails, *phones) if one.canonical is not None)


def _speaks_of_victim(text: str) -> bool:
    """Tell whether a victim is told of, in short too: no initials stand in place of a number."""
    return heads_victim(text) or abbreviates_victim(text)


def role_of_labels(labels: list[str]) -> str:
    """Return the role that labels of an object tell: of all roles only that of a victim."""
    return Role.VICTIM.value if any(map(is_victim, labels)) else ""
