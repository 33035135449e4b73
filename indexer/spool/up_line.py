"""The line of up files: what was written here, and what lies in the folder that was not.

Anybody who can write in the folder can lay any number there. So the line is what the list knows,
and a name of a file alone never moves it.
"""

from typing import Final

from indexer.list.file import ListFile
from indexer.list.up_files import UpFile, UpFiles
from screening.spools.folder import SpoolFolder
from screening.spools.sealed_file import Place
from screening.vocabulary.errors import OperatorError

_RESTORED: Final = "up_restored"
_IN_THE_WAY: Final = (
    "was not written here, and nothing is told to the console while it has that place; find out "
    "who has put it there, and move it away"
)
_IGNORED: Final = (
    "was not written here, and is ignored until its number comes; find out who has put it there, "
    "and move it away"
)
_NAMED_AT_MOST: Final = 5


class UpLine:
    """The up files of a deployment, by its list and its folder."""

    def __init__(self, list_file: ListFile, folder: SpoolFolder, deployment: str) -> None:
        self._list = list_file
        self._files = UpFiles(list_file)
        self._folder = folder
        self._deployment = deployment

    def last(self) -> UpFile | None:
        """Return the last file that is stored or written, None before the first."""
        return self._behind(self._files.last())

    def last_written(self) -> UpFile | None:
        """Return the last file that is written, None before the first."""
        return self._behind(self._files.last_laid())

    def go_on(self) -> UpFile | None:
        """Return the last file, which the next one follows; within the transaction that keeps that.

        What was written since the backup of a list that was restored counts as written from now on.
        """
        last = self.last()
        if self._list.find_number(_RESTORED):
            if last is not None and last != self._files.last():
                self._files.keep(last, is_laid=True)
            self._list.keep_number(_RESTORED, 0)
        return last

    def refuse_other(self, sequence: int) -> None:
        """Raise `OperatorError` where the place of a file that is stored has not that file."""
        if self._find_readable(sequence) != self._files.document(sequence):
            raise OperatorError(f"{self._folder.path(sequence)} {_IN_THE_WAY}")

    def strays(self) -> list[str]:
        """Return what to do with the first files that have a place in the line and are not of here.

        The one in the way is the first of them.
        """
        in_the_way = self._in_the_way()
        found = [] if in_the_way is None else [f"{self._folder.path(in_the_way)} {_IN_THE_WAY}"]
        ignored = self._ignored()[:_NAMED_AT_MOST]
        return found + [f"{self._folder.path(one)} {_IGNORED}" for one in ignored]

    def _in_the_way(self) -> int | None:
        """Return the number that is to be written next, where another's file has it."""
        sequence = next(iter(self._files.unlaid()), None)
        if sequence is None or not self._folder.has(sequence):
            return None
        is_ours = self._find_readable(sequence) == self._files.document(sequence)
        return None if is_ours else sequence

    def _ignored(self) -> list[int]:
        """Return the numbers behind the last that are taken: by nobody here."""
        there, last = self._folder.sequences(), self.last()
        return [one for one in there if last is None or one > last.sequence]

    def _behind(self, last: UpFile | None) -> UpFile | None:
        """Return what a list from a backup goes on from: it knows fewer than were written.

        That is the last of those in line behind `last` which begin as the indexer's do. What one
        holds cannot be opened here: it is sealed to the console.
        """
        if not self._list.find_number(_RESTORED):
            return last
        sequence = 1 if last is None else last.sequence + 1
        while document := self._find_readable(sequence):
            if not document.startswith(Place(self._deployment, "up", sequence).header):
                break
            last, sequence = UpFile(sequence, document), sequence + 1
        return last

    def _find_readable(self, sequence: int) -> bytes | None:
        try:
            return self._folder.find(sequence)
        except OperatorError:
            return None
