"""`GET /v1/parameters`: what a client must agree with; no secret."""

import math
from collections.abc import Callable
from typing import Final

import msgspec
from litestar.types import HTTPScope, Receive, Send

from screening.api.callers import Callers
from screening.api.lists import Lists
from screening.api.quotas.allowance import Allowance
from screening.api.quotas.budgets import Rate, given_to
from screening.api.quotas.key_rates import rate_of
from screening.api.refusals import Refusals
from screening.api.routes import JSON, headers_of
from screening.api.sending import send_answer
from screening.connections.refused import HttpRefused
from screening.generations.manifest import Manifest
from screening.registry.reader import Caller
from screening.registry.record import PartnerRecord
from screening.vocabulary.normaliser_versions import newest_version
from screening.vocabulary.tokens import PROTOCOL, Argon2id, Stretch
from screening.vocabulary.wire import (
    BULK_MAX_SELECTORS,
    CHECK_MAX_SELECTORS,
    Limits,
    Parameters,
    StretchState,
    TokenKeyState,
)

PARAMETERS_PATH: Final = "/v1/parameters"


class ParametersRoute:
    """The route; any key may ask, whatever its scopes."""

    def __init__(
        self,
        *,
        lists: Lists,
        callers: Callers,
        allowance: Allowance,
        refusals: Refusals,
        log_key: Callable[[], str | None],
    ) -> None:
        self._lists = lists
        self._callers = callers
        self._allowance = allowance
        self._refusals = refusals
        self._log_key = log_key

    async def __call__(self, scope: HTTPScope, _: Receive, send: Send) -> None:
        """Answer one request; every error becomes a problem."""
        try:
            body = msgspec.json.encode(await self._answer(scope))
        except Exception as error:
            await self._refusals.send("other", scope, send, error)
        else:
            await send_answer(send, 200, [(b"content-type", JSON.encode())], body)

    async def _answer(self, scope: HTTPScope) -> Parameters:
        if scope["method"] != "GET":
            raise HttpRefused(405, allow="GET")
        headers = headers_of(scope)
        caller = self._callers.identify(self._lists.current(), scope["client"], headers)
        return await parameters_of(caller, self._lists, self._allowance, log_key=self._log_key())


async def parameters_of(
    caller: Caller, lists: Lists, allowance: Allowance, *, log_key: str | None
) -> Parameters:
    """Return the parameters of one caller, and by which key this host's log is verified."""
    partner = caller.partner
    manifest = _find_manifest(partner, lists)
    rate = _rate(caller)
    selectors_left, matches_left = await allowance.remaining(partner)
    return Parameters(
        protocol=PROTOCOL,
        normaliser=newest_version() if manifest is None else manifest.normaliser,
        phone_metadata=_own_phone_metadata() if manifest is None else manifest.phone_metadata,
        partner=partner.partner,
        scopes=list(caller.api_key.scopes),
        token_keys=[_token_key_state(key_id, lists) for key_id in partner.key_ids],
        limits=Limits(
            check_max_selectors=CHECK_MAX_SELECTORS,
            bulk_max_selectors=BULK_MAX_SELECTORS,
            selectors_per_second=rate.per_second,
            daily_selectors=partner.daily_selectors,
            daily_selectors_remaining=selectors_left,
            burst_selectors=rate.burst,
            matches_per_30_days=partner.matches_per_30_days,
            matches_remaining=matches_left,
        ),
        log_key=log_key,
    )


def _own_phone_metadata() -> str:
    # Imported here: an API normalises nothing, and would start a twentieth later for all that does.
    from screening.vocabulary.normalise import PHONE_METADATA_VERSION  # noqa: PLC0415 - see above

    return PHONE_METADATA_VERSION


def _rate(caller: Caller) -> Rate:
    """Return what the caller may ask with this key: of its own rate and the partner's, the less."""
    rate, own = given_to(caller.partner).rate, rate_of(caller.api_key)
    if own is None:
        return rate
    return Rate(min(rate.per_second, own.per_second), min(rate.burst, own.burst))


def _find_manifest(partner: PartnerRecord, lists: Lists) -> Manifest | None:
    """Return that of the newest token key whose list is loaded.

    It is with that list, and not with this process, that a client has to spell selectors alike.
    """
    loaded = (lists.loaded.lists.get(key_id) for key_id in partner.key_ids)
    return next((one.generation.manifest for one in loaded if one is not None), None)


def _token_key_state(key_id: str, lists: Lists) -> TokenKeyState:
    loaded = lists.loaded.lists.get(key_id)
    if loaded is None:
        return TokenKeyState(key_id, None, None, None, None, None)
    sync_age_s = lists.sync_age_s(loaded)
    return TokenKeyState(
        key_id,
        loaded.generation.manifest.normaliser,
        _stretch_state(loaded.generation.manifest.stretch),
        loaded.state,
        int(lists.list_age_s(loaded)),
        None if math.isinf(sync_age_s) else int(sync_age_s),
    )


def _stretch_state(stretch: Stretch) -> StretchState:
    if isinstance(stretch, Argon2id):
        return StretchState(
            "argon2id", stretch.version, stretch.iterations, stretch.memory_kib, stretch.lanes
        )
    return StretchState("none")
