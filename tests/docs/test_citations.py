"""What code and pages cite as their source can be read: page and section are there."""

import re
from pathlib import Path
from typing import Final

from tests.docs.session import ROOT

_FOLDERS: Final = ("deploy", "docs", "examples", "indexer", "loadtests", "screening", "tests")
_SUFFIXES: Final = {".conf", ".md", ".mjs", ".py", ".sql", ".template"}
_AT_THE_ROOT: Final = (
    "CHANGELOG.md",
    "Dockerfile",
    "Makefile",
    "README.md",
    "compose.yaml",
    "pyproject.toml",
)
_PAGE: Final = re.compile(r"[\w./-]*\w\.md\b")
_SECTION: Final = re.compile(r'([\w./-]+\.md)(?:\'s)?, "([A-Z][^"]+)"')
_HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)


def _written() -> list[Path]:
    """Return all that is written here, without what npm lays beside an example."""
    below = (path for folder in _FOLDERS for path in sorted((ROOT / folder).rglob("*")))
    ours = [path for path in below if path.suffix in _SUFFIXES and "node_modules" not in path.parts]
    return [*(ROOT / name for name in _AT_THE_ROOT), *ours]


def _find_page(name: str, citing: Path) -> Path | None:
    """Return the page of a name: from the root, and on a page from its own folder, too."""
    folders = [ROOT, citing.parent] if citing.suffix == ".md" else [ROOT]
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def _prose(path: Path) -> str:
    """Return a text with its lines joined, comments as well."""
    return re.sub(r"\n\s*(?:#+ |// )?", " ", path.read_text())


def uncited(path: Path) -> list[str]:
    """Name the pages and sections that a file cites, and that nobody can read."""
    text = _prose(path)
    lost = [name for name in _PAGE.findall(text) if _find_page(name, path) is None]
    for name, section in _SECTION.findall(text):
        page = _find_page(name, path)
        headings = [] if page is None else _HEADING.findall(page.read_text())
        if not any(heading.startswith(section) for heading in headings):
            lost.append(f"{name}, {section}")
    return lost


def test_every_page_and_section_that_is_cited_is_there() -> None:
    lost = {str(path.relative_to(ROOT)): uncited(path) for path in _written()}
    assert {path: names for path, names in lost.items() if names} == {}


def test_a_page_or_section_that_is_not_there_is_found_out(tmp_path: Path) -> None:
    citing = tmp_path / "module.py"
    gone, section = "gone" + ".md", "docs/protocol" + '.md, "Nothing"'
    citing.write_text(f'"""Why so: docs/{gone}; {section}; docs/protocol.md,\n"The kit"."""\n')
    assert uncited(citing) == [f"docs/{gone}", "docs/protocol.md, Nothing"]
