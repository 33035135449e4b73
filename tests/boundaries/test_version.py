"""The version is said in one place; whatever cannot read it there says the same."""

import re
import tomllib
from pathlib import Path

from screening import __version__

ROOT = Path(__file__).parents[2]


def test_the_project_is_of_the_version_that_the_program_says() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == __version__


def test_the_images_are_labelled_with_it() -> None:
    labelled = re.findall(r'image\.version="([^"]+)"', (ROOT / "Dockerfile").read_text())
    assert labelled == [__version__]


def test_no_program_asks_the_packages_that_are_installed() -> None:
    # In the images the tree is on PYTHONPATH, and no package of this name is installed.
    texts = [
        path.read_text()
        for folder in ("screening", "indexer")
        for path in (ROOT / folder).rglob("*.py")
    ]
    assert len(texts) > 100
    assert not [text for text in texts if "importlib.metadata" in text]
