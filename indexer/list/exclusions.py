"""Safety lists in the list file: the deployment's own rules, overrides, and what they keep out.

What a rule blocks is kept as blocks (`blocks.py`), so that it is known without opening a sealed
value, and takes effect as fast as a retraction. `settle` brings them up to the rules.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from indexer.list.blocks import Block, begin_block, end_blocks
from indexer.list.draft_rows import open_statement
from indexer.list.file import ListFile
from indexer.list.reasons import BLOCK_PLACE, OVERRIDE_PLACE, Reason, open_reason
from indexer.list.resolved import OPEN
from indexer.list.revisions import Revisions
from indexer.progress import Progress
from indexer.sealing import Sealer
from indexer.workers import Workers, batches
from screening.exclusions.defaults import default_rules
from screening.exclusions.matcher import Exclusions
from screening.exclusions.rules import Category, Rule, parse_row
from screening.vocabulary.selector import Canonical

_RULE_PLACE: Final = b"exclusion\0"
_LOOKED_AT_TOGETHER: Final = 2_000
_WORTH_SHARING: Final = 50_000

_LISTED: Final = "SELECT tag, kind, sealed FROM entries WHERE until = ? AND role != 'victim'"

_KEPT_OFF: Final = (
    "blocks AS b WHERE why = 'excluded' AND since <= :revision AND until > :revision AND EXISTS ("
    "SELECT 1 FROM entries AS e WHERE e.tag = b.tag AND e.role != 'victim' "
    "AND e.since <= :revision AND e.until > :revision)"
)

_Row = tuple[bytes, str, bytes]
"""Blind tag, kind and sealed statement of an entry."""


def own_rules(list_file: ListFile) -> list[Rule]:
    """Return the rules that were added here, the oldest first."""
    return list(own_rules_by_age(list_file))


def own_rules_by_age(list_file: ListFile) -> dict[Rule, int]:
    """Return the rules that were added here, the oldest first, and when, in Unix seconds."""
    rows = list_file.connection.execute(
        "SELECT id, sealed, at FROM exclusion_rules ORDER BY at, id"
    )
    opened = ((list_file.sealer.open(sealed, _RULE_PLACE + id_), at) for id_, sealed, at in rows)
    return {parse_row(msgspec.msgpack.decode(row)): at for row, at in opened}


def exclusions_in_force(list_file: ListFile, categories: Collection[Category]) -> Exclusions:
    """Return what keeps selectors off the list: the default rules of `categories`, and our own."""
    rules = [*default_rules(categories), *own_rules(list_file)]
    return Exclusions(rules, normaliser=list_file.tags.normaliser)


def rules_tag(list_file: ListFile, exclusions: Exclusions) -> bytes:
    """Return what names these rules, and the exceptions to them, and tells nothing of either."""
    excepted = b"".join(sorted(overridden_tags(list_file)))
    return list_file.sealer.tag(b"rules\0" + exclusions.digest() + excepted)


def standing_tag(list_file: ListFile, exclusions: Exclusions, revision: int) -> bytes:
    """Return what is the same while all that can be told of these rules at a revision is the same.

    That is what they say, since when, and what they keep off; it costs no opening of what is kept
    off, and tells nothing without the key.
    """
    said = [rule.row() for rule in exclusions]
    kept = list_file.connection.execute("SELECT id, at FROM exclusion_rules ORDER BY id").fetchall()
    standing = (rules_tag(list_file, exclusions), revision, said, [tuple(row) for row in kept])
    return list_file.sealer.tag(b"standing\0" + msgspec.msgpack.encode(standing))


def keep_rule(list_file: ListFile, rule: Rule, actor: str, *, decided_at: int) -> None:
    """Store a rule of our own, decided at a moment (Unix seconds); `settle` puts it in force."""
    identity = list_file.sealer.tag(_RULE_PLACE + rule.identity())
    sealed = list_file.sealer.seal(msgspec.msgpack.encode(rule.row()), _RULE_PLACE + identity)
    before = rule_decided_at(list_file, rule)
    latest = decided_at if before is None else max(before, decided_at)
    list_file.connection.execute(
        "INSERT OR REPLACE INTO exclusion_rules VALUES (?, ?, ?, ?, ?)",
        (identity, sealed, list_file.now(), actor, latest),
    )


def rule_decided_at(list_file: ListFile, rule: Rule) -> int | None:
    """Return when a rule of our own was decided last, as of blocks, None where there is none."""
    identity = list_file.sealer.tag(_RULE_PLACE + rule.identity())
    row = list_file.connection.execute(
        "SELECT coalesce(decided_at, at) FROM exclusion_rules WHERE id = ?", (identity,)
    ).fetchone()
    return None if row is None else int(row[0])


def drop_rule(list_file: ListFile, rule: Rule) -> bool:
    """Forget a rule of our own, and tell whether there was one; `settle` puts that in force."""
    identity = list_file.sealer.tag(_RULE_PLACE + rule.identity())
    dropped = list_file.connection.execute("DELETE FROM exclusion_rules WHERE id = ?", (identity,))
    return dropped.rowcount > 0


def overridden_tags(list_file: ListFile) -> frozenset[bytes]:
    """Return the blind tags of the selectors that no rule keeps out."""
    return frozenset(row[0] for row in list_file.connection.execute("SELECT tag FROM overrides"))


@dataclass(frozen=True, slots=True, repr=False)
class Override:
    """That no rule keeps a selector out, why, and who said so; `at` is Unix seconds."""

    reason: str
    at: int
    actor: str


def find_override(list_file: ListFile, tag: bytes) -> Override | None:
    """Return the override of the selector with this blind tag, None where there is none."""
    row = list_file.connection.execute(
        "SELECT kind, sealed, at, actor FROM overrides WHERE tag = ?", (tag,)
    ).fetchone()
    if row is None:
        return None
    kind, sealed, at, actor = row
    reason = open_reason(list_file.sealer, sealed, kind, OVERRIDE_PLACE + tag)
    return Override(reason.text, at, actor)


def override(
    list_file: ListFile,
    selectors: Iterable[Canonical],
    exclusions: Exclusions,
    *,
    reason: str,
    actor: str,
) -> int:
    """Let no rule block these selectors: a revision, not in force yet; return it."""
    revisions, tags = Revisions(list_file), list_file.tags
    before = rules_tag(list_file, exclusions)
    with revisions.beginning("exclusions", revisions.latest()) as revision:
        for canonical in selectors:
            tag = tags.of(canonical)
            sealed = Reason(canonical, reason).sealed(tags.sealer, OVERRIDE_PLACE + tag)
            list_file.connection.execute(
                "INSERT OR REPLACE INTO overrides VALUES (?, ?, ?, ?, ?)",
                (tag, canonical.kind.value, sealed, list_file.now(), actor),
            )
            end_blocks(list_file, [tag], "excluded", revision)
        revisions.rename_rules(revision, before, rules_tag(list_file, exclusions))
    return revision


def end_override(
    list_file: ListFile, selectors: Iterable[Canonical], exclusions: Exclusions
) -> int:
    """Hold these selectors against the rules again: a revision, not in force yet; return it.

    Looked at is what the list says of them, in whatever spelling: an override is of all of them.
    """
    revisions, tags = Revisions(list_file), list_file.tags
    before = rules_tag(list_file, exclusions)
    with revisions.beginning("exclusions", revisions.latest()) as revision:
        for canonical in selectors:
            tag = tags.of(canonical)
            list_file.connection.execute("DELETE FROM overrides WHERE tag = ?", (tag,))
            rows = list_file.connection.execute(f"{_LISTED} AND tag = ?", (OPEN, tag)).fetchall()
            _, found = find_excluded(rows, list_file.sealer, exclusions)
            for _, (spelling, category) in found:
                begin_block(list_file, Block(spelling, "excluded", category), revision)
        revisions.rename_rules(revision, before, rules_tag(list_file, exclusions))
    return revision


def settle(list_file: ListFile, revision: int, exclusions: Exclusions, progress: Progress) -> int:
    """Return a revision that blocks what the rules say: `revision`, or one that follows it.

    Its entries are looked at, each opened, only where they were not held against these very rules.
    """
    revisions, rules = Revisions(list_file), rules_tag(list_file, exclusions)
    if revisions.of(revision).rules == rules:
        return revision
    wanted = dict(_excluded(list_file, exclusions, progress))
    with revisions.beginning("exclusions", revisions.latest(), rules) as settled:
        for canonical, category in wanted.values():
            begin_block(list_file, Block(canonical, "excluded", category), settled)
        listed = list_file.connection.execute(
            "SELECT tag FROM blocks WHERE why = 'excluded' AND until = ? "
            "AND tag IN (SELECT tag FROM entries WHERE until = ?)",
            (OPEN, OPEN),
        ).fetchall()
        ended = [tag for (tag,) in listed if tag not in wanted]
        end_blocks(list_file, ended, "excluded", settled)
    return settled


def count_excluded(list_file: ListFile, revision: int) -> int:
    """Count the selectors that a revision would list, were they not on a safety list.

    A block outlasts the entries that it was made for: one without any keeps nothing off.
    """
    row = list_file.connection.execute(
        f"SELECT count(DISTINCT tag) FROM {_KEPT_OFF}",  # noqa: S608 - a constant
        {"revision": revision},
    ).fetchone()
    return int(row[0])


def count_by_rule(list_file: ListFile, revision: int, exclusions: Exclusions) -> Counter[Rule]:
    """Count what `count_excluded` does by the rule that keeps it off, at the cost of opening it."""
    rows = list_file.connection.execute(
        f"SELECT tag, kind, sealed FROM {_KEPT_OFF}",  # noqa: S608 - a constant
        {"revision": revision},
    )
    opened = (
        open_reason(list_file.sealer, sealed, kind, BLOCK_PLACE + tag) for tag, kind, sealed in rows
    )
    found = (exclusions.find(one.canonical) for one in opened)
    return Counter(rule for rule in found if rule is not None)


def overridden(list_file: ListFile) -> list[Canonical]:
    """Return the selectors that no rule keeps out, each in the first normaliser version's form."""
    rows = list_file.connection.execute("SELECT tag, kind, sealed FROM overrides")
    return [
        open_reason(list_file.sealer, sealed, kind, OVERRIDE_PLACE + tag).canonical
        for tag, kind, sealed in rows
    ]


