"""A disk that takes no more of what was answered: the input is not to blame."""

import errno
from pathlib import Path
from typing import Final

from screening.vocabulary.errors import OperatorError

_OF_THE_DISK: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO))


class OutputUnwritten(OperatorError):
    """What a command writes has no room; what was answered and written before is kept."""


def unwritten(
    path: Path, error: OSError, *, mend: str = "mend that, and run this again"
) -> OperatorError:
    """Return what to raise where what was answered cannot be written; `mend` if a disk has room."""
    if error.errno in _OF_THE_DISK:
        return OutputUnwritten(
            f"{path} cannot be written: {error.strerror}; make room there, and run this again"
        )
    return OperatorError(f"{path} cannot be written: {error.strerror}; {mend}")
