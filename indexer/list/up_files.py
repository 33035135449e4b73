"""The up files of a deployment: each is stored with its number before it is written."""

from typing import NamedTuple

from indexer.list.file import ListFile


class UpFile(NamedTuple):
    """One file, sealed to the console."""

    sequence: int
    document: bytes


class UpFiles:
    """The rows of a list file."""

    def __init__(self, list_file: ListFile) -> None:
        self._sql = list_file.connection

    def last(self) -> UpFile | None:
        """Return the last that is stored, None before the first."""
        row = self._sql.execute(
            "SELECT sequence, document FROM up_files ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
        return None if row is None else UpFile(*row)

    def last_laid(self) -> UpFile | None:
        """Return the last that is written, None before the first."""
        row = self._sql.execute(
            "SELECT sequence, document FROM up_files WHERE is_laid ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
        return None if row is None else UpFile(*row)

    def keep(self, file: UpFile, *, is_laid: bool = False) -> None:
        """Store one, which is not written yet, or is; within a transaction."""
        self._sql.execute("INSERT INTO up_files VALUES (?, ?, ?)", (*file, is_laid))

    def unlaid(self) -> list[int]:
        """Return the numbers of those that are to be written."""
        rows = self._sql.execute(
            "SELECT sequence FROM up_files WHERE NOT is_laid ORDER BY sequence"
        )
        return [int(sequence) for (sequence,) in rows]

    def document(self, sequence: int) -> bytes:
        """Return one that is stored and not written yet."""
        chosen = "SELECT document FROM up_files WHERE sequence = ?"
        return bytes(self._sql.execute(chosen, (sequence,)).fetchone()[0])

    def note_laid(self, sequence: int) -> None:
        """Note that one is written; of those that are the last alone is kept: status names it."""
        self._sql.execute("UPDATE up_files SET is_laid = 1 WHERE sequence = ?", (sequence,))
        self._sql.execute(
            "UPDATE up_files SET document = x'' WHERE is_laid AND document != x'' "
            "AND sequence < (SELECT max(sequence) FROM up_files WHERE is_laid)"
        )
