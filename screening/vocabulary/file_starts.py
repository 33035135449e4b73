"""How files begin that are no text: what spreadsheets write, and what nobody here reads."""

from typing import Final

ARCHIVE: Final = b"PK\x03\x04"
"""A ZIP archive, as .xlsx and .ods are (APPNOTE 4.3.7)."""
COMPOUND_FILE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Old Excel files, and new ones that are encrypted ([MS-CFB] 2.2)."""
WORKBOOK_STARTS: Final = (ARCHIVE, COMPOUND_FILE)
DOCUMENT_STARTS: Final = (
    b"%PDF-",
    b"{\\rtf",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"II*\0",
    b"MM\0*",
)
"""PDF (ISO 32000), RTF, PNG, JPEG, GIF and TIFF: what they show stands in no text of theirs."""
