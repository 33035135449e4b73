"""Counters, histograms and gauges of a worker, and the log events that go with refusals.

What is answered is counted in plain numbers; `flush` moves them to the shared files of
prometheus-client a few times a second. Labels are words of ours and public names, never a selector,
token or key.
"""

import traceback
from bisect import bisect_left
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Sequence
from typing import Final, get_args

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from screening.api.alarm_counter import AlarmCounter
from screening.api.alerts.raising import Alerts
from screening.api.lists import Lists
from screening.api.logs import CALLER
from screening.registry.record import SCOPES, Scope
from screening.vocabulary.api_key import Mode
from screening.vocabulary.errors import ScreeningError, UnavailableReason
from screening.vocabulary.feedback import Outcome
from screening.vocabulary.wire import ROW_RESULTS, Problem, RowResult

_LATENCY_BUCKETS_S: Final = (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5)
_OF_A_LIST: Final = "Of the loaded list of a token key; the highest of all workers"
_OF_A_GENERATION: Final = (
    "Selectors of the generation of a token key, without what its overlay adds and retracts; the "
    "highest of all workers"
)
_MISSING_LISTS: Final = (
    "Live token keys without a loaded list, whose questions are 503 index; the most of all workers"
)

NO_LIST: Final = {"livemax": float("-inf"), "livemin": float("inf")}
"""Of a token key that is gone, by how a gauge is told of several processes: loses to any of theirs.

prometheus-client removes no labels from its shared files, so `metrics_port` leaves these out."""

_MONITORED_ROUTES: Final = (*SCOPES, "notices")
"""Of which `docs/operations.md` has an alert rule on what is unavailable."""

_log = structlog.get_logger("screening.api")


