"""The attributes of MISP events, each with what its event says around it, however far away.

Its object, those that refer to one another, and reports in which it is named.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from screening.importers.cells_beside import FullNames
from screening.importers.json_document import Object, is_set, objects_in, text_of
from screening.importers.misp_attributes import (
    MISP_KINDS,
    labels_of,
    said_by_readers,
    said_of_attribute,
)
from screening.importers.ties import Ties, find_target
from screening.importers.victim_words import is_victim
from screening.importers.whom import Whom, whom_told
from screening.importers.written_reports import selector_name, told_in_report

_SAID: Final = ("Attribute", "ShadowAttribute")
_YEAR: Final = re.compile(r"[0-9]{4}(?=-)")


@dataclass(frozen=True, slots=True)
class Met:
    """An attribute with its event, the labels that stand for what it is, and what is around it."""

    event: Object
    attribute: Object
    labels: list[str]
    around: list[str]

    def __repr__(self) -> str:
        return "Met(...)"


def events_in(document: object) -> Iterator[Object]:
    """Yield the events of a document, in each shape that MISP gives them."""
    if isinstance(document, dict) and "response" in document:
        document = document["response"]
    for one in objects_in(document):
        event = one.get("Event")
        yield from objects_in(event) if isinstance(event, dict | list) else (one,)


def met_attributes(events: Sequence[Object], today: date) -> Iterator[Met]:
    """Yield every attribute of every event, and of the objects in it."""
    ties = _tie(events, today)
    for event in events:
        # Of all tags of an event that one is of everybody in it.
        of_all = list(filter(is_victim, labels_of(event)))
        around = whom_told(_said_of_event(event), today=_day_of(event, today))
        for attribute in objects_in(event.get("Attribute")):
            own = attribute.get("Event")  # where attributes were searched for, not events
            found = own if isinstance(own, dict) else event
            beyond = (
                around
                if found is event
                else whom_told(_said_of_event(found), today=_day_of(found, today))
            )
            told = ties.told_of(_name(attribute))
            yield Met(found, attribute, [*of_all, *labels_of(attribute)], [*beyond, *told])
        for thing in objects_in(event.get("Object")):
            state = {"deleted": True} if is_set(thing, "deleted") else {}
            for attribute in objects_in(thing.get("Attribute")):
                about = [text_of(thing, "name"), text_of(attribute, "object_relation")]
                labels = [*of_all, *labels_of(attribute), *about]
                told = ties.told_of(_name(attribute))
                yield Met(event, {**attribute, **state}, labels, [*around, *told])


def _tie(events: Sequence[Object], today: date) -> Ties:
    """Return what events tie together, with whom all of it is told to be of."""
    ties = Ties()
    named: set[str] = set()
    for event in events:
        day = _day_of(event, today)
        for attribute in objects_in(event.get("Attribute")):
            named |= _take_in(ties, attribute)
            ties.tell(
                _name(attribute), whom_told(said_of_attribute(attribute, today=day), today=day)
            )
            _tie_related(ties, attribute)
        for thing in objects_in(event.get("Object")):
            named.add(_name(thing))
            ties.tell(_name(thing), whom_told(_said_of_object(thing, day), today=day))
            for attribute in objects_in(thing.get("Attribute")):
                named |= _take_in(ties, attribute)
                ties.tie(_name(thing), _name(attribute))
                _tie_related(ties, attribute)
            _tie_related(ties, thing)
        for proposal in objects_in(event.get("ShadowAttribute")):
            # It has the name of what it is to replace; and may be of what is there already.
            told = whom_told(said_of_attribute(proposal, today=day), today=day)
            ties.tell(_name(proposal), told)
            ties.tell(_selector_of(proposal), told)
    told_of = (told for event in events for told in _told_in_reports(event, today))
    for name, whom in told_of:
        if name in named:
            ties.tell(name, [whom])
    ties.follow()
    return ties


def _tie_related(ties: Ties, thing: Object) -> None:
    """Tie an object or an attribute to what it refers to, whoever of the event's readers says so.

    Not so where it refers to whom it was done to: that is told of them alone.
    """
    for reference in objects_in(thing.get("ObjectReference")):
        _tie_one(ties, thing, reference, text_of(reference, "referenced_uuid"))
    for relation in objects_in(thing.get("Relationship")):
        _tie_one(ties, thing, relation, text_of(relation, "related_object_uuid"))
    for relation in objects_in(thing.get("RelationshipInbound")):
        _tie_one(ties, {"uuid": text_of(relation, "object_uuid")}, relation, _name(thing))


def _tie_one(ties: Ties, thing: Object, relation: Object, uuid: str) -> None:
    target = find_target(text_of(relation, "relationship_type"))
    if uuid and target is None:
        ties.tie(_name(thing), uuid.lower())
    elif uuid and target is not None:
        ties.tell(uuid.lower(), [target])


def _name(thing: Object) -> str:
    """Return what an object or an attribute is referred to by; one without UUID is itself alone."""
    return text_of(thing, "uuid").lower() or f"#{id(thing)}"


def _take_in(ties: Ties, attribute: Object) -> set[str]:
    """Have what is told of its selector hold of an attribute, and return the names of both."""
    name = _name(attribute)
    selector = _selector_of(attribute)
    if not selector:
        return {name}
    ties.lead(selector, name)
    return {name, selector}


def _selector_of(attribute: Object) -> str:
    """Return how the selector of an attribute is named; empty where it is none."""
    return selector_name(text_of(attribute, "value")) if _is_selector(attribute) else ""


def _is_selector(attribute: Object) -> bool:
    return text_of(attribute, "type") in MISP_KINDS


def _said_of_event(event: Object) -> list[str]:
    """Return what is said of everybody in an event: its title, labels and galaxies."""
    return [text_of(event, "info"), *labels_of(event)]


def _said_of_object(thing: Object, today: date) -> Iterator[str]:
    """Yield all that its author says of an object; what describes its template is not theirs."""
    yield from (text_of(thing, name) for name in ("name", "comment"))
    yield from labels_of(thing)
    for attribute in _with_full_names(list(objects_in(thing.get("Attribute")))):
        yield from said_of_attribute(attribute, today=today)
    yield from said_by_readers(thing)
    for reference in objects_in(thing.get("ObjectReference")):
        yield from (text_of(reference, name) for name in ("relationship_type", "comment"))


def _with_full_names(attributes: Sequence[Object]) -> Iterator[Object]:
    """Yield the attributes of one object, with the first name that it has before its last name."""
    relations = [text_of(one, "object_relation") or text_of(one, "type") for one in attributes]
    values = [text_of(one, "value") for one in attributes]
    for one, value, told in zip(
        attributes, values, FullNames(relations).told_in(values), strict=True
    ):
        yield one if told == value else {**one, "value": told}


def _told_in_reports(event: Object, today: date) -> Iterator[tuple[str, Whom]]:
    day = _day_of(event, today)
    for report in _reports_of(event):
        yield from told_in_report(text_of(report, "name"), text_of(report, "content"), today=day)


def _reports_of(event: Object) -> Iterator[Object]:
    """Yield the reports of an event, what readers note, and attributes that are such a text."""
    reports = list(objects_in(event.get("EventReport")))
    yield from reports
    yield from ({"content": text} for one in (event, *reports) for text in said_by_readers(one))
    for attribute in (one for name in _SAID for one in objects_in(event.get(name))):
        if not _is_selector(attribute):
            yield {"content": text_of(attribute, "value")}


def _day_of(event: Object, today: date) -> date:
    """Return by which day whom an event tells of is of age: the first of its year, or of this one.

    Who came of age in that very year may have been under it before.
    """
    dated = _YEAR.match(text_of(event, "date"))
    year = int(dated[0]) if dated else today.year
    return date(min(year, today.year) or today.year, 1, 1)  # there is no year 0
