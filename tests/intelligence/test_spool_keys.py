"""The console's keys: a name that was mistyped can be put right until an indexer is trusted."""

from pathlib import Path

import pytest

from intelligence.commands.spools import make_spool_keys, trust_indexer
from intelligence.spool_keys import CONSOLE_KEY, SpoolKeys
from screening.private_files import ensure_private_directory
from screening.spools.keys import SpoolKey, SpoolSecrets, parse_key, spell_key
from screening.vocabulary.errors import LedgerUnavailable, OperatorError
from tests.intelligence.backup.homes import events_of, lose_ledger, settings_for

MISTYPED, MEANT = "0123456789abcdef", "fedcba9876543210"


def test_a_mistyped_deployment_is_put_right_and_the_keys_stay(tmp_path: Path) -> None:
    keys = SpoolKeys(ensure_private_directory(tmp_path / "home"))
    first = keys.make(MISTYPED)
    keys.give_out(first)
    second = keys.make(MEANT)
    path = keys.give_out(second)
    assert parse_key(path.read_bytes(), "console") == second
    assert second.deployment == MEANT
    assert (second.sealing, second.verifying) == (first.sealing, first.verifying)


def test_the_deployment_of_a_trusted_indexer_is_kept(tmp_path: Path) -> None:
    keys = SpoolKeys(ensure_private_directory(tmp_path / "home"))
    keys.give_out(keys.make(MEANT))
    keys.trust(SpoolSecrets(bytes(32), bytes(32)).public("indexer", MEANT))
    with pytest.raises(OperatorError, match="trusts the indexer of another deployment"):
        keys.make(MISTYPED)
    assert keys.make(MEANT).deployment == MEANT


def test_an_indexer_is_trusted_once_that_is_on_record(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    make_spool_keys(settings, MEANT)
    first, second = _indexer(1), _indexer(2)
    trust_indexer(settings, _brought(tmp_path, first), replacing=False)
    with pytest.raises(OperatorError, match="pass --replace"):
        trust_indexer(settings, _brought(tmp_path, second), replacing=False)
    lose_ledger(settings)
    with pytest.raises(LedgerUnavailable):
        trust_indexer(settings, _brought(tmp_path, second), replacing=True)
    peers = SpoolKeys(settings.home).find_peers()
    assert peers is not None
    assert peers.indexer == first
    assert events_of(settings) == ["spool keys made", "indexer trusted"]


def test_keys_are_given_out_once_that_is_on_record(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    lose_ledger(settings)
    with pytest.raises(LedgerUnavailable):
        make_spool_keys(settings, MEANT)
    assert not (settings.home / CONSOLE_KEY).exists()


def _indexer(number: int) -> SpoolKey:
    return SpoolSecrets(bytes([number] * 32), bytes(32)).public("indexer", MEANT)


def _brought(folder: Path, indexer: SpoolKey) -> Path:
    path = folder / "indexer.spool.pub"
    path.write_bytes(spell_key(indexer))
    return path
