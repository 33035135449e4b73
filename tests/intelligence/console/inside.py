"""Pages that are asked in this process."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from litestar import Litestar
from litestar.testing import TestClient

from intelligence.console.app import build_pages
from intelligence.console.keeping import Memory
from intelligence.deployment import Desk, open_desk
from intelligence.settings import IntelligenceSettings
from tests.harness import quick_passwords
from tests.harness.console import Browser

URL = "http://127.0.0.1:8070"


class Inside(Browser):
    """A browser whose requests are answered in this process.

    It asks the pages that the one `beside` it asks, where there is one: others take a fifth of a
    second.
    """

    def __init__(self, desk: Desk, *, beside: "Inside | None" = None) -> None:
        super().__init__(URL)
        self.client.close()
        self.memory: Memory = beside.memory if beside else Memory(time.monotonic)
        self.pages: Litestar = beside.pages if beside else build_pages(desk, None, self.memory)
        self.client = TestClient(self.pages, base_url=URL)


@contextmanager
def open_desk_inside(settings: IntelligenceSettings) -> Iterator[Desk]:
    """Open what the service needs, with passwords that are hashed in a moment."""
    with quick_passwords.in_use(), open_desk(settings) as desk:
        yield desk
