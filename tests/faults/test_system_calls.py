"""What the kernel is asked for, and in which order: seen from outside, by strace."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.harness.asking import Asking
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import eventually
from tests.harness.strace import Traced, can_trace
from tests.ledger.looking import files, lines, read_records

pytestmark = pytest.mark.skipif(not can_trace(), reason="needs strace, and leave to use it")

LISTED = ("phone", "+12025550142")
UNLISTED = ("phone", "+12025550100")
ANSWERS: Final = 200
WRITES: Final = ("write", "writev", "pwrite64", "pwritev2", "sendto", "sendmsg")
RECEIPT: Final = re.compile(r'\\"receipt\\":\\"([a-z2-7]{26})\\"')
CALL: Final = re.compile(r"^(\d+) +(\w+)\(\d+<([^>]*)>(.*)$")
RESUMED: Final = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>.*= (-?\d+)")


@pytest.fixture
def partner(deployed: Deployed) -> Partner:
    deployed.publish([(*LISTED, "trafficker")])
    return deployed.add_partner("acme")


@pytest.fixture
def api(deployed: Deployed, partner: Partner) -> Iterator[Api]:
    running = deployed.serve(workers=1)
    deployed.wait_ready(running)
    yield running
    running.stop()


class Order:
    """Reads the calls one by one, and knows which receipts are on the disk by then."""

    def __init__(self) -> None:
        self.durable: set[str] = set()
        self.answered: list[str] = []
        self.early: list[str] = []
        """Receipts of answers that left before."""
        self._written: set[str] = set()
        self._covered: set[str] = set()
        self._unfinished: dict[str, set[str]] = {}

    def read(self, line: str) -> None:
        if (resumed := RESUMED.match(line)) is not None:
            self._returned(resumed[2], resumed[3], self._unfinished.pop(resumed[1], set()))
        elif (call := CALL.match(line)) is not None:
            thread, name, about, rest = call.groups()
            if about.endswith(".open"):
                # A write counts from its return on, an fdatasync for what had returned by its call.
                concerned = set(RECEIPT.findall(rest)) if name != "fdatasync" else self._taken()
                if rest.endswith("<unfinished ...>"):
                    self._unfinished[thread] = concerned
                else:
                    self._returned(name, rest.rpartition("= ")[2].split()[0], concerned)
            elif name != "fdatasync":
                for receipt in RECEIPT.findall(rest):
                    self.answered.append(receipt)
                    if receipt not in self.durable:
                        self.early.append(receipt)

    def _taken(self) -> set[str]:
        return set(self._written)

    def _returned(self, name: str, result: str, concerned: set[str]) -> None:
        if name == "fdatasync" and result == "0":
            self.durable |= concerned
        elif name in WRITES and not result.startswith("-"):
            self._written |= concerned


def test_no_byte_of_an_answer_leaves_before_the_fdatasync_that_covers_it_returned(
    api: Api, partner: Partner, tmp_path: Path
) -> None:
    (worker,) = api.worker_pids()
    traced = Traced(worker, tmp_path, "fdatasync", *WRITES)
    with traced, Asking(api, [partner], LISTED, UNLISTED, clients=4) as asking:
        eventually(lambda: len(asking.receipts) > ANSWERS, what="answers")
    order = Order()
    for line in traced.text.splitlines():
        order.read(line)
    assert asking.receipts & set(order.answered)
    assert len(order.answered) > ANSWERS
    assert order.early == []


def test_an_answer_that_leaves_early_is_noticed() -> None:
    order = Order()
    receipt = "a" * 26
    record, sent = (
        rf'"{{\"receipt\":\"{receipt}\"}}"',
        rf'"HTTP/1.1 200 {{\"receipt\":\"{receipt}\"}}"',
    )
    for line in (
        f"12 write(5</j/one.open>, {record}, 42) = 42",
        "12 fdatasync(5</j/one.open> <unfinished ...>",
        f"11 sendto(9<socket:[1]>, {sent}, 60, 0, NULL, 0) = 60",
        "12 <... fdatasync resumed>) = 0",
    ):
        order.read(line)
    assert order.early == [receipt]
    assert order.durable == {receipt}


def test_while_a_disk_fails_all_is_audit_and_the_next_segment_continues_the_failed_one(
    deployed: Deployed, api: Api, partner: Partner, tmp_path: Path
) -> None:
    journal = deployed.home / "journal"
    given = {partner.ask(api, LISTED).json()["receipt"]}
    (failed,) = files(journal, ".open")
    (worker,) = api.worker_pids()
    with Traced(worker, tmp_path, "fdatasync", inject="fdatasync:error=EIO"):
        for selector in (LISTED, UNLISTED) * 3:
            answer = partner.ask(api, selector)
            assert (answer.status_code, answer.json()["reason"]) == (503, "audit")
            assert "matches" not in answer.json()
    eventually(lambda: partner.ask(api, UNLISTED).status_code == 200, what="an answer")
    given |= {partner.ask(api, LISTED).json()["receipt"]}

    # Never again the same file: what the kernel has thrown away it does not tell twice.
    (following,) = (path for path in files(journal, ".open") if path != failed)
    assert lines(following)[0]["continues"]["segment"] == failed.stem
    recorded = b"".join(payload for _, _, payload in read_records(journal))
    assert all(receipt.encode() in recorded for receipt in given)
    deployed.run("screening", "audit", "verify")
