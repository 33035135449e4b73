"""What the cache of a host holds of notices: signed heads in one file, and the contents they name.

notices             the signed head of each partner; changes with a release
notices-of/<hash>   what a partner has to hear; written before a head names it
"""

from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from screening.api.cache import DAMAGED, version_of
from screening.private_files import (
    NotRegularError,
    ensure_private_directory,
    read_regular,
    remove_whatever,
    replace_whatever,
)
from screening.registry.notices import NoticesHead
from screening.vocabulary.errors import Untrusted


class NoticesCache:
    """The part of the cache directory that sync and workers share about notices."""

    def __init__(self, directory: Path) -> None:
        self._heads = directory / "notices"
        self._contents = directory / "notices-of"

    def write_heads(self, heads: Mapping[str, bytes]) -> None:
        """Replace the signed heads (by partner), durably."""
        ensure_private_directory(self._heads.parent)
        replace_whatever(self._heads, msgspec.msgpack.encode(heads))

    def read_heads(self) -> dict[str, bytes] | None:
        """Return the heads; None before the first sync.

        Raises `Untrusted` where the file is damaged, and `OSError` where it cannot be read.
        """
        try:
            return msgspec.msgpack.decode(read_regular(self._heads), type=dict[str, bytes])
        except FileNotFoundError:
            return None
        except DAMAGED:
            raise Untrusted("the notices in the cache are damaged") from None

    def heads_version(self) -> tuple[int, int]:
        """Return a value that changes when the heads are replaced; `NO_VERSION` without any."""
        return version_of(self._heads)

    def write_content(self, head: NoticesHead, content: bytes) -> None:
        """Lay down what a head names, durably; raises `OSError`."""
        ensure_private_directory(self._contents)
        replace_whatever(self._contents / head.sha256, content)

    def read_content(self, head: NoticesHead) -> bytes:
        """Return what lies here for a head, not yet held against it; b"" where there is nothing.

        Raises `OSError`, and `Untrusted` where it is no file.
        """
        try:
            return b"" if head.is_empty else read_regular(self._contents / head.sha256)
        except NotRegularError:
            raise Untrusted("notices in the cache are no file") from None

    def contents(self) -> frozenset[str]:
        """Return the hashes of all that is here."""
        if not self._contents.exists():
            return frozenset()
        return frozenset(path.name for path in self._contents.iterdir())

    def forget_content(self, sha256: str) -> None:
        """Remove a content, so that sync fetches it anew; raises `OSError`."""
        remove_whatever(self._contents / sha256)

    def keep_contents(self, live: Collection[str]) -> None:
        """Remove all others; raises `OSError`."""
        for sha256 in self.contents() - frozenset(live):
            self.forget_content(sha256)