def _excluded(
    list_file: ListFile, exclusions: Exclusions, progress: Progress
) -> Iterator[tuple[bytes, tuple[Canonical, str]]]:
    """Yield the blind tags of listed selectors that a rule blocks, with the rule's category."""
    sql = list_file.connection
    (count,) = sql.execute("SELECT count(*) FROM entries WHERE until = ?", (OPEN,)).fetchone()
    rows = sql.execute(_LISTED, (OPEN,))
    overridden = overridden_tags(list_file)
    with (
        progress.stage("holding against the safety lists", count) as advance,
        Workers(worth_it=count >= _WORTH_SHARING) as workers,
    ):
        calls = (
            (batch, list_file.sealer, exclusions) for batch in batches(rows, _LOOKED_AT_TOGETHER)
        )
        for looked_at, found in workers.starmap(find_excluded, calls):
            advance(looked_at)
            yield from ((tag, what) for tag, what in found if tag not in overridden)


def find_excluded(
    rows: list[_Row], sealer: Sealer, exclusions: Exclusions
) -> tuple[int, list[tuple[bytes, tuple[Canonical, str]]]]:
    """Return how many entries were looked at, and of those that a rule blocks what and category."""
    found = []
    for tag, kind, sealed in rows:
        canonical = open_statement(tag, kind, sealed, sealer)
        rule = exclusions.find(canonical)
        if rule is not None:
            found.append((tag, (canonical, str(rule.category))))
    return len(rows), found
