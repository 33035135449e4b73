"""MISP events (MISP core format) -> rows: attributes that are a phone, an e-mail or a card."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from indexer.importers.csv_rows import ListRow
from indexer.importers.entry import Rejection
from indexer.importers.foreign_rows import (
    Defaults,
    Notice,
    Place,
    Said,
    listed_row,
    refused,
    role_of_labels,
)
from indexer.importers.json_document import Object, is_set, objects_in, text_of
from indexer.importers.victim_words import names_victim
from screening.vocabulary.selector import SelectorKind

MISP_KINDS: Final[Mapping[str, SelectorKind]] = {
    "phone-number": SelectorKind.PHONE,
    "email": SelectorKind.EMAIL,
    "email-src": SelectorKind.EMAIL,
    "email-dst": SelectorKind.EMAIL,
    "email-reply-to": SelectorKind.EMAIL,
    "cc-number": SelectorKind.CARD,
}
_SHARING: Final = ("tlp:red", "tlp:amber", "tlp:amber+strict", "tlp:green")
"""How far an event may be passed on (FIRST, TLP 2.0); white and clear ask for nothing."""

_UNIX_TIME: Final = re.compile("[0-9]{1,11}")
"""In seconds; none of them is beyond the year 5138."""
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9|_\-]{1,40}")


class MispEvents:
    """What `{"Event": ...}`, `{"response": [...]}` or a list of events lists, and what of it not.

    The line of a row is the number of its attribute in the file, from 1. What MISP marks as mere
    context (`to_ids` false) is listed all the same, and counted: it is how MISP marks phones.
    """

    def __init__(
        self, document: object, *, file: str, region: str | None, defaults: Defaults
    ) -> None:
        self._file = file
        self._region = region
        self._defaults = defaults
        self._types: Counter[str] = Counter()
        self._tags: Counter[str] = Counter()
        self._context = 0
        self.rows: list[ListRow | Rejection] = []
        for number, (event, attribute, labels) in enumerate(_attributes(document), 1):
            self._add(Place(file, number), event, attribute, labels)
        self._tags.update(tag for event in _events(document) for tag in _sharing(event))

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

    def _add(self, place: Place, event: Object, attribute: Object, labels: list[str]) -> None:
        kind = MISP_KINDS.get(text_of(attribute, "type"))
        if kind is None:
            self._types[text_of(attribute, "type")] += 1
            return
        self._tags.update(_sharing(attribute))
        said = self._said(event, attribute, labels)
        if is_set(attribute, "deleted"):
            self.rows.append(refused(place, kind, "revoked", said))
            return
        self._context += "to_ids" in attribute and not is_set(attribute, "to_ids")
        value = text_of(attribute, "value")
        self.rows.append(listed_row(place, kind.value, value, said, region=self._region))

    def _said(self, event: Object, attribute: Object, labels: list[str]) -> Said:
        edited = _moment(text_of(attribute, "timestamp"))
        return Said(
            role=role_of_labels(labels),
            source=" ".join(filter(None, (text_of(event, "uuid"), text_of(event, "info")))),
            reason=text_of(attribute, "comment"),
            first_seen=text_of(attribute, "first_seen"),
            # Nothing later is known of it than that somebody edited it then.
            last_seen=text_of(attribute, "last_seen") or edited,
            told_role=self._defaults.role,
            beside=tuple(labels),
        )


def left_out(types: Counter[str], what: str) -> Iterator[Notice]:
    """Yield how many things of each type were left out; odd names are not repeated."""
    named: Counter[str] = Counter()
    for name, count in types.items():
        named[name if _PLAIN_NAME.fullmatch(name) else "another type"] += count
    for name, count in sorted(named.items()):
        yield Notice(f"{what} are left out: {name}", count)


def _events(document: object) -> Iterator[Object]:
    if isinstance(document, dict) and "response" in document:
        document = document["response"]
    for one in objects_in(document):
        event = one.get("Event")
        yield event if isinstance(event, dict) else one


def _attributes(document: object) -> Iterator[tuple[Object, Object, list[str]]]:
    """Yield every attribute with its event, and the labels that stand for what it is."""
    for event in _events(document):
        # Of all tags of an event those are of everybody in it.
        of_all = list(filter(names_victim, _labels(event)))
        for attribute in objects_in(event.get("Attribute")):
            own = attribute.get("Event")  # where attributes were searched for, not events
            found = own if isinstance(own, dict) else event
            yield found, attribute, [*of_all, *_labels(attribute)]
        for thing in objects_in(event.get("Object")):
            state = {"deleted": True} if is_set(thing, "deleted") else {}
            attributes = list(objects_in(thing.get("Attribute")))
            # A person's role, for instance, is an attribute beside the phone.
            of_object = [text_of(thing, "name"), text_of(thing, "comment")]
            of_object += [
                text_of(one, member) for one in attributes for member in ("value", "comment")
            ]
            for attribute in attributes:
                about = [*of_object, text_of(attribute, "object_relation")]
                yield event, {**attribute, **state}, [*of_all, *_labels(attribute), *about]


def _labels(thing: Object) -> list[str]:
    """Return the tags of a thing, and the values of its galaxies."""
    tags = [name for tag in objects_in(thing.get("Tag")) if (name := text_of(tag, "name"))]
    clusters = [
        text_of(cluster, "value")
        for galaxy in objects_in(thing.get("Galaxy"))
        for cluster in objects_in(galaxy.get("GalaxyCluster"))
    ]
    return [*tags, *filter(None, clusters)]


def _sharing(thing: Object) -> Iterator[str]:
    return (tag for name in _labels(thing) if (tag := name.lower()) in _SHARING)


def _moment(timestamp: str) -> str:
    """Return a Unix time as RFC 3339 has it; nothing where it is none."""
    if not _UNIX_TIME.fullmatch(timestamp):
        return ""
    return datetime.fromtimestamp(int(timestamp), UTC).isoformat().replace("+00:00", "Z")
