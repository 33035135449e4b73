"""Which columns of a file are screened, and what is said of that."""

import shlex
from collections.abc import Sequence

from screening.client.bulk.columns import (
    Column,
    Trust,
    detect_columns,
    left_out,
    recognised_beside,
    told_columns,
)
from screening.client.bulk.countries import (
    count_lacking,
    hint_at_countries,
    refuse_area_codes,
    refuse_second_countries,
    refuse_unheard_countries,
)
from screening.client.bulk.table import Table
from screening.client.commands.bulk_run import BulkOptions
from screening.client.commands.progress import BulkProgress, counted
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import SelectorKind


def choose_columns(
    options: BulkOptions, table: Table, progress: BulkProgress
) -> tuple[Column, ...]:
    """Return the columns to screen, and say which they are; raises `OperatorError`."""
    columns = told_columns(options.told, table) if options.told else detect_columns(table)
    if not options.has_no_areas:
        refuse_area_codes(table, columns)
    if not options.is_one_region:
        refuse_unheard_countries(table)
    refuse_second_countries(table, columns)
    chosen = [f"{one.name} ({one.kind.value})" for one in columns if one.trust is Trust.CERTAIN]
    doubted = [one.name for one in columns if one.trust is Trust.DOUBTED]
    doubtful = [one.name for one in columns if one.trust in (Trust.NAMED, Trust.FOUND)]
    if doubtful:
        region = "" if options.region else ", and --region where phones lack the country code"
        progress.say(
            "Screened only where a value looks like a phone, card or e-mail: "
            f"{', '.join(doubtful)}; use --column to name the columns to screen, and no others"
            f"{region}."
        )
    if doubted:
        progress.say(
            f"Numbers that may be phones, and nothing says so: {', '.join(doubted)}; rows with one "
            "are not screened unless --column names the columns to screen, and no others."
        )
    forgotten = recognised_beside(table, columns) if options.told else []
    _tell_forgotten(forgotten, progress)
    if others := left_out(table, [*columns, *forgotten]):
        _tell_left_out(others, columns, progress)
    if not columns:
        raise OperatorError(
            "no column of phones, cards or e-mails was recognised; name one with --column NAME=KIND"
        )
    if chosen:
        progress.say(f"Screening {counted(table.rows, 'row')} by: {', '.join(chosen)}.")
    _tell_lacking(table, columns, progress)
    return columns


def _tell_lacking(table: Table, columns: Sequence[Column], progress: BulkProgress) -> None:
    """Say, while nothing is asked yet, that phones lack their country, where the first ones do."""
    counts = [(one.name, *count_lacking(table, one)) for one in columns]
    lacking = [f"{lack:,} of the first {of:,} in {name}" for name, lack, of in counts if lack]
    if lacking:
        progress.say(
            f"Phones without the code of a country: {', '.join(lacking)}; rows with one are not "
            "screened unless --region or --region-column tells it, so stop this where one can. "
            f"{hint_at_countries(table)}".rstrip()
        )


def _tell_forgotten(forgotten: Sequence[Column], progress: BulkProgress) -> None:
    if forgotten:
        named = ", ".join(f"{one.name} ({one.kind.value})" for one in forgotten)
        progress.say(
            f"Recognised, and NOT screened, because --column names others: {named}; name them with "
            "--column, too, where they are to be screened."
        )


def _tell_left_out(
    others: Sequence[str], columns: Sequence[Column], progress: BulkProgress
) -> None:
    told = [shlex.quote(f"{one.name}={one.kind.value}") for one in columns]
    kept = " ".join(f"--column {one}" for one in told)
    beside = f", and what is screened already: {kept}" if kept else ""
    if any(one.kind is SelectorKind.PHONE for one in columns):
        beside += " (addresses in a column of phones are screened, too)"
    progress.say(
        f"Not screened, though numbers or addresses stand in them: {', '.join(others)}; name "
        f"with --column what is a phone, card or e-mail{beside}."
    )
