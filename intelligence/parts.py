"""What a deployment is put together of: its home, database and ledger, opened, and each part."""

import time
from dataclasses import dataclass
from typing import TypeVar

from intelligence.curation.changes import Changes
from intelligence.curation.guard import limits_of
from intelligence.curation.in_a_day import submissions
from intelligence.disclosure.evidence import Evidence
from intelligence.exclusions.orders import RuleOrders
from intelligence.imports.confined_reading import Reader
from intelligence.imports.row_budget import RowBudget
from intelligence.imports.uploads import Uploads
from intelligence.journal import Journal
from intelligence.partners.kits import Kits
from intelligence.partners.orders import Orders
from intelligence.settings import IntelligenceSettings
from intelligence.spool.exchange import Exchange
from intelligence.spool.hearing import Hearing
from intelligence.spool.turns import Turns
from intelligence.spool_keys import SpoolKeys
from intelligence.staff.enrolment import Enrolment
from intelligence.staff.log_in import LogIn
from intelligence.staff.own_account import OwnAccount
from intelligence.staff.own_password import OwnPassword
from intelligence.staff.passwords import Passwords
from intelligence.staff.sessions import Sessions
from intelligence.staff.signing_keys import SigningKeys
from intelligence.staff.throttle import LogInThrottles
from intelligence.store.data_keys import open_vault
from intelligence.store.database import Database
from intelligence.store.key_file import KeyFile
from intelligence.store.schema import require_current_schema
from intelligence.store.sealing import Seals
from intelligence.store.vault import Vault
from screening.disclosure.opening import Opener, read_private_halves
from screening.spools.folder import SpoolFolder

_OrdersT = TypeVar("_OrdersT", Orders, RuleOrders)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Parts:
    """What several parts share, and how each of those is made that needs much of it."""

    settings: IntelligenceSettings
    database: Database
    journal: Journal
    vault: Vault
    seals: Seals
    passwords: Passwords
    own_password: OwnPassword
    throttles: LogInThrottles
    signing_keys: SigningKeys
    spool_keys: SpoolKeys
    kits: Kits

    def sessions(self) -> Sessions:
        """Return the sessions of one service."""
        ends = {"idle_s": self.settings.idle_s, "session_s": self.settings.session_s}
        return Sessions(self.database, self.vault, time.time, journal=self.journal, **ends)

    def log_in(self, sessions: Sessions) -> LogIn:
        """Return what lets people in."""
        return LogIn(
            database=self.database,
            vault=self.vault,
            sessions=sessions,
            passwords=self.passwords,
            throttles=self.throttles,
            journal=self.journal,
            clock=time.time,
        )

    def enrolment(self, sessions: Sessions) -> Enrolment:
        """Return what takes tokens."""
        return Enrolment(
            database=self.database,
            vault=self.vault,
            sessions=sessions,
            passwords=self.passwords,
            throttles=self.throttles,
            journal=self.journal,
            clock=time.time,
        )

    def own_account(self, sessions: Sessions) -> OwnAccount:
        """Return what somebody sees and changes of themselves."""
        return OwnAccount(
            database=self.database,
            sessions=sessions,
            passwords=self.passwords,
            own_password=self.own_password,
            signing_keys=self.signing_keys,
            journal=self.journal,
            clock=time.time,
        )

    def changes(self, turns: Turns) -> Changes:
        """Return what takes changes of the list on their way."""
        return Changes(
            database=self.database,
            seals=self.seals,
            signing_keys=self.signing_keys,
            spool_keys=self.spool_keys,
            journal=self.journal,
            clock=time.time,
            nudge=turns.nudge,
            limits=limits_of(self.settings),
            submitted=submissions(self.settings.ledger, time.time, self.journal.tell_unread),
        )

    def orders(self, kind: type[_OrdersT], turns: Turns) -> _OrdersT:
        """Return what takes orders of a kind on their way: for partners, or of the safety lists."""
        return kind(
            database=self.database,
            seals=self.seals,
            signing_keys=self.signing_keys,
            spool_keys=self.spool_keys,
            journal=self.journal,
            clock=time.time,
            nudge=turns.nudge,
        )

    def uploads(self, changes: Changes) -> Uploads:
        """Return what makes drafts of files."""
        rows, ledger = self.settings.upload_rows_per_day, self.settings.ledger
        return Uploads(
            database=self.database,
            seals=self.seals,
            changes=changes,
            reader=Reader(),
            budget=RowBudget(rows, ledger, self.journal, time.time),
            journal=self.journal,
            clock=time.time,
        )

    def evidence(self) -> Evidence:
        """Return what takes up matches; it opens none where no private half is here."""
        keys = self.settings.disclosure_keys
        opener = Opener([] if keys is None else read_private_halves(keys))
        return Evidence(self.seals, opener, self.journal)

    def exchange(self, evidence: Evidence) -> Exchange:
        """Return what exchanges files with the indexer."""

        def folders() -> tuple[SpoolFolder, SpoolFolder]:
            return SpoolFolder(self.settings.spool, "down"), SpoolFolder(self.settings.spool, "up")

        return Exchange(
            database=self.database,
            seals=self.seals,
            keys=self.spool_keys,
            folders=folders,
            evidence=Hearing(evidence, self.kits, self.journal),
            journal=self.journal,
            clock=time.time,
        )


def open_parts(settings: IntelligenceSettings, database: Database, journal: Journal) -> Parts:
    """Open the keys of a home, for its database and ledger; raises `OperatorError`."""
    require_current_schema(database)
    vault = open_vault(database, KeyFile(settings.home).read())
    seals, passwords, throttles = Seals(vault), Passwords(), LogInThrottles(time.monotonic)
    own_password = OwnPassword(database, passwords, throttles, journal)
    signing_keys = SigningKeys(
        database=database,
        vault=vault,
        passwords=passwords,
        own_password=own_password,
        journal=journal,
        clock=time.time,
    )
    return Parts(
        settings=settings,
        database=database,
        journal=journal,
        vault=vault,
        seals=seals,
        passwords=passwords,
        own_password=own_password,
        throttles=throttles,
        signing_keys=signing_keys,
        spool_keys=SpoolKeys(settings.home),
        kits=Kits(seals, signing_keys, journal),
    )
