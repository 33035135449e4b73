"""`screening audit who`: who asked and when, once it is on record that somebody looks."""

import csv
import io
import os
import socket
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import rich_click as click

from screening.account import actor
from screening.audit.keeping import dropped_lines
from screening.audit.matches import Sealed, Telling
from screening.audit.options import DISCLOSURE_KEY, JOURNAL, KEY, has_log, home, key_beside
from screening.commands import file_sentence
from screening.given_values import MOMENT, TEXT
from screening.ledger.accesses import Access, FeedbackGiven, Wanted, find_accesses
from screening.ledger.ledger import Ledger
from screening.ledger.log.audit import verify_log
from screening.ledger.log.notes import VerifierKey
from screening.ledger.verify import segment_ids
from screening.streams import flush_output, readers_may_leave
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from screening.vocabulary.wire import ROW_RESULTS

_NAMED: Final = ("at", "partner", "api_key", "key_id", "receipt", "asked")
_TOLD: Final = ("kinds", "actor", "key_purpose", "feedback")


@click.command()
@JOURNAL
@KEY
@click.option("--partner", type=TEXT, help="Of this partner alone.")
@click.option("--from", "since", type=MOMENT, help="UTC; a day, or 2026-11-26T14:30:00Z.")
@click.option(
    "--to", "until", type=MOMENT, help="UTC, and not itself any more: of one day, the next."
)
@DISCLOSURE_KEY
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
    disclosure_key: Telling | None,
    purpose: str,
) -> None:
    """Print, as CSV, who asked and when, how much matched, and with a private half, what.

    In the order of the journal, which is of one worker after the other: sort by the column at. What
    a partner said of a match is a line of its own, with an outcome in the column feedback.

    That somebody looked, what for, and whether matches were opened, is on record before anything is
    printed. Exit 1 where records are damaged, missing by the signed log, or not what was sealed,
    when all others were printed. Exit 2, all printed, where no key is there for the log's
    signature: give --key; or no private half for a match: give the folder of all.

    Example: screening audit who --purpose "case 17" --partner acme --from 2026-11-26
    """
    _require_purpose(purpose)
    if since and until and until <= since:
        raise click.UsageError("--to is not behind --from; of one day, give the next")
    wanted = Wanted(partner, since, until)
    directory = journal or home() / "journal"
    segment_ids(directory)  # where no journal is, nobody has looked into one
    telling = disclosure_key or Sealed()
    _record_look(directory, wanted, purpose.strip(), opened_with=telling.opened_with)
    wrong: list[str] = []
    with readers_may_leave():
        _print_accesses(find_accesses(directory, wanted), telling, wrong)
        _check_by_log(directory, key, wrong)
    if wrong:
        raise LedgerDamaged(*wrong)
    if telling.not_opened():
        raise OperatorError(
            "not all matches are opened: give the folder of all private halves as --disclosure-key"
        )


def _require_purpose(purpose: str) -> None:
    """Raise `click.UsageError` for what says nothing, or too much: it stays on record as it is."""
    from screening.vocabulary.obscured import may_be_contact  # which an API has no use for

    if not purpose.strip():
        raise click.UsageError("--purpose is empty; say what it is looked up for")
    if may_be_contact(purpose):
        raise click.UsageError(
            "--purpose looks like a phone, card or e-mail; name a case, with fewer than 9 digits"
        )


def _print_accesses(
    found: Iterable[Access | FeedbackGiven], telling: Telling, wrong: list[str]
) -> None:
    """Print all that can be read, and add to `wrong` what is wrong with the rest."""
    # Standard output is None where whoever started us has closed it.
    table = csv.writer(sys.stdout or io.StringIO(), lineterminator="\n")
    table.writerow([*_NAMED, *ROW_RESULTS, *_TOLD, *telling.columns])
    is_empty = True
    try:
        for access in found:
            if isinstance(access, FeedbackGiven):
                table.writerow([*_cells_of_feedback(access), *("" for _ in telling.columns)])
            else:
                table.writerows([*_cells(access), *cells] for cells in telling.rows(access))
            is_empty = False
    except LedgerDamaged as error:
        wrong += error.sentences
    wrong += telling.wrong()
    flush_output()
    for sentence in telling.not_opened():  # which is no damage
        click.echo(sentence, err=True)
    if is_empty:
        click.echo("Nothing on record fits what was asked for.", err=True)


def _check_by_log(journal: Path, key: VerifierKey | None, wrong: list[str]) -> None:
    """Hold a journal against its signed log, by which alone some that are gone are missed.

    Adds what it finds to `wrong`, and that it could not look, where that is not all that is wrong.
    """
    try:
        _require_log(journal, key)
    except LedgerDamaged as error:
        wrong += error.sentences
    except (OperatorError, OSError) as error:
        if not wrong or isinstance(error, BrokenPipeError):
            raise
        wrong.append(str(error) if isinstance(error, OperatorError) else file_sentence(error))


def _require_log(journal: Path, key: VerifierKey | None) -> None:
    if key is None and not has_log(journal):
        return
    if sys.stderr is not None and sys.stderr.isatty():
        click.echo("All is printed; now it is held against the signed log.", err=True)
    signed = verify_log(journal, key or key_beside(journal))
    for line in dropped_lines(signed.dropped):
        click.echo(f"Not here any more, {line}", err=True)
    if signed.unsigned:
        click.echo(
            f"Of the records that lie here {signed.unsigned} are under no signature: made within "
            "2 s before the last one, or by somebody else.",
            err=True,
        )


def _cells(access: Access) -> list[object]:
    named = [getattr(access, name) for name in _NAMED[1:]]
    outcomes = [access.outcomes.get(result, 0) for result in ROW_RESULTS]
    kinds = " ".join(f"{kind}:{count}" for kind, count in access.kinds.items())
    return [_moment(access.at), *named, *outcomes, kinds, access.actor, access.key_purpose, ""]


def _cells_of_feedback(given: FeedbackGiven) -> list[object]:
    asked_nothing = ["" for _ in ("asked", *ROW_RESULTS)]
    named = [_moment(given.at), given.partner, given.api_key, "", given.of]
    return [*named, *asked_nothing, "", "", given.key_purpose, given.outcome]


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _record_look(
    journal: Path, wanted: Wanted, purpose: str, *, opened_with: Sequence[str]
) -> None:
    """Make it durable, in a ledger of its own, that somebody is about to look.

    `opened_with` names the disclosure keys that matches are opened with.
    """
    looked = {
        "type": "who",
        "at": datetime.now(UTC),
        "actor": actor(),
        "purpose": purpose,
        "journal": os.fsencode(journal.absolute()).decode(errors="backslashreplace"),
        **msgspec.structs.asdict(wanted),
        "opened_with": opened_with,
    }
    with Ledger(home() / "audit", host=socket.gethostname()) as ledger:
        ledger.append([msgspec.json.encode(looked)])
