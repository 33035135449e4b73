"""When partners were cut off last: nothing that was ordered before has one be answered again.

By a suspension, or by a removal: whoever has the name after that is let in by what is ordered then.

Of what the console has signed that is when it was written, by the console's clock; of what hands do
it is when they do it, by the clock of this host.
"""

from indexer.list.file import ListFile


def note_suspended(list_file: ListFile, partner: str, at: int) -> None:
    """Note that a partner was cut off at a moment (Unix seconds); the latest counts."""
    list_file.connection.execute(
        "INSERT INTO suspensions VALUES (?, ?) ON CONFLICT (partner) DO UPDATE "
        "SET decided_at = max(decided_at, excluded.decided_at)",
        (partner, at),
    )


def suspended_at(list_file: ListFile, partner: str) -> int | None:
    """Return when a partner was cut off last, None where that is not known."""
    row = list_file.connection.execute(
        "SELECT decided_at FROM suspensions WHERE partner = ?", (partner,)
    ).fetchone()
    return None if row is None else int(row[0])
