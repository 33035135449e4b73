"""How far the console was told what the index digests of each token key stand for."""

from typing import NamedTuple

from indexer.list.file import ListFile


class ToldMap(NamedTuple):
    """All was told through `revision`, and of what `going_to` has beside it the forms `through`."""

    key_id: str
    made_as: str
    revision: int
    going_to: int
    through: bytes


class ToldMaps:
    """The rows of a list file; what is noted goes with the up file of the same transaction."""

    def __init__(self, list_file: ListFile) -> None:
        self._sql = list_file.connection

    def find(self, key_id: str) -> ToldMap | None:
        """Return how far a token key was told, None where nothing was."""
        row = self._sql.execute("SELECT * FROM told_maps WHERE key_id = ?", (key_id,)).fetchone()
        return None if row is None else ToldMap(*row)

    def key_ids(self) -> list[str]:
        """Return the token keys of which something was told."""
        return [row[0] for row in self._sql.execute("SELECT key_id FROM told_maps ORDER BY key_id")]

    def note(self, told: ToldMap) -> None:
        """Note how far a token key is told now."""
        self._sql.execute("INSERT OR REPLACE INTO told_maps VALUES (?, ?, ?, ?, ?)", told)

    def forget(self, key_id: str) -> None:
        """Note that a token key is told to be live no more."""
        self._sql.execute("DELETE FROM told_maps WHERE key_id = ?", (key_id,))
