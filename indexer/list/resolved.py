"""What a revision of the list publishes under a policy: which selectors, and until when."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from indexer.list.file import ListFile
from indexer.list.policy import EVERYTHING, Policy
from screening.generations.records import begin_of_minute
from screening.importers.entry import PUBLISHED_ROLES
from screening.vocabulary.errors import OperatorError

NOT_LISTED: Final = 0
"""In the place of the time when a selector expires: long ago."""
OPEN: Final = 9_223_372_036_854_775_807
"""`until` of what no revision has ended."""

IS_PUBLISHED_ROLE: Final = f"role IN ({', '.join(repr(str(role)) for role in PUBLISHED_ROLES)})"
"""Of a row with a `role`: whether its selector may be published, as far as that tells."""

_Values = dict[str, int | str | bytes]

# What a revision says of each selector that it publishes: until when. A selector with any entry of
# role victim, expired or not, is not published, nor one that is blocked. `id` and `since` are those
# of any of its entries, which agree on the selector. `form` is the tag of what a token key hashes:
# under the former normaliser version one selector may have several.
_FORM: Final = "e.tag"
_FORMER: Final = "coalesce(e.former, e.tag)"
_LISTED: Final = """
    SELECT {form} AS form, e.tag AS tag, kind, id, since,
      iif(count(expires_at) = count(*), max(expires_at), NULL) AS expires_at
    FROM entries AS e
    WHERE since <= {revision} AND until > {revision} AND {entitled} {restricted}
      AND NOT EXISTS (
        SELECT 1 FROM entries AS v WHERE v.tag = e.tag AND v.role = 'victim'
          AND v.since <= {revision} AND v.until > {revision})
      AND NOT EXISTS (
        SELECT 1 FROM blocks AS b WHERE b.tag = e.tag
          AND b.since <= {revision} AND b.until > {revision})
    GROUP BY {form}
"""
_TOUCH: Final = """
    INSERT OR IGNORE INTO touched
    SELECT tag FROM entries WHERE since > :base
    UNION ALL SELECT tag FROM entries WHERE until > :base AND until < :open
    UNION ALL SELECT tag FROM blocks WHERE since > :base
    UNION ALL SELECT tag FROM blocks WHERE until > :base AND until < :open
