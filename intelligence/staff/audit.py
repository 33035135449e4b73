"""What is on record, for auditors: looked through, handed out as a table, and verified.

To do so is on record as well.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.errors import FormRefused
from intelligence.journal import UNKNOWN, Journal
from intelligence.ledger_lines import Line, day_of, latest_first
from intelligence.ledger_marks import LedgerMarks
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import FIELDS, RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.staff.tables import Account
from intelligence.store.database import Database
from screening.ledger.verify import Report, verify_ledger
from screening.vocabulary.errors import LedgerDamaged
from screening.vocabulary.formula import guarded

MOST_RECORDS: Final = 200
MOST_EXPORTED: Final = 100_000
OFTEN_WANTED: Final = (
    *("disclosed", "receipt not resolved", "follow begun", "follow ended", "follows ended"),
    *("export asked for", "export approved", "export turned down", "export downloaded"),
    "kit of no order here",
)
"""Kinds that can be chosen however long ago the last was: who was shown what, and why, and kits
that nobody can open."""
SHORT: Final = "this file is short"
"""Stands for the event in the last line of an export where records are missing: of no record."""
_COLUMNS: Final = ("at", "actor", "name", "event", "facts")
_NOBODY: Final = {"console": "The console", "indexer": "The indexer", UNKNOWN: "Nobody known"}
"""Who is on record without an account (`journal.py`, `spool/exchange.py`)."""
_EVENT: Final = re.compile("[a-z][a-z -]{1,40}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records: of a person, of a kind of event, of a day in UTC; None of any."""

    actor: str | None = None
    event: str | None = None
    day: date | None = None

    @property
    def facts(self) -> dict[str, object]:
        """What is on record of the question."""
        return {"person": self.actor, "kind": self.event, "day": self.day}

    def takes(self, line: Line) -> bool:
        """Tell whether a record is one of them."""
        is_of_day = self.day is None or day_of(line) == self.day.isoformat()
        is_of_actor = self.actor in (None, line["actor"])
        return is_of_day and is_of_actor and self.event in (None, line["event"])


@dataclass(frozen=True, slots=True)
class Found:
    """The latest records that were asked for; `is_more` where there are others before them.

    `people` and `events` are what can be asked for; `damage` is where the ledger is not whole.
    """

    records: Sequence[Shown]
    is_more: bool
    people: Mapping[str, str]
    events: Sequence[str]
    damage: str | None


