"""Curation with an indexer of paper, and what that tells of the map and of matches."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from intelligence.disclosure.deconfliction import Deconfliction
from intelligence.disclosure.disclosing import Disclosing, asked
from intelligence.disclosure.following import Following
from intelligence.disclosure.looking import Found
from intelligence.journal import Journal
from intelligence.spool.hearing import Hearing
from intelligence.staff.accounts import NewAccount
from intelligence.staff.roles import Role
from screening.disclosure.keys import DisclosureKey
from screening.disclosure.sealing import MatchSealer
from screening.spools.index_map import MapEntry, MapPart
from screening.spools.match_records import MatchRecords
from screening.spools.up_file import UpHead
from screening.vocabulary.selector import Canonical, IndexDigest, SelectorKind
from tests.intelligence.curation.desk import Desk, enrol_curators
from tests.intelligence.staff.services import FullLedger, Person, Services

KEY_ID = "acme-2026a"
GENERATION = "00000003-1234abcd"
PHONE = "+12025550142"
OTHER = "+12025550143"
AT = 1_795_000_000
"""When matches were, unless told."""


def digest_of(canonical: str, key_id: str = KEY_ID) -> IndexDigest:
    return IndexDigest(hashlib.sha256(f"{key_id} {canonical}".encode()).digest()[:16])


def kind_of(canonical: str) -> Literal["phone", "email"]:
    return "email" if "@" in canonical else "phone"


def receipt_of(number: int) -> str:
    return base64.b32encode(hashlib.sha256(b"%d" % number).digest())[:26].decode().lower()


def enrol_room(services: Services) -> None:
    """Have those enrol who are in a room."""
    enrol_curators(services)
    services.colleague(services.person("ada"), "anna", Role.ANALYST)
    enrol_authorised(services, "olga", "Police of Examplia")


def enrol_authorised(
    services: Services, name: str, organisation: str, life_s: int = 10**7
) -> Person:
    new = NewAccount(
        name=name,
        display_name=name,
        roles=frozenset((Role.AUTHORISED_USER,)),
        organisation=organisation,
        legal_basis="section 7 of an act",
        expires_at=int(services.clock()) + life_s,
    )
    return services.enrolled_as(services.person("ada"), new)


def matched_record(to: DisclosureKey, number: int, *canonicals: str, **said: Any) -> bytes:
    """Return a record of a journal in which these have matched, from row 1 on."""
    receipt, key_id = receipt_of(number), said.get("key_id", KEY_ID)
    region: str | None = said.pop("booking_region", None)
    sealer = MatchSealer(lambda: to)
    sealing = sealer.for_record(receipt, key_id, GENERATION, booking_region=region)
    boxes = {
        str(row): base64.b64encode(sealing.box(row, digest_of(one, key_id), kind_of(one))).decode()
        for row, one in enumerate(canonicals, start=1)
    }
    record = {
        "type": "check",
        "at": datetime.fromtimestamp(AT + number, UTC),
        "receipt": receipt,
        "partner": "acme",
        "api_key": "abcdefghijkl",
        "key_id": key_id,
        "asked": len(canonicals) + 1,
        "outcomes": {"match": len(canonicals), "no_match": 1},
        "matches": boxes,
        "generation": GENERATION,
        "sealed": sealing.key,
        **said,
    }
    return msgspec.json.encode(record)


def map_part(head: UpHead, *canonicals: str, key_id: str = KEY_ID) -> MapPart:
    entries = [MapEntry(digest_of(one, key_id).hex(), kind_of(one), one) for one in canonicals]
    return MapPart("screening-map/1", *head, key_id, not entries, entries)


class Room:
    """A desk of curators, and those to whom is disclosed."""

    def __init__(self, services: Services, folder: Path) -> None:
        self.desk = Desk(services, folder)
        self.services, self.database = services, services.database
        journal = services.signing_keys.journal
        self.disclosing = Disclosing(self.database, self.desk.seals, journal, services.clock)
        self.deconfliction = Deconfliction(self.database, self.desk.seals, services.clock)
        self.following = Following(self.database, self.desk.seals, journal, services.clock)
        self.sealing_key = self.desk.private_half.key
        self.anna, self.olga = services.person("anna"), services.person("olga")

    def authorised(self, name: str, organisation: str, life_s: int = 10**7) -> Person:
        return enrol_authorised(self.services, name, organisation, life_s)

    def tell_map(self, *canonicals: str, key_id: str = KEY_ID) -> None:
        self.desk.indexer.write(lambda head: map_part(head, *canonicals, key_id=key_id))

    def tell_records(self, *records: bytes, log: str = "api-1/journal") -> None:
        self.desk.indexer.write(
            lambda head: MatchRecords("screening-records/1", *head, log, [*records])
        )

    def record(
        self, number: int, *canonicals: str, to: DisclosureKey | None = None, **said: Any
    ) -> bytes:
        return matched_record(to or self.sealing_key, number, *canonicals, **said)

    def turn(self) -> None:
        self.desk.exchange.take_turn()

    def ask(self, who: Person, number: int, row: int | None = None, **said: str) -> list[Found]:
        receipt = receipt_of(number) + ("" if row is None else f".{row}")
        typed = {"purpose": "investigation", "case_number": "K 7/26", **said}
        return self.disclosing.disclose(who.who, asked(receipt, **typed))

    def take_off(self, canonical: str) -> None:
        """Have a selector retracted, and that in force."""
        change_id = self.desk.retracted(canonical)
        self.turn()
        sequence = self.desk.row(change_id).export_sequence
        assert sequence is not None
        self.desk.indexer.apply(sequence)
        self.turn()

    def selector(self, canonical: str) -> Canonical:
        return Canonical(SelectorKind.PHONE, canonical)

    def turn_off_record(self) -> None:
        """Take a turn while nothing can be put on record."""
        with FullLedger(self.services.folder.parent / "full", host="here") as ledger:
            journal = Journal(ledger, self.services.clock)
            evidence = replace(self.desk.evidence, journal=journal)
            hearing = Hearing(evidence, self.desk.partners.kits, journal)
            replace(self.desk.exchange, journal=journal, evidence=hearing).take_turn()

    def counts(self, *tables: str) -> dict[str, int]:
        """Return how many rows there are of each."""
        return {name: len(self._rows(name)) for name in tables or ("map", "record", "match")}

    def stored_text(self) -> str:
        """Return all that the database holds of disclosure, as text as far as it is any."""
        named = ("map", "record", "match", "disclosure")
        cells = [cell for name in named for row in self._rows(name) for cell in row]
        return " ".join(
            bytes(cell).decode("latin-1") if isinstance(cell, bytes | memoryview) else str(cell)
            for cell in cells
        )

    def _rows(self, name: str) -> list[Any]:
        with self.database.engine.connect() as connection:
            return [*connection.exec_driver_sql(f"SELECT * FROM disclosure_{name}")]  # noqa: S608 - a test's
