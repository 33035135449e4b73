"""Lists in CSV that are read at once."""

import io
from collections.abc import Iterable

from screening.importers.csv_rows import CuratedFile, entry_of
from screening.importers.entry import Entry, Rejection

HEADER = "kind,value,role"


FULL_HEADER = "kind,value,role,region,source,reason,confidence,expires_at,list"


PHONE = "phone,+1 202-555-0134,trafficker"


def read(content: str | bytes, *, region: str | None = None) -> list[Entry | Rejection]:
    raw = content if isinstance(content, bytes) else content.encode()
    return list(map(entry_of, CuratedFile(io.BytesIO(raw), file="list.csv", region=region)))


def codes(results: Iterable[Entry | Rejection]) -> list[tuple[int, str]]:
    return [(r.line, r.code if isinstance(r, Rejection) else "taken") for r in results]
