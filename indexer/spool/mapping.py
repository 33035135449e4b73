"""The map: the console is told what the index digests of each token key in force stand for.

Told is what has come since it was told last, so that it costs what has changed; a new token key, or
one with another pepper or policy, is told whole. What was listed and is no more stays told: records
of that time name it. Killed anywhere, the same command goes on behind the last part.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from indexer.deployment import Deployment
from indexer.in_force import AnsweredIndex, Release, find_current, find_index
from indexer.index.share import Keys, digests
from indexer.keyring import KeptTokenKey
from indexer.list.partners import partner_records
from indexer.list.policy import parse_policy
from indexer.list.resolved import Resolved, resolve, resolve_changes
from indexer.list.slow_hashes import Hashed, SlowHashes
from indexer.list.told_maps import ToldMap, ToldMaps
from indexer.spool.keys import SpoolKeys
from indexer.spool.up import UpSpool
from indexer.stretching import Stretching
from screening.spools.index_map import MOST_ENTRIES, MapEntry, MapPart
from screening.spools.up_file import UpHead
from screening.vocabulary.tokens import pepper_id

COMMAND: Final = "spool map"
_WHOLE: Final = 0
"""As the revision through which all was told, before anything was."""


@dataclass(frozen=True, slots=True)
class ToldOfKey:
    """What was told of a token key: so many digests, or that it has ended."""

    key_id: str
    entries: int
    ended: bool = False


class Mapping:
    """Tells what the release in force answers from; of keys of test mode there is nothing."""

    def __init__(self, deployment: Deployment, *, part_entries: int = MOST_ENTRIES) -> None:
        """Raises `OperatorError` where `spool init` has not been run."""
        self._d = deployment
        keys = SpoolKeys(deployment.settings.home, deployment.keyring)
        keys.console()
        self._up = UpSpool(deployment, keys)
        self._told = ToldMaps(deployment.list_file)
        self._part_entries = part_entries

    def tell(self) -> Iterator[ToldOfKey]:
        """Tell all that is new, a token key after the other; yield each that there was news of."""
        self._up.lay()
        release = find_current(self._d.list_file)
        live = self._live_key_ids(release)
        for key_id in self._told.key_ids():
            if key_id not in live:
                yield self._end(key_id)
        for key_id in live:
            index = find_index(self._d.list_file, release, key_id)
            if release is not None and index is not None:
                entries = self._tell_key(key_id, index, release.revision)
                if entries:
                    yield ToldOfKey(key_id, entries)

    def _live_key_ids(self, release: Release | None) -> list[str]:
        in_force = {} if release is None else release.plan
        return [
            key_id
            for record in partner_records(self._d.list_file)
            if record.mode == "live"
            for key_id in record.key_ids
            if key_id in in_force
        ]

    def _end(self, key_id: str) -> ToldOfKey:
        def ended(head: UpHead) -> MapPart:
            return MapPart("screening-map/1", *head, key_id, ended=True, entries=[])

        self._d.record(COMMAND, key_id=key_id, ended=True)
        with self._d.list_file.transaction():
            self._up.keep(ended)
            self._told.forget(key_id)
        self._up.lay()
        return ToldOfKey(key_id, 0, ended=True)

    def _tell_key(self, key_id: str, index: AnsweredIndex, revision: int) -> int:
        pepper = pepper_id(self._d.keyring.pepper)
        if not self._is_of_pepper(index.generation, pepper):
            return 0  # of a rotation that is under way: the next release is of the new one
        made_as = f"{pepper} {index.policy}"
        told = self._told.find(key_id)
        if told is None or told.made_as != made_as:
            told = ToldMap(key_id, made_as, _WHOLE, revision, b"")
        elif told.revision == revision:
            return 0
        elif told.going_to != revision:
            told = told._replace(going_to=revision, through=b"")
        token_key = self._d.keyring.token_key(key_id)
        resolved = self._resolved(told, index, token_key)
        self._d.record(COMMAND, key_id=key_id, after=told.revision, revision=revision)
        with self._d.progress.stage(f"telling {key_id}", resolved.count) as advance:
            entries = 0
            while told.revision != revision:
                found = self._hashes(token_key).known(
                    resolved, after=told.through, at_most=self._part_entries
                )
                told = self._tell_part(told, found, token_key)
                entries += len(found)
                advance(len(found))
        return entries

    def _tell_part(self, told: ToldMap, found: list[Hashed], token_key: KeptTokenKey) -> ToldMap:
        """Tell the next forms, and how far it is told then; return that."""
        if len(found) < self._part_entries:
            told = told._replace(revision=told.going_to, through=b"")
        else:
            told = told._replace(through=found[-1].form)
        entries = self._entries(found, token_key)

        def part(head: UpHead) -> MapPart:
            return MapPart("screening-map/1", *head, token_key.key_id, ended=False, entries=entries)

        with self._d.list_file.transaction():
            if entries:
                self._up.keep(part)
            self._told.note(told)
        self._up.lay()
        return told

    def _resolved(self, told: ToldMap, index: AnsweredIndex, token_key: KeptTokenKey) -> Resolved:
        """Settle what is to be told, what has expired since among it: records may be older."""
        list_file, policy = self._d.list_file, parse_policy(index.policy)
        normaliser = token_key.normaliser
        if told.revision == _WHOLE:
            return resolve(list_file, told.going_to, policy, as_of=0, normaliser=normaliser)
        return resolve_changes(
            list_file, told.going_to, policy, base=told.revision, normaliser=normaliser
        )

    def _entries(self, found: list[Hashed], token_key: KeptTokenKey) -> list[MapEntry]:
        keys = Keys(token_key.key_id, token_key.secret, self._d.keyring.pepper)
        made = digests([(one.stretched, None) for one in found], keys)
        return [
            MapEntry(digest.hex(), one.canonical.kind.value, one.canonical.text)
            for digest, one in zip(made, found, strict=True)
        ]

    def _hashes(self, token_key: KeptTokenKey) -> SlowHashes:
        return SlowHashes(self._d.list_file, Stretching.of(token_key))

    def _is_of_pepper(self, generation: str, pepper: str) -> bool:
        row = self._d.list_file.connection.execute(
            "SELECT pepper_id FROM generations WHERE generation = ?", (generation,)
        ).fetchone()
        return row is not None and row[0] == pepper
