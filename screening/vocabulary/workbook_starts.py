"""How files begin that spreadsheets write, and that are no text."""

from typing import Final

ARCHIVE: Final = b"PK\x03\x04"
"""A ZIP archive, as .xlsx and .ods are (APPNOTE 4.3.7)."""
COMPOUND_FILE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Old Excel files, and new ones that are encrypted ([MS-CFB] 2.2)."""
WORKBOOK_STARTS: Final = (ARCHIVE, COMPOUND_FILE)
