"""Change sets as rows of a transaction: written, fixed as bytes, signed, and given their turn."""

import base64
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID, uuid4

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Select, case, delete, func, select
from sqlalchemy.orm import Session

from intelligence.curation.ahead import Ahead
from intelligence.curation.entries import canonical_of
from intelligence.curation.retractions import is_earlier
from intelligence.curation.signers import require_signers
from intelligence.curation.tables import ChangeRow, ChangeSet, ChangeState, Concern, SignatureRow
from intelligence.errors import FormRefused, NotThere, Undecipherable
from intelligence.staff.sessions import SignedIn
from intelligence.store.sealing import Seals
from screening.spools.batch import BATCH_MAX_BYTES, Batch, Signature, refuse_half_signed, sign_batch
from screening.spools.changes import Add, Change, Lift, Retract
from screening.spools.exclusion_order import ExclusionOrder, OfRules
from screening.spools.order import AnyOrder, Order, PartnerOrder, parse_signed
from screening.spools.spelling import spell
from screening.vocabulary.errors import SpoolRefused
from screening.vocabulary.unreadable import UNREADABLE

BATCH_LIFE: Final = timedelta(days=14)
"""Whoever approves later than this approves what nobody may mean any more."""
NOT_WAITING: Final = "this change does not wait for that any more; look at what became of it"
_NO_SIGNATURE: Final = (
    "a signature of it was changed in the database; have whoever runs the service find out who "
    "did, and write it anew"
)
_NAME_BYTES: Final = 16
_NO_TURN: Final = 2**62
"""More than there will ever be."""
_decoder: msgspec.json.Decoder[Change] = msgspec.json.Decoder(Change)
_KINDS: Final[tuple[type[Change], ...]] = (Lift, Retract, Add)
_ORDER: Final = {kind.__name__: place for place, kind in enumerate(_KINDS)}
_PLACE: Final = case(_ORDER, value=ChangeRow.operation)
"""Of an operation in a batch."""


class _Head(NamedTuple):
    """What everything begins with that people sign, behind its format."""

    deployment: str
    batch: str
    written_at: datetime
    not_before: datetime
    expires_at: datetime


def _rows_of(row: ChangeSet) -> Select[ChangeRow]:
    """Return what chooses the operations of a change set, in the order of a batch."""
    chosen = select(ChangeRow).where(ChangeRow.change_set_id == row.id)
    return chosen.order_by(_PLACE, ChangeRow.id)


def operation_of(seals: Seals, row: ChangeRow) -> Change:
    """Return what is sealed in a row; raises `Undecipherable`."""
    try:
        return _decoder.decode(seals.open(row, "said"))
    except UNREADABLE:
        raise Undecipherable(f"an operation of change {row.change_set_id} is empty") from None


