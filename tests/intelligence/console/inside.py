"""Pages that are asked in this process."""

import time

from litestar.testing import TestClient

from intelligence.console.app import build_pages
from intelligence.console.keeping import Memory
from intelligence.deployment import Desk
from tests.harness.console import Browser

URL = "http://127.0.0.1:8070"


class Inside(Browser):
    """A browser whose requests are answered in this process."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(URL)
        self.client.close()
        self.memory = Memory(time.monotonic)
        self.client = TestClient(build_pages(desk, None, self.memory), base_url=URL)
