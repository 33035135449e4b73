"""Who is calling, and what they may do."""

import time
from collections.abc import Callable, Mapping

from screening.alarms import Alarms
from screening.api.client_certificate import is_certificate
from screening.api.key_uses import KeyUses
from screening.api.loaded import Loaded
from screening.api.logs import CALLER
from screening.api.proxies import Peer, Proxies
from screening.registry.networks import is_within
from screening.registry.reader import Caller
from screening.registry.record import Scope
from screening.vocabulary.errors import Forbidden, Unauthenticated, Unavailable

_SCHEME = b"bearer "


class Callers:
    """Tells who sent a request: by its headers, where it comes from, and the partners there are."""

    def __init__(
        self,
        proxies: Proxies,
        uses: KeyUses,
        alarms: Alarms,
        limited: Callable[[Caller], Caller],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`limited` returns a caller with the limits that it has now (`Watch.limited`)."""
        self._proxies = proxies
        self._uses = uses
        self._alarms = alarms
        self._limited = limited
        self._clock = clock

    def identify(self, loaded: Loaded, peer: Peer, headers: Mapping[bytes, bytes]) -> Caller:
        """Return the caller; raises `Unauthenticated`, the same for every reason.

        Also for a key that may not be used from there, or not without its certificate: whoever has
        stolen it learns no more than from one that is revoked. The operator is told by
        an alarm, which names the key's id.

        Raises `Unavailable` while this host knows no partner at all, since it has never reached
        Redis: a caller told that its key is refused would look for a new one.
        """
        if not loaded.partners:
            raise Unavailable("no partners are loaded yet", reason="index")
        authorization, now = headers.get(b"authorization"), self._clock()
        if authorization is None or authorization[:7].lower() != _SCHEME:
            raise Unauthenticated
        caller = loaded.registry.authenticate(authorization[7:], now)
        if caller.networks or caller.api_key.certificate_sha256 is not None:
            self._require_bounds(caller, peer, headers)
        CALLER.set(caller)
        self._uses.used(caller.api_key.id, now)
        return self._limited(caller)

    def admit(
        self, loaded: Loaded, peer: Peer, headers: Mapping[bytes, bytes], scope: Scope
    ) -> Caller:
        """Return the caller, who holds `scope`; raises as `identify`, or `Forbidden`."""
        caller = self.identify(loaded, peer, headers)
        if scope not in caller.api_key.scopes:
            raise Forbidden(f"the API key lacks the scope {scope}; ask for a key that has it")
        return caller

    def is_live(self, caller: Caller) -> bool:
        """Tell whether the key of one who was admitted has not come to its end since."""
        return caller.api_key.is_live(self._clock())

    def _require_bounds(self, caller: Caller, peer: Peer, headers: Mapping[bytes, bytes]) -> None:
        """Raise `Unauthenticated` where the key is not used from where, or by whom, it may be."""
        key = caller.api_key
        networks, certificate = caller.networks, key.certificate_sha256
        if networks and not is_within(self._proxies.address_behind(peer, headers), networks):
            self._alarms.raised("key_from_elsewhere", key.id)
            raise Unauthenticated
        if certificate is not None and not (
            # Of anybody else the header says nothing: a certificate is no secret.
            self._proxies.are_trusted(peer)
            and is_certificate(headers.get(b"client-cert"), certificate)
        ):
            self._alarms.raised("key_without_certificate", key.id)
            raise Unauthenticated
