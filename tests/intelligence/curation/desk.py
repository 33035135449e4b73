"""Curation on a test's database, and an indexer of paper that tells what the test says."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict
from uuid import UUID

from msgspec import Struct

from intelligence.challenges.recording import Recording
from intelligence.challenges.reviewing import Reviewing
from intelligence.curation.changes import Changes
from intelligence.curation.guard import Limits
from intelligence.curation.in_a_day import submissions
from intelligence.curation.overview import Overview
from intelligence.curation.proposals import Typed, addition, lifting, retraction
from intelligence.curation.reading import Reading
from intelligence.curation.recognising import recognise
from intelligence.curation.schedule import Schedule
from intelligence.curation.tables import ChangeSet
from intelligence.curation.versions import Versions
from intelligence.disclosure.evidence import Evidence
from intelligence.errors import FormRefused
from intelligence.exclusions.orders import RuleOrders
from intelligence.exclusions.standing import SafetyLists
from intelligence.imports.confined_reading import in_words_of_the_form
from intelligence.imports.read_upload import ReadUpload, Upload, read_upload
from intelligence.imports.row_budget import RowBudget
from intelligence.imports.uploads import Uploads
from intelligence.journal import Journal
from intelligence.partners.kits import Kits
from intelligence.partners.orders import Orders
from intelligence.partners.standing import Partners
from intelligence.spool.exchange import Exchange
from intelligence.spool.hearing import Hearing
from intelligence.spool_keys import SpoolKeys
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import Role
from intelligence.staff.signing_keys import SigningKeys
from intelligence.store.database import Database
from intelligence.store.sealing import Seals
from screening.disclosure.opening import Opener, PrivateHalf
from screening.spools.acknowledgement import Acknowledgement, Applied, Outcome, Refused, Skipped
from screening.spools.changes import Add, Lift, Retract
from screening.spools.export import FIRST_PREVIOUS, Export, parse_export
from screening.spools.folder import SpoolFolder
from screening.spools.keys import SpoolSecrets, parse_key, spell_key
from screening.spools.sealed_file import Place, open_file, seal_file
from screening.spools.spelling import spell
from screening.spools.up_file import UpHead
from screening.vocabulary.errors import OperatorError
from tests.intelligence.staff.services import PASSWORD, Person, Services

DEPLOYMENT = "0123456789abcdef"


class PaperIndexer:
    """Opens down files as the indexer does, and answers each as it is told to."""

    def __init__(self, spools: Path, console: bytes) -> None:
        self.secrets = SpoolSecrets(bytes(range(32)), bytes(range(32, 64)))
        self.public = self.secrets.public("indexer", DEPLOYMENT)
        self.console = parse_key(console, "console")
        self.down, self.up = SpoolFolder(spools, "down"), SpoolFolder(spools, "up")
        self.told, self.previous = 0, FIRST_PREVIOUS

    def export(self, sequence: int) -> Export:
        """Return what a down file says."""
        place = Place(DEPLOYMENT, "down", sequence)
        document = self.down.find(sequence)
        assert document is not None, f"there is no file {sequence}"
        return parse_export(open_file(document, place, by=self.console, to=self.secrets))

    def tell(self, of: Outcome) -> None:
        self.write(lambda head: Acknowledgement("screening-acknowledgement/1", *head, of))

    def write(self, content_of: Callable[[UpHead], Struct]) -> None:
        """Write the next up file, with this content behind its format."""
        at = datetime(2026, 11, 29, tzinfo=UTC)
        self.write_bytes(spell(content_of(UpHead(DEPLOYMENT, self.told + 1, self.previous, at))))

    def say(self, form: str, said: Mapping[str, object]) -> None:
        """Write the next up file, with what stands behind the head of a format of any name."""
        head = {"deployment": DEPLOYMENT, "sequence": self.told + 1, "previous": self.previous}
        content = {"format": form, **head, "written_at": "2026-11-29T00:00:00Z", **said}
        self.write_bytes(json.dumps(content, separators=(",", ":")).encode())

    def write_bytes(self, content: bytes) -> None:
        """Write the next up file, with what may be no content that is known here."""
        self.told += 1
        place = Place(DEPLOYMENT, "up", self.told)
        document = seal_file(content, place, to=self.console, by=self.secrets)
        self.previous = hashlib.sha256(document).hexdigest()
        self.up.lay(self.told, document)

    def apply(self, sequence: int) -> None:
        self.tell(Applied(sequence, self.sha256(sequence), 3, 7, self.export(sequence).result))

    def refuse(self, sequence: int) -> None:
        sentence = "the list would not be what the console holds it for; leave it out"
        self.tell(Refused(sequence, self.sha256(sequence), "drifted", None, sentence))

    def skip(self, sequence: int) -> None:
        self.tell(Skipped(sequence, self.sha256(sequence), "an airline's"))

    def sha256(self, sequence: int) -> str:
        return hashlib.sha256(self.down.find(sequence) or b"").hexdigest()


class ReadsHere:
    """Reads uploads in this process: what confines others has tests of its own."""

    def read(self, upload: Upload) -> ReadUpload:
        try:
            return read_upload(upload)
        except OperatorError as error:
            raise FormRefused(in_words_of_the_form(str(error))) from None


def enrol_signer(services: Services, name: str, *roles: Role) -> None:
    """Have somebody enrol who signs what he approves."""
    person = services.colleague(services.person("ada"), name, *roles)
    services.signing_keys.make(person.who, PASSWORD)


def enrol_curators(services: Services) -> None:
    """Have those enrol who sit at a desk."""
    services.administrator()
    enrol_signer(services, "cora", Role.CURATOR)
    enrol_signer(services, "abel", Role.APPROVER)
    enrol_signer(services, "bo", Role.CURATOR, Role.APPROVER)


class _OfAll(TypedDict):
    database: Database
    seals: Seals
    journal: Journal
    clock: Callable[[], float]


class _OfDeciding(_OfAll):
    signing_keys: SigningKeys
    spool_keys: SpoolKeys
    nudge: Callable[[], None]


class Desk:
    """All of curation, wired as `deployment.open_desk` does, and the people at it."""

    def __init__(self, services: Services, folder: Path) -> None:
        self.services = services
        self.spools = folder / "spool"
        self.database, self.clock = services.database, services.clock
        keys = SpoolKeys(folder)
        console = keys.make(DEPLOYMENT)
        keys.give_out(console)
        self.indexer = PaperIndexer(self.spools, spell_key(console))
        keys.trust(self.indexer.public)
        signing = services.signing_keys
        self.seals = Seals(signing.vault)
        self.nudged = 0
        journal = signing.journal
        self.limits = Limits(share_percent=5, fewest=20, per_day=100)
        of_all = _OfAll(database=self.database, seals=self.seals, journal=journal, clock=self.clock)
        deciding = _OfDeciding(**of_all, signing_keys=signing, spool_keys=keys, nudge=self._nudge)
        submitted = submissions(services.folder, self.clock, journal.tell_unread)
        self.changes = Changes(**deciding, limits=self.limits, submitted=submitted)
        self.rows = RowBudget(50_000, services.folder, journal, self.clock)
        self.uploads = Uploads(**of_all, changes=self.changes, reader=ReadsHere(), budget=self.rows)
        self.schedule = Schedule(**of_all)
        self.private_half = PrivateHalf(bytes(range(7, 39)))
        self.evidence = Evidence(self.seals, Opener([self.private_half]), journal)
        kits = Kits(self.seals, signing, journal)
        hearing = Hearing(self.evidence, kits, journal)
        self.exchange = Exchange(**of_all, keys=keys, folders=self._folders, evidence=hearing)
        self.orders = Orders(**deciding)
        self.partners = Partners(self.orders, kits, journal, self.clock)
        self.rule_orders = RuleOrders(**deciding)
        self.safety_lists = SafetyLists(self.rule_orders, self.clock)
        self.challenges = Recording(**of_all)
        self.reviewing = Reviewing(self.changes, self.clock)
        self.reading = Reading(**of_all, changes=self.changes)
        self.versions = Versions(**of_all, changes=self.changes)
        self.overview = Overview(self.database, self.seals, keys, journal.on_record, self.clock)
        self.ada, self.cora = services.person("ada"), services.person("cora")
        self.abel, self.bo = services.person("abel"), services.person("bo")

    def added(self, value: str, *, by: Person | None = None, **said: str) -> UUID:
        """Have an addition drafted and submitted; return the change."""
        author = by or self.cora
        change_id = self.changes.draft(author.who, self.addition(value, **said))
        self.changes.submit(author.who, change_id, PASSWORD)
        return change_id

    def approved(self, value: str, **said: str) -> UUID:
        """Have an addition approved."""
        change_id = self.added(value, by=self.cora, **said)
        self.changes.approve(self.abel.who, change_id, PASSWORD)
        return change_id

    def in_force(self, value: str, **said: str) -> UUID:
        """Have an addition in force."""
        change_id = self.approved(value, **said)
        self.exchange.take_turn()
        sequence = self.row(change_id).export_sequence
        assert sequence is not None
        self.indexer.apply(sequence)
        self.exchange.take_turn()
        assert self.row(change_id).state == "applied"
        return change_id

    def file(self, sequence: int) -> Shown:
        """Return what an approver sees of a file."""
        found = self.overview.file(self.abel.who, sequence)
        assert found is not None
        assert found.record is not None
        return found.record

    def retracted(self, value: str, by: Person | None = None) -> UUID:
        who = (by or self.cora).who
        return self.changes.retract(who, self.retraction(value), PASSWORD)

    def left_with(self, person: Person, *roles: Role) -> None:
        """Have somebody hold these roles alone."""
        self.services.directory.change_roles(self.ada.who, person.who.account_id, frozenset(roles))
        self.services.confirmed()
        assert self.services.stored(person.name).roles == frozenset(roles)

    def addition(self, value: str, **said: str) -> Add:
        typed = {"role": "trafficker", "source": "case-7", "reason": "seen", **said}
        today = datetime.fromtimestamp(self.clock(), UTC).date()
        typed.setdefault("last_day", str(today.replace(year=today.year + 1)))
        empty = dict.fromkeys(Typed.__slots__)
        return addition(recognise(value), Typed(**{**empty, **typed}), today)

    def retraction(self, value: str) -> Retract:
        return retraction(recognise(value), "given to somebody else")

    def lift(self, value: str) -> Lift:
        return lifting(recognise(value), "it was right after all")

    def row(self, change_id: UUID) -> ChangeSet:
        with self.database.reading() as session:
            row = session.get(ChangeSet, change_id)
            assert row is not None
            return row

    def _folders(self) -> tuple[SpoolFolder, SpoolFolder]:
        return self.indexer.down, self.indexer.up

    def _nudge(self) -> None:
        self.nudged += 1
