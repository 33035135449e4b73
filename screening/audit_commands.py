"""`screening audit`: is the journal whole, what of it is signed, what is in it, and who asked."""

import csv
import io
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import rich_click as click

from screening.account import actor
from screening.given_values import TEXT
from screening.ledger.accesses import Access, Wanted, find_accesses
from screening.ledger.ledger import Ledger
from screening.ledger.log.audit import prove as prove_record
from screening.ledger.log.audit import verify_log
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.keys import LOG_KEY, read_log_key
from screening.ledger.log.notes import (
    MAX_NOTE_BYTES,
    NoteRefused,
    VerifierKey,
    parse_verifier_key,
)
from screening.ledger.verify import Report, segment_ids, verify_ledger
from screening.streams import flush_output, readers_may_leave
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.wire import ROW_RESULTS

_RECEIPT_CHARACTERS: Final = 26
_RECEIPT_ALPHABET: Final = frozenset("abcdefghijklmnopqrstuvwxyz234567")


class _Key(click.ParamType[VerifierKey]):
    name = "vkey"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> VerifierKey:
        try:
            return parse_verifier_key(_content(value) or value)
        except NoteRefused as error:
            sentence = f"{error}; give what `screening audit key` prints, or a file that holds it"
            raise click.BadParameter(sentence, ctx=ctx, param=param) from None


def _content(name: str) -> str | None:
    """Return what a file holds, or None where there is none of that name."""
    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_NOTE_BYTES).decode("utf-8-sig", errors="replace").strip()
    except (OSError, ValueError):  # The text of a key is no name of a file.
        return None


_JOURNAL: Final = click.option(
    "--journal",
    type=click.Path(path_type=Path),
    help="Folder of the segments; $SCREENING_HOME/journal unless set.",
)
_KEY: Final = click.option(
    "--key",
    type=_Key(),
    help="Whose signature is believed: what `screening audit key` prints, or a file that holds it; "
    "the host's unless set.",
)


@click.group()
def audit() -> None:
    """Look into the journal of this host."""


@audit.command()
@_JOURNAL
@_KEY
@click.option(
    "--kept",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept elsewhere: the log must begin with what it is over.",
)
def verify(journal: Path | None, key: VerifierKey | None, kept: Path | None) -> None:
    """Check every record of the journal, and its log.

    Exit 0 when all is whole, 1 with the first bad record.

    Example: screening audit verify
    """
    directory = journal or _home() / "journal"
    report = verify_ledger(directory)
    if kept is not None or key is not None or _has_log(directory):
        older = _read_kept(kept) if kept is not None else None
        signed = verify_log(directory, key or _key_beside(directory), kept=older)
        behind = max(report.records - signed.size, 0)
        _say_what_is_whole(report)
        click.echo(f"log: {signed.size} records are signed, {behind} are not yet")
        if kept is None:
            click.echo(
                f"checkpoint: {directory / LOG / 'checkpoint'}; keep a copy elsewhere, and give it "
                "as --kept later: a log that was made anew shows only beside it"
            )
        return
    _say_what_is_whole(report)
    click.echo("log: none lies here, so no signature was checked")


@audit.command()
def key() -> None:
    """Print the key by which others verify what this host signs.

    Example: screening audit key
    """
    click.echo(_own_key().text)


@audit.command()
@click.argument("receipt")
@_JOURNAL
@_KEY
def prove(receipt: str, journal: Path | None, key: VerifierKey | None) -> None:
    """Print, as JSON, all that shows that the record of a receipt is in the log.

    Example: screening audit prove a2b3c4d5e6f7a2b3c4d5e6f7gh
    """
    whole, _, _ = receipt.partition(".")  # of a bulk request, a row has a number behind it
    if len(whole) != _RECEIPT_CHARACTERS or not _RECEIPT_ALPHABET.issuperset(whole):
        raise OperatorError("a receipt has 26 characters of a-z and 2-7; check what you gave")
    directory = journal or _home() / "journal"
    proof = prove_record(directory, key or _key_beside(directory), whole)
    click.echo(msgspec.json.format(msgspec.json.encode(proof), indent=2))


class _Moment(click.DateTime):
    """A day or a time of UTC, of which no error is an echo."""

    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            moment: datetime = super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail("write a day as 2026-11-26, a time as 2026-11-26T14:30:00Z", param, ctx)
        return moment.replace(tzinfo=UTC)


