"""Everything that the service and its commands work with, opened together."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import MetaData

from intelligence.challenges.recording import Recording
from intelligence.challenges.reviewing import Reviewing
from intelligence.curation.by_hand import ByHand
from intelligence.curation.changes import Changes
from intelligence.curation.overview import Overview
from intelligence.curation.reading import Reading
from intelligence.curation.schedule import Schedule
from intelligence.curation.selectors import Selectors
from intelligence.curation.versions import Versions
from intelligence.disclosure.bulk import BulkExports
from intelligence.disclosure.deconfliction import Deconfliction
from intelligence.disclosure.disclosing import Disclosing
from intelligence.disclosure.feedback import FeedbackInbox
from intelligence.disclosure.following import Following
from intelligence.disclosure.retention import Retention
from intelligence.disclosure.tables import MapRow
from intelligence.exclusions.orders import RuleOrders
from intelligence.exclusions.standing import SafetyLists
from intelligence.imports.uploads import Uploads
from intelligence.journal import Journal
from intelligence.ledger_marks import LedgerMarks
from intelligence.opening import alone
from intelligence.partners.notices import Notices
from intelligence.partners.orders import Orders
from intelligence.partners.standing import Partners
from intelligence.parts import Parts, open_parts
from intelligence.settings import IntelligenceSettings
from intelligence.spool.exchange import Exchange
from intelligence.spool.turns import Turns
from intelligence.staff.audit import Audit
from intelligence.staff.directory import Directory
from intelligence.staff.enrolment import Enrolment
from intelligence.staff.log_in import LogIn
from intelligence.staff.own_account import OwnAccount
from intelligence.staff.proving import Proving
from intelligence.staff.requests import Requests
from intelligence.staff.sessions import Sessions
from intelligence.staff.signing_keys import SigningKeys

METADATA: MetaData = MapRow.metadata
"""All tables: they are those of the rooms that are imported here."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the pages ask."""

    sessions: Sessions
    log_in: LogIn
    proving: Proving
    enrolment: Enrolment
    directory: Directory
    requests: Requests
    own_account: OwnAccount
    signing_keys: SigningKeys
    curation: "CurationDesk"
    audit: Audit
    disclosing: Disclosing
    bulk_exports: BulkExports
    deconfliction: Deconfliction
    following: Following
    feedback: FeedbackInbox
    partners: Partners
    notices: Notices
    journal: Journal


@dataclass(frozen=True, slots=True)
class CurationDesk:
    """What the pages of curators and approvers ask, and what takes turns with the indexer."""

    changes: Changes
    reading: Reading
    selectors: Selectors
    versions: Versions
    overview: Overview
    schedule: Schedule
    uploads: Uploads
    safety_lists: SafetyLists
    by_hand: ByHand
    challenges: Recording
    reviewing: Reviewing
    exchange: Exchange
    retention: Retention
    turns: Turns
    marks: LedgerMarks

    def take_turn(self) -> None:
        """Have what is due leave and exchange files, then what is to be done beside."""
        self.turns.take(
            (self.schedule.release_due, self.exchange.take_turn),
            {
                "marking how far the ledger goes": self.marks.keep_due,
                "settling challenges": self.reviewing.settle,
                "dropping uploads that nobody came back to": self.uploads.drop_abandoned,
                "deleting what was kept long enough": self.retention.drop_overdue,
                "forgetting challenges that are answered": self.challenges.forget_answered,
            },
        )


@contextmanager
def open_desk(settings: IntelligenceSettings) -> Iterator[Desk]:
    """Open what the service needs, for it alone; raises `OperatorError`."""
    with alone(settings) as (database, journal):
        parts = open_parts(settings, database, journal)
        evidence = parts.evidence()
        with database.writing() as session:
            evidence.open_sealed(session)
        yield _desk(parts, _curation(parts, parts.exchange(evidence)))


def _desk(parts: Parts, curation: CurationDesk) -> Desk:
    database, seals, journal = parts.database, parts.seals, parts.journal
    sessions, orders = parts.sessions(), parts.orders(Orders, curation.turns)
    log_in, disclosing = parts.log_in(sessions), Disclosing(database, seals, journal, time.time)
    return Desk(
        sessions=sessions,
        log_in=log_in,
        proving=Proving(parts.own_password, log_in),
        enrolment=parts.enrolment(sessions),
        directory=Directory(database, journal, time.time),
        own_account=parts.own_account(sessions),
        requests=Requests(database, journal, time.time),
        signing_keys=parts.signing_keys,
        audit=Audit(database, parts.settings.ledger, journal, curation.marks, time.time),
        curation=curation,
        disclosing=disclosing,
        bulk_exports=BulkExports(disclosing),
        deconfliction=Deconfliction(database, seals, time.time),
        following=Following(database, seals, journal, time.time),
        feedback=FeedbackInbox(database, seals, journal, time.time),
        partners=Partners(orders, parts.kits, journal, time.time),
        notices=Notices(orders),
        journal=journal,
    )


def _curation(parts: Parts, exchange: Exchange) -> CurationDesk:
    database, seals, journal, turns = parts.database, parts.seals, parts.journal, Turns()
    changes = parts.changes(turns)
    return CurationDesk(
        changes=changes,
        reading=Reading(database, seals, changes, journal, time.time),
        selectors=Selectors(database, seals, journal, time.time),
        versions=Versions(database, seals, changes, journal, time.time),
        overview=Overview(database, seals, parts.spool_keys, journal.on_record, time.time),
        schedule=Schedule(database, seals, journal, time.time),
        uploads=parts.uploads(changes),
        safety_lists=SafetyLists(parts.orders(RuleOrders, turns), time.time),
        by_hand=ByHand(database, seals, time.time),
        challenges=Recording(database, seals, journal, time.time),
        reviewing=Reviewing(changes, time.time),
        exchange=exchange,
        retention=Retention(database, journal, time.time),
        turns=turns,
        marks=LedgerMarks(database, parts.vault, parts.settings.ledger, journal),
    )
