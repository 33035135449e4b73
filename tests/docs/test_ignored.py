"""What the pages have a reader make in the checkout is no change of it: some of it is secret."""

import re
from fnmatch import fnmatch

import pytest

from tests.docs.session import ROOT

MADE = re.compile(
    r"(?:> ?|-o |--save-receipt |--kit |--report |\bcp (?:-R )?\S+ )([A-Za-z0-9][\w.-]+)"
)
"""How a command names a file or folder that it makes; those of other places have a slash."""
PAGES = ["README.md", *(f"docs/{name}.md" for name in ("lists", "operations", "test-mode"))]
BLOCK = re.compile(r"^```(?:sh|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def made_in(page: str) -> set[str]:
    blocks = BLOCK.findall((ROOT / page).read_text())
    found = {name for block in blocks for name in MADE.findall(block)}
    return {name for name in found if re.search("[a-z]", name)}


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_has_you_make_is_not_committed_by_mistake(page: str) -> None:
    patterns = [line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()]
    made = made_in(page)
    assert made
    assert {name for name in made if not any(fnmatch(name, one) for one in patterns)} == set()


def test_the_passphrase_of_a_backup_is_among_them() -> None:
    assert {"backup.pass", "console.pass", "host.vkey", "journal-copy", "kept"} <= made_in(
        "docs/operations.md"
    )
    assert "1001.receipt.json" in made_in("README.md")
