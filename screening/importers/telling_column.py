"""Which column of a table speaks against listing a row, so that a person knows where to look.

Of several the one that speaks of a victim is named, and of these the first; that of roles where it
is empty, or says none that there is, and nothing else speaks.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from screening.importers.foreign_rows import Said
from screening.importers.layout import Layout
from screening.importers.role_words import is_role
from screening.importers.table_names import masked_name

_TEXTS: Final = (
    *("source", "reason", "confidence", "expires_at", "region", "list"),
    *("jurisdictions", "first_seen", "last_seen", "review_by"),
)


def find_telling_column(layout: Layout, cells: Sequence[str], said: Said) -> str:
    """Return the shown name of the column that tells it, empty where no single one does.

    What a row says in one column is weighed alone, as all of it together was before.
    """
    alone = list(_said_alone(layout, cells, said))
    telling = [index for index, one in alone if one.protects]
    telling += [index for index, one in alone if one.leaves_role_open]
    if "role" in layout.attributes and not is_role(said.role):
        telling.append(layout.attributes["role"])
    return masked_name(layout.header[telling[0]], telling[0]) if telling else ""


def find_unheard_role(layout: Layout, cells: Sequence[str], said: Said) -> str:
    """Return the shown name of a column that says a row's role, and is not taken for that.

    Empty where there is none, or the row would not be taken with that role either.
    """
    if "role" in layout.attributes or said.told_role is not None:
        return ""
    for index in sorted(layout.roles):
        heard = msgspec.structs.replace(said, role=cells[index], roles_beside=())
        if is_role(cells[index]) and not heard.leaves_role_open:
            return masked_name(layout.header[index], index)
    return ""


def _said_alone(layout: Layout, cells: Sequence[str], said: Said) -> Iterator[tuple[int, Said]]:
    base = Said(role=said.role, told_role=said.told_role, today=said.today)
    if "role" in layout.attributes:
        yield layout.attributes["role"], base
    for name in _TEXTS:
        if name in layout.attributes:
            index = layout.attributes[name]
            yield index, msgspec.structs.replace(base, **{name: getattr(said, name)})
    places = [*(index for index, _ in layout.readers), *(one.index for one in layout.selectors)]
    for index, text in zip(places, said.beside, strict=False):  # behind them are remarks on cells
        yield index, msgspec.structs.replace(base, beside=(text,))
    for index, cell in layout.roles_beside(cells):
        yield index, msgspec.structs.replace(base, roles_beside=(cell,))
    for index, heading in layout.victims.items():
        if heading in said.headings:
            yield index, msgspec.structs.replace(base, headings=(heading,))
