"""Refuses a foreign table that says of what country or area phones are, where nobody hears it."""

from collections.abc import Sequence

from screening.importers.layout import Layout
from screening.importers.table_names import masked_name
from screening.vocabulary.area_cells import find_codes_torn_off
from screening.vocabulary.column_names import plain_name
from screening.vocabulary.country_columns import (
    find_countries,
    find_other_countries,
    second_countries,
)
from screening.vocabulary.dialling_columns import find_area_codes, find_dialling_codes
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import SelectorKind


def refuse_unnamed_countries(
    layout: Layout,
    names: Sequence[str],
    sample: Sequence[Sequence[str]],
    *,
    file: str,
    region: str | None,
) -> None:
    """Raise `OperatorError` where a column may say of which country or area numbers are, unheard.

    To take it for that would be a guess too: abbreviations of languages and states look the same.
    """
    if region is None and not layout.lacks_codes(sample):
        return
    if "region" in layout.attributes:
        _refuse_second_countries(layout, names, sample, file)
        return
    # Everywhere: one called CC may have been taken for one of cards.
    _refuse_codes(layout, find_dialling_codes(names, sample, range(len(names))), file)
    index = find_countries(names, sample, layout.ignored)
    if index is not None:
        shown = masked_name(layout.header[index], index)
        raise OperatorError(
            f"column {shown!r} of {file} looks like countries; if its phones are of these, name it "
            "region, and if not, remove it"
        )


def refuse_area_codes(
    layout: Layout, sample: Sequence[Sequence[str]], *, file: str, region: str | None
) -> None:
    """Raise `OperatorError` where codes of areas stand apart from the phones.

    Without them these are other people's, with a `+` and beside a named column of countries, too.
    """
    if region is None and not layout.phones:
        return  # e-mails and cards have no area
    names = [plain_name(cell) for cell in layout.header]
    codes = find_area_codes(names, sample, range(len(names)))
    if codes is None:
        codes = find_codes_torn_off(
            names,
            sample,
            phones=layout.phones,
            region_of=lambda row: layout.region_of(row, region),
        )
    _refuse_codes(layout, codes, file)


def refuse_other_countries(layout: Layout, sample: Sequence[Sequence[str]], file: str) -> None:
    """Raise `OperatorError` where columns do not agree on the country of a phone that needs one."""
    for row in sample:
        if layout.countries.said_by(row) is None and layout.lacks_codes([row]):
            columns = layout.countries.all
            shown = " and ".join(repr(masked_name(layout.header[i], i)) for i in columns)
            raise OperatorError(
                f"columns {shown} of {file} do not agree on the country of some phones; name the "
                "one that is right phone country"
            )


def _refuse_codes(layout: Layout, index: int | None, file: str) -> None:
    """Raise `OperatorError` where a column of codes was found."""
    if index is not None:
        shown = masked_name(layout.header[index], index)
        raise OperatorError(
            f"column {shown!r} of {file} looks like codes to be dialled before its phones; put "
            "them there, or remove it"
        )


def _refuse_second_countries(
    layout: Layout, names: Sequence[str], sample: Sequence[Sequence[str]], file: str
) -> None:
    """Raise `OperatorError` where each of several columns of phones may have its own countries."""
    phones = [one for one in layout.selectors if SelectorKind.PHONE in one.kinds]
    first = layout.attributes["region"]
    index = find_other_countries(names, sample, layout.ignored, first) if phones[1:] else None
    if index is not None:
        shown = masked_name(layout.header[index], index)
        raise second_countries(
            file, repr(shown), "import the phones of each country column in a file of their own"
        )