class _ListGauges:
    """What is loaded, as of the last look."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._list_age = self._gauge("screening_list_age_seconds", registry)
        self._sync_age = self._gauge("screening_sync_age_seconds", registry)
        self._selectors = self._gauge(
            "screening_list_selectors", registry, meaning=_OF_A_GENERATION
        )
        self._overlay = self._gauge("screening_list_overlay_changes", registry)
        self._missing = self._gauge(
            "screening_lists_missing", registry, meaning=_MISSING_LISTS, labels=()
        )
        self._release = Gauge(
            "screening_release",
            "Release that the loaded list of a token key belongs to; the lowest of all workers",
            ["key_id"],
            registry=registry,
            multiprocess_mode="livemin",
        )
        self._shown: set[str] = set()

    @staticmethod
    def _gauge(
        name: str,
        registry: CollectorRegistry,
        *,
        meaning: str = _OF_A_LIST,
        labels: tuple[str, ...] = ("key_id",),
    ) -> Gauge:
        return Gauge(name, meaning, labels, registry=registry, multiprocess_mode="livemax")

    def observe(self, lists: Lists) -> None:
        """Set them to what is loaded."""
        partners = [one for one in lists.loaded.partners.values() if one.state == "active"]
        live = {key_id for partner in partners for key_id in partner.key_ids}
        self._missing.set(len(live - lists.loaded.lists.keys()))
        for key_id in self._shown - lists.loaded.lists.keys():
            self._release.labels(key_id).set(NO_LIST["livemin"])
            for gauge in (self._list_age, self._sync_age, self._selectors, self._overlay):
                gauge.labels(key_id).set(NO_LIST["livemax"])
        self._shown = set(lists.loaded.lists)
        for key_id, loaded in lists.loaded.lists.items():
            self._release.labels(key_id).set(loaded.head.release)
            self._list_age.labels(key_id).set(lists.list_age_s(loaded))
            self._sync_age.labels(key_id).set(lists.sync_age_s(loaded))
            self._selectors.labels(key_id).set(loaded.generation.manifest.files.count)
            self._overlay.labels(key_id).set(loaded.head.overlay.count)


class Metrics(AlarmCounter):
    """What one worker counts: alarms, as every process, and what it answers."""

    def __init__(self, registry: CollectorRegistry, alerts: Alerts | None = None) -> None:
        super().__init__(registry, alerts)
        self._results: Tally[tuple[str, str]] = Tally()
        self._results_total = Counter(
            "screening_results",
            "Selectors answered, by result",
            ["route", "result"],
            registry=registry,
        )
        self._latencies: Tally[tuple[Scope, int]] = Tally()
        self._latency_sums: defaultdict[Scope, float] = defaultdict(float)
        self._latency = Histogram(
            "screening_latency_seconds",
            "Time to a 200, from the request's head to the answer, journal included",
            ["route"],
            buckets=_LATENCY_BUCKETS_S,
            registry=registry,
        )
        for scope in SCOPES:  # what an alert rule looks at is born at 0, as alarms are
            self._latency.labels(scope)
        self._refusals: Tally[tuple[str, str, str]] = Tally()
        self._refusals_total = Counter(
            "screening_refusals",
            "Requests not answered with 200",
            ["route", "code", "reason"],
            registry=registry,
        )
        for route in _MONITORED_ROUTES:
            for reason in get_args(UnavailableReason):
                self._refusals_total.labels(route, "unavailable", reason)
        self._feedback_total = Counter(
            "screening_feedback",
            "What partners said of matches, by outcome; without test keys",
            ["outcome"],
            registry=registry,
        )
        self._lists = _ListGauges(registry)

    def answered(self, route: Scope, seconds: float) -> None:
        """Count one `200` and the time it took."""
        self._latencies[route, bisect_left(_LATENCY_BUCKETS_S, seconds)] += 1
        self._latency_sums[route] += seconds

    def results(self, route: Scope, results: Sequence[RowResult]) -> None:
        """Count the results of one `200`."""
        for result in ROW_RESULTS:
            if count := results.count(result):
                self._results[route, result] += count

    def feedback(self, mode: Mode, outcome: Outcome) -> None:
        """Count what was said of one match; a test key's is of nobody."""
        if mode == "live":
            self._feedback_total.labels(outcome).inc()

    def refused(self, route: str, problem: Problem, error: Exception) -> None:
        """Count and log one refusal; of an unforeseen error only where it arose is told.

        What a test key is refused counts as of the route `test`: it may have asked for that, and
        nobody has to be woken.
        """
        caller = CALLER.get()
        if caller is not None and caller.partner.mode == "test":
            route = "test"
        self._refusals[route, problem.code, problem.reason or ""] += 1
        if problem.reason == "overloaded":
            self._tell_overload(route, str(error))
        elif isinstance(error, ScreeningError) or problem.status < 500:
            # Our own sentence for the operator; the partner is told less (`problems.py`).
            why = str(error) if problem.status == 503 else None
            _log.info("refused", route=route, code=problem.code, reason=problem.reason, why=why)
        else:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{frame.filename}:{frame.lineno}"
            _log.error("failed", route=route, error=type(error).__name__, where=where)

    def _tell_overload(self, route: str, why: str) -> None:
        """Log it ever more rarely while it goes on: a line each costs as much as the refusal."""
        caller = CALLER.get()
        times = self._repeated.raised((route, why, caller and caller.partner.partner))
        if times:
            _log.info(
                "refused",
                route=route,
                code="unavailable",
                reason="overloaded",
                why=why,
                times=times,
            )

    def shed(self, route: str) -> None:
        """Count one request with a key that nobody knows, which was ended without an answer."""
        self._refusals[route, "unauthenticated", "shed"] += 1

    def flush(self) -> None:
        """Move what the hot path has counted to the shared files."""
        for (route, result), count in self._results.items():
            self._results_total.labels(route, result).inc(count)
        for (route, bucket), count in self._latencies.items():
            # `observe` takes one at a time, which on the hot path is a tenth of a request.
            self._latency.labels(route)._buckets[bucket].inc(count)  # noqa: SLF001 - see above
        for route, seconds in self._latency_sums.items():
            self._latency.labels(route)._sum.inc(seconds)  # noqa: SLF001 - see above
        for labels, count in self._refusals.items():
            self._refusals_total.labels(*labels).inc(count)
        self._results.clear()
        self._refusals.clear()
        self._latencies.clear()
        self._latency_sums.clear()

    def observe(self, lists: Lists) -> None:
        """Set the gauges to what is loaded."""
        self._lists.observe(lists)
