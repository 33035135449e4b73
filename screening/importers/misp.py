"""MISP events (MISP core format) -> rows: attributes that are a phone, an e-mail or a card."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final

from screening.importers.csv_rows import ListRow
from screening.importers.entry import Rejection
from screening.importers.foreign_rows import (
    Defaults,
    Notice,
    Place,
    Said,
    left_out,
    listed_row,
    refused,
    role_of_labels,
)
from screening.importers.json_document import Object, is_set, text_of
from screening.importers.misp_attributes import MISP_KINDS, is_of_bystander, labels_of
from screening.importers.misp_context import Met, events_in, met_attributes
from screening.vocabulary.errors import OperatorError

_SHARING: Final = ("tlp:red", "tlp:amber", "tlp:amber+strict", "tlp:green")
"""How far an event may be passed on (FIRST, TLP 2.0); white and clear ask for nothing."""

_OF_EVENTS: Final = frozenset(("info", "uuid", "Attribute", "Object", "EventReport"))
"""Of which members an event has some at the least."""
_UNIX_TIME: Final = re.compile("[0-9]{1,11}")
"""In seconds; none of them is beyond the year 5138."""


class MispEvents:
    """What `{"Event": ...}`, `{"response": [...]}` or a list of events lists, and what of it not.

    The line of a row is the number of its attribute in the file, from 1. What MISP marks as mere
    context (`to_ids` false) is listed all the same, and counted: it is how MISP marks phones.
    """

    def __init__(
        self,
        document: object,
        *,
        file: str,
        region: str | None,
        defaults: Defaults,
        today: date,
    ) -> None:
        self._file = file
        self._region = region
        self._defaults = defaults
        self._types: Counter[str] = Counter()
        self._tags: Counter[str] = Counter()
        self._context = 0
        self.rows: list[ListRow | Rejection] = []
        events = list(events_in(document))
        if all(_OF_EVENTS.isdisjoint(event) for event in events):
            raise OperatorError(f"{file} has no event of MISP; export it again")
        for number, one in enumerate(met_attributes(events, today), 1):
            self._add(Place(file, number), one)
        self._tags.update(tag for event in events for tag in _sharing(event))

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """What was left out, by type, and what its authors ask for."""
        asked = [
            Notice(f"marked {tag}: mind with whom it is shared", self._tags[tag])
            for tag in _SHARING
            if self._tags[tag]
        ]
        if self._context:
            asked.append(Notice("marked as context only (to_ids): look it through", self._context))
        return (*asked, *left_out(self._types, "attributes"))

    def _add(self, place: Place, met: Met) -> None:
        attribute = met.attribute
        kind = MISP_KINDS.get(text_of(attribute, "type"))
        if kind is None:
            self._types[text_of(attribute, "type")] += 1
            return
        self._tags.update(_sharing(attribute))
        said = self._said(met)
        if is_set(attribute, "deleted"):
            self.rows.append(refused(place, kind, "revoked", said))
            return
        self._context += "to_ids" in attribute and not is_set(attribute, "to_ids")
        value = text_of(attribute, "value")
        self.rows.append(listed_row(place, kind.value, value, said, region=self._region))

    def _said(self, met: Met) -> Said:
        event, attribute = met.event, met.attribute
        edited = _moment(text_of(attribute, "timestamp"))
        return Said(
            role=role_of_labels(met.labels),
            source=" ".join(filter(None, (text_of(event, "uuid"), text_of(event, "info")))),
            reason=text_of(attribute, "comment"),
            first_seen=text_of(attribute, "first_seen"),
            # Nothing later is known of it than that somebody edited it then.
            last_seen=text_of(attribute, "last_seen") or edited,
            told_role=self._defaults.role,
            bystander="bystander" if is_of_bystander(attribute) else "",
            beside=(*met.labels, *met.around, text_of(event, "info")),
        )


def _sharing(thing: Object) -> Iterator[str]:
    return (tag for name in labels_of(thing) if (tag := name.lower()) in _SHARING)


def _moment(timestamp: str) -> str:
    """Return a Unix time as RFC 3339 has it; nothing where it is none."""
    if not _UNIX_TIME.fullmatch(timestamp):
        return ""
    return datetime.fromtimestamp(int(timestamp), UTC).isoformat().replace("+00:00", "Z")
