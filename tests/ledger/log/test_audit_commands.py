"""`screening audit verify --key`: whose signature is believed, as a text or as the file of it."""

from pathlib import Path

import pytest
import rich_click as click

from screening.cli import cli
from screening.ledger.ledger import Ledger
from screening.ledger.log.notes import SIGNS, SignerKey
from screening.usage import usage_sentence
from tests.ledger.log.merging import KEY, merged_log, signed


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal of one record, merged and signed."""
    directory = tmp_path / "journal"
    with Ledger(directory, host="test") as ledger:
        ledger.append([b'{"n":0}'])
    with merged_log(directory) as log:
        signed(log)
    return directory


def verify(journal: Path, key: str) -> None:
    arguments = ["audit", "verify", "--journal", str(journal), "--key", key]
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
