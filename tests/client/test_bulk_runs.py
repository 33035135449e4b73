"""Long runs: interrupted, killed, put off, resumed - without a row lost or asked twice."""

import csv
import json
import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from screening.client.bulk.columns import detect_columns
from screening.client.bulk.output import write_screened
from screening.client.bulk.patience import Patience, pause_before
from screening.client.bulk.resume import AnsweredBatch, ResumeFile, ResumeHeader
from screening.client.bulk.table import survey
from screening.vocabulary.errors import Forbidden, OperatorError, QuotaExceeded, Unknown
from tests.client import peer as behave
from tests.client.conftest import GEN_SCREEN, Document, GenScreen, List, WriteKit
from tests.client.peer import Behaviour, Exchange, Peer

ROWS = 400
BATCH = 20
WaitUntil = Callable[[Callable[[], bool]], None]


class Run:
    """One `gen-screen bulk` over one file, in a process of its own, as often as it takes."""

    def __init__(self, kit_path: Path, folder: Path) -> None:
        self.source, self.out = folder / "in.csv", folder / "out.csv"
        self.resume = folder / "out.csv.resume"
        self.source.write_text("id,phone\n" + "".join(f"{n},+1202555{n:04}\n" for n in range(ROWS)))
        self.arguments = [
            "bulk", "--kit", str(kit_path), "--batch", str(BATCH), "--in-flight", "3",
            "--patience", "20", str(self.source), "-o", str(self.out),
        ]  # fmt: skip
        self.limit_bytes: int | None = None
        self.processes: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [GEN_SCREEN, *self.arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if self.limit_bytes is not None:
            limits = (self.limit_bytes, self.limit_bytes)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)
        self.processes.append(process)
        return process

    def complete(self) -> str:
        """Run to the end, and return what it said on stderr."""
        out, err = self.start().communicate(timeout=60)
        assert self.processes[-1].returncode == 0, err
        assert "400 rows" in out
        return err

    def recorded(self) -> int:
        """Count the batches that are on disk."""
        return max(0, self.resume.read_bytes().count(b"\n") - 1) if self.resume.exists() else 0

    def rows(self) -> list[dict[str, str]]:
        with self.out.open(newline="") as file:
            return list(csv.DictReader(file))

    def assert_whole(self) -> None:
        """Every row is there once, in order, with the right answer and a receipt of its own."""
        rows = self.rows()
        assert [row["id"] for row in rows] == [str(number) for number in range(ROWS)]
        assert [row["result"] for row in rows] == [
            "no_match" if number % 7 else "match" for number in range(ROWS)
        ]
        assert len({row["receipt"] for row in rows}) == ROWS
        assert not self.resume.exists()


@pytest.fixture
def run(kit_path: Path, tmp_path: Path, list_selectors: List) -> Iterator[Run]:
    list_selectors(*(("phone", f"+1202555{number:04}") for number in range(0, ROWS, 7)))
    folder = tmp_path / "run"
    folder.mkdir()
    run = Run(kit_path, folder)
    yield run
    for process in run.processes:
        process.kill()
        process.communicate()


def hold_after(peer: Peer, requests: int) -> None:
    """Answer so many bulk requests, and let the others wait for the gate."""
    count = 0

    def behaviour(exchange: Exchange) -> None:
        nonlocal count
        if exchange.handler.path == "/v1/bulk":
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


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
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
    in_flight = peer.total("/v1/bulk")
    peer.gate.set()
    _, rest = process.communicate(timeout=30)
    assert process.returncode == 128 + signal_number
    assert f"gen-screen {' '.join(run.arguments)}" in rest
    assert "Traceback" not in rest
    assert run.recorded() == in_flight
    assert in_flight < ROWS // BATCH
    assert not run.out.exists()

    assert f"Going on: {in_flight * BATCH:,} of 400 rows" in run.complete()
    run.assert_whole()
    assert set(peer.asked.values()) == {1}
    assert len(peer.asked) == ROWS


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


