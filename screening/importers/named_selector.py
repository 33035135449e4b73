"""One selector that a person names: it means what the same spelling means in a list."""

from screening.vocabulary.cells import CellTrouble, read_cell
from screening.vocabulary.errors import NotCanonical
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical, SelectorKind


def read_named(kind: str, value: str, region: str | None) -> Canonical | CellTrouble:
    """Return the canonical form of `value` as a list's rows are read, or why it has none.

    A canonical form that no `region` may have a part in is taken as it stands: what is listed can
    always be named, although cells may be read more strictly than when it was listed.
    """
    try:
        of = SelectorKind(kind)
    except ValueError:
        return "unknown_kind"
    read = read_cell(of, value, region)
    if isinstance(read, Canonical) or region is not None:
        return read
    return _as_it_stands(of, value) or read


def _as_it_stands(kind: SelectorKind, value: str) -> Canonical | None:
    try:
        canonical = normalise(kind, value)
    except NotCanonical:
        return None
    return canonical if canonical.text == value else None
