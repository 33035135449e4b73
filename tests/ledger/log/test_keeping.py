"""A journal is copied as far as it is signed; what is whole there may be dropped, and is told."""

import shutil
from pathlib import Path

import pytest

from screening.cli import cli
from screening.ledger.ledger import Ledger
from screening.ledger.lines import link
from screening.ledger.log.audit import verify_log
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.drops import DROPS, Drop, read_drops, record_drops
from screening.ledger.log.notes import SIGNS, SignerKey
from screening.ledger.verify import verify_ledger
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from tests.ledger.log.keeping import NOW, RECORDS, audited, export, retain, write
from tests.ledger.log.merging import KEY, edit, merged_log, signed
from tests.ledger.looking import files, record


def test_a_copy_is_whole_beside_a_writer_and_has_again_only_what_is_new(
    journal: Path, copy: Path
) -> None:
    with Ledger(journal, host="test") as writer:
        writer.append([record(90), record(91)])
        with merged_log(journal) as log:
            signed(log)
        writer.append([record(92)])  # is not signed yet
        assert export(journal, copy) == 4
        assert audited(copy) == 17
        assert verify_ledger(copy).records == 17
        before = {path.name: path.stat().st_ino for path in files(copy, ".sealed")}
        assert export(journal, copy) == 1
    with merged_log(journal) as log:
        signed(log)
    write(journal, 30, NOW)
    assert export(journal, copy) == 2
    assert before.items() <= {one.name: one.stat().st_ino for one in files(copy, ".sealed")}.items()
    assert (audited(copy), len(files(copy, ".open"))) == (23, 0)


def test_an_export_that_broke_off_or_was_damaged_in_its_log_is_finished(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    edit(copy / LOG / "hashes", lambda content: content.__setitem__(slice(40, 60), bytes(20)))
    edit(copy / LOG / "runs", lambda content: content.__delitem__(slice(30, None)))
    (copy / "seals").unlink()
    last = files(copy, ".sealed")[-1]
    edit(last, lambda content: content.__delitem__(slice(100, None)))
    assert export(journal, copy) == 1
    assert audited(copy) == 15


def test_a_log_that_is_not_the_copys_future_changes_nothing_of_the_copy(
    journal: Path, copy: Path, tmp_path: Path
) -> None:
    earlier = Path(shutil.copytree(journal, tmp_path / "earlier"))
    write(journal, 30, NOW)
    export(journal, copy)
    with pytest.raises(LedgerDamaged, match="the copy has 20: the log was rolled back"):
        export(earlier, copy)
    write(earlier, 70, NOW)
    write(earlier, 80, NOW)
    with pytest.raises(LedgerDamaged, match="does not begin with the 20 leaves of the copy"):
        export(earlier, copy)
    assert audited(copy) == 20
    with pytest.raises(OperatorError, match="lies in the journal"):
        export(journal, journal / "copy")


def test_old_segments_that_are_whole_in_the_copy_are_dropped_and_that_is_told(
    journal: Path, copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    export(journal, copy)
    old = [path.stem for path in files(journal, ".sealed")[:2]]
    assert retain(journal, copy) == old
    assert retain(journal, copy) == []
    assert len(files(journal, ".sealed")) == 1
    assert audited(journal) == 15
    monkeypatch.setenv("SCREENING_HOME", str(journal.parent))
    arguments = ["audit", "verify", "--journal", str(journal), "--key", KEY.verifier.text]
    cli(arguments, "screening", standalone_mode=False)
    said = capsys.readouterr().out
    assert "dropped: 10 records in 2 segments, by ann at 2027-02-05T00:00:00Z, as older" in said
    assert "log: 15 records are signed, 0 are not yet" in said
    write(journal, 50, NOW)  # the log goes on, and so does the copy, which keeps what was dropped
    assert export(journal, copy) == 1
    assert (audited(journal), audited(copy)) == (20, 20)
    assert verify_ledger(copy).records == 20


def test_nothing_is_dropped_that_does_not_lie_whole_in_the_copy(
    journal: Path, copy: Path, tmp_path: Path
) -> None:
    with pytest.raises(OperatorError, match="lies in the journal"):
        retain(journal, journal)
    with pytest.raises(OperatorError, match="is no folder"):
        retain(journal, tmp_path / "nothing")
    export(journal, copy)
    second = files(copy, ".sealed")[1]
    content = second.read_bytes()
    for change in (
        lambda lines: lines.__delitem__(100),
        lambda lines: lines.__delitem__(slice(-30, None)),
        lambda lines: lines.clear(),
    ):
        edit(second, change)
        with pytest.raises((OperatorError, LedgerDamaged)):
            retain(journal, copy)
        second.write_bytes(content)
    second.unlink()
    with pytest.raises(OperatorError, match="run: screening audit export"):
        retain(journal, copy)
    assert len(files(journal, ".sealed")) == 3
    assert read_drops(journal / LOG) == {}


def test_a_copy_that_was_forged_with_all_its_chain_entitles_to_no_drop(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    path = files(copy, ".sealed")[1]
    chain, lines = b"", []
    for line in path.read_bytes().splitlines():
        payload = line.partition(b" ")[2].replace(b'{"n":12}', b'{"n":98}')
        chain = link(chain, payload)
        lines.append(b"%b %b\n" % (chain, payload))
    path.write_bytes(b"".join(lines))
    with pytest.raises(OperatorError, match="does not lie whole in the export"):
        retain(journal, copy)
    assert len(files(journal, ".sealed")) == 3


def test_a_segment_that_is_missing_without_a_signed_record_of_its_drop_is_named(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    segment = retain(journal, copy)[0]
    drops = journal / LOG / DROPS
    content = drops.read_bytes()
    drops.write_bytes(b"")
    with pytest.raises(LedgerDamaged, match=f"segment {segment}, line 1: missing"):
        verify_ledger(journal)
    with pytest.raises(LedgerDamaged, match=f"segment {segment}, line 2: missing"):
        verify_log(journal, KEY.verifier)
    for changed in (
        content.replace(b'"ann"', b'"bob"'),
        content.replace(segment.encode(), files(journal, ".sealed")[0].stem.encode()),
        content + content.splitlines(keepends=True)[0],
        b"{}\n",
    ):
        drops.write_bytes(changed)
        with pytest.raises(LedgerDamaged, match="log, drops, line "):
            verify_log(journal, KEY.verifier)
    drops.unlink()
    other = SignerKey.generate(KEY.verifier.name, SIGNS)
    record_drops(journal / LOG, other, [Drop(segment, RECORDS, "", "", "root", 1)])
    with pytest.raises(LedgerDamaged, match="log, drops, line 1: the note or its signature"):
        verify_log(journal, KEY.verifier)


def test_a_drop_that_a_crash_broke_off_is_finished(journal: Path, copy: Path) -> None:
    export(journal, copy)
    away = copy.parent / "away"
    shutil.copytree(journal, away)
    dropped = retain(journal, copy)
    for path in files(away, ".sealed")[:2]:
        shutil.copy2(path, journal / path.name)  # on record, and not removed yet
    with (journal / LOG / DROPS).open("ab") as torn:
        torn.write(b'{"drop":')
    assert audited(journal) == 15
    assert retain(journal, copy) == dropped
    assert audited(journal) == 15
    assert len(files(journal, ".sealed")) == 1
