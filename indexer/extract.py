"""Selectors out of free text, into a list that a curator looks through and publishes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.importers.entry import ImportCode, Rejection, Role
from indexer.importers.free_text import TextFile
from indexer.importers.report import (
    ExtractedList,
    Report,
    refuse_existing,
    refuse_overwriting,
    reported_name,
)


@dataclass(frozen=True, slots=True)
class Extracted:
    """How many selectors were taken, and how many places were not, for each reason.

    `left_open` of those taken stand in a text that speaks of a victim or a witness.
    """

    taken: int
    left_open: int
    refused: Mapping[ImportCode, int]


def extract_list(
    file: Path,
    *,
    output: Path,
    report: Path,
    role: str | None,
    region: str | None,
    overwrite: bool,
) -> Extracted:
    """Write the selectors found in `file` to `output`, and each find to `report`.

    Raises `OperatorError` where that would overwrite what it may not, and `OSError` where a file
    cannot be read or written.
    """
    refuse_overwriting(inputs=[file], outputs=[output, report])
    if not overwrite:
        refuse_existing([output, report])
    taken = left_open = 0
    refused: Counter[ImportCode] = Counter()
    with (
        file.open("rb") as stream,
        Report(report, overwrite=overwrite, spans=True) as finds,
        ExtractedList(output, role=Role(role) if role else None, overwrite=overwrite) as extracted,
    ):
        for found in TextFile(stream, file=reported_name(file), region=region):
            if isinstance(found, Rejection):
                finds.rejected(found)
                refused[found.code] += 1
            else:
                finds.taken(found)
                extracted.add(found)
                taken += 1
                left_open += found.leaves_role_open
    return Extracted(taken, left_open, refused)
