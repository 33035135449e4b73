"""What the objects of a STIX bundle say of one another: who wrote them, when, and about whom."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from indexer.importers.json_document import Object, is_set, text_of, texts_of
from indexer.importers.victim_words import names_victim

_LABELS: Final = ("labels", "indicator_types", "roles", "x_opencti_labels")
_NOTED: Final = ("abstract", "content", "explanation", "name", "description")
_NAMES: Final = ("name", "display_name", "description")
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
        for thing in objects:
            self._take_in(thing)
        for thing in objects:
            if text_of(thing, "type") == "relationship":
                ends = {text_of(thing, "source_ref"), text_of(thing, "target_ref")}
                if not ends.isdisjoint(self._victims):
                    self._beside_victims |= ends

    def _take_in(self, thing: Object) -> None:
        name = text_of(thing, "id")
        if is_set(thing, "revoked"):
            self._revoked.add(name)
        match text_of(thing, "type"):
            case "identity":
                self._names[name] = text_of(thing, "name")
                if any(map(names_victim, self.own_labels(thing))):
                    self._victims.add(name)
            case "note" | "opinion" | "report" | "grouping":
                texts = [text_of(thing, member) for member in _NOTED]
                for reference in texts_of(thing, "object_refs"):
                    self._notes[reference] += filter(None, texts)
            case "observed-data":
                for reference in texts_of(thing, "object_refs"):
                    self._observations[reference].append(thing)

    def own_labels(self, thing: Object) -> list[str]:
        """Return what an object itself is labelled with."""
        return texts_of(thing, *_LABELS)

    def labels(self, thing: Object) -> list[str]:
        """Return its labels, those of its observations, and whether it has to do with a victim."""
        observed = [label for one in self._seen_in(thing) for label in self.own_labels(one)]
        beside = ["victim"] if text_of(thing, "id") in self._beside_victims else []
        named = [text_of(thing, member) for member in _NAMES]
        noted = self._notes.get(text_of(thing, "id"), [])
        return [*self.own_labels(thing), *observed, *beside, *filter(None, named), *noted]

    def is_revoked(self, thing: Object) -> bool:
        """Tell whether its author has withdrawn an object."""
        return is_set(thing, "revoked") or (text_of(thing, "id") or None) in self._revoked

    def is_of_victim(self, thing: Object) -> bool:
        """Tell whether an object is labelled as a victim's, in whatever word."""
        return any(map(names_victim, self.own_labels(thing)))

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
