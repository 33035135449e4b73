"""`GET /v1/notices`: what a partner has to hear of matches that it was told."""

from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec
from litestar.types import HTTPScope, Receive, Send

from screening.alarms import Alarms
from screening.api.cache import NO_VERSION
from screening.api.callers import Callers
from screening.api.lists import Lists
from screening.api.notices_cache import NoticesCache
from screening.api.quotas.budgets import Rate
from screening.api.quotas.key_rates import KeyRates
from screening.api.refusals import Refusals
from screening.api.routes import JSON, headers_of
from screening.api.sending import send_answer
from screening.connections.refused import HttpRefused
from screening.registry.notices import (
    MAX_NOTICES,
    Notice,
    NoticesHead,
    open_notices_head,
    parse_notices,
)
from screening.store.signed import Verifier
from screening.vocabulary.errors import InvalidRequest, Unavailable, Untrusted
from screening.vocabulary.notices import NOTICES_AT_ONCE, NUMBER_MAX, Notices, Retracted

NOTICES_PATH: Final = "/v1/notices"
PER_SECOND_AT_LEAST: Final = MAX_NOTICES // NOTICES_AT_ONCE
"""Requests of a partner that is throttled, or given little: it may fetch all that are kept at once.

Who was told a false "match" must be able to learn of it, whatever it may still ask.
"""
_MAX_QUERY_BYTES: Final = 64
_AFTER: Final = b"after="
_LONGEST: Final = Retracted(NUMBER_MAX, f"{'a' * 26}.9999", "retracted", "2026-11-30T12:00:00Z")
_ANSWER_BYTES: Final = len(
    msgspec.json.encode(Notices([_LONGEST] * NOTICES_AT_ONCE, NUMBER_MAX, has_more=False))
)
"""Of every answer: whoever watches the line does not learn that an entry was false."""


class _Opened(NamedTuple):
    document: bytes
    head: NoticesHead
    notices: Sequence[Notice]


class LoadedNotices:
    """The notices that sync has laid down, as a worker believes them: each signature anew."""

    def __init__(self, cache: NoticesCache, verifier: Verifier, alarms: Alarms) -> None:
        self._cache = cache
        self._verifier = verifier
        self._alarms = alarms
        self._version = NO_VERSION
        self._documents: dict[str, bytes] = {}
        self._opened: dict[str, _Opened] = {}

    def of(self, partner: str) -> Sequence[Notice]:
        """Return a partner's, by number; raises `Unavailable` where that is not known."""
        self._look()
        document, opened = self._documents.get(partner), self._opened.get(partner)
        if document is None:  # there is one for each: where none is, nobody knows
            raise _not_known()
        if opened is None or opened.document != document:
            opened = self._opened[partner] = self._open(partner, document, opened)
        return opened.notices

    def _look(self) -> None:
        version = self._cache.heads_version()
        if version == self._version:
            if version == NO_VERSION:
                raise _not_known()
            return
        try:
            documents = self._cache.read_heads()
        # Also where this process is short of descriptors, or may not read the file.
        except (Untrusted, OSError):
            self._alarms.raised("cache_untrusted", "notices")
            documents = None
        if documents is None:  # sync lays them down with its next beat
            raise _not_known()
        self._documents, self._version = documents, version

    def _open(self, partner: str, document: bytes, before: _Opened | None) -> _Opened:
        try:
            head = open_notices_head(document, partner, self._verifier)
        except Untrusted:
            self._alarms.raised("notices_untrusted", partner)
            raise _not_known() from None
        if before is not None and head.sequence < before.head.sequence:
            self._alarms.raised("notices_rolled_back", partner)
            raise _not_known()
        if before is not None and head.sha256 == before.head.sha256:
            return _Opened(document, head, before.notices)
        return _Opened(document, head, self._read(head))

    def _read(self, head: NoticesHead) -> Sequence[Notice]:
        try:
            return parse_notices(self._cache.read_content(head), head)
        except Untrusted:
            with suppress(OSError):
                self._cache.forget_content(head.sha256)  # sync fetches what is gone
        except OSError:
            if self._cache.heads_version() != self._version:  # a release came in between
                raise _not_known() from None
        self._alarms.raised("cache_untrusted", "notices")
        raise _not_known()


class _Page(NamedTuple):
    notices: Sequence[Notice]
    after: int
    body: bytes


class NoticePages:
    """Answers as bytes. Of each partner the last is kept: who asks again and again costs little."""

    def __init__(self, notices: LoadedNotices) -> None:
        self._notices = notices
        self._last: dict[str, _Page] = {}

    def of(self, partner: str, after: int) -> bytes:
        """Return the answer to who has all up to `after`; raises `Unavailable`."""
        notices, page = self._notices.of(partner), self._last.get(partner)
        if page is None or page.notices is not notices or page.after != after:
            body = msgspec.json.encode(_next_of(notices, after)).ljust(_ANSWER_BYTES)
            page = self._last[partner] = _Page(notices, after, body)
        return page.body


class NoticesRoute:
    """The route; any key may ask, whatever its scopes."""

    def __init__(
        self,
        notices: LoadedNotices,
        *,
        lists: Lists,
        callers: Callers,
        refusals: Refusals,
        rates: KeyRates,
    ) -> None:
        self._pages = NoticePages(notices)
        self._rates = rates
        self._lists = lists
        self._callers = callers
        self._refusals = refusals

    async def __call__(self, scope: HTTPScope, _: Receive, send: Send) -> None:
        """Answer one request; every error becomes a problem."""
        try:
            body, rate = await self._answer(scope)
        except Exception as error:
            await self._refusals.send("notices", scope, send, error)
        else:
            policy = (b"ratelimit-policy", b'"second";q=%d;w=1' % rate.per_second)
            await send_answer(send, 200, [(b"content-type", JSON.encode()), policy], body)

    async def _answer(self, scope: HTTPScope) -> tuple[bytes, Rate]:
        if scope["method"] != "GET":
            raise HttpRefused(405, allow="GET")
        headers = headers_of(scope)
        caller = self._callers.identify(self._lists.current(), scope["client"], headers)
        after = _after(scope["query_string"])
        rate = await self._rates.spend_beside(
            caller.partner, "notices", at_least=PER_SECOND_AT_LEAST
        )
        return self._pages.of(caller.partner.partner, after), rate


def _after(query: bytes) -> int:
    """Read the number behind which a partner asks; raises `InvalidRequest`, without an echo."""
    if not query:
        return 0
    digits = query.removeprefix(_AFTER) if query.startswith(_AFTER) else b""
    if len(query) > _MAX_QUERY_BYTES or not digits.isdigit() or int(digits) > NUMBER_MAX:
        raise InvalidRequest("the query must be after= and the last answer's next; see /docs")
    return int(digits)


def _next_of(notices: Sequence[Notice], after: int) -> Notices:
    first = bisect_right(notices, after, key=lambda one: one.number)
    told = notices[first : first + NOTICES_AT_ONCE]
    return Notices(
        [Retracted(one.number, one.of, one.what, _rfc3339(one.at)) for one in told],
        next=told[-1].number if told else after,
        has_more=first + len(told) < len(notices),
    )


def _rfc3339(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def _not_known() -> Unavailable:
    return Unavailable("the notices are not here yet, or damaged", reason="store")