def test_a_line_that_a_kill_cut_off_is_asked_again(run: Run, peer: Peer) -> None:
    run.complete()
    receipts = run.out.with_name("out.csv.receipts")
    lines = receipts.read_bytes().splitlines(keepends=True)
    for kept in (b"".join(lines[:8]) + lines[8][:30], b"".join(lines[:8]), lines[0][:20]):
        run.out.unlink()
        receipts.unlink()
        run.resume.touch(0o600)
        run.resume.write_bytes(kept)
        peer.asked.clear()
        run.complete()
        run.assert_whole()
        left = ROWS if kept == lines[0][:20] else ROWS - 7 * BATCH
        assert (len(peer.asked), set(peer.asked.values())) == (left, {1})


def test_a_run_killed_before_it_wrote_asks_nothing_more(run: Run, peer: Peer) -> None:
    run.complete()
    run.out.unlink()
    run.out.with_name("out.csv.receipts").rename(run.resume)
    run.out.with_name(".out.csv.partial").write_text("left behind")
    peer.requests.clear()
    run.complete()
    run.assert_whole()
    assert sum(peer.requests.values()) == 0
    assert not run.out.with_name(".out.csv.partial").exists()


def interrupted(run: Run, peer: Peer) -> None:
    """Leave a run behind that gave up in the middle."""
    peer.script.extend([behave.honest] * 5)
    peer.always = behave.problem(401, "unauthenticated")
    process = run.start()
    process.communicate(timeout=60)
    assert process.returncode == 77
    peer.script.clear()
    peer.always = None


def refusal(run: Run) -> str:
    process = run.start()
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert not run.out.exists()
    return err.splitlines()[-1]


def test_a_changed_input_is_not_resumed(run: Run, peer: Peer) -> None:
    interrupted(run, peer)
    content = run.source.read_text()
    run.source.write_text(content.replace("+12025550007", "+12025559999"))
    assert "the input changed" in refusal(run)
    run.source.write_text(content)
    run.complete()
    run.assert_whole()


@pytest.mark.parametrize(
    "change", [["--region", "US"], ["--column", "id=phone"]], ids=["region", "column"]
)
def test_another_question_is_not_resumed(run: Run, peer: Peer, change: list[str]) -> None:
    interrupted(run, peer)
    before = list(run.arguments)
    run.arguments += change
    assert "other columns, region or kit" in refusal(run)
    run.arguments = [*before, "--in-flight", "1", "--batch", "33"]
    run.complete()
    run.assert_whole()
    assert set(peer.asked.values()) <= {1, 2}


def test_another_token_key_is_not_resumed(
    run: Run, peer: Peer, kit_document: Document, write_kit: WriteKit
) -> None:
    interrupted(run, peer)
    kit_document["token_keys"][0]["key_id"] = "acme-2026b"
    write_kit(kit_document)
    assert "other columns, region or kit" in refusal(run)


@pytest.mark.parametrize(
    "line",
    [
        b"no JSON",
        b'{"first_row":0,"cells":"nn","receipt":null,"opening":null,"list":null}',
        b'{"first_row":0,"cells":"?","receipt":"a","opening":null,"list":null}',
        b'{"first_row":0,"cells":"","receipt":"a","opening":null,"list":null}',
        b'{"first_row":-1,"cells":"n","receipt":"a","opening":null,"list":null}',
        b'{"first_row":0,"cells":"ee","receipt":null,"opening":null,"list":null}\n' * 2,
        b'{"first_row":399,"cells":"ee","receipt":null,"opening":null,"list":null}',
    ],
)
def test_a_damaged_resume_file_is_refused(run: Run, peer: Peer, line: bytes) -> None:
    interrupted(run, peer)
    header = run.resume.read_bytes().splitlines(keepends=True)[0]
    run.resume.write_bytes(header + line.rstrip(b"\n") + b"\n")
    assert "damaged" in refusal(run)


def test_two_runs_do_not_write_one_file(run: Run, peer: Peer, wait_until: WaitUntil) -> None:
    peer.gate.clear()
    first = run.start()
    wait_until(lambda: peer.total("/v1/bulk") > 0)
    assert "another gen-screen bulk" in refusal(run)
    peer.gate.set()
    assert first.wait(30) == 0
    run.assert_whole()


