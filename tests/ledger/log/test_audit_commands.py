"""`screening audit`: whose signature is believed, what log is missed, and what is no text."""

import csv
import io
import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import rich_click as click
from msgspec import structs

from screening.cli import cli
from screening.ledger.ledger import Ledger
from screening.ledger.lines import link
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.copied_witnessed import Believed
from screening.ledger.log.export import export_ledger
from screening.ledger.log.hashes import HASHES
from screening.ledger.log.keys import ensure_log_key
from screening.ledger.log.notes import COSIGNS, SIGNS, Algorithm, SignerKey
from screening.ledger.log.retention import Retention
from screening.private_files import NotRegularError
from screening.usage import usage_sentence
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from tests.harness.template import Template
from tests.ledger.log.merging import KEY, merged_log, signed
from tests.ledger.looking import ASKED, read_records


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal of one record, merged and signed."""
    directory = tmp_path / "journal"
    with Ledger(directory, host="test") as ledger:
        ledger.append([b'{"n":0}'])
    with merged_log(directory) as log:
        signed(log)
    return directory


def verify(journal: Path, key: str, option: str = "--key") -> None:
    arguments = ["audit", "verify", "--journal", str(journal), option, key]
    cli(arguments, "screening", standalone_mode=False)


@pytest.mark.parametrize("written", ["{}", "{}\n", "\ufeff{}\r\n"])
def test_a_key_is_given_as_its_text_or_as_the_file_that_holds_it(
    journal: Path, capsys: pytest.CaptureFixture[str], written: str
) -> None:
    text = KEY.verifier.text
    verify(journal, text)
    file = journal.parent / "host+of.vkey"
    file.write_text(written.format(text), encoding="utf-8", newline="")
    verify(journal, str(file))
    assert capsys.readouterr().out.count("1 records are signed") == 2


def test_what_is_no_key_nor_a_file_of_one_is_told_in_one_sentence_that_repeats_none_of_it(
    journal: Path,
) -> None:
    file = journal.parent / "host.vkey"
    file.write_text("PRIVATE+KEY+")
    other = SignerKey.generate("other.example/journal", SIGNS).verifier.text
    for key in ("", "secretly", "x" * 5_000, "no\0name", str(file), other.replace("o", "e", 1)):
        with pytest.raises(click.BadParameter) as refused:
            verify(journal, key)
        sentence = usage_sentence(refused.value, "screening")
        assert sentence.startswith("invalid value for '--key': ")
        assert "or a file that holds it; see screening audit verify --help" in sentence
        assert not key or key not in sentence
        assert ("no such file" in sentence) is (key in ("secretly", "x" * 5_000, "no\0name", ""))


@pytest.mark.parametrize(
    ("option", "algorithm", "whose"), [("--key", COSIGNS, "witness"), ("--witness", SIGNS, "log")]
)
def test_a_key_of_the_other_kind_is_a_wrong_option_and_no_damage_of_the_journal(
    journal: Path, option: str, algorithm: Algorithm, whose: str
) -> None:
    key = SignerKey.generate("other.example/journal", algorithm).verifier.text
    with pytest.raises(click.BadParameter, match=f"it is a {whose}'s key") as refused:
        verify(journal, key, option)
    assert key not in usage_sentence(refused.value, "screening")


def test_a_log_that_was_removed_is_missed_on_its_host_however_the_journal_is_named(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENING_HOME", str(journal.parent))
    shutil.rmtree(journal / LOG)
    ensure_log_key(journal.parent, "host/journal", log=journal.parent / "elsewhere")
    (journal.parent / "link").symlink_to(journal)
    for name in ([], [journal], [f"{journal}/../journal"], [journal.parent / "link"]):
        arguments = [f"--journal={one}" for one in name]
        with pytest.raises(LedgerDamaged, match="log, checkpoint: missing"):
            cli(["audit", "verify", *arguments], "screening", standalone_mode=False)


def test_where_no_log_is_looked_at_that_is_said(
    journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(journal / LOG)
    cli(["audit", "verify", "--journal", str(journal)], "screening", standalone_mode=False)
    assert "log: none lies here" in capsys.readouterr().out


def test_a_pipe_in_place_of_the_hashes_holds_up_no_audit(journal: Path) -> None:
    (journal / LOG / HASHES).unlink()
    os.mkfifo(journal / LOG / HASHES)
    with pytest.raises(NotRegularError):
        verify(journal, KEY.verifier.text)


@pytest.mark.parametrize("option", ["--partner", "--purpose"])
def test_what_is_not_utf8_is_no_partner_and_no_purpose(journal: Path, option: str) -> None:
    arguments = ["audit", "who", "--journal", str(journal), "--purpose", "a test", option, "\udcff"]
    with pytest.raises(click.BadParameter, match="is not UTF-8"):
        cli(arguments, "screening", standalone_mode=False)


@pytest.mark.parametrize(
    ("purpose", "sentence"),
    [
        ([], "missing option '--purpose'"),
        (["--purpose", " "], "--purpose is empty; say what it is looked up for"),
    ],
)
def test_who_says_that_it_wants_to_know_what_it_is_looked_up_for(
    journal: Path, purpose: list[str], sentence: str
) -> None:
    with pytest.raises(click.UsageError) as refused:
        cli(["audit", "who", "--journal", str(journal), *purpose], standalone_mode=False)
    assert usage_sentence(refused.value, "screening").lower().startswith(sentence)


def test_a_copy_is_asked_for_by_a_link_that_leads_to_itself_and_one_sentence_says_so(
    journal: Path, template: Template
) -> None:
    loop = journal.parent / "loop"
    loop.symlink_to(loop)
    options = ("--journal", str(journal), "--key", KEY.verifier.text)
    for name in ("loop", "loop/copy"):
        ended = template.run(
            *("audit", "export", name, *options), cwd=journal.parent, command="screening"
        )
        assert ended.code in (2, 74), ended.output
        (sentence,) = ended.output.splitlines()
        assert "loop" in sentence


def test_a_journal_may_have_any_name_that_the_system_allows(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENING_HOME", str(journal.parent))
    odd = journal.rename(journal.with_name("j\udcff"))
    with pytest.raises(LedgerDamaged):  # it has a record that is no answer
        arguments = ["audit", "who", "--journal", str(odd), "--purpose", "a test"]
        cli(arguments, "screening", standalone_mode=False)
    ((_, _, looked),) = read_records(journal.parent / "audit")
    assert json.loads(looked)["journal"].endswith("j\\xff")


@pytest.mark.parametrize("how", ["removed", "cut off", "changed"])
def test_who_asked_is_told_and_what_is_missing_by_the_signed_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    monkeypatch.setenv("SCREENING_HOME", str(tmp_path))
    directory = tmp_path / "journal"
    answers = [structs.replace(ASKED, receipt=letter * 26) for letter in "abc"]
    with Ledger(directory, host="test") as ledger:
        ledger.append([msgspec.json.encode(answers[0])])
    crashed = Ledger(directory, host="test")
    crashed.append([msgspec.json.encode(one) for one in answers[1:]])
    with merged_log(directory) as log:
        signed(log)
    (path,) = directory.glob("*.open")
    header, first, second = path.read_bytes().splitlines(keepends=True)
    match how:
        case "removed":
            path.unlink()
        case "cut off":
            path.write_bytes(header + first)
        case _:
            payload = second.partition(b" ")[2].rstrip().replace(b"c" * 26, b"d" * 26)
            chain = link(first.split(b" ")[0], payload)
            path.write_bytes(header + first + b"%b %b\n" % (chain, payload))
    arguments = ["audit", "who", "--purpose", "a test", "--key", KEY.verifier.text]
    with pytest.raises(LedgerDamaged, match=f"segment {path.stem}, line"):
        cli(arguments, "screening", standalone_mode=False)
    told = [row["receipt"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))]
    left = {"removed": ["a"], "cut off": ["a", "b"], "changed": ["a", "b", "d"]}
    assert told == [letter * 26 for letter in left[how]]
    del crashed  # a writer that has it open has sealed nothing


def test_a_damaged_segment_hides_no_other_from_which_records_are_missing_by_the_signed_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCREENING_HOME", str(tmp_path))
    directory = tmp_path / "journal"
    for _ in range(2):
        crashed = Ledger(directory, host="test")
        crashed.append([msgspec.json.encode(ASKED)] * 3)
        with merged_log(directory) as log:
            signed(log)
    older, newer = sorted(directory.glob("*.open"))
    older.write_bytes(older.read_bytes().replace(b"acme", b"acne", 1))
    newer.write_bytes(b"".join(newer.read_bytes().splitlines(keepends=True)[:3]))
    arguments = ["audit", "who", "--purpose", "a test", "--key", KEY.verifier.text]
    with pytest.raises(LedgerDamaged) as raised:
        cli(arguments, "screening", standalone_mode=False)
    said = str(raised.value)
    assert said.count(f"segment {older.stem}, line 2: does not follow from the line before") == 1
    assert f"segment {newer.stem}, line 4: missing, but leaf 5 of the log" in said
    assert capsys.readouterr().out.count(ASKED.receipt) == 4
    (directory / LOG / HASHES).unlink()
    os.mkfifo(directory / LOG / HASHES)  # what else is wrong is no reason to say nothing of it
    with pytest.raises(LedgerDamaged, match=f"{older.stem}, line 2: .*/hashes cannot be used"):
        cli(arguments, "screening", standalone_mode=False)
    del crashed


def test_who_asked_is_told_of_a_copy_without_the_key_of_its_log_and_that_it_was_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCREENING_HOME", str(tmp_path / "home"))
    with Ledger(tmp_path / "copy", host="test") as ledger:
        ledger.append([msgspec.json.encode(ASKED)])
    with merged_log(tmp_path / "copy") as log:
        signed(log)
    arguments = ["audit", "who", "--purpose", "a test", "--journal", str(tmp_path / "copy")]
    with pytest.raises(OperatorError, match="give --key"):
        cli(arguments, "screening", standalone_mode=False)
    assert ASKED.receipt in capsys.readouterr().out
    cli([*arguments, "--key", KEY.verifier.text], "screening", standalone_mode=False)
    assert ASKED.receipt in capsys.readouterr().out


def test_a_key_that_lies_in_no_readable_file_is_told_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "leads").symlink_to(tmp_path / "leads")
    for name, why in (
        ("nothing", "no such file"),
        (".", "it is a folder"),
        ("leads", "the file cannot be read: Too many levels of symbolic links"),
    ):
        arguments = ["audit", "verify", "--key", str(tmp_path / name)]
        with pytest.raises(click.BadParameter, match=f"^{why}; give what"):
            cli(arguments, "screening", standalone_mode=False)


def test_who_asked_is_told_with_what_was_dropped_and_what_no_signature_covers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCREENING_HOME", str(tmp_path))
    directory, long_ago = tmp_path / "journal", datetime(2026, 1, 1, tzinfo=UTC)
    with Ledger(directory, host="test", now=lambda: long_ago) as ledger:
        ledger.append([msgspec.json.encode(ASKED)] * 3)
    with merged_log(directory) as log:
        signed(log)
    export_ledger(directory, tmp_path / "copy", Believed(KEY.verifier, None), lambda *_: None)
    retention = Retention(directory, tmp_path / "copy", KEY)
    retention.retain(days=200, actor="ann", now=long_ago + timedelta(days=400))
    arguments = ["audit", "who", "--purpose", "a test", "--key", KEY.verifier.text]
    cli(arguments, "screening", standalone_mode=False)
    said = capsys.readouterr().err
    assert "Not here any more, dropped: 3 records in 1 segments, by ann" in said
    assert "signature" not in said
    with Ledger(directory, host="forged") as forged:
        forged.append([msgspec.json.encode(ASKED)] * 2)
        cli(arguments, "screening", standalone_mode=False)
    told = capsys.readouterr()
    assert told.out.count(ASKED.receipt) == 2
    assert "Of the records that lie here 2 are under no signature" in told.err
