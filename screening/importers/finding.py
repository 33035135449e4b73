"""One thing found in a text: taken or not, and where."""

from collections.abc import Iterable
from dataclasses import dataclass

from screening.importers.entry import ImportCode, KindOrUnknown
from screening.vocabulary.selector import Canonical


@dataclass(frozen=True, slots=True)
class Finding:
    """Characters `start` to `end` (exclusive, from 0): a selector, or the reason why it is none.

    `by_region` tells that the selector rests on the region hint: it was written without `+`.
    """

    kind: KindOrUnknown
    start: int
    end: int
    outcome: Canonical | ImportCode
    by_region: bool = False

    def __repr__(self) -> str:
        return f"Finding({self.kind}, {self.start}-{self.end})"

    @property
    def canonical(self) -> Canonical | None:
        """The selector, None where it is not taken."""
        return self.outcome if isinstance(self.outcome, Canonical) else None


def without_findings(text: str, findings: Iterable[Finding]) -> str:
    """Return a text with a comma for each selector in it; `findings` are in order."""
    parts: list[str] = []
    end = 0
    for finding in findings:
        if finding.canonical is not None:
            parts += (text[end : finding.start], ",")
            end = finding.end
    return "".join((*parts, text[end:]))
