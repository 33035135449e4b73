"""Progress that nobody looks at."""

from collections.abc import Iterator
from contextlib import contextmanager

from indexer.progress import Advance


class Silent:
    """Shows nothing."""

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Advance]:
        yield lambda _: None
