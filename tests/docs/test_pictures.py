"""The pictures of the hand-books: there, told in words, small, and taken by tests of the pages."""

import re
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image

from tests.docs.session import ROOT

_IMAGES: Final = ROOT / "docs/images"
_PICTURE: Final = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
_TAKEN: Final = re.compile(r'picture(?:=|\()"([a-z-]+)"')
_MOST: Final = 20
_MOST_BYTES: Final = 60_000


class Named(NamedTuple):
    """A picture that a page names."""

    page: Path
    told: str
    path: Path


def _named() -> list[Named]:
    return [
        Named(page, told, page.parent / path)
        for page in sorted((ROOT / "docs").rglob("*.md"))
        for told, path in _PICTURE.findall(page.read_text())
    ]


def test_both_hand_books_have_pictures_and_each_is_there_and_told_in_words() -> None:
    named = _named()
    assert {one.page.stem for one in named} == {"curation", "disclosure"}
    assert [one.path for one in named if not one.path.is_file()] == []
    assert [one.path for one in named if len(one.told.split()) < 6] == []


def test_every_picture_is_named_and_taken_by_a_test() -> None:
    there = {path.stem for path in _IMAGES.iterdir()}
    assert there == {one.path.stem for one in _named()}
    tests = (ROOT / "tests/intelligence/browser").glob("test_*.py")
    assert there == {name for test in tests for name in _TAKEN.findall(test.read_text())}


def test_pictures_are_few_and_small() -> None:
    there = sorted(_IMAGES.iterdir())
    assert len(there) <= _MOST
    for path in there:
        assert path.stat().st_size < _MOST_BYTES, path.name
        with Image.open(path) as picture:
            assert (picture.format, picture.mode, picture.width) == ("PNG", "P", 1000), path.name
