"""What reading the list in another normaliser version takes off it, and what keeps that off.

Nobody has asked for that selector by selector: an operator is told how many they are.
"""

from dataclasses import dataclass
from typing import Final

from indexer.list.file import ListFile
from indexer.list.resolved import resolve

# Of what was listed and is not any more, by the spellings of the version before. A selector that is
# neither a victim's, retracted nor excluded now, was corrected: nothing else has changed. Then what
# was said in its spelling has ended, and may be forgotten already.
_TAKEN_OFF: Final = """
    WITH gone AS (SELECT form FROM listed_before EXCEPT SELECT form FROM resolved),
    selectors AS (
      SELECT DISTINCT form, tag FROM gone LEFT JOIN entries
      ON coalesce(former, tag) = form),
    judged AS (SELECT
      EXISTS (SELECT 1 FROM entries AS v WHERE v.tag = s.tag AND v.role = 'victim'
        AND v.since <= :revision AND v.until > :revision) AS protected,
      EXISTS (SELECT 1 FROM blocks AS b WHERE b.tag = s.tag AND b.why = 'retracted'
        AND b.since <= :revision AND b.until > :revision) AS retracted,
      EXISTS (SELECT 1 FROM blocks AS b WHERE b.tag = s.tag AND b.why = 'excluded'
        AND b.since <= :revision AND b.until > :revision) AS excluded
      FROM selectors AS s)
    SELECT coalesce(sum(protected), 0), coalesce(sum(NOT protected AND retracted), 0),
      coalesce(sum(NOT protected AND NOT retracted AND excluded), 0),
      coalesce(sum(NOT protected AND NOT retracted AND NOT excluded), 0) FROM judged
"""


@dataclass(frozen=True, slots=True)
class TakenOff:
    """Selectors that were listed, in the spellings of the version before; each counts once.

    Of `protected` ones another spelling is a victim's, and of `retracted` ones it was retracted;
    `excluded` ones are so in another spelling, or their override has lapsed; of `corrected` ones
    their source has said otherwise in another spelling since, as that they are disputed.
    """

    protected: int
    retracted: int
    excluded: int
    corrected: int


def note_listed(list_file: ListFile, *, as_of: int) -> None:
    """Note in a temporary table what is listed now, for `count_taken_off`."""
    sql = list_file.connection
    resolve(list_file, list_file.landed_revision(), as_of=as_of)
    sql.execute("DROP TABLE IF EXISTS temp.listed_before")
    sql.execute("CREATE TEMP TABLE listed_before (form BLOB PRIMARY KEY) STRICT, WITHOUT ROWID")
    sql.execute("INSERT INTO listed_before SELECT form FROM resolved")


def count_taken_off(list_file: ListFile, *, as_of: int) -> TakenOff:
    """Count what was listed as `note_listed` had it, and is not now; expired by then is neither."""
    revision = list_file.landed_revision()
    resolve(list_file, revision, as_of=as_of, normaliser=list_file.tags.former)
    row = list_file.connection.execute(_TAKEN_OFF, {"revision": revision}).fetchone()
    return TakenOff(*map(int, row))
