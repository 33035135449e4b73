"""The indexer's secrets: one file each, 0600, made atomically, never overwritten.

The API's share lies in a folder of its own, which is all that an API host is given:
`pepper.key`, `api-keys.key` (verifies API keys), `verifying.key` (verifies signatures) and
`disclosure.pub` (`disclosure_keys.py`).
"""

import os
import re
import secrets
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Final

import msgspec

from screening.disclosure.keys import PUBLIC_HALVES
from screening.private_files import (
    create_private,
    ensure_private_directory,
    read_private,
    replace_private,
    sync_directory,
)
from screening.store.signed import Signer
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.kit import TokenKey
from screening.vocabulary.unreadable import UNREADABLE

KEYRING: Final = "keyring"
PEPPER: Final = "pepper.key"
NEXT_PEPPER: Final = "pepper-next.key"
OLD_PEPPER: Final = "pepper-old.key"
API_KEYS: Final = "api-keys.key"
VERIFYING: Final = "verifying.key"
_KEY_BYTES: Final = {
    "signing.key": 32,  # Ed25519: signs heads and partner records
    "sealing.key": 32,  # AES-256-GCM and blind tags of the list file
    "salt": 16,  # of the slow hash, deployment-wide, in every kit
    PEPPER: 32,  # turns tokens into index digests; the API has it too
    API_KEYS: 32,  # turns API keys into verifiers; the API has it too
}
# As it is called in the end, and while `private_files` is making it.
_TOKEN_KEY_FILE: Final = re.compile(r"\.?([a-z0-9-]+)\.json(?:\.[0-9a-f]+)?")


def create_keyring(home: Path, secrets_folder: Path) -> None:
    """Make every key that is not there yet; safe to run again after it was interrupted.

    Raises `OperatorError` as `refuse_foreign_share` does, before anything is made, and where the
    API's share belongs to another keyring.
    """
    refuse_foreign_share(home, secrets_folder)
    folder = ensure_private_directory(home / KEYRING)
    ensure_private_directory(folder / "token-keys")
    ensure_private_directory(secrets_folder)
    for name, size in _KEY_BYTES.items():
        if not (folder / name).exists():
            create_private(folder / name, secrets.token_bytes(size))
    _lay_share(home, secrets_folder)


def _lay_share(home: Path, share: Path) -> None:
    folder = home / KEYRING
    peppers = {
        name: read_private(folder / name)
        for name in (OLD_PEPPER, NEXT_PEPPER, PEPPER)
        if (folder / name).exists()
    }
    fixed = {
        API_KEYS: read_private(folder / API_KEYS),
        VERIFYING: Keyring(home).signer.verifier().public_key,
    }
    # A rotation that died half-way left the share a step behind: its pepper is one of the keyring's
    # still, and is laid beside the one that takes its place.
    allowed = {PEPPER: [*peppers.values()], **{name: [key] for name, key in fixed.items()}}
    for name, keys in allowed.items():
        if (share / name).exists() and read_private(share / name) not in keys:
            raise OperatorError(
                f"{share} belongs to another keyring; point SCREENING_SECRETS elsewhere"
            )
    for name, content in {**peppers, **fixed}.items():
        if not _holds(share / name, content):
            replace_private(share / name, content)


def _holds(path: Path, content: bytes) -> bool:
    return path.exists() and read_private(path) == content


def refuse_foreign_share(home: Path, secrets_folder: Path) -> None:
    """Raise `OperatorError` where there is an API's share and no whole keyring that it is of.

    The share is made last: a key was lost, and a new one in its place would fit nothing. And where
    one folder lies in the other: whoever is given the share would be given the keyring.
    """
    refuse_one_within_the_other(home, secrets_folder)
    shares = (PEPPER, API_KEYS, VERIFYING, PUBLIC_HALVES)
    if any((secrets_folder / name).exists() for name in shares) and not keyring_exists(home):
        raise OperatorError(
            f"{secrets_folder} belongs to a keyring that is not whole in {home}; restore that from "
            "a backup (indexer restore), or point SCREENING_SECRETS elsewhere"
        )


class KeptTokenKey(TokenKey, frozen=True, forbid_unknown_fields=True):
    """A token key, with the normaliser version that its kit names."""

    normaliser: int

    def given(self) -> TokenKey:
        """Return what of it a kit holds beside that version."""
        return TokenKey(self.key_id, self.secret, self.salt, self.stretch)


def refuse_one_within_the_other(home: Path, secrets_folder: Path) -> None:
    """Raise `OperatorError` where one folder lies in the other, or is the other."""
    mine, shared = (Path(os.path.realpath(one)) for one in (home, secrets_folder))
    if mine.is_relative_to(shared) or shared.is_relative_to(mine):
        raise OperatorError(
            f"the API hosts are given all that is in {secrets_folder}; point SCREENING_SECRETS to "
            f"a folder apart from {home}"
        )


def keyring_exists(home: Path) -> bool:
    """Tell whether `indexer init` has completed a keyring in `home`."""
    return all((home / KEYRING / name).exists() for name in _KEY_BYTES)


