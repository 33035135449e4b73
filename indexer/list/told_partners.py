"""What the console was told last of who the partners are."""

from indexer.list.file import ListFile


class ToldPartners:
    """The row of a list file; what is noted goes with the up file of the same transaction."""

    def __init__(self, list_file: ListFile) -> None:
        self._sql = list_file.connection

    def find(self) -> str | None:
        """Return the SHA-256 of what was told last, None before anything was."""
        row = self._sql.execute("SELECT sha256 FROM told_partners").fetchone()
        return None if row is None else str(row[0])

    def note(self, sha256: str) -> None:
        """Note what is told now."""
        self._sql.execute("DELETE FROM told_partners")
        self._sql.execute("INSERT INTO told_partners VALUES (?)", (sha256,))