@dataclass(frozen=True, slots=True)
class ChangeSets:
    """The rows of change sets of one concern, each in a transaction of the caller's."""

    seals: Seals
    clock: Callable[[], float]
    concern: Concern = Concern.LIST
    most_bytes: int = BATCH_MAX_BYTES
    """Of what people sign at once: what is larger, no indexer reads."""

    def required(self, session: Session, change_id: UUID, *states: ChangeState) -> ChangeSet:
        """Return a row as `locked` does; raises `FormRefused` where it is in none of these."""
        row = self.locked(session, change_id)
        if row.state not in states:
            raise FormRefused(NOT_WAITING)
        return row

    def locked(self, session: Session, change_id: UUID) -> ChangeSet:
        """Return a row, locked; raises `NotThere`.

        Of two who decide at once, one finds what the other has made of it.
        """
        row = session.get(ChangeSet, change_id, with_for_update=True)
        if row is None or row.concerns != self.concern:
            raise NotThere
        return row

    def begun(self, session: Session, who: SignedIn) -> ChangeSet:
        """Write down a draft of nothing yet."""
        row = ChangeSet(
            id=uuid4(),
            concerns=self.concern,
            state=ChangeState.DRAFT,
            author_id=who.account_id,
            created_at=int(self.clock()),
        )
        session.add(row)
        session.flush()
        return row

    def new(self, session: Session, who: SignedIn, changes: Sequence[Change]) -> ChangeSet:
        """Write down a draft of changes."""
        row = self.begun(session, who)
        for change in changes:
            selector = canonical_of(change)
            one = ChangeRow(
                id=uuid4(),
                change_set_id=row.id,
                operation=type(change).__name__,
                kind=change.kind,
                canonical_term=self.seals.term(ChangeRow, selector),
            )
            one.canonical = self.seals.seal(one, "canonical", change.canonical.encode())
            one.said = self.seals.seal(one, "said", spell(change))
            session.add(one)
        session.flush()
        return row

    def operations(
        self, session: Session, row: ChangeSet, *, first: int = 0, most: int | None = None
    ) -> list[Change]:
        """Return the operations of a change set in the order of a batch, or some from a place."""
        chosen = _rows_of(row).offset(first).limit(most)
        return [operation_of(self.seals, one) for one in session.scalars(chosen)]

    def waiting(self, session: Session, *, before: int | None) -> Ahead:
        """Return what is approved and has not left, of those that leave `before` a turn.

        All where none is given. Each is read whole, and once.
        """
        found = Ahead()
        approved = (ChangeSet.state == ChangeState.APPROVED) & is_earlier(before)
        for row in session.scalars(select(ChangeSet).where(approved).order_by(ChangeSet.turn)):
            signed = self._find_signed(row)
            if signed is None:
                found.unread[row.id] = row.concerns
            elif isinstance(signed, Batch):
                found.take(signed.changes)
        return found

    def legible(self, session: Session, row: ChangeSet) -> list[Change]:
        """Return the operations as `operations` does, none where one does not open.

        So whoever finds a change unreadable can be rid of it.
        """
        try:
            return self.operations(session, row)
        except Undecipherable:
            return []

    def find_as_signed(self, session: Session, row: ChangeSet) -> list[Change] | None:
        """Return the operations of a change set, None where its rows are not what people sign.

        A row can be deleted, or moved to another change set, by whoever writes in the database, and
        what it is found and counted by changed.
        """
        signed = self._find_signed(row)
        try:
            read = [(one, operation_of(self.seals, one)) for one in session.scalars(_rows_of(row))]
        except Undecipherable:
            return None
        if not isinstance(signed, Batch) or not all(self._is_found_as(*one) for one in read):
            return None
        changes = [change for _, change in read]
        # In which order they were signed is no matter: a batch names each selector once.
        is_signed = Counter(map(spell, signed.changes)) == Counter(map(spell, changes))
        return changes if is_signed else None

    def _is_found_as(self, row: ChangeRow, change: Change) -> bool:
        """Tell whether a row is found and counted as what is sealed in it."""
        terms = self.seals.terms(ChangeRow, canonical_of(change))
        said = (type(change).__name__, change.kind)
        return (row.operation, row.kind) == said and row.canonical_term in terms

    def find_order(self, row: ChangeSet) -> Order | OfRules | None:
        """Return the order that people sign, None of what is none, or does not open."""
        signed = self._find_signed(row)
        return signed.order if isinstance(signed, PartnerOrder | ExclusionOrder) else None

    def _find_signed(self, row: ChangeSet) -> Batch | AnyOrder | None:
        try:
            return parse_signed(self.seals.open(row, "content"))
        except (SpoolRefused, Undecipherable):
            return None

    def counts(self, session: Session, row: ChangeSet) -> dict[type[Change], int]:
        """Return how many operations of each kind a change set has, in the order of a batch."""
        counted = select(ChangeRow.operation, func.count().label("operations"))
        of_set = counted.where(ChangeRow.change_set_id == row.id).group_by(ChangeRow.operation)
        found = {one.operation: one.operations for one in session.execute(of_set)}
        return {kind: found[kind.__name__] for kind in _KINDS if kind.__name__ in found}

    def fix(self, row: ChangeSet, changes: list[Change], deployment: str) -> None:
        """Write down the exact bytes that people sign, for now and no other deployment.

        Raises `FormRefused` for more than leaves in one file.
        """
        self._keep(row, Batch("screening-batch/1", *self._head(deployment), changes))

    def fix_order(self, row: ChangeSet, order: Order | OfRules, deployment: str) -> None:
        """Write down the exact bytes of an order, as `fix` does."""
        head = self._head(deployment)
        if isinstance(order, OfRules):
            self._keep(row, ExclusionOrder("screening-exclusion/1", *head, order))
        else:
            self._keep(row, PartnerOrder("screening-order/1", *head, order))

    def _head(self, deployment: str) -> _Head:
        now = datetime.fromtimestamp(int(self.clock()), UTC)
        name = base64.b32encode(secrets.token_bytes(_NAME_BYTES)).decode().rstrip("=").lower()
        return _Head(deployment, name, now, now, now + BATCH_LIFE)

    def _keep(self, row: ChangeSet, signed: Batch | AnyOrder) -> None:
        content = spell(signed)
        if len(content) > self.most_bytes:
            raise FormRefused(
                "this is more than leaves in one file; take some of it out, and write it in several"
            )
        row.content = self.seals.seal(row, "content", content)
        row.expires_at = int(signed.expires_at.timestamp())

    def sign(
        self, session: Session, row: ChangeSet, who: SignedIn, private: Ed25519PrivateKey
    ) -> None:
        """Add somebody's signature."""
        signature = sign_batch(self.seals.open(row, "content"), private)
        session.add(
            SignatureRow(
                change_set_id=row.id,
                account_id=who.account_id,
                key_id=signature.by,
                signature=signature.signature,
                signed_at=int(self.clock()),
            )
        )
        session.flush()

    def require_author(self, session: Session, row: ChangeSet) -> None:
        """Raise `FormRefused` where whoever signed what waits for approval might do so no more."""
        signed = self._find_signed(row)
        if signed is not None:
            require_signers(session, row, signed, self.clock(), is_to_be_approved=True)

    def decide(self, session: Session, row: ChangeSet, who: SignedIn) -> None:
        """Note who has decided; raises `FormRefused` where too few have signed who may."""
        try:
            signed = parse_signed(self.seals.open(row, "content"))
            refuse_half_signed(signed, signatures_of(session, row))
        except SpoolRefused as error:
            raise FormRefused(str(error)) from None
        require_signers(session, row, signed, self.clock())
        row.decided_by, row.decided_at = who.account_id, int(self.clock())

    def give_turn(self, session: Session, row: ChangeSet) -> None:
        """Have a change set that is decided leave behind all that were given their turn before."""
        # SQLite has whatever is no number behind all numbers: it would be the last for ever.
        last = session.scalar(select(func.max(ChangeSet.turn)).where(ChangeSet.turn < _NO_TURN))
        row.turn = 1 if last is None else last + 1
        row.state = ChangeState.APPROVED

    def turn_down(self, session: Session, row: ChangeSet, reason: str) -> None:
        """Have nothing come of a change set: what was signed is worth nothing from then on."""
        row.state = ChangeState.REFUSED
        row.outcome = self.seals.seal(row, "outcome", reason.encode())
        session.execute(delete(SignatureRow).where(SignatureRow.change_set_id == row.id))

    def send_back(self, session: Session, row: ChangeSet, reason: str) -> None:
        """Have nothing come of what people had decided, until one of them notes it."""
        self.turn_down(session, row, reason)
        row.came_back_at = int(self.clock())


def signatures_of(session: Session, row: ChangeSet) -> list[Signature]:
    """Return who has signed a change set, in the order in which they did.

    Raises `SpoolRefused` where one is no signature: no file could say it, with all that leaves.
    """
    chosen = select(SignatureRow).where(SignatureRow.change_set_id == row.id)
    rows = session.scalars(chosen.order_by(SignatureRow.signed_at, SignatureRow.key_id))
    found = [{"by": one.key_id, "signature": one.signature} for one in rows]
    try:
        return msgspec.convert(found, list[Signature])
    except msgspec.ValidationError:
        raise SpoolRefused("malformed", _NO_SIGNATURE) from None
