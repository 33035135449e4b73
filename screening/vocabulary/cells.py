"""What a cell holds: one selector, or why none is taken from it - told, and never guessed at.

A phone parser takes the first of two numbers and drops the other, reads `.0` as one more digit and
"Oma" as three: asked about, that would be a "no" to a question that nobody asked; listed, a "yes"
to somebody else.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from screening.vocabulary.errors import NotCanonical, RejectionCode
from screening.vocabulary.normalise import MAX_RAW_CHARACTERS, normalise
from screening.vocabulary.phone_plans import (
    has_needless_plus,
    has_needless_zero,
    is_valid_phone,
    lacks_only_plus,
    lacks_zero,
)
from screening.vocabulary.plain_text import has_words, plain
from screening.vocabulary.recognition import (
    find_kind,
    has_digits_of_phone,
    holds_international,
    is_card,
    is_one,
    may_be_several,
)
from screening.vocabulary.selector import Canonical, SelectorKind

CellCode = Literal["several_values", "changed_number", "remark_in_cell", "unclear_country"]
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
    r"(?:ext|anexo|durchwahl|[x#~=])[a-z.:\s]{0,12}[0-9](?:[ .\-()]{0,3}[0-9]){6}", re.IGNORECASE
)
"""An extension that is as long as a number of its own."""
_SHORT_OTHER: Final = re.compile(r"\s*[,;]\s*[0-9]{1,6}$")
"""`202-555-0100, 0142`: the end of a second number, where a phone parser hears an extension."""
_PHONE_BEFORE: Final = re.compile(r"\+[0-9]{7,15}[^0-9@]")
"""What no local part begins with, unless it is a phone and nothing else."""
_CARD_AND_CODE: Final = re.compile(r"([0-9][0-9 \-]{11,22}[0-9])[ \-/,]+[0-9]{3,4}")
"""A card, perhaps, with its security code behind it."""

_OF_NO_AREA: Final = re.compile(r"\+1([01])")
_NO_AREA: Final[Mapping[str, CellTrouble]] = {"0": "unclear_country", "1": "impossible_length"}
"""No area code of North America begins so: ten digits that do are of a country whose numbers have
a 0 before them, or are a 1 and a digit too few."""

_EXTENSION: Final = re.compile(
    r"[\s,;]*(?:ext(?:ension|n)?|x|#|~|int|anexo)[\s.:=]{0,3}[0-9]{1,6}$", re.IGNORECASE
)
"""What the phone parser takes off as an extension."""
_VANITY: Final = re.compile(
    r"(?:\+?1[ .\-]?)?\(?8(?:00|33|44|55|66|77|88)\)?[ .\-]?[A-Z0-9][A-Z0-9 .\-]*"
)
"""`1-800-FLOWERS`: letters that are meant as digits."""
_BESIDE_NUMBER: Final = re.compile(
    r"[\[\]{}<>*=_\\^]"  # nobody writes these within a number
    r"|^[1-9][0-9]?(?:[):]|\.\s)|^\([1-9][0-9]?\) ?0|^24 ?/ ?7\b"  # `1) 030 23125099`
    r"|(?:[0-9][^0-9]*){6}\("  # `030 23125099 (2019)`: an area code stands in front
)
"""What stands before or behind a number, in digits of its own."""
_HEAD: Final = re.compile(r"^(?!8[ \-])([1-9][0-9/ .\-]{0,5})[ /\-]\(?0(?:[^0-9]*[0-9]){8}")
"""`1 - 030 23125099`, unless it is the country code or the beginning of it: `38 (050) 1234567`."""
_AREA_AND_SLASH: Final = re.compile(
    r"(?:[0-9]{2}/){4}[0-9]{2}|06[ \-/][0-9]{1,2}/[0-9](?:[ .\-]*[0-9]){5,}|"
    r"(?:(?:\+|00)[0-9]{1,3}[ .\-/]*)?(?:\(0\) ?)?\(?[0-9]{2,6}\)? ?/ ?[0-9](?:[ .\-]*[0-9]){4,}"
)
"""`030/23125099`: elsewhere a slash stands before a second ending, or a second number."""
_SPACED_DASH: Final = re.compile("\\s[\\-\u2010-\u2015]\\s*")
_SHORT_END: Final = re.compile(_SPACED_DASH.pattern + "[0-9]{1,3}$")
"""`030 23125099 - 2`, where no other dash has spaces around it."""
_PERHAPS_BESIDE: Final = re.compile(
    r"^(?:[0-9]{1,2} ?- |\(?(?:19|20)[0-9]{2}\)? )"
    r"|(?<![\-\u2013])\s\.?(?:[0-9]|[0-9]{1,2}-[0-9]{1,2})$"
)
"""Of a number only where it is none without: `1 - 030 23125099`, `030 23125099 2`, `... 9-17`."""
_OF_EAST_ASIA: Final = frozenset(("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC"))
_YEAR_END: Final = re.compile(r"\s(?:19|20)[0-9]{2}$")
_LONG_PHONE: Final = 14
"""So many digits, country code included, has hardly any phone without such an ending."""


def read_cell(
    kind: SelectorKind, value: str, region: str | None, *, rounded: bool = False
) -> Canonical | CellTrouble:
    """Return the canonical form of the one selector in `value`, or why there is none to ask.

    `rounded` is of a column whose long card numbers `are_rounded`.
    """
    text = plain(value)
    if len(text) > MAX_RAW_CHARACTERS:  # before anything that takes longer with every character
        return "too_long"
    if _is_changed(kind, text, region, rounded=rounded):
        return "changed_number"
    if _drops_another(kind, text, region):
        return "several_values"
    if kind is SelectorKind.PHONE and (doubt := _doubt_phone(text, region)) is not None:
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


def _doubt_phone(text: str, region: str | None) -> CellTrouble | None:
    """Return why a number is none of `region`: a card, or with a `+` too few or too many."""
    if text.startswith("tel:"):
        return None
    if text.lstrip("( ").startswith("+"):
        is_unclear = has_needless_plus(text, region) or has_needless_zero(text)
        return "unclear_country" if is_unclear else None
    if is_card(text):
        return "not_a_phone"
    return "unclear_country" if lacks_only_plus(text, region) else None


def _trouble(kind: SelectorKind, text: str, region: str | None, code: RejectionCode) -> CellTrouble:
    if _holds_several(kind, text, region):
        return "several_values"
    if kind is SelectorKind.PHONE and has_words(text):
        if holds_international(text):
            return "remark_in_cell"
        if code == "region_required" and not (has_digits_of_phone(text) or _VANITY.fullmatch(text)):
            return "not_a_phone"  # whatever country it would be read in
    if code == "bad_checksum" and _ROUNDED.fullmatch(text):
        return "changed_number"
    return code


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


def _is_changed(kind: SelectorKind, text: str, region: str | None, *, rounded: bool) -> bool:
    if rounded and _ROUNDED.fullmatch(text):
        return True
    if kind is SelectorKind.PHONE and lacks_zero(text, region):
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
    head = _OF_NO_AREA.match(canonical.text)
    if head is not None:
        return _NO_AREA[head[1]]
    return "remark_in_cell" if _has_remark(canonical, text, region) else None


def _has_remark(canonical: Canonical, text: str, region: str | None) -> bool:
    """Tell whether something beside a selector was read as a part of it."""
    match canonical.kind:
        case SelectorKind.PHONE:
            return not text.startswith("tel:") and _is_beside_number(canonical, text, region)
        case SelectorKind.EMAIL:
            return _is_beside_address(text.rpartition("@")[0])
        case SelectorKind.CARD:
            return False


def _is_beside_number(canonical: Canonical, text: str, region: str | None) -> bool:
    number = _EXTENSION.sub("", text)
    if any(map(str.isalpha, number)):
        return not _VANITY.fullmatch(number)
    return (
        bool(_BESIDE_NUMBER.search(number))
        or ("/" in number and not _AREA_AND_SLASH.fullmatch(number))
        or _has_head(canonical, number)
        or _has_short_end(number)
        or any(
            is_valid_phone(number[: match.start()] + number[match.end() :], region)
            for match in _PERHAPS_BESIDE.finditer(number)
            if not _begins_with(canonical, match[0])
        )
        or (len(canonical.text) > _LONG_PHONE and bool(_YEAR_END.search(number)))
    )


def _has_head(canonical: Canonical, number: str) -> bool:
    head = _HEAD.search(number)
    return head is not None and not _begins_with(canonical, head[1])


def _begins_with(canonical: Canonical, head: str) -> bool:
    """Tell whether a phone begins with the digits of `head`, its country code perhaps."""
    digits = "".join(filter(str.isdigit, head))
    return bool(digits) and canonical.text[1:].startswith(digits)


def _has_short_end(number: str) -> bool:
    end = _SHORT_END.search(number)
    if end is None or len(_SPACED_DASH.findall(number)) > 1:
        return False
    return sum(map(str.isdigit, number[: end.start()])) >= _LONG_DIGITS


def _is_beside_address(local: str) -> bool:
    """Tell whether a local part begins as none does, or runs into the word before it."""
    if local.startswith("+") and local[1:].isdigit():  # of a gateway for text messages
        return False
    if not (local[0].isalnum() or local[0] == "_") or any(mark in local for mark in "/|*"):
        return True
    if "=" in local.partition("+")[0]:  # behind a plus stands whose bounces come there
        return True
    scripts = {unicodedata.name(c, "").split(" ")[0].split("-")[0] for c in local if c.isalpha()}
    return len({"CJK" if one in _OF_EAST_ASIA else one for one in scripts - {"MODIFIER"}}) > 1


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
