"""The console's side of the spools, as its protocol says it: keys, people, and what it exports."""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from screening.spools.acknowledgement import Acknowledgement
from screening.spools.batch import ApproverKey, Batch, sign_batch
from screening.spools.changes import Add, Change, Lift, Retract
from screening.spools.exclusion_order import ExclusionOrder, OfRules
from screening.spools.export import FIRST_PREVIOUS, Export, SignedBatch
from screening.spools.folder import SpoolFolder
from screening.spools.keys import SpoolKey, SpoolSecrets, parse_key, spell_key
from screening.spools.order import Order, PartnerOrder, parse_signed
from screening.spools.sealed_file import Place, open_file, seal_file
from screening.spools.spelling import spell
from screening.spools.statements import OpenStatement, StatementSet
from screening.spools.up_file import Beside, UpContent, parse_up_content

TODAY: Final = datetime.now(UTC).replace(microsecond=0)
DAY: Final = timedelta(days=1)


def add(
    kind: str, canonical: str, role: str = "trafficker", *, days: int = 90, **others: Any
) -> Add:
    """What a curator says of a selector today; it ends in so many days, but for a victim."""
    today = TODAY.date()
    said: dict[str, Any] = {
        "list": "default",
        "source": "case-7",
        "reason": "",
        "confidence": None,
        "jurisdictions": [],
        "first_seen": today,
        "last_seen": today,
        "review_by": None,
        "expires_at": None if role == "victim" else TODAY + days * DAY,
    }
    return Add(kind=kind, canonical=canonical, role=role, **{**said, **others})  # type: ignore[arg-type]  # of a test's words


def retract(kind: str, canonical: str) -> Retract:
    return Retract(kind, canonical, "given to somebody else")  # type: ignore[arg-type]  # a test's


def lift(kind: str, canonical: str) -> Lift:
    return Lift(kind, canonical, "it was right after all")  # type: ignore[arg-type]  # a test's


def now() -> datetime:
    """Return this second: what is written then undoes whatever hands have done by then."""
    return datetime.now(UTC).replace(microsecond=0)


class Person:
    """Somebody who approves, by a key of their own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
        self.key = ApproverKey(self.private.public_key().public_bytes_raw())


ANN, BEN, CAT = Person("ann"), Person("ben"), Person("cat")
_OF_SOURCE: Final = 4
"""Kind, form, list and source."""
_batches = itertools.count(1)


@dataclass
class Console:
    """Keeps the list as it is to be, and writes files as one who does what the protocol says."""

    deployment: str
    secrets: SpoolSecrets = field(
        default_factory=lambda: SpoolSecrets(bytes(range(32)), bytes(range(32, 64)))
    )
    sequence: int = 0
    previous: str = FIRST_PREVIOUS
    statements: StatementSet = field(default_factory=StatementSet)
    said: dict[tuple[str, ...], bytes] = field(default_factory=dict)

    def key_file(self) -> bytes:
        return spell_key(self.secrets.public("console", self.deployment))

    def batch(self, *changes: Change, **others: Any) -> bytes:
        """Return the bytes that people sign."""
        said = {**self._said(), "format": "screening-batch/1", "changes": list(changes)}
        return spell(Batch(**{**said, **others}))

    def _said(self) -> dict[str, Any]:
        return {
            "deployment": self.deployment,
            "batch": _named(next(_batches)),
            "written_at": TODAY - DAY,
            "not_before": TODAY - DAY,
            "expires_at": TODAY + 7 * DAY,
        }

    def order(self, order: Order | OfRules, **others: Any) -> bytes:
        """Return the bytes of an order that people sign."""
        said = {**self._said(), "order": order, **others}
        if isinstance(order, OfRules):
            return spell(ExclusionOrder("screening-exclusion/1", **said))
        return spell(PartnerOrder("screening-order/1", **said))

    def approved(self, batch: bytes, *people: Person) -> SignedBatch:
        return SignedBatch(batch, [sign_batch(batch, one.private) for one in people])

    def export(self, *batches: SignedBatch, **others: Any) -> bytes:
        """Return the bytes of the next export; the list is as it will be then."""
        for one in batches:
            signed = parse_signed(one.batch)
            self._say(signed.changes if isinstance(signed, Batch) else [])
        self.sequence += 1
        said: dict[str, Any] = {
            "format": "screening-export/1",
            "deployment": self.deployment,
            "sequence": self.sequence,
            "previous": self.previous,
            "written_at": TODAY - DAY / 24,
            "expires_at": TODAY + DAY,
            "batches": list(batches),
            "result": self.statements.result(),
        }
        return spell(Export(**{**said, **others}))

    def sealed(self, export: bytes, to: SpoolKey, *, sequence: int | None = None) -> bytes:
        """Return the file of an export; the next one follows it."""
        place = Place(self.deployment, "down", self.sequence if sequence is None else sequence)
        document = seal_file(export, place, to=to, by=self.secrets)
        self.previous = hashlib.sha256(document).hexdigest()
        return document

    def _say(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, Retract):
                self._end((change.kind, change.canonical))
            elif isinstance(change, Add):
                key: tuple[str, ...] = (change.kind, change.canonical, change.list, change.source)
                begun = statement(change).line()
                if change.role == "victim":  # ends never, and is said once word for word
                    self._end(key)
                    key = (*key, spell(change).decode())
                if key not in self.said or self.said[key] != begun:
                    self._end(key)
                    self.said[key] = begun
                    self.statements = self.statements.changed(begun=[begun])

    def _end(self, of: tuple[str, ...]) -> None:
        """End what is said of a selector, or by one source, but that it is a victim's."""
        ended = [of] if of in self.said else []
        if len(of) < _OF_SOURCE:
            ended = [key for key in self.said if key[: len(of)] == of and len(key) == _OF_SOURCE]
        lines = [self.said.pop(key) for key in ended]
        self.statements = self.statements.changed(ended=lines)


