"""The notices of a partner that its receiver has not taken yet.

What waits is in the signed notices themselves; here lie the numbers of those that were taken, below
`SCREENING_HOME/noticed`. Where that is lost they are sent again, under the same ids.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from screening.api.alerts.alert import Alert, message_id, moment_of
from screening.api.notices import LoadedNotices
from screening.private_files import ensure_private_directory, read_private, replace_private
from screening.registry.notices import MAX_NOTICES, Notice
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.unreadable import UNREADABLE

_TYPE: Final = "match.retracted"


class NoticeBox:
    """What `Sending` takes from."""

    def __init__(
        self,
        home: Path,
        partner: str,
        notices: LoadedNotices,
        *,
        since: float = 0.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`since` is when there was a receiver (Unix seconds): nothing has waited longer."""
        self._path = ensure_private_directory(home / "noticed") / partner
        self._partner = partner
        self._notices = notices
        self._since = since
        self._clock = clock
        self._sent = _read_numbers(self._path)

    def waiting(self) -> list[str]:
        """Return the ids of what was not taken, by number; raises `Unavailable`."""
        return list(self._by_id())

    def age_s(self, name: str) -> float:
        """Return for how long one has waited."""
        notice = self._by_id().get(name)
        return 0.0 if notice is None else max(0.0, self._clock() - max(notice.at, self._since))

    def read(self, name: str) -> bytes:
        """Return its body; raises `OperatorError` where it is not kept any more."""
        notice = self._by_id().get(name)
        if notice is None:
            raise OperatorError("the notice is not kept any more")
        data: dict[str, str | int] = {
            "number": notice.number,
            "receipt": notice.of,
            "notice": notice.what,
        }
        return msgspec.json.encode(Alert(_TYPE, moment_of(notice.at), data))

    def sent(self, name: str) -> None:
        """Take note, durably, that the receiver has one; raises `OSError`."""
        notice = self._by_id().get(name)
        if notice is not None:
            # Numbers that are not kept any more are never asked for again.
            kept = sorted({*self._sent, notice.number})[-MAX_NOTICES:]
            # In memory first: what the disk does not take is not sent again while this lives.
            self._sent = frozenset(kept)
            ensure_private_directory(self._path.parent)
            replace_private(self._path, msgspec.json.encode(kept))

    def forget_sent(self) -> None:
        """Do nothing: `sent` keeps no more than can be asked for."""

    def _by_id(self) -> dict[str, Notice]:
        return {
            message_id(_TYPE, self._partner, str(one.number)): one
            for one in self._notices.of(self._partner)
            if one.number not in self._sent
        }


def _read_numbers(path: Path) -> frozenset[int]:
    try:
        if path.exists():
            return frozenset(msgspec.json.decode(read_private(path), type=list[int]))
    except UNREADABLE:
        pass  # a receiver knows by their ids what it has had
    return frozenset()
