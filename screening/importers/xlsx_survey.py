"""What a sheet of an XLSX or XLSM is like: how large, and what its reader leaves out.

ECMA-376 part 1, 18.2.2, 18.3.1 and 18.7.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterable
from typing import Final

from screening.importers.workbook_parts import (
    Attributes,
    Listener,
    Pieces,
    damaged,
    elements_of,
    local,
    parse,
    targets_of,
)
from screening.importers.workbook_shown import (
    PAGE_TEXTS,
    TITLES_OF_DOCUMENTS,
    CellFormats,
    hear_titles,
    page_text,
    titles_of_table,
)
from screening.importers.workbook_survey import SheetSurvey, number

_REFERENCE: Final = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_REMARKS: Final = ("comments", "threadedComment")
_VALUES: Final = ("v", "is")
_NUMBERS: Final = (None, "n")
_MAX_DIGITS: Final = 64


def survey_xlsx(archive: zipfile.ZipFile, sheet: str) -> SheetSurvey:
    """Look through a sheet of an XLSX or XLSM; raises `Unsuitable` where it cannot be read."""
    root = targets_of(archive, "_rels/.rels", "")
    book = next((path for kind, path in root.values() if kind == "officeDocument"), "")
    elements = list(elements_of(archive, book))
    ids = {
        attributes.get("name"): value
        for name, attributes in elements
        if name == "sheet"
        for key, value in attributes.items()
        if local(key) == "id"
    }
    folder, file = posixpath.split(book)
    targets = targets_of(archive, f"{folder}/_rels/{file}.rels", folder)
    styles = next(
        (path for kind, path in targets.values() if kind == "styles"), f"{folder}/styles.xml"
    )
    formats = CellFormats()
    if styles in archive.namelist():
        parse(archive, styles, formats)
    survey = _Sheet(
        keeps_results=not any(map(_asks_for_calculation, elements)),
        formats=formats,
    )
    part = targets.get(ids.get(sheet, ""), ("", ""))[1]
    parse(archive, part, survey)
    folder, file = posixpath.split(part)
    relations = f"{folder}/_rels/{file}.rels"
    if relations in archive.namelist():
        _look_around(archive, targets_of(archive, relations, folder).values(), survey.found)
    properties = (path for kind, path in root.values() if kind == "core-properties")
    core = next(properties, "docProps/core.xml")
    hear_titles(archive, core, TITLES_OF_DOCUMENTS, survey.found)
    return survey.found


def _look_around(
    archive: zipfile.ZipFile, parts: Iterable[tuple[str, str]], found: SheetSurvey
) -> None:
    """Look through the other parts of a sheet, each of some kind."""
    for kind, path in parts:
        if kind in _REMARKS:
            parse(archive, path, _Remarks(found))
        elif kind == "drawing":
            hear_titles(archive, path, ("txBody",), found)
        elif kind == "table" and path in archive.namelist():
            for title in titles_of_table(archive, path):
                found.titled(title)


def _asks_for_calculation(element: tuple[str, Attributes]) -> bool:
    """Tell whether what is kept of formulas is no result: some programs write 0 for every one."""
    name, attributes = element
    return name == "calcPr" and attributes.get("fullCalcOnLoad") in ("1", "true")


class _Sheet(Listener):
    def __init__(self, *, keeps_results: bool, formats: CellFormats) -> None:
        self.found = SheetSurvey()
        self._formats = formats
        self._style = 0
        self._value = ""
        self._page_text = Pieces()
        self._is_page_text = False
        self._keeps_results = keeps_results
        self._row = 0
        self._column = 0
        self._type: str | None = None
        self._is_formula = False
        self._is_value = False
        self._has_value = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            self._row = number(attributes.get("r"), self._row + 1)
            self._column = 0
        elif name == "c":
            self._column += 1
            if "r" in attributes:
                self._row, self._column = _place(attributes["r"])
            self._type = attributes.get("t")
            self._style = number(attributes.get("s"), 0)
            self._value = ""
            self._is_formula = self._has_value = False
        elif name == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            self.found.merged.add(_place(first), _place(last or first))
        elif name == "f":
            self._is_formula = True
        elif name in _VALUES:
            self._is_value = True
            self._has_value = self._type == "str"  # the one value that may be empty
        elif name in PAGE_TEXTS:
            self._is_page_text = True

    def text(self, text: str) -> None:
        if self._is_value:
            self._has_value = True
            if self._type in _NUMBERS and len(self._value) < _MAX_DIGITS:
                self._value += text
        elif self._is_page_text:
            self._page_text.add(text)

    def end(self, name: str) -> None:
        if name in PAGE_TEXTS:
            self.found.titled(page_text(self._page_text.take()))
            self._is_page_text = False
        elif name in _VALUES:
            self._is_value = False
        elif name == "c":
            is_result = self._has_value and self._keeps_results
            is_uncalculated = self._is_formula and not is_result
            is_error = self._type == "e" or is_uncalculated
            self.found.saw(self._row, self._column, is_error=is_error)
            if self._has_value:
                self.found.showed(
                    self._row, self._formats.words(self._style, self._value.removesuffix(".0"))
                )


class _Remarks(Listener):
    def __init__(self, found: SheetSurvey) -> None:
        self._found = found
        self._row = 0
        self._is_text = False

    def start(self, name: str, attributes: Attributes) -> None:
        if "ref" in attributes:
            self._row, _ = _place(attributes["ref"])
            self._found.remarks[self._row].append("")
        self._is_text = name in ("t", "text")

    def text(self, text: str) -> None:
        if self._is_text and self._row:
            self._found.noted(self._row, text)

    def end(self, name: str) -> None:
        self._is_text = False


def _place(reference: str) -> tuple[int, int]:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise damaged()
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column
