"""Everything that the service and its commands work with, opened together."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import MetaData

from intelligence.challenges.recording import Recording
from intelligence.challenges.reviewing import Reviewing
from intelligence.curation.by_hand import ByHand
from intelligence.curation.changes import Changes
from intelligence.curation.exchange import Exchange
from intelligence.curation.guard import limits_of
from intelligence.curation.in_a_day import submissions
from intelligence.curation.overview import Overview
from intelligence.curation.reading import Reading
from intelligence.curation.resuming import Resumed, parse_status, resume
from intelligence.curation.schedule import Schedule
from intelligence.curation.sealing import Seals
from intelligence.curation.selectors import Selectors
from intelligence.curation.spool_keys import SpoolKeys
from intelligence.curation.turns import Turns
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
from intelligence.opening import alone, exclusively, open_journal
from intelligence.partners.hearing import Hearing
from intelligence.partners.kits import Kits
from intelligence.partners.notices import Notices
from intelligence.partners.orders import Orders
from intelligence.partners.standing import Partners
from intelligence.settings import IntelligenceSettings
from intelligence.staff.audit import Audit
from intelligence.staff.directory import Directory
from intelligence.staff.enrolment import Enrolment, issue_first_invitation
from intelligence.staff.from_host import HostInvitation, Invited, invite_from_host
from intelligence.staff.log_in import LogIn
from intelligence.staff.own_account import OwnAccount
from intelligence.staff.own_password import OwnPassword
from intelligence.staff.passwords import Passwords
from intelligence.staff.proving import Proving
from intelligence.staff.requests import Requests
from intelligence.staff.sessions import Sessions
from intelligence.staff.signing_keys import SigningKeys
from intelligence.staff.throttle import LogInThrottles
from intelligence.store.data_keys import create_first_key, open_vault
from intelligence.store.database import Database
from intelligence.store.key_file import KeyFile
from intelligence.store.schema import require_current_schema, upgrade_schema
from screening.account import actor
from screening.disclosure.opening import Opener, read_private_halves
from screening.private_files import read_regular
from screening.spools.folder import SpoolFolder
from screening.spools.keys import SpoolKey
from screening.vocabulary.errors import OperatorError

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


def initialise(settings: IntelligenceSettings) -> str | None:
    """Make keys and database, or bring them up to date; return a token while nobody is here.

    Safe to run again; raises `OperatorError` while the service runs.
    """
    with alone(settings) as (database, journal):
        key_file = KeyFile(settings.home)
        key_file.create()
        keys = key_file.read()
        upgrade_schema(database, lambda: open_vault(database, keys))
        create_first_key(database, keys[0], time.time)
        open_vault(database, keys)  # says what is wrong, if something is
        token = issue_first_invitation(database, time.time())
        journal.record(actor(), "initialised", invited=token is not None)
        return token


def invite(
    settings: IntelligenceSettings, name: str, *, forget_factor: bool, as_it_is: bool
) -> Invited:
    """Return a token for somebody who cannot come in; raises `OperatorError`."""
    with alone(settings) as (database, journal):
        require_current_schema(database)
        open_vault(database, KeyFile(settings.home).read())
        how = HostInvitation(name, actor(), forget_factor, as_it_is)
        return invite_from_host(database, journal, time.time(), how)


def make_spool_keys(settings: IntelligenceSettings, deployment: str) -> tuple[SpoolKey, Path]:
    """Make the console's keys of the spools; return what the indexer is given, and where it is."""
    with exclusively(settings), open_journal(settings) as journal:
        keys = SpoolKeys(settings.home)
        key = keys.make(deployment)
        journal.record(actor(), "spool keys made", deployment=deployment, console=key.id)
        return key, keys.give_out(key)


def trust_indexer(settings: IntelligenceSettings, indexer: Path, *, replacing: bool) -> SpoolKey:
    """Trust the indexer whose key is in a file; raises `OperatorError`."""
    with exclusively(settings), open_journal(settings) as journal:
        keys = SpoolKeys(settings.home)
        key = keys.read_brought(indexer, replacing=replacing)
        journal.record(actor(), "indexer trusted", deployment=key.deployment, indexer=key.id)
        keys.trust(key)
        return key


def resume_spools(settings: IntelligenceSettings, status_file: Path) -> tuple[int, Resumed]:
    """Go on from where the indexer is, as its status says.

    Returns the number of the next file, and what is not known here since. Raises `OperatorError`
    where the two do not hold the same list.
    """
    status = parse_status(read_regular(status_file))
    peers = SpoolKeys(settings.home).find_peers()
    if peers is None or peers.deployment != status.deployment:
        raise OperatorError("this status is not of the indexer that is trusted here; bring its own")
    with alone(settings) as (database, journal):
        require_current_schema(database)
        vault = open_vault(database, KeyFile(settings.home).read())
        seals, passwords, throttles = Seals(vault), Passwords(), LogInThrottles(time.monotonic)
        own_password = OwnPassword(database, passwords, throttles, journal)
        signing_keys = SigningKeys(database, vault, passwords, own_password, journal, time.time)
        kits = Kits(seals, signing_keys, journal)
        evidence = Evidence(seals, _opener(settings), journal)
        exchange = _exchange(settings, database, Hearing(evidence, kits, journal))
        return status.next_sequence, resume(exchange, peers, status, actor())


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
        overview=Overview(database, seals, keys, journal.on_record, time.time),
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
