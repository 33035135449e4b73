"""The only place where the parts of a worker are wired together."""

import asyncio
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from litestar import Litestar, Request, Response
from litestar.types import ASGIApp
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from screening.alarms import Alarm
from screening.api.alerts.opening import open_alerts
from screening.api.cache import Cache
from screening.api.callers import Callers
from screening.api.check import Screening
from screening.api.docs import docs_routes
from screening.api.feedback import FEEDBACK_PATH, FeedbackTaking, feedback_contract
from screening.api.front import Front, Route
from screening.api.health import health_routes
from screening.api.host_name import host_name
from screening.api.journal import Journal
from screening.api.key_uses import KeyUses
from screening.api.lifeline import end_unbegun
from screening.api.lists import Lists
from screening.api.metrics import Metrics
from screening.api.notices import NOTICES_PATH, LoadedNotices, NoticesRoute
from screening.api.notices_cache import NoticesCache
from screening.api.own_records import OwnRecords
from screening.api.parameters import PARAMETERS_PATH, ParametersRoute
from screening.api.problems import problem_of
from screening.api.proofs import PROOF_PATH, proof_contract
from screening.api.proxies import Proxies
from screening.api.quotas.allowance import Allowance
from screening.api.quotas.budgets import Expected
from screening.api.quotas.deployment import DeploymentLeases
from screening.api.quotas.host import HostBudgets
from screening.api.quotas.key_rates import KeyRates
from screening.api.quotas.leasing import Means
from screening.api.receipt_routes import ReceiptParts, ReceiptRoute
from screening.api.refusals import Refusals
from screening.api.routes import JSON, MSGPACK, AskRoute, Contract, Parts
from screening.api.security_txt import security_txt_route
from screening.api.settings import ApiSecrets, ApiSettings
from screening.api.watching.everywhere import DeploymentUsage
from screening.api.watching.usage import HostUsage
from screening.api.watching.watch import Watch
from screening.disclosure.sealing import MatchSealer
from screening.ledger.group_commit import GroupCommit
from screening.ledger.ledger import Ledger
from screening.registry.networks import parse_networks
from screening.store.connection import open_confirming_client
from screening.store.settings import StoreSettings
from screening.store.signed import Verifier
from screening.vocabulary.errors import Unavailable
from screening.vocabulary.question import read_bulk_json, read_bulk_msgpack, read_check
from screening.vocabulary.wire import BULK_MAX_BODY_BYTES, CHECK_MAX_BODY_BYTES

_BULK_AT_MOST = 8
"""Bulk requests that wait in a worker: half a second of work, and 16 MiB of bodies; twice that
where as many more have come from others."""


