"""The services of the staff on a test's database, with a clock that is moved by hand."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

from sqlalchemy import select

from intelligence.errors import NotPermitted, NotSignedIn
from intelligence.journal import Journal
from intelligence.staff.accounts import NewAccount
from intelligence.staff.directory import Directory
from intelligence.staff.enrolment import Enrolment, issue_first_invitation
from intelligence.staff.log_in import LogIn
from intelligence.staff.own_account import OwnAccount
from intelligence.staff.own_password import OwnPassword
from intelligence.staff.passwords import Passwords
from intelligence.staff.requests import Requests, WishOutcome
from intelligence.staff.roles import Role
from intelligence.staff.second_factor import STEP_S, code_at
from intelligence.staff.sessions import Sessions, SignedIn
from intelligence.staff.signing_keys import SigningKeys
from intelligence.staff.tables import Account, SignIn
from intelligence.staff.throttle import LogInThrottles
from intelligence.staff.tokens import name_of_token
from intelligence.store.data_keys import create_first_key, open_vault
from intelligence.store.database import Database
from intelligence.store.key_file import KeyFile
from intelligence.store.vault import Vault
from screening.ledger.ledger import Ledger
from screening.vocabulary.errors import LedgerUnavailable
from tests.harness.quick_passwords import QUICK

PASSWORD: Final = "a horse of many colours"
ADDRESS: Final = "192.0.2.1"
IDLE_S: Final = 900
SESSION_S: Final = 36_000


class FullLedger(Ledger):
    """One whose disk has no room left."""

    def append(self, payloads: Sequence[bytes]) -> None:
        raise LedgerUnavailable("no space left")


class HandClock:
    """Unix seconds that stand still until they are moved."""

    def __init__(self) -> None:
        self.at = 1_790_000_000.0

    def __call__(self) -> float:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class Person:
    """Somebody with an app and codes on paper."""

    name: str
    secret: bytes
    codes: list[str]
    who: SignedIn
    ticket: str


class _OfAll(TypedDict):
    database: Database
    passwords: Passwords
    journal: Journal
    clock: HandClock


class _OfSessions(TypedDict):
    vault: Vault
    sessions: Sessions
    throttles: LogInThrottles


class Services:
    """All of them, wired as `deployment.open_desk` does, on a database with this version's schema.

    `people` have enrolled in it already (`homes.py`).
    """

    def __init__(self, folder: Path, database_url: str, people: Sequence[Person] = ()) -> None:
        self.clock = HandClock()
        self.database = Database(database_url)
        key_file = KeyFile(folder)
        key_file.create()
        create_first_key(self.database, key_file.read()[0], self.clock)
        self.vault = vault = open_vault(self.database, key_file.read())
        self.folder = folder / "ledger"
        self.ledger = Ledger(self.folder, host="here")
        journal = Journal(self.ledger, self.clock)
        passwords, throttles = Passwords(QUICK), LogInThrottles(self.clock)
        self.sessions = Sessions(
            self.database, vault, self.clock, journal=journal, idle_s=IDLE_S, session_s=SESSION_S
        )
        of_all = _OfAll(
            database=self.database, passwords=passwords, journal=journal, clock=self.clock
        )
        within = _OfSessions(vault=vault, sessions=self.sessions, throttles=throttles)
        self.log_in = LogIn(**of_all, **within)
        self.enrolment = Enrolment(**of_all, **within)
        self.directory = Directory(self.database, journal, self.clock)
        self.requests = Requests(self.database, journal, self.clock)
        self.people = [*people]
        own_password = OwnPassword(self.database, passwords, throttles, journal)
        self.signing_keys = SigningKeys(**of_all, vault=vault, own_password=own_password)
        self.own_account = OwnAccount(
            **of_all,
            sessions=self.sessions,
            own_password=own_password,
            signing_keys=self.signing_keys,
        )

    def close(self) -> None:
        self.ledger.close()
        self.database.close()

    def records(self) -> str:
        return "".join(path.read_text() for path in self.folder.glob("*.open"))

    def who(self, ticket: str) -> SignedIn:
        found = self.sessions.find(ticket)
        assert found is not None
        return found

    def person(self, name: str) -> Person:
        """Return one of those who have enrolled."""
        return next(one for one in self.people if one.name == name)

    def first_token(self) -> str:
        """Return what sets up the first account, as the host prints it on record."""
        token = issue_first_invitation(self.database, self.clock())
        assert token is not None
        facts = {"invited": True, "token": name_of_token(token)}
        self.requests.journal.record("root", "initialised", **facts)
        return token

    def administrator(self, token: str | None = None) -> Person:
        """Set up the first account, by a token that was printed, or a new one of no record."""
        token = token or issue_first_invitation(self.database, self.clock())
        assert token is not None
        new = NewAccount(name="ada", display_name="Ada", roles=frozenset((Role.ADMINISTRATOR,)))
        ticket = self.enrolment.set_up(token, new, (PASSWORD, PASSWORD), address=ADDRESS)
        return self._enrolled("ada", ticket)

    def colleague(self, by: Person, name: str, *roles: Role) -> Person:
        """Add somebody with these roles, who then enrols."""
        new = NewAccount(name=name, display_name=name, roles=frozenset(roles))
        return self.enrolled_as(by, new)

    def enrolled_as(self, by: Person, new: NewAccount) -> Person:
        """Add somebody, who then enrols."""
        self.prove(by)
        _, asked = self.directory.add(by.who, new)
        token, passwords = self.token(asked), (PASSWORD, PASSWORD)
        ticket = self.enrolment.accept(new.name, token, passwords, address=ADDRESS)
        return self._enrolled(new.name, ticket)

    def prove(self, person: Person) -> None:
        """Note that somebody has given both factors just now: `test_proving.py` does it by them."""
        with self.database.writing() as session:
            row = session.get(SignIn, person.who.session_hash)
            if row is not None:
                row.proved_at = int(self.clock())

    def token(self, asked: WishOutcome) -> str:
        """Return the token that was asked for, confirmed by whoever may where it takes two."""
        assert asked.token is not None
        return f"{asked.token} {self.confirmed()}" if asked.waits else asked.token

    def confirmed(self) -> str | None:
        """Have the first of those who may confirm what waits, all of it; return a half token."""
        half = None
        for person in self.people:
            self.prove(person)
            with suppress(NotSignedIn, NotPermitted):
                for one in self.requests.waiting(person.who):
                    if one.may_confirm:
                        half = self.requests.confirm(person.who, one.id) or half
        return half

    def code(self, person: Person) -> str:
        """Return what the app shows now."""
        return code_at(person.secret, int(self.clock()) // STEP_S).decode()

    def with_password(self, person: Person) -> SignedIn:
        """Give the password alone."""
        return self.who(self.log_in.with_password(person.name, PASSWORD, address=ADDRESS))

    def with_code(self, person: Person, half: SignedIn) -> SignedIn:
        """Give the code as well."""
        return self.who(self.log_in.with_code(half, self.code(person), address=ADDRESS))

    def stored(self, name: str) -> Account:
        with self.database.reading() as session:
            return session.scalars(select(Account).where(Account.name == name)).one()

    def _enrolled(self, name: str, ticket: str) -> Person:
        who = self.who(ticket)
        secret = self.enrolment.pending_secret(who)
        code = code_at(secret, int(self.clock()) // STEP_S).decode()
        full, codes = self.enrolment.enrol(who, code, address=ADDRESS)
        self.clock.move(STEP_S)
        person = Person(name, secret, codes, self.who(full), full)
        self.people.append(person)
        return person
