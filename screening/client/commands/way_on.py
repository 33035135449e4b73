"""How a run that stopped is gone on with: the same command, unless that could not help."""

import shlex
import sys
from typing import Final

from screening.client.bulk.resume import ResumeFile
from screening.client.commands.bulk_run import BulkOptions
from screening.vocabulary.errors import (
    KitMismatch,
    QuotaExceeded,
    ScreeningError,
    Unknown,
    UnknownKeyId,
)

ANEW: Final = "--anew"
"""The option that forgets what was answered: no part of the command that goes on."""


def same_command() -> str:
    """Return the command that was given, as it goes on."""
    return shlex.join(["gen-screen", *(word for word in sys.argv[1:] if word != ANEW)])


def way_on(error: ScreeningError | None, resume: ResumeFile, options: BulkOptions) -> str:
    """Return what became of the answers, and what helps now; None is an interruption by hand."""
    kept = "what was answered is kept" if resume.rows else "nothing is answered yet"
    goes_on = f"{'goes on' if resume.rows else 'begins again'}: {same_command()}"
    if isinstance(error, UnknownKeyId | KitMismatch):
        if not resume.rows:
            return f"{kept}, and this kit gets no answer"
        return (
            f"this kit gets no more answers, and {options.resume} holds those that it got: keep it "
            "if the kit can be restored; with a new kit give --anew, and every row is asked anew"
        )
    # Of what has matched a person decides, and no time alone.
    passes_by_itself = (isinstance(error, QuotaExceeded) and error.policy != "matches") or (
        isinstance(error, Unknown) and error.reason != "protocol"
    )
    if error is None or passes_by_itself:
        return f"{kept}, and this {goes_on}"
    return f"{kept}; once the trouble named below is mended, this {goes_on}"
