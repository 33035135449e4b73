"""Signed notes, checkpoints and cosignatures as C2SP spells them; pure.

https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint, https://c2sp.org/tlog-cosignature;
keys in text as Go's sumdb/note has them, which other tools for such logs read and write, too.
Cosignatures, and adding one to a note, are for a witness: nothing here calls for them.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import Final, Literal, Self

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from screening.ledger.log.tree import HASH_BYTES

Algorithm = Literal[1, 4]
"""The byte of a kind of signature: that of a log, or that of a witness, which has a time."""

SIGNS: Final[Algorithm] = 1
COSIGNS: Final[Algorithm] = 4

MAX_NOTE_BYTES: Final = 1 << 16
"""Sixteen signatures, as many as anybody has to accept, take less than 3 KiB."""

_MAX_SIGNATURES: Final = 16
_KEY_ID_BYTES: Final = 4
_KEY_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_TIME_BYTES: Final = 8
_MAX_TIME_S: Final = (1 << 63) - 1
_PRIVATE: Final = "PRIVATE+KEY+"
_DASH: Final = "\N{EM DASH} "


class NoteRefused(ValueError):
    """A note, checkpoint or key is not what the specifications say, or a signature is wrong."""


class VerifierKey(msgspec.Struct, frozen=True):
    """Whose signatures are believed: `key` has the 32 bytes of Ed25519."""

    name: str
    algorithm: Algorithm
    key: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names its key."""
        named = f"{self.name}\n".encode()
        return hashlib.sha256(named + bytes([self.algorithm]) + self.key).digest()[:_KEY_ID_BYTES]

    @property
    def text(self) -> str:
        """The key as it is handed on (`vkey`)."""
        material = base64.b64encode(bytes([self.algorithm]) + self.key).decode()
        return f"{self.name}+{self.id.hex()}+{material}"


class Signature(msgspec.Struct, frozen=True):
    """One signature line; `content` follows the key id."""

    name: str
    key_id: bytes
    content: bytes

    @property
    def line(self) -> str:
        """The line as it stands in the note."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.content).decode()}\n"


class Note(msgspec.Struct, frozen=True):
    """A text, which ends in a line feed, and its signatures; nothing of it is verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    def encoded(self) -> bytes:
        """Return the note as it is stored and sent."""
        return f"{self.text}\n{''.join(one.line for one in self.signatures)}".encode()

    def require_signed(self, key: VerifierKey) -> int | None:
        """Raise `NoteRefused` unless this key has signed; return when, where it says so.

        A wrong signature in the key's name refuses the note, also beside a right one.
        """
        named = [one for one in self.signatures if (one.name, one.key_id) == (key.name, key.id)]
        if not named:
            raise NoteRefused("the note is not signed by the key that is asked for")
        public = Ed25519PublicKey.from_public_bytes(key.key)
        times = []
        for one in named:
            time_s, signature = _taken_apart(one.content, key.algorithm)
            try:
                public.verify(signature, _signed_text(self.text, time_s))
            except InvalidSignature:
                raise NoteRefused("the note or its signature was changed") from None
            times.append(time_s)
        return times[0]


