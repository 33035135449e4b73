"""Which calls change files, in their order: no other test sees what a power cut would undo."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

WATCHED = ("write", "pwrite", "fdatasync", "fsync", "ftruncate", "rename", "replace", "link")


def watch_durable_steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that each such call joins, with the suffix or name of what it is about."""
    noted: list[str] = []

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            about = arguments[0]
            path = Path(f"/proc/self/fd/{about}").readlink() if isinstance(about, int) else about
            noted.append(f"{name} {path.suffix or path.name}")
            return function(*arguments)

        return called

    for name in WATCHED:
        monkeypatch.setattr(os, name, watched(name, getattr(os, name)))
    return noted
