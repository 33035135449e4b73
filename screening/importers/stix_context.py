"""What the objects of a STIX bundle say of one another: who wrote them, when, and about whom."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from screening.importers.json_document import (
    Object,
    is_set,
    objects_in,
    text_of,
    texts_of,
    texts_within,
)
from screening.importers.members_beside import is_custom, said_by_member
from screening.importers.misp_attributes import said_of_attribute
from screening.importers.ties import Ties, find_target
from screening.importers.victim_words import names_victim
from screening.importers.whom import Whom, whom_told
from screening.importers.written_reports import selector_name, told_in_report

_LABELS: Final = ("labels", "indicator_types", "roles", "x_opencti_labels")
_ATTRIBUTES: Final = "x_misp_attributes"
_NO_TEXTS: Final = frozenset(
    (
        *("id", "value", "number", "card_number", "pattern", "x_misp_value", "object_refs"),
        *("observed_data_refs", "where_sighted_refs", _ATTRIBUTES),
    )
)
"""What of an object is itself a selector, refers to others or is read apart; all else is said of
it, its type too: custom ones are called `x-victim`."""
_COLLECTIONS: Final = ("report", "grouping")
"""They have a title as an event has; what they tell at length is of many people."""
_OF_OTHERS: Final = frozenset(
    (
        *_COLLECTIONS,
        *("threat-actor", "campaign", "intrusion-set", "incident", "attack-pattern", "malware"),
        *("malware-analysis", "tool", "infrastructure", "course-of-action", "vulnerability"),
        *("location", "marking-definition", "email-message"),
    )
)
"""What they tell is of others, such as an actor's victims; and what is related to one of them has
nothing to do with what else is."""
_ABOUT_FEW: Final = ("observed-data", "note", "opinion")
"""What one of them refers to belongs together."""
_REPORTS: Final = (*_COLLECTIONS, *_ABOUT_FEW, "incident")
"""What they tell at length, a line of it may tell of a selector that it names."""
_AT_LENGTH: Final = ("description", "content", "explanation")
_REFERENCES: Final = (
    *("source_ref", "target_ref", "sighting_of_ref", "belongs_to_ref"),
    "object_ref",  # of a translation
)
_CLEARING_TERMS: Final = {
    "indicator_types": frozenset(("benign",)),
    "opinion": frozenset(("disagree", "strongly-disagree")),
}
"""Terms of STIX's own vocabularies (STIX 2.1, section 10) for what should not be listed."""
_SENDERS: Final = ("from_ref", "sender_ref")
_RECIPIENTS: Final = ("to_refs", "cc_refs", "bcc_refs")
_AUTHOR: Final = ("created_by_ref", "x_opencti_created_by_ref")
_OF_READERS: Final = (*_AUTHOR, "object_marking_refs", "x_opencti_granted_refs")
"""Who has written an object, and who may read it: they have nothing to do with whom it is of."""


