"""What an attribute of a MISP event says by itself: its selector, whose it is, its labels."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from screening.importers.bystander_words import names_bystander
from screening.importers.cells_beside import reader_of
from screening.importers.json_document import Object, is_set, objects_in, text_of
from screening.importers.whom import Whom
from screening.vocabulary.column_names import plain_name
from screening.vocabulary.selector import SelectorKind

MISP_KINDS: Final[Mapping[str, SelectorKind]] = {
    "phone-number": SelectorKind.PHONE,
    "email": SelectorKind.EMAIL,
    "email-src": SelectorKind.EMAIL,
    "email-dst": SelectorKind.EMAIL,  # taken of victims alone, see `is_of_bystander`
    "email-reply-to": SelectorKind.EMAIL,
    "cc-number": SelectorKind.CARD,
}
_RECIPIENT: Final = "email-dst"
_COPIES: Final = "cc"
"""A relation of the object `email`; as a word of others it is of credit cards."""
_GRADE: Final = re.compile(r"0*(\d{1,3})")
"""Of opinions: from 0 (strongly disagrees) to 100."""
_NEUTRAL: Final = 50
_FALSE_POSITIVE: Final = "1"
"""Of the types that a sighting in MISP has: 0 is a sighting, 2 an end of life."""


def is_of_bystander(attribute: Object) -> bool:
    """Tell whether a selector is that of somebody around a case: perhaps a victim, or anybody.

    Mostly it is whom a message or a call went to.
    """
    relation = plain_name(text_of(attribute, "object_relation"))
    return (
        text_of(attribute, "type") == _RECIPIENT or relation == _COPIES or names_bystander(relation)
    )


def said_of_attribute(attribute: Object, *, today: date) -> Iterator[str]:
    """Yield all that its author says of an attribute, its value together with its relation.

    A selector says nothing: addresses have words of their own.
    By a birth date somebody has to be of age `today`.
    """
    relation = plain_name(text_of(attribute, "object_relation"))
    value = "" if text_of(attribute, "type") in MISP_KINDS else str(attribute.get("value", ""))
    yield relation
    heading = relation or plain_name(text_of(attribute, "type"))
    yield reader_of(heading, has_roles=False, today=today)(value)
    yield from (text_of(attribute, name) for name in ("category", "comment"))
    yield from labels_of(attribute)
    yield from said_by_readers(attribute)
    for proposal in objects_in(attribute.get("ShadowAttribute")):
        yield from said_of_attribute(proposal, today=today)
    if is_set(attribute, "proposal_to_delete") or any(
        text_of(one, "type") == _FALSE_POSITIVE for one in objects_in(attribute.get("Sighting"))
    ):
        yield Whom.CLEARED


def said_by_readers(thing: Object) -> Iterator[str]:
    """Yield what others say of an event, an object or an attribute: MISP's analyst data.

    Whoever disagrees with it clears whom it is about.
    """
    for note in objects_in(thing.get("Note")):
        yield text_of(note, "note")
        yield from said_by_readers(note)
    for opinion in objects_in(thing.get("Opinion")):
        yield text_of(opinion, "comment")
        yield from said_by_readers(opinion)
        grade = _GRADE.fullmatch(text_of(opinion, "opinion"))
        if grade and int(grade[1]) < _NEUTRAL:
            yield Whom.CLEARED
    for relation in objects_in(thing.get("Relationship")):
        yield text_of(relation, "relationship_type")
        yield from said_by_readers(relation)


def labels_of(thing: Object) -> list[str]:
    """Return the names of its tags, and of the clusters of galaxies that it is put into."""
    names = [text_of(tag, "name") for tag in objects_in(thing.get("Tag"))]
    for galaxy in objects_in(thing.get("Galaxy")):
        names.append(text_of(galaxy, "name"))
        for cluster in objects_in(galaxy.get("GalaxyCluster")):
            names += (text_of(cluster, name) for name in ("value", "tag_name"))
    return list(filter(None, names))
