"""In which order a log becomes durable: what is signed lies on the disk before (decision 21)."""

import re
from collections.abc import Sequence
from pathlib import Path

from screening.ledger.ledger import Ledger
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.keys import ensure_log_key
from tests.ledger.conftest import OpenLedger
from tests.ledger.log.merging import merged_log, signed
from tests.ledger.looking import record

A_CHECKPOINT = ("fsync temporary", "replace temporary", "fsync log")


def named(steps: Sequence[str]) -> list[str]:
    """The steps, where a file that is written beside its place has one name."""
    return [re.sub(r" \.[0-9a-f]{12}$", " temporary", step) for step in steps]


def test_records_runs_and_hashes_are_durable_in_this_order_before_a_checkpoint_is(
    directory: Path, open_ledger: OpenLedger, durable_steps: list[str]
) -> None:
    open_ledger().append([record(0)])
    with merged_log(directory) as log:
        log.merge()
        with Ledger(directory, host="test") as sealed:
            sealed.append([record(1)])
        durable_steps.clear()
        assert log.merge() == 2
        assert durable_steps == [
            *("fdatasync .open", "fdatasync .sealed"),  # in the order of their ids
            *("pwrite runs", "fdatasync runs"),
            *("pwrite hashes", "fdatasync hashes"),
        ]
        durable_steps.clear()
        log.sign()
        assert named(durable_steps) == [*A_CHECKPOINT]
        durable_steps.clear()
        log.merge()
        log.sign()
        assert durable_steps == []


def test_what_is_cut_off_when_a_log_is_opened_is_so_durably(
    directory: Path, open_ledger: OpenLedger, durable_steps: list[str]
) -> None:
    open_ledger().append([record(0)])
    with merged_log(directory) as log:
        signed(log)
    durable_steps.clear()
    with merged_log(directory):
        assert durable_steps == [
            *("fsync log", "fsync ledger"),
            *("ftruncate runs", "fdatasync runs"),
            *("ftruncate hashes", "fdatasync hashes"),
        ]


def test_a_log_begins_with_a_durable_checkpoint_before_its_key_is_kept(
    directory: Path, durable_steps: list[str]
) -> None:
    ensure_log_key(directory.parent, "log.example/journal", log=directory / LOG)
    assert named(durable_steps) == [
        "fsync ledger",  # else a power cut could leave a key without any log
        *A_CHECKPOINT,
        *("fsync temporary", "link temporary", f"fsync {directory.parent.name}"),
    ]
