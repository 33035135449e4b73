"""Selectors out of free text, into a list that a curator looks through and publishes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Final

from indexer.list.sources import Place
from indexer.outputs import refuse_existing, refuse_overwriting
from indexer.report import (
    ExtractedList,
    Report,
    refuse_all_but_extracted_lists,
    refuse_all_but_reports,
)
from screening.importers.entry import ImportCode, Rejection, Role
from screening.importers.file_names import reported_name
from screening.importers.free_text import TextFile
from screening.importers.role_words import refuse_called_after_victims
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.file_starts import DOCUMENT_STARTS, WORKBOOK_STARTS

_START_BYTES: Final = max(map(len, (*WORKBOOK_STARTS, *DOCUMENT_STARTS)))


@dataclass(frozen=True, slots=True)
class Extracted:
    """How many selectors were taken, and how many places were not, for each reason.

    `left_open` are the rows of the list whose text speaks of a victim or a witness.
    """

    taken: int
    left_open: Sequence[Place]
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
    told = Role(role) if role else None
    refuse_called_after_victims(reported_name(file), told)
    refuse_overwriting(inputs=[file], outputs=[output, report])
    if not overwrite:
        refuse_existing([output, report])
    refuse_all_but_extracted_lists(output)
    refuse_all_but_reports(report)
    taken = 0
    left_open: list[Place] = []
    refused: Counter[ImportCode] = Counter()
    with (
        _opened(file) as stream,
        Report(report, overwrite=overwrite, finds=True) as finds,
        ExtractedList(output, role=told, overwrite=overwrite) as extracted,
    ):
        for found in TextFile(stream, file=reported_name(file), region=region, role=told):
            if isinstance(found, Rejection):
                finds.rejected(found)
                refused[found.code] += 1
            else:
                finds.taken(found)
                extracted.add(found)
                taken += 1
                if found.told is not None:
                    left_open.append(Place(output.name, taken + 1))  # each is one line
    return Extracted(taken, left_open, refused)


def _opened(file: Path) -> BufferedReader:
    """Open a file of text; `OperatorError` where it is none: nothing would be found in it."""
    stream = file.open("rb")
    start = stream.peek(_START_BYTES)
    if start.startswith(DOCUMENT_STARTS):
        stream.close()
        raise OperatorError(
            f"{reported_name(file)} is a PDF, RTF or picture and no text; copy what it says into a "
            "text file"
        )
    if start.startswith(WORKBOOK_STARTS):
        stream.close()
        raise OperatorError(
            f"{reported_name(file)} is a workbook and no text; take it in with: indexer import, or "
            "save its sheet as CSV"
        )
    return stream
