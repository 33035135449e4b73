"""`make overload`: what ten times its capacity makes of a worker. Nothing asserts.

Server on core 0, generator on core 1: the capacity in a closed loop, half of it in an open loop
("normal"), ten times the capacity from one partner while another one asks a little, and at once
half again, to see when all is as before. All figures are of one run, so that their ratios count;
the capacity is measured behind it too, as a shared machine is not as quick at each moment.
"""

import argparse
import json
import os
import signal
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Final

from loadtests.bench import NOT_LISTED, UNLIMITED, machine, pin
from loadtests.open_loop import http_request
from loadtests.raw_load import Load, Told, run
from tests.harness.deployment import Api, Deployed, Partner

TIMES: Final = 10
FLOOD_CONNECTIONS: Final = 256
"""As many as `make flood` has. A worker holds 1,024, past which it would end some for others."""
CLOSED_CONNECTIONS: Final = 16
NORMAL_CONNECTIONS: Final = 128
OTHERS_SHARE: Final = 0.05
"""Of the capacity: what the other partner asks meanwhile."""
_LOOK_S: Final = 0.5


class Requests:
    """What is asked, prepared: by the partner that floods, and by the other one."""

    def __init__(self, api: Api, flooding: Partner, other: Partner) -> None:
        self.api = api
        self.url = f"{api.url}/v1/check"
        self._flooding, self._other = (self._prepared(one) for one in (flooding, other))

    def _prepared(self, partner: Partner) -> bytes:
        headers = {**partner.headers, "content-type": "application/json"}
        return http_request(self.url, json.dumps(partner.body(NOT_LISTED)).encode(), headers)

    def load(self, per_second: float | None, connections: int) -> Load:
        return Load(self.url, self._flooding, per_second=per_second, connections=connections)

    def of_other(self, per_second: float) -> Load:
        return Load(self.url, self._other, per_second=per_second, connections=64)


