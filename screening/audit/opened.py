"""Matches on record, opened: on the host of the authorised channel, and by no server."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from screening.disclosure.boxes import Match, SealedKey
from screening.disclosure.opening import Opener
from screening.ledger.accesses import Access

_RECEIPT: Final = re.compile(r"[a-z2-7]{26}")
_ROW: Final = re.compile(r"0|[1-9][0-9]{0,4}")
_DIGEST: Final = re.compile(r"[0-9a-f]{32}")
_NAMED_AT_MOST: Final = 20


class Opened:
    """Opens the boxes, and tells a match in each line."""

    columns = ("row", "kind", "digest", "match_key_id", "match_generation", "booking_region")

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._foreign: Counter[str] = Counter()
        self._bad: list[str] = []
        self._bad_count = 0

    @property
    def opened_with(self) -> list[str]:
        """The disclosure keys that matches are opened with."""
        return self._opener.ids

    def rows(self, access: Access) -> Iterator[tuple[str, ...]]:
        """Yield a line for each match, with its row alone where it does not open."""
        if not access.matches:
            yield ("",) * len(self.columns)
        for row, content in access.matches.items():
            if access.sealed is not None:
                match = self._find(access, access.sealed, row, content)
            else:  # written by an earlier version, in plain
                match = self._plain(access, row, content)
            if match is None:
                yield row, *("" for _ in self.columns[1:])
            else:
                said = (match.kind, match.digest.hex(), match.key_id, match.generation)
                yield row, *said, match.booking_region or ""

    def not_opened(self) -> list[str]:
        """Return a sentence for each key that was not given."""
        return [
            f"Not opened: {count} of the matches, sealed to {key}, whose private half is not given."
            for key, count in sorted(self._foreign.items())
        ]

    def wrong(self) -> list[str]:
        """Return one sentence for all that is damaged."""
        if not self._bad:
            return []
        more = self._bad_count - len(self._bad)
        and_more = f" and {more} more" if more else ""
        named = ", ".join(self._bad) + and_more
        return [f"a sealed match is not what was sealed for its row: {named}"]

    def _find(self, access: Access, key: SealedKey, row: str, content: str) -> Match | None:
        if key.to not in self._opener.ids:
            self._foreign[key.to] += 1
            return None
        states = (access.key_id, access.generation)
        match = self._opener.open_row(key, access.receipt, (row, content), states)
        if match is None:
            self._note(access.receipt, row)
        return match

    def _plain(self, access: Access, row: str, content: str) -> Match | None:
        if _DIGEST.fullmatch(content):
            return Match(bytes.fromhex(content), "", access.key_id, access.generation)
        self._note(access.receipt, row)
        return None

    def _note(self, receipt: str, row: str) -> None:
        """Remember a bad box by its handle, where its record has one; the content is anybody's."""
        self._bad_count += 1
        if len(self._bad) < _NAMED_AT_MOST:
            has_handle = _RECEIPT.fullmatch(receipt) and _ROW.fullmatch(row)
            self._bad.append(f"{receipt}.{row}" if has_handle else "one without a receipt")
