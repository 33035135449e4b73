"""`OUT.resume`: bound to one input and one question, refused when damaged."""

import array
import fcntl
import hashlib
import os
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from screening.client.bulk.resume import AnsweredBatch, ResumeFile, ResumeHeader
from screening.vocabulary.errors import OperatorError
from tests.client import peer as behave
from tests.client.bulk_run import BATCH, GEN_SCREEN, ROWS, Run
from tests.client.conftest import Document, GenScreen, WaitUntil, WriteKit
from tests.client.peer import Peer
from tests.harness.slow import slow_but_first


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
    assert "restore the input, or give --anew" in refusal(run)
    run.source.write_text(content)
    run.complete()
    run.assert_whole()


@slow_but_first(1, "change", [["--region", "US"], ["--column", "id=phone"]])
def test_another_question_is_not_resumed(run: Run, peer: Peer, change: list[str]) -> None:
    interrupted(run, peer)
    before = list(run.arguments)
    run.arguments += change
    assert "other columns, region or kit" in refusal(run)
    run.arguments = [*before, "--in-flight", "1", "--batch", "33"]
    run.complete()
    run.assert_whole()
    assert set(peer.asked.values()) <= {1, 2}


def test_a_region_in_other_letters_is_the_same_question(run: Run, peer: Peer) -> None:
    run.arguments += ["--region", "US"]
    interrupted(run, peer)
    run.arguments[-1] = "us"
    run.complete()
    run.assert_whole()


@pytest.mark.slow
def test_another_token_key_is_not_resumed(
    run: Run, peer: Peer, kit_document: Document, write_kit: WriteKit
) -> None:
    interrupted(run, peer)
    kit_document["token_keys"][0]["key_id"] = "acme-2026b"
    write_kit(kit_document)
    assert "other columns, region or kit" in refusal(run)


@slow_but_first(
    2,
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
    header = run.resume.read_bytes().splitlines()[0]
    check, lines = "", [header]
    for batch in line.splitlines():
        check = hashlib.sha256(check.encode() + batch).hexdigest()
        lines.append(b'%s,"check":"%s"}' % (batch[:-1], check.encode()))
    run.resume.write_bytes(b"\n".join([*lines, b""]))
    assert "damaged" in refusal(run)


def test_a_record_of_another_version_is_not_called_damaged(run: Run, peer: Peer) -> None:
    interrupted(run, peer)
    run.resume.write_bytes(
        run.resume.read_bytes().replace(b"gen-screen-bulk/2", b"gen-screen-bulk/1")
    )
    assert "another version of gen-screen" in refusal(run)


def test_no_sign_of_a_record_is_changed_unnoticed(tmp_path: Path) -> None:
    path = tmp_path / "out.csv.resume"
    header = ResumeHeader("gen-screen-bulk/2", "x", 4, [(0, "phone")], None, "acme-2026a")
    batches = [AnsweredBatch(0, "nm", "a" * 26), AnsweredBatch(2, "mn", "b" * 26)]
    with ResumeFile(path, header) as resume:
        for batch in batches:
            resume.append(batch)
    whole = path.read_bytes()
    with ResumeFile(path, header) as resume:
        assert resume.batches == batches
    lines = whole.splitlines(keepends=True)
    changed = [whole[:at] + bytes([one ^ 1]) + whole[at + 1 :] for at, one in enumerate(whole[:-1])]
    for content in (*changed, lines[0] + lines[2], lines[0] + lines[2] + lines[1]):
        path.write_bytes(content)
        with pytest.raises(OperatorError):
            ResumeFile(path, header)


def test_anew_asks_what_was_answered_once_more(run: Run, peer: Peer) -> None:
    interrupted(run, peer)
    changed = run.source.read_text().replace("+12025550007", "(202) 555-0007")
    run.source.write_text(changed)
    peer.asked.clear()
    run.arguments += ["--anew", "--region", "US"]
    run.complete()
    run.assert_whole()
    assert (len(peer.asked), set(peer.asked.values())) == (ROWS, {1})


def test_what_goes_on_is_no_command_that_begins_anew(run: Run, peer: Peer) -> None:
    interrupted(run, peer)
    run.arguments.insert(1, "--anew")
    peer.always = behave.problem(401, "unauthenticated")
    _, err = run.start().communicate(timeout=60)
    assert f"this begins again: gen-screen bulk --kit {run.arguments[3]}" in err


@slow_but_first(1, "options", [[], ["--anew"]], ids=["", "anew"])
@pytest.mark.parametrize(
    "content", [b'{"api_key": "x"}', b"\0" * 100, b"notes\nof mine"], ids=["JSON", "zeros", "text"]
)
def test_a_file_that_is_no_record_is_left_as_it_is(
    run: Run, content: bytes, options: list[str]
) -> None:
    run.arguments += options
    run.resume.write_bytes(content)
    run.resume.chmod(0o644)
    assert "damaged" in refusal(run)
    assert run.resume.read_bytes() == content
    assert run.resume.stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_record_of_another_user_is_not_believed(run: Run, peer: Peer) -> None:
    interrupted(run, peer)
    os.chown(run.resume, 12_345, -1)
    assert "belongs to another user" in refusal(run)


HEADER = ResumeHeader("gen-screen-bulk/2", "x", 1, [(0, "phone")], None, "acme-2026a")


@slow_but_first(0, "is_begun_anew", [False, True])
def test_a_record_that_became_receipts_is_never_opened_as_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_begun_anew: bool
) -> None:
    path, receipts = tmp_path / "out.csv.resume", tmp_path / "out.csv.receipts"
    ending = ResumeFile(path, HEADER)
    begun: list[ResumeFile] = []
    flock = fcntl.flock

    def flock_once_that_has_ended(descriptor: int, operation: int) -> None:
        """Lock what was opened under a name that is taken from it at this moment."""
        monkeypatch.setattr(fcntl, "flock", flock)
        ending.become(receipts)
        ending.close()
        if is_begun_anew:
            begun.append(ResumeFile(path, HEADER))
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", flock_once_that_has_ended)
    if is_begun_anew:
        with pytest.raises(OperatorError, match="another gen-screen bulk"):
            ResumeFile(path, HEADER)
        begun[0].close()
    else:
        with ResumeFile(path, HEADER) as following:
            assert not path.samefile(receipts)
            following.append(AnsweredBatch(0, ""))
            assert receipts.read_bytes().count(b"\n") == 1