def main() -> int:
    """Measure some rounds, and print them and their medians in Markdown."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is begun is cleared away
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="of each load; overload twice it")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--connections", type=int, default=FLOOD_CONNECTIONS, help="of the flood")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {1 % (os.cpu_count() or 1)})
    print(f"Machine: {machine()}; one worker; {arguments.connections} connections flood it\n")
    with tempfile.TemporaryDirectory(prefix="screening-overload-") as name:
        rounds = _measure_all(Path(name), arguments)
    print("| | " + " | ".join(f"round {n + 1}" for n in range(len(rounds))) + " | median |")
    print("|---|" + "---|" * (len(rounds) + 1))
    for what in rounds[0]:
        figures = [found[what] for found in rounds]
        told = " | ".join(f"{figure:,.2f}" for figure in (*figures, statistics.median(figures)))
        print(f"| {what} | {told} |")
    return 0


def _measure_all(folder: Path, arguments: argparse.Namespace) -> list[dict[str, float]]:
    deployed = Deployed(folder, redis_url=None)
    deployed.environment.update(UNLIMITED)
    try:
        deployed.indexer("init")
        deployed.publish([("phone", "+1 202 555 0142", "buyer")])
        partners = [deployed.add_partner(name) for name in ("flooding", "other")]
        api = deployed.serve(workers=1)
        deployed.wait_ready(api)
        pin(api.process.pid, 0)
        requests = Requests(api, *partners)
        # So that all that a worker remembers is there.
        _told(requests.load(None, CLOSED_CONNECTIONS), arguments.seconds)
        return [
            _round(requests, arguments.seconds, arguments.connections)
            for _ in range(arguments.rounds)
        ]
    finally:
        deployed.close()


def _round(requests: Requests, seconds: float, connections: int) -> dict[str, float]:
    closed, closed_cpu_s = _beside_cpu(requests, seconds, requests.load(None, CLOSED_CONNECTIONS))
    capacity = len(closed.answered) / seconds
    normal = _told(requests.load(capacity / 2, NORMAL_CONNECTIONS), seconds)
    flood = requests.load(TIMES * capacity, connections)
    beside = requests.of_other(OTHERS_SHARE * capacity)
    _, flood_cpu_s = _beside_cpu(requests, 2 * seconds, flood, beside)
    after = _told(requests.load(capacity / 2, NORMAL_CONNECTIONS), seconds)
    again, again_cpu_s = _beside_cpu(requests, seconds, requests.load(None, CLOSED_CONNECTIONS))
    told, other = flood.told, beside.told
    answered = len(told.answered) + len(other.answered)
    checks = len(closed.answered) + len(again.answered)
    check_s = (closed_cpu_s + again_cpu_s) / checks
    p99_ms = normal.quantile_ms(0.99)
    return {
        "capacity, checks/s": capacity,
        "capacity, before and behind it": checks / (2 * seconds),
        "offered/s": (told.due + other.due) / (2 * seconds),
        "of these sent/s": (told.due - told.lost + other.due - other.lost) / (2 * seconds),
        "answered/s": answered / (2 * seconds),
        "**goodput, answered / capacity**": answered / checks,
        "the same of a second of the worker's time": answered * check_s / flood_cpu_s,
        "`503`/s": told.statuses[b"503"] / (2 * seconds),
        "broken connections/s": told.broken / (2 * seconds),
        "half load: p50 ms": normal.quantile_ms(0.5),
        "half load: p99 ms": p99_ms,
        "half load: not answered, share": _missing(normal),
        "overload: p50 ms": told.quantile_ms(0.5),
        "overload: p99 ms": told.quantile_ms(0.99),
        "**p99, overload / half load**": told.quantile_ms(0.99) / p99_ms,
        "the same but for the first second": told.quantile_ms(0.99, begin=1) / p99_ms,
        "overload: p50 ms of a `503`": _quantile_ms(told.refused_s, 0.5),
        "overload: p99 ms of a `503`": _quantile_ms(told.refused_s, 0.99),
        "other partner: not answered, share": _missing(other),
        "other partner: p99 ms": other.quantile_ms(0.99),
        "**seconds until all is as before**": _normal_after_s(after, seconds, capacity, p99_ms),
    }


def _beside_cpu(requests: Requests, seconds: float, *loads: Load) -> tuple[Told, float]:
    """Return what came of the first load, and the processor time that the worker had for all."""
    began_s = _cpu_s(requests.api)
    run(*loads, seconds=seconds)
    return loads[0].told, _cpu_s(requests.api) - began_s


def _cpu_s(api: Api) -> float:
    """Return the processor time that the worker has had: a measure beside busy neighbours."""
    (worker,) = api.worker_pids()
    fields = Path(f"/proc/{worker}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _told(load: Load, seconds: float) -> Told:
    run(load, seconds=seconds)
    return load.told


def _missing(told: Told) -> float:
    # What has left in the last moment may not have been answered when the load ended.
    return max(0.0, 1 - len(told.answered) / max(1, told.due))


def _quantile_ms(took_s: list[float], quantile: float) -> float:
    ordered = sorted(took_s)
    return ordered[int(quantile * (len(ordered) - 1))] * 1_000 if ordered else float("nan")


def _normal_after_s(after: Told, seconds: float, capacity: float, p99_ms: float) -> float:
    """Return the end of the first half second that is as before: nearly all answered, in time."""
    begin = 0.0
    while begin + _LOOK_S <= seconds:
        end = begin + _LOOK_S
        answered = sum(begin <= at < end for at, _ in after.answered)
        is_all = answered >= 0.99 * _LOOK_S * capacity / 2
        if is_all and after.quantile_ms(0.99, begin=begin, end=end) <= 2 * p99_ms:
            return end
        begin = end
    return float("inf")


if __name__ == "__main__":
    sys.exit(main())