class Worker:
    """One worker process: what it holds, and the beat that keeps it true."""

    def __init__(self, settings: ApiSettings, store_settings: StoreSettings) -> None:
        self.settings = settings
        self.alerts = open_alerts(settings)
        self.metrics = Metrics(CollectorRegistry(), self.alerts)
        self.refusals = Refusals(self.metrics, settings.unknown_keys_per_second)
        self.cache = Cache(settings.home)
        redis = open_confirming_client(store_settings, timeout_ms=settings.store_timeout_ms)
        secrets = ApiSecrets(settings.secrets)
        self.lists = Lists(
            cache=self.cache,
            secrets=secrets,
            settings=settings,
            redis=redis,
            alarms=self.metrics,
        )
        budgets = HostBudgets(settings.home)
        leases = DeploymentLeases(redis, f"{host_name(settings.home)}/{os.getpid()}")
        expected = Expected(settings.expected_selectors_a_day, settings.expected_matches_in_30_days)
        means = Means(budgets, leases, self.metrics, expected)
        self.key_rates = KeyRates(means)
        self.allowance = Allowance(means)
        self.commit = GroupCommit(
            Ledger(settings.home / "journal", host=socket.gethostname(), alarms=self.metrics),
            max_pending=settings.journal_queue,
        )
        self.key_uses = KeyUses(redis)
        self.records = OwnRecords(settings.home / "journal", self.metrics)
        self.notices = LoadedNotices(
            NoticesCache(self.cache.directory), Verifier(secrets.verifying_key), self.metrics
        )
        self.sealer = MatchSealer(secrets.sealing_keys.newest)
        self.watch = self._new_watch(redis)
        proxies = Proxies(parse_networks(settings.trusted_proxies))
        self.callers = Callers(proxies, self.key_uses, self.metrics, self.watch.limited)
        self.journal = Journal(self.commit, self.sealer)
        self.screening = Screening(self.lists, self.allowance, self.journal, self.watch)

    def _new_watch(self, redis: Redis) -> Watch:
        return Watch(
            HostUsage(self.settings.home),
            DeploymentUsage(redis, host_name(self.settings.home)),
            self.allowance,
            alarms=self.metrics,
            alerts=self.alerts,
            terms=self.settings.deviations(),
        )

    @asynccontextmanager
    async def lifespan(self, _: Litestar) -> AsyncIterator[None]:
        """Load what is there before the first request, and keep looking.

        Beside the first load, too: it is no pause (`standstill.py`).
        """
        await self.lists.refresh_partners()
        beats = [self._again(self.lists.refresh_partners, "refresh_failed")]
        try:
            await self._look()
            # What is there now stays: looked through again and again beside the thousands of
            # objects of a bulk request, it held up every check for 40 ms (measured).
            gc.collect()
            gc.freeze()
            beats += [
                self._again(self._look, "refresh_failed"),
                self._again(self.key_uses.tell, "refresh_failed"),
                self._again(self._tell_what_was_asked, "watch_failed"),
                self._again(self.watch.beat, "watch_failed"),
            ]
            yield
        finally:
            for beat in beats:
                beat.cancel()
            await asyncio.to_thread(self.commit.close)
            with suppress(Unavailable):  # nobody is there to be told
                await self.allowance.write_down()
            with suppress(Unavailable, OSError):
                self.watch.end()
            self._write_metrics()

    def _again(self, look: Callable[[], Awaitable[None]], failed: Alarm) -> "asyncio.Task[None]":
        """Look again and again, beside all else: a list may load, and Redis not answer, for long.

        What goes wrong is the alarm `failed`, and is tried again.
        """

        async def beat() -> None:
            while True:
                await asyncio.sleep(self.settings.reload_ms / 1_000)
                try:
                    await look()
                except Exception as error:
                    # Not only what is foreseen: without its beat a worker ages, and nobody is told.
                    self.metrics.raised(failed, type(error).__name__)

        task = asyncio.create_task(beat())
        task.add_done_callback(_end_without)
        return task

    async def _look(self) -> None:
        """Take up what sync has laid down; whatever goes wrong is tried again at the next beat."""
        try:
            await self.lists.refresh()
            self.cache.write_loaded(self.lists.loaded.answers_from)
        except Exception as error:  # what follows does not wait for that
            self.metrics.raised("refresh_failed", type(error).__name__)
        try:
            self.sealer.renew()
        except Exception as error:  # as above
            self.metrics.raised("refresh_failed", type(error).__name__)
        self._write_metrics()

    async def _tell_what_was_asked(self) -> None:
        await self.allowance.tell(self.lists.loaded.partners)

    def _write_metrics(self) -> None:
        # Their folder is gone where the server was killed, as whose worker this ends in a moment.
        # Where somebody has removed it, the metrics port says so.
        with suppress(FileNotFoundError):
            self.metrics.flush()
            self.metrics.observe(self.lists)

    def contracts(self) -> tuple[Contract, Contract]:
        """Return what the two questions accept here."""
        at_most = self.settings.max_in_flight
        return (
            Contract(
                "check",
                CHECK_MAX_BODY_BYTES,
                at_once=None,
                at_most=at_most,
                readers={JSON: read_check},
            ),
            Contract(
                "bulk",
                BULK_MAX_BODY_BYTES,
                at_once=1,  # each takes tens of milliseconds of the one event loop, in slices
                at_most=min(at_most, _BULK_AT_MOST),
                readers={JSON: read_bulk_json, MSGPACK: read_bulk_msgpack},
            ),
        )

    def ask_route(self, contract: Contract) -> AskRoute:
        """Return the route of one contract."""
        parts = Parts(
            lists=self.lists,
            callers=self.callers,
            key_rates=self.key_rates,
            screening=self.screening,
            allowance=self.allowance,
            metrics=self.metrics,
            refusals=self.refusals,
        )
        return AskRoute(contract, parts)

    def routes(self) -> dict[str, Route]:
        """Return the routes that need an API key."""
        lists, callers, refusals = self.lists, self.callers, self.refusals
        parts = ReceiptParts(lists, callers, self.allowance, self.key_rates, refusals)
        taking = FeedbackTaking(self.records, self.journal, self.metrics)
        return {
            **{f"/v1/{one.name}": self.ask_route(one) for one in self.contracts()},
            PARAMETERS_PATH: ParametersRoute(
                lists=lists,
                callers=callers,
                allowance=self.allowance,
                refusals=refusals,
                log_key=self.records.log_key,
            ),
            PROOF_PATH: ReceiptRoute(proof_contract(self.records), parts),
            FEEDBACK_PATH: ReceiptRoute(feedback_contract(taking), parts),
            NOTICES_PATH: NoticesRoute(
                self.notices, lists=lists, callers=callers, refusals=refusals, rates=self.key_rates
            ),
        }


def _end_without(beat: "asyncio.Task[None]") -> None:
    """End this process where its beat has failed: it would answer from an old list for ever."""
    if not beat.cancelled() and beat.exception() is not None:
        os.kill(os.getpid(), signal.SIGTERM)


def create_app(settings: ApiSettings, store_settings: StoreSettings) -> ASGIApp:
    """Make the ASGI application of one worker process, to be served by the running loop.

    Ends this process where no thread can be started.
    """
    worker = Worker(settings, store_settings)
    try:
        worker.commit.start(asyncio.get_running_loop())
    except RuntimeError as error:
        end_unbegun(error)
    app = Litestar(
        [
            *health_routes(worker.lists, worker.commit, worker.allowance),
            *docs_routes(),
            security_txt_route(settings),
        ],
        openapi_config=None,
        logging_config=None,  # `serve` has done it
        exception_handlers={Exception: _problem_handler(worker)},
        lifespan=[worker.lifespan],
        debug=False,
    )
    return Front(app, worker.routes(), worker.metrics)


def _problem_handler(
    worker: Worker,
) -> Callable[[Request[Any, Any, Any], Exception], Response[bytes]]:
    def problem(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        response = problem_of(error)
        worker.metrics.refused("other", response.problem, error)
        headers = {name.decode(): value.decode() for name, value in response.headers}
        return Response(response.body, status_code=response.problem.status, headers=headers)

    return problem
