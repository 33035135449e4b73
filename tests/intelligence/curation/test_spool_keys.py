"""The console's keys: a name that was mistyped can be put right until an indexer is trusted."""

from pathlib import Path

import pytest

from intelligence.curation.spool_keys import SpoolKeys
from screening.private_files import ensure_private_directory
from screening.spools.keys import SpoolSecrets, parse_key, spell_key
from screening.vocabulary.errors import OperatorError

MISTYPED, MEANT = "0123456789abcdef", "fedcba9876543210"


def test_a_mistyped_deployment_is_put_right_and_the_keys_stay(tmp_path: Path) -> None:
    keys = SpoolKeys(ensure_private_directory(tmp_path / "home"))
    first, _ = keys.make(MISTYPED)
    second, path = keys.make(MEANT)
    assert parse_key(path.read_bytes(), "console") == second
    assert second.deployment == MEANT
    assert (second.sealing, second.verifying) == (first.sealing, first.verifying)


def test_the_deployment_of_a_trusted_indexer_is_kept(tmp_path: Path) -> None:
    keys = SpoolKeys(ensure_private_directory(tmp_path / "home"))
    keys.make(MEANT)
    indexer = tmp_path / "indexer.spool.pub"
    indexer.write_bytes(spell_key(SpoolSecrets(bytes(32), bytes(32)).public("indexer", MEANT)))
    keys.trust(indexer, replacing=False)
    with pytest.raises(OperatorError, match="trusts the indexer of another deployment"):
        keys.make(MISTYPED)
    assert keys.make(MEANT)[0].deployment == MEANT
