"""The one place where it is decided who may see or change what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from intelligence.errors import NotPermitted, NotProved
from intelligence.staff.grants import GRANTS, PROVED_ANEW, Grant
from intelligence.staff.roles import RecordType, Role, Verb


class Shown(dict[str, object]):
    """A record as somebody may see it: fields that are not permitted are not in it."""


@dataclass(frozen=True, slots=True)
class Privileges:
    """What the holder of `roles` may do; nothing where there are none."""

    roles: frozenset[Role]
    grants: tuple[Grant, ...] = GRANTS
    is_proved: bool = False
    """Whether they have proved lately who they are, as some of it demands."""

    def fields(self, verb: Verb, record_type: RecordType) -> frozenset[str]:
        """Return the fields of a record type that `verb` reaches."""
        return frozenset().union(
            *(
                grant.fields
                for grant in self.grants
                if grant.role in self.roles
                and grant.verb is verb
                and grant.record_type is record_type
            )
        )

    def may(self, verb: Verb, record_type: RecordType, field: str | None = None) -> bool:
        """Tell whether `verb` reaches a field, or any field at all where none is named."""
        reached = self.fields(verb, record_type)
        return field in reached if field is not None else bool(reached)

    def require(self, verb: Verb, record_type: RecordType, fields: Iterable[str]) -> None:
        """Raise `NotPermitted` unless `verb` reaches all of `fields`.

        Raise `NotProved` where that takes a password and a second factor anew.
        """
        if not frozenset(fields) <= self.fields(verb, record_type):
            raise NotPermitted
        if (record_type, verb) in PROVED_ANEW and not self.is_proved:
            raise NotProved

    def shown(self, record_type: RecordType, record: Mapping[str, object]) -> Shown:
        """Return what may be seen of a record; raises `NotPermitted` where that is nothing."""
        permitted = self.fields(Verb.READ, record_type)
        if not permitted:
            raise NotPermitted
        return Shown((name, value) for name, value in record.items() if name in permitted)
