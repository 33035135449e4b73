"""What publishing costs: time, memory of all processes, bytes in Redis and on the host."""

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from screening.generations.manifest import FILTER_PIECE_BYTES
from screening.store import keys
from tests.harness.deployment import BIN, Deployed
from tests.harness.processes import Process, children_of
from tests.harness.valkey import Valkey


def measure_publishing(folder: Path, count: int) -> None:
    """Publish `count` phones (stretch none) and print a table."""
    valkey = Valkey(folder / "v")
    deployed = Deployed(folder, redis_url=valkey.url)
    try:
        deployed.indexer("init")
        path = folder / "list.csv"
        with path.open("w") as file:
            file.write("kind,value,role\n")
            file.writelines(f"phone,{number},trafficker\n" for number in _numbers(count))
        unstretched = ("--stretch", "none", "--allow-unstretched")
        before = _used_bytes(valkey)
        first = _timed(deployed, "publish", str(path))
        kit = str(folder / "one.json")
        url = ("--api-url", "http://127.0.0.1:8080")
        stretching = _timed(deployed, "partner", "add", "one", "--kit", kit, *url, *unstretched)
        kit = str(folder / "two.json")
        indexing = _timed(deployed, "partner", "add", "two", "--kit", kit, *url, *unstretched)
        stored = (_used_bytes(valkey) - before) / 2 / count
        print(f"| publishing {count:,} selectors, stretch none | time | CPU | memory, all |")
        print("|---|---|---|---|")
        for what, (seconds, cpu_seconds, peak) in (
            ("read, normalise, seal the list", first),
            ("first token key: slow hash (one HMAC here), index, upload", stretching),
            ("next token key: index, verify, upload what is stretched", indexing),
        ):
            megabytes = peak / (1 << 20)
            print(f"| {what} | {seconds:.1f} s | {cpu_seconds:.1f} s | {megabytes:,.0f} MiB |")
        print(f"\nRedis: {stored:.1f} bytes a selector and token key; ", end="")
        print(f"filter on the host: {_filter_bytes(valkey) / 2 / count:.2f} bytes\n")
    finally:
        deployed.close()
        valkey.kill()


def _numbers(count: int) -> Iterator[str]:
    # 555 is no area code, so these ten million numbers are nobody's.
    return (f"+1555{number:07d}" for number in range(count))


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
    while process.popen.poll() is None:
        peak = max(peak, _resident_bytes(process.pid))
        time.sleep(0.05)
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
