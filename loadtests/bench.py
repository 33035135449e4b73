"""`make bench`: what this machine does, as ratios within one run, in Markdown on stdout.

Server on core 0, generator on core 1. Nothing here asserts a figure: a machine is noisy, and a
figure that falls short is reported as it is. `docs/performance.md` keeps a run.
"""

import argparse
import asyncio
import base64
import json
import multiprocessing
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

from loadtests.open_loop import Latencies, ask_again_and_again, http_request, measure
from loadtests.publishing import measure_publishing
from tests.harness.deployment import BIN, Api, Deployed, Partner
from tests.harness.processes import Process, children_of, eventually

NOT_LISTED = ("phone", "+1 202 555 0100")
RETRACTED = ("phone", "+1 202 555 0143")
BULK_ROWS = 10_000
# So that the limits of a partner do not bound what is measured.
UNLIMITED = {
    "INDEXER_SELECTORS_PER_SECOND": "1000000000",
    "INDEXER_DAILY_SELECTORS": str(10**12),
    "INDEXER_MATCHES_PER_30_DAYS": str(10**9),
}


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was asked for on the command line."""

    seconds: int
    rounds: int
    publish: list[int]


def main() -> int:
    """Run all benchmarks."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is begun is cleared away
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="echo and check alternate so often")
    parser.add_argument("--publish", type=int, nargs="*", default=[100_000, 1_000_000])
    arguments = Arguments(**vars(parser.parse_args()))
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed for the closed-loop figures; install the package wrk")
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {1 % (os.cpu_count() or 1)})
    print(f"Machine: {machine()}\n")
    with tempfile.TemporaryDirectory(prefix="screening-bench-") as name:
        _bench_api(Path(name), arguments)
    os.sched_setaffinity(0, cores)  # the indexer inherits it, and works on all of them
    for count in arguments.publish:
        with tempfile.TemporaryDirectory(prefix="screening-bench-") as name:
            measure_publishing(Path(name), count)
    return 0


def _bench_api(folder: Path, arguments: Arguments) -> None:
    deployed = Deployed(folder, redis_url=None)
    deployed.environment.update(UNLIMITED)
    try:
        deployed.indexer("init")
        deployed.publish([("phone", "+1 202 555 0142", "buyer"), (*RETRACTED, "buyer")])
        partner = deployed.add_partner("bench", "--scopes", "check,bulk")
        api = deployed.serve(workers=1)
        deployed.wait_ready(api)
        deployed.indexer("retract", "phone:+12025550143", "--reason", "a mistake")
        eventually(lambda: partner.results(api, RETRACTED) == ["no_match"], what="the retraction")
        pin(api.process.pid, 0)
        echo = _start_echo(deployed, folder)
        body, retracted = (
            json.dumps(partner.body(one)).encode() for one in (NOT_LISTED, RETRACTED)
        )
        headers = {**partner.headers, "content-type": "application/json"}
        scripts = [script(folder / f"{n}.lua", b, headers) for n, b in enumerate((body, retracted))]
        checks = _closed_loop(api, echo, arguments, scripts)
        _open_loop(api, http_request(f"{api.url}/v1/check", body, headers), checks, arguments)
        _print_fsync(deployed.home / "journal")
        _bulk(api, partner, http_request(f"{api.url}/v1/check", body, headers), arguments)
    finally:
        deployed.close()


def _start_echo(deployed: Deployed, folder: Path) -> str:
    command = [str(BIN / "uvicorn"), "--port", "0", "--no-access-log", "--lifespan", "off"]
    environment = {**deployed.environment, "PYTHONPATH": str(Path(__file__).parents[1])}
    process = Process(
        [*command, "loadtests.echo:app"], folder / "echo.log", environment=environment, cwd=folder
    )
    deployed.keep(process)
    found = eventually(
        lambda: re.search(r"http://127\.0\.0\.1:\d+", process.logged()), what="the echo server"
    )
    pin(process.pid, 0)
    return found[0]


def script(path: Path, body: bytes, headers: dict[str, str]) -> Path:
    """Write what makes wrk send one request."""
    lines = ['wrk.method = "POST"', f"wrk.body = {json.dumps(body.decode())}"]
    lines += [f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}" for k, v in headers.items()]
    path.write_text("\n".join(lines))
    path.chmod(0o600)
    return path


