"""`docs/bulk.md`: its table leaves out no code, and has the letters of the receipts."""

import re
from typing import Final

from screening.client.bulk.outcomes import RAGGED, RESULT_CODES, TROUBLE_CODES
from tests.docs.session import ROOT

PAGE: Final = ROOT / "docs/bulk.md"


def test_every_code_stands_there_with_its_letter() -> None:
    found = re.findall(r"^\| `(\w+)` \| `(\w)` \|", PAGE.read_text(), re.MULTILINE)
    troubles = {(str(trouble), letter) for trouble, letter in TROUBLE_CODES.items()}
    assert set(found) == troubles | {("ragged_row", RAGGED), ("invalid", RESULT_CODES["invalid"])}
