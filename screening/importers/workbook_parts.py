"""The parts of a workbook, an archive of XML: what is in one, and to which others it refers.

XLSX is ECMA-376 part 1, with relationships as in part 2, 9.3; an ODS keeps its sheets in one part.
"""

import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from typing import Final
from xml.parsers import expat

_MAX_XML_BYTES: Final = 2 << 30
_CHUNK_BYTES: Final = 1 << 18
_MAX_UNFINISHED_BYTES: Final = 1 << 20
"""Of a tag with its attributes, or of a comment. The parser begins one that a chunk does not end
anew with the next chunk; the longest cell, 32,767 characters, has a quarter of that."""
_MAX_TEXT_CHARACTERS: Final = 1 << 18

Attributes = Mapping[str, str]


class Unsuitable(Exception):
    """A workbook that is not read; its text says why, after the name of the file."""


class Listener:
    """What is told of the elements of a part, by their local names, as they are parsed."""

    def start(self, name: str, attributes: Attributes) -> None:
        """Hear that an element begins."""

    def text(self, text: str) -> None:
        """Hear some of the text within the elements that have begun."""

    def end(self, name: str) -> None:
        """Hear that an element ends."""


class Pieces:
    """A text that is told piece by piece, and is no longer than what any cell holds."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0

    def add(self, piece: str) -> None:
        """Add a piece; raises `Unsuitable` where there is too much."""
        self._pieces.append(piece)
        self._length += len(piece)
        if self._length > _MAX_TEXT_CHARACTERS:
            raise _too_much()

    def take(self) -> str:
        """Return what was added, white space folded, and begin anew."""
        text = " ".join("".join(self._pieces).split())
        self._pieces, self._length = [], 0
        return text


class _Elements(Listener):
    def __init__(self) -> None:
        self.found: list[tuple[str, Attributes]] = []

    def start(self, name: str, attributes: Attributes) -> None:
        self.found.append((name, attributes))


def targets_of(archive: zipfile.ZipFile, part: str, folder: str) -> dict[str, tuple[str, str]]:
    """Return the relationships of a part: id -> last word of its type, and path in the archive."""
    return {
        attributes.get("Id", ""): (
            attributes.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))[1:],
        )
        for name, attributes in elements_of(archive, part)
        if name == "Relationship"
    }


def elements_of(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, Attributes]]:
    """Return the elements of a part in order, each by its local name and with its attributes."""
    elements = _Elements()
    parse(archive, part, elements)
    return iter(elements.found)


def parse(archive: zipfile.ZipFile, part: str, listener: Listener) -> None:
    """Tell `listener` of all in a part; raises `Unsuitable` where it is damaged, or not there."""

    def refuse_doctype(*_: object) -> None:
        raise damaged()

    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: listener.start(local(name), attributes)
    parser.CharacterDataHandler = listener.text
    parser.EndElementHandler = lambda name: listener.end(local(name))
    parser.StartDoctypeDeclHandler = refuse_doctype  # no workbook has one; entities need it
    try:
        with archive.open(part) as stream:
            size = 0
            while chunk := stream.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > _MAX_XML_BYTES:
                    raise Unsuitable("is larger inside than any table; save it as CSV UTF-8")
                parser.Parse(chunk, False)
                if size - parser.CurrentByteIndex > _MAX_UNFINISHED_BYTES:
                    raise _too_much()
            parser.Parse(b"", True)
    except (expat.ExpatError, KeyError):
        raise damaged() from None


def local(name: str) -> str:
    """Return a name without the prefix of its namespace."""
    return name.rpartition(":")[2]


def _too_much() -> Unsuitable:
    return Unsuitable("has more in one place than any cell; save it as CSV UTF-8")


def damaged() -> Unsuitable:
    """Return what is raised where a workbook is not what its format has."""
    return Unsuitable("is damaged; open it in a spreadsheet and save it again")