class Context:
    """The bundle around an object. What is revoked stays so, whichever version says it."""

    def __init__(self, objects: Sequence[Object], today: date) -> None:
        self._of_age_by = date(today.year, 1, 1)  # who comes of age this year counts as a minor
        self._names: dict[str, str] = {}
        self._revoked: set[str] = set()
        self._observations: defaultdict[str, list[Object]] = defaultdict(list)
        self._senders: set[str] = set()
        self._recipients: set[str] = set()
        self._ties = Ties()
        self._told_by_name: defaultdict[str, set[Whom]] = defaultdict(set)
        for thing in objects:
            self._take_in(thing)
            self._tie(thing)
        self._ties.follow()

    def _take_in(self, thing: Object) -> None:
        name = text_of(thing, "id")
        if is_set(thing, "revoked"):
            self._revoked.add(name)
        match text_of(thing, "type"):
            case "identity":
                self._names[name] = text_of(thing, "name")
            case "email-message":
                self._senders.update(text_of(thing, member) for member in _SENDERS)
                self._recipients.update(texts_of(thing, *_RECIPIENTS))
            case "observed-data":
                for reference in texts_of(thing, "object_refs"):
                    self._observations[reference].append(thing)
        if text_of(thing, "type") in _REPORTS:
            for content in filter(None, (text_of(thing, member) for member in _AT_LENGTH)):
                title = text_of(thing, "name", "abstract")
                for selector, told in told_in_report(title, content, today=self._of_age_by):
                    self._told_by_name[selector].add(told)

    def _tie(self, thing: Object) -> None:
        """Tie an object to all that it says something of, and tell of whom."""
        name = _name(thing)
        listed = texts_of(thing, "object_refs")
        self._ties.tell(name, _told_of(thing, self._of_age_by))
        for reference in filter(_is_of_somebody, listed):
            self._ties.lead(name, reference)
        target = find_target(text_of(thing, "relationship_type"))
        if target is not None:
            self._ties.tell(text_of(thing, "target_ref"), [target])
            return
        named = [text_of(thing, member) for member in _REFERENCES]
        named += listed if text_of(thing, "type") in _ABOUT_FEW else []
        named += texts_of(thing, "observed_data_refs")
        for reference in filter(_is_of_somebody, named):
            self._ties.tie(name, reference)
        self._tie_custom(thing)
        # Who saw one thing saw others too, and these are not of the same people.
        for reference in filter(_is_of_somebody, texts_of(thing, "where_sighted_refs")):
            self._ties.lead(reference, name)

    def _tie_custom(self, thing: Object) -> None:
        """Tie an object to what it refers to by members that are none of the standard's own.

        What it says is of all that it lists; what is said of one of many is not of the others.
        """
        is_all_custom = is_custom(text_of(thing, "type"))
        for member in thing:
            if member in _OF_READERS or not (is_all_custom or is_custom(member)):
                continue
            if member.endswith("_ref") and _is_of_somebody(text_of(thing, member)):
                self._ties.tie(_name(thing), text_of(thing, member))
            elif member.endswith("_refs"):
                for reference in filter(_is_of_somebody, texts_of(thing, member)):
                    self._ties.lead(_name(thing), reference)

    def own_labels(self, thing: Object) -> list[str]:
        """Return what an object itself is labelled with."""
        return texts_of(thing, *_LABELS)

    def labels(self, thing: Object) -> list[str]:
        """Return its labels, and whom anything in it or about it tells of."""
        return [*self.own_labels(thing), *self._ties.told_of(_name(thing))]

    def told_of_value(self, value: str) -> list[str]:
        """Return whom reports and notes tell of in lines that name a selector."""
        return sorted(self._told_by_name.get(selector_name(value), ()))

    def is_revoked(self, thing: Object) -> bool:
        """Tell whether its author has withdrawn an object."""
        return is_set(thing, "revoked") or (text_of(thing, "id") or None) in self._revoked

    def is_of_victim(self, thing: Object) -> bool:
        """Tell whether an object is labelled as a victim's, in whatever word."""
        return any(map(names_victim, self.own_labels(thing)))

    def is_only_recipient(self, thing: Object) -> bool:
        """Tell whether messages were sent to an address, and none from it: perhaps a victim's."""
        name = text_of(thing, "id")
        return name in self._recipients and name not in self._senders

    def author(self, thing: Object) -> str:
        """Return the name of the identity that wrote an object, or observed it; empty if none."""
        references = (text_of(one, *_AUTHOR) for one in (thing, *self._seen_in(thing)))
        return next((name for one in references if (name := self._names.get(one))), "")

    def seen(self, thing: Object) -> tuple[str, str]:
        """Return when an object was first and last observed, as it is written; empty if not."""
        seen_in = self._seen_in(thing)
        first = [text for one in (thing, *seen_in) if (text := text_of(one, "first_observed"))]
        last = [text for one in (thing, *seen_in) if (text := text_of(one, "last_observed"))]
        return min(first, default=""), max(last, default="")

    def _seen_in(self, thing: Object) -> Sequence[Object]:
        return self._observations.get(text_of(thing, "id"), ())


def _name(thing: Object) -> str:
    """Return what an object is referred to by; one without is itself alone."""
    return text_of(thing, "id") or f"#{id(thing)}"


def _is_of_somebody(reference: str) -> bool:
    """Tell by its type whether what is referred to may be of one person (STIX 2.1, section 2.9)."""
    return bool(reference) and reference.partition("--")[0] not in _OF_OTHERS


def _told_of(thing: Object, today: date) -> set[Whom]:
    """Return whom texts anywhere in an object tell of; of a collection, its title."""
    told = whom_told(_texts_of(thing, today), today=today)
    is_cleared = any(
        not terms.isdisjoint((text_of(thing, name), *texts_of(thing, name)))
        for name, terms in _CLEARING_TERMS.items()
    )
    return told | {Whom.CLEARED} if is_cleared else told


def _texts_of(thing: Object, today: date) -> Iterator[str]:
    if text_of(thing, "type") in _COLLECTIONS:
        thing = {name: thing[name] for name in ("name", *_LABELS) if name in thing}
    is_all_custom = is_custom(text_of(thing, "type"))
    for name, value in thing.items():
        if name in _NO_TEXTS:
            continue
        said = said_by_member(name, value, today=today)
        if is_all_custom or is_custom(name):
            yield from said
            continue
        # Objects are extended by names of any kind, too (STIX 2.1, section 7.3). But none of those
        # that there are otherwise makes of a victim's word a name.
        # Most are said in both ways: heard once, a bundle of long texts takes half the time.
        texts = set(texts_within(value))
        yield from texts
        yield from (text for text in said if text not in texts)
    for attribute in objects_in(thing.get(_ATTRIBUTES)):
        yield from said_of_attribute(attribute, today=today)
