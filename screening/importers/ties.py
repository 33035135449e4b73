"""What refers to what in a bundle or an event, and whom all that is tied together is told to be of.

A phone is a victim's too where only the observation that saw it, or the person that has it, says
so: however many steps away.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from screening.importers.whom import Whom

_TARGETS: Final[Mapping[str, Whom]] = {
    **dict.fromkeys(("targets", "exploits", "traffics"), Whom.VICTIM),
    "impersonates": Whom.WITNESS,
}
"""Relations between people of opposite sides (STIX 2.1, appendix B, but for `traffics`, which those
add whose subject it is), and whom they lead to."""


def find_target(relation: str) -> Whom | None:
    """Return whom a relation leads to where nothing else that is told of one end is of the other.

    None where it ties two that belong together.
    """
    return _TARGETS.get(relation.strip().lower())


class Ties:
    """Names of objects with what is tied to each, and whom each is told to be of."""

    def __init__(self) -> None:
        self._tied: defaultdict[str, list[str]] = defaultdict(list)
        self._told: dict[Whom, set[str]] = {whom: set() for whom in Whom}

    def tie(self, one: str, other: str) -> None:
        """Have whatever is told of one of two hold of the other."""
        self.lead(one, other)
        self.lead(other, one)

    def lead(self, one: str, other: str) -> None:
        """Have whatever is told of `one` hold of the `other`, and not the other way."""
        self._tied[one].append(other)

    def tell(self, name: str, told: Iterable[Whom]) -> None:
        """Say of whom something is, besides what was said before."""
        for whom in told:
            self._told[whom].add(name)

    def follow(self) -> None:
        """Carry what is told along all ties, in circles too; each is gone along once for each."""
        for reached in self._told.values():
            waiting = list(reached)
            while waiting:
                for name in self._tied.get(waiting.pop(), ()):
                    if name not in reached:
                        reached.add(name)
                        waiting.append(name)

    def told_of(self, *names: str) -> list[Whom]:
        """Return whom any of some things is told to be of."""
        return [whom for whom, told in self._told.items() if not told.isdisjoint(names)]
