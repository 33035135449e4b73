"""What a workbook shows that is the value of no cell: words of number formats, and titles.

Whoever looks at a sheet reads `victim` where `[=1]"victim"` is the format of a 1, and `List of
victims` in a text box or at the top of each page; the reader gives neither. (ECMA-376 part 1,
18.3.1.39, 18.8.30 and 20.5; OpenDocument 1.3 part 3, 4.3.2.2 and 16.9.)
"""

import re
import zipfile
from collections.abc import Iterable
from typing import Final

from indexer.importers.workbook_parts import Attributes, Listener, elements_of, parse
from indexer.importers.workbook_survey import SheetSurvey

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
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*]?.',
    re.DOTALL,
)
_PAGE_CODE: Final = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|[0-9]+|.)', re.DOTALL)
"""Of a font, colour or size, or where it stands: `&C&"Arial,Bold"&12`."""
_OF_TABLES: Final = ("name", "displayName")


def is_word(text: str) -> bool:
    """Tell whether there are letters in a text."""
    return any(map(str.isalpha, text))


def words_of_formats(archive: zipfile.ZipFile, part: str) -> list[str]:
    """Return the words that the format of each cell style shows beside a value, or "" for none."""
    codes: dict[str | None, str] = {}
    words, inside = [], False
    for name, attributes in elements_of(archive, part):
        if name == "numFmt":
            codes[attributes.get("numFmtId")] = attributes.get("formatCode", "")
        elif name == "xf":
            if inside:
                words.append(_words(codes.get(attributes.get("numFmtId"), "")))
        elif name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside = name == "cellXfs"
    return words


def _words(code: str) -> str:
    shown = "".join(
        match["quoted"] or match["escaped"] or match["currency"] or " "
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
        self._text = ""

    def start(self, name: str, attributes: Attributes) -> None:
        self._depth += name in self._within

    def text(self, text: str) -> None:
        if self._depth:
            self._found.count(text)
            self._text += text

    def end(self, name: str) -> None:
        self._depth -= name in self._within
        if name == "p" or name in self._within:
            if is_word(self._text):
                self._found.titled(self._text)
            self._text = ""


def hear_titles(
    archive: zipfile.ZipFile, part: str, within: Iterable[str], found: SheetSurvey
) -> None:
    """Take the texts within these elements of a part for titles, where the archive has it."""
    if part in archive.namelist():
        parse(archive, part, _Titles(within, found))
