"""What names the open statements of a revision: reckoned from an earlier one by what has changed.

Whatever has changed the list since counts, by hand too, so that a list that is not what the console
holds it for is noticed.
"""

from collections.abc import Iterator
from typing import Final

from indexer.list.draft_rows import open_sealed
from indexer.list.file import ListFile
from screening.spools.statements import PRODUCT_BYTES, OpenStatement, StatementSet

_COLUMNS: Final = "tag, kind, sealed, list, role, confidence, jurisdictions, last_seen, expires_at"
_ALL: Final = "since <= :revision AND until > :revision"
_BEGUN: Final = "since > :base AND since <= :revision AND until > :revision"
_ENDED: Final = "until > :base AND until <= :revision AND since <= :base"


def statements_of(list_file: ListFile, revision: int) -> StatementSet:
    """Return the set of a revision, in force or not, at the cost of what has changed since."""
    places = {"revision": revision}
    base = _find_base(list_file, revision)
    if base is None:
        return StatementSet().changed(begun=_lines(list_file, _ALL, places))
    at, known = base
    places["base"] = at
    return known.changed(
        begun=_lines(list_file, _BEGUN, places), ended=_lines(list_file, _ENDED, places)
    )


def keep_statements(list_file: ListFile, revision: int, result: StatementSet) -> None:
    """Keep the set of a revision, from which those of later ones are reckoned."""
    product = result.product.to_bytes(PRODUCT_BYTES, "big")
    sql = list_file.connection
    sql.execute("DELETE FROM results WHERE revision < ?", (list_file.landed_revision(),))
    sql.execute(
        "INSERT OR REPLACE INTO results VALUES (?, ?, ?)", (revision, result.statements, product)
    )


def _find_base(list_file: ListFile, revision: int) -> tuple[int, StatementSet] | None:
    """Return the last known set of a revision from which on nothing is forgotten."""
    row = list_file.connection.execute(
        "SELECT revision, statements, product FROM results WHERE revision = :revision "
        "OR revision < :revision AND revision >= (SELECT min(revision) FROM revisions) "
        "ORDER BY revision DESC LIMIT 1",
        {"revision": revision},
    ).fetchone()
    return None if row is None else (row[0], StatementSet(row[1], int.from_bytes(row[2], "big")))


def _lines(list_file: ListFile, which: str, places: dict[str, int]) -> Iterator[bytes]:
    rows = list_file.connection.execute(
        f"SELECT {_COLUMNS} FROM entries WHERE {which}",  # noqa: S608 - constants
        places,
    )
    for tag, kind, sealed, list_, role, confidence, jurisdictions, last_seen, expires_at in rows:
        said = open_sealed(tag, sealed, list_file.sealer)
        yield OpenStatement(
            kind=kind,
            canonical=said.canonical,
            list=list_,
            source=said.source,
            role=role,
            confidence=confidence,
            jurisdictions=jurisdictions.split(),
            last_seen=last_seen,
            expires_at=expires_at,
        ).line()
