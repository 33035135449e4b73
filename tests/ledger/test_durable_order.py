"""In which order bytes and names become durable: what a power cut would undo is never built on."""

from pathlib import Path

from screening.ledger.ledger import Ledger
from screening.ledger.recovery import recover_ledger
from tests.ledger.looking import record


def test_a_segment_has_a_durable_name_and_header_before_its_first_record(
    directory: Path, durable_steps: list[str]
) -> None:
    with Ledger(directory, host="test") as ledger:
        ledger.open()
        assert durable_steps == [
            *("fdatasync seals", "fsync ledger"),  # the last seal is looked up: the index is new
            *("pwrite .open", "fdatasync .open", "fsync ledger"),
        ]


def test_a_seal_is_durable_in_the_index_before_it_is_set_and_its_name_before_the_next_segment(
    directory: Path, durable_steps: list[str]
) -> None:
    ledger = Ledger(directory, host="test")
    ledger.append([record(1)])
    durable_steps.clear()
    ledger.close()
    assert [step for step in durable_steps if step != "ftruncate seals"] == [
        *("fdatasync seals", "fsync ledger"),
        *("fdatasync seals", "fsync ledger", "pwrite seals", "fdatasync seals"),
        *("pwrite .open", "fdatasync .open"),
        *("rename .open", "fsync ledger"),
    ]


def test_what_a_dead_writer_left_is_durable_before_it_is_sealed(
    directory: Path, durable_steps: list[str]
) -> None:
    with Ledger(directory, host="test") as whole:
        whole.append([record(0)])
    ledger = Ledger(directory, host="test")
    ledger.append([record(1)])
    assert ledger._segment is not None
    ledger._segment.release()  # as the end of its process does
    durable_steps.clear()
    recover_ledger(directory)
    assert [step for step in durable_steps if step != "ftruncate seals"] == [
        "fdatasync seals",  # an announcer may have died before its own
        *("ftruncate .open", "fdatasync .open"),
        "fdatasync seals",
        *("fdatasync seals", "pwrite seals", "fdatasync seals"),
        *("pwrite .open", "fdatasync .open"),
        *("rename .open", "fsync ledger"),
    ]