@pytest.mark.parametrize(
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


def test_an_input_that_changes_while_the_file_is_written_gives_no_file(
    run: Run, peer: Peer
) -> None:
    table = survey(run.source)
    columns = detect_columns(table.header, table.sample, region=None).chosen
    header = ResumeHeader(
        "gen-screen-bulk/1", table.sha256, ROWS, [(1, "phone")], None, "acme-2026a"
    )
    with ResumeFile(run.resume, header) as resume:
        resume.append(AnsweredBatch(0, "n" * ROWS, "a" * 26))
        content = run.source.read_text()
        for changed in (content + "400,+12025550400\n", content[:-20], content[::-1]):
            run.source.write_text(changed)
            with pytest.raises(OperatorError, match="changed"):
                write_screened(
                    table, columns, resume, run.out, overwrite=False, written=lambda _: None
                )
    assert sum(peer.requests.values()) == 0
    assert {path.name for path in run.out.parent.iterdir()} == {"in.csv", "out.csv.resume"}


MENDED: dict[str, Behaviour] = {
    "429": behave.problem(429, "quota_exceeded", "1"),
    "overloaded": behave.problem(503, "unavailable", "1", reason="overloaded"),
    "stale": behave.problem(503, "unavailable", "1", reason="stale"),
    "reset": behave.reset,
    "gateway": behave.raw(502, b"", "text/html"),
}


@pytest.mark.parametrize("name", MENDED)
def test_troubles_that_pass_are_waited_for_and_shown(run: Run, peer: Peer, name: str) -> None:
    peer.script.extend([behave.honest] * 4 + [MENDED[name]] * 2)
    err = run.complete()
    run.assert_whole()
    assert "Waiting 1 s: " in err
    assert "555" not in err


def test_trouble_at_the_very_start_is_waited_for_too(run: Run, peer: Peer) -> None:
    peer.script.extend([MENDED["overloaded"]] * 2)  # the SDK's own retry mends one of them
    assert "Waiting 1 s: " in run.complete()
    run.assert_whole()


GIVEN_UP: dict[str, tuple[Behaviour, int]] = {
    "a day's quota": (behave.problem(429, "quota_exceeded", "40000"), 75),
    "unavailable for long": (behave.problem(503, "unavailable", "3600", reason="index"), 69),
    "off the contract": (behave.raw(200, b"{}"), 69),
    "one row less": (
        behave.altered(lambda answer: answer.update(results=answer["results"][1:])),
        69,
    ),
    "key revoked": (behave.problem(401, "unauthenticated"), 77),
    "no scope": (behave.problem(403, "forbidden"), 77),
    "retired": (behave.problem(409, "unknown_key_id"), 78),
    "mismatch": (behave.problem(409, "kit_mismatch"), 78),
}


@pytest.mark.parametrize("name", GIVEN_UP)
def test_what_waiting_does_not_mend_stops_the_run_and_the_next_goes_on(
    run: Run, peer: Peer, name: str
) -> None:
    behaviour, code = GIVEN_UP[name]
    peer.script.extend([behave.honest] * 6)
    peer.always = behaviour
    process = run.start()
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, "")
    assert f"gen-screen {' '.join(run.arguments)}" in err
    assert err.splitlines()[-1].startswith("gen-screen: ")
    assert not run.out.exists()
    assert run.recorded() == 5
    peer.always = None
    run.complete()
    run.assert_whole()


def test_patience_ends(run: Run, peer: Peer) -> None:
    run.arguments += ["--patience", "1"]
    peer.script.extend([behave.honest] * 3)
    peer.always = behave.reset
    process = run.start()
    process.communicate(timeout=60)
    assert process.returncode == 69
    assert run.recorded() == 2


def test_a_waiting_run_stops_at_once(run: Run, peer: Peer) -> None:
    peer.script.append(behave.honest)
    peer.always = behave.problem(429, "quota_exceeded", "15")
    process = run.start()
    assert process.stderr is not None
    said = ""
    while "Waiting 15 s" not in said:
        said += process.stderr.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130


