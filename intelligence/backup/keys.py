"""The keys of a home in one file, sealed under a passphrase: apart from what they open.

It is sealed as `screening/sealed_stream.py` says; within is one document of JSON.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from intelligence.opening import open_journal
from intelligence.settings import IntelligenceSettings
from intelligence.spool_keys import SPOOL_KEY_FILES
from intelligence.store.key_file import KEY_FILE
from screening.account import actor
from screening.private_files import (
    create_private,
    open_private,
    private_file,
    read_private,
)
from screening.sealed_stream import OpeningReader, SealingWriter
from screening.spools.spelling import Count
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.unreadable import UNREADABLE

_FILES: Final = (KEY_FILE, *SPOOL_KEY_FILES)
_MOST_BYTES: Final = 1 << 20


class _Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["console-keys/1"]
    made_at: Count
    files: Mapping[str, bytes]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.made_at}, {sorted(self.files)})"


def back_up_keys(settings: IntelligenceSettings, path: Path, passphrase: bytes) -> list[str]:
    """Write the keys of the home into `path`, whole or not at all; return the files' names."""
    if os.path.lexists(path):
        raise OperatorError(f"{path} is there already; name another")
    if path.resolve().is_relative_to(settings.home.resolve()):
        raise OperatorError(f"{path} is in the home, and would be lost with it; name another")
    found = [name for name in _FILES if (settings.home / name).exists()]
    if KEY_FILE not in found:
        raise OperatorError(f"{settings.home / KEY_FILE} is missing; set INTELLIGENCE_HOME")
    files = {name: read_private(settings.home / name) for name in found}
    with open_journal(settings) as journal:
        journal.record(actor(), "keys backed up")
    document = msgspec.json.encode(_Sealed("console-keys/1", int(time.time()), files))
    with private_file(path, overwrite=False) as file:
        writer = SealingWriter(file, passphrase)
        writer.write(document)
        writer.finish()
    return found


def open_keys(path: Path, passphrase: bytes) -> Mapping[str, bytes]:
    """Return the files of keys by their names; raises `OperatorError`."""
    with open_private(path) as file:
        reader = OpeningReader(file, passphrase)
        document = bytearray()
        while len(document) <= _MOST_BYTES and (block := reader.read(_MOST_BYTES)):
            document += block
    try:
        files = msgspec.json.decode(document, type=_Sealed).files
    except UNREADABLE:
        files = {}
    if KEY_FILE not in files or not files.keys() <= set(_FILES):
        raise OperatorError(
            "this file holds no keys of a console; take one that `intelligence keys backup` wrote"
        )
    return files


def lay_keys(home: Path, files: Mapping[str, bytes]) -> None:
    """Write the keys into a home that has none."""
    for name, content in files.items():
        create_private(home / name, content)
