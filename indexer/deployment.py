"""Everything that a state-changing command works with, held by one command at a time."""

import io
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import redis

from indexer.disclosure_keys import DisclosurePairs
from indexer.keyring import Keyring, Keys, create_keyring, keyring_exists, refuse_foreign_share
from indexer.list.draft_rows import Taking
from indexer.list.exclusions import exclusions_in_force, overridden_tags
from indexer.list.file import ListFile
from indexer.list.revisions import Revisions
from indexer.progress import Progress
from indexer.sealing import Sealer
from indexer.settings import IndexerSettings
from screening.account import actor
from screening.disclosure.opening import PrivateHalf
from screening.exclusions.matcher import Exclusions
from screening.file_lock import try_flock
from screening.ledger.ledger import Ledger
from screening.private_files import ensure_private_directory, regular_descriptor
from screening.store.connection import open_store
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import OperatorError, StoreUnavailable, Untrusted

# Publishing waits for megabytes to be written; an API worker never waits that long.
STORE_TIMEOUT_MS = 10_000


@dataclass(frozen=True, slots=True)
class Deployment:
    """The indexer's secrets, list, ledger and store.

    `afterwards` is left once another command may be at work here: what it calls back may still
    read the list and the store, and changes nothing.
    """

    settings: IndexerSettings
    keyring: Keyring
    list_file: ListFile
    ledger: Ledger
    store: redis.Redis
    progress: Progress
    clock: Callable[[], float]
    actor: str
    afterwards: ExitStack

    def now(self) -> int:
        """Return Unix seconds."""
        return int(self.clock())

    def exclusions(self) -> Exclusions:
        """Return what the safety lists keep off the list, as of now."""
        return exclusions_in_force(self.list_file, self.settings.excluded_categories)

    def taking(self) -> Taking:
        """Return what decides, as of now, which entries are taken."""
        return Taking(
            tags=self.list_file.tags,
            now=self.now(),
            retracted=Revisions(self.list_file).blocked_tags("retracted"),
            overridden=overridden_tags(self.list_file),
            exclusions=self.exclusions(),
        )

    def record(self, command: str, **facts: object) -> None:
        """Make a record of `command` durable, before the command changes anything."""
        append_record(self.ledger, self.actor, self.clock(), {"command": command, **facts})


@contextmanager
def open_deployment(
    settings: IndexerSettings, store_settings: StoreSettings, progress: Progress
) -> Iterator[Deployment]:
    """Open everything under the home's lock; `OperatorError` where another command holds it."""
    keyring = Keyring(settings.home)
    with ExitStack() as afterwards, ExitStack() as locked:
        locked.enter_context(exclusively(settings.home / "lock"))
        with telling_that_nothing_is_changed():
            store = afterwards.enter_context(
                open_store(store_settings, timeout_ms=STORE_TIMEOUT_MS)
            )
        list_file = open_list(settings, keyring)
        afterwards.callback(list_file.close)
        ledger = locked.enter_context(open_ledger(settings))
        yield Deployment(
            settings,
            keyring,
            list_file,
            ledger,
            store.client,
            progress,
            time.time,
            actor(),
            afterwards,
        )


@contextmanager
def telling_that_nothing_is_changed() -> Iterator[None]:
    """Let an error of the store say that the command has not begun.

    What was noted comes in force with the next command that succeeds; this would not.
    """
    try:
        yield
    except (StoreUnavailable, Untrusted) as error:
        raise type(error)(
            f"{error}; this command has changed nothing, and noted nothing: do it again then"
        ) from None


def init_home(settings: IndexerSettings) -> Path | None:
    """Make the keyring, the API's share of it and a disclosure key, or what of them is missing.

    Return where the private half of the disclosure key is, if it was made now.
    """
    # Before any folder is made: one that is not empty would stand in the way of a restore.
    refuse_foreign_share(settings.home, settings.secrets)
    pairs = disclosure_pairs(settings)
    home = ensure_private_directory(settings.home)
    with exclusively(home / "lock"), open_ledger(settings) as ledger:
        if not keyring_exists(home):
            append_record(ledger, actor(), time.time(), {"command": "init"})
        create_keyring(home, settings.secrets)
        pairs.lay_share()
        return None if pairs.known() else _add_disclosure_pair(pairs, ledger)


def rotate_disclosure_key(settings: IndexerSettings) -> Path:
    """Make another disclosure key, which seals from then on; return where its private half is."""
    Keyring(settings.home)  # says what to do where there is none
    pairs = disclosure_pairs(settings)
    with exclusively(settings.home / "lock"), open_ledger(settings) as ledger:
        pairs.lay_share()
        return _add_disclosure_pair(pairs, ledger)


def disclosure_pairs(settings: IndexerSettings) -> DisclosurePairs:
    """Return the disclosure keys of a home."""
    return DisclosurePairs(settings.home, settings.secrets, settings.disclosure)


def _add_disclosure_pair(pairs: DisclosurePairs, ledger: Ledger) -> Path:
    half = PrivateHalf.generate()
    facts = {"command": "disclosure key", "disclosure": half.key.id}
    append_record(ledger, actor(), time.time(), facts)
    return pairs.add(half)


def open_ledger(settings: IndexerSettings) -> Ledger:
    """Open the ledger of a home, made where it is absent."""
    return Ledger(ensure_private_directory(settings.home / "ledger"), host=socket.gethostname())


def append_record(ledger: Ledger, who: str, now: float, facts: Mapping[str, object]) -> None:
    """Make a record of what `who` does durable; `now` is Unix seconds."""
    record = {"at": datetime.fromtimestamp(now, UTC), "actor": who, **facts}
    ledger.append([msgspec.json.encode(record)])


def open_list(settings: IndexerSettings, keyring: Keys, *, read_only: bool = False) -> ListFile:
    """Open the list file of a home."""
    path, sealer = list_path(settings), Sealer(keyring.sealing_key)
    return ListFile(path, sealer, time.time, read_only=read_only)


@contextmanager
def reading_on_record(
    settings: IndexerSettings, keyring: Keys, facts: Mapping[str, object]
) -> Iterator[ListFile]:
    """Open the list file for whoever is shown what it holds; `facts` are on record before.

    Raises `OperatorError` where another command is at work.
    """
    with (
        exclusively(settings.home / "lock"),
        open_ledger(settings) as ledger,
        closing(open_list(settings, keyring, read_only=True)) as list_file,
    ):
        append_record(ledger, actor(), time.time(), facts)
        yield list_file


def list_path(settings: IndexerSettings) -> Path:
    """Return where the list file of a home is, or will be."""
    return settings.home / "list.sqlite"


@contextmanager
def exclusively(path: Path) -> Iterator[None]:
    """Hold the lock `path` of a home; `OperatorError` where another command does."""
    with io.FileIO(path, "a", opener=regular_descriptor) as lock:
        if not try_flock(lock):
            raise OperatorError("another indexer command is at work here; wait for its end")
        yield
