"""Homes of consoles to be backed up, without a process that serves."""

import re
from pathlib import Path
from typing import Any, Final

from intelligence.settings import IntelligenceSettings
from screening.ledger.seals import LOCK
from screening.private_files import ensure_private_directory

PASSPHRASE: Final = b"sixteen characters and more"


def settings_for(folder: Path, database_url: str | None = None) -> IntelligenceSettings:
    given: dict[str, Any] = {
        "INTELLIGENCE_HOME": folder / "home",
        "INTELLIGENCE_SPOOL": folder / "spool",
        "INTELLIGENCE_DATABASE_URL": database_url,
    }
    return IntelligenceSettings(**given)


def events_of(settings: IntelligenceSettings) -> list[str]:
    """Return what is on record as having happened."""
    segments = sorted(settings.ledger.glob("*Z-*"))
    return [one for path in segments for one in re.findall(r'"event":"(.*?)"', path.read_text())]


def lose_ledger(settings: IntelligenceSettings) -> None:
    """Put a folder where the lock of its writers is: nothing more can be put on record."""
    lock = ensure_private_directory(settings.ledger) / LOCK
    lock.unlink(missing_ok=True)
    lock.mkdir()


def content_of(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder, none where it is not there."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}
