"""What the console was told last of how something stands, such as the partners."""

from indexer.list.file import ListFile


class ToldStates:
    """A row of a list file for `what`; what is noted goes with the up file of its transaction."""

    def __init__(self, list_file: ListFile, what: str) -> None:
        self._sql = list_file.connection
        self._what = what

    def find(self) -> str | None:
        """Return the SHA-256 of what was told last, None before anything was."""
        row = self._sql.execute(
            "SELECT sha256 FROM told_states WHERE what = ?", (self._what,)
        ).fetchone()
        return None if row is None else str(row[0])

    def note(self, sha256: str) -> None:
        """Note what is told now."""
        self._sql.execute("INSERT OR REPLACE INTO told_states VALUES (?, ?)", (self._what, sha256))


def forget_told_states(list_file: ListFile) -> None:
    """Forget what the console was told last, so that all of it is told anew.

    So it is after a restore: nobody here knows what it was told since the backup.
    """
    list_file.connection.execute("DELETE FROM told_states")
