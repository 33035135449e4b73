"""`screening witness`: what its operator is told, and what is not done."""

from pathlib import Path

import pytest
import rich_click as click

from screening.cli import cli
from screening.ledger.log.notes import SIGNS, SignerKey
from screening.vocabulary.errors import OperatorError
from screening.witness.home import only_server_of
from tests.harness.witnesses import KEY


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "witness"


def run(home: Path, command: str, *arguments: str) -> None:
    cli(["witness", command, "--home", str(home), *arguments], "screening", standalone_mode=False)


def test_a_witness_is_made_once(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(home, "init", "witness.example/one")
    made = capsys.readouterr().out
    run(home, "key")
    assert capsys.readouterr().out == made
    with pytest.raises(OperatorError, match=r"is there already; .*screening witness key prints"):
        run(home, "init", "witness.example/two")
    run(home, "key")
    assert capsys.readouterr().out == made


def test_a_name_that_no_signature_line_can_have_is_refused(home: Path) -> None:
    with pytest.raises(OperatorError, match="no white space"):
        run(home, "init", "one two")
    assert not (home / "witness.key").exists()


def test_without_a_key_or_a_log_nothing_is_served(home: Path) -> None:
    for command in ("serve", "key"):
        with pytest.raises(OperatorError, match=r"witness\.key is missing"):
            run(home, command)
    run(home, "init", "witness.example/one")
    with pytest.raises(OperatorError, match="no log is trusted yet"):
        run(home, "serve", "--port", "0")


def test_two_processes_on_one_home_are_refused(home: Path) -> None:
    run(home, "init", "witness.example/one")
    run(home, "trust", KEY.verifier.text)
    with only_server_of(home), pytest.raises(OperatorError, match="another screening witness"):
        run(home, "serve", "--port", "0")


def test_a_log_is_trusted_once_and_not_under_two_keys(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(home, "init", "witness.example/one")
    witness = capsys.readouterr().out.strip()
    run(home, "trust", KEY.verifier.text)
    (newest,) = home.glob("logs/*/newest")
    newest.write_bytes(b"what was countersigned")
    run(home, "trust", KEY.verifier.text)
    assert newest.read_bytes() == b"what was countersigned"
    with pytest.raises(OperatorError, match="is trusted under another key"):
        run(home, "trust", SignerKey.generate(KEY.verifier.name, SIGNS).verifier.text)
    with pytest.raises(click.BadParameter, match="it is a witness's key"):
        run(home, "trust", witness)
    with pytest.raises(click.BadParameter):
        run(home, "trust", "nothing")
