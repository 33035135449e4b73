"""Notices in the list file; the next release signs them, and each after it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from indexer.list.file import ListFile
from screening.registry.notices import MAX_NOTICES, Notice


def add_notices(list_file: ListFile, partner: str, rows: Iterable[str]) -> int:
    """Note what a partner is to hear, each once; return how much of it is new."""
    with list_file.transaction():
        known = {notice.of for notice in notices_by_partner(list_file).get(partner, ())}
        new = [row for row in dict.fromkeys(rows) if row not in known]
        for row in new:
            list_file.connection.execute(
                "INSERT INTO notices VALUES (?, ?, ?, ?)",
                (list_file.next_number("sequence"), partner, row, list_file.now()),
            )
        _forget_oldest(list_file, partner)
    return len(new)


def count_dropped(list_file: ListFile, partner: str, rows: Iterable[str], *, since: int) -> int:
    """Return how many of a partner's notices, ordered `since` then, these rows would push out."""
    kept = notices_by_partner(list_file).get(partner, ())
    new = set(rows) - {notice.of for notice in kept}
    pushed_out = kept[: max(0, len(kept) + len(new) - MAX_NOTICES)]
    return sum(notice.at >= since for notice in pushed_out)


def notices_by_partner(list_file: ListFile) -> Mapping[str, Sequence[Notice]]:
    """Return what each partner is to hear, by number."""
    found: defaultdict[str, list[Notice]] = defaultdict(list)
    rows = list_file.connection.execute(
        "SELECT partner, number, of_row, ordered_at FROM notices ORDER BY number"
    )
    for partner, number, of, at in rows:
        found[partner].append(Notice(number, of, "retracted", at))
    return found


def _forget_oldest(list_file: ListFile, partner: str) -> None:
    list_file.connection.execute(
        "DELETE FROM notices WHERE partner = :partner AND number NOT IN "
        "(SELECT number FROM notices WHERE partner = :partner ORDER BY number DESC LIMIT :most)",
        {"partner": partner, "most": MAX_NOTICES},
    )
