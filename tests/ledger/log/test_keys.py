"""The key of a log: made once, with the log, and never for one that another key has signed."""

import shutil
from pathlib import Path

import pytest

from screening.ledger.log.checkpoint import LOG, read_checkpoint
from screening.ledger.log.hashes import HASHES
from screening.ledger.log.keys import ensure_log_key, read_log_key
from screening.ledger.log.merged import MergedLog
from screening.vocabulary.errors import OperatorError
from tests.ledger.conftest import OpenLedger
from tests.ledger.log.merging import merged_log, signed
from tests.ledger.looking import record


def test_the_key_of_a_host_is_made_once_for_its_owner_and_refused_where_it_is_none(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    key = ensure_log_key(tmp_path, "host-1a2b3c4d/journal", log=log)
    assert read_checkpoint(log, key.verifier)[1].size == 0
    path = tmp_path / "log.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert ensure_log_key(tmp_path, "another", log=log).verifier == key.verifier
    assert read_log_key(path).verifier.name == "host-1a2b3c4d/journal"
    # In base64, which may have a + of its own.
    secret = path.read_text().split("+", 4)[4].strip()
    for content in ("", "PRIVATE+KEY+a+b+c", path.read_text()[:-9]):
        path.write_text(content)
        with pytest.raises(OperatorError, match=r"log\.key is damaged") as refused:
            read_log_key(path)
        assert secret[:8] not in str(refused.value)
    path.unlink()
    with pytest.raises(OperatorError, match="is missing"):
        read_log_key(path)


def test_no_key_is_made_for_a_log_that_another_has_signed(
    directory: Path, open_ledger: OpenLedger, tmp_path: Path
) -> None:
    with open_ledger() as ledger:
        ledger.append([record(0)])
    with merged_log(directory) as log:
        signed(log)
    for gone in (None, HASHES):
        if gone is not None:
            (directory / LOG / gone).unlink()
        with pytest.raises(OperatorError, match=r"log\.key is missing, but .* that folder aside"):
            ensure_log_key(tmp_path, "host-1a2b3c4d/journal", log=directory / LOG)
        assert not (tmp_path / "log.key").exists()
    shutil.rmtree(directory / LOG)
    key = ensure_log_key(tmp_path, "host-1a2b3c4d/journal", log=directory / LOG)
    with MergedLog(directory, key) as merged:
        assert signed(merged).size == 1


def test_a_log_that_holds_nothing_yet_begins_anew_where_its_key_is_gone(
    directory: Path, tmp_path: Path
) -> None:
    first = ensure_log_key(tmp_path, "host-1a2b3c4d/journal", log=directory / LOG)
    with MergedLog(directory, first) as merged:
        merged.sign()
    assert (directory / LOG / HASHES).stat().st_size == 0
    (tmp_path / "log.key").unlink()
    second = ensure_log_key(tmp_path, "host-1a2b3c4d/journal", log=directory / LOG)
    assert second.verifier != first.verifier
    with MergedLog(directory, second) as merged:
        assert merged.signed.size == 0


def test_no_log_begins_in_a_folder_that_others_can_enter(directory: Path, tmp_path: Path) -> None:
    (directory / LOG).mkdir(mode=0o755)
    with pytest.raises(OperatorError, match=r"can be read by others; run: chmod 700 .*/log$"):
        ensure_log_key(tmp_path, "host-1a2b3c4d/journal", log=directory / LOG)
    assert list((directory / LOG).iterdir()) == []
    assert not (tmp_path / "log.key").exists()
