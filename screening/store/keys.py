"""Every Redis key, spelled here and nowhere else.

| key | type | holds | written by |
|---|---|---|---|
| `heads` | hash | key_id -> signed head | indexer |
| `partners` | hash | partner -> signed partner record | indexer |
| `notices` | hash | partner -> signed head of its notices | indexer |
| `notices:<partner>` | string | its notices, JSON | indexer |
| `generation:<key_id>:<generation>:manifest` | string | manifest, JSON | indexer |
| `generation:<key_id>:<generation>:filter:<n>` | string | Bloom filter file, in pieces | indexer |
| `generation:<key_id>:<generation>:table` | string | bucket table | indexer |
| `generation:<key_id>:<generation>:bucket:<n>` | string | packed, sorted records | indexer |
| `generation:<key_id>:<generation>:overlay:<sha256>` | string | an overlay on it | indexer |
| `run:host:<host>` | string | what an API host has loaded, JSON, expires | API |
| `run:rate:<partner>` | string | when its bucket is empty again, Unix microseconds, expires | API |
| `run:sketch:<partner>:<budget>:<day>` | string | HyperLogLog of what was asked, expires | API |
| `run:leases:<partner>:<budget>:<day>` | hash | worker -> `selectors:end`, expires | API |
| `run:used:<budget>:<day>` | hash | partner -> what it has used, expires | API |
| `run:spent:<partner>:<since>:<day>` | string | what it has used of both budgets, expires | API |
| `run:hold:<partner>:<since>` | string | since when it is held, Unix seconds, expires | API |
| `run:key:<id>` | string | when an API key was last used, Unix seconds, expires | API |
| `run:key-rate:<id>` | string | as `run:rate`, of an API key that has a rate, expires | API |
| `run:usage:<partner>:<since>:<day>` | hash | host -> what it has answered, expires | API |
| `run:answered:<partner>:<since>:<day>` | string | the sums of `run:usage`, expires | API |
| `run:throttle:<partner>:<since>` | string | since when its rate is reduced, as `run:hold` | API |
| `run:suspected:<partner>:<since>:<what>` | string | since when it is suspected, as above | API |
| `run:given` | string | room for a sketch that a host brings, expires | API |

The API's Redis user may write `run:*` only (docs/operations.md, "Redis").
"""

from typing import Final

from screening.vocabulary.suspected import Suspected

HEADS: Final = "heads"
PARTNERS: Final = "partners"
NOTICES: Final = "notices"
HOSTS_PATTERN: Final = "run:host:*"
ROOM_FOR_A_SKETCH: Final = "run:given"


def notices_of(partner: str) -> str:
    """Name the notices of a partner."""
    return f"{NOTICES}:{partner}"


def manifest(key_id: str, generation: str) -> str:
    """Name the manifest of a generation."""
    return f"{_generation(key_id, generation)}:manifest"


def filter_piece(key_id: str, generation: str, number: int) -> str:
    """Name one piece of a generation's filter file."""
    return f"{_generation(key_id, generation)}:filter:{number}"


def table(key_id: str, generation: str) -> str:
    """Name the bucket table of a generation."""
    return f"{_generation(key_id, generation)}:table"


def bucket(key_id: str, generation: str, number: int) -> str:
    """Name one bucket of a generation."""
    return f"{_generation(key_id, generation)}:bucket:{number}"


def overlay(key_id: str, generation: str, sha256: str) -> str:
    """Name one overlay on a generation."""
    return f"{_generation(key_id, generation)}:overlay:{sha256}"


def is_overlay(name: bytes) -> bool:
    """Tell whether a key of a generation holds an overlay."""
    return name.split(b":")[3:4] == [b"overlay"]


def every_key_of(key_id: str, generation: str = "*") -> str:
    """Return the pattern that all keys of a generation match, or of all generations of a key_id."""
    return f"{_generation(key_id, generation)}:*"


def name_of(field: bytes) -> str:
    """Return the name that a field of a hash is; whoever writes to Redis may give it any bytes."""
    return field.decode("ascii", "surrogateescape")


def field(name: str) -> bytes:
    """Return the field of a `name_of`."""
    return name.encode("ascii", "surrogateescape")


def host(name: str) -> str:
    """Name the attestation of one API host."""
    return f"run:host:{name}"


def rate(partner: str) -> str:
    """Name the bucket of a partner's rate."""
    return f"run:rate:{partner}"


def key_use(key_id: str) -> str:
    """Name when an API key was last used."""
    return f"run:key:{key_id}"


def key_rate(key_id: str) -> str:
    """Name the bucket of an API key's own rate."""
    return f"run:key-rate:{key_id}"


def sketch(partner: str, budget: str, day: int) -> str:
    """Name the sketch of what a partner has used of a budget on a day (since 1970-01-01)."""
    return f"run:sketch:{partner}:{budget}:{day}"


def leases(partner: str, budget: str, day: int) -> str:
    """Name the leases of a partner's budget."""
    return f"run:leases:{partner}:{budget}:{day}"


def used(budget: str, day: int) -> str:
    """Name what all partners have used of a budget."""
    return f"run:used:{budget}:{day}"


def spent(partner: str, since: int, day: int) -> str:
    """Name what a partner has used of its budgets on a day, of matches since then."""
    return f"run:spent:{partner}:{since}:{day}"


def hold(partner: str, since: int) -> str:
    """Name the hold of a partner whose matches count since then."""
    return f"run:hold:{partner}:{since}"


def usage(partner: str, since: int, day: int) -> str:
    """Name what each host has answered a partner on a day, counted since then."""
    return f"run:usage:{partner}:{since}:{day}"


def answered(partner: str, since: int, day: int) -> str:
    """Name what all hosts have answered a partner on a day, counted since then."""
    return f"run:answered:{partner}:{since}:{day}"


def suspected(partner: str, since: int, what: Suspected) -> str:
    """Name the mark of a partner that is suspected of something, since its matches count."""
    return f"run:suspected:{partner}:{since}:{what}"


def throttle(partner: str, since: int) -> str:
    """Name the mark of a partner whose rate is reduced, since its matches count from then."""
    return f"run:throttle:{partner}:{since}"


def _generation(key_id: str, generation: str) -> str:
    return f"generation:{key_id}:{generation}"
