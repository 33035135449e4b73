"""Console and indexer are brought together, and again after a restore, by whoever runs both."""

from pathlib import Path

from intelligence.opening import alone, exclusively, open_journal
from intelligence.parts import open_parts
from intelligence.settings import IntelligenceSettings
from intelligence.spool.resuming import Resumed, parse_status, resume
from intelligence.spool_keys import SpoolKeys
from screening.account import actor
from screening.private_files import read_regular
from screening.spools.keys import SpoolKey
from screening.vocabulary.errors import OperatorError


def make_spool_keys(settings: IntelligenceSettings, deployment: str) -> tuple[SpoolKey, Path]:
    """Make the console's keys of the spools; return what the indexer is given, and where it is."""
    with exclusively(settings), open_journal(settings) as journal:
        keys = SpoolKeys(settings.home)
        key = keys.make(deployment)
        journal.record(actor(), "spool keys made", deployment=deployment, console=key.id)
        return key, keys.give_out(key)


def trust_indexer(settings: IntelligenceSettings, indexer: Path, *, replacing: bool) -> SpoolKey:
    """Trust the indexer whose key is in a file; raises `OperatorError`."""
    with exclusively(settings), open_journal(settings) as journal:
        keys = SpoolKeys(settings.home)
        key = keys.read_brought(indexer, replacing=replacing)
        journal.record(actor(), "indexer trusted", deployment=key.deployment, indexer=key.id)
        keys.trust(key)
        return key


def resume_spools(settings: IntelligenceSettings, status_file: Path) -> tuple[int, Resumed]:
    """Go on from where the indexer is, as its status says.

    Returns the number of the next file, and what is not known here since. Raises `OperatorError`
    where the two do not hold the same list.
    """
    status = parse_status(read_regular(status_file))
    peers = SpoolKeys(settings.home).find_peers()
    if peers is None or peers.deployment != status.deployment:
        raise OperatorError("this status is not of the indexer that is trusted here; bring its own")
    with alone(settings) as (database, journal):
        parts = open_parts(settings, database, journal)
        exchange = parts.exchange(parts.evidence())
        return status.next_sequence, resume(exchange, peers, status, actor())
