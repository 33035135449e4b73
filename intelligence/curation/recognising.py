"""What somebody has pasted: which kind of selector it is, and its one spelling."""

from collections.abc import Mapping
from typing import Final

from intelligence.errors import FormRefused
from screening.vocabulary.cells import read_cell
from screening.vocabulary.errors import REJECTION_SENTENCES
from screening.vocabulary.normalise import is_region
from screening.vocabulary.plain_text import plain
from screening.vocabulary.recognition import find_kind, is_written_card
from screening.vocabulary.selector import Canonical, SelectorKind
from screening.vocabulary.written_phones import lacks_only_region

_SENTENCES: Final[Mapping[str, str]] = {
    **{str(code): sentence for code, sentence in REJECTION_SENTENCES.items()},
    "region_required": (
        "no country code; write it with +, or fill in the country of a phone without +, in two "
        "letters (GB)"
    ),
    "several_values": "there is more than one selector in it; give one at a time",
    "changed_number": "a spreadsheet has changed this number; take it from where it was written",
    "remark_in_cell": "there is something else beside the selector; give the selector alone",
    "unclear_country": "it is not clear of which country this phone is; write it with + and code",
    "hidden_value": "part of it is hidden; give all of it",
}
_NO_KIND: Final = (
    "this is no phone, card or e-mail address that can be told; write it in full, a phone with + "
    "and country code"
)
_PLAIN: Final = (
    "several_values",
    "changed_number",
    "remark_in_cell",
    "hidden_value",
    "bad_checksum",
)
"""What is wrong with a value for certain, though nothing in it is a selector."""
_NO_REGION: Final = "no country has this code; use two letters, such as GB (not UK)"


def recognise(value: str, kind: str | None = None, region: str | None = None) -> Canonical:
    """Return the one selector in `value`; raises `FormRefused` where there is none to be sure of.

    Without a `kind` it is told by what the value looks like; `region` is for phones without a
    country code.
    """
    require_region(region)
    found = read_cell(_kind_of(value, kind, region), value, region)
    if not isinstance(found, Canonical):
        raise FormRefused(_SENTENCES[found], "value")
    return found


def require_region(region: str | None) -> None:
    """Raise `FormRefused` for what is no country."""
    if region is not None and not is_region(region):
        raise FormRefused(_NO_REGION, "region")


def _kind_of(value: str, kind: str | None, region: str | None) -> SelectorKind:
    if kind is not None:
        try:
            return SelectorKind(kind)
        except ValueError:
            raise FormRefused(REJECTION_SENTENCES["unknown_kind"], "kind") from None
    found = find_kind(value, region, bare=True)
    if found is None and lacks_only_region(value):
        raise FormRefused(_SENTENCES["region_required"], "region")
    if found is None:
        raise FormRefused(_why_none(value, region), "value")
    return found


def _why_none(value: str, region: str | None) -> str:
    text = plain(value, with_any_digits=True)
    kind = SelectorKind.CARD if is_written_card(text) else SelectorKind.PHONE
    found = read_cell(SelectorKind.EMAIL if "@" in text else kind, value, region)
    return _SENTENCES[found] if isinstance(found, str) and found in _PLAIN else _NO_KIND
