"""Which journal is looked into, and whose signature is believed: what the commands share."""

from pathlib import Path
from typing import Final

import rich_click as click

from screening.audit.matches import Telling
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.key_option import KeyType
from screening.ledger.log.keys import LOG_KEY, read_log_key
from screening.ledger.log.notes import VerifierKey
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
