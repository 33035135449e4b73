"""What a cell holds: one selector, or why none is taken from it - told, and never guessed at.

A phone parser takes the first of two numbers and drops the other, reads `.0` as one more digit and
"Oma" as three: asked about, that would be a "no" to a question that nobody asked; listed, a "yes"
to somebody else.
"""

import re
from collections.abc import Iterable
from typing import Final, Literal

from screening.vocabulary.errors import NotCanonical, RejectionCode
from screening.vocabulary.normalise import MAX_RAW_CHARACTERS, normalise
from screening.vocabulary.recognition import find_kind, is_one, may_be_several, plain
from screening.vocabulary.selector import Canonical, SelectorKind

CellCode = Literal["several_values", "changed_number", "remark_in_cell"]
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
_PERHAPS_BETWEEN: Final = re.compile(r"[\s/]+")
"""People write these within one number as well: they count where it is none as a whole."""
_LONG_EXTENSION: Final = re.compile(
    r"(?:ext|anexo|durchwahl|[x#~=])[a-z.:\s]{0,12}[0-9](?:[ .\-()]{0,3}[0-9]){6}", re.IGNORECASE
)
"""An extension that is as long as a number of its own."""
_PHONE_BEFORE: Final = re.compile(r"\+[0-9]{7,15}[^0-9@]")
"""What no local part begins with, unless it is a phone and nothing else."""
_CARD_AND_CODE: Final = re.compile(r"([0-9][0-9 \-]{11,22}[0-9])[ \-/,]+[0-9]{3,4}")
"""A card, perhaps, with its security code behind it."""

_EXTENSION: Final = re.compile(
    r"[\s,;]*(?:ext(?:ension|n)?|x|#|~|int|anexo|durchwahl|dw)[\s.:=]{0,3}[0-9]{1,6}$",
    re.IGNORECASE,
)
_VANITY: Final = re.compile(
    r"(?:\+?1[ .\-]?)?\(?8(?:00|33|44|55|66|77|88)\)?[ .\-]?[A-Z0-9][A-Z0-9 .\-]*"
)
"""`1-800-FLOWERS`: letters that are meant as digits."""
_BESIDE_NUMBER: Final = re.compile(r"^[0-9]{1,2}(?:[)\]:]|\.\s)|[/\\] ?[0-9]{1,4}$|\([0-9]{1,3}\)$")
"""A count before a number, or a second ending: `1) 030 23125099`, `23125-098/099`, `... (2)`."""


def read_cell(
    kind: SelectorKind, value: str, region: str | None, *, rounded: bool = False
) -> Canonical | CellTrouble:
    """Return the canonical form of the one selector in `value`, or why there is none to ask.

    `rounded` is of a column whose long card numbers `are_rounded`.
    """
    text = plain(value)
    if len(text) > MAX_RAW_CHARACTERS:  # before anything that takes longer with every character
        return "too_long"
    if _is_changed(kind, text, rounded=rounded):
        return "changed_number"
    if _drops_another(kind, text, region):
        return "several_values"
    try:
        canonical = normalise(kind, text, region=region)
    except NotCanonical as error:
        return _trouble(kind, text, region, error.code)
    return "remark_in_cell" if _has_remark(kind, text) else canonical


def are_rounded(values: Iterable[str]) -> bool:
    """Tell whether a spreadsheet has rounded the long card numbers among `values`.

    Each ends in 0, and one at least is wrong: of the others one in ten passes for another card.
    """
    long = [value.strip() for value in values if _LONG_CARD.fullmatch(value.strip())]
    return all(map(_ROUNDED.fullmatch, long)) and any(
        read_cell(SelectorKind.CARD, value, None) == "changed_number" for value in long
    )


def _trouble(kind: SelectorKind, text: str, region: str | None, code: RejectionCode) -> CellTrouble:
    if _holds_several(kind, text, region):
        return "several_values"
    if code == "bad_checksum" and _ROUNDED.fullmatch(text):
        return "changed_number"
    return code


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
            return "@" in text or bool(_LONG_EXTENSION.search(text))
        case SelectorKind.EMAIL:
            return bool(_PHONE_BEFORE.match(text))
        case SelectorKind.CARD:
            both = _CARD_AND_CODE.fullmatch(text)
            return both is not None and find_kind(both[1]) is SelectorKind.CARD


def _has_remark(kind: SelectorKind, text: str) -> bool:
    """Tell whether something beside a number was read as a part of it."""
    if kind is not SelectorKind.PHONE or text.startswith("tel:"):
        return False
    number = _EXTENSION.sub("", text)
    has_letters = any(map(str.isalpha, number)) and not _VANITY.fullmatch(number)
    return has_letters or bool(_BESIDE_NUMBER.search(number))


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