def statement(change: Add) -> OpenStatement:
    """Return what an addition has the list say."""
    return OpenStatement(
        kind=change.kind,
        canonical=change.canonical,
        list=change.list,
        source=change.source,
        role=change.role,
        confidence=change.confidence,
        jurisdictions=change.jurisdictions,
        last_seen=_seconds(change.last_seen),
        expires_at=None if change.expires_at is None else int(change.expires_at.timestamp()),
    )


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _named(number: int) -> str:
    digits = "abcdefghijklmnopqrstuvwxyz234567"
    return "".join(digits[number >> 5 * place & 31] for place in range(26))


class Desk:
    """A console, with the folders that it shares with an indexer, and what that tells it."""

    def __init__(self, console: Console, spools: Path) -> None:
        self.console = console
        self.spools = spools
        self.indexer = parse_key((spools / "indexer.spool.pub").read_bytes(), "indexer")

    def write(self, *batches: SignedBatch, **others: Any) -> bytes:
        """Write the next down file; return it."""
        document = self.console.sealed(self.console.export(*batches, **others), self.indexer)
        self.lay(self.console.sequence, document)
        return document

    def approve(
        self, *changes: Change, by: Sequence[Person] = (ANN, BEN), at: datetime = TODAY - DAY
    ) -> bytes:
        """Write changes that these people have signed, as one batch of a moment."""
        batch = self.console.batch(*changes, written_at=at, not_before=at)
        return self.write(self.console.approved(batch, *by))

    def order(
        self,
        order: Order | OfRules,
        *,
        by: Sequence[Person] = (ANN, BEN),
        at: datetime = TODAY - DAY,
    ) -> bytes:
        """Write an order that these people have signed, of a moment."""
        signed = self.console.order(order, written_at=at, not_before=at)
        return self.write(self.console.approved(signed, *by))

    def lay(self, sequence: int, document: bytes) -> None:
        """Put a file there, in place of what there is."""
        path = SpoolFolder(self.spools, "down").path(sequence)
        path.unlink(missing_ok=True)
        SpoolFolder(self.spools, "down").lay(sequence, document)

    def told(self) -> list[Acknowledgement]:
        """Return what the indexer has told of down files so far."""
        return [one for one in self._told_all() if isinstance(one, Acknowledgement)]

    def told_beside(self) -> list[Beside]:
        """Return what else the indexer has told so far."""
        return [one for one in self._told_all() if not isinstance(one, Acknowledgement)]

    def _told_all(self) -> list[UpContent]:
        """Return all of it; the files are in one line."""
        up = SpoolFolder(self.spools, "up")
        told: list[UpContent] = []
        previous = FIRST_PREVIOUS
        for place, sequence in enumerate(up.sequences(), start=1):
            document = up.find(sequence)
            assert document is not None
            where = Place(self.console.deployment, "up", sequence)
            content = open_file(document, where, by=self.indexer, to=self.console.secrets)
            one = parse_up_content(content)
            assert (one.sequence, one.previous) == (place, previous)
            previous = hashlib.sha256(document).hexdigest()
            told.append(one)
        return told

    def outcomes(self) -> list[tuple[int, str]]:
        """Return what became of down files, in the order in which it was told."""
        return [
            (one.of.sequence, getattr(one.of, "code", type(one.of).__name__.lower()))
            for one in self.told()
        ]
