"""What a workbook shows that is the value of no cell: words of number formats, and titles.

Whoever looks at a sheet reads `victim` where `[=1]"victim"` is the format of a 1, and `List of
victims` in a text box or at the top of each page; the reader gives neither. (ECMA-376 part 1,
18.3.1.39, 18.8.30 and 20.5; OpenDocument 1.3 part 3, 4.3.2.2 and 16.9.)
"""

import re
import zipfile
from collections.abc import Iterable
from typing import Final

from screening.importers.workbook_parts import (
    Attributes,
    Listener,
    Pieces,
    Unsuitable,
    elements_of,
    parse,
)
from screening.importers.workbook_survey import SheetSurvey, is_word

TITLES_OF_DOCUMENTS: Final = ("title", "subject")
"""In the metadata of either format (Dublin Core)."""
PAGE_TEXTS: Final = frozenset(
    (
        *("oddHeader", "evenHeader", "firstHeader", "oddFooter", "evenFooter", "firstFooter"),
        *("header", "header-left", "header-first", "footer", "footer-left", "footer-first"),
    )
)
"""What stands above or below each printed page, in XLSX and in ODS."""

_FORMAT: Final = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\[\]-]*)(?:-[^\[\]]*)?\]|\[[^\[\]]*\]'
    r"|(?P<digits>[0#?][0#?.,/%]*)|[_*]?.",
    re.DOTALL,
)
_VALUE: Final = "\0"
"""Where a format shows the digits of the value; no XML holds it."""
_MAX_CODE_CHARACTERS: Final = 4_096
_MAX_FORMATS: Final = 1 << 16
"""As many as Excel has, and more."""
_PAGE_CODE: Final = re.compile(
    r'&(?:"[^"]*"|K(?:[0-9A-Fa-f]{6}|[0-9]{2}[+-][0-9]{3})|[0-9]+|.)', re.DOTALL
)
"""Of a font, colour or size, or where it stands: `&C&"Arial,Bold"&12`."""
_OF_TABLES: Final = ("name", "displayName")


class CellFormats(Listener):
    """What the format of each cell style shows beside a value; raises `Unsuitable` at too many."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        self._styles: list[str] = []
        self._are_of_cells = False

    def start(self, name: str, attributes: Attributes) -> None:
        """Take in a format, or a style that has one."""
        if name == "numFmt":
            code = attributes.get("formatCode", "")
            self._codes[attributes.get("numFmtId", "")] = code[:_MAX_CODE_CHARACTERS]
        elif name == "cellXfs":
            self._are_of_cells = True
        elif name == "xf" and self._are_of_cells:
            self._styles.append(attributes.get("numFmtId", ""))
        if max(len(self._codes), len(self._styles)) > _MAX_FORMATS:
            raise Unsuitable("has more formats than any spreadsheet; save it as CSV UTF-8")

    def end(self, name: str) -> None:
        """Leave the styles of cells."""
        if name == "cellXfs":
            self._are_of_cells = False

    def words(self, style: int, value: str) -> str:
        """Return the words that a style shows, with a number in its place, or "" for none."""
        number = self._styles[style] if style < len(self._styles) else ""
        if number not in self._codes:
            return ""
        if number not in self._shown:
            self._shown[number] = _words(self._codes[number])
        return self._shown[number].replace(_VALUE, value)


def _words(code: str) -> str:
    shown = "".join(
        match["quoted"]
        or match["escaped"]
        or match["currency"]
        or (_VALUE if match["digits"] else " ")
        for match in _FORMAT.finditer(code)
    )
    return " ".join(shown.split()) if is_word(shown) else ""


def page_text(text: str) -> str:
    """Return what a header or footer of a page says, without the codes of its fonts."""
    return _PAGE_CODE.sub(" ", text)


def titles_of_table(archive: zipfile.ZipFile, part: str) -> list[str]:
    """Return the names of an Excel table that a sheet holds."""
    return [
        attributes[key]
        for name, attributes in elements_of(archive, part)
        if name == "table"
        for key in _OF_TABLES
        if key in attributes
    ]


class _Titles(Listener):
    """Takes in each text that stands in one of some elements, in the paragraphs that it has."""

    def __init__(self, within: Iterable[str], found: SheetSurvey) -> None:
        self._within = frozenset(within)
        self._found = found
        self._depth = 0
        self._text = Pieces()

    def start(self, name: str, attributes: Attributes) -> None:
        self._depth += name in self._within

    def text(self, text: str) -> None:
        if self._depth:
            self._text.add(text)

    def end(self, name: str) -> None:
        self._depth -= name in self._within
        if name == "p" or name in self._within:
            self._found.titled(self._text.take())


def hear_titles(
    archive: zipfile.ZipFile, part: str, within: Iterable[str], found: SheetSurvey
) -> None:
    """Take the texts within these elements of a part for titles, where the archive has it."""
    if part in archive.namelist():
        parse(archive, part, _Titles(within, found))
