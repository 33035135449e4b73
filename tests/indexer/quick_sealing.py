"""Backups that are sealed in a moment, in a process that tests start commands from.

A passphrase is stretched for a second with 256 MiB, which hundreds of backups would take minutes
for; that it is so in earnest is what `test_sealed_stream.py` and the pages' blocks show.
"""

from typing import Final

from screening.sealed_stream import SealingWriter
from screening.vocabulary.tokens import Argon2id

QUICK: Final = Argon2id(version=19, iterations=1, memory_kib=8, lanes=1)


def install() -> None:
    """Make it what this process and those forked from it seal with."""
    defaults = SealingWriter.__init__.__kwdefaults__
    assert defaults is not None
    defaults["kdf"] = QUICK
