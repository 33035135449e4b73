"""The generations that lie in Redis, as the list file remembers them, and overlays on them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from indexer.deployment import Deployment
from indexer.in_force import Release
from indexer.list.policy import Policy, parse_policy
from screening.generations.hashes import sha256_hex
from screening.generations.manifest import MANIFEST_MAX_BYTES
from screening.generations.overlay import NO_CHANGES, OverlayFile, describe_overlay
from screening.generations.writer import Artefacts, upload, upload_overlay
from screening.store import keys
from screening.store.bounded_reads import read_strings

GENERATIONS_KEPT: Final = 3
_FETCHED_WITHIN_S: Final = 60


@dataclass(frozen=True, slots=True)
class BuiltGeneration:
    """A generation that lies in Redis, whether in force or not; `revision` is its last.

    `normaliser` is the version that the list was read in, `canaries` names those that it has.
    """

    key_id: str
    revision: int
    generation: str
    policy: Policy
    normaliser: int
    pepper_id: str
    canaries: bytes
    manifest_sha256: str
    count: int
    built_at: int


@dataclass(frozen=True, slots=True)
class Index:
    """What the checks of one token key are answered from; all of it lies in Redis."""

    built: BuiltGeneration
    overlay: OverlayFile = NO_CHANGES


class Generations:
    """The generations of one deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self._d = deployment
        self._sql = deployment.list_file.connection

    def find_old_overlays(self, release: Release, age_s: float) -> set[str]:
        """Return the token keys whose index of `release` has an overlay, built so long ago."""
        rows = self._sql.execute(
            "SELECT key_id FROM indexes JOIN generations USING (generation, key_id) "
            "WHERE release = ? AND overlay_count > 0 AND built_at <= ?",
            (release.release, self._d.now() - age_s),
        )
        return {row[0] for row in rows}

    def of(self, key_id: str) -> list[BuiltGeneration]:
        """Return what is kept for a token key, the one in force last first."""
        rows = self._sql.execute(
            "SELECT key_id, revision, generation, policy, normaliser, pepper_id, canaries, "
            "manifest_sha256, count, built_at FROM generations WHERE key_id = ? "
            "AND last_release > 0 ORDER BY last_release DESC",
            (key_id,),
        )
        return [
            BuiltGeneration(key_id, revision, generation, parse_policy(policy), *rest)
            for key_id, revision, generation, policy, *rest in rows
        ]

    def store(
        self, artefacts: Artefacts, revision: int, policy: Policy, *, canaries: bytes
    ) -> BuiltGeneration:
        """Upload a generation, built under `policy`, and remember it; nothing is in force yet.

        `canaries` names those that it has.
        """
        with self._d.progress.stage("writing to the store", None):
            upload(self._d.store, artefacts)
        manifest = artefacts.manifest
        built = BuiltGeneration(
            manifest.key_id,
            revision,
            manifest.generation,
            policy,
            self._d.list_file.tags.normaliser,
            manifest.pepper_id,
            canaries,
            sha256_hex(artefacts.encoded_manifest()),
            manifest.files.count,
            manifest.built_at,
        )
        self._sql.execute(
            "INSERT INTO generations (key_id, revision, generation, policy, normaliser, pepper_id, "
            "canaries, manifest_sha256, count, built_at, last_release) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            (
                built.key_id,
                built.revision,
                built.generation,
                policy.encoded(),
                built.normaliser,
                built.pepper_id,
                built.canaries,
                built.manifest_sha256,
                built.count,
                built.built_at,
            ),
        )
        return built

    def store_overlay(self, built: BuiltGeneration, overlay: bytes) -> Index:
        """Upload an overlay on a generation; nothing is in force yet."""
        described = describe_overlay(overlay)
        if described.count:
            upload_overlay(self._d.store, built.key_id, built.generation, overlay)
        return Index(built, described)

    def is_there(self, built: BuiltGeneration) -> bool:
        """Tell whether the store still holds the manifest of a generation."""
        name = keys.manifest(built.key_id, built.generation)
        (document,) = read_strings(self._d.store, [(name, MANIFEST_MAX_BYTES)])
        return document is not None and sha256_hex(document) == built.manifest_sha256

    def keep(self, key_ids: Iterable[str]) -> list[BuiltGeneration]:
        """Return the last few of each token key, and forget all others."""
        kept = [built for key_id in key_ids for built in self.of(key_id)[:GENERATIONS_KEPT]]
        with self._d.list_file.transaction():
            self._sql.execute("CREATE TEMP TABLE IF NOT EXISTS kept (generation TEXT)")
            self._sql.execute("DELETE FROM temp.kept")
            self._sql.executemany(
                "INSERT INTO temp.kept VALUES (?)", [(built.generation,) for built in kept]
            )
            self._sql.execute(
                "DELETE FROM generations WHERE generation NOT IN (SELECT generation FROM temp.kept)"
            )
        return kept

    def recent_overlays(self) -> set[str]:
        """Return the hashes of the overlays that a host may be about to fetch."""
        rows = self._sql.execute(
            "SELECT overlay_sha256 FROM indexes JOIN releases USING (release) "
            "WHERE issued_at > ? OR release IN "
            "(SELECT release FROM releases ORDER BY release DESC LIMIT ?)",
            (self._d.now() - _FETCHED_WITHIN_S, GENERATIONS_KEPT),
        )
        return {row[0] for row in rows}
