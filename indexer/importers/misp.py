"""MISP events (MISP core format) -> rows: attributes that are a phone, an e-mail or a card."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from indexer.importers.bystander_words import speaks_of_witness
from indexer.importers.clearing_words import clears
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
from indexer.importers.plight_words import may_tell_plight, tells_of_young
from indexer.importers.victim_words import is_victim, names_victim
from screening.vocabulary.selector import SelectorKind

MISP_KINDS: Final[Mapping[str, SelectorKind]] = {
    "phone-number": SelectorKind.PHONE,
    "email": SelectorKind.EMAIL,
    "email-src": SelectorKind.EMAIL,
    "email-dst": SelectorKind.EMAIL,  # taken of victims alone, see `names_recipient`
    "email-reply-to": SelectorKind.EMAIL,
    "cc-number": SelectorKind.CARD,
}
_RECIPIENT: Final = "email-dst"
_RECIPIENTS: Final = frozenset(("to", "cc", "bcc"))
"""Relations of the addresses in MISP's object `email`."""
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
        for number, one in enumerate(_attributes(document), 1):
            self._add(Place(file, number), one)
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

    def _add(self, place: Place, met: "_Met") -> None:
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

    def _said(self, met: "_Met") -> Said:
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
            bystander=_RECIPIENT if names_recipient(attribute) else "",
            beside=(*met.labels, *met.around, text_of(event, "info")),
        )


def names_recipient(attribute: Object) -> bool:
    """Tell whether an attribute is whom a message was sent to: perhaps a victim, or anybody."""
    relation = text_of(attribute, "object_relation")
    return text_of(attribute, "type") == _RECIPIENT or relation.lower() in _RECIPIENTS


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


@dataclass(frozen=True, slots=True)
class _Met:
    """An attribute with its event, the labels that stand for what it is, and what is around it.

    `around` has the first texts about its object or event that tell of a victim or a bystander.
    """

    event: Object
    attribute: Object
    labels: list[str]
    around: list[str]

    def __repr__(self) -> str:
        return "_Met(...)"


def _attributes(document: object) -> Iterator[_Met]:
    """Yield every attribute of every event, and of the objects in it."""
    for event in _events(document):
        # Of all tags of an event that one is of everybody in it.
        of_all = list(filter(is_victim, _labels(event)))
        around = _telling(_labels(event))
        for attribute in objects_in(event.get("Attribute")):
            own = attribute.get("Event")  # where attributes were searched for, not events
            found = own if isinstance(own, dict) else event
            beyond = around if found is event else _telling(_labels(found))
            yield _Met(found, attribute, [*of_all, *_labels(attribute)], beyond)
        for thing in objects_in(event.get("Object")):
            state = {"deleted": True} if is_set(thing, "deleted") else {}
            siblings = around or _telling(_said_of_object(thing))
            for attribute in objects_in(thing.get("Attribute")):
                about = [text_of(thing, "name"), text_of(attribute, "object_relation")]
                labels = [*of_all, *_labels(attribute), *about]
                yield _Met(event, {**attribute, **state}, labels, siblings)


def _telling(texts: Iterable[str]) -> list[str]:
    """Return the first texts that speak of a victim, of a witness, and of who was cleared.

    Of each one is enough; of thousands no more is kept.
    """
    kept = list(texts)
    asked = (names_victim, may_tell_plight, tells_of_young, speaks_of_witness, clears)
    return [text for ask in asked for text in islice(filter(ask, kept), 1)]


def _said_of_object(thing: Object) -> Iterator[str]:
    """Yield all that its author says of an object; what describes its template is not theirs."""
    yield text_of(thing, "comment")
    for attribute in objects_in(thing.get("Attribute")):
        yield from (text_of(attribute, name) for name in ("object_relation", "value", "comment"))
        yield from _labels(attribute)
    for reference in objects_in(thing.get("ObjectReference")):
        yield from (text_of(reference, name) for name in ("relationship_type", "comment"))


def _labels(thing: Object) -> list[str]:
    """Return the names of its tags, and of the clusters of galaxies that it is put into."""
    names = [text_of(tag, "name") for tag in objects_in(thing.get("Tag"))]
    for galaxy in objects_in(thing.get("Galaxy")):
        names.append(text_of(galaxy, "name"))
        for cluster in objects_in(galaxy.get("GalaxyCluster")):
            names += (text_of(cluster, name) for name in ("value", "tag_name"))
    return list(filter(None, names))


def _sharing(thing: Object) -> Iterator[str]:
    return (tag for name in _labels(thing) if (tag := name.lower()) in _SHARING)


def _moment(timestamp: str) -> str:
    """Return a Unix time as RFC 3339 has it; nothing where it is none."""
    if not _UNIX_TIME.fullmatch(timestamp):
        return ""
    return datetime.fromtimestamp(int(timestamp), UTC).isoformat().replace("+00:00", "Z")
