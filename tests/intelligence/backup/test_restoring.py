"""What is restored is what was backed up and opens with its keys; or there is no home."""

import hashlib
import json
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from intelligence.backup.backing_up import back_up
from intelligence.backup.commands import restore_command
from intelligence.backup.description import DESCRIPTION
from intelligence.backup.dumping import copy_sqlite
from intelligence.backup.keys import back_up_keys, open_keys
from intelligence.backup.restoring import Restored, Restoring
from intelligence.commands.setting_up import initialise
from intelligence.curation.showing import Showing
from intelligence.curation.tables import ChangeSet
from intelligence.on_record import OnRecord, Outcome
from intelligence.opening import open_database, open_journal
from intelligence.settings import IntelligenceSettings
from intelligence.staff.privileges import Privileges
from intelligence.staff.tables import Account
from intelligence.store.data_keys import open_vault
from intelligence.store.key_file import KEY_FILE, KeyFile
from intelligence.store.sealing import Seals
from screening.vocabulary.errors import OperatorError
from tests.harness.console import Console
from tests.harness.each_step import steps_of
from tests.harness.template import Template
from tests.intelligence.backup import killed_life
from tests.intelligence.backup.homes import PASSPHRASE, content_of, settings_for


@pytest.fixture
def backup(source: IntelligenceSettings, tmp_path: Path) -> Path:
    back_up(source, tmp_path / "backup")
    back_up_keys(source, tmp_path / "console.keys", PASSPHRASE)
    return tmp_path / "backup"


def restored(folder: Path, *, check: bool = False) -> Restored:
    keys = open_keys(folder / "console.keys", PASSPHRASE)
    restoring = Restoring(settings_for(folder), keys)
    return restoring.check(folder / "backup") if check else restoring.restore(folder / "backup")


def test_no_key_is_in_a_backup_of_the_data(source: IntelligenceSettings, backup: Path) -> None:
    written = b"".join(content_of(backup).values())
    keys = [path.read_bytes() for path in source.home.glob("*.key*")]
    assert len(keys) == 3
    assert [key for key in keys if key.strip() in written] == []
    assert (source.home / KEY_FILE).read_bytes().strip() not in (
        backup.parent / "console.keys"
    ).read_bytes()


def records(settings: IntelligenceSettings) -> int:
    ledger = settings.home / "ledger"
    return sum(one.read_text().count('"event":"keys backed up"') for one in ledger.glob("*Z-*"))


def test_all_keys_come_back(source: IntelligenceSettings, backup: Path) -> None:
    restored(backup.parent)
    home = settings_for(backup.parent).home
    for path in source.home.glob("*.[kp]*"):
        assert (home / path.name).read_bytes() == path.read_bytes()


def test_a_check_keeps_nothing(backup: Path) -> None:
    before = content_of(backup.parent).keys()
    assert restored(backup.parent, check=True).records > 0
    assert content_of(backup.parent).keys() == before


def test_a_file_that_is_not_as_it_was_written_is_refused_and_there_is_no_home(
    backup: Path,
) -> None:
    names = [*content_of(backup)]
    assert len(names) > 4
    for name in names:
        path = backup / name
        whole = path.read_bytes()
        for changed in (whole[:-1], b"", bytes([whole[0] ^ 1]) + whole[1:]):
            path.write_bytes(changed)
            with pytest.raises(OperatorError, match="another copy"):
                restored(backup.parent)
        path.write_bytes(whole)
    assert not settings_for(backup.parent).home.exists()
    restored(backup.parent)


def test_nothing_but_database_and_ledger_comes_out_of_a_backup(backup: Path) -> None:
    (backup / "indexer.spool.pub").write_bytes(b"another indexer")
    (backup / "indexer.spool.pub").chmod(0o600)
    description = json.loads((backup / DESCRIPTION).read_bytes())
    description["files"]["indexer.spool.pub"] = hashlib.sha256(b"another indexer").hexdigest()
    (backup / DESCRIPTION).write_text(json.dumps(description))
    with pytest.raises(OperatorError, match="not as it was written"):
        restored(backup.parent)
    assert not settings_for(backup.parent).home.exists()


def test_a_database_that_cannot_be_copied_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"no database" * 1000)
    with pytest.raises(OperatorError, match="could not be copied"):
        copy_sqlite(tmp_path / "source", tmp_path / "target")


def test_keys_are_shown_in_no_repr(source: IntelligenceSettings, backup: Path) -> None:
    keys = open_keys(backup.parent / "console.keys", PASSPHRASE)
    shown = repr(Restoring(settings_for(backup.parent), keys))
    assert not [key for key in keys.values() if repr(key)[2:20] in shown]


def test_a_missing_file_is_named(backup: Path) -> None:
    (backup / "intelligence.sqlite").unlink()
    with pytest.raises(OperatorError, match=r"intelligence\.sqlite of the backup is missing"):
        restored(backup.parent)


