"""No paragraph says a sentence twice, as one does that two changes were merged into."""

import re
from collections import Counter
from pathlib import Path
from typing import Final

from tests.docs.session import ROOT

_CODE: Final = re.compile(r"```.*?```", re.DOTALL)
_ENDS: Final = re.compile(r"(?<=[.:;])\s+")
_SHORT: Final = 30
"""Letters of what may well stand twice, such as "Do the same there:"."""


def said_twice(path: Path) -> list[str]:
    """Return the sentences, and long parts of them, that stand twice in a paragraph of a page."""
    found: list[str] = []
    for paragraph in re.split(r"\n\s*\n", _CODE.sub("", path.read_text())):
        prose = " ".join(line for line in paragraph.splitlines() if not line.startswith("|"))
        parts = Counter(" ".join(part.split()) for part in _ENDS.split(prose))
        found += [part for part, times in parts.items() if times > 1 and len(part) >= _SHORT]
    return found


def test_no_paragraph_of_a_page_says_a_sentence_twice() -> None:
    # Changes of one kind may well be told in one sentence each time.
    pages = [
        *(ROOT / name for name in ("README.md", "SECURITY.md")),
        *(ROOT / "docs").rglob("*.md"),
    ]
    assert {page.name: twice for page in pages if (twice := said_twice(page))} == {}


def test_a_sentence_that_stands_twice_is_found_out(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text("It writes a file.\nThe next when the last one is in force.\n" * 2)
    assert said_twice(page) == ["The next when the last one is in force."]
