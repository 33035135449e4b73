"""Who is trusted: the console, and the people whose signatures count."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from indexer.deployment import Deployment, append_record, exclusively, open_ledger
from indexer.keyring import Keyring
from indexer.list.approvers import Approvers
from indexer.settings import IndexerSettings
from indexer.spool.keys import SpoolKeys
from screening.account import actor
from screening.private_files import (
    ensure_private_directory,
    read_regular,
    replace_private,
)
from screening.spools.batch import ApproverKey
from screening.spools.key_points import is_of_large_order
from screening.spools.keys import parse_key, spell_key
from screening.vocabulary.errors import OperatorError

INDEXER_KEY: Final = "indexer.spool.pub"


@dataclass(frozen=True, slots=True)
class SetUp:
    """The fingerprints of both sides' keys, and the file that the console is given."""

    deployment: str
    console: str
    indexer: str
    written: Path


def set_up(settings: IndexerSettings, console: Path, *, replacing: bool) -> SetUp:
    """Make the indexer's keys where they are not there yet, and trust the key in `console`.

    Raises `OperatorError` where another is trusted and not to be replaced, or where the spools
    would lie in a folder that is backed up or given away.
    """
    settings.refuse_own_folders(settings.spool)
    keys = SpoolKeys(settings.home, Keyring(settings.home))
    trusted = parse_key(read_regular(console), "console")
    spools = ensure_private_directory(settings.spool)
    with exclusively(settings.home / "lock"), open_ledger(settings) as ledger:
        keys.refuse_other(trusted, replacing=replacing)
        facts = {"command": "spool init", "console": trusted.id, "replacing": replacing}
        append_record(ledger, actor(), time.time(), facts)
        keys.make()
        keys.trust(trusted)
        own = keys.public()
        replace_private(spools / INDEXER_KEY, spell_key(own))
    return SetUp(keys.deployment, trusted.fingerprint, own.fingerprint, spools / INDEXER_KEY)


def add_approver(deployment: Deployment, name: str, public: bytes) -> str:
    """Register a person's key, on record; return its fingerprint. Raises `OperatorError`."""
    key = ApproverKey(public)
    if not is_of_large_order(public):
        raise OperatorError(
            "this is no key that one person alone can sign with; have it shown again, or made anew"
        )
    approvers = Approvers(deployment.list_file)
    approvers.require_new(name, key.id)
    deployment.record("spool approver add", name=name, key=key.id)
    approvers.add(name, key.id, public, actor=deployment.actor)
    return key.fingerprint


def remove_approver(deployment: Deployment, name: str) -> str:
    """Let a person's key count no more, on record; return its id. Raises `OperatorError`."""
    approvers = Approvers(deployment.list_file)
    found = approvers.named(name)
    deployment.record("spool approver remove", name=name, key=found.id)
    approvers.remove(name)
    return found.id
