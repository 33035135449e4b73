"""Something that others do between a look at a file and its opening."""

import os
from collections.abc import Callable
from typing import Any

import pytest

WhenOpened = Callable[[str, Callable[[], object]], None]


def opening_of(monkeypatch: pytest.MonkeyPatch) -> WhenOpened:
    """Return what lets others do something just before the first file of a name is opened."""
    system_open = os.open

    def do(name: str, meanwhile: Callable[[], object]) -> None:
        def opened(path: Any, *arguments: Any, **options: Any) -> int:
            if os.fspath(path).endswith(name):
                monkeypatch.setattr(os, "open", system_open)
                meanwhile()
            return system_open(path, *arguments, **options)

        monkeypatch.setattr(os, "open", opened)

    return do
