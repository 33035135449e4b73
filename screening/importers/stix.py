"""STIX 2.1 bundles -> rows: observables and indicators that are a phone, an e-mail or a card.

STIX has no type for phones and cards. These are the ones that others have made: `phone-number` with
`value` by OpenCTI, with `number` by DOGESEC's extensions; `x-phone-number` and the like by many;
`payment-card` by OpenCTI, `bank-card` by DOGESEC; `x-misp-attribute` by MISP's own converter.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec

from screening.importers.csv_rows import ListRow
from screening.importers.entry import ImportCode, KindOrUnknown, Rejection
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
from screening.importers.json_document import Object, objects_in, objects_of_bundles, text_of
from screening.importers.misp_attributes import MISP_KINDS, is_of_bystander
from screening.importers.selector_finder import find_selectors
from screening.importers.stix_context import Context
from screening.importers.stix_pattern import find_comparisons, objects_named
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import Canonical, SelectorKind

_PHONE: Final = (SelectorKind.PHONE, ("value", "number"))
_CARD: Final = (SelectorKind.CARD, ("card_number", "number", "value"))
_SELECTORS: Final[Mapping[str, tuple[SelectorKind, tuple[str, ...]]]] = {
    "email-addr": (SelectorKind.EMAIL, ("value",)),
    "phone-number": _PHONE,
    "x-phone-number": _PHONE,
    "telephone-number": _PHONE,
    "x-opencti-phone-number": _PHONE,
    "payment-card": _CARD,
    "bank-card": _CARD,
}
"""Which member of which object is a selector."""
_SENDERS: Final = ("from_ref.value", "sender_ref.value")
"""Of a message only who sent it: whom it was sent to may be a victim."""
_MOST_CONTACT_CHARACTERS: Final = 131_072


@dataclass(frozen=True, slots=True)
class Found:
    """A selector as it is written, or the `code` that says why it is none. Shows no value.

    `bystander` is what tells that it is of somebody else, such as whom a message was sent to.
    """

    kind: KindOrUnknown
    value: str = ""
    code: ImportCode | None = None
    bystander: str = ""

    def __repr__(self) -> str:
        return f"Found({self.kind}, {self.code})"


class StixBundle:
    """What a bundle lists, and what of it cannot be; the line of a row is its object's number.

    No role is told by STIX, but that of a victim: who is labelled one is one, and what is tied to a
    victim is not listed under the role of all. Contact details are read of victims alone: those of
    others are mostly of the bundle's authors.
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
        self._contacts = 0
        objects = objects_of_bundles(document)
        if not any(text_of(one, "type") for one in objects):
            raise OperatorError(f"{file} has no object with a type; export it as a STIX bundle")
        self._context = Context(objects, today)
        self.rows: list[ListRow | Rejection] = []
        for number, thing in enumerate(objects, 1):
            self.rows += self._rows(Place(file, number), thing)

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """What was left out, by type."""
        contacts = Notice("contact details of identities are left out", self._contacts)
        return (*((contacts,) if self._contacts else ()), *left_out(self._types, "objects"))

    def _rows(self, place: Place, thing: Object) -> Iterator[ListRow | Rejection]:
        found = list(self._found(thing))
        if not found:
            self._types[text_of(thing, "type")] += 1
            return
        said = self._said(thing)
        if self._context.is_revoked(thing):
            yield refused(place, found[0].kind, "revoked", said)
            return
        for one in found:
            told = self._context.told_of_value(one.value)
            own = msgspec.structs.replace(
                said, bystander=one.bystander, beside=(*said.beside, *told)
            )
            if one.code is not None:
                yield refused(place, one.kind, one.code, own)
            else:
                yield listed_row(place, one.kind, one.value, own, region=self._region)

    def _found(self, thing: Object) -> Iterator[Found]:
        kind = text_of(thing, "type")
        match kind:
            case "indicator":
                yield from _of_indicator(thing)
            case "identity":
                yield from self._of_identity(thing)
            case "x-misp-attribute":
                names = ("type", "value")
                yield from _of_attribute({name: text_of(thing, f"x_misp_{name}") for name in names})
            case "x-misp-object":
                for attribute in objects_in(thing.get("x_misp_attributes")):
                    yield from _of_attribute(attribute)
            case _ if kind in _SELECTORS:
                selector, members = _SELECTORS[kind]
                sent_to = "recipient" if self._context.is_only_recipient(thing) else ""
                yield Found(selector.value, text_of(thing, *members), bystander=sent_to)

    def _of_identity(self, thing: Object) -> Iterator[Found]:
        contact = text_of(thing, "contact_information")
        if not contact:
            return
        if not self._context.is_of_victim(thing):
            self._contacts += 1
            return
        if len(contact) > _MOST_CONTACT_CHARACTERS:
            yield Found("", code="row_too_long")
            return
        finds = find_selectors(contact, self._region)
        for find in finds:
            if isinstance(find.outcome, Canonical):
                yield Found(find.outcome.kind.value, find.outcome.text)
            else:
                yield Found(find.kind, code=find.outcome)
        if not finds:
            yield Found("", code="nothing_found")

    def _said(self, thing: Object) -> Said:
        labels = self._context.labels(thing)
        seen = self._context.seen(thing)
        return Said(
            role=role_of_labels(self._context.own_labels(thing)),
            region=text_of(thing, "country") if "number" in thing else "",
            source=self._context.author(thing) or text_of(thing, "id"),
            reason=text_of(thing, "description", "x_opencti_description", "x_misp_comment"),
            confidence=text_of(thing, "confidence"),
            expires_at=text_of(thing, "valid_until"),
            first_seen=text_of(thing, "first_seen", "valid_from") or seen[0],
            last_seen=text_of(thing, "last_seen") or seen[1],
            told_role=self._defaults.role,
            beside=(*labels, text_of(thing, "name")),
        )


def _of_attribute(attribute: Object) -> Iterator[Found]:
    kind = MISP_KINDS.get(text_of(attribute, "type"))
    if kind is not None:
        around = "bystander" if is_of_bystander(attribute) else ""
        yield Found(kind.value, text_of(attribute, "value"), bystander=around)


def _of_indicator(thing: Object) -> Iterator[Found]:
    pattern = text_of(thing, "pattern")
    if text_of(thing, "pattern_type") not in ("", "stix"):
        return
    comparisons = find_comparisons(pattern)
    if comparisons is None:
        if not objects_named(pattern).isdisjoint((*_SELECTORS, "email-message")):
            yield Found("", code="pattern_not_read")
        return
    for one in comparisons:
        kind, members = _SELECTORS.get(one.object, (None, ()))
        if kind is not None and one.path in members:
            yield Found(kind.value, one.value)
        elif one.object == "email-message" and one.path in _SENDERS:
            yield Found(SelectorKind.EMAIL.value, one.value)
        elif kind is not None or one.object == "email-message":
            yield Found("", code="pattern_not_read")