def test_a_key_without_the_scope_is_told_before_anything_is_asked(run: Run, peer: Peer) -> None:
    peer.scopes = ["check"]
    process = run.start()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 77
    assert "scope bulk" in err
    assert peer.total("/v1/bulk") == 0


def test_a_certain_match_is_told_even_when_its_batch_is_never_answered(
    run: Run, peer: Peer
) -> None:
    run.arguments += ["--in-flight", "1", "--patience", "0"]
    peer.script.extend([behave.honest] * 2)
    peer.always = behave.problem(
        503, "unavailable", "1", reason="store", matches=[1], receipt="a" * 26
    )
    process = run.start()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 69
    # The second row of the second batch, below a header.
    assert f"Row {BATCH + 1 + 2} is a match (receipt {'a' * 26}.1)" in err


def test_other_phone_metadata_and_a_short_quota_are_told(run: Run, peer: Peer) -> None:
    peer.phone_metadata = "phonenumbers 1.2.3"
    peer.selectors_left = 30
    err = run.complete()
    assert "Warning: the list was made with phonenumbers 1.2.3" in err
    assert "30 are left for today" in err


def test_no_bar_without_a_terminal_and_one_with(run: Run, peer: Peer) -> None:
    err = run.complete()
    assert "\x1b" not in err
    assert err.splitlines() == ["Screening 400 rows by: phone (phone)."]
    master, slave = os.openpty()
    peer.always = behave.slow(0.2)
    process = subprocess.Popen(
        [GEN_SCREEN, *run.arguments, "--overwrite"],
        stdout=subprocess.DEVNULL,
        stderr=slave,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(slave)
    shown = b""
    try:
        while piece := os.read(master, 65_536):
            shown += piece
    except OSError:  # Linux says EIO when the other side is gone.
        pass
    finally:
        os.close(master)
    assert process.wait(30) == 0
    assert b"/400" in shown
    assert b"0:00:0" in shown


def test_a_full_disk_is_one_sentence_and_loses_nothing(run: Run, peer: Peer) -> None:
    run.limit_bytes = 2_048
    process = run.start()
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert "cannot be written: " in err
    assert 0 < run.recorded() < ROWS // BATCH
    run.limit_bytes = None
    run.complete()
    run.assert_whole()
    # What was answered and could not be recorded is all that was asked again.
    assert sum(peer.asked.values()) <= ROWS + 3 * BATCH


def test_an_invalid_row_is_not_screened(run: Run, peer: Peer) -> None:
    def invalid(exchange: Exchange) -> None:
        if exchange.handler.path == "/v1/bulk":
            results = exchange.answer["results"]
            results[0] = "invalid"
            exchange.answer["result"] = "match" if "match" in results else "no_match"
            exchange.send(200, json.dumps(exchange.answer).encode())
        else:
            behave.honest(exchange)

    peer.always = invalid
    run.complete()
    first = run.rows()[0]
    assert (first["result"], first["reason"]) == ("not_screened", "phone: invalid")


# Patience


def test_pauses_are_what_the_api_asks_for_else_they_double_to_a_bound() -> None:
    assert pause_before(QuotaExceeded("", retry_after_s=7), 3) == 7
    assert pause_before(Unknown("", reason="index", retry_after_s=9), 3) == 9
    assert pause_before(Unknown("", reason="overloaded", retry_after_s=0), 0) == 0.05
    assert pause_before(Unknown("", reason="protocol"), 0) is None
    assert pause_before(Forbidden(""), 0) is None
    for attempt in range(2_000):
        pause_s = pause_before(Unknown("", reason="timeout"), attempt)
        assert pause_s is not None
        assert 0.25 <= pause_s <= min(15, 0.5 * 2 ** min(attempt, 10))


def test_patience_counts_from_the_last_answer() -> None:
    now = 0.0
    patience = Patience(10, clock=lambda: now)
    assert patience.allows(10)
    assert not patience.allows(10.5)
    now = 8
    assert not patience.allows(3)
    patience.answered()
    assert patience.allows(3)
