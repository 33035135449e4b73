"""`audit fsck` names what is not whole, mends what records tell, and hides no forgery."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from screening.cli import cli
from screening.ledger.ledger import Ledger
from screening.ledger.lines import link, utc_now
from screening.ledger.log.audit import verify_log
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.copied_witnessed import Believed
from screening.ledger.log.export import export_ledger
from screening.ledger.log.retention import Retention
from screening.ledger.verify import verify_ledger
from screening.private_files import ensure_private_directory
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from tests.ledger.log.merging import KEY, edit, merged_log, signed
from tests.ledger.looking import files, record

SIZE = 21


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Two sealed segments, whose records lie in the log by turns, and one more."""
    directory = ensure_private_directory(tmp_path / "home" / "journal")
    writers = [Ledger(directory, host="test") for _ in range(2)]
    for number in range(10):
        for place, writer in enumerate(writers):
            writer.append([record(10 * place + number)])
        with merged_log(directory) as log:
            signed(log)
    for writer in writers:
        writer.close()
    with Ledger(directory, host="test") as ledger:
        ledger.append([record(99)])
    with merged_log(directory) as log:
        signed(log)
    return directory


def fsck(journal: Path, *options: str) -> None:
    arguments = ["audit", "fsck", "--journal", str(journal), *options]
    cli(arguments, "screening", standalone_mode=False)


def records_of(journal: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in journal.iterdir() if path.is_file()}


def files_of_the_log(journal: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (journal / LOG).iterdir()}


def audit(journal: Path) -> int:
    verify_ledger(journal)
    return verify_log(journal, KEY.verifier).checkpoint.size


def test_of_a_whole_journal_each_file_is_named_as_whole(
    journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = records_of(journal)
    fsck(journal)
    said = capsys.readouterr().out
    for path in files(journal, ".sealed"):
        assert f"{path.name}: whole: " in said
    for name in ("seals: whole: 3 seals", "runs: whole: 21 leaves", "hashes: whole: 21 leaves"):
        assert name in said
    assert f"log/checkpoint: over {SIZE} records" in said
    fsck(journal, "--mend")
    assert records_of(journal) == before
    assert "mending" not in capsys.readouterr().out


def removed(path: Path) -> None:
    path.unlink()


def flipped(path: Path) -> None:
    edit(path, lambda content: content.__setitem__(70, content[70] ^ 1))


def cut_off(path: Path) -> None:
    edit(path, lambda content: content.__delitem__(slice(len(content) // 2, None)))


@pytest.mark.parametrize("name", ["hashes", "runs"])
@pytest.mark.parametrize("damage", [removed, flipped, cut_off])
def test_hashes_and_runs_that_are_gone_or_damaged_are_made_anew_from_the_records(
    journal: Path, damage: Callable[[Path], None], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before, content = records_of(journal), (journal / LOG / name).read_bytes()
    damage(journal / LOG / name)
    with pytest.raises(LedgerDamaged):
        audit(journal)
    with pytest.raises(LedgerDamaged):
        fsck(journal)
    assert f"NOT WHOLE  log/{name}: " in capsys.readouterr().out
    fsck(journal, "--mend")
    assert (journal / LOG / name).read_bytes()[: len(content)] == content
    assert (audit(journal), records_of(journal)) == (SIZE, before)
    with merged_log(journal) as log:
        assert signed(log).size == SIZE


def test_a_torn_end_of_a_dead_segment_is_cut_off_and_a_record_never(journal: Path) -> None:
    dead = Ledger(journal, host="test")
    dead.append([record(50)])
    (path,) = files(journal, ".open")
    whole = path.read_bytes()
    assert dead._segment is not None
    dead._segment.release()  # as the kernel does for a process that is killed
    with path.open("ab") as file:
        file.write(b"0123456789")
    fsck(journal, "--mend")
    assert path.with_suffix(".sealed").read_bytes().startswith(whole)
    assert audit(journal) == SIZE


def test_a_journal_that_a_server_uses_is_not_mended(journal: Path) -> None:
    (journal / LOG / "hashes").unlink()
    held = os.open(journal.parent / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(OperatorError, match="a server uses this journal"):
        fsck(journal, "--mend")
    os.close(held)
    assert not (journal / LOG / "hashes").exists()
    fsck(journal, "--mend")


def forge(journal: Path) -> None:
    """Alter a record of a segment, and compute its chain anew, seal and index included."""
    path = files(journal, ".sealed")[-1]
    chain, lines = b"", []
    for line in path.read_bytes().splitlines():
        payload = line.partition(b" ")[2].replace(b'{"n":99}', b'{"n":98}')
        chain = link(chain, payload)
        lines.append(b"%b %b\n" % (chain, payload))
    path.write_bytes(b"".join(lines))
    seals = (journal / "seals").read_bytes().splitlines(keepends=True)
    (journal / "seals").write_bytes(b"".join([*seals[:-1], lines[-1]]))
    verify_ledger(journal)  # by its chains alone it is whole


@pytest.mark.parametrize("also", [(), ("hashes",), ("runs",), ("hashes", "runs")])
def test_a_forged_record_is_not_made_to_look_whole(
    journal: Path, also: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    forge(journal)
    for name in also:
        (journal / LOG / name).unlink()
    before, log = records_of(journal), files_of_the_log(journal)
    with pytest.raises(LedgerDamaged):
        fsck(journal, "--mend")
    assert files_of_the_log(journal) == log  # nothing was derived from what was forged
    assert "NOT WHOLE" in capsys.readouterr().out
    with pytest.raises(LedgerDamaged):
        audit(journal)
    assert records_of(journal) == before


def test_what_was_dropped_by_retention_is_mended_around(journal: Path, tmp_path: Path) -> None:
    export_ledger(journal, tmp_path / "copy", Believed(KEY.verifier, None), lambda *_: None)
    Retention(journal, tmp_path / "copy", KEY).retain(
        days=1, actor="ann", now=utc_now().replace(year=2100)
    )
    assert not files(journal, ".sealed")
    fsck(journal)
    shutil.copytree(journal, tmp_path / "lost")
    (tmp_path / "lost" / LOG / "hashes").unlink()
    with pytest.raises(LedgerDamaged):
        fsck(tmp_path / "lost", "--mend")  # the hashes of what is gone are told by no record
    (journal / LOG / "runs").write_bytes((journal / LOG / "runs").read_bytes() + b"x")
    fsck(journal, "--mend")
    assert audit(journal) == SIZE


def test_a_file_that_belongs_to_no_journal_is_named(
    journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (journal / LOG / ".checkpoint.0123456789ab").write_text("")
    fsck(journal)
    assert "may be removed" in capsys.readouterr().out
    (journal / "notes.txt").write_text("")
    with pytest.raises(LedgerDamaged):
        fsck(journal)
    assert "NOT WHOLE  notes.txt: no file of a journal" in capsys.readouterr().out
