"""How far the journals of API hosts were looked through for matches that the console is told of."""

from indexer.list.file import ListFile


class ToldSegments:
    """The rows of a list file, for one log, which its verifier key names."""

    def __init__(self, list_file: ListFile, log: str) -> None:
        self._sql = list_file.connection
        self._log = log

    def records(self, segment: str) -> int:
        """Return how many records of a segment were looked through: the first ones."""
        row = self._sql.execute(
            "SELECT records FROM told_segments WHERE log = ? AND segment = ?", (self._log, segment)
        ).fetchone()
        return 0 if row is None else int(row[0])

    def note(self, segment: str, records: int) -> None:
        """Note how many they are now; within the transaction of what was found in them."""
        self._sql.execute(
            "INSERT OR REPLACE INTO told_segments VALUES (?, ?, ?)", (self._log, segment, records)
        )
