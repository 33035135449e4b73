"""Which policy each token key has, in the list file."""

from indexer.list.file import ListFile
from indexer.list.policy import EVERYTHING, Policy, parse_policy


def find_policy(list_file: ListFile, key_id: str) -> Policy:
    """Return the policy of a token key: the whole list, where none was set."""
    row = list_file.connection.execute(
        "SELECT policy FROM policies WHERE key_id = ?", (key_id,)
    ).fetchone()
    return EVERYTHING if row is None else parse_policy(row[0])


def keep_policy(list_file: ListFile, key_id: str, policy: Policy) -> None:
    """Set the policy of a token key; the next release puts it in force."""
    list_file.connection.execute(
        "INSERT OR REPLACE INTO policies VALUES (?, ?)", (key_id, policy.encoded())
    )
