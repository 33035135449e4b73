"""Decisions of a clock that was ahead: nothing that is written now would be after them."""

from typing import Final

from indexer.list.file import ListFile

CLOCKS_DIFFER_S: Final = 300
"""So much the console's clock may be ahead of this host's."""
_KEPT: Final = {
    "blocks": "why = 'retracted' AND coalesce(decided_at, at)",
    "suspensions": "decided_at",
    "exclusion_rules": "coalesce(decided_at, at)",
}
"""By table, what is when a decision was made, as of its own module."""


def count_ahead(list_file: ListFile) -> int:
    """Return how many decisions are of a time further ahead than two clocks may differ."""
    sql, latest = list_file.connection, list_file.now() + CLOCKS_DIFFER_S
    counted = (
        sql.execute(f"SELECT count(*) FROM {table} WHERE {moment} > ?", (latest,)).fetchone()  # noqa: S608 - of constants
        for table, moment in _KEPT.items()
    )
    return sum(int(found) for (found,) in counted)


def lower_ahead(list_file: ListFile) -> None:
    """Have those decisions be of now: what was written before stays behind them."""
    now = list_file.now()
    with list_file.transaction():
        for table, moment in _KEPT.items():
            list_file.connection.execute(
                f"UPDATE {table} SET decided_at = ? WHERE {moment} > ?",  # noqa: S608 - of constants
                (now, now + CLOCKS_DIFFER_S),
            )
