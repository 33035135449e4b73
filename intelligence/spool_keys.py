"""The console's keys of the spools, and the indexer's that it trusts: files of the home."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from screening.private_files import create_private, read_private, read_regular, replace_private
from screening.spools.keys import SpoolKey, SpoolSecrets, parse_key, spell_key
from screening.vocabulary.errors import OperatorError

CONSOLE_KEY: Final = "console.spool.pub"
INDEXER_KEY: Final = "indexer.spool.pub"
_OPENING: Final = "spool-opening.key"
_SIGNING: Final = "spool-signing.key"
SPOOL_KEY_FILES: Final = (CONSOLE_KEY, INDEXER_KEY, _OPENING, _SIGNING)
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Peers:
    """Both sides of the spools, once each is trusted by this one."""

    console: SpoolSecrets
    indexer: SpoolKey

    @property
    def deployment(self) -> str:
        """The name of the deployment that both are for."""
        return self.indexer.deployment


class SpoolKeys:
    """What a home has for its spools; its `repr` shows nothing of it."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def __repr__(self) -> str:
        return "SpoolKeys(...)"

    def make(self, deployment: str) -> SpoolKey:
        """Make the console's keys, as far as they are not there; return what the indexer is given.

        Nothing of it counts until it is given out. Until an indexer is trusted they may be given
        the name of another deployment: the first may have been a slip. Raises `OperatorError` where
        the one that is trusted is of another.
        """
        indexer = self._find_indexer()
        if indexer is not None and indexer.deployment != deployment:
            raise OperatorError(
                f"this console trusts the indexer of another deployment than {deployment}; check "
                "the name with: indexer spool status"
            )
        for name in (_OPENING, _SIGNING):
            if not (self._home / name).exists():
                create_private(self._home / name, secrets.token_bytes(_KEY_BYTES))
        return self._secrets().public("console", deployment)

    def give_out(self, console: SpoolKey) -> Path:
        """Write what the indexer is given; return where it is."""
        path = self._home / CONSOLE_KEY
        replace_private(path, spell_key(console))
        return path

    def read_brought(self, indexer: Path, *, replacing: bool) -> SpoolKey:
        """Return an indexer's key that may be trusted here.

        Raises `OperatorError` where it is for elsewhere; and, where it is not `replacing` another,
        where another is trusted.
        """
        own = self._home / CONSOLE_KEY
        if not own.exists():
            raise OperatorError("this console has no keys yet; run: intelligence spool init")
        key = parse_key(read_regular(indexer), "indexer")
        if key.deployment != parse_key(read_private(own), "console").deployment:
            raise OperatorError("this key is for another deployment; take this one's indexer's")
        if self._find_indexer() not in (None, key) and not replacing:
            raise OperatorError(
                "another indexer is trusted here; pass --replace where its key was made anew"
            )
        return key

    def trust(self, indexer: SpoolKey) -> None:
        """Keep the key of the indexer that is trusted from now on."""
        replace_private(self._home / INDEXER_KEY, spell_key(indexer))

    def find_public(self) -> tuple[SpoolKey | None, SpoolKey | None]:
        """Return the console's key and the trusted indexer's, each None where there is none."""
        own = self._home / CONSOLE_KEY
        console = parse_key(read_private(own), "console") if own.exists() else None
        return console, self._find_indexer()

    def find_peers(self) -> Peers | None:
        """Return both sides, None while no indexer is trusted."""
        indexer = self._find_indexer()
        return None if indexer is None else Peers(self._secrets(), indexer)

    def _find_indexer(self) -> SpoolKey | None:
        path = self._home / INDEXER_KEY
        return parse_key(read_private(path), "indexer") if path.exists() else None

    def _secrets(self) -> SpoolSecrets:
        halves = [read_private(self._home / name) for name in (_OPENING, _SIGNING)]
        if any(len(half) != _KEY_BYTES for half in halves):
            raise OperatorError(f"a spool key in {self._home} is damaged; restore it from a backup")
        return SpoolSecrets(*halves)