"""
_TOUCHED_ONLY: Final = "AND e.tag IN (SELECT tag FROM touched)"


@dataclass(frozen=True, slots=True)
class Resolved:
    """Selectors in a temporary table of the list file, until something else is resolved there."""

    connection: sqlite3.Connection
    count: int

    def kinds(self) -> dict[str, int]:
        """Count the selectors by kind."""
        rows = self.connection.execute(
            "SELECT kind, count(*) FROM resolved GROUP BY kind ORDER BY kind"
        )
        return {str(kind): int(count) for kind, count in rows}

    def next_expiry(self, now: int) -> int | None:
        """Return when the next selector expires (Unix seconds), None where none does."""
        row = self.connection.execute(
            "SELECT min(expires_at) FROM resolved WHERE expires_at >= ?", (begin_of_minute(now),)
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def count_expired(self, now: int) -> int:
        """Count the selectors that match no more at `now`: the minute of their end is over."""
        row = self.connection.execute(
            "SELECT count(*) FROM resolved WHERE expires_at < ?", (begin_of_minute(now),)
        ).fetchone()
        return int(row[0])


def resolve(
    list_file: ListFile,
    revision: int,
    policy: Policy = EVERYTHING,
    *,
    as_of: int,
    normaliser: int | None = None,
) -> Resolved:
    """Settle what `revision` publishes under `policy`, without what had expired by `as_of`.

    `normaliser` is the version of the token key that it is for: that of the list, or the former.
    """
    entitled, values = _entitled(policy)
    form = _form(list_file, normaliser)
    listed = _LISTED.format(form=form, revision=":revision", entitled=entitled, restricted="")
    return _resolved(
        list_file,
        f"INSERT INTO resolved SELECT form, kind, id, since, expires_at FROM ({listed}) "  # noqa: S608 - of constants
        "WHERE expires_at IS NULL OR expires_at >= :as_of",
        {**values, "revision": revision, "as_of": as_of},
    )


def publishes_any(list_file: ListFile, revision: int, policy: Policy, *, as_of: int) -> bool:
    """Tell whether `revision` publishes anything under `policy` that had not expired by `as_of`.

    It looks for the first only, where `resolve` would settle all.
    """
    entitled, values = _entitled(policy)
    listed = _LISTED.format(form=_FORM, revision=":revision", entitled=entitled, restricted="")
    row = list_file.connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM ({listed}) "  # noqa: S608 - of constants
        "WHERE expires_at IS NULL OR expires_at >= :as_of)",
        {**values, "revision": revision, "as_of": as_of},
    ).fetchone()
    return bool(row[0])


def resolve_changes(
    list_file: ListFile,
    revision: int,
    policy: Policy = EVERYTHING,
    *,
    base: int,
    normaliser: int | None = None,
) -> Resolved:
    """Settle what `revision` says otherwise than `base`; it costs what has changed.

    What is not listed any more expired long ago.
    """
    _touch_none(list_file)
    list_file.connection.execute(_TOUCH, {"base": base, "open": OPEN})
    entitled, values = _entitled(policy)
    form = _form(list_file, normaliser)
    before, after = (
        _LISTED.format(form=form, revision=which, entitled=entitled, restricted=_TOUCHED_ONLY)
        for which in (":base", ":revision")
    )
    return _resolved(
        list_file,
        f"INSERT INTO resolved WITH before AS ({before}), after AS ({after}) "  # noqa: S608 - of constants
        "SELECT after.form, after.kind, after.id, after.since, after.expires_at "
        "FROM after LEFT JOIN before USING (form) "
        "WHERE before.form IS NULL OR before.expires_at IS NOT after.expires_at "
        "UNION ALL SELECT before.form, before.kind, before.id, before.since, :not_listed "
        "FROM before LEFT JOIN after USING (form) WHERE after.form IS NULL",
        {**values, "base": base, "revision": revision, "not_listed": NOT_LISTED},
    )


def count_listed(list_file: ListFile, revision: int, tags: Iterable[bytes], *, as_of: int) -> int:
    """Count which of the selectors with these blind tags a revision lists, not expired `as_of`."""
    _touch_none(list_file)
    list_file.connection.executemany(
        "INSERT OR IGNORE INTO touched VALUES (?)", [(tag,) for tag in tags]
    )
    entitled, values = _entitled(EVERYTHING)
    listed = _LISTED.format(
        form=_FORM, revision=":revision", entitled=entitled, restricted=_TOUCHED_ONLY
    )
    row = list_file.connection.execute(
        f"SELECT count(*) FROM ({listed}) "  # noqa: S608 - of constants
        "WHERE expires_at IS NULL OR expires_at >= :as_of",
        {**values, "revision": revision, "as_of": as_of},
    )
    return int(row.fetchone()[0])


def find_listed_until(list_file: ListFile, revision: int, policy: Policy, tag: bytes) -> int | None:
    """Return until when a revision lists the selector with this blind tag under `policy`.

    `OPEN` where it has no end, None where it is not listed.
    """
    entitled, values = _entitled(policy)
    listed = _LISTED.format(
        form=_FORM, revision=":revision", entitled=entitled, restricted="AND e.tag = :tag"
    )
    row = list_file.connection.execute(
        f"SELECT coalesce(expires_at, :open) FROM ({listed})",  # noqa: S608 - of constants
        {**values, "revision": revision, "tag": tag, "open": OPEN},
    ).fetchone()
    return None if row is None else int(row[0])


def count_ended(list_file: ListFile, before: int, after: int, *, now: int) -> int:
    """Count the selectors of the draft that `before` listed until later than `now`, `after` not."""
    _touch_none(list_file)
    list_file.connection.execute("INSERT OR IGNORE INTO touched SELECT tag FROM draft")
    entitled, values = _entitled(EVERYTHING)
    then, later = (
        _LISTED.format(form=_FORM, revision=which, entitled=entitled, restricted=_TOUCHED_ONLY)
        for which in (":before", ":after")
    )
    in_time = "WHERE coalesce(expires_at, :now) >= :now"
    row = list_file.connection.execute(
        f"SELECT count(*) FROM ({then}) {in_time} "  # noqa: S608 - of constants
        f"AND tag NOT IN (SELECT tag FROM ({later}) {in_time})",
        {**values, "before": before, "after": after, "now": now},
    )
    return int(row.fetchone()[0])


def count_withheld(list_file: ListFile, revision: int, *, earlier: int) -> int:
    """Count the selectors that `earlier` listed, and `revision`, which restores it, does not.

    Later ones have named them as victims', or they were blocked.
    """
    entitled, values = _entitled(EVERYTHING)
    then, now = (
        _LISTED.format(form=_FORM, revision=which, entitled=entitled, restricted="")
        for which in (":earlier", ":revision")
    )
    row = list_file.connection.execute(
        f"SELECT count(*) FROM ({then}) WHERE tag NOT IN (SELECT tag FROM ({now}))",  # noqa: S608 - of constants
        {**values, "earlier": earlier, "revision": revision},
    )
    return int(row.fetchone()[0])


def _touch_none(list_file: ListFile) -> None:
    """Make the table that a question is restricted to, empty."""
    list_file.connection.execute("DROP TABLE IF EXISTS temp.touched")
    list_file.connection.execute(
        "CREATE TEMP TABLE touched (tag BLOB PRIMARY KEY) STRICT, WITHOUT ROWID"
    )


def _resolved(list_file: ListFile, statement: str, values: _Values) -> Resolved:
    list_file.connection.execute("DROP TABLE IF EXISTS temp.resolved")
    list_file.connection.execute(
        "CREATE TEMP TABLE resolved (form BLOB PRIMARY KEY, kind TEXT, id BLOB, since INTEGER, "
        "expires_at INTEGER) STRICT, WITHOUT ROWID"
    )
    # It begins with INSERT: of a statement that begins with WITH, Python counts no rows.
    count = list_file.connection.execute(statement, values).rowcount
    return Resolved(list_file.connection, count)


def _form(list_file: ListFile, normaliser: int | None) -> str:
    tags = list_file.tags
    if normaliser in (None, tags.normaliser):
        return _FORM
    if normaliser == tags.former:
        return _FORMER
    raise OperatorError("a token key is of a normaliser version that the list cannot be read in")


def _entitled(policy: Policy) -> tuple[str, _Values]:
    """Return the condition that an entry meets which `policy` covers, and the values in it."""
    values: _Values = {}

    def named(names: tuple[str, ...], what: str) -> str:
        values.update({f"{what}{place}": name for place, name in enumerate(names)})
        return ", ".join(f":{what}{place}" for place in range(len(names)))

    roles = tuple(role for role in PUBLISHED_ROLES if role in policy.roles)
    conditions = [f"role IN ({named(roles, 'role')})", f"kind IN ({named(policy.kinds, 'kind')})"]
    if policy.min_confidence:
        values["least"] = policy.min_confidence
        conditions.append("confidence >= :least")
    if policy.lists is not None:
        conditions.append(f"list IN ({named(policy.lists, 'list')})")
    if policy.jurisdictions is not None:
        spelled = tuple(f" {country} " for country in policy.jurisdictions)
        places = named(spelled, "country").split(", ")
        anywhere = " OR ".join(f"instr(jurisdictions, {place})" for place in places)
        conditions.append(f"(jurisdictions = '' OR {anywhere})")
    return " AND ".join(conditions), values
