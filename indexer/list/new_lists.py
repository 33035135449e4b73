"""Which lists a change begins: a name that is misspelt makes one, which no policy may reach."""

from dataclasses import dataclass

from indexer.list.drafts import Draft
from indexer.list.entitlements import find_policy
from indexer.list.entries import lists_with_entries
from indexer.list.file import ListFile
from indexer.list.partners import partner_records
from screening.importers.life import DEFAULT_LIST


@dataclass(frozen=True, slots=True)
class NewLists:
    """Names of lists that had no entry before.

    `unreached` are those with entries to publish that no partner is given; none where there is no
    partner.
    """

    names: list[str]
    unreached: list[str]


def find_new_lists(list_file: ListFile, draft: Draft) -> NewLists:
    """Return the lists that a draft begins, before it is taken.

    That all begins with the list that needs no name, is no news.
    """
    known = lists_with_entries(list_file) or [DEFAULT_LIST]
    new = {name: is_to_be for name, is_to_be in draft.lists().items() if name not in known}
    policies = [
        find_policy(list_file, key_id)
        for record in partner_records(list_file)
        for key_id in (record.key_ids if record.mode == "live" else [])
    ]
    given = [one.lists for one in policies]
    unreached = [
        name
        for name, is_to_be in new.items()
        if is_to_be and given and all(lists is not None and name not in lists for lists in given)
    ]
    return NewLists([*new], unreached)
