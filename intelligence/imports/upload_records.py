"""What is on record of files that curators upload: how many rows, and blind ids of selectors."""

from collections import Counter
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from intelligence.curation.entries import blind_id
from intelligence.imports.read_upload import Listed, NotListed, ReadUpload
from intelligence.journal import Journal
from intelligence.staff.sessions import SignedIn
from intelligence.store.sealing import Seals
from screening.vocabulary.selector import Canonical, SelectorKind

MOST_NAMED: Final = 1_000
"""In one record: some 60 KB, of which a file of as many rows as may be needs five."""


@dataclass(frozen=True, slots=True)
class UploadRecords:
    """Puts files on record."""

    seals: Seals
    journal: Journal

    def read(
        self, who: SignedIn, event: str, upload_id: UUID, read: ReadUpload, **facts: object
    ) -> None:
        """Have it on record that a file was read, and of which selectors it speaks.

        All that could be read are named: from then on each look holds them against the list.
        """
        self.counts(who, event, upload_id, read, **facts)
        listed = (one for one in read.rows if isinstance(one, Listed))
        selectors = {Canonical(SelectorKind(one.kind), one.canonical): None for one in listed}
        named = [blind_id(self.seals, one) for one in selectors]
        for first in range(0, len(named), MOST_NAMED):
            some = named[first : first + MOST_NAMED]
            facts = {"upload": str(upload_id), "selectors": some}
            self.journal.record(who.actor, "selectors uploaded", **facts)

    def counts(
        self, who: SignedIn, event: str, upload_id: UUID, read: ReadUpload, **facts: object
    ) -> None:
        """Have on record what was done with a file, and how many rows it has."""
        refused = Counter(one.code for one in read.rows if isinstance(one, NotListed))
        said = {"format": read.format, "rows": len(read.rows), "readable": read.readable}
        self.journal.record(
            who.actor, event, upload=str(upload_id), **said, refused=dict(refused), **facts
        )

    def looked_at(self, who: SignedIn, upload_id: UUID) -> None:
        """Have it on record that somebody is told what the list says of all rows of a file."""
        self.journal.record(who.actor, "upload held against the list", upload=str(upload_id))
