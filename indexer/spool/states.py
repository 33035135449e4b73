"""How something stands is told to the console whenever it differs from what was told last."""

import hashlib
from collections.abc import Callable, Mapping

import msgspec

from indexer.deployment import Deployment
from indexer.list.told_states import ToldStates
from indexer.spool.keys import SpoolKeys
from indexer.spool.up import UpSpool
from screening.spools.up_file import UpHead


class States:
    """Tells how `what` of a deployment stands."""

    def __init__(self, deployment: Deployment, what: str, told_as: str) -> None:
        """Raises `OperatorError` where `spool init` has not been run.

        `told_as` is the format in which it is told: in another one it is told anew.
        """
        self._d = deployment
        keys = SpoolKeys(deployment.settings.home, deployment.keyring)
        keys.console()
        self._up = UpSpool(deployment, keys)
        self._what, self._told_as = what, told_as
        self._told = ToldStates(deployment.list_file, what)
        self._looked_at = ToldStates(deployment.list_file, f"{what} looked at")

    def is_as_before(self, tag: str) -> bool:
        """Tell whether it stands as when `note` was given this tag, which costs no look at it.

        What is stored and not written yet is written.
        """
        self._up.lay()
        return self._looked_at.find() == self._named(tag)

    def note(self, tag: str) -> None:
        """Note that all was told of how it stands at a tag."""
        self._looked_at.note(self._named(tag))

    def _named(self, tag: str) -> str:
        return f"{tag} as {self._told_as}"

    def tell(
        self,
        standing: object,
        content_of: Callable[[UpHead], msgspec.Struct],
        facts: Mapping[str, object],
        *,
        again: bool = False,
    ) -> bool:
        """Tell how it stands, with these facts on record; return whether it was told.

        It is where that is news, and `again` where it is not.
        """
        self._up.lay()
        sha256 = hashlib.sha256(msgspec.json.encode((self._told_as, standing))).hexdigest()
        if self._told.find() == sha256 and not again:
            return False
        self._d.record(f"spool {self._what}", **facts)
        with self._d.list_file.transaction():
            self._up.keep(content_of)
            self._told.note(sha256)
        self._up.lay()
        return True
