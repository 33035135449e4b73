"""What publishing costs: time, memory of all processes, bytes in Redis and on the host."""

import argparse
import os
import re
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from screening.generations.manifest import FILTER_PIECE_BYTES
from screening.store import keys
from tests.harness.deployment import BIN, Deployed, Partner
from tests.harness.processes import Process, children_of
from tests.harness.valkey import Valkey

_URL: Final = ("--api-url", "http://127.0.0.1:8080")
_UNSTRETCHED: Final = ("--stretch", "none", "--allow-unstretched")


def measure_publishing(folder: Path, count: int, *, partners: int = 2) -> None:
    """Publish `count` phones (stretch none), change the list, and print a table."""
    valkey = Valkey(folder / "v")
    deployed = Deployed(folder, redis_url=valkey.url)
    try:
        deployed.indexer("init")
        path = folder / "list.csv"
        _write(path, range(count))
        before = _used_bytes(valkey)
        print(
            f"| {count:,} selectors, {partners} partners, stretch none | time | CPU | memory, all |"
        )
        print("|---|---|---|---|")
        _row(
            "read, normalise, hold against the safety lists, seal the list",
            deployed,
            "publish",
            str(path),
        )
        for number in range(partners):
            kit = str(folder / f"{number}.json")
            what = "next token key: index, verify, upload what is stretched"
            if number == 0:
                what = "first token key: slow hash (one HMAC here), index, upload"
            added = ("partner", "add", f"p{number}", "--kit", kit, *_URL, *_UNSTRETCHED)
            _row(what, deployed, *added)
        stored = (_used_bytes(valkey) - before) / partners / count
        filters = _filter_bytes(valkey) / partners / count
        _measure_serving(deployed, Partner(folder / "0.json"))
        _measure_changes(deployed, path, count)
        print(f"\nRedis: {stored:.1f} bytes a selector and token key; ", end="")
        print(f"filter on the host: {filters:.2f} bytes; list file: ", end="")
        size = (deployed.indexer_home / "list.sqlite").stat().st_size
        print(f"{size / count:,.0f} bytes a selector\n")
    finally:
        deployed.close()
        valkey.kill()


def _measure_serving(deployed: Deployed, partner: Partner) -> None:
    """Start an API host on an empty cache, and see that it answers from the list.

    It stays, so that commands from now on last until it answers from what they have changed.
    """
    start = time.perf_counter()
    api = deployed.serve(workers=1)
    deployed.wait_ready(api)
    seconds = time.perf_counter() - start
    listed, other = ("phone", "+15550000001"), ("phone", "+12025550100")
    if partner.results(api, listed, other) != ["match", "no_match"]:
        sys.exit("the API does not answer what was published")
    pids = (api.process.pid, *children_of(api.process.pid))
    megabytes = sum(map(_proportional_bytes, pids)) / (1 << 20)
    print(f"| an API host takes it up, one worker | {seconds:.1f} s | | {megabytes:,.0f} MiB |")


def _proportional_bytes(pid: int) -> int:
    """Return what a process has in memory, of what it shares with others its part."""
    found = re.search(
        r"^Pss:\s+(\d+) kB$", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE
    )
    return int(found[1]) << 10 if found else 0


def _measure_changes(deployed: Deployed, path: Path, count: int) -> None:
    hundredth = max(1, count // 100)
    more = deployed.folder / "more.csv"
    _write(more, range(count, count + hundredth))
    _row(
        "retract one, for all partners", deployed, "retract", "phone:+15550000000", "--reason", "x"
    )
    _row("1 % more: publish --changes", deployed, "publish", "--changes", str(more))
    _write(path, range(hundredth, count + hundredth))
    _row("the whole list again, 1 % of it others", deployed, "publish", str(path))
    _row("status", deployed, "status")
    _row("compact --all: every index anew", deployed, "compact", "--all")


def _row(what: str, deployed: Deployed, *arguments: str) -> None:
    seconds, cpu_seconds, peak = _timed(deployed, *arguments)
    megabytes = peak / (1 << 20)
    print(f"| {what} | {seconds:.1f} s | {cpu_seconds:.1f} s | {megabytes:,.0f} MiB |", flush=True)


def _write(path: Path, numbers: Iterable[int]) -> None:
    # 555 is no area code, so these ten million numbers are nobody's.
    with path.open("w") as file:
        file.write("kind,value,role\n")
        file.writelines(f"phone,+1555{number:07d},trafficker\n" for number in numbers)


def _timed(deployed: Deployed, *arguments: str) -> tuple[float, float, int]:
    """Run an indexer command; return seconds, CPU seconds and peak memory of all its processes."""
    start, before = time.perf_counter(), _children_cpu_s()
    process = Process(
        [str(BIN / "indexer"), *arguments],
        deployed.folder / "indexer.log",
        environment=deployed.environment,
        cwd=deployed.folder,
    )
    peak = 0
    try:
        while process.popen.poll() is None:
            peak = max(peak, _resident_bytes(process.pid))
            time.sleep(0.05)
    finally:
        process.kill()
    assert process.popen.returncode in (0, 3), process.logged()
    return time.perf_counter() - start, _children_cpu_s() - before, peak


def _children_cpu_s() -> float:
    """Return what processes that have ended, and theirs, have used; the store has not ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _resident_bytes(pid: int) -> int:
    total = 0
    try:
        for one in (pid, *children_of(pid)):
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return total * os.sysconf("SC_PAGE_SIZE")


def _used_bytes(valkey: Valkey) -> int:
    with valkey.client() as client:
        return int(client.info("memory")["used_memory"])


def _filter_bytes(valkey: Valkey) -> int:
    with valkey.client() as client:
        pattern = keys.filter_piece("*", "*", 0).removesuffix("0") + "*"
        names = list(client.scan_iter(match=pattern, count=FILTER_PIECE_BYTES))
        return sum(int(client.strlen(name)) for name in names)


def main() -> int:
    """Measure lists of one size, as `make bench-lists` does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is begun is cleared away
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--selectors", type=int, default=1_000_000, help="up to 9,900,000")
    parser.add_argument("--partners", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="screening-bench-") as name:
        measure_publishing(Path(name), arguments.selectors, partners=arguments.partners)
    return 0


if __name__ == "__main__":
    sys.exit(main())
