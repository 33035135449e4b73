"""How a submission gets to the witness."""

from typing import Final

from screening.api.http_peer import Answer, HttpPeer
from screening.ledger.log.submissions import PATH

TIMEOUT_S: Final = 2.0


class WitnessPeer:
    """A witness at an address, as its operator gave it: without log-in, `?` or `#`."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._peer = HttpPeer(url, PATH, timeout_s=timeout_s)

    def submit(self, body: bytes) -> Answer:
        """Send one submission; raises `OSError` or `HTTPException` where there is no answer."""
        return self._peer.post(body, {"content-type": "text/plain"})