def _closed_loop(api: Api, echo: str, arguments: Arguments, scripts: Sequence[Path]) -> float:
    never_listed, retracted = scripts
    echoes, checks, of_retracted = [], [], []
    for _ in range(arguments.rounds):
        echoes.append(_wrk(f"{echo}/", never_listed, arguments.seconds))
        checks.append(_wrk(f"{api.url}/v1/check", never_listed, arguments.seconds))
        of_retracted.append(_wrk(f"{api.url}/v1/check", retracted, arguments.seconds))
    ratio = statistics.median(c / e for c, e in zip(checks, echoes, strict=True))
    as_fast = statistics.median(r / c for r, c in zip(of_retracted, checks, strict=True))
    print("| closed loop, 16 connections, one core | requests/s |\n|---|---|")
    print(f"| bare echo (uvicorn) | {statistics.median(echoes):,.0f} |")
    print(f"| /v1/check, one selector, not listed | {statistics.median(checks):,.0f} |")
    print(f"| ratio, median of {arguments.rounds} rounds | **{ratio:.2f}** |")
    print(f"| the same of a retracted selector | {statistics.median(of_retracted):,.0f} |")
    print(f"| retracted to never listed, median | {as_fast:.2f} |\n")
    return statistics.median(checks)


def _wrk(url: str, script: Path, seconds: int) -> float:
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", "-s", str(script), url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        sys.exit(f"not every answer was a 200:\n{said}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found is not None
    return float(found[1])


def _open_loop(api: Api, request: bytes, checks: float, arguments: Arguments) -> None:
    print("| open loop, 16 connections | requests/s | failed | p50 ms | p99 ms | max ms |")
    print("|---|---|---|---|---|---|")
    for share in (0.1, 0.25, 0.5):
        found = _measure(api, request, checks * share, arguments.seconds)
        print(
            f"| {share:.0%} of the closed loop's | {checks * share:,.0f} | {found.failed} | "
            f"{found.p50_ms:.2f} | {found.p99_ms:.2f} | {found.max_ms:.1f} |"
        )
    print()


def _measure(api: Api, request: bytes, per_second: float, seconds: float) -> Latencies:
    url = f"{api.url}/v1/check"
    return asyncio.run(measure(url, request, per_second=per_second, seconds=seconds))


def _print_fsync(folder: Path) -> None:
    """Measure what the disk asks for a bare append of 256 bytes and an fdatasync."""
    path = folder.parent / "fsync-probe"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    took = []
    for _ in range(2_000):
        start = time.perf_counter()
        os.write(descriptor, bytes(256))
        os.fdatasync(descriptor)
        took.append((time.perf_counter() - start) * 1_000)
    os.close(descriptor)
    path.unlink()
    took.sort()
    p50_ms, p99_ms = took[1_000], took[1_980]
    print(f"Bare append of 256 bytes + fdatasync: p50 {p50_ms:.3f} ms, p99 {p99_ms:.3f} ms\n")


def _bulk(api: Api, partner: Partner, check: bytes, arguments: Arguments) -> None:
    token = partner.token(*NOT_LISTED)
    body = partner.body(NOT_LISTED)
    packed = {
        "key_id": body["key_id"],
        "key_check": base64.b64decode(body["key_check"]),
        "selectors": [
            {"kind": "phone", "token": token[:-4] + n.to_bytes(4)} for n in range(BULK_ROWS)
        ],
    }
    headers = {**partner.headers, "content-type": "application/msgpack"}
    content = msgspec.msgpack.encode(packed)
    rates = []
    with httpx.Client(timeout=30, headers={**headers, "accept": "application/msgpack"}) as client:
        for _ in range(20):
            start = time.perf_counter()
            response = client.post(f"{api.url}/v1/bulk", content=content)
            rates.append(BULK_ROWS / (time.perf_counter() - start))
            response.raise_for_status()
    print("| bulk of 10,000, MessagePack, over HTTP | |\n|---|---|")
    print(f"| selectors/s, one core, median of 20 | {statistics.median(rates):,.0f} |")
    alone = _measure(api, check, 500, arguments.seconds)
    request = http_request(f"{api.url}/v1/bulk", content, headers)
    # A process of its own: the generator must not wait while it sends a body of 600 kB.
    bulk = multiprocessing.get_context("spawn").Process(
        target=ask_again_and_again, args=(api.url, request, arguments.seconds + 2), daemon=True
    )
    bulk.start()
    beside = _measure(api, check, 500, arguments.seconds)
    bulk.join()
    if bulk.exitcode:
        sys.exit("the bulk beside the checks failed")
    print(f"| check p99 at 500/s, alone | {alone.p99_ms:.2f} ms |")
    print(f"| check p99 at 500/s, one bulk after the other beside it | {beside.p99_ms:.2f} ms |\n")


def pin(pid: int, core: int) -> None:
    for one in (pid, *children_of(pid)):
        for task in Path(f"/proc/{one}/task").iterdir():
            os.sched_setaffinity(int(task.name), {core})


def machine() -> str:
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    name = cpu[1] if cpu else platform.machine()
    return f"{os.cpu_count()} cores, {name}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
