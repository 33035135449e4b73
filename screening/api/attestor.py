"""Says in Redis, under the name of this host, what it answers from; and finds out who else does."""

import secrets
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import msgspec
import redis

from screening.alarms import Alarms
from screening.api.cache import AnswersFrom
from screening.generations.attestation import (
    ATTESTATION_LIFE_S,
    ATTESTATION_MAX_BYTES,
    HostAttestation,
    attest,
)
from screening.store import keys
from screening.store.bounded_reads import read_strings
from screening.vocabulary.unreadable import UNREADABLE

_MARK_BYTES: Final = 8
_MARKS_KEPT: Final = 1_000
"""An attestation that timed out may land behind later ones: it is still this host's own."""


class Attestor:
    """Attests for one host; `clock` is in Unix seconds."""

    def __init__(
        self, store: redis.Redis, host: str, alarms: Alarms, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._host = host
        self._alarms = alarms
        self._clock = clock
        self._marks: deque[str] = deque(maxlen=_MARKS_KEPT)

    def attest(
        self,
        *,
        loaded: Sequence[AnswersFrom],
        peppers: Sequence[str],
        in_place: str,
    ) -> None:
        """Write what `HostAttestation` holds, where `loaded` has what each worker answers from.

        Raises the alarm `host_name_taken` where somebody else has written under this name since, as
        the clone of a machine with its `SCREENING_HOME` does: two hosts would count as one.
        """
        if self._is_taken():
            self._alarms.raised("host_name_taken", self._host)
        self._write(
            HostAttestation(
                format="screening-host/2",
                host=self._host,
                at=int(self._clock()),
                release=min((one.release for one in loaded), default=0),
                workers=len(loaded),
                versions=_shared_versions(loaded),
                peppers=list(peppers),
                pepper=in_place,
            ),
            life_ms=ATTESTATION_LIFE_S * 1_000,
        )

    def withdraw(self) -> None:
        """Tell Redis that this host has ended; raises `StoreUnavailable`.

        Said once more for a millisecond: the API's user of Redis may write, but not delete.
        """
        ended = HostAttestation("screening-host/2", self._host, int(self._clock()), 0, 0, {})
        self._write(ended, life_ms=1)

    def _write(self, attestation: HostAttestation, *, life_ms: int) -> None:
        # A mark of its own for each: the clone of a process remembers all but those to come.
        self._marks.append(secrets.token_hex(_MARK_BYTES))
        marked = msgspec.structs.replace(attestation, mark=self._marks[-1])
        attest(self._store, marked, life_ms=life_ms)

    def _is_taken(self) -> bool:
        if not self._marks:  # what stands there may be of the process before this one
            return False
        (document,) = read_strings(self._store, [(keys.host(self._host), ATTESTATION_MAX_BYTES)])
        if not document:
            return False
        with suppress(*UNREADABLE):
            return msgspec.json.decode(document, type=HostAttestation).mark not in self._marks
        return True


def _shared_versions(loaded: Sequence[AnswersFrom]) -> dict[str, str]:
    """Return the version of each token key's index that every worker answers from."""
    if not loaded:
        return {}
    items = set(loaded[0].versions.items())
    return dict(items.intersection(*(one.versions.items() for one in loaded[1:])))
