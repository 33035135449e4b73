"""The people whose signatures put an export in force: registered by hand, on the indexer's host."""

import re
from typing import Final, NamedTuple

from indexer.list.file import ListFile
from screening.vocabulary.errors import OperatorError

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


class Approver(NamedTuple):
    """A registered key, 32 bytes (Ed25519), by the id of it; times are Unix seconds."""

    id: str
    name: str
    public: bytes
    added_at: int
    removed_at: int | None


class Approvers:
    """Those of one deployment."""

    def __init__(self, list_file: ListFile) -> None:
        self._file = list_file
        self._sql = list_file.connection

    def find(self, key_id: str) -> Approver | None:
        """Return who has this key, or had it until removed; None where nobody."""
        row = self._sql.execute(
            "SELECT id, name, public, added_at, removed_at FROM approvers WHERE id = ?", (key_id,)
        ).fetchone()
        return None if row is None else Approver(*row)

    def registered(self) -> list[Approver]:
        """Return all whose signatures count, by name."""
        rows = self._sql.execute(
            "SELECT id, name, public, added_at, removed_at FROM approvers "
            "WHERE removed_at IS NULL ORDER BY name"
        )
        return [Approver(*row) for row in rows]

    def require_new(self, name: str, key_id: str) -> None:
        """Raise `OperatorError` where a name or a key cannot be registered."""
        if not _NAME.fullmatch(name):
            raise OperatorError("a name is up to 32 of a-z, 0-9, dot, _ and -; choose another")
        if any(one.name == name for one in self.registered()):
            raise OperatorError(f"{name} is registered already; remove that key first")
        known = self.find(key_id)
        if known is not None and known.removed_at is None:
            raise OperatorError(
                f"this key is {known.name}'s; who approves needs a key that nobody else has"
            )
        if known is not None:
            raise OperatorError(
                f"this key was {known.name}'s, and was removed; have a new one made"
            )

    def add(self, name: str, key_id: str, public: bytes, *, actor: str) -> None:
        """Register a key that `require_new` lets pass."""
        self._sql.execute(
            "INSERT INTO approvers VALUES (?, ?, ?, ?, ?, NULL)",
            (key_id, name, public, self._file.now(), actor),
        )

    def named(self, name: str) -> Approver:
        """Return who is registered by a name; raises `OperatorError`."""
        found = next((one for one in self.registered() if one.name == name), None)
        if found is None:
            raise OperatorError("nobody of this name approves; see: indexer spool approver list")
        return found

    def remove(self, name: str) -> None:
        """Let a registered key count no more, from the next file on."""
        self._sql.execute(
            "UPDATE approvers SET removed_at = ? WHERE name = ? AND removed_at IS NULL",
            (self._file.now(), name),
        )
