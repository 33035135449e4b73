"""The connection to Redis: short time-outs, no hidden retries, one error for all that goes wrong.

The defaults of redis-py wait 5 s and try ten times over: a stopped server held one GET for 58 s.
What should be retried, and when, is for the caller to know.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self

import redis.asyncio
import redis.asyncio.connection
import redis.asyncio.retry
import redis.connection
import redis.retry
from redis import exceptions
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

from screening.connection_faults import ConnectionFault, find_connection_fault
from screening.store.embedded import EmbeddedServer, socket_url
from screening.store.embedded_directory import StoreDirectory
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import ScreeningError, StoreUnavailable

_MAX_CONNECTIONS: Final = 16

UNREADABLE_REPLIES: Final = (LookupError, TypeError, ValueError, AttributeError, RecursionError)
"""What redis-py raises where it is answered as Redis does not: it ends that connection itself."""

# Before all others: redis-py has one error for whatever keeps a connection from being made.
_FAULT_SENTENCES: Final[dict[ConnectionFault, str]] = {
    "untrusted_certificate": (
        "Redis's certificate is not trusted; add ?ssl_ca_certs=FILE to SCREENING_REDIS_URL, with "
        "the certificate of the authority that signed it"
    ),
    "certificate_of_another": (
        "Redis's certificate is for another host name; write the one that it has into "
        "SCREENING_REDIS_URL"
    ),
    "certificate_out_of_date": (
        "Redis's certificate is out of date, or the clock here is wrong; renew it, or set the clock"
    ),
    "no_tls": (
        "Redis did not answer in TLS; write redis:// in SCREENING_REDIS_URL where its port has "
        "none, or give the port that has it"
    ),
    "client_certificate_wanted": (
        "Redis wants a certificate of the client's, or refuses this one; add "
        "&ssl_certfile=FILE&ssl_keyfile=FILE to SCREENING_REDIS_URL"
    ),
    "unknown_host": (
        "Redis's host name is not known here; check SCREENING_REDIS_URL and the name service"
    ),
}

_UNREACHABLE: Final = (
    "Redis cannot be reached, or all connections are in use; check that it runs and that its disk "
    "is not full, and SCREENING_REDIS_URL where that is set (rediss:// for TLS)"
)

# The first that fits an error is told; no text of the server's is, for it may repeat arguments.
_SENTENCES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (exceptions.BusyLoadingError, "Redis is still loading its data; ask again"),
    (exceptions.AuthenticationError, "Redis refuses the credentials; check SCREENING_REDIS_URL"),
    (exceptions.AuthorizationError, "Redis refuses the credentials; check SCREENING_REDIS_URL"),
    (exceptions.ConnectionError, _UNREACHABLE),
    (exceptions.TimeoutError, "Redis did not answer in time"),
    (exceptions.NoPermissionError, "Redis does not permit this user the command; check its ACL"),
    (exceptions.OutOfMemoryError, "Redis is out of memory; raise its maxmemory"),
    (exceptions.ReadOnlyError, "Redis is a read-only replica; give the URL of the primary"),
    (exceptions.ResponseError, "Redis refused a command; check its version and its log"),
    (exceptions.RedisError, "Redis did not answer as it should"),
)


_OF_ALL: Final = (
    "MISCONF",
    "BUSY",
    "OOM",
    "READONLY",
    "NOREPLICAS",
    "NOAUTH",
    "MASTERDOWN",
    "CLUSTER",
)
"""What begins a refusal that whatever else is asked would meet as well."""


class StoreRefused(StoreUnavailable):
    """Redis refused what was asked for what lies there; something else may be asked of it at once.

    Beside `StoreUnavailable`, whose place is in `errors.py`: only this module's callers tell them
    apart.
    """


class Store:
    """An open store; a context manager. Belongs to the process that opened it (`EmbeddedServer`).

    `client` is for threads, `new_async_client` for an event loop; both answer in bytes.
    """

    def __init__(
        self, url: Callable[[], str], *, timeout_ms: int, embedded: EmbeddedServer | None
    ) -> None:
        self._url = url
        self._timeout_ms = timeout_ms
        self._embedded = embedded
        pool = redis.BlockingConnectionPool(  # type: ignore[no-untyped-call]  # it has no hints
            **redis.connection.parse_url(url()),  # type: ignore[no-untyped-call]  # nor has it
            **_rules(timeout_ms),
            retry=redis.retry.Retry(NoBackoff(), 0),
        )
        self.client = redis.Redis.from_pool(pool)
        """Connects when first used; see `store_errors`."""

    def new_async_client(self) -> redis.asyncio.Redis:
        """Return a client for the running event loop; the caller closes it (`aclose`)."""
        pool = redis.asyncio.BlockingConnectionPool(
            **redis.asyncio.connection.parse_url(self._url()),
            **_rules(self._timeout_ms),
            retry=redis.asyncio.retry.Retry(NoBackoff(), 0),
        )
        return redis.asyncio.Redis.from_pool(pool)

    def ensure_running(self, *, timeout_s: float = 30.0) -> None:
        """Bring the embedded server back where it was killed; nothing to do for any other Redis."""
        if self._embedded is not None:
            self._embedded.ensure_running(timeout_s=timeout_s)

    def close(self) -> None:
        """Close the connections, and end this use of the embedded server."""
        self.client.close()
        if self._embedded is not None:
            self._embedded.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_store(settings: StoreSettings, *, timeout_ms: int) -> Store:
    """Open the Redis that `settings` name, or start or join the embedded server.

    `timeout_ms` bounds each step: connecting, waiting for a free connection, each answer. Tens of
    ms for the API, thousands for the indexer, whose batches are large. A Redis elsewhere is not
    asked anything yet. Raises `OperatorError` or `StoreUnavailable` as `EmbeddedServer.acquire`.
    """
    if settings.redis_url is not None:
        return Store(settings.redis_url.get_secret_value, timeout_ms=timeout_ms, embedded=None)
    embedded = EmbeddedServer.acquire(settings.home)
    return Store(lambda: embedded.url, timeout_ms=timeout_ms, embedded=embedded)


def open_confirming_client(settings: StoreSettings, *, timeout_ms: int) -> redis.asyncio.Redis:
    """Return a client for an API worker, which asks Redis only to confirm a hit it cannot itself.

    Connects when first used. It does not keep an embedded server alive: the host's sync does.
    """
    if settings.redis_url is not None:
        store = Store(settings.redis_url.get_secret_value, timeout_ms=timeout_ms, embedded=None)
    else:
        url = socket_url(StoreDirectory.prepare(settings.home).socket_path)
        store = Store(lambda: url, timeout_ms=timeout_ms, embedded=None)
    return store.new_async_client()


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn whatever redis-py raises into `StoreUnavailable`, in sync and async code alike.

    `StoreRefused` where it is of what was asked alone. The sentence is ours: it holds no URL, no
    command and no argument.
    """
    try:
        yield
    except ScreeningError:
        raise
    except exceptions.RedisError as error:
        kind = StoreRefused if _is_of_what_was_asked(error) else StoreUnavailable
        raise kind(_sentence(error)) from None
    except UNREADABLE_REPLIES:
        raise StoreUnavailable(
            "what answers there is no Redis; check SCREENING_REDIS_URL"
        ) from None
    except RuntimeError:  # uvloop's: a connection was reset before the first byte went out
        raise StoreUnavailable(_UNREACHABLE) from None


def _is_of_what_was_asked(error: exceptions.RedisError) -> bool:
    # redis-py has kinds of its own for most of the others, and takes their first word away. What an
    # ACL forbids may be one key.
    is_plain = type(error) in (exceptions.ResponseError, exceptions.NoPermissionError)
    return is_plain and not str(error).startswith(_OF_ALL)


def _sentence(error: exceptions.RedisError) -> str:
    if isinstance(error, exceptions.ResponseError) and "MISCONF" in str(error):
        return "Redis cannot write its data to the disk; check the disk and its log"
    fault = find_connection_fault(error)
    if fault in _FAULT_SENTENCES:
        return _FAULT_SENTENCES[fault]
    return next(sentence for kind, sentence in _SENTENCES if isinstance(error, kind))


def _rules(timeout_ms: int) -> dict[str, Any]:
    """Return what holds for every connection, sync and async, beside no retries."""
    timeout_s = timeout_ms / 1000
    return {
        "max_connections": _MAX_CONNECTIONS,
        # The default pool raises as soon as it is exhausted.
        "timeout": timeout_s,
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "protocol": 3,
        "decode_responses": False,
        # Neither is needed, and each costs a round trip that an ACL may refuse.
        "driver_info": None,
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }
