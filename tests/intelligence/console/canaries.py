"""A change whose every field can be told on a page, and what of it is masked."""

from collections.abc import Mapping
from typing import Final

from intelligence.staff.roles import RecordType

SAID: Final[Mapping[str, str]] = {
    "role": "facilitator",
    "source": "canary source",
    "reason": "canary reason",
    "list": "canary list",
    "confidence": "37",
    "jurisdictions": "LI",
    "first_seen": "2021-02-03",
    "last_seen": "2022-03-04",
    "review_by": "2067-04-05",
    "last_day": "2067-05-06",
}
CANARY_OF_CHANGE: Final[Mapping[str, str]] = {
    "kind": "<dd>phone</dd>",
    "canonical": "+12*******43",
    "role": "<dd>facilitator</dd>",
    "source": "canary source",
    "reason": "canary reason",
    "list": "canary list",
    "confidence": "<dd>37</dd>",
    "jurisdictions": "<dd>LI</dd>",
    "first_seen": "2021-02-03",
    "last_seen": "2022-03-04",
    "review_by": "2067-04-05",
    "expires_at": "2067-05-06",
    "state": "<dd>draft</dd>",
    "author": "<bdi>curator (curator@gen.example)",
}
"""How each field of a change looks, but for those that nobody has decided yet."""

WHOLE: Final = "+12025550143"
REVEALED: Final = {
    RecordType.CHANGE: "/changes/{change_id:uuid}/reveal",
    RecordType.ENTRY: "/selectors/{selector_id:uuid}/reveal",
}
ADDED: Final = (
    *("role", "source", "reason", "list", "confidence", "jurisdictions"),
    *("first_seen", "last_seen", "review_by", "last_day"),
)
"""The fields of an addition's form."""

UPLOAD_NAME: Final = "canary file.csv"
UPLOADED: Final = (
    b"Phone,Canary column,Role\n+1 202 555 0143,x,facilitator\n,,\n+1 202 555 0143,,buyer\n"
)
CANARY_OF_UPLOAD: Final[Mapping[str, str]] = {
    "file": UPLOAD_NAME,
    "format": "table (CSV)",
    "columns": "Canary column",
    "rows": "<dt>Rows</dt><dd>2</dd>",
}
"""None of its rows can be drafted: they name no source."""
