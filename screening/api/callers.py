"""Who is calling, and what they may do."""

import time
from collections.abc import Callable

from screening.api.lists import Loaded
from screening.api.logs import CALLER
from screening.registry.reader import Caller
from screening.registry.record import Scope
from screening.vocabulary.errors import Forbidden, Unauthenticated, Unavailable

_SCHEME = b"bearer "


class Callers:
    """Tells who sent a request, from its headers and the partners of one moment."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock

    def identify(self, loaded: Loaded, authorization: bytes | None) -> Caller:
        """Return the caller; raises `Unauthenticated`, the same for every reason.

        Raises `Unavailable` while this host knows no partner at all, since it has never reached
        Redis: a caller told that its key is refused would look for a new one.
        """
        if not loaded.partners:
            raise Unavailable("no partners are loaded yet", reason="index")
        if authorization is None or authorization[:7].lower() != _SCHEME:
            raise Unauthenticated
        caller = loaded.registry.authenticate(authorization[7:], self._clock())
        CALLER.set(caller)
        return caller

    def admit(self, loaded: Loaded, authorization: bytes | None, scope: Scope) -> Caller:
        """Return the caller, who holds `scope`; raises as `identify`, or `Forbidden`."""
        caller = self.identify(loaded, authorization)
        if scope not in caller.api_key.scopes:
            raise Forbidden(f"the API key lacks the scope {scope}; ask for a key that has it")
        return caller
