"""What a monitor should know of the list: a file for the textfile collector of node_exporter.

The indexer is no server that could be asked. Each command that changes something writes the file
anew, whole or not at all.
"""

from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, write_to_textfile

from indexer.deployment import Deployment
from indexer.releases import Releases


def count_failure(deployment: Deployment) -> None:
    """Count a command that was refused or could not be done."""
    deployment.list_file.next_number("failures")


def write_metrics(deployment: Deployment, path: Path) -> None:
    """Write what is in force; times are Unix seconds."""
    registry, sql = CollectorRegistry(), deployment.list_file.connection
    Counter(
        "screening_indexer_failures",
        "Commands that were refused or could not be done",
        registry=registry,
    ).inc(deployment.list_file.find_number("failures") or 0)
    for name, meaning, value in _numbers(deployment):
        Gauge(name, meaning, registry=registry).set(value)
    entries = Gauge("screening_indexer_entries", "Entries kept", ["list"], registry=registry)
    for list_, count in sql.execute(
        "SELECT list, count(*) FROM entries WHERE since <= :landed AND until > :landed "
        "GROUP BY list",
        {"landed": deployment.list_file.landed_revision()},
    ):
        entries.labels(list_).set(count)
    selectors = _of_key("screening_indexer_selectors", "Selectors in its generation", registry)
    overlay = _of_key("screening_indexer_overlay_changes", "Changes since then", registry)
    for key_id, count, changes in sql.execute(
        "SELECT key_id, count, overlay_count FROM releases JOIN indexes USING (release) "
        "JOIN generations USING (generation, key_id) WHERE state = 'in_force'"
    ):
        selectors.labels(key_id).set(count)
        overlay.labels(key_id).set(changes)
    write_to_textfile(str(path), registry)


def _of_key(name: str, meaning: str, registry: CollectorRegistry) -> Gauge:
    return Gauge(name, meaning, ["key_id"], registry=registry)


def _numbers(deployment: Deployment) -> list[tuple[str, str, float]]:
    current = Releases(deployment).current()
    return [
        (
            "screening_indexer_release",
            "Release in force, 0 before the first",
            current.release if current is not None else 0,
        ),
        (
            "screening_indexer_release_timestamp_seconds",
            "When it was signed; the age of the list counts from it",
            current.issued_at if current is not None else 0,
        ),
        (
            "screening_indexer_published_timestamp_seconds",
            "When its list was first in force",
            current.published_at if current is not None else 0,
        ),
    ]
