"""When a selector of a challenge is concluded, and who may say that it is right.

What is to go off the list is concluded once that is signed, and is looked into again where nothing
comes of it. Whoever has listed a selector does not say that this was right. Who has signed what is
believed of the record: no column of a change is bound to it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from intelligence.challenges.tables import ChallengedRow, ChallengeRow, Conclusion
from intelligence.challenges.whole import is_whole
from intelligence.curation.entries import Entries
from intelligence.curation.retractions import DECIDED
from intelligence.curation.tables import ChangeRow, ChangeSet, ChangeState, SignatureRow
from intelligence.on_record import OnRecord, Outcome
from intelligence.store.sealing import Seals
from screening.spools.changes import Add, Lift
from screening.vocabulary.selector import Canonical

_WAITING: Final = (ChangeState.SUBMITTED, ChangeState.SCHEDULED)
_MAY_BE_UNSETTLED: Final = (
    select(ChallengedRow, ChangeSet.id, ChangeSet.state)
    .join(ChangeSet, ChangeSet.id == ChallengedRow.change_set_id)
    .where(or_(ChallengedRow.conclusion.is_(None), ChallengedRow.conclusion == Conclusion.RETRACT))
)
_HAS_LISTED: Final = (
    "you have written or signed that this is listed; a colleague who has not says whether that is "
    "right"
)
_UNREAD: Final = (
    "the record cannot be read, so nobody can tell who has written or signed that this is listed; "
    "have whoever runs the service find out what of it is missing"
)
Conclusions = Mapping[Conclusion, str]
"""What somebody may not conclude, and why."""


@dataclass(frozen=True, slots=True)
class Concluding:
    """What stands of the selectors of challenges, in a transaction of the caller's."""

    session: Session
    seals: Seals
    on_record: OnRecord

    def is_unsettled(self) -> bool:
        """Tell whether `settle` would change anything."""
        return any(self._unsettled(_MAY_BE_UNSETTLED))

    def settle(self) -> None:
        """Have concluded what was signed since, and looked into again what came back."""
        self.session.flush()
        chosen = _MAY_BE_UNSETTLED.with_for_update(of=ChallengedRow)
        for row, conclusion in list(self._unsettled(chosen)):
            self.seals.alter(row, conclusion=conclusion)

    def find_waiting(self, row: ChallengedRow, now: float) -> ChangeSet | None:
        """Return the change that takes the selector off the list, while that waits.

        For somebody to sign it, or, once that is done, for the moment at which it leaves.
        """
        if row.conclusion is not None or row.change_set_id is None:
            return None
        change = self.session.get_one(ChangeSet, row.change_set_id)
        is_over = change.expires_at is not None and now >= change.expires_at
        is_at_end = self.on_record.of(change.id).outcome is Outcome.ENDS
        return change if change.state in _WAITING and not (is_over or is_at_end) else None

    def kept_from(self, account_id: UUID, selector: Canonical) -> Conclusions:
        """Return what an account may not conclude of a selector.

        That is for whoever has written or signed what lists it, or may have: not all could be read.
        """
        listed_by = self._listed_by(selector)
        people = [self.on_record.of(one) for one in listed_by]
        has_listed = any(one.are(account_id) for one in people)
        if has_listed or self._is_named(account_id, listed_by):
            why = _HAS_LISTED
        elif all(one.is_all for one in people):
            return {}
        else:
            why = _UNREAD
        return dict.fromkeys((Conclusion.KEEP, Conclusion.NOTHING), why)

    def _unsettled(
        self, chosen: Select[ChallengedRow, UUID, str]
    ) -> Iterator[tuple[ChallengedRow, Conclusion | None]]:
        """Yield what is to be concluded otherwise, and as what.

        As signed counts what is decided by its state and on record; as come back, what is by one.
        A letter that does not hold stays as it was found, or closed.
        """
        for row, change_id, state in self.session.execute(chosen).all():
            outcome = self.on_record.of(change_id).outcome
            is_back = state == ChangeState.REFUSED or outcome is Outcome.ENDS
            is_signed = state in DECIDED and outcome is Outcome.LEAVES
            is_due = is_signed if row.conclusion is None else is_back
            if is_due and self._is_of_whole(row):
                yield row, Conclusion.RETRACT if row.conclusion is None else None

    def _is_of_whole(self, row: ChallengedRow) -> bool:
        letter = self.session.get(ChallengeRow, row.challenge_id)
        return letter is not None and is_whole(self.seals, letter)

    def _listed_by(self, selector: Canonical) -> set[UUID]:
        """Return the changes that list a selector, or may yet.

        Those whose entries are there as well: an entry is bound, and its change neither hidden nor
        refused by a column.
        """
        said = Entries(self.session, self.seals).said_of(selector)
        listed_by = {one.change_set_id for one in (*said.open, *said.ended)}
        by_operation = (
            select(ChangeRow.change_set_id)
            .join(ChangeSet, ChangeSet.id == ChangeRow.change_set_id)
            .where(
                ChangeRow.kind == selector.kind.value,
                ChangeRow.canonical_term.in_(self.seals.terms(ChangeRow, selector)),
                ChangeRow.operation.in_((Add.__name__, Lift.__name__)),
                ChangeSet.state != ChangeState.REFUSED,
            )
        )
        return listed_by.union(self.session.scalars(by_operation))

    def _is_named(self, account_id: UUID, listed_by: Collection[UUID]) -> bool:
        """Tell whether the database names an account as who has written, signed or decided one."""
        has_signed = exists().where(
            SignatureRow.change_set_id == ChangeSet.id, SignatureRow.account_id == account_id
        )
        named = select(ChangeSet.id).where(
            ChangeSet.id.in_(listed_by),
            or_(ChangeSet.author_id == account_id, ChangeSet.decided_by == account_id, has_signed),
        )
        return self.session.scalar(named.limit(1)) is not None
