"""Which journal is looked into, and whose signature is believed: what the commands share."""

import errno
from pathlib import Path
from typing import Final

import rich_click as click

from screening.audit.matches import Telling
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.keys import LOG_KEY, read_log_key
from screening.ledger.log.notes import (
    MAX_NOTE_BYTES,
    NoteRefused,
    VerifierKey,
    parse_verifier_key,
)
from screening.ledger.log.witnessed import is_witness
from screening.vocabulary.errors import OperatorError


class _PrivateHalves(click.ParamType[Telling]):
    name = "file or folder"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Telling:
        # Imported here alone: a server, which has this command as well, is to open nothing.
        from screening.audit.opened import Opened
        from screening.disclosure.opening import Opener, read_private_halves

        return Opened(Opener(read_private_halves(Path(value))))


class KeyType(click.ParamType[VerifierKey]):
    """A verifier key: its text, or a file that holds it; `prints` is the command that prints it.

    Where that is one `of_witness`, no other is taken, so that a wrong file is no damage of a log.
    """

    name = "vkey"

    def __init__(self, prints: str, *, of_witness: bool = False) -> None:
        self._prints = prints
        self._of_witness = of_witness

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> VerifierKey:
        """Read it."""
        content, why = _content(value)
        try:
            return self._parse(content or value)
        except NoteRefused as error:
            # Every key has a `+`: without one it was to be a file.
            why = why if content is None and "+" not in value else str(error)
            sentence = f"{why}; give what `{self._prints}` prints, or a file that holds it"
            raise click.BadParameter(sentence, ctx=ctx, param=param) from None

    def _parse(self, text: str) -> VerifierKey:
        key = parse_verifier_key(text)
        if is_witness(key) != self._of_witness:
            raise NoteRefused(f"it is a {'log' if self._of_witness else 'witness'}'s key")
        return key


def _content(name: str) -> tuple[str | None, str]:
    """Return what a file holds, or None, and why, where it cannot be read by that name."""
    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_NOTE_BYTES).decode("utf-8-sig", errors="replace").strip(), ""
    except IsADirectoryError:
        return None, "it is a folder" if name else "no such file"
    except OSError as error:  # also of a name that is the text of a key
        is_none = error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
        return None, "no such file" if is_none else f"the file cannot be read: {error.strerror}"
    except ValueError:
        return None, "no such file"


JOURNAL: Final = click.option(
    "--journal",
    type=click.Path(path_type=Path),
    help="Folder of the segments; $SCREENING_HOME/journal unless set.",
)
KEY: Final = click.option(
    "--key",
    type=KeyType("screening audit key"),
    help="Whose signature is believed: what `screening audit key` prints, or a file that holds it; "
    "the host's unless set.",
)

DISCLOSURE_KEY: Final = click.option(
    "--disclosure-key",
    type=_PrivateHalves(),
    help="Private half, or the folder of all of them: matches are opened, a line each. On the host "
    "of the authorised channel, over a copy of the journal; never on an API host.",
)


WITNESS: Final = click.option(
    "--witness",
    type=KeyType("screening witness key", of_witness=True),
    help="Whose countersignature the log must have: what `screening witness key` prints, or a file "
    "that holds it.",
)


def home() -> Path:
    """Return the home of this host."""
    # Imported here, so that --help is fast.
    from screening.api.settings import ApiSettings

    return ApiSettings().home


def key_beside(journal: Path) -> VerifierKey:
    """Return the key of the home that a journal lies in, or is linked from."""
    if _is_of_this_host(journal):
        return own_key()
    path = journal.absolute().parent / LOG_KEY
    if not path.exists():
        raise OperatorError(
            f"{path} is missing, so nobody's signature is believed here; give --key, as `screening "
            "audit key` prints it on the journal's host"
        )
    return read_log_key(path).verifier


def has_log(journal: Path) -> bool:
    """Tell whether a journal has a log, or had one: on a host that has its key it is missed."""
    is_own = _is_of_this_host(journal) and (home() / LOG_KEY).exists()
    return is_own or (journal / LOG).exists()


def _is_of_this_host(journal: Path) -> bool:
    own = home() / "journal"
    return journal.exists() and own.exists() and journal.samefile(own)


def own_key() -> VerifierKey:
    """Return the key of this host."""
    return read_log_key(home() / LOG_KEY).verifier