def test_a_record_that_cannot_become_receipts_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "receipts").mkdir()
    with ResumeFile(tmp_path / "resume", HEADER) as resume:
        with pytest.raises(OperatorError, match="cannot become"):
            resume.become(tmp_path / "receipts")
        assert (tmp_path / "resume").exists()


@pytest.mark.slow
def test_two_runs_do_not_write_one_file(run: Run, peer: Peer, wait_until: WaitUntil) -> None:
    peer.gate.clear()
    first = run.start()
    wait_until(lambda: peer.total("/v1/bulk") > 0)
    assert "another gen-screen bulk" in refusal(run)
    peer.gate.set()
    assert first.wait(30) == 0
    run.assert_whole()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks for the size of a pipe")
def test_a_run_that_comes_second_asks_nothing_again(
    run: Run, peer: Peer, wait_until: WaitUntil
) -> None:
    rows = run.source.read_text().splitlines()
    run.source.write_text(
        "\n".join([f"{rows[0]},email", *(f"{row},no mail" for row in rows[1:]), ""])
    )
    reading, writing = os.pipe()
    # The first sentence fits, and so shows that the paths were looked at; the second waits.
    filled = fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ) - 180
    os.write(writing, b"x" * filled)
    second = subprocess.Popen([GEN_SCREEN, *run.arguments], stderr=writing, text=True)
    os.close(writing)
    run.processes.append(second)
    wait_until(lambda: unread(reading) > filled)
    run.complete()
    run.assert_whole()
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().lstrip(b"x").decode().splitlines()
    assert second.wait(30) == 2
    assert said[0].startswith(
        "Screened only where a value looks like a phone, card or e-mail: email"
    )
    assert "exists" in said[-1]
    assert set(peer.asked.values()) == {1}


def unread(pipe: int) -> int:
    """Return how many bytes wait in a pipe."""
    size = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, size)
    return size[0]


def test_answers_of_a_looser_rule_are_not_taken_for_those_of_a_stricter_one(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("email,mobile\na@x.example,none\nb@x.example,ask\n")
    command = ["bulk", "--kit", kit_path, source, "-o", out]
    assert gen_screen(*command).code == 0
    out.unlink()
    (tmp_path / "out.csv.receipts").rename(tmp_path / "out.csv.resume")
    done = gen_screen(*command, "--column", "email=email", "--column", "mobile=phone")
    assert done.code == 2
    assert "other columns, region or kit" in done.err
    assert gen_screen(*command).code == 0
