"""What the objects of a STIX bundle say of one another: who wrote them, when, and about whom."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from indexer.importers.json_document import Object, is_set, text_of, texts_of, texts_within
from indexer.importers.victim_words import names_victim

_LABELS: Final = ("labels", "indicator_types", "roles", "x_opencti_labels")
_NO_TEXTS: Final = frozenset(
    ("id", "type", "value", "number", "card_number", "pattern", "x_misp_value", "object_refs")
)
"""What of an object is itself a selector, or refers to others; all else may speak of a victim."""
_COLLECTIONS: Final = ("report", "grouping")
"""They have a title as an event has; what they tell at length is of many people."""
_OF_SOMEBODY: Final = ("identity", "indicator", "observed-data", "user-account")
"""They may be of a victim, and so is what is related to them; an actor's text tells of others."""
_SENDERS: Final = ("from_ref", "sender_ref")
_RECIPIENTS: Final = ("to_refs", "cc_refs", "bcc_refs")
_AUTHOR: Final = ("created_by_ref", "x_opencti_created_by_ref")


class Context:
    """The bundle around an object. What is revoked stays so, whichever version says it."""

    def __init__(self, objects: Sequence[Object]) -> None:
        self._names: dict[str, str] = {}
        self._revoked: set[str] = set()
        self._victims: set[str] = set()
        self._observations: defaultdict[str, list[Object]] = defaultdict(list)
        self._notes: defaultdict[str, list[str]] = defaultdict(list)
        self._beside_victims: set[str] = set()
        self._senders: set[str] = set()
        self._recipients: set[str] = set()
        for thing in objects:
            self._take_in(thing)
        for thing in objects:
            match text_of(thing, "type"):
                case "relationship":
                    ends = {text_of(thing, "source_ref"), text_of(thing, "target_ref")}
                    if _speaks_of_victim(thing) or not ends.isdisjoint(self._victims):
                        self._beside_victims |= ends
                case _ if "object_refs" in thing and _speaks_of_victim(thing):
                    self._beside_victims.update(texts_of(thing, "object_refs"))

    def _take_in(self, thing: Object) -> None:
        name = text_of(thing, "id")
        if is_set(thing, "revoked"):
            self._revoked.add(name)
        kind = text_of(thing, "type")
        if kind in _OF_SOMEBODY and _speaks_of_victim(thing):
            self._victims.add(name)
        match kind:
            case "identity":
                self._names[name] = text_of(thing, "name")
            case "email-message":
                self._senders.update(text_of(thing, member) for member in _SENDERS)
                self._recipients.update(texts_of(thing, *_RECIPIENTS))
            case "observed-data":
                for reference in texts_of(thing, "object_refs"):
                    self._observations[reference].append(thing)

    def own_labels(self, thing: Object) -> list[str]:
        """Return what an object itself is labelled with."""
        return texts_of(thing, *_LABELS)

    def labels(self, thing: Object) -> list[str]:
        """Return its labels, and whether anything in it or about it speaks of a victim."""
        beside = text_of(thing, "id") in self._beside_victims or _speaks_of_victim(thing)
        return [*self.own_labels(thing), *(["victim"] if beside else [])]

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


def _speaks_of_victim(thing: Object) -> bool:
    """Tell whether a text anywhere in an object names a victim; of a collection, its title."""
    if text_of(thing, "type") in _COLLECTIONS:
        thing = {name: thing[name] for name in ("name", *_LABELS) if name in thing}
    members = (value for name, value in thing.items() if name not in _NO_TEXTS)
    return any(names_victim(text) for value in members for text in texts_within(value))
