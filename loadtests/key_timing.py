"""`make timing`: does the time of a refusal tell anything of the API key? Nothing here asserts.

For each sort of wrong key: how often it was answered faster than the right one, and than a wrong
one that nobody knows, of pairs drawn at random (the area under the ROC curve: 0.50 is "no telling
apart"), with what 2,000 resamplings leave of it. In process, without noise of sockets; then over
HTTP, where both are refused at the next step: the right key for its media type (415), the wrong one
with 401.
"""

import argparse
import random
import secrets
import signal
import socket
import statistics
import sys
import tempfile
import time
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from screening.registry.reader import Registry
from screening.registry.record import ApiKeyRecord, ApiKeyVerifiers, PartnerRecord
from screening.vocabulary.api_key import new_api_key
from screening.vocabulary.errors import Unauthenticated
from tests.harness.deployment import Deployed

NOW: Final = 1_795_000_000.0
RIGHT: Final = "right"
UNKNOWN: Final = "of nobody"
PARTNERS: Final = 1_000
SECRET_LETTERS: Final = 32
ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
BLOCKS: Final = 50
RESAMPLINGS: Final = 2_000

Keys = Mapping[str, Callable[[], str]]
"""What draws a key of each sort."""

Samples = dict[str, list[int]]
"""Nanoseconds, by the sort of key, in the order in which they were taken."""


