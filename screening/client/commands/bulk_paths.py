"""The files of a `gen-screen bulk`: none that it reads, or that proves an answer, is overwritten.

A file is the same file by whatever name: through another path, a symbolic link or a hard link.
"""

from pathlib import Path
from typing import Final

from screening.client.bulk.output import partial_path
from screening.client.bulk.resume import is_record
from screening.client.commands.bulk_run import BulkOptions
from screening.given_values import STDIN
from screening.vocabulary.errors import OperatorError

_OF_WORKBOOKS: Final = frozenset(
    (".xlsx", ".xlsm", ".xlsb", ".xltx", ".xls", ".ods", ".fods", ".numbers")
)
"""A spreadsheet does not open CSV that has such a name."""


def refuse_paths(options: BulkOptions) -> None:
    """Raise `OperatorError` where the files of a run cannot be what the command line says."""
    try:
        _refuse_source(options.source)
        _refuse_places(options)
        _refuse_destroying(options)
        refuse_taken(options, answered=is_record(options.resume) and not options.anew)
    except OSError as error:
        raise OperatorError(
            f"{options.out} is no place for a file: {error.strerror}; choose another -o"
        ) from None


def refuse_taken(options: BulkOptions, *, answered: bool) -> None:
    """Raise `OperatorError` where a file exists that only `--overwrite` replaces.

    Once all is `answered`, OUT may be what this run wrote before it was killed: that is looked at
    when it is written.
    """
    for path in (options.out, options.receipts):
        is_own = answered and path == options.out
        if (path.exists() or path.is_symlink()) and not options.overwrite and not is_own:
            raise OperatorError(f"{path} exists; choose another -o, or give --overwrite")


def _refuse_source(source: Path) -> None:
    if source.is_dir():
        raise OperatorError(f"{source} is a folder; give one file of it")
    if str(source) == STDIN or (source.exists() and not source.is_file()):
        raise OperatorError("bulk reads IN several times; give it a file, no - and no pipe")


def _refuse_places(options: BulkOptions) -> None:
    out = options.out
    if out.suffix.lower() in _OF_WORKBOOKS:
        raise OperatorError(
            f"{out} has the name of a workbook, and what is written is CSV; choose another -o, one "
            "that ends in .csv"
        )
    if str(out) == STDIN:
        raise OperatorError("bulk writes more than one file; give -o the name of a file, and no -")
    if not out.name or not out.parent.is_dir():
        raise OperatorError(f"{out} is no place for a file; choose another -o")
    for path in (out, options.receipts):
        if path.exists() and not path.is_file():
            raise OperatorError(f"{path} is no file that can be replaced; choose another -o")


def _refuse_destroying(options: BulkOptions) -> None:
    """Refuse what not even `--overwrite` means."""
    read = {"IN": options.source, "the kit": Path(options.kit)}
    for written in (options.out, options.resume, options.receipts, partial_path(options.out)):
        for name, path in read.items():
            if _are_same(written, path):
                raise OperatorError(f"{written} would be written and is {name}; choose another -o")
    if is_record(options.out):
        raise OperatorError(
            f"{options.out} proves what a run asked and was answered; choose another -o"
        )


def _are_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)