def test_keys_of_another_console_do_not_open_it(
    backup: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = settings_for(tmp_path_factory.mktemp("other"))
    initialise(other)
    (backup.parent / "console.keys").unlink()
    back_up_keys(other, backup.parent / "console.keys", PASSPHRASE)
    with pytest.raises(OperatorError, match="does not hold"):
        restored(backup.parent)
    assert not settings_for(backup.parent).home.exists()


def test_a_backup_of_another_kind_of_database_is_refused(backup: Path) -> None:
    keys = open_keys(backup.parent / "console.keys", PASSPHRASE)
    settings = settings_for(backup.parent, "postgresql+psycopg://nobody@/none")
    with pytest.raises(OperatorError, match="unset INTELLIGENCE_DATABASE_URL"):
        Restoring(settings, keys).restore(backup)


def test_a_backup_overwrites_nothing_and_does_not_lie_in_the_home(
    source: IntelligenceSettings, backup: Path
) -> None:
    with pytest.raises(OperatorError, match="there already"):
        back_up(source, backup)
    with pytest.raises(OperatorError, match="lost with it"):
        back_up(source, source.home / "backup")
    before = records(source)
    with pytest.raises(OperatorError, match=r"console\.keys is there already; name another"):
        back_up_keys(source, backup.parent / "console.keys", PASSPHRASE)
    assert records(source) == before


def test_nobody_has_decided_what_the_restored_database_knows_no_decision_of(
    tmp_path: Path,
) -> None:
    settings = settings_for(tmp_path / "source")
    initialise(settings)
    people, change_id = [uuid4(), uuid4()], uuid4()
    with open_database(settings) as database, database.writing() as session:
        for one in people:
            session.add(
                Account(id=one, name=one.hex, display_name="", state="active", created_at=1)
            )
        session.flush()
        of_it = {"id": change_id, "state": "submitted", "author_id": people[0]}
        session.add(ChangeSet(**of_it, created_at=1))
    with open_journal(settings) as journal:  # as it was after the database was copied
        journal.record(str(people[0]), "change submitted", change=str(change_id))
        journal.record(str(people[1]), "change approved", change=str(change_id))
    back_up(settings, tmp_path / "backup")
    back_up_keys(settings, tmp_path / "console.keys", PASSPHRASE)
    restored(tmp_path)
    with open_database(settings_for(tmp_path)) as database, database.reading() as session:
        seals = Seals(open_vault(database, KeyFile(settings.home).read()))
        on_record = OnRecord(settings_for(tmp_path).ledger, pytest.fail)
        assert on_record.of(change_id).outcome is Outcome.ENDS
        showing = Showing(session, seals, Privileges(frozenset()), on_record)
        assert showing.decider(session.get_one(ChangeSet, change_id)) is None


@pytest.mark.slow
@pytest.mark.parametrize("way", ["backup", "restore"])
def test_killed_at_any_step_the_source_is_whole_and_the_target_is_there_wholly_or_not(
    source: IntelligenceSettings, backup: Path, way: str
) -> None:
    keys = [str(source.home), str(backup.parent), way]
    assert steps_of(killed_life.__name__, *keys) > 10, "there were steps"


def test_the_commands_say_what_they_did(
    source: IntelligenceSettings, tmp_path: Path, channel: Template
) -> None:
    console = Console(tmp_path, None, template=channel)
    console.environment["INTELLIGENCE_HOME"] = str(source.home)
    passphrase = tmp_path / "backup.pass"
    passphrase.touch(mode=0o600)
    passphrase.write_bytes(PASSPHRASE)
    given = ("--passphrase-file", "backup.pass")
    assert "not in it" in console.run("backup", "backup").stdout
    assert KEY_FILE in console.run("keys", "backup", "console.keys", *given).stdout
    console.environment["INTELLIGENCE_HOME"] = str(tmp_path / "home")
    said = console.run("restore", "backup", "--keys", "console.keys", *given).stdout
    assert "records follow one another" in said
    refused = console.run("restore", "backup", "--keys", "console.keys", *given, expect=2).stderr
    assert "a restore overwrites nothing" in refused
    assert "Traceback" not in refused


def test_a_check_of_a_damaged_ledger_ends_with_1_and_says_so(
    backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTELLIGENCE_HOME", str(backup.parent / "home"))
    passphrase = backup.parent / "backup.pass"
    passphrase.touch(mode=0o600)
    passphrase.write_bytes(PASSPHRASE)
    keys = ["--keys", str(backup.parent / "console.keys"), "--passphrase-file", str(passphrase)]
    checked = CliRunner().invoke(restore_command, [str(backup), *keys, "--check"])
    assert (checked.exit_code, "opens with these keys; nothing" in checked.stdout) == (0, True)
    damage_ledger(backup)
    checked = CliRunner().invoke(restore_command, [str(backup), *keys, "--check"])
    assert (checked.exit_code, "its ledger is damaged" in checked.stdout) == (1, True)
    assert "follow one another" not in checked.stdout


def damage_ledger(backup: Path) -> None:
    """Change a record as somebody does who knows that a backup is of hashes."""
    (path,) = (one for one in (backup / "ledger").iterdir() if b"initialised" in one.read_bytes())
    path.write_bytes(path.read_bytes().replace(b"initialised", b"initialized", 1))
    description = json.loads((backup / DESCRIPTION).read_bytes())
    description["files"][f"ledger/{path.name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (backup / DESCRIPTION).write_text(json.dumps(description))
