"""What an import was read as, in numbers: by kind and country code, role and list."""

from collections import Counter

from screening.importers.entry import Entry
from screening.importers.suspicion import country_code
from screening.vocabulary.selector import SelectorKind


class Holdings:
    """Counts entries; a wrong country, role or list shows in it, and no selector."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.country_codes: Counter[str] = Counter()
        self.roles: Counter[str] = Counter()
        self.lists: Counter[str] = Counter()

    def count(self, entry: Entry) -> None:
        """Take an entry into account."""
        self.kinds[entry.canonical.kind.value] += 1
        if entry.canonical.kind is SelectorKind.PHONE:
            self.country_codes[f"+{country_code(entry.canonical)}"] += 1
        self.roles[entry.role.value] += 1
        self.lists[entry.list] += 1
