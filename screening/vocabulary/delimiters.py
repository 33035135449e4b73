"""What may stand between the cells of a CSV file, and the first line that tells Excel which it is.

Without that line it is found: by the importer from a stream that may be damaged in any line, by
`gen-screen bulk` from whole records, for it gives the file back.
"""

import re
from typing import Final

DELIMITERS: Final = (",", ";", "\t", "|")
_SEPARATOR_LINE: Final = re.compile(r'sep=(.)|"sep=(.)"')


def tells_delimiter(line: str) -> bool:
    """Tell whether a first line is one like `sep=;`, whatever it tells."""
    return _SEPARATOR_LINE.fullmatch(line.strip("\r\n ")) is not None


def find_told_delimiter(line: str) -> str | None:
    """Return the delimiter that a first line like `sep=;` tells; None where it is none of ours."""
    told = _SEPARATOR_LINE.fullmatch(line.strip("\r\n "))
    delimiter = told and (told[1] or told[2])
    return delimiter if delimiter in DELIMITERS else None
