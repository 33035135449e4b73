"""The pairs of keys by which matches on record are sealed, and opened somewhere else.

The public halves lie in the keyring and in the API's share, in one file: the oldest first. The
private halves lie in a folder of their own, one file each, until they are moved away: no backup has
them (docs/decisions/0028-matches-are-sealed.md), and nothing here ever reads them.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from indexer.keyring import KEYRING
from screening.disclosure.keys import (
    PUBLIC_HALVES,
    DisclosureKey,
    encode_public_halves,
    read_public_halves,
)
from screening.disclosure.opening import PrivateHalf
from screening.private_files import create_private, ensure_private_directory, replace_private
from screening.vocabulary.errors import OperatorError


class DisclosurePairs:
    """The disclosure keys of one deployment."""

    def __init__(self, home: Path, share: Path, private: Path) -> None:
        """Take the folders; raises `OperatorError` where the private one would go with another."""
        self._kept = home / KEYRING / PUBLIC_HALVES
        self._shared = share / PUBLIC_HALVES
        self._private = private
        apart = Path(os.path.realpath(private))
        for other in (home, share):
            real = Path(os.path.realpath(other))
            if apart.is_relative_to(real) or real.is_relative_to(apart):
                raise OperatorError(
                    f"private halves of disclosure keys would be backed up with {home}, or given "
                    f"to every API host with {share}; point DISCLOSURE_HOME to a folder apart from "
                    "both"
                )

    def known(self) -> list[DisclosureKey]:
        """Return the public halves, the oldest first."""
        return _read(self._kept)

    def lay_share(self) -> None:
        """Let keyring and API's share have the same keys: those of the one that knows more.

        A command that died has left the share behind; a restored backup, the keyring. Raises
        `OperatorError` where neither goes on from the other.
        """
        kept, shared = self.known(), _read(self._shared)
        if shared[: len(kept)] == kept:
            self._lay(self._kept, kept, shared)
        elif kept[: len(shared)] == shared:
            self._lay(self._shared, shared, kept)
        else:
            raise OperatorError(
                f"{self._shared} belongs to another keyring; point SCREENING_SECRETS elsewhere"
            )

    def add(self, half: PrivateHalf) -> Path:
        """Keep a new pair, which seals from now on; return the file of its private half.

        The private half is durable before anything can be sealed to the public one.
        """
        path = ensure_private_directory(self._private) / f"disclosure-{half.key.id}.key"
        create_private(path, half.secret)
        keys = [*self.known(), half.key]
        for public in (self._kept, self._shared):
            replace_private(public, encode_public_halves(keys))
        return path

    @staticmethod
    def _lay(path: Path, fewer: Sequence[DisclosureKey], keys: Sequence[DisclosureKey]) -> None:
        if fewer != keys:
            replace_private(path, encode_public_halves(keys))


def _read(path: Path) -> list[DisclosureKey]:
    return read_public_halves(path) if path.exists() else []
