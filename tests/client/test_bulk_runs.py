"""Long runs: interrupted, killed, changed under way - without a row lost or asked twice."""

import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from functools import partial

import pytest

from screening.client.bulk.columns import detect_columns
from screening.client.bulk.output import write_screened
from screening.client.bulk.resume import AnsweredBatch, ResumeFile, ResumeHeader
from screening.client.bulk.table import survey
from screening.client.commands.bulk_run import BulkJob, BulkOptions, ask
from screening.client.commands.progress import BulkProgress
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.kit import Kit
from tests.client import peer as behave
from tests.client.bulk_run import AT_ONCE, BATCH, ROWS, Run
from tests.client.conftest import GenScreen, WaitUntil
from tests.client.peer import Exchange, Peer
from tests.harness.slow import slow_but_first


def has_hung_up(connection: socket.socket) -> bool:
    """Whether who asked has closed the connection, as a killed process has."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def hold_after(peer: Peer, requests: int) -> None:
    """Answer so many bulk requests of who still waits, and let the others wait for the gate."""
    count = 0

    def behaviour(exchange: Exchange) -> None:
        nonlocal count
        if exchange.handler.path == "/v1/bulk" and not has_hung_up(exchange.handler.connection):
            with peer.lock:
                count += 1
                last = count == requests
            behave.honest(exchange)
            if last:
                peer.gate.clear()
            return
        behave.honest(exchange)

    peer.always = behaviour


def recorded(run: Run, batches: int) -> bool:
    return run.recorded() >= batches


@slow_but_first(1, "signal_number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_lands_what_is_in_flight_and_resumes_asking_nothing_twice(
    run: Run, peer: Peer, wait_until: WaitUntil, signal_number: signal.Signals
) -> None:
    hold_after(peer, 5)
    process = run.start()
    wait_until(lambda: not peer.gate.is_set() and peer.total("/v1/bulk") >= 8)
    process.send_signal(signal_number)
    assert process.stderr is not None
    said = ""
    while "Stopping" not in said:
        said += process.stderr.readline()
    arrived = peer.total("/v1/bulk")
    peer.gate.set()
    _, rest = process.communicate(timeout=30)
    assert process.returncode == 128 + signal_number
    assert f"gen-screen {' '.join(run.arguments)}" in rest
    assert "Traceback" not in rest
    in_flight = peer.total("/v1/bulk")
    assert run.recorded() == in_flight
    # What had been sent may have been on its way still; nothing was begun since.
    assert in_flight - arrived < AT_ONCE
    assert in_flight < ROWS // BATCH
    assert not run.out.exists()

    assert f"Going on: {in_flight * BATCH:,} of 400 rows" in run.complete()
    run.assert_whole()
    assert set(peer.asked.values()) == {1}
    assert len(peer.asked) == ROWS


def test_the_help_says_how_a_run_ends_by_either_signal(gen_screen: GenScreen) -> None:
    said = " ".join(gen_screen("bulk", "--help").out.split())
    for number in (signal.SIGINT, signal.SIGTERM):
        assert str(128 + number) in said


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.slow
def test_a_second_signal_leaves_at_once_and_the_next_run_goes_on(
    run: Run, peer: Peer, wait_until: WaitUntil, signal_number: signal.Signals
) -> None:
    hold_after(peer, 5)
    process = run.start()
    wait_until(lambda: not peer.gate.is_set() and peer.total("/v1/bulk") >= 8)
    assert process.stderr is not None
    process.send_signal(signal_number)
    said = ""
    while "Stopping" not in said:
        said += process.stderr.readline()
    process.send_signal(signal_number)  # while nothing is answered
    _, rest = process.communicate(timeout=30)
    assert process.returncode == 130
    assert f"gen-screen {' '.join(run.arguments)}" in rest
    assert "Traceback" not in rest
    peer.always = None
    peer.gate.set()
    run.complete()
    run.assert_whole()


def test_a_killed_run_loses_no_answer_and_asks_again_only_what_was_in_flight(
    run: Run, peer: Peer, wait_until: WaitUntil
) -> None:
    kills = 3
    for kill in range(1, kills + 1):
        peer.gate.set()
        before = run.recorded()
        hold_after(peer, 3)
        process = run.start()
        wait_until(lambda: not peer.gate.is_set())
        wait_until(partial(recorded, run, before + 3))
        process.kill()
        process.communicate()
        assert run.recorded() < ROWS // BATCH, kill
    peer.always = None
    peer.gate.set()
    run.complete()
    run.assert_whole()
    assert len(peer.asked) == ROWS
    assert sum(peer.asked.values()) <= ROWS + kills * 3 * BATCH


def start_and_hold(
    run: Run, peer: Peer, wait_until: WaitUntil
) -> tuple[subprocess.Popen[str], Callable[[], None]]:
    """Start a run; return it as it waits for the parameters, and what has them told."""
    hold = threading.Event()

    def wait(exchange: Exchange) -> None:
        hold.wait(30)
        behave.honest(exchange)

    peer.script.append(wait)
    process = run.start()
    wait_until(lambda: peer.total("/v1/parameters") == 1)
    return process, hold.set


@pytest.mark.slow
def test_another_is_refused_from_the_first_moment_on_and_goes_on_after_one_that_was_killed(
    run: Run, peer: Peer, wait_until: WaitUntil
) -> None:
    first, go_on = start_and_hold(run, peer, wait_until)  # of the rows none is asked yet
    begun = run.resume.read_bytes()
    arguments = run.arguments
    for options in ([], ["--overwrite"], ["--anew"]):
        run.arguments = [*arguments, *options]
        second = run.start()
        out, err = second.communicate(timeout=30)
        assert (second.returncode, out) == (2, "")
        assert "another gen-screen bulk is writing" in err.splitlines()[-1]
    assert run.resume.read_bytes() == begun
    assert sum(peer.requests.values()) == 1
    first.kill()
    first.communicate()
    go_on()
    run.arguments = arguments
    assert run.recorded() == 0
    run.complete()
    run.assert_whole()
    assert set(peer.asked.values()) == {1}


def test_an_input_that_vanishes_is_one_sentence(
    run: Run, peer: Peer, wait_until: WaitUntil
) -> None:
    process, go_on = start_and_hold(run, peer, wait_until)  # the input has been surveyed
    run.source.unlink()
    go_on()
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, "")
    assert err.splitlines()[-1].startswith(f"gen-screen: {run.source} cannot be read: ")
    assert "Traceback" not in err


@pytest.mark.slow
def test_a_signal_while_the_file_is_written_ends_the_command_and_not_the_process(
    run: Run, kit: Kit
) -> None:
    table = survey(run.source)
    columns = detect_columns(table)
    options = BulkOptions(
        kit="", source=run.source, out=run.out, told=(), region=None, region_column=None,
        is_one_region=False, has_no_areas=False, overwrite=False, anew=False,
        batch=BATCH, in_flight=3, patience_s=20,
    )  # fmt: skip
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(each, signal.default_int_handler) for each in signals]
    try:
        with ResumeFile(run.resume, header_of(table.sha256)) as resume:
            assert ask(BulkJob(options, kit, table, columns), resume, BulkProgress()) == 0
        after = [signal.getsignal(each) for each in signals]
    finally:
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)
    # SIG_DFL would leave a half-written file that says who is on the list.
    assert after == [signal.default_int_handler] * 2


def header_of(sha256: str) -> ResumeHeader:
    return ResumeHeader("gen-screen-bulk/2", sha256, ROWS, [(1, "phone")], None, "acme-2026a")


@slow_but_first(
    1,
    ("old", "new"),
    [("399,", "998,"), ("+12025550390", "+12025559390"), ("399,+12025550399\n", "")],
    ids=["another cell", "another selector", "shorter"],
)
def test_an_input_that_changes_during_the_run_gives_no_file_and_no_wrong_answer(
    run: Run, peer: Peer, wait_until: WaitUntil, old: str, new: str
) -> None:
    peer.gate.clear()
    process = run.start()
    wait_until(lambda: peer.total("/v1/bulk") > 0)
    content = run.source.read_text()
    run.source.write_text(content.replace(old, new))
    peer.gate.set()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "changed" in err
    assert not run.out.exists()
    assert run.recorded() < ROWS // BATCH
    run.source.write_text(content)
    run.complete()
    run.assert_whole()
    assert set(peer.asked.values()) == {1}


@pytest.mark.slow
def test_an_input_or_output_that_changes_while_the_file_is_written_is_left_alone(
    run: Run, peer: Peer
) -> None:
    table = survey(run.source)
    columns = detect_columns(table)
    with ResumeFile(run.resume, header_of(table.sha256)) as resume:
        resume.append(AnsweredBatch(0, "n" * ROWS, "a" * 26))
        content = run.source.read_text()
        for changed in (content + "400,+12025550400\n", content[:-20], content[::-1]):
            run.source.write_text(changed)
            with pytest.raises(OperatorError, match="changed"):
                write_screened(
                    table, columns, resume, run.out, overwrite=False, written=lambda _: None
                )
        run.source.write_text(content)
        partial = run.out.with_name(".out.csv.partial")
        partial.mkdir()
        with pytest.raises(OperatorError, match="cannot be written"):
            write_screened(
                survey(run.source), columns, resume, run.out, overwrite=False, written=print
            )
        partial.rmdir()
        run.out.write_text("somebody else's")
        with pytest.raises(OperatorError, match="exists"):
            write_screened(
                survey(run.source), columns, resume, run.out, overwrite=False, written=print
            )
    assert run.out.read_text() == "somebody else's"
    run.out.unlink()
    assert sum(peer.requests.values()) == 0
    assert {path.name for path in run.out.parent.iterdir()} == {"in.csv", "out.csv.resume"}


def test_a_full_disk_is_one_sentence_and_loses_nothing(run: Run, peer: Peer) -> None:
    run.limit_bytes = 2_048
    process = run.start()
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (69, ""), "nothing is wrong with the input"
    assert "cannot be written: " in err
    assert "make room" in err
    assert 0 < run.recorded() < ROWS // BATCH
    run.limit_bytes = None
    run.complete()
    run.assert_whole()
    # What was answered and could not be recorded is all that was asked again.
    assert sum(peer.asked.values()) <= ROWS + 3 * BATCH