class Keys:
    """The keys of one deployment, as the files of its keyring hold them."""

    def __init__(self, read: Callable[[str], bytes], place: str) -> None:
        """Take them from the files that `read` returns the content of, by their names in `place`.

        Raises `OperatorError` where one is damaged, and what `read` raises where one is gone.
        """
        self._read = read
        keys = {name: read(name) for name in _KEY_BYTES}
        for name, size in _KEY_BYTES.items():
            if len(keys[name]) != size:
                raise OperatorError(f"{place}/{name} is damaged; restore it from a backup")
        self.signer = Signer(keys["signing.key"])
        self.sealing_key = keys["sealing.key"]
        self.salt = keys["salt"]
        self.pepper = keys[PEPPER]
        self.api_keys_key = keys[API_KEYS]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    def token_key(self, key_id: str) -> KeptTokenKey:
        """Read a token key; raises `OperatorError` where it is gone or damaged."""
        try:
            return msgspec.json.decode(self._read(_token_key_file(key_id)), type=KeptTokenKey)
        except UNREADABLE:
            raise OperatorError(
                f"the token key {key_id} is damaged; restore it from a backup"
            ) from None


class Keyring(Keys):
    """The keys of one deployment, in the keyring of its home."""

    def __init__(self, home: Path) -> None:
        if not keyring_exists(home):
            raise OperatorError(
                f"there is no complete keyring in {home.absolute()}; change to the folder that has "
                "it or set INDEXER_HOME; where it is lost, see: indexer restore; or, the first "
                "time, run: indexer init"
            )
        folder = ensure_private_directory(ensure_private_directory(home) / KEYRING)
        self._folder = folder
        self._token_keys = ensure_private_directory(folder / "token-keys")
        super().__init__(lambda name: read_private(folder / name), str(folder))

    def renew_salt(self) -> None:
        """Make the salt of token keys to come; those there are keep theirs."""
        self.salt = secrets.token_bytes(_KEY_BYTES["salt"])
        replace_private(self._folder / "salt", self.salt)

    @property
    def next_pepper(self) -> bytes | None:
        """The pepper that is being given to the API hosts, None where none is."""
        path = self._folder / NEXT_PEPPER
        return read_private(path) if path.exists() else None

    @property
    def has_old_pepper(self) -> bool:
        """Whether the pepper before this one is still kept."""
        return (self._folder / OLD_PEPPER).exists()

    def begin_pepper(self, share: Path) -> None:
        """Make the next pepper, and lay it into the API's `share`."""
        if self.next_pepper is None:
            create_private(self._folder / NEXT_PEPPER, secrets.token_bytes(_KEY_BYTES[PEPPER]))
        self._give(NEXT_PEPPER, share)

    def switch_pepper(self, share: Path) -> None:
        """Make the next pepper the one that indexes are built with, and keep the old one.

        May die anywhere and be done again: both peppers lie in both folders all the time.
        """
        pepper = self.next_pepper
        if pepper is None:
            return
        if self.pepper != pepper:
            replace_private(self._folder / OLD_PEPPER, self.pepper)
            self._give(OLD_PEPPER, share)
            replace_private(self._folder / PEPPER, pepper)
            self.pepper = pepper
        self._give(PEPPER, share)
        for folder in (share, self._folder):
            _remove(folder / NEXT_PEPPER)

    def forget_old_pepper(self, share: Path) -> None:
        """Remove the old pepper from the disk, and from the API's share."""
        for folder in (share, self._folder):
            _remove(folder / OLD_PEPPER)

    def _give(self, name: str, share: Path) -> None:
        replace_private(share / name, read_private(self._folder / name))

    def keep_token_key(self, token_key: KeptTokenKey) -> None:
        """Store a new token key, durably; its `key_id` must never have been used."""
        try:
            create_private(self._path(token_key.key_id), msgspec.json.encode(token_key))
        except FileExistsError:
            raise OperatorError(f"the key_id {token_key.key_id} was used before") from None

    def is_used(self, key_id: str) -> bool:
        """Tell whether a token key of this name was ever made."""
        return self._path(key_id).exists()

    def key_ids(self) -> set[str]:
        """Return all token keys that are kept, half-made ones included."""
        return {key_id for key_id, _ in self._files()}

    def key_ids_of(self, partner: str) -> list[str]:
        """Return the token keys that were made for a partner and are not forgotten."""
        made_for = re.compile(rf"{re.escape(partner)}-[0-9]{{4}}[a-z]{{1,2}}")
        return sorted(key_id for key_id in self.key_ids() if made_for.fullmatch(key_id))

    def forget_token_keys(self, key_ids: Collection[str]) -> None:
        """Remove token keys from the disk, durably, as far as they are there."""
        gone = [path for key_id, path in self._files() if key_id in key_ids]
        for path in gone:
            path.unlink()
        if gone:
            sync_directory(self._token_keys)

    def _files(self) -> Iterator[tuple[str, Path]]:
        """Yield the key_id that each file is about; one left half-made by who died counts."""
        for path in self._token_keys.iterdir():
            match = _TOKEN_KEY_FILE.fullmatch(path.name)
            if match is not None:
                yield match[1], path

    def _path(self, key_id: str) -> Path:
        return self._folder / _token_key_file(key_id)


def _token_key_file(key_id: str) -> str:
    return f"token-keys/{key_id}.json"


def _remove(path: Path) -> None:
    if path.exists():
        path.unlink()
        sync_directory(path.parent)
