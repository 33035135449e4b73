"""What comes up the spool beside acknowledgements, given to the room that it is for."""

from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from intelligence.curation.safety_lists import keep_told
from intelligence.disclosure.evidence import Evidence
from intelligence.journal import INDEXER, Journal
from intelligence.partners.kits import Kits
from intelligence.partners.tables import PartnerRow
from intelligence.partners.usage import forget_usage, keep_usage
from screening.spools.exclusions_told import ExclusionsTold
from screening.spools.issued_kit import IssuedKit
from screening.spools.partners_told import PartnersTold
from screening.spools.spelling import spell
from screening.spools.up_file import Beside
from screening.spools.usage_told import UsageTold
from screening.spools.whole_list import ListPart


@dataclass(frozen=True, slots=True)
class Hearing:
    """Takes up what was told, each file in the transaction in which it is noted as read."""

    evidence: Evidence
    kits: Kits
    journal: Journal

    def hear(self, session: Session, told: Beside) -> None:
        """Take up one file."""
        if isinstance(told, PartnersTold):
            self._hear_partners(session, told)
        elif isinstance(told, UsageTold):
            keep_usage(session, told)
            self.journal.record(INDEXER, "usage told", partners=len(told.partners))
        elif isinstance(told, IssuedKit):
            self.kits.hear(session, told)
        elif isinstance(told, ExclusionsTold):
            of_hands = keep_told(session, self.kits.seals, told)
            facts = {"rules": len(told.rules), "overrides": len(told.overrides)}
            facts |= {"taken_off": len(told.taken_off), "left_out": told.left_out}
            self.journal.record(INDEXER, "safety lists told", **facts)
            self.evidence.forget_by_hand(session, *of_hands)
        elif isinstance(told, ListPart):
            # Taken over by a command alone, by whoever runs both: `intelligence spool adopt`.
            self.journal.record(INDEXER, "list told", part=told.part, parts=told.parts)
        else:
            self.evidence.hear(session, told)

    def forget(self, session: Session, sequence: int) -> None:
        """Delete the sightings of what a down file that is in force has taken off the list."""
        self.evidence.forget(session, sequence)

    def _hear_partners(self, session: Session, told: PartnersTold) -> None:
        session.execute(delete(PartnerRow))
        at = int(told.written_at.timestamp())
        session.add_all(
            PartnerRow(name=one.partner, told=spell(one), told_at=at) for one in told.partners
        )
        session.flush()
        forget_usage(session)
        self.journal.record(INDEXER, "partners told", partners=len(told.partners))
