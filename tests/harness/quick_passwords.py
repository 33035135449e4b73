"""Passwords that are hashed in a moment, in a process that tests start consoles from or work in.

A hash takes 64 MiB and a core for a tenth of a second, and a page that is signed takes two: most of
what consoles did in tests. That it is so in earnest is what `test_passwords.py` and the demo show.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from argon2 import PasswordHasher

from intelligence.staff.passwords import Passwords

QUICK: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def install() -> None:
    """Make it what this process and those forked from it hash with."""
    Passwords.__init__.__defaults__ = (QUICK,)


@contextmanager
def in_use() -> Iterator[None]:
    """Make it what this process hashes with for a while."""
    in_earnest = Passwords.__init__.__defaults__
    install()
    try:
        yield
    finally:
        Passwords.__init__.__defaults__ = in_earnest