class SignerKey:
    """A private key; its `repr` shows whose it is, and nothing of it."""

    def __init__(self, name: str, algorithm: Algorithm, private: Ed25519PrivateKey) -> None:
        """Raises `ValueError` for a name that could not stand in a signature line."""
        if not _is_name(name):
            raise ValueError("the name of a key has no white space and no +")
        self._private = private
        self.verifier = VerifierKey(name, algorithm, private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"SignerKey({self.verifier.name!r}, ...)"

    @classmethod
    def generate(cls, name: str, algorithm: Algorithm) -> Self:
        """Make a new key."""
        return cls(name, algorithm, Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `secret_text` returned; raises `NoteRefused`, which repeats none of it."""
        name, algorithm, seed, key_id = _parse_key(text.removeprefix(_PRIVATE))
        key = cls(name, algorithm, Ed25519PrivateKey.from_private_bytes(seed))
        if not text.startswith(_PRIVATE) or key.verifier.id != key_id:
            raise NoteRefused("not a private key of signed notes")
        return key

    def secret_text(self) -> str:
        """Return the whole key in text, for a file that only its owner can read."""
        verifier = self.verifier
        seed = bytes([verifier.algorithm]) + self._private.private_bytes_raw()
        return f"{_PRIVATE}{verifier.name}+{verifier.id.hex()}+{base64.b64encode(seed).decode()}"

    def sign(self, text: str, *, time_s: int | None = None) -> Signature:
        """Sign the text of a note; a cosignature, and no other, states its time (Unix, seconds)."""
        if (time_s is None) != (self.verifier.algorithm == SIGNS):
            raise ValueError("a cosignature, and no other signature, has a time")
        stated = b"" if time_s is None else time_s.to_bytes(_TIME_BYTES, "big")
        signature = self._private.sign(_signed_text(text, time_s))
        return Signature(self.verifier.name, self.verifier.id, stated + signature)


class Checkpoint(msgspec.Struct, frozen=True):
    """What a log says of itself: so many leaves, with this root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text of the note."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse_verifier_key(text: str) -> VerifierKey:
    """Read a `vkey`; raises `NoteRefused`."""
    name, algorithm, key, key_id = _parse_key(text)
    parsed = VerifierKey(name, algorithm, key)
    if parsed.id != key_id:
        raise NoteRefused("the id in this key is not its own; copy the whole key")
    return parsed


def parse_note(content: bytes) -> Note:
    """Read a note, of which nothing is verified by that; raises `NoteRefused`."""
    try:
        whole = content.decode() if len(content) <= MAX_NOTE_BYTES else ""
    except UnicodeDecodeError:
        raise NoteRefused("not a note: not UTF-8") from None
    text, blank, signed = whole.rpartition("\n\n")
    lines = signed.removesuffix("\n").split("\n")
    if not blank or not text or not signed.endswith("\n") or len(lines) > _MAX_SIGNATURES:
        raise NoteRefused("not a note: no text, no signatures, or too many")
    if any(character < " " and character != "\n" for character in whole):
        raise NoteRefused("not a note: it has control characters")
    return Note(f"{text}\n", tuple(_parse_signature(line) for line in lines))


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a note; raises `NoteRefused`, for lines beyond the third too."""
    origin, size, root, *rest = [*text.split("\n"), "", ""][:5]
    if rest != ["", ""] or not origin or not text.endswith("\n") or text.count("\n") != 3:
        raise NoteRefused("not a checkpoint of three lines")
    if not size.isascii() or not size.isdecimal() or len(size) > 19 or size != str(int(size)):
        raise NoteRefused("not a checkpoint: its second line is no size")
    hashed = _from_base64(root)
    if len(hashed) != HASH_BYTES:
        raise NoteRefused("not a checkpoint: its third line is no root")
    return Checkpoint(origin, int(size), hashed)


def _signed_text(text: str, time_s: int | None) -> bytes:
    stated = "" if time_s is None else f"cosignature/v1\ntime {time_s}\n"
    return f"{stated}{text}".encode()


def _taken_apart(content: bytes, algorithm: Algorithm) -> tuple[int | None, bytes]:
    time_bytes = 0 if algorithm == SIGNS else _TIME_BYTES
    if len(content) != time_bytes + _SIGNATURE_BYTES:
        raise NoteRefused("a signature of this key has another length")
    time_s = int.from_bytes(content[:time_bytes], "big") if time_bytes else None
    if time_s is not None and time_s > _MAX_TIME_S:
        raise NoteRefused("a cosignature has an impossible time")
    return time_s, content[time_bytes:]


def _parse_signature(line: str) -> Signature:
    name, separator, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not separator or not _is_name(name):
        raise NoteRefused("not a note: a signature line is not one")
    content = _from_base64(encoded)
    if len(content) <= _KEY_ID_BYTES:
        raise NoteRefused("not a note: a signature is too short")
    return Signature(name, content[:_KEY_ID_BYTES], content[_KEY_ID_BYTES:])


def _parse_key(text: str) -> tuple[str, Algorithm, bytes, bytes]:
    # The key in base64 may have a + of its own; name and id have none.
    parts: Sequence[str] = text.split("+", 2)
    if len(parts) != 3 or not _is_name(parts[0]) or len(parts[1]) != 2 * _KEY_ID_BYTES:
        raise NoteRefused("not a key of signed notes")
    name, key_id, material = parts[0], parts[1], _from_base64(parts[2])
    if len(material) != 1 + _KEY_BYTES or any(one not in "0123456789abcdef" for one in key_id):
        raise NoteRefused("not a key of signed notes")
    match material[0]:
        case 1 | 4 as algorithm:
            return name, algorithm, material[1:], bytes.fromhex(key_id)
        case _:
            raise NoteRefused("a key of a kind that is not known here")


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(one.isspace() or one < " " for one in name)


def _from_base64(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteRefused("not base64") from None
    if base64.b64encode(content).decode() != text:  # with other bits at its end, for instance
        raise NoteRefused("not base64 as it is written")
    return content