_TIME: Final = _Moment(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"])


@audit.command()
@_JOURNAL
@_KEY
@click.option("--partner", type=TEXT, help="Of this partner alone.")
@click.option("--from", "since", type=_TIME, help="UTC; a day, or 2026-11-26T14:30:00Z.")
@click.option(
    "--to", "until", type=_TIME, help="UTC, and not itself any more: of one day, the next."
)
@click.option(
    "--purpose", type=TEXT, required=True, help="What it is looked up for: it goes on record."
)
def who(
    *,
    journal: Path | None,
    key: VerifierKey | None,
    partner: str | None,
    since: datetime | None,
    until: datetime | None,
    purpose: str,
) -> None:
    """Print, as CSV, who asked and when, and the index digests of what matched.

    That somebody looked, and what for, is on record before anything is printed. Exit 1 where
    records are damaged, or missing by the signed log, when all others were printed. Exit 2, all
    printed, where no key is there for the log's signature: give --key.

    Example: screening audit who --purpose "case 17" --partner acme --from 2026-11-26
    """
    if not purpose.strip():
        raise click.UsageError("--purpose is empty; say what it is looked up for")
    if since and until and until <= since:
        raise click.UsageError("--to is not behind --from; of one day, give the next")
    wanted = Wanted(partner, since, until)
    directory = journal or _home() / "journal"
    segment_ids(directory)  # where no journal is, nobody has looked into one
    _record_look(directory, wanted, purpose.strip())
    # Standard output is None where whoever started us has closed it.
    table = csv.writer(sys.stdout or io.StringIO(), lineterminator="\n")
    is_empty = True
    with readers_may_leave():
        table.writerow([*_NAMED, *ROW_RESULTS, "digests"])
        for access in find_accesses(directory, wanted):
            table.writerow(_row(access))
            is_empty = False
        flush_output()
        if is_empty:
            click.echo("Nothing on record fits --partner, --from and --to.", err=True)
        if key is not None or _has_log(directory):  # by it alone some that are gone are missed
            verify_log(directory, key or _key_beside(directory))


_NAMED: Final = ("at", "partner", "api_key", "key_id", "receipt", "asked")


def _row(access: Access) -> list[object]:
    named = [getattr(access, name) for name in _NAMED[1:]]
    outcomes = [access.outcomes.get(result, 0) for result in ROW_RESULTS]
    at = access.at.isoformat().replace("+00:00", "Z")
    return [at, *named, *outcomes, " ".join(access.matches.values())]


def _record_look(journal: Path, wanted: Wanted, purpose: str) -> None:
    """Make it durable, in a ledger of its own, that somebody is about to look."""
    looked = {
        "type": "who",
        "at": datetime.now(UTC),
        "actor": actor(),
        "purpose": purpose,
        "journal": os.fsencode(journal.absolute()).decode(errors="backslashreplace"),
        **msgspec.structs.asdict(wanted),
    }
    with Ledger(_home() / "audit", host=socket.gethostname()) as ledger:
        ledger.append([msgspec.json.encode(looked)])


def _home() -> Path:
    # Imported here, so that --help is fast.
    from screening.api.settings import ApiSettings

    return ApiSettings().home


def _key_beside(journal: Path) -> VerifierKey:
    """Return the key of the home that a journal lies in, or is linked from."""
    if _is_of_this_host(journal):
        return _own_key()
    path = journal.absolute().parent / LOG_KEY
    if not path.exists():
        raise OperatorError(
            f"{path} is missing, so nobody's signature is believed here; give --key, as `screening "
            "audit key` prints it on the journal's host"
        )
    return read_log_key(path).verifier


def _has_log(journal: Path) -> bool:
    """Tell whether a journal has a log, or had one: on a host that has its key it is missed."""
    is_own = _is_of_this_host(journal) and (_home() / LOG_KEY).exists()
    return is_own or (journal / LOG).exists()


def _is_of_this_host(journal: Path) -> bool:
    own = _home() / "journal"
    return journal.exists() and own.exists() and journal.samefile(own)


def _own_key() -> VerifierKey:
    return read_log_key(_home() / LOG_KEY).verifier


def _read_kept(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_NOTE_BYTES + 1)


def _say_what_is_whole(report: Report) -> None:
    if not report.records:
        click.echo(
            "empty: nothing is recorded here; whether anything ever was, only a copy of an earlier "
            "seal can show"
        )
        return
    click.echo(
        f"whole: {report.records} records in {report.segments} segments, "
        f"{report.open_segments} of them still open"
    )
    if report.open_segments:
        click.echo("open: what is not sealed yet could be cut off at its end, and not be missed")
    if report.last_seal is not None:
        click.echo(
            f"last seal: number {report.last_seal.number}, {report.last_seal.chain}; keep it "
            "elsewhere: that the end was not cut off shows only beside it"
        )
