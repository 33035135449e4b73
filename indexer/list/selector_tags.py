"""The blind tags under which the list file finds what is said of a selector.

The list keeps selectors in the first normaliser version's form, and finds them by that of the
version that it is read in: what that takes for one selector, has one tag.
"""

from dataclasses import dataclass

from indexer.sealing import Sealer
from screening.vocabulary.normaliser_versions import in_version
from screening.vocabulary.selector import Canonical


@dataclass(frozen=True, slots=True)
class SelectorTags:
    """Tags of selectors in a list that is read in version `normaliser`.

    `former` is the version before, as long as token keys of it may be valid.
    """

    sealer: Sealer
    normaliser: int
    former: int | None = None

    def of(self, canonical: Canonical) -> bytes:
        """Return the tag of a selector."""
        return self._tag(self.form(canonical))

    def form(self, canonical: Canonical) -> Canonical:
        """Return the form in which the list is read: that of all spellings of a selector."""
        return in_version(canonical, self.normaliser)

    def find_former(self, canonical: Canonical) -> bytes | None:
        """Return its tag in the former version, None where it has none of its own there."""
        if self.former is None:
            return None
        form = in_version(canonical, self.former)
        return None if form == self.form(canonical) else self._tag(form)

    def _tag(self, form: Canonical) -> bytes:
        return self.sealer.tag(f"selector\0{form.kind.value}\0{form.text}".encode())
