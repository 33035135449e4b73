"""Passwords: what is accepted as one, and Argon2id, a few at a time."""

import threading
import unicodedata
from typing import Final, NamedTuple

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw
from zxcvbn import zxcvbn

from intelligence.errors import Busy, FormRefused

MIN_CHARACTERS: Final = 12
_WEIGHED_CHARACTERS: Final = 72
"""Of a longer one the rest only makes it harder to guess; weighing it takes time by its square."""
_HARD_ENOUGH: Final = 3
"""Of 0 to 4, by zxcvbn (USENIX Security 2016): 10^8 guesses or more, where log-in is throttled."""
AT_A_TIME: Final = 2
"""Each takes 64 MiB and a core for some 50 ms (RFC 9106, second recommended option)."""
WAIT_S: Final = 5.0
DERIVED_BYTES: Final = 32


class Cost(NamedTuple):
    """What a key was derived at: kept with what it seals, for it may be more one day."""

    passes: int
    memory_kib: int
    lanes: int


class Passwords:
    """Hashes and verifies, for several threads; those who find no place in time are refused."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)
        self._places = threading.BoundedSemaphore(AT_A_TIME)
        # What a name that nobody has is compared with, so that it takes as long as one that is.
        self._nobodys = self._hasher.hash("nobody's")

    def hash(self, password: str) -> str:
        """Return what is stored of a password; raises `Busy`."""
        with _Place(self._places):
            return self._hasher.hash(_normal(password))

    def matches(self, stored: str | None, password: str) -> bool:
        """Tell whether it is the password; never for an account that has none. Raises `Busy`."""
        with _Place(self._places):
            try:
                self._hasher.verify(stored or self._nobodys, _normal(password))
            except (VerificationError, InvalidHashError):
                return False
            return stored is not None

    def derive(self, password: str, salt: bytes, cost: Cost) -> bytes:
        """Return 32 bytes that seal what only the holder of a password may use; raises `Busy`."""
        with _Place(self._places):
            return hash_secret_raw(
                _normal(password).encode(),
                salt,
                time_cost=cost.passes,
                memory_cost=cost.memory_kib,
                parallelism=cost.lanes,
                hash_len=DERIVED_BYTES,
                type=Type.ID,
            )

    @property
    def cost(self) -> Cost:
        """What a key is derived at from now on."""
        return Cost(self._hasher.time_cost, self._hasher.memory_cost, self._hasher.parallelism)


class _Place:
    """One of the few places at the hasher; raises `Busy` where none is free in time."""

    def __init__(self, places: threading.BoundedSemaphore) -> None:
        self._places = places

    def __enter__(self) -> None:
        if not self._places.acquire(timeout=WAIT_S):
            raise Busy

    def __exit__(self, *_: object) -> None:
        self._places.release()


def require_password(password: str, again: str, *, name: str) -> None:
    """Raise `FormRefused` for what is no password to choose; `name` is the account's."""
    if password != again:
        raise FormRefused("the two passwords differ; type the same one twice", "again")
    if len(password) < MIN_CHARACTERS:
        raise FormRefused(
            f"the password is too short; use {MIN_CHARACTERS} characters or more", "password"
        )
    known = [one for one in (name.casefold(), name.partition("@")[0].casefold()) if len(one) > 3]
    if any(one in password.casefold() for one in known):
        raise FormRefused("the password contains the log-in name; choose another one", "password")
    weighed = zxcvbn(password[:_WEIGHED_CHARACTERS], user_inputs=known)
    if weighed["score"] < _HARD_ENOUGH:
        raise FormRefused(
            "the password is among the first that are tried; four unrelated words are better",
            "password",
        )


def _normal(password: str) -> str:
    """Return one spelling of it: keyboards differ in how they compose accents (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", password)
