"""Orders on their way: each leaves alone in its file, signed by one and then by another."""

from dataclasses import dataclass
from uuid import UUID

from intelligence.curation.deciding import Deciding
from intelligence.curation.tables import ChangeState
from intelligence.errors import FormRefused
from intelligence.staff.accounts import acting
from intelligence.staff.sessions import SignedIn


@dataclass(frozen=True, slots=True)
class Ordering(Deciding):
    """Decides of orders of one concern."""

    def approve(self, who: SignedIn, order_id: UUID, password: str) -> None:
        """Sign what a colleague has ordered: it leaves for the indexer."""
        needed = self._changing("approval")
        self._permit(who, needed)
        private = self.signing_keys.unlocked(who, password)
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*needed)
            row = self.sets.required(session, order_id, ChangeState.SUBMITTED)
            self._require_other(row, who)
            self._require_author(session, row)
            if row.expires_at is None or self.clock() >= row.expires_at:
                raise FormRefused("this was ordered too long ago; have it ordered anew")
            self.sets.sign(session, row, who, private)
            self.sets.decide(session, row, who)
            self.sets.give_turn(session, row)
            self._record_decision(session, who, "order approved", row)
        self.nudge()
