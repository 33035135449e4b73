"""`make flood`: what a flood of unknown keys costs those whose keys are known. Nothing asserts.

Good checks leave in an open loop on connections that stay; the flood is wrk, as fast as it is
answered, on connections of its own: such as stay, and such that each ask once. Both against a
server that refuses all at once, as if it bounded nothing, and against one as it is by default.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from loadtests.bench import NOT_LISTED, UNLIMITED, machine, pin, script
from loadtests.open_loop import Latencies, http_request, measure
from screening.vocabulary.api_key import new_api_key
from tests.harness.deployment import Api, Deployed, Partner

FLOOD_CONNECTIONS: Final = 256
UNBOUND: Final = {"SCREENING_UNKNOWN_KEYS_PER_SECOND": str(10**9)}
FLOODS: Final[dict[str, dict[str, str]]] = {
    "on connections that stay": {},
    "each on a connection of its own": {"connection": "close"},
}


def main() -> int:
    """Measure, and print a table in Markdown."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is begun is cleared away
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement")
    parser.add_argument("--per-second", type=int, default=1_000, help="good checks")
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed for the flood; install the package wrk")
    os.sched_setaffinity(0, {1 % (os.cpu_count() or 1)})
    print(f"Machine: {machine()}; {arguments.per_second:,} good checks a second, one worker\n")
    print(
        "| refusals | flood of unknown keys | it had refused a second | failed | p50 ms | p99 ms |"
    )
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="screening-flood-") as name:
        _measure_all(Path(name), arguments.seconds, arguments.per_second)
    return 0


def _measure_all(folder: Path, seconds: int, per_second: int) -> None:
    deployed = Deployed(folder, redis_url=None)
    deployed.environment.update(UNLIMITED)
    try:
        deployed.indexer("init")
        deployed.publish([("phone", "+1 202 555 0142", "buyer")])
        partner = deployed.add_partner("bench")
        for what, settings in (("all at once", UNBOUND), ("in turns", {})):
            api = deployed.serve(workers=1, **settings)
            deployed.wait_ready(api)
            pin(api.process.pid, 0)
            _row(what, "none", 0, _good(api, partner, seconds, per_second))
            for name, headers in FLOODS.items():
                script = _flood_script(folder, partner, headers)
                with _flood(api, script, seconds + 2) as flood:
                    good = _good(api, partner, seconds, per_second)
                _row(what, name, _rate_of(flood), good)
            api.stop()
    finally:
        deployed.close()


def _good(api: Api, partner: Partner, seconds: int, per_second: int) -> Latencies:
    headers = {**partner.headers, "content-type": "application/json"}
    body = json.dumps(partner.body(NOT_LISTED)).encode()
    url = f"{api.url}/v1/check"
    request = http_request(url, body, headers)
    return asyncio.run(measure(url, request, per_second=per_second, seconds=seconds))


def _flood_script(folder: Path, partner: Partner, headers: dict[str, str]) -> Path:
    wrong = {"authorization": f"Bearer {new_api_key('live').text}", **headers}
    body = json.dumps(partner.body(NOT_LISTED)).encode()
    return script(folder / "flood.lua", body, {"content-type": "application/json", **wrong})


@contextmanager
def _flood(api: Api, script: Path, seconds: int) -> "Iterator[subprocess.Popen[str]]":
    command = ["wrk", "-t1", f"-c{FLOOD_CONNECTIONS}", f"-d{seconds}s", "-s", str(script)]
    flood = subprocess.Popen([*command, f"{api.url}/v1/check"], stdout=subprocess.PIPE, text=True)
    try:
        yield flood
    finally:
        flood.wait(timeout=seconds + 30)


def _rate_of(flood: "subprocess.Popen[str]") -> float:
    assert flood.stdout is not None
    with flood.stdout:
        found = re.search(r"Requests/sec:\s+([\d.]+)", flood.stdout.read())
    return float(found[1]) if found else float("nan")


def _row(what: str, flood: str, refused: float, good: Latencies) -> None:
    print(
        f"| {what} | {flood} | {refused:,.0f} | {good.failed:,} of {good.sent:,} | "
        f"{good.p50_ms:.2f} | {good.p99_ms:.2f} |"
    )


if __name__ == "__main__":
    sys.exit(main())