def main() -> int:
    """Measure both, and print what was found."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is begun is cleared away
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=200_000, help="of each sort, in process")
    parser.add_argument("--requests", type=int, default=10_000, help="of each sort, over HTTP")
    arguments = parser.parse_args()
    keys, registry = _registry()
    _report("In process", measure(_authenticating(registry), keys, arguments.samples))
    with tempfile.TemporaryDirectory(prefix="screening-timing-") as name:
        _report("Over HTTP, on loopback", _over_http(Path(name), arguments.requests))
    return 0


def wrong_keys(right: Sequence[str]) -> Keys:
    """Return what draws wrong keys of each sort, as long as the right ones.

    Another one each time: how long a look-up takes depends on the bits of its HMAC (decision 19),
    so that one key always takes the same time, which says nothing of its sort.
    """
    return {
        UNKNOWN: lambda: new_api_key("live").text,
        "right but for a letter of its secret": lambda: _misspelt(secrets.choice(right)),
        "right but for its checksum": lambda: secrets.choice(right)[:-8] + secrets.token_hex(4),
        "no key at all": lambda: secrets.token_hex(len(right[0]))[: len(right[0])],
    }


def measure(ask: Callable[[bytes], None], keys: Keys, samples: int) -> Samples:
    """Ask with each sort of key `samples` times, in an order drawn anew for each round."""
    taken: Samples = {name: [] for name in keys}
    # All of them before: what draws a key leaves the processor's caches in a state of its own.
    rounds = [[(name, draw().encode()) for name, draw in keys.items()] for _ in range(samples)]
    for one in rounds:
        random.shuffle(one)
        for name, text in one:
            started = time.perf_counter_ns()
            ask(text)
            taken[name].append(time.perf_counter_ns() - started)
    return taken


def how_often_faster(ones: list[int], others: list[int]) -> float:
    """Return the share of pairs in which the one is faster; a tie counts half."""
    ordered = sorted(others)
    total = len(ordered)
    return statistics.fmean(
        (2 * total - bisect_left(ordered, one) - bisect_right(ordered, one)) / (2 * total)
        for one in ones
    )


def interval(ones: list[int], others: list[int]) -> tuple[float, float, float]:
    """Return how often faster, and the middle 95 % of that over resampled blocks of time.

    Whole blocks, since what disturbs a machine disturbs neighbours alike.
    """
    size = len(ones) // BLOCKS
    shares = [
        how_often_faster(ones[at : at + size], others[at : at + size])
        for at in range(0, size * BLOCKS, size)
    ]
    means = sorted(
        statistics.fmean(random.choices(shares, k=BLOCKS))  # noqa: S311 - a statistic, no secret
        for _ in range(RESAMPLINGS)
    )
    return statistics.fmean(shares), means[RESAMPLINGS // 40], means[-RESAMPLINGS // 40]


def _report(title: str, taken: Samples) -> None:
    print(f"{title}, {len(taken[RIGHT]):,} of each\n")
    print("| key | median, us | faster than the right one | faster than one of nobody |")
    print("|---|---|---|---|")
    for name, samples in taken.items():
        compared = " | ".join(
            "-"
            if name == other
            else "{:.3f} ({:.3f} to {:.3f})".format(*interval(samples, taken[other]))
            for other in (RIGHT, UNKNOWN)
        )
        print(f"| {name} | {statistics.median(samples) / 1_000:.2f} | {compared} |")
    print()


def _registry() -> tuple[Keys, Registry]:
    """Return the keys to ask with, and who knows them: the first half has expired."""
    server_key = secrets.token_bytes(32)
    verifiers = ApiKeyVerifiers(server_key)
    known = [new_api_key("live") for _ in range(PARTNERS)]
    ends = [int(NOW) - 1] * (PARTNERS // 2) + [int(NOW) + 1] * (PARTNERS // 2)
    records = [
        PartnerRecord(
            format="screening-partner/1",
            partner=f"partner{number}",
            sequence=1,
            issued_at=int(NOW),
            state="active",
            mode="live",
            server_key_id=verifiers.server_key_id,
            key_ids=[],
            api_keys=[ApiKeyRecord(one.id, verifiers.of(one.text.encode()), ["check"], end)],
            selectors_per_second=1,
            daily_selectors=1,
        )
        for number, (one, end) in enumerate(zip(known, ends, strict=True))
    ]
    expired = [one.text for one in known[: PARTNERS // 2]]
    right = [one.text for one in known[PARTNERS // 2 :]]
    keys: Keys = {
        RIGHT: lambda: secrets.choice(right),
        **wrong_keys(right),
        "expired": lambda: secrets.choice(expired),
    }
    return keys, Registry(records, server_key)


def _authenticating(registry: Registry) -> Callable[[bytes], None]:
    def authenticate(text: bytes) -> None:
        try:
            registry.authenticate(text, NOW)
        except Unauthenticated:
            return

    return authenticate


def _over_http(folder: Path, requests: int) -> Samples:
    deployed = Deployed(folder, redis_url=None)
    try:
        deployed.indexer("init")
        deployed.publish([("phone", "+1 202 555 0142", "buyer")])
        partner = deployed.add_partner("timed", "--stretch", "light")
        api = deployed.serve(workers=1, SCREENING_UNKNOWN_KEYS_PER_SECOND=str(10**9))
        deployed.wait_ready(api)
        right = [partner.kit.api_key]
        keys: Keys = {RIGHT: lambda: right[0], **wrong_keys(right)}
        parts = urlsplit(api.url)
        with socket.create_connection((parts.hostname or "", parts.port or 0), 10) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return measure(_asking(connection), keys, requests)
    finally:
        deployed.close()


def _asking(connection: socket.socket) -> Callable[[bytes], None]:
    def ask(text: bytes) -> None:
        connection.sendall(
            b"POST /v1/check HTTP/1.1\r\nhost: api.example\r\ncontent-type: text/plain\r\n"
            b"content-length: 2\r\nauthorization: Bearer " + text + b"\r\n\r\n{}"
        )
        answer = connection.recv(1 << 16)  # it comes in one piece
        if answer[9:12] not in (b"401", b"415"):
            raise RuntimeError("something else was answered than a refusal")

    return ask


def _misspelt(key: str) -> str:
    """Return a key with one letter of its secret changed, and the checksum that fits."""
    letters = list(key.rpartition("_")[0])
    at = len(letters) - 1 - secrets.randbelow(SECRET_LETTERS)
    letters[at] = secrets.choice(ALPHABET.replace(letters[at], ""))
    start = "".join(letters)
    return f"{start}_{zlib.crc32(start.encode()):08x}"


if __name__ == "__main__":
    sys.exit(main())
