"""What a cell holds: one selector, or why none is taken from it - told, and never guessed at.

A phone parser takes the first of two numbers and drops the other, and reads `.0` as one more digit:
asked about, that would be a "no" to a question that nobody asked; listed, a "yes" to somebody else.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, Literal

from screening.vocabulary.errors import NotCanonical, RejectionCode
from screening.vocabulary.normalise import MAX_RAW_CHARACTERS, normalise
from screening.vocabulary.selector import Canonical, SelectorKind

CellCode = Literal["several_values", "changed_number"]
CellTrouble = RejectionCode | CellCode
"""Why nothing is taken from a cell, in a word that stays."""

_CHANGED: Final = re.compile(
    r"[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]{1,3}|\+?[0-9]{7,}[.,]0{1,4}"
)
"""`1.20256E+10`, as spreadsheets show a long number, and `12025550100.0` or `.00`."""
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
_LONG_EXTENSION: Final = re.compile(
    r"(?:ext|anexo|durchwahl|[x#~=])[a-z.:\s]*[0-9](?:[ .\-()]*[0-9]){6}", re.IGNORECASE
)
"""An extension that is as long as a number of its own."""
_PHONE_BEFORE: Final = re.compile(r"\+[0-9]{7,15}[^0-9@]")
"""What no local part begins with, unless it is a phone and nothing else."""
_PERHAPS_BETWEEN: Final = re.compile(r"[\s/]+")
"""People write these within one number as well: they count where it is none as a whole."""
_NATIONAL_PHONE: Final = re.compile(r"[0-9 ().\-/]{7,}")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}"
)
_WRITTEN_PHONE: Final = re.compile(r"0[0-9]{8,}|(?=.*[ ()\-./])[0-9(][0-9 ().\-/]{6,}")
"""A national number as people write it: with a zero before it, or something between its digits."""
_SELECTOR_SIGN: Final = re.compile(r"@|\+ ?\(?[0-9](?:[ .\-()]*[0-9]){6}|[0-9](?:[ \-]?[0-9]){11}")
_CARD_DIGITS: Final = 12
_PART_DIGITS: Final = 7
"""Of one phone among several: fewer are an extension, or an area code with a stroke behind it."""


def read_cell(
    kind: SelectorKind, value: str, region: str | None, *, rounded: bool = False
) -> Canonical | CellTrouble:
    """Return the canonical form of the one selector in `value`, or why there is none to ask.

    `rounded` is of a column whose long card numbers `are_rounded`.
    """
    text = _compatible(value).strip()
    if _is_changed(kind, text, rounded=rounded):
        return "changed_number"
    if _drops_another(kind, text, region):
        return "several_values"
    try:
        return normalise(kind, value, region=region)
    except NotCanonical as error:
        code = error.code
    if len(text) <= MAX_RAW_CHARACTERS and _holds_several(kind, text, region):
        return "several_values"
    if code == "bad_checksum" and _ROUNDED.fullmatch(text):
        return "changed_number"
    return code


def may_be(value: str, read: Canonical | CellTrouble) -> bool:
    """Tell whether `value`, read as `read`, is or was a selector, or lacks only its region."""
    match read:
        case Canonical() | "several_values" | "changed_number":
            return True
        case "region_required":
            return bool(_NATIONAL_PHONE.fullmatch(value.strip()))
        case _:
            return False


def looks_like(kind: SelectorKind, value: str) -> bool:
    """Tell whether `value` looks like a selector of that kind, misspelt perhaps; no date does."""
    text = _compatible(value).strip()
    if kind is SelectorKind.EMAIL:
        return "@" in text
    return sum(map(str.isdigit, text)) >= _PART_DIGITS and not _MOMENT.match(text)


def looks_like_any(value: str) -> bool:
    """Tell whether there is in `value` what only selectors have, whatever else is in it."""
    return bool(_SELECTOR_SIGN.search(_compatible(value)))


def may_hold_selector(value: str) -> bool:
    """Tell, at once, whether `value` can be a selector, or a phone as people write one."""
    text = _compatible(value).strip()
    if "@" in text or text.startswith(("+", "tel:")):
        return True
    if len(text) < _PART_DIGITS:
        return False
    # Digits alone are ids, as a rule: of a phone they are when they begin with a zero, of a card
    # when there are enough of them.
    return _is_written_phone(text) or sum(map(str.isdigit, text)) >= _CARD_DIGITS


def _is_written_phone(text: str) -> bool:
    return bool(_WRITTEN_PHONE.fullmatch(text)) and not _MOMENT.match(text)


def find_kind(value: str, region: str | None = None) -> SelectorKind | None:
    """Return of which kind `value` is, None where of none; a mere run of digits is no phone."""
    text = _compatible(value).strip()
    for kind in SelectorKind:
        of = region if kind is SelectorKind.PHONE and _is_written_phone(text) else None
        if is_canonical(kind, value, of):
            return kind
    return None


def is_canonical(kind: SelectorKind, value: str, region: str | None = None) -> bool:
    """Tell whether `value` is a selector of that kind."""
    try:
        normalise(kind, value, region=region)
    except NotCanonical:
        return False
    return True


def are_rounded(values: Iterable[str]) -> bool:
    """Tell whether a spreadsheet has rounded the long card numbers among `values`.

    Each ends in 0, and one at least is wrong: of the others one in ten passes for another card.
    """
    long = [value.strip() for value in values if _LONG_CARD.fullmatch(value.strip())]
    return all(map(_ROUNDED.fullmatch, long)) and any(
        read_cell(SelectorKind.CARD, value, None) == "changed_number" for value in long
    )


def _drops_another(kind: SelectorKind, text: str, region: str | None) -> bool:
    """Tell whether the normaliser would take one value and drop another, or glue them together."""
    between = _BETWEEN_ANY.get(kind)
    if between is not None and _are_several(kind, between.split(text), region):
        return True
    match kind:
        case SelectorKind.PHONE:
            return "@" in text or bool(_LONG_EXTENSION.search(text))
        case SelectorKind.EMAIL:
            return bool(_PHONE_BEFORE.match(text))
        case SelectorKind.CARD:
            return False


def _compatible(value: str) -> str:
    """Return `value` as the normaliser looks at it: a full-width semicolon is a semicolon."""
    return value if value.isascii() else unicodedata.normalize("NFKC", value)


def _is_changed(kind: SelectorKind, text: str, *, rounded: bool) -> bool:
    if rounded and _ROUNDED.fullmatch(text):
        return True
    return kind is not SelectorKind.EMAIL and bool(_CHANGED.fullmatch(text))


def _holds_several(kind: SelectorKind, text: str, region: str | None) -> bool:
    if _are_several(kind, _BETWEEN_VALUES.split(text), region):
        return True
    gaps = _PERHAPS_BETWEEN.finditer(text)
    return any(_are_several(kind, [text[: g.start()], text[g.end() :]], region) for g in gaps)


def _are_several(kind: SelectorKind, parts: list[str], region: str | None) -> bool:
    if len(parts) < 2 or len(parts) > MAX_RAW_CHARACTERS:
        return False
    # Half of a card looks like a number without its country code.
    ones = [part for part in parts if kind is not SelectorKind.CARD or find_kind(part)]
    return sum(is_one(part, region) for part in ones) > 1


def is_one(part: str, region: str | None = None) -> bool:
    """Tell whether a part of a cell is a selector of any kind, or a phone of a region not said."""
    digits = sum(map(str.isdigit, part))
    if digits >= _PART_DIGITS and (
        _NATIONAL_PHONE.fullmatch(part.strip()) or is_canonical(SelectorKind.PHONE, part, region)
    ):
        return True
    return is_canonical(SelectorKind.EMAIL, part) or is_canonical(SelectorKind.CARD, part)
