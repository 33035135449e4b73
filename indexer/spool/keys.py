"""The indexer's keys of the spools, and the console's that it trusts: files of the keyring."""

import secrets
from pathlib import Path
from typing import Final

from indexer.keyring import KEYRING, Keys
from screening.private_files import create_private, read_private, replace_private
from screening.spools.keys import SpoolKey, SpoolSecrets, deployment_of, parse_key, spell_key
from screening.vocabulary.errors import OperatorError

OPENING: Final = "spool-opening.key"
SIGNING: Final = "spool-signing.key"
CONSOLE: Final = "console.spool.pub"
_KEY_BYTES: Final = 32


def is_console_trusted(home: Path) -> bool:
    """Tell whether a home has a console's key."""
    return (home / KEYRING / CONSOLE).exists()


class SpoolKeys:
    """What a home has for its spools; its `repr` shows nothing of it."""

    def __init__(self, home: Path, keyring: Keys) -> None:
        """Take the home, whose keyring is there; raises nothing where the keys are not."""
        self._folder = home / KEYRING
        self.deployment = deployment_of(keyring.signer.verifier().public_key)

    def __repr__(self) -> str:
        return f"SpoolKeys({self.deployment})"

    def make(self) -> None:
        """Make the indexer's keys, as far as they are not there yet."""
        for name in (OPENING, SIGNING):
            if not (self._folder / name).exists():
                create_private(self._folder / name, secrets.token_bytes(_KEY_BYTES))

    def refuse_other(self, console: SpoolKey, *, replacing: bool) -> None:
        """Raise `OperatorError` where a console's key is not for here, or another is trusted.

        Where it is `replacing` that, only where it is not for here.
        """
        if console.deployment != self.deployment:
            raise OperatorError(
                f"this key is for deployment {console.deployment}, and here is {self.deployment}; "
                "have the console's made for this one"
            )
        if self.find_console() not in (None, console) and not replacing:
            raise OperatorError(
                "another console is trusted here; pass --replace where its key was made anew"
            )

    def trust(self, console: SpoolKey) -> None:
        """Keep the console's key."""
        replace_private(self._folder / CONSOLE, spell_key(console))

    def find_console(self) -> SpoolKey | None:
        """Return the console's key, None where no console is trusted yet."""
        path = self._folder / CONSOLE
        return parse_key(read_private(path), "console") if path.exists() else None

    def console(self) -> SpoolKey:
        """Return the console's key; raises `OperatorError` where no console is trusted."""
        found = self.find_console()
        if found is None:
            raise OperatorError("no console is trusted here yet; run: indexer spool init")
        return found

    def secrets(self) -> SpoolSecrets:
        """Return the indexer's private halves; raises `OperatorError` where they are not there."""
        halves = [read_private(self._folder / name) for name in (OPENING, SIGNING)]
        if any(len(half) != _KEY_BYTES for half in halves):
            raise OperatorError(
                f"a spool key in {self._folder} is damaged; restore it from a backup"
            )
        return SpoolSecrets(*halves)

    def public(self) -> SpoolKey:
        """Return what the console is given."""
        return self.secrets().public("indexer", self.deployment)
