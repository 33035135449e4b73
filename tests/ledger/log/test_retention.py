"""Retention drops what is true here and, apart from it, in the copy; all else is left and named."""

import os
from pathlib import Path

import pytest

from screening.ledger.ledger import Ledger
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.drops import read_drops
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from tests.ledger.log.keeping import OLD, audited, export, retain
from tests.ledger.log.merging import edit, merged_log, signed
from tests.ledger.looking import files, record


def require_all_here(journal: Path) -> None:
    assert len(files(journal, ".sealed")) == 3
    assert read_drops(journal / LOG) == {}


@pytest.mark.parametrize(
    "time",
    [
        "2025-01-01T00:00:00",
        "abc",
        "",
        "9999-99-99",
        "2025-1-1T0:0:0Z",
        "2025-01-01T00:00:00+00:00",
    ],
)
def test_a_seal_without_a_time_is_named(journal: Path, copy: Path, time: str) -> None:
    export(journal, copy)
    seals = journal / "seals"
    lines = seals.read_text().splitlines(keepends=True)
    lines[1] = lines[1].replace('"sealed_at":"2026-01-02T00:00:00Z"', f'"sealed_at":"{time}"')
    seals.write_text("".join(lines))
    with pytest.raises(LedgerDamaged, match="seals, line 2: no time"):
        retain(journal, copy)
    require_all_here(journal)


def test_a_segment_is_not_dropped_early_by_a_time_that_was_edited(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    for directory in (journal, copy):
        seals = directory / "seals"
        seals.write_text(seals.read_text().replace("2027-02-05T00:00:00Z", "2026-01-03T00:00:00Z"))
    with pytest.raises(LedgerDamaged, match="not sealed as the file seals says"):
        retain(journal, copy)
    require_all_here(journal)


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_the_journals_own_files_are_no_copy_of_it(journal: Path, copy: Path, link: object) -> None:
    assert callable(link)
    export(journal, copy)
    for path in files(copy, ".sealed"):
        path.unlink()
        link(journal / path.name, path)
    with pytest.raises(OperatorError, match="is the journal's own file"):
        retain(journal, copy)
    require_all_here(journal)
    export(journal, copy)
    assert len(retain(journal, copy)) == 2
    assert audited(copy) == 15


def test_a_journal_is_no_copy_of_itself_by_another_way_that_leads_to_it(
    journal: Path, tmp_path: Path
) -> None:
    way = tmp_path / "way"
    way.symlink_to(journal)
    for folder in (journal, way):
        with pytest.raises(OperatorError, match="lies in the journal"):
            retain(journal, folder)
    require_all_here(journal)


def test_a_segment_that_was_altered_here_stays_as_evidence_and_each_is_named(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    old = files(journal, ".sealed")[:2]
    for path in old:
        edit(path, lambda content: content.__setitem__(slice(-600, -599), b"X"))
    with pytest.raises(LedgerDamaged) as raised:
        retain(journal, copy)
    assert all(path.stem in str(raised.value) for path in old)
    require_all_here(journal)
    for path in old:
        path.write_bytes((copy / path.name).read_bytes())
    assert len(retain(journal, copy)) == 2


def test_hashes_that_were_altered_with_a_record_entitle_to_no_drop(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    edit(journal / LOG / "hashes", lambda content: content.__setitem__(0, content[0] ^ 1))
    with pytest.raises(LedgerDamaged, match="log, hashes: changed"):
        retain(journal, copy)
    require_all_here(journal)


def test_a_copy_that_an_export_has_not_finished_entitles_to_no_drop(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    sealed = files(copy, ".sealed")[0]
    other = sealed.with_suffix(".open")
    other.write_bytes(sealed.read_bytes())
    with pytest.raises(OperatorError, match="run: screening audit export"):
        retain(journal, copy)
    other.unlink()
    (copy / "seals").unlink()
    with pytest.raises(OperatorError, match="run: screening audit export"):
        retain(journal, copy)
    require_all_here(journal)
    export(journal, copy)
    assert len(retain(journal, copy)) == 2


def test_what_is_not_signed_yet_hides_no_other_fault(journal: Path, copy: Path) -> None:
    with Ledger(journal, host="test", now=lambda: OLD) as ledger:
        ledger.append([record(80)])
    export(journal, copy)
    unsigned = files(journal, ".sealed")[-1]
    old = [path for path in files(journal, ".sealed") if path.stem.startswith("202601")]
    for path in old:
        (copy / path.name).unlink(missing_ok=True)
    with pytest.raises(OperatorError, match="that are not signed yet") as raised:
        retain(journal, copy)
    assert all(path.stem in str(raised.value) for path in old)
    edit(old[-1], lambda content: content.__setitem__(slice(-600, -599), b"X"))
    with pytest.raises(LedgerDamaged, match="not signed yet") as damaged:
        retain(journal, copy)
    assert all(path.stem in str(damaged.value) for path in old)
    assert unsigned.exists()
    assert read_drops(journal / LOG) == {}


def test_a_record_that_was_damaged_before_it_was_signed_is_named_as_that(
    journal: Path, copy: Path
) -> None:
    before = {*files(journal, ".sealed")}
    with Ledger(journal, host="test", now=lambda: OLD) as ledger:
        ledger.append([record(80), record(81)])
    (path,) = {*files(journal, ".sealed")} - before
    edit(path, lambda content: content.__setitem__(content.index(b'{"n":81}') + 5, 0))
    with merged_log(journal) as log:
        signed(log)
    for command in (export, retain):
        with pytest.raises(LedgerDamaged, match=f"segment {path.stem}, line 3: does not follow"):
            command(journal, copy)
