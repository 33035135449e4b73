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
from intelligence.curation.guard import limits_of
from intelligence.curation.in_a_day import submissions
from intelligence.curation.overview import Overview
from intelligence.curation.reading import Reading
from intelligence.curation.schedule import Schedule
from intelligence.curation.selectors import Selectors
from intelligence.curation.versions import Versions
from intelligence.disclosure.bulk import BulkExports
from intelligence.disclosure.deconfliction import Deconfliction
from intelligence.disclosure.disclosing import Disclosing
from intelligence.disclosure.evidence import Evidence
from intelligence.disclosure.feedback import FeedbackInbox
from intelligence.disclosure.following import Following
from intelligence.disclosure.retention import Retention
from intelligence.disclosure.tables import MapRow
from intelligence.exclusions.orders import RuleOrders
from intelligence.exclusions.standing import SafetyLists
from intelligence.imports.confined_reading import Reader
from intelligence.imports.row_budget import RowBudget
from intelligence.imports.uploads import Uploads
from intelligence.journal import Journal
from intelligence.ledger_marks import LedgerMarks
from intelligence.opening import alone
from intelligence.partners.kits import Kits
from intelligence.partners.notices import Notices
from intelligence.partners.orders import Orders
from intelligence.partners.standing import Partners
from intelligence.settings import IntelligenceSettings
from intelligence.spool.exchange import Exchange
from intelligence.spool.hearing import Hearing
from intelligence.spool.turns import Turns
from intelligence.spool_keys import SpoolKeys
from intelligence.staff.audit import Audit
from intelligence.staff.directory import Directory
from intelligence.staff.enrolment import Enrolment
from intelligence.staff.log_in import LogIn
from intelligence.staff.own_account import OwnAccount
from intelligence.staff.own_password import OwnPassword
from intelligence.staff.passwords import Passwords
from intelligence.staff.proving import Proving
from intelligence.staff.requests import Requests
from intelligence.staff.sessions import Sessions
from intelligence.staff.signing_keys import SigningKeys
from intelligence.staff.throttle import LogInThrottles
from intelligence.store.data_keys import open_vault
from intelligence.store.database import Database
from intelligence.store.key_file import KeyFile
from intelligence.store.schema import require_current_schema
from intelligence.store.sealing import Seals
from screening.disclosure.opening import Opener, read_private_halves
from screening.spools.folder import SpoolFolder

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
        require_current_schema(database)
        vault = open_vault(database, KeyFile(settings.home).read())
        seals, passwords, throttles = Seals(vault), Passwords(), LogInThrottles(time.monotonic)
        own_password = OwnPassword(database, passwords, throttles, journal)
        evidence = _evidence(settings, database, seals, journal)
        signing_keys = SigningKeys(database, vault, passwords, own_password, journal, time.time)
        ends = {"idle_s": settings.idle_s, "session_s": settings.session_s}
        sessions = Sessions(database, vault, time.time, journal=journal, **ends)
        parts = (database, vault, sessions, passwords, throttles, journal, time.time)
        log_in = LogIn(*parts)
        disclosing = Disclosing(database, seals, journal, time.time)
        kits = Kits(seals, signing_keys, journal)
        curation = _curation(settings, seals, signing_keys, Hearing(evidence, kits, journal))
        orders = _orders(settings, seals, signing_keys, curation.turns)
        yield Desk(
            sessions=sessions,
            log_in=log_in,
            proving=Proving(own_password, log_in),
            enrolment=Enrolment(*parts),
            directory=Directory(database, journal, time.time),
            own_account=OwnAccount(
                database, sessions, passwords, own_password, signing_keys, journal, time.time
            ),
            requests=Requests(database, journal, time.time),
            signing_keys=signing_keys,
            audit=Audit(database, settings.ledger, journal, curation.marks, time.time),
            curation=curation,
            disclosing=disclosing,
            bulk_exports=BulkExports(disclosing),
            deconfliction=Deconfliction(database, seals, time.time),
            following=Following(database, seals, journal, time.time),
            feedback=FeedbackInbox(database, seals, journal, time.time),
            partners=Partners(orders, kits, journal, time.time),
            notices=Notices(orders),
            journal=journal,
        )


def open_exchange(settings: IntelligenceSettings, database: Database, journal: Journal) -> Exchange:
    """Open what exchanges files with the indexer, for a command; raises `OperatorError`."""
    vault = open_vault(database, KeyFile(settings.home).read())
    seals, passwords, throttles = Seals(vault), Passwords(), LogInThrottles(time.monotonic)
    own_password = OwnPassword(database, passwords, throttles, journal)
    signing_keys = SigningKeys(database, vault, passwords, own_password, journal, time.time)
    kits = Kits(seals, signing_keys, journal)
    evidence = Evidence(seals, _opener(settings), journal)
    return _exchange(settings, database, Hearing(evidence, kits, journal))


def _evidence(
    settings: IntelligenceSettings, database: Database, seals: Seals, journal: Journal
) -> Evidence:
    evidence = Evidence(seals, _opener(settings), journal)
    with database.writing() as session:
        evidence.open_sealed(session)
    return evidence


def _curation(
    settings: IntelligenceSettings, seals: Seals, signing_keys: SigningKeys, hearing: Hearing
) -> CurationDesk:
    database, journal, turns = signing_keys.database, signing_keys.journal, Turns()
    keys = SpoolKeys(settings.home)
    parts = (database, seals, signing_keys, keys, journal, time.time, turns.nudge)
    changes = Changes(*parts, limits_of(settings), submissions(settings.ledger, time.time))
    rows = RowBudget(settings.upload_rows_per_day, settings.ledger, journal, time.time)
    return CurationDesk(
        changes=changes,
        reading=Reading(database, seals, changes, journal, time.time),
        selectors=Selectors(database, seals, journal, time.time),
        versions=Versions(database, seals, changes, journal, time.time),
        overview=Overview(database, seals, keys, time.time),
        schedule=Schedule(database, seals, journal, time.time),
        uploads=Uploads(database, seals, changes, Reader(), rows, journal, time.time),
        safety_lists=SafetyLists(RuleOrders(*parts), time.time),
        by_hand=ByHand(database, seals, time.time),
        challenges=Recording(database, seals, journal, time.time),
        reviewing=Reviewing(changes, time.time),
        exchange=_exchange(settings, database, hearing),
        retention=Retention(database, journal, time.time),
        turns=turns,
        marks=LedgerMarks(database, signing_keys.vault, settings.ledger, journal),
    )


def _orders(
    settings: IntelligenceSettings, seals: Seals, signing_keys: SigningKeys, turns: Turns
) -> Orders:
    parts = (signing_keys, SpoolKeys(settings.home), signing_keys.journal)
    return Orders(signing_keys.database, seals, *parts, time.time, turns.nudge)


def _exchange(settings: IntelligenceSettings, database: Database, hearing: Hearing) -> Exchange:
    def folders() -> tuple[SpoolFolder, SpoolFolder]:
        return SpoolFolder(settings.spool, "down"), SpoolFolder(settings.spool, "up")

    keys, seals, journal = SpoolKeys(settings.home), hearing.evidence.seals, hearing.journal
    return Exchange(database, seals, keys, folders, hearing, journal, time.time)


def _opener(settings: IntelligenceSettings) -> Opener:
    """Return what opens matches: nothing where no private half is here."""
    keys = settings.disclosure_keys
    return Opener([] if keys is None else read_private_halves(keys))
