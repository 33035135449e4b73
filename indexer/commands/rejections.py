"""What a curator is told of what was not taken: how much of it, why, and what can be done."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from screening.streams import tell

if TYPE_CHECKING:
    from screening.importers.entry import ImportCode


def say_rejected(rejected: "Mapping[ImportCode, int]", what: str, report: Path | None) -> None:
    """Say on stderr how many of `what` (a row, a place) were not taken, and each reason."""
    from screening.importers.entry import IMPORT_SENTENCES

    where = f"see {report}" if report else "name a file with --report to see which"
    number = sum(rejected.values())
    counted = f"{number} {what} was" if number == 1 else f"{number} {what}s were"
    tell(f"{counted} not taken; {where}")
    for code, times in sorted(rejected.items()):
        tell(f"  {times} {code}: {IMPORT_SENTENCES[code]}")
