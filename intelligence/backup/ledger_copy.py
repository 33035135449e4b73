"""A copy of a ledger whose writers go on, which an audit finds whole."""

from collections.abc import Iterator
from pathlib import Path

from intelligence.backup.description import copy_private
from screening.ledger.seals import LOCK, Seals
from screening.ledger.segment import SEALED
from screening.private_files import ensure_private_directory, open_private


def copy_ledger(ledger: Path, target: Path) -> dict[str, str]:
    """Copy all files of a ledger into a new folder; return what each hashes to, by its name.

    A segment that is sealed changes no more. While the rest is copied none can be sealed, which
    writers bear, and the end of one that is written to may be torn, which recovery does.
    """
    ensure_private_directory(target)
    copied = dict(_copied(_named(ledger, f"*{SEALED}"), target))
    with Seals(ledger).lock():
        left = [path for path in _named(ledger, "*") if path.name not in copied]
        return copied | dict(_copied(left, target))


def _named(ledger: Path, pattern: str) -> list[Path]:
    found = (path for path in ledger.glob(pattern) if path.is_file())
    return sorted(path for path in found if not path.name.startswith(".") and path.name != LOCK)


def _copied(paths: list[Path], target: Path) -> Iterator[tuple[str, str]]:
    for path in paths:
        with open_private(path) as source:
            yield path.name, copy_private(source, target / path.name)
