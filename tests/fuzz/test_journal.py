"""Whatever a journal's files hold, the next writer starts, and what is kept is kept as it was."""

import json
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.ledger.ledger import Ledger
from screening.ledger.lines import link
from screening.ledger.recovery import recover_ledger
from screening.ledger.verify import verify_ledger
from screening.vocabulary.errors import LedgerDamaged
from tests.api.canary import require_nothing_back
from tests.fuzz.extent import fuzzed
from tests.fuzz.given import near, require_no_echo
from tests.ledger.dead_writers import leave_dead
from tests.ledger.looking import numbers, record

SUFFIXES = (".open", ".sealed", ".damaged")


def linked(payloads: list[bytes]) -> bytes:
    """Return lines that hold these payloads and follow from each other."""
    lines, chain = [], b""
    for payload in payloads:
        whole = payload.replace(b"\n", b" ")
        chain = link(chain, whole)
        lines.append(chain + b" " + whole + b"\n")
    return b"".join(lines)


def one_content_of(path: Path) -> bytes:
    """Return what the segment holds, whichever of its names it has now; nothing where none."""
    found = [one.read_bytes() for one in map(path.with_suffix, SUFFIXES) if one.exists()]
    assert len(found) <= 1
    return found[0] if found else b""


@fuzzed
@given(data=st.data())
def test_a_dead_writer_s_segment_of_any_bytes_is_recovered_or_kept(
    tmp_path_factory: pytest.TempPathFactory,
    dead_segment: Path,
    caplog: pytest.LogCaptureFixture,
    data: st.DataObject,
) -> None:
    content = data.draw(near(dead_segment.read_bytes()))
    directory = tmp_path_factory.mktemp("fuzz") / "ledger"
    path = leave_dead(directory, dead_segment, content)
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        recovery = recover_ledger(directory)
    require_nothing_back(caplog.text.encode() + repr(recovery).encode())
    if recovery.damaged:
        assert one_content_of(path) == content
    with Ledger(directory, host="next") as ledger:
        ledger.append([record(1000)])
    require_told(directory)


@fuzzed
@given(data=st.data())
def test_a_segment_of_any_header_and_seal_that_follow_from_each_other_is_recovered_or_kept(
    tmp_path_factory: pytest.TempPathFactory, dead_segment: Path, data: st.DataObject
) -> None:
    """Whoever can write there can compute the chain, too: it vouches for no content."""
    header, *records = [line[65:] for line in dead_segment.read_bytes().splitlines()]
    seal = {"seal": {"number": 1, "segment": dead_segment.stem, "records": len(records)}}
    content = data.draw(
        st.tuples(near(header, json.loads(header)), near(json.dumps(seal).encode(), seal)).map(
            lambda ends: linked([ends[0], *records, b'{"seal":' + ends[1].lstrip(b'{"seal: ')])
        )
    )
    directory = tmp_path_factory.mktemp("fuzz") / "ledger"
    path = leave_dead(directory, dead_segment, content)
    if recover_ledger(directory).damaged:
        assert one_content_of(path) == content
    require_told(directory)


@fuzzed
@given(data=st.data())
def test_an_index_of_seals_of_any_bytes_keeps_no_record_from_being_made(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    directory = tmp_path_factory.mktemp("fuzz") / "ledger"
    with Ledger(directory, host="before") as before:
        before.append([record(1)])
    index = directory / "seals"
    index.write_bytes(data.draw(near(index.read_bytes())))
    with Ledger(directory, host="next") as ledger:
        ledger.append([record(2)])
    assert {1, 2} <= set(numbers(directory))
    require_told(directory)


def require_told(directory: Path) -> None:
    """Verify; it ends well or with its own error."""
    try:
        verify_ledger(directory)
    except LedgerDamaged as error:
        require_no_echo(error)
