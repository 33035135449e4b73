"""What a cell holds: one selector, or why none is taken from it - told, and never guessed at.

A phone parser takes the first of two numbers and drops the other, reads `.0` as one more digit and
"Oma" as three: asked about, that would be a "no" to a question that nobody asked; listed, a "yes"
to somebody else.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from screening.vocabulary.errors import NotCanonical, RejectionCode
from screening.vocabulary.normalise import MAX_RAW_CHARACTERS, normalise
from screening.vocabulary.obscured import is_cut_phone, is_masked_address, is_withheld
from screening.vocabulary.phone_plans import (
    NATIONAL_PHONE,
    has_needless_plus,
    has_needless_zero,
    lacks_only_plus,
    lacks_zero,
)
from screening.vocabulary.plain_text import has_words, plain
from screening.vocabulary.recognition import (
    find_kind,
    has_digits_of_phone,
    holds_international,
    holds_phone,
    is_card,
    is_one,
    may_be_selector,
    may_be_several,
)
from screening.vocabulary.remarks import VANITY, has_remark, number_alone
from screening.vocabulary.selector import Canonical, SelectorKind
from screening.vocabulary.whole_selectors import holds_whole, holds_whole_address

CellCode = Literal[
    "several_values", "changed_number", "remark_in_cell", "unclear_country", "hidden_value"
]
CellTrouble = RejectionCode | CellCode
"""Why nothing is taken from a cell, in a word that stays."""

_CHANGED: Final = re.compile(
    r"[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]{1,3}|\+?[0-9]{7,}[.,]0{1,4}"
)
"""`1.20256E+10`, as spreadsheets show a long number, and `12025550100.0` or `.00`."""
_NOTHING: Final = frozenset(
    ("", "null", "(null)", "\\n", "nil", "none", "n/a", "#n/a", "na", "nan", "-", "--", "\u2013")
)
_LONG_DIGITS: Final = 10
_LONG_CARD: Final = re.compile(r"[0-9]{16,19}")
_ROUNDED: Final = re.compile(r"[0-9]{15}0{1,4}")
"""A spreadsheet keeps 15 digits of a number: those of a card that follow become 0."""

_BETWEEN_VALUES: Final = re.compile(
    # Commas and semicolons, those of Chinese and Arabic too; a dash before another value.
    "[,;|&\\r\\n\\t\u3001\u060c\u061b]|\\s[-\u2013\u2014\u00b7\u2022]\\s(?=\\+|\\S*@)"
    r"|\s(?=\+)|\s(?:or|and|und|oder|et|ou|y|o)\s"
)
_BETWEEN_ANY: Final = {
    SelectorKind.PHONE: _BETWEEN_VALUES,
    # All of these may be part of a local part too, so several must be selectors by themselves.
    SelectorKind.EMAIL: re.compile(r"[,;|&/^\s]"),
}
_PERHAPS_BETWEEN: Final = re.compile(r"[\s/]+")
"""People write these within one number as well: they count where it is none as a whole."""
_LONG_EXTENSION: Final = re.compile(
    r"(?:(?<![^\W\d_])(?:ext|x)|anexo|durchwahl|[#~]|(?<!^)=)[a-z.:\s]{0,12}"
    r"[0-9](?:[ .\-()]{0,3}[0-9]){6}",
    re.IGNORECASE,
)
"""An extension that is as long as a number of its own."""
_SHORT_OTHER: Final = re.compile("\\s*[,;~\u2053\u223c\u301c]\\s*[0-9]{1,6}$")
"""`202-555-0100, 0142`, or `020 7946 0957~8`, as East Asia counts lines: the end of a second
number, where a phone parser hears an extension."""
_PHONE_BEFORE: Final = re.compile(r"\+[0-9]{7,15}[^0-9@]")
"""What no local part begins with, unless it is a phone and nothing else."""
_CARD_AND_CODE: Final = re.compile(r"([0-9][0-9 \-]{11,22}[0-9])[ \-/,]+[0-9]{3,4}")
"""A card, perhaps, with its security code behind it."""

_OF_ITS_DIGITS: Final = frozenset(("impossible_length", "not_a_phone"))
_OF_NO_AREA: Final = re.compile(r"\+1([01])")
_NO_AREA: Final[Mapping[str, CellTrouble]] = {"0": "unclear_country", "1": "impossible_length"}
"""No area code of North America begins so: ten digits that do are of a country whose numbers have
a 0 before them, or are a 1 and a digit too few."""
_WITH_PLUS_ONE: Final = re.compile(r"[^\w+]*\+[( ]*1")
"""Signs before the `+` stand for no digit."""
_AS_OF_NORTH_AMERICA: Final = re.compile(
    r"(?:1[ .-])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}"
    r"\s?(?:[-\u2013\u2022]|!{1,9})?"
)
"""In the groups that only its numbers have, one sign behind it ends a line."""
_TURKISH_I: Final = str.maketrans("\u0130\u0131", "Ii")
"""What a program that knows Turkish makes of `i` in capitals, and of `I` in small letters."""


def read_cell(
    kind: SelectorKind, value: str, region: str | None, *, rounded: bool = False
) -> Canonical | CellTrouble:
    """Return the canonical form of the one selector in `value`, or why there is none to ask.

    `rounded` is of a column whose long card numbers `are_rounded`.
    """
    # The normaliser reads a phone in the digits of any script, and a card in none but ASCII.
    text = plain(value, with_any_digits=kind is SelectorKind.CARD)
    if len(text) > MAX_RAW_CHARACTERS:  # before anything that takes longer with every character
        return "too_long"
    if _is_changed(kind, text, rounded=rounded):
        return "changed_number"
    if _drops_another(kind, text, region):
        return "remark_in_cell" if _is_address_and_words(kind, text) else "several_values"
    if kind is SelectorKind.PHONE and (doubt := _doubt_phone(number_alone(text), region)):
        return doubt
    try:
        canonical = normalise(kind, text, region=region)
    except NotCanonical as error:
        return _trouble(kind, text, region, error.code)
    return _doubt_read(canonical, text, region) or canonical


def are_rounded(values: Iterable[str]) -> bool:
    """Tell whether a spreadsheet has rounded the long card numbers among `values`.

    Each ends in 0, and one at least is wrong: of the others one in ten passes for another card.
    """
    long = [value.strip() for value in values if _LONG_CARD.fullmatch(value.strip())]
    return all(map(_ROUNDED.fullmatch, long)) and any(
        read_cell(SelectorKind.CARD, value, None) == "changed_number" for value in long
    )


def _doubt_phone(number: str, region: str | None) -> CellTrouble | None:
    """Return why a number is none of `region`: a card, or a `+` or a zero too few or too many."""
    if number.lstrip("( ").startswith("+"):
        is_unclear = has_needless_plus(number, region) or has_needless_zero(number)
        return "unclear_country" if is_unclear else None
    if is_card(number):
        return "not_a_phone"
    if lacks_zero(number, region):
        return "changed_number"
    return "unclear_country" if lacks_only_plus(number, region) else None


def _trouble(kind: SelectorKind, text: str, region: str | None, code: RejectionCode) -> CellTrouble:
    if _holds_several(kind, text, region):
        return "several_values"
    if is_withheld(text):
        return "hidden_value"
    # With an extension, perhaps, which is taken where a region is said.
    is_national = code == "region_required" and NATIONAL_PHONE.fullmatch(number_alone(text))
    has_remark_beside = _is_phone_with_remark(kind, text, region, code=code) or _holds_beside(
        kind, text, region
    )
    if has_remark_beside and not is_national:
        return "remark_in_cell"
    if code == "region_required" and _is_no_phone_anywhere(text):
        return "not_a_phone"
    if code == "bad_checksum" and _ROUNDED.fullmatch(text):
        return "changed_number"
    return code


def _is_phone_with_remark(
    kind: SelectorKind, text: str, region: str | None, *, code: RejectionCode
) -> bool:
    if kind is not SelectorKind.PHONE:
        return False
    has_beside = has_words(text) or code == "region_required"
    if has_beside and holds_international(text):
        return True  # such as `=+12025550100`, a formula
    # The phone parser takes letters for digits of a keypad: `020 7946 0958 home`.
    return has_words(text) and code in _OF_ITS_DIGITS and holds_phone(text, region)


def _holds_beside(kind: SelectorKind, text: str, region: str | None) -> bool:
    """Tell whether a whole selector of any kind is in `text`, which is none itself."""
    if kind is SelectorKind.EMAIL and text.endswith(">"):
        return False  # `Jane <jane@mail.example>`: of a name before an address that code speaks
    if not may_be_selector(text) or find_kind(text, region) is not None:
        return False
    return holds_whole(text, region)


def _is_address_and_words(kind: SelectorKind, text: str) -> bool:
    """Tell whether an address with words beside it, and no phone, stands where phones do."""
    if kind is not SelectorKind.PHONE or text.count("@") != 1 or has_digits_of_phone(text):
        return False
    return find_kind(text) is None and holds_whole_address(text)


def _is_no_phone_anywhere(text: str) -> bool:
    """Tell whether `text` is no phone whatever country it is read in: `call me`, or `?`."""
    has_digits = any(map(str.isdigit, text))
    if has_digits and not has_words(text):
        return False
    return not (has_digits_of_phone(text) or VANITY.fullmatch(text))


def is_changed_long(value: str) -> bool:
    """Tell whether a spreadsheet has changed a number as long as a phone: `1000005.0` is an id."""
    text = plain(value)
    is_long = "e" in text.lower() or len(text.partition(".")[0].partition(",")[0]) >= _LONG_DIGITS
    return is_long and bool(_CHANGED.fullmatch(text))


def says_nothing(cell: str) -> bool:
    """Tell whether a cell is empty, or holds what a database writes for nothing: `NULL`, `N/A`."""
    return cell.strip().casefold() in _NOTHING


def is_shortened(value: str) -> bool:
    """Tell whether `value` is a long number as a spreadsheet shows it: `12E4` may be a room."""
    text = value.lower()
    return is_changed_long(value) and ("e+" in text or "e" not in text)


def _is_changed(kind: SelectorKind, text: str, *, rounded: bool) -> bool:
    if rounded and _ROUNDED.fullmatch(text):
        return True
    return kind is not SelectorKind.EMAIL and bool(_CHANGED.fullmatch(text))


def _drops_another(kind: SelectorKind, text: str, region: str | None) -> bool:
    """Tell whether the normaliser would take one value and drop another, or glue them together."""
    between = _BETWEEN_ANY.get(kind)
    if between is not None and _are_several(kind, between.split(text), region):
        return True
    match kind:
        case SelectorKind.PHONE:
            other = _SHORT_OTHER.search(text)
            has_other = other is not None and is_one(text[: other.start()], region)
            return has_other or "@" in text or bool(_LONG_EXTENSION.search(text))
        case SelectorKind.EMAIL:
            return bool(_PHONE_BEFORE.match(text))
        case SelectorKind.CARD:
            both = _CARD_AND_CODE.fullmatch(text)
            return both is not None and find_kind(both[1]) is SelectorKind.CARD


def _doubt_read(canonical: Canonical, text: str, region: str | None) -> CellTrouble | None:
    """Return why what was read is not what was meant."""
    # Either may be a selector to the letter.
    if is_masked_address(text) or (
        canonical.kind is SelectorKind.PHONE and _is_cut(canonical, text)
    ):
        return "hidden_value"
    if canonical.kind is SelectorKind.EMAIL and _is_of_turkish_case(text):
        return "not_an_email"
    unpadded = canonical.text.lstrip("0")
    if canonical.kind is SelectorKind.CARD and unpadded != canonical.text and is_card(unpadded):
        return "not_a_card"  # with zeros before it, which leave its check digit right
    head = _OF_NO_AREA.match(canonical.text)
    if head is not None:
        return _NO_AREA[head[1]]
    if has_remark(canonical, text, region):
        return "hidden_value" if is_withheld(text) else "remark_in_cell"
    return None


def _is_cut(canonical: Canonical, text: str) -> bool:
    """Tell whether what was read as a whole phone lacks digits.

    All phones of North America have one length, so what is left of one is none. That it is one it
    must say itself: with the code of a region before it, what is left of any other may be as long.
    """
    number = number_alone(text)
    if _WITH_PLUS_ONE.match(number):
        return False
    is_grouped_so = canonical.text.startswith("+1") and _AS_OF_NORTH_AMERICA.fullmatch(number)
    return not is_grouped_so and is_cut_phone(number)


def _is_of_turkish_case(address: str) -> bool:
    """Tell whether each `i`, or `I`, of an address was made what it is in Turkish: `MA\u0130L`."""
    alone = address.translate(_TURKISH_I)
    return alone != address and alone.isascii()


def _holds_several(kind: SelectorKind, text: str, region: str | None) -> bool:
    if not may_be_several(text):
        return False
    if _are_several(kind, _BETWEEN_VALUES.split(text), region):
        return True
    gaps = _PERHAPS_BETWEEN.finditer(text)
    return any(_are_several(kind, [text[: g.start()], text[g.end() :]], region) for g in gaps)


def _are_several(kind: SelectorKind, parts: list[str], region: str | None) -> bool:
    if len(parts) < 2:
        return False
    # Half of a card looks like a number without its country code.
    ones = [part for part in parts if kind is not SelectorKind.CARD or find_kind(part)]
    return sum(is_one(part, region) for part in ones) > 1
