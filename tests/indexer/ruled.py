"""What commands of the safety lists change."""

from tests.indexer.running import Running


def state(running: Running) -> object:
    """Return what these commands change, their records in the ledger included."""
    tables = ("meta", "entries", "blocks", "exclusion_rules", "overrides", "revisions", "releases")
    kept = [running.rows(f"SELECT * FROM {table}") for table in tables]  # noqa: S608 - our names
    kept[0] = [row for row in kept[0] if row[0] != "failures"]
    return kept, running.stored(), running.ledger()