@dataclass(frozen=True, slots=True)
class Audit:
    """Reads the ledger that the journal is written to, which goes on meanwhile."""

    database: Database
    folder: Path
    journal: Journal
    marks: LedgerMarks
    clock: Callable[[], float]

    def found(self, who: SignedIn, wanted: Wanted) -> Found:
        """Return the latest records of those that are wanted.

        The whole ledger is verified: records that are cut off or missing are missed by nobody else.
        """
        privileges, people = self._permitted(who, wanted)
        records: list[Shown] = []
        events = {*OFTEN_WANTED} if wanted.event is None else {*OFTEN_WANTED, wanted.event}
        damage = None
        try:
            for line in latest_first(self.folder, wanted.day):
                events.add(str(line["event"]))
                if wanted.takes(line):
                    records.append(_shown(privileges, people, line))
                if len(records) > MOST_RECORDS:
                    break
            self._require_whole()
        except LedgerDamaged as error:
            damage = str(error)
        self.journal.record(who.actor, "journal looked at", **wanted.facts)
        is_more = len(records) > MOST_RECORDS
        return Found(records[:MOST_RECORDS], is_more, people, sorted(events), damage)

    def exported(self, who: SignedIn, wanted: Wanted) -> str:
        """Return what is wanted as CSV, the oldest first, once it is on record that it leaves.

        Raises `FormRefused` for more than a hundred thousand, or where what is there does not
        follow. Where records are gone from its end, or all of them, what is left is true all the
        same, and may be what somebody has to show: it leaves, and its last line says that it is
        short.
        """
        privileges, people = self._permitted(who, wanted, Verb.REVEAL)
        rows: list[Shown] = []
        try:
            for line in filter(wanted.takes, latest_first(self.folder, wanted.day)):
                if len(rows) == MOST_EXPORTED:
                    raise FormRefused(f"these are more than {MOST_EXPORTED} records; choose a day")
                rows.append(_shown(privileges, people, line))
            verify_ledger(self.folder)
        except LedgerDamaged as error:
            raise FormRefused(f"{error}; have whoever runs the service look at it") from None
        missing = self.marks.unheld()
        facts = wanted.facts | ({"missing": len(missing)} if missing else {})
        self.journal.record(who.actor, "journal exported", records=len(rows), **facts)
        return _written([*reversed(rows), *_shortness(missing)])

    def verified(self, who: SignedIn) -> tuple[bool, str]:
        """Tell whether all that is on record is whole, and in one sentence what was found."""
        self._permitted(who, Wanted())
        try:
            report = self._require_whole()
        except LedgerDamaged as error:
            is_whole, sentence = False, f"The record is damaged: {error}."
        else:
            is_whole, last = True, report.last_seal
            sealed = "none is sealed yet" if last is None else f"sealed up to {last.segment}"
            sentence = (
                f"All {report.records} records follow from one another, in {report.segments} "
                f"files; {sealed}."
            )
        self.journal.record(who.actor, "journal verified", whole=is_whole)
        return is_whole, sentence

    def _require_whole(self) -> Report:
        """Raise `LedgerDamaged` for what does not follow, and for what was there and is gone."""
        report = verify_ledger(self.folder)
        if missing := self.marks.unheld():
            raise LedgerDamaged("; ".join(missing))
        return report

    def _permitted(
        self, who: SignedIn, wanted: Wanted, verb: Verb = Verb.READ
    ) -> tuple[Privileges, dict[str, str]]:
        """Return what the one who asks may do, and what the people on record are called.

        Raises `FormRefused` for what nobody can want: the question is put on record.
        """
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(verb, RecordType.JOURNAL, FIELDS[RecordType.JOURNAL])
            people = {**_names(session), **_NOBODY}
        if wanted.actor is not None and wanted.actor not in people:
            raise FormRefused(
                "there is no such person; choose one of those that are named", "person"
            )
        if wanted.event is not None and not _EVENT.fullmatch(wanted.event):
            raise FormRefused(
                "there is no such kind of event; choose one of those that are named", "event"
            )
        return privileges, people


def _names(session: Session) -> dict[str, str]:
    rows = session.scalars(select(Account).order_by(Account.display_name))
    return {str(row.id): f"{row.display_name}{row.remark}" for row in rows}


def _shown(privileges: Privileges, people: Mapping[str, str], line: Line) -> Shown:
    actor = str(line["actor"])
    facts = {name: value for name, value in line.items() if name not in ("at", "actor", "event")}
    record = {"at": line["at"], "actor": actor, "event": line["event"], "facts": facts}
    shown = privileges.shown(RecordType.JOURNAL, record)
    return Shown({**shown, "name": people.get(actor, actor)})


def _shortness(missing: Sequence[str]) -> list[Shown]:
    """Return the line of an export that says what it lacks, none where nothing is missing."""
    if not missing:
        return []
    nobody = {"at": "", "actor": "", "name": ""}
    return [Shown({**nobody, "event": SHORT, "facts": {"missing": missing}})]


def _written(rows: Sequence[Shown]) -> str:
    written = io.StringIO(newline="")
    table = csv.writer(written)
    table.writerow(_COLUMNS)
    table.writerows(map(_cells, rows))
    return written.getvalue()


def _cells(row: Shown) -> list[str]:
    facts = msgspec.json.encode(row["facts"]).decode()
    return [guarded(str(facts if name == "facts" else row[name])) for name in _COLUMNS]
